"""A run's results, read from its Parquet shards where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from financings.catalogue import RANKING, RESULTS
from jobs.models import JobState, Part, PartState
from lib.errors import NotFound
from lib.verbs import refuse
from permutations.files import RANKING_FILE, RunFiles, chunk_file, stress_file
from permutations.integrity import damaged, require_sound
from permutations.models import Run
from tables import reading
from tables.query import Query
from tables.reading import Page, count_of, dicts, page_of
from tables.source import Source, bounded_database
from tables.source import source_of as table_of

STRESS_SQL = 'SELECT DISTINCT * FROM read_parquet(?) WHERE "stress_key" = ? ORDER BY "scenario"'


def source_of(run: Run) -> Source:
    """The files to read; a run that stopped early offers its finished chunks, without a ranking."""
    is_ranked = run.state == JobState.DONE
    shards = [chunk_file(number) for number in _finished(run)]
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
        raise NotFound("This run did not evaluate that permutation.")
    return rows[index]


def rows_of(run: Run, indices: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Every column of several permutations, by index; those the run did not evaluate are absent."""
    return reading.rows_of(source_of(run), indices)


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
    ]


def _finished(run: Run) -> list[int]:
    """The numbers of the chunks whose files are there; Invalid before the first."""
    done = (
        Part.objects.filter(job=run.code, is_closing=False, state=PartState.DONE)
        .order_by("number")
        .values_list("number", flat=True)
    )
    if not done:
        raise refuse("no_results", "run", "No part of this run is finished yet: results appear with the first chunk.")
    return list(done)
