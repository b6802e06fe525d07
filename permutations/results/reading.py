"""A run's results, read from its Parquet shards where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import ENGINE_VERSION
from engine.deal.reasons import NOT_COMPUTED, is_alive
from engine.permutations import evaluate
from financings.catalogue import RANKING, RESULTS
from jobs.models import JobState, PartState
from lib.errors import NotFound
from lib.verbs import refuse
from permutations.files import RANKING_FILE, RunFiles, chunk_file, stress_file
from permutations.integrity import damaged, require_sound
from permutations.kept import kept_words, rows_file
from permutations.models import Run
from permutations.summary import plain
from permutations.translate import RunCase, engine_case
from tables import reading
from tables.query import Query
from tables.reading import Page, count_of, dicts, page_of
from tables.source import Source, bounded_database
from tables.source import source_of as table_of

STRESS_SQL = 'SELECT DISTINCT * FROM read_parquet(?) WHERE "stress_key" = ? ORDER BY "scenario"'


def source_of(run: Run) -> Source:
    """The files to read; a run that stopped early offers its finished chunks, without a ranking."""
    is_ranked = run.state == JobState.DONE
    shards = [rows_file(run, number) for number in _finished(run)]
    paths = _paths(run, [*shards, RANKING_FILE] if is_ranked else shards)
    ranking = {RANKING: [paths.pop()]} if is_ranked else {}
    return table_of(RESULTS, paths, ranking)


def stress_files(run: Run) -> list[str]:
    """The stress shards of the finished chunks."""
    return [str(path) for path in _paths(run, [stress_file(number) for number in _finished(run)])]


def _paths(run: Run, names: Sequence[str]) -> list[Path]:
    """The files of these names, once they are what was written; Invalid where one is missing or damaged."""
    files, paths = RunFiles(run.code), []
    for name in names:
        try:
            paths.append(files.path(name))
        except FileNotFoundError:
            raise damaged(run, name) from None
    require_sound(run, paths)
    return paths


def page_of_results(run: Run, query: Query) -> Page:
    """One page of the permutations that pass the filters, with their total number."""
    return page_of(source_of(run), query)


def count_results(run: Run, query: Query) -> int:
    """How many permutations pass the filters."""
    return count_of(source_of(run), query)


def result_row(run: Run, index: int) -> dict[str, Any]:
    """Every column of one permutation; NotFound when the run did not evaluate it."""
    rows = rows_of(run, [index])
    if index not in rows:
        raise NotFound("This run did not evaluate that permutation, or kept no row of it.")
    return rows[index]


def rows_of(run: Run, indices: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Every column of several permutations, by index; those the run did not evaluate are absent.

    One that was evaluated and has no row is evaluated again; only the ranking's columns are then missing.
    """
    source = source_of(run)
    found = reading.rows_of(source, indices)
    if run.keeps_all_rows or run.is_sample or run.engine_version != ENGINE_VERSION:
        return found
    missing = sorted({index for index in indices if index not in found and 0 <= index < run.space_count})
    return found | _evaluated_again(run, source, missing)


def alive_rows(run: Run, case: RunCase, indices: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Every column of permutations that are alive, by index, before the ranking; looked up chunk by chunk."""
    asked = np.array(sorted(indices), dtype=np.int64)
    places = asked if case.visits is None else np.searchsorted(case.visits, asked)
    found: dict[int, dict[str, Any]] = {}
    for number in np.unique(places // run.chunk_size).tolist():
        source = table_of(RESULTS, _paths(run, [chunk_file(number)]))
        found |= reading.rows_of(source, asked[places // run.chunk_size == number].tolist())
    return found


def _evaluated_again(run: Run, source: Source, indices: Sequence[int]) -> dict[int, dict[str, Any]]:
    if not indices:
        return {}
    columns = evaluate(engine_case(run), np.array(indices, dtype=np.int64)).columns
    alive = is_alive(columns["gate"], columns["near_miss"])
    found = {}
    for at, index in enumerate(indices):
        row = {name: _told(columns[name][at]) if name in columns else None for name in source.columns}
        found[index] = row if alive[at] else {**row, "tier": 0}
    return found


def _told(value: Any) -> Any:
    """As a row holds it: nothing where a whole number was not computed."""
    is_none = isinstance(value, np.integer) and value == NOT_COMPUTED
    return None if is_none else plain(value)


def row_total(run: Run) -> int:
    """How many rows there are so far."""
    if run.keeps_all_rows:
        return run.done_count
    if rows := run.summary.get("rows"):
        return int(rows["kept"])
    parts = run.chunks.filter(state=PartState.DONE).values_list("counts", flat=True)
    return sum(counts["gate_b_alive"] + counts["near_misses"] for counts in parts)


def stress_rows(run: Run, stress_key: int | None) -> list[dict[str, Any]]:
    """The stress grid of the cash flows that `stress_key` names, in scenario order; empty for none."""
    if stress_key is None:
        return []
    with bounded_database() as connection:
        return dicts(connection.execute(STRESS_SQL, [stress_files(run), stress_key]))


def distributions(run: Run) -> dict[str, Any]:
    """Histograms by tier of the headline columns; empty until the run is done."""
    found: dict[str, Any] = run.summary.get("histograms", {})
    return found


def cover_of(run: Run) -> list[tuple[str, str]]:
    """Where the rows of an export come from."""
    return [
        ("Project", str(run.project)),
        ("Run", str(run.code)),
        ("Engine", run.engine_version),
        ("Input snapshot", run.snapshot.content_hash),
        *([("Rows", kept_words(run))] if not run.keeps_all_rows else []),
    ]


def _finished(run: Run) -> list[int]:
    """The numbers of the chunks whose files are there; Invalid before the first."""
    done = run.chunks.filter(state=PartState.DONE).order_by("number").values_list("number", flat=True)
    if not done:
        raise refuse("no_results", "run", "No part of this run is finished yet: results appear with the first chunk.")
    return list(done)
