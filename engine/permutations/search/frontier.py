"""What each limit costs: the best objective with one measure held at each of its levels, of the grid and of the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.permutations.case import Case
from engine.permutations.levers import HardFilter
from engine.permutations.search.bench import Bench, Found
from engine.permutations.search.goal import Goal
from engine.permutations.search.moves import move_on
from engine.permutations.search.terms import EQUITY_RATIO

FRONTIERS: dict[str, str] = {"rating_notch": "<=", EQUITY_RATIO: ">=", "worst_stressed_dscr": ">="}
_LEVELS: dict[str, tuple[float, ...]] = {
    EQUITY_RATIO: (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "worst_stressed_dscr": (0.8, 0.9, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4),
}


@dataclass(frozen=True, slots=True)
class FrontierStep:
    """The best with a measure at `level` or better, of the grid and of grid and search together; None where none is."""

    level: float
    grid: Found | None
    found: Found | None


def planned(case: Case, goal: Goal) -> list[tuple[str, float, Goal]]:
    """Each level of each measure, hardest first, with the goal it makes; the measure's own limit gives way to it.

    Levels ask the objective alone: a stress counts where it is a limit.
    """
    found = []
    for name, operator in FRONTIERS.items():
        others = tuple(limit for limit in goal.limits if limit.column != name)
        levels = sorted(_levels(case, name), reverse=operator == ">=")
        found += [
            (name, level, replace(goal, limits=(*others, HardFilter(name, operator, level)), ranked=False))
            for level in levels
        ]
    return found


def find_frontiers(
    bench: Bench, steps: list[tuple[str, float, Goal]], each: Callable[[], None]
) -> Mapping[str, tuple[FrontierStep, ...]]:
    """Steps by measure, those left out that nothing reaches; `each` is called after every level."""
    for _, _, goal in steps:
        move_on(bench, goal)
        each()
    # Read at the end: what was found for one level may be the best of another.
    read = [(name, _step(bench, name, level, goal)) for name, level, goal in steps]
    return {name: tuple(step for of, step in read if of == name and step.found) for name in FRONTIERS}


def _step(bench: Bench, name: str, level: float, goal: Goal) -> FrontierStep:
    return FrontierStep(level, bench.best(goal, of_grid=True, measure=name), bench.best(goal, measure=name))


def _levels(case: Case, name: str) -> tuple[float, ...]:
    """Ratings are those of the rules, down to the run's minimum."""
    if name in _LEVELS:
        return _LEVELS[name]
    notches = {float(row.notch) for row in case.rules.rows_for(case.inputs.country)}
    return tuple(notch for notch in notches if notch <= case.resolved.terms.minimum_notch)
