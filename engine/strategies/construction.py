"""How a strategy makes its portfolio, as typed terms, and the optimiser's task that they and the data come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.basics.ranges import as_float
from engine.errors import CalculationError, InputProblems, Problem
from engine.strategies.constraints import Facts, Row, read_rows
from engine.strategies.covariance import (
    DAYS_A_YEAR,
    Covariance,
    Repair,
    ledoit_wolf,
    positive_definite,
    principal_factors,
    repaired,
    sample_matrix,
)
from engine.strategies.optimise import Goal, Infeasible, OptimiserTask, Unsolved, solve
from engine.strategies.panels import Floats, Panel
from engine.strategies.price_factors import total_return_index
from engine.strategies.views import Posterior, View, black_litterman, read_views

NONE, HISTORY, SIGNAL, VIEWS = "none", "history", "signal", "views"
LEDOIT_WOLF, SAMPLE, FACTORS = "ledoit_wolf", "sample", "factors"
HELD, LAST_RUN, EQUAL, CASH = "held", "last_run", "equal", "cash"
LEAST_COVERED = 0.9  # of a window's days
FIELDS = (
    FieldSpec(
        "goal", "Goal", FieldKind.CHOICE, default=str(Goal.EQUAL_WEIGHTS), choices=tuple(map(str, Goal)),
        help="Names alike and weights of our own are only measured beside the limits.",
    ),
    FieldSpec(
        "risk_aversion", "Risk aversion", FieldKind.NUMBER, "factor", default=3.0, minimum=0.0, maximum=1000.0,
        exclusive_minimum=True, help="What a unit of variance costs, halved; also the market's, where views are used.",
    ),
    FieldSpec(
        "expected", "Expected returns", FieldKind.CHOICE, default=NONE, choices=(NONE, HISTORY, SIGNAL, VIEWS),
        help="Market and views: as Black and Litterman.",
    ),
    FieldSpec(
        "return_per_score_rate", "Return for a score of one", FieldKind.NUMBER, "rate", default=0.02, minimum=0.0,
        maximum=1.0, help="Where the signal's score is the expected return.",
    ),
    FieldSpec(
        "tau", "Doubt of the market (tau)", FieldKind.NUMBER, "factor", default=0.05, minimum=0.0, maximum=1.0,
        exclusive_minimum=True, help="Where views are used.",
    ),
    FieldSpec(
        "covariance", "Covariance", FieldKind.CHOICE, default=LEDOIT_WOLF, choices=(LEDOIT_WOLF, SAMPLE, FACTORS),
        help="Factors are for hundreds of names.",
    ),
    FieldSpec(
        "factor_count", "Factors", FieldKind.INTEGER, "count", default=10, minimum=1, maximum=100,
        help="Where the covariance is by factors.",
    ),
    FieldSpec("window_days", "Days of returns", FieldKind.INTEGER, "count", default=252, minimum=20, maximum=2520),
    FieldSpec("repairs", "Repair a covariance that is not positive definite", FieldKind.FLAG, "flag", default=False),
    FieldSpec("before", "Weights before", FieldKind.CHOICE, default=HELD, choices=(HELD, LAST_RUN, EQUAL, CASH)),
)  # fmt: skip
LEAST_KNOWN = 0.9
DEFAULT_ROWS = (Row("sum_equal", 1.0), Row("weight_least", 0.0), Row("weight_most", 0.25))


@dataclass(frozen=True, slots=True)
class Construction:
    """Goal, estimates, limits and views of a portfolio."""

    goal: Goal
    risk_aversion: float
    expected: str
    return_per_score_rate: float
    tau: float
    covariance: str
    factor_count: int
    window_days: int
    repairs: bool
    before: str
    rows: tuple[Row, ...]
    views: tuple[Mapping[str, Any], ...]
    budgets: Mapping[str, float]
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a portfolio is worked out on: prices to its day, who may be held then and in which sector.

    The benchmark is of names by weight, empty for all alike; or an index, by its returns over the days of the prices
    after the first, NaN where not known.
    """

    prices: Panel
    sectors: Mapping[str, str]
    before: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    restricted: frozenset[str] = frozenset()
    benchmark: Mapping[str, float] | None = None
    index: Floats | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The task, and what it took to state it."""

    task: OptimiserTask
    left_out: Mapping[str, str]  # why, by name
    days: NDArray[np.datetime64]
    shrinkage_ratio: float | None
    repair: Repair | None
    posterior: Posterior | None


def read_construction(content: Mapping[str, Any]) -> Construction:
    """Terms as a version holds them, what is not said by default; InputProblems with every place."""
    typed = {key: value for key, value in content.items() if key not in {"rows", "views", "budgets", "weights"}}
    reader = Reader(FIELDS, typed)
    values, problems = reader.read(), reader.problems
    rows, views = content.get("rows"), tuple(content.get("views") or ())
    found: tuple[Row, ...] = DEFAULT_ROWS
    if rows is not None:
        try:
            found = read_rows(rows)
        except InputProblems as refused:
            problems += refused.problems
    budgets, weights = (_shares(content.get(place) or {}, place, problems) for place in ("budgets", "weights"))
    if problems:
        raise InputProblems(problems)
    return Construction(
        **{**values, "goal": Goal(values["goal"])}, rows=found, views=views, budgets=budgets, weights=weights
    )


def _shares(given: Mapping[str, Any], place: str, problems: list[Problem]) -> dict[str, float]:
    found = {}
    for name, share in given.items():
        value = as_float(share)
        if value is None or not np.isfinite(value):
            problems.append(Problem("not_a_number", f"{place}.{name}", f"The share of {name} is not a number."))
        else:
            found[str(name)] = value
    return found


def prepare(terms: Construction, inputs: Inputs) -> Prepared:
    """The task of these terms on these inputs; InputProblems where one of them cannot be used."""
    window, left_out = _window(inputs, terms.window_days)
    names = window.names
    if len(names) < 1:
        message = f"No name has closes on {LEAST_COVERED:.0%} of the last {terms.window_days} days and on the last one."
        raise InputProblems([Problem("no_names", "prices", message)])
    index = total_return_index(window)
    returns = index[1:] / index[:-1] - 1
    covariance, shrinkage, repair = _covariance(terms, returns, names)
    market = np.full(len(names), 1.0 / len(names))
    views = read_views(terms.views, names) if terms.expected == VIEWS else ()
    posterior = _posterior(terms, covariance, names, market, views)
    covariance = posterior.covariance if posterior else covariance
    facts = Facts(
        names,
        covariance,
        _expected(terms, returns, names, inputs.scores, posterior),
        _by_name(inputs.before, names),
        *_benchmark(inputs, covariance, returns, names),
        tuple(inputs.sectors[name] for name in names),
        inputs.restricted,
    )
    own = _known(terms.weights, names, "weights") if terms.goal is Goal.OWN_WEIGHTS else None
    budgets = _known(terms.budgets, names, "budgets") if terms.budgets and terms.goal is Goal.RISK_BUDGETS else None
    task = OptimiserTask(facts, terms.goal, _rows(terms), terms.risk_aversion, budgets, own)
    return Prepared(task, left_out, window.days, shrinkage, repair, posterior)


def _benchmark(
    inputs: Inputs, covariance: Covariance, returns: Floats, names: tuple[str, ...]
) -> tuple[Floats | None, Floats]:
    """The benchmark's weights, none of an index, and each name's beta to it."""
    if inputs.index is not None:
        index = inputs.index[len(inputs.index) - len(returns) :]
        there = np.isfinite(index)
        if there.sum() < LEAST_KNOWN * len(index):
            message = f"The index has levels on fewer than {LEAST_KNOWN:.0%} of the days: take them in, or choose another benchmark."
            raise InputProblems([Problem("no_levels", "benchmark", message)])
        moves, own = index[there] - index[there].mean(), returns[there]
        return None, (own - own.mean(axis=0)).T @ moves / (moves @ moves)
    weights = np.full(len(names), 1.0 / len(names))
    if inputs.benchmark:
        lacking = sorted(set(inputs.benchmark) - set(names))
        if lacking:
            message = f"The benchmark holds {', '.join(lacking)}, which cannot be held: choose another."
            raise InputProblems([Problem("not_held", "benchmark", message)])
        weights = np.array([inputs.benchmark.get(name, 0.0) for name in names])
    return weights, covariance.times(weights) / covariance.volatility_rate(weights) ** 2


def weights_of(terms: Construction, inputs: Inputs) -> dict[str, float]:
    """The weights these terms want on any day, zero left out; CalculationError says in words why there are none.

    What a limit says of names and sectors that are not there on the day is passed over.
    """
    found = prepare(terms, inputs)
    facts = found.task.facts
    rows = tuple(row for each in found.task.rows if (row := _of_the_day(each, facts)) is not None)
    answer = solve(replace(found.task, rows=rows))
    if isinstance(answer, Infeasible):
        limits = ", ".join(answer.conflict.labels)
        raise CalculationError(f"portfolio of {found.days[-1]}: these limits conflict: {limits}. {answer.conflict.why}")
    if isinstance(answer, Unsolved):
        raise CalculationError(f"portfolio of {found.days[-1]}: {answer.reason}")
    return {name: float(w) for name, w in zip(facts.names, answer.weights, strict=True) if w}


def _of_the_day(row: Row, facts: Facts) -> Row | None:
    """The row as far as it speaks of who is there; a floor of a sector without names cannot be kept, and stays."""
    if row.kind == "sector_most" and row.sector not in facts.sectors:
        return None
    names = tuple(name for name in row.names if name in facts.names)
    return None if row.names and not names else replace(row, names=names)


def _rows(terms: Construction) -> tuple[Row, ...]:
    """Risk budgets have one answer, so the rows every new strategy begins with are not held against them."""
    return () if terms.goal is Goal.RISK_BUDGETS and terms.rows == DEFAULT_ROWS else terms.rows


def _window(inputs: Inputs, days: int) -> tuple[Panel, dict[str, str]]:
    """The last so many returns of names that have them, and why the others are left out."""
    prices = inputs.prices
    closes = np.isfinite(prices["close"][-days - 1 :])
    left_out = {name: "has no prices" for name in inputs.sectors if name not in prices.names}
    kept = []
    for place, name in enumerate(prices.names):
        if name not in inputs.sectors:
            continue
        count, held = len(closes), int(closes[:, place].sum())
        if not closes[-1, place]:
            left_out[name] = f"has no close on {prices.days[-1]}"
        elif held < LEAST_COVERED * count or not closes[0, place]:
            left_out[name] = f"has closes on {held} of {count} days only"
        else:
            kept.append(place)
    fields = {key: grid[-days - 1 :, kept] for key, grid in prices.fields.items()}
    return Panel(prices.days[-days - 1 :], tuple(prices.names[place] for place in kept), fields), left_out


def _covariance(
    terms: Construction, returns: Floats, names: Sequence[str]
) -> tuple[Covariance, float | None, Repair | None]:
    if terms.covariance == SAMPLE:
        matrix = sample_matrix(returns, names)
        if not terms.repairs:
            return positive_definite(matrix), None, None
        repair = repaired(matrix)
        return repair.covariance, None, repair
    found = ledoit_wolf(returns, names)
    if terms.covariance == FACTORS and terms.factor_count < len(names):
        return principal_factors(found.covariance, terms.factor_count), found.shrinkage_ratio, None
    return found.covariance, found.shrinkage_ratio, None


def _posterior(
    terms: Construction, covariance: Covariance, names: Sequence[str], market: Floats, views: Sequence[View]
) -> Posterior | None:
    if terms.expected != VIEWS:
        return None
    return black_litterman(covariance, names, market, views, risk_aversion=terms.risk_aversion, tau=terms.tau)


def _expected(
    terms: Construction, returns: Floats, names: Sequence[str], scores: Mapping[str, float], posterior: Posterior | None
) -> Floats | None:
    if terms.expected == HISTORY:
        return np.asarray(DAYS_A_YEAR * returns.mean(axis=0))
    if terms.expected == SIGNAL:
        return terms.return_per_score_rate * _scored(scores, names)
    return posterior.expected if posterior else None


def _scored(scores: Mapping[str, float], names: Sequence[str]) -> Floats:
    """The scores; a name without one is expected to be like the middle."""
    if not scores:
        message = "There is no signal of this version yet: run it first, or expect something else."
        raise InputProblems([Problem("no_signal", "expected", message)])
    return _by_name(scores, names)


def _by_name(given: Mapping[str, float], names: Sequence[str]) -> Floats:
    return np.array([given.get(name, 0.0) for name in names])


def _known(given: Mapping[str, float], names: Sequence[str], place: str) -> Floats:
    unknown = sorted(given.keys() - set(names))
    if unknown:
        message = f"{', '.join(unknown)}: not among the names to choose from."
        raise InputProblems([Problem("unknown_name", place, message)])
    return _by_name(given, names)
