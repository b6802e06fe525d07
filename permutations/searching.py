"""A search between the points of a run, as a job of a worker: from the run's rows to an answer that pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.permutations.search import (
    FrontierStep,
    SearchResult,
    SearchTerms,
    Unmet,
    grid_columns,
    search,
)
from engine.permutations.search.bench import Found
from jobs.registry import Answer
from jobs.work import Held
from permutations.files import RunFiles
from permutations.kept import rows_file
from permutations.models import Search
from permutations.shards import read_alive
from permutations.translate import engine_case


def search_run(asked: Search, held: Held) -> Answer:
    """What the search found, by its own terms and from the run's best on."""
    run, case = asked.run, engine_case(asked.run)
    terms = SearchTerms.from_dict(asked.terms, case.levers)
    grid = read_alive(
        RunFiles(run.code),
        [rows_file(run, number) for number in range(run.chunk_count)],
        ("index", *grid_columns(terms)),
    )
    return summary_of(search(case, terms, grid, held.report))


def summary_of(result: SearchResult) -> dict[str, Any]:
    """The result as JSON: every structure once among the `points`, named by its place there."""
    points = _Points()
    return {
        "evaluated": result.evaluated,
        "best": points.told(result.best),
        "row": dict(result.row),
        "grid": points.told(result.grid),
        "frontiers": {name: [_step(step, points) for step in steps] for name, steps in result.frontiers.items()},
        "unmet": [_unmet(each) for each in result.unmet],
        "points": points.choices,
    }


@dataclass(slots=True)
class _Points:
    choices: list[dict[str, Any]] = field(default_factory=list)

    def told(self, found: Found | None) -> dict[str, Any] | None:
        """A structure's figures with its place among the choices."""
        if found is None:
            return None
        choice = dict(found.choice)
        if choice not in self.choices:
            self.choices.append(choice)
        place = self.choices.index(choice)
        return {"point": place, "objective": found.objective, "measure": found.measure, "index": found.index}


def _step(step: FrontierStep, points: _Points) -> dict[str, Any]:
    return {"level": step.level, "grid": points.told(step.grid), "found": points.told(step.found)}


def _unmet(unmet: Unmet) -> Mapping[str, Any]:
    limit = unmet.limit
    told = {"column": limit.column, "operator": limit.operator, "value": limit.value} if limit else None
    return {"limit": told, "alone": unmet.alone, "reached": unmet.reached, "reason": unmet.reason}
