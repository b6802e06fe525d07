"""SQL for a checked query. Names come from the catalogue, values are bound, nothing of a user's text is SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.basics.limits import bounds
from tables.catalogue import Column
from tables.query import Filter, Sort
from tables.source import Source

# By comparison of a limit: at which end of the limit's slack.
COMPARISONS = {"<": 0, "<=": 1, ">": 1, ">=": 0}
TYPES = {"float64": "DOUBLE", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "str": "VARCHAR"}  # fmt: skip


def tables(source: Source, names: Iterable[str]) -> tuple[str, list[Any]]:
    """The FROM clause and its bound values; a part is joined only where one of the named columns lies in it."""
    clause, values = "FROM read_parquet(?) t", [list(source.files)]
    key = source.catalogue.key
    for part in sorted({source.columns[name].part for name in names} & set(source.parts)):
        clause += f' LEFT JOIN read_parquet(?) "{part}" ON "{part}"."{key}" = t."{key}"'
        values.append(list(source.parts[part]))
    return clause, values


def selection(source: Source, names: Iterable[str]) -> str:
    """The select list of the named columns."""
    return ", ".join(f'{expression(source, source.columns[name])} AS "{name}"' for name in dict.fromkeys(names))


def expression(source: Source, column: Column) -> str:
    """The SQL of one column; of a part that is not there, nothing of its type."""
    if not column.part:
        return f't."{column.name}"'
    is_there = column.part in source.parts
    found = f'"{column.part}"."{column.name}"' if is_there else f"CAST(NULL AS {TYPES[column.dtype]})"
    return found if column.missing is None else f"coalesce({found}, {column.missing})"


def conditions(source: Source, filters: Sequence[Filter]) -> tuple[str, list[Any]]:
    """The WHERE clause of all filters together, and the values to bind."""
    parts = [_condition(source, item) for item in filters]
    if not parts:
        return "", []
    return "WHERE " + " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def ordering(source: Source, sort: Sequence[Sort]) -> str:
    """The ORDER BY clause; ties by key, so that a page is the same each time."""
    keys = [
        f"{expression(source, source.columns[key.column])} {'DESC' if key.descending else 'ASC'} NULLS LAST"
        for key in sort
    ]
    return "ORDER BY " + ", ".join([*keys, f't."{source.catalogue.key}" ASC'])


def _condition(source: Source, item: Filter) -> tuple[str, list[Any]]:
    column = source.columns[item.column]
    name, values = expression(source, column), item.value
    match item.operator:
        case "is null" | "is not null":
            return f"{name} {item.operator.upper()}", []
        case "between":
            return f"{name} BETWEEN ? AND ?", [_ends(column, values[0])[0], _ends(column, values[1])[1]]
        case "in" if not column.is_computed:
            return f"{name} IN (SELECT unnest(?))", [list(values)]
        case "in":
            one_of = " OR ".join([f"{name} BETWEEN ? AND ?"] * len(values))
            return f"({one_of})", [end for value in values for end in _ends(column, value)]
        case "=" | "!=":
            negation = "NOT " if item.operator == "!=" else ""
            return f"{name} {negation}BETWEEN ? AND ?", [*_ends(column, values)]
    return f"{name} {item.operator} ?", [_ends(column, values)[COMPARISONS[item.operator]]]


def _ends(column: Column, value: Any) -> tuple[Any, Any]:
    """The lowest and the highest value that count as this one: whole numbers and words are exact."""
    return bounds(value) if column.is_computed else (value, value)
