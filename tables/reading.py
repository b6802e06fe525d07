"""Pages and single rows of a table, and how one of its columns is distributed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import duckdb

from tables.catalogue import Column
from tables.query import Filter, Query, checked
from tables.source import Source, bounded_database
from tables.sql import conditions, expression, ordering, selection, tables

T = TypeVar("T")

ROW_KEY = "row key"
KEPT = 64  # answers that a process remembers, some ten kilobytes each


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a table: `rows` are in the order of `columns`; `keys` name them."""

    columns: tuple[Column, ...]
    keys: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    number: int
    size: int

    @property
    def page_count(self) -> int:
        """Number of pages, at least one."""
        return max(1, math.ceil(self.total / self.size))


def page_of(source: Source, query: Query) -> Page:
    """One page of the rows that pass the filters, with their total number."""
    return _page(_Asked(_stamps(source), checked(query, source.catalogue, source.columns), source))


def firsts_of(source: Source, column: str, order: str, most: int) -> list[int]:
    """The keys of the first row of each value of a column, by another column's order; rows without a place are left out."""
    clause, files = tables(source, (column, order))
    value, place = (expression(source, source.columns[name]) for name in (column, order))
    key = f't."{source.catalogue.key}"'
    first = f"row_number() OVER (PARTITION BY {value} ORDER BY {place}, {key}) = 1"
    sql = f"SELECT {key} {clause} WHERE {place} > 0 QUALIFY {first} ORDER BY {place} LIMIT ?"
    return _keys(sql, [*files, most])


def front_of(source: Source, across: str, up: str, place: str, most: int) -> list[int]:
    """The keys of the rows that none beats in both columns, the highest of the first before the others."""
    names = (across, up, place)
    clause, files = tables(source, names)
    x, y, rank = (expression(source, source.columns[name]) for name in names)
    key = f't."{source.catalogue.key}"'
    before = f"max({y}) OVER (ORDER BY {x} DESC, {y} DESC, {key} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    is_first = f"{y} > coalesce({before}, '-infinity'::DOUBLE)"
    known = f"{rank} > 0 AND {x} IS NOT NULL AND {y} IS NOT NULL"
    sql = f"SELECT {key} {clause} WHERE {known} QUALIFY {is_first} ORDER BY {x} DESC LIMIT ?"
    return _keys(sql, [*files, most])


def count_of(source: Source, query: Query) -> int:
    """How many rows pass the filters."""
    filters = checked(query, source.catalogue, source.columns).filters
    with bounded_database() as connection:
        return _count(connection, source, filters)


def rows_of(source: Source, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Every column of several rows, by key; those that are not there are absent."""
    found = _whole_rows(_Asked(_stamps(source), tuple(keys), source))
    return {key: dict(row) for key, row in found.items()}


def dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of an answer by column name."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class _Asked(Generic[T]):
    """A question to files as they lie there: it has one answer for as long as they do."""

    stamps: tuple[tuple[str, int, int], ...]
    what: T
    source: Source = field(compare=False)


def _stamps(source: Source) -> tuple[tuple[str, int, int], ...]:
    paths = [*source.files, *(path for part in source.parts.values() for path in part)]
    found = ((path, Path(path).stat()) for path in paths)
    return tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in found)


@lru_cache(maxsize=KEPT)
def _page(asked: _Asked[Query]) -> Page:
    source, query = asked.source, asked.what
    with bounded_database() as connection:
        total = _count(connection, source, query.filters)
        keys = _page_keys(connection, source, query)
        rows = _rows(connection, source, keys, query.columns)
    columns = tuple(source.columns[name] for name in dict.fromkeys(query.columns))
    return Page(
        columns, tuple(keys), tuple(tuple(rows[key].values()) for key in keys), total, query.page, query.page_size
    )


@lru_cache(maxsize=KEPT)
def _whole_rows(asked: _Asked[tuple[int, ...]]) -> dict[int, dict[str, Any]]:
    with bounded_database() as connection:
        return _rows(connection, asked.source, asked.what, list(asked.source.columns))


def _keys(sql: str, values: Sequence[Any]) -> list[int]:
    with bounded_database() as connection:
        return [row[0] for row in connection.execute(sql, list(values)).fetchall()]


def _count(connection: duckdb.DuckDBPyConnection, source: Source, filters: Sequence[Filter]) -> int:
    clause, files = tables(source, [item.column for item in filters])
    where, values = conditions(source, filters)
    row = connection.execute(f"SELECT count(*) {clause} {where}", [*files, *values]).fetchone()
    return int(row[0]) if row else 0


def _page_keys(connection: duckdb.DuckDBPyConnection, source: Source, query: Query) -> list[int]:
    # Sorting the key alone and then reading one page of rows is half the work of sorting whole rows.
    clause, files = tables(source, [*(item.column for item in query.filters), *(key.column for key in query.sort)])
    where, values = conditions(source, query.filters)
    sql = f't."{source.catalogue.key}" {clause} {where} {ordering(source, query.sort)}'
    limits = [query.page_size, (query.page - 1) * query.page_size]
    found = connection.execute(f"SELECT {sql} LIMIT ? OFFSET ?", [*files, *values, *limits]).fetchall()
    return [row[0] for row in found]


def _rows(
    connection: duckdb.DuckDBPyConnection, source: Source, keys: Iterable[int], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    wanted = [int(key) for key in keys]
    if not wanted:
        return {}
    clause, files = tables(source, names)
    key = f't."{source.catalogue.key}"'
    sql = f'SELECT {key} AS "{ROW_KEY}", {selection(source, names)} {clause} WHERE {key} IN (SELECT unnest(?))'
    rows = dicts(connection.execute(sql, [*files, wanted]))
    return {row.pop(ROW_KEY): row for row in rows}
