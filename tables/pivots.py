"""The rows of a table counted by two columns: a figure for each pair of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.verbs import refuse
from tables.query import BY_MEASURE, Pivot, Query, checked
from tables.source import Source, bounded_database
from tables.sql import conditions, expression, ordering, tables

MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class Counted:
    """The values of either column in their order, and by pair how many rows there are and what they come to."""

    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    cells: Mapping[tuple[Any, Any], tuple[int, Any]]


def counted(source: Source, query: Query, pivot: Pivot) -> Counted:
    """The pivot of all rows that pass the query's filters; Invalid where a column has more values than a page shows."""
    query = checked(query, source.catalogue, source.columns)
    row, column = (source.columns[name] for name in (pivot.rows, pivot.columns))
    names = [pivot.rows, pivot.columns, *(item.column for item in query.filters)]
    if pivot.measure == "best":
        names += [key.column for key in source.catalogue.default_sort]
    names += [pivot.value] if pivot.value else []
    clause, files = tables(source, names)
    where, values = conditions(source, query.filters)
    across, down = expression(source, column), expression(source, row)
    sql = (
        f"SELECT {down} AS r, {across} AS c, count(*) AS n, {_measured(source, pivot)} AS v {clause} {where} "
        f"GROUP BY r, c ORDER BY r NULLS LAST, c NULLS LAST LIMIT {MOST_VALUES**2 + 1}"
    )
    with bounded_database() as connection:
        found = connection.execute(sql, [*files, *values]).fetchall()
    told = Counted(
        tuple(dict.fromkeys(r for r, *_ in found)),
        tuple(sorted(dict.fromkeys(c for _, c, *_ in found), key=lambda value: (value is None, value))),
        {(r, c): (n, v) for r, c, n, v in found},
    )
    for each, several in ((row, told.rows), (column, told.columns)):
        if len(several) > MOST_VALUES:
            raise refuse(
                "too_many", "pivot", f"{each.title} has more than {MOST_VALUES} values here: choose a lever, or filter."
            )
    return told


def _measured(source: Source, pivot: Pivot) -> str:
    if not pivot.value:
        return "NULL"
    value = expression(source, source.columns[pivot.value])
    if pivot.measure == "best":
        return f"first({value} {ordering(source, source.catalogue.default_sort)})"
    return f"{BY_MEASURE[pivot.measure]}({value})"
