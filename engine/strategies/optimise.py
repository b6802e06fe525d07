"""The best portfolio under limits, with what each limit costs; or the smallest set of limits that conflict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputProblems, Problem
from engine.strategies.budgets import risk_budgets, risk_shares
from engine.strategies.conflicts import BALL, Conflict, find_conflict
from engine.strategies.constraints import (
    KINDS,
    NO_WEIGHT,
    RESTRICTED,
    Facts,
    Row,
    RowOutcome,
    outcome,
    refusals,
)
from engine.strategies.panels import Floats
from engine.strategies.program import Aim, Solution, is_heavy, row_blocks, solve_general, solve_quick
from engine.strategies.views import adding_to_one
from engine.strategies.whole import Whole, is_whole, nodes_for, solve_whole


class Goal(StrEnum):
    """What is best."""

    EQUAL_WEIGHTS = "equal_weights"  # of every name that is not restricted; only measured beside the rows
    MINIMUM_VARIANCE = "minimum_variance"  # w'Sw, least
    MEAN_VARIANCE = "mean_variance"  # mu'w - aversion / 2 x w'Sw, most
    MAXIMUM_RETURN = "maximum_return"  # mu'w, most
    RISK_BUDGETS = "risk_budgets"  # equal without budgets; has one answer, so takes no rows
    OWN_WEIGHTS = "own_weights"  # somebody's own, only measured beside the rows


@dataclass(frozen=True, slots=True)
class OptimiserTask:
    """Facts of the names, what is best, and limits as rows."""

    facts: Facts
    goal: Goal
    rows: tuple[Row, ...] = ()
    risk_aversion: float = 0.0
    budgets: Floats | None = None
    own: Floats | None = None
    most_nodes: int | None = None  # of a search for whole numbers; by the number of names

    @property
    def every_row(self) -> tuple[Row, ...]:
        """The rows, and that restricted names keep what they weigh."""
        return (*self.rows, Row(RESTRICTED)) if self.facts.restricted & set(self.facts.names) else self.rows

    @property
    def aversion(self) -> float:
        """What the variance counts in the objective, none where return alone does."""
        return self.risk_aversion if self.goal is Goal.MEAN_VARIANCE else 0.0


@dataclass(frozen=True, slots=True)
class Measures:
    """What a portfolio is: rates a year, shares of its capital."""

    objective: float
    return_rate: float | None
    volatility_rate: float
    tracking_error_rate: float | None
    beta: float | None
    net_ratio: float
    long_ratio: float
    short_ratio: float
    gross_ratio: float
    turnover_ratio: float
    names: int


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best weights, their measures, each row's outcome.

    `gap` is what the objective could at most be better by: zero but for whole numbers under a quadratic objective.
    """

    weights: Floats
    measures: Measures
    rows: tuple[RowOutcome, ...]
    risk_shares: Floats
    gap: float = 0.0
    nodes: int = 0

    @property
    def binding(self) -> tuple[RowOutcome, ...]:
        """The rows at their limits."""
        return tuple(row for row in self.rows if row.is_binding)


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No portfolio keeps every row."""

    conflict: Conflict


@dataclass(frozen=True, slots=True)
class Unsolved:
    """There is no answer to use: the solver's status and what it means. Weights of a failed solve are never shown."""

    status: str
    reason: str


Answer = Optimum | Infeasible | Unsolved


def solve(task: OptimiserTask) -> Answer:
    """The best portfolio, the conflict that forbids any, or why there is no answer."""
    problems = list(problems_of(task))
    if problems:
        raise InputProblems(problems)
    if task.goal is Goal.EQUAL_WEIGHTS:
        return examine(task, _equal(task.facts))
    if task.goal is Goal.OWN_WEIGHTS:
        assert task.own is not None
        return examine(task, task.own)
    if task.goal is Goal.RISK_BUDGETS:
        return _with_budgets(task)
    if is_whole(task.rows):
        return _solve_whole(task)
    rows, facts = task.every_row, task.facts
    blocks = [block for k, row in enumerate(rows) for block in row_blocks(k, row, facts)]
    aim = _aim(task)
    found = solve_quick(aim, blocks, facts, len(rows))
    if found is None and is_heavy(facts) and any(row.kind == BALL for row in rows):
        # Why nothing is found is quicker to tell than that nothing is.
        conflict = find_conflict(rows, facts)
        if conflict:
            return Infeasible(conflict)
    found = found or solve_general(aim, blocks, facts, len(rows))
    return _optimum(task, found) if found.is_solved else _refused(task, found.status)


