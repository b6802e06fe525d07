"""The search between the points of a grid: the best structure under limits, and what each limit costs.

Differential evolution (SciPy's, seeded) over the positions of each lever's values, begun from the grid's best; what it
finds is then moved lever by lever, and by pairs of levers, until no neighbour is better. The grid's own points take part
in the comparison, so the answer is never worse than the best of them.
Source: Storn and Price, Differential Evolution (1997); model book, page 18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.deal.row import Value
from engine.permutations.case import Case
from engine.permutations.search.bench import Bench, Found, listed
from engine.permutations.search.frontier import FRONTIERS, FrontierStep, find_frontiers, planned
from engine.permutations.search.goal import Columns, Goal, needed_columns
from engine.permutations.search.moves import evolve, generations, move_on
from engine.permutations.search.points import evaluate_points
from engine.permutations.search.terms import EQUITY_RATIO, GOALS, MEASURES, SearchTerms, Span
from engine.permutations.search.unmet import Unmet, find_unmet

__all__ = [
    "EQUITY_RATIO",
    "FRONTIERS",
    "GOALS",
    "MEASURES",
    "Found",
    "FrontierStep",
    "SearchResult",
    "SearchTerms",
    "Span",
    "Unmet",
    "evaluate_points",
    "grid_columns",
    "search",
]

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best under all limits with its result row, the grid's best, the frontiers, or what cannot be met."""

    best: Found | None
    row: Mapping[str, Value]
    grid: Found | None
    frontiers: Mapping[str, tuple[FrontierStep, ...]]
    unmet: tuple[Unmet, ...]
    evaluated: int


def grid_columns(terms: SearchTerms) -> tuple[str, ...]:
    """What a search reads of the grid's rows beside their index."""
    return needed_columns(terms, FRONTIERS)


def _silent(done: int, total: int) -> None:
    """Nobody asks how far it is."""


def search(case: Case, terms: SearchTerms, grid: Columns | None = None, report: Report = _silent) -> SearchResult:
    """The best of the case's levers under the terms; `grid` are rows that a run found (`index` and `grid_columns`).

    `report` is told how many rounds and levels are done, and of how many.
    """
    bench = Bench(case, listed(case, terms), grid_columns(terms))
    if grid is not None:
        bench.take(grid)
    goal = Goal(*GOALS[terms.objective], terms.limits, _scale(case, terms), ranked=True)
    steps, rounds = planned(case, goal), generations(bench, terms.effort)
    told = _Told(report, rounds + len(steps))
    evolve(bench, goal, terms.seed, rounds, told.step)
    move_on(bench, goal)
    frontiers = find_frontiers(bench, steps, told.step)
    move_on(bench, goal)
    best = bench.best(goal)
    return SearchResult(
        best=best,
        row=bench.row(best.choice) if best else {},
        grid=bench.best(goal, of_grid=True),
        frontiers=frontiers,
        unmet=() if best else find_unmet(bench, goal),
        evaluated=bench.count,
    )


@dataclass(slots=True)
class _Told:
    report: Report
    total: int
    done: int = 0

    def step(self) -> None:
        self.done = min(self.done + 1, self.total)
        self.report(self.done, self.total)


def _scale(case: Case, terms: SearchTerms) -> float:
    """A large difference of the objective: the project's cost, or ten points of a rate."""
    is_amount = MEASURES[GOALS[terms.objective][0]].unit == "amount"
    return float(case.resolved.project.internal_cost_amount) if is_amount else 0.1
