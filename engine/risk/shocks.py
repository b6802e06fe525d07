"""What a portfolio does when factors or names move: scenarios, each factor alone, two together, and what would hedge it.

The return of a name is its exposures times the factors' shocks plus its own shock. Nothing is clipped: a short may lose more
than all, and a linear model may say less than -100%, which is its limit and is left to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError, InputProblems, Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Moves of factors and of single names, as fractions."""

    name: str
    factor_shocks: Mapping[str, float] = field(default_factory=dict)
    specific_shocks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """Weights of names with their exposures (names, factors); `benchmark` are weights too, `value_amount` is worth."""

    names: tuple[str, ...]
    factors: tuple[str, ...]
    exposures: Floats
    weights: Floats
    value_amount: float
    benchmark: Floats | None = None


class Shocked(NamedTuple):
    """What a scenario does: returns of the names and of all, the amount, and against the benchmark where there is one."""

    name: str
    asset_returns: Floats
    portfolio_return: float
    pnl_amount: float
    active_return: float | None


def shocked(book: Book, scenario: Scenario) -> Shocked:
    """Raises InputProblems for a factor or a name that the book does not have."""
    problems = [*_unknown(scenario, scenario.factor_shocks, book.factors, "factor")]
    problems += _unknown(scenario, scenario.specific_shocks, book.names, "name")
    if problems:
        raise InputProblems(problems)
    moves = np.array([scenario.factor_shocks.get(factor, 0.0) for factor in book.factors])
    own = np.array([scenario.specific_shocks.get(name, 0.0) for name in book.names])
    assets = book.exposures @ moves + own
    total = float(book.weights @ assets)
    active = None if book.benchmark is None else float((book.weights - book.benchmark) @ assets)
    return Shocked(scenario.name, assets, total, total * book.value_amount, active)


def _unknown(scenario: Scenario, shocks: Mapping[str, float], known: Sequence[str], what: str) -> Iterable[Problem]:
    for name, shock in shocks.items():
        place = f"{scenario.name} {name}"
        if name not in known:
            yield Problem(f"unknown_{what}", place, f"{scenario.name}: there is no {what} {name}.")
        elif not np.isfinite(shock):
            yield Problem("not_finite", place, f"{scenario.name}: the shock of {name} is no number.")


class Bar(NamedTuple):
    """One factor moved down and up by its own size, the rest still: amounts."""

    factor: str
    size: float
    down_amount: float
    up_amount: float


def tornado(book: Book, sizes: Mapping[str, float]) -> tuple[Bar, ...]:
    """Each factor by itself, the one that moves most first."""
    bars = []
    for factor, size in sizes.items():
        up, down = (shocked(book, Scenario(factor, {factor: sign * size})).pnl_amount for sign in (1.0, -1.0))
        bars.append(Bar(factor, size, down, up))
    return tuple(sorted(bars, key=lambda bar: -abs(bar.up_amount)))


def grid(book: Book, rows: tuple[str, Sequence[float]], columns: tuple[str, Sequence[float]]) -> Floats:
    """Amounts (rows, columns) of two factors moved together; CalculationError for one factor against itself."""
    (down, down_shocks), (across, across_shocks) = rows, columns
    if down == across:
        raise CalculationError(f"grid: expected two factors, got {down} twice")
    return np.array(
        [[shocked(book, Scenario("", {down: a, across: b})).pnl_amount for b in across_shocks] for a in down_shocks]
    )


class Hedge(NamedTuple):
    """Amounts of each instrument (sold where negative) and the deviation of the book before and after, fractions of it."""

    amounts: tuple[float, ...]
    before_deviation: float
    after_deviation: float

    @property
    def reduction_ratio(self) -> float:
        """Share of the variance that is gone."""
        return 1.0 - (self.after_deviation / self.before_deviation) ** 2 if self.before_deviation else 0.0


def least_variance_hedge(returns: Floats, instruments: Floats, value_amount: float) -> Hedge:
    """Least squares of the book's returns on the instruments' (days, instruments), sold: the least variance over the days.

    Instruments that move alike share the work (the smallest amounts that do it).
    """
    if instruments.shape[0] != returns.size or returns.size <= instruments.shape[1] + 1:
        raise CalculationError(
            f"hedge: expected {returns.size} days of each of {instruments.shape[1]} instruments and more days than these"
        )
    moved = instruments - instruments.mean(axis=0)
    centred = returns - returns.mean()
    ratios, *_ = np.linalg.lstsq(moved, centred, rcond=None)
    left = centred - moved @ ratios
    deviations = (float(np.sqrt((each**2).sum() / (returns.size - 1))) for each in (centred, left))
    return Hedge(tuple(float(-ratio * value_amount) for ratio in ratios), *deviations)


class Suggestion(NamedTuple):
    """A hedge by the named instruments."""

    instruments: tuple[str, ...]
    hedge: Hedge


def hedge_suggestions(
    returns: Floats, names: Sequence[str], instruments: Floats, value_amount: float
) -> tuple[Suggestion, ...]:
    """Each instrument alone, the best first, and then all together where there are several."""
    alone = [
        Suggestion((name,), least_variance_hedge(returns, instruments[:, [k]], value_amount))
        for k, name in enumerate(names)
    ]
    best = tuple(sorted(alone, key=lambda each: each.hedge.after_deviation))
    together = (
        (Suggestion(tuple(names), least_variance_hedge(returns, instruments, value_amount)),) if len(names) > 1 else ()
    )
    return best + together