def examine(task: OptimiserTask, weights: Floats) -> Optimum:
    """Any weights measured under the task's rows, nothing solved: no row has a shadow price."""
    rows = tuple(outcome(row, task.facts, weights) for row in task.every_row)
    return Optimum(weights, measures(task, weights), rows, _shares(task.facts, weights))


def measures(task: OptimiserTask, weights: Floats) -> Measures:
    """What a portfolio is."""
    facts = task.facts
    volatility = facts.covariance.volatility_rate(weights)
    return_rate = None if facts.expected is None else float(facts.expected @ weights)
    long, short = float(np.maximum(weights, 0).sum()), float(np.maximum(-weights, 0).sum())
    if task.goal in {Goal.MEAN_VARIANCE, Goal.MAXIMUM_RETURN}:
        objective = (return_rate or 0.0) - task.aversion / 2 * volatility**2
    else:
        objective = volatility**2
    return Measures(
        objective=objective,
        return_rate=return_rate,
        volatility_rate=volatility,
        tracking_error_rate=None
        if facts.benchmark is None
        else facts.covariance.volatility_rate(weights - facts.benchmark),
        beta=None if facts.betas is None else float(facts.betas @ weights),
        net_ratio=float(weights.sum()),
        long_ratio=long,
        short_ratio=short,
        gross_ratio=long + short,
        turnover_ratio=float(np.abs(weights - facts.held).sum()),
        names=int((np.abs(weights) > NO_WEIGHT).sum()),
    )


def _shares(facts: Facts, weights: Floats) -> Floats:
    return risk_shares(facts.covariance, weights) if weights.any() else np.zeros(len(weights))


def _aim(task: OptimiserTask) -> Aim:
    if task.goal is Goal.MINIMUM_VARIANCE:
        return Aim(np.zeros(len(task.facts.names)), 2.0)
    assert task.facts.expected is not None
    return Aim(-task.facts.expected, task.aversion)


def problems_of(task: OptimiserTask) -> Iterator[Problem]:
    facts = task.facts
    yield from _shape_problems(facts)
    yield from refusals(task.rows, facts)
    if task.goal in {Goal.MEAN_VARIANCE, Goal.MAXIMUM_RETURN} and facts.expected is None:
        yield Problem("lacks_facts", "goal", "This goal needs expected returns: give a signal, a history or views.")
    if task.goal is Goal.MEAN_VARIANCE and not (np.isfinite(task.risk_aversion) and task.risk_aversion > 0):
        yield Problem("out_of_range", "risk_aversion", "Risk aversion is more than zero; without it, ask for return.")
    if task.goal is Goal.OWN_WEIGHTS and task.own is None:
        yield Problem("lacks_facts", "weights", "This goal takes weights of your own: give them.")
    if task.goal is Goal.RISK_BUDGETS and task.rows:
        message = "Risk budgets have one answer, long only and fully invested: take the other limits away."
        yield Problem("takes_no_rows", "rows", message)


def _shape_problems(facts: Facts) -> Iterator[Problem]:
    width = len(facts.names)
    if len(set(facts.names)) != width:
        yield Problem("duplicate", "names", "A name stands twice.")
    if facts.covariance.factors.shape[1] != width:
        yield Problem("wrong_size", "covariance", "The covariance is not of these names.")
    for place in ("expected", "current", "benchmark", "betas"):
        found = getattr(facts, place)
        if found is not None and (len(found) != width or not np.isfinite(found).all()):
            yield Problem("wrong_size", place, f"There must be one number of each name in {place}, without gaps.")
    if facts.benchmark is not None and len(facts.benchmark) == width:
        try:
            adding_to_one(facts.benchmark, "benchmark", "The benchmark's weights")
        except InputProblems as refused:
            yield from refused.problems


