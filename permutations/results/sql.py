"""SQL for a checked query. Names come from the catalogue, values are bound, nothing of a user's text is SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.basics.limits import bounds
from engine.permutations import COLUMNS, ColumnSpec, Unit
from permutations.results.query import Filter, ResultsQuery, Sort

# By comparison of a limit: how it is spelled, and at which end of the limit's slack.
COMPARISONS = {"<": ("<", 0), "<=": ("<=", 1), ">": (">", 1), ">=": (">=", 0)}


def selection(query: ResultsQuery) -> str:
    """The select list of the query's columns."""
    return ", ".join(f'{expression(name)} AS "{name}"' for name in dict.fromkeys(query.columns))


def expression(name: str) -> str:
    """The SQL of one column: `c` is the shard, `r` the ranking."""
    spec = COLUMNS[name]
    if name == "tier":
        return 'coalesce(r."tier", 0)'
    return f'r."{spec.name}"' if spec.kind == "rank" else f'c."{spec.name}"'


def needs_ranking(names: Sequence[str]) -> bool:
    """True when a column of the ranking is among `names`."""
    return any(COLUMNS[name].kind == "rank" for name in names)


def conditions(filters: Sequence[Filter]) -> tuple[str, list[Any]]:
    """The WHERE clause of all filters together, and the values to bind."""
    parts = [_condition(COLUMNS[item.column], item) for item in filters]
    if not parts:
        return "", []
    return "WHERE " + " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def ordering(sort: Sequence[Sort]) -> str:
    """The ORDER BY clause; ties in permutation order, so a page is the same each time."""
    keys = [f"{expression(key.column)} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in sort]
    return "ORDER BY " + ", ".join([*keys, 'c."index" ASC'])


def _condition(spec: ColumnSpec, item: Filter) -> tuple[str, list[Any]]:
    column = expression(spec.name)
    if item.operator == "is null":
        return f"{column} IS NULL", []
    if item.operator == "is not null":
        return f"{column} IS NOT NULL", []
    if item.operator in COMPARISONS:
        spelled, end = COMPARISONS[item.operator]
        return f"{column} {spelled} ?", [_ends(spec, item.value)[end]]
    if item.operator == "between":
        low, high = item.value
        return f"{column} BETWEEN ? AND ?", [_ends(spec, low)[0], _ends(spec, high)[1]]
    if item.operator == "in":
        parts = [_equal(spec, value) for value in item.value]
        return "(" + " OR ".join(sql for sql, _ in parts) + ")", [bound for _, values in parts for bound in values]
    sql, values = _equal(spec, item.value)
    return (sql, values) if item.operator == "=" else (f"NOT ({sql})", values)


def _equal(spec: ColumnSpec, value: Any) -> tuple[str, list[Any]]:
    column = expression(spec.name)
    if not _is_computed(spec):
        return f"{column} = ?", [value]
    return f"{column} BETWEEN ? AND ?", [*bounds(value)]


def _ends(spec: ColumnSpec, value: Any) -> tuple[Any, Any]:
    """The lowest and the highest value that count as the limit: whole numbers and words are exact."""
    return bounds(value) if _is_computed(spec) else (value, value)


def _is_computed(spec: ColumnSpec) -> bool:
    return spec.unit != Unit.NAME and spec.dtype.startswith("float")
