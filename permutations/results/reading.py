"""Pages and single rows of a run's results, read from its Parquet shards where they lie."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from django.conf import settings

from engine.errors import Problem
from engine.permutations import COLUMNS, ColumnSpec
from lib.errors import Invalid, NotFound
from permutations.files import RANKING_FILE, RunFiles, chunk_file, stress_file
from permutations.models import Chunk, ChunkState, Run, RunState
from permutations.results.query import ResultsQuery, checked, result_columns
from permutations.results.sql import conditions, needs_ranking, ordering, selection

NO_RANKING = 'SELECT 0::BIGINT AS "index", 0.0 AS score, 0.0 AS percentile, 0::TINYINT AS tier, 0::BIGINT AS rank, 0::BIGINT AS merged_count WHERE false'

STRESS_SQL = 'SELECT DISTINCT * FROM read_parquet(?) WHERE "stress_key" = ? ORDER BY "scenario"'


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results: `rows` are in the order of `columns`; `indices` name the permutations."""

    columns: tuple[ColumnSpec, ...]
    indices: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    number: int
    size: int

    @property
    def page_count(self) -> int:
        """Number of pages, at least one."""
        return max(1, math.ceil(self.total / self.size))


@dataclass(frozen=True, slots=True)
class Source:
    """The finished files of a run: its shards, its stress shards, and its ranking once there is one."""

    shards: tuple[str, ...]
    stress: tuple[str, ...]
    ranking: str | None
    columns: tuple[ColumnSpec, ...]

    def tables(self, ranked: bool) -> tuple[str, list[Any]]:
        """The FROM clause and its bound values; the ranking is joined only where a column of it is asked for."""
        if not ranked:
            return "FROM read_parquet(?) c", [list(self.shards)]
        if self.ranking is None:
            return f'FROM read_parquet(?) c LEFT JOIN ({NO_RANKING}) r ON r."index" = c."index"', [list(self.shards)]
        join = 'FROM read_parquet(?) c LEFT JOIN read_parquet(?) r ON r."index" = c."index"'
        return join, [list(self.shards), self.ranking]


def source_of(run: Run) -> Source:
    """The files to read; a run that stopped early offers its finished chunks."""
    files = RunFiles(run.code)
    done = Chunk.objects.filter(run=run, state=ChunkState.DONE).order_by("number").values_list("number", flat=True)
    shards = tuple(str(files.path(chunk_file(number))) for number in done)
    if not shards:
        message = "No part of this run is finished yet: results appear with the first chunk."
        raise Invalid([Problem("no_results", "run", message)])
    stress = tuple(str(files.path(stress_file(number))) for number in done)
    ranking = str(files.path(RANKING_FILE)) if run.state == RunState.DONE else None
    return Source(shards, stress, ranking, result_columns(pq.read_schema(Path(shards[0])).names))


def page_of_results(run: Run, query: ResultsQuery) -> Page:
    """One page of the permutations that pass the filters, with their total number."""
    source = source_of(run)
    query = checked(query, source.columns)
    with database() as connection:
        total = _count(connection, source, query)
        indices = _page_indices(connection, source, query)
        rows = _rows(connection, source, indices, query.columns)
    columns = tuple(COLUMNS[name] for name in dict.fromkeys(query.columns))
    found = tuple(tuple(rows[index].values()) for index in indices)
    return Page(columns, tuple(indices), found, total, query.page, query.page_size)


def count_results(run: Run, query: ResultsQuery) -> int:
    """How many permutations pass the filters."""
    source = source_of(run)
    with database() as connection:
        return _count(connection, source, checked(query, source.columns))


def result_row(run: Run, index: int) -> dict[str, Any]:
    """Every column of one permutation; NotFound when the run did not evaluate it."""
    rows = rows_of(run, [index])
    if index not in rows:
        raise NotFound("This run did not evaluate that permutation.")
    return rows[index]


def rows_of(run: Run, indices: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Every column of several permutations, by index; those the run did not evaluate are absent."""
    source = source_of(run)
    with database() as connection:
        return _rows(connection, source, indices, [spec.name for spec in source.columns])


def stress_rows(run: Run, stress_key: int | None) -> list[dict[str, Any]]:
    """The stress grid of the cash flows that `stress_key` names, in scenario order; empty for none."""
    if stress_key is None:
        return []
    with database() as connection:
        return _dicts(connection.execute(STRESS_SQL, [list(source_of(run).stress), stress_key]))


def distributions(run: Run) -> dict[str, Any]:
    """Histograms by tier of the headline columns; empty until the run is done."""
    found: dict[str, Any] = run.summary.get("histograms", {})
    return found


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory DuckDB with its memory and threads bounded; it spills to the data folder."""
    spill = Path(settings.ATLASNEXUS_DATA_DIR) / "spill"
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": settings.ATLASNEXUS_DUCKDB_MEMORY,
            "threads": settings.ATLASNEXUS_DUCKDB_THREADS,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        yield connection
    finally:
        connection.close()


def _count(connection: duckdb.DuckDBPyConnection, source: Source, query: ResultsQuery) -> int:
    tables, files = source.tables(needs_ranking([item.column for item in query.filters]))
    where, values = conditions(query.filters)
    row = connection.execute(f"SELECT count(*) {tables} {where}", [*files, *values]).fetchone()
    return int(row[0]) if row else 0


def _page_indices(connection: duckdb.DuckDBPyConnection, source: Source, query: ResultsQuery) -> list[int]:
    # Sorting the index alone and then reading one page of rows is half the work of sorting whole rows.
    named = [item.column for item in query.filters] + [key.column for key in query.sort]
    tables, files = source.tables(needs_ranking(named))
    where, values = conditions(query.filters)
    sql = f'SELECT c."index" {tables} {where} {ordering(query.sort)} LIMIT ? OFFSET ?'
    limits = [query.page_size, (query.page - 1) * query.page_size]
    return [row[0] for row in connection.execute(sql, [*files, *values, *limits]).fetchall()]


def _rows(
    connection: duckdb.DuckDBPyConnection, source: Source, indices: Iterable[int], columns: Sequence[str]
) -> dict[int, dict[str, Any]]:
    wanted = [int(index) for index in indices]
    if not wanted:
        return {}
    tables, files = source.tables(needs_ranking(columns))
    chosen = selection(replace(ResultsQuery(), columns=tuple(columns)))
    sql = f'SELECT c."index" AS "row index", {chosen} {tables} WHERE c."index" IN (SELECT unnest(?))'
    rows = _dicts(connection.execute(sql, [*files, wanted]))
    return {row.pop("row index"): row for row in rows}


def _dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