def _optimum(task: OptimiserTask, found: Solution, *, priced: bool = True) -> Optimum:
    """A solution with its rows; a price holds for a higher limit, in the objective's own direction."""
    sense = 1.0 if task.goal is Goal.MINIMUM_VARIANCE else -1.0
    rows = tuple(
        _priced(outcome(row, task.facts, found.weights), sense * price if priced else None)
        for row, price in zip(task.every_row, found.prices, strict=True)
    )
    return Optimum(found.weights, measures(task, found.weights), rows, _shares(task.facts, found.weights))


def _priced(row: RowOutcome, price: float | None) -> RowOutcome:
    if price is None or row.row.kind == RESTRICTED or KINDS[row.row.kind].is_whole:
        return row
    return RowOutcome(row.row, row.label, row.value, row.slack, price if row.is_binding else 0.0, row.at)


def _solve_whole(task: OptimiserTask) -> Answer:
    conflict = find_conflict(task.every_row, task.facts)
    if conflict:
        return Infeasible(conflict)
    most = task.most_nodes or nodes_for(len(task.facts.names))
    found: Whole | None = solve_whole(_aim(task), task.every_row, task.facts, most)
    if found is None or not found.solution.is_solved:
        reason = f"No portfolio in whole names and lots was found in {most:,} steps of the search."
        return Unsolved("NotFound", reason)
    has_lots = any(row.kind == "lots" for row in task.rows)
    answer = _optimum(task, found.solution, priced=not has_lots)
    gap = max(0.0, found.solution.objective - found.bound)
    return Optimum(answer.weights, answer.measures, answer.rows, answer.risk_shares, gap, found.nodes)


def _refused(task: OptimiserTask, status: str) -> Infeasible | Unsolved:
    if status not in {"DualInfeasible", "AlmostDualInfeasible"}:
        conflict = find_conflict(task.every_row, task.facts)
        if conflict:
            return Infeasible(conflict)
    return Unsolved(status, _REASONS.get(status, "The solver stopped before it was precise enough."))


_REASONS = {
    "DualInfeasible": "Nothing bounds the objective: add a limit on weights, or on long and short positions.",
    "AlmostDualInfeasible": "Nothing bounds the objective: add a limit on weights, or on long and short positions.",
    "MaxIterations": "The solver reached its last step without an answer.",
    "PrimalInfeasible": "The solver finds no portfolio within the limits, but no set of them that conflicts: they meet "
    "in a point too small to compute. Loosen one a little.",
}


def _equal(facts: Facts) -> Floats:
    """What restricted names leave, shared alike."""
    free = _free(facts)
    rest = 1.0 - float(facts.held[~free].sum())
    return np.where(free, rest / max(1, int(free.sum())), facts.held)


def _free(facts: Facts) -> NDArray[np.bool_]:
    return np.array([name not in facts.restricted for name in facts.names])


def _with_budgets(task: OptimiserTask) -> Answer:
    """Budgets over the names that are not restricted; a restricted name that is held has no place in them."""
    facts = task.facts
    free = _free(facts)
    if facts.held[~free].any():
        message = "A restricted name is held and may not be sold: risk budgets need every name to be free."
        raise InputProblems([Problem("restricted_held", "restricted", message)])
    weights = np.zeros(len(free))
    equal = np.full(len(free), 1.0 / max(1, free.sum()))
    if not free.any():
        raise InputProblems([Problem("no_names", "names", "Every name is restricted.")])
    weights[free] = risk_budgets(
        facts.covariance.of_names(free), (equal if task.budgets is None else task.budgets)[free]
    )
    return examine(task, weights)
