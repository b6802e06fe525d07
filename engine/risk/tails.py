"""Value at risk and expected shortfall, by named conventions, and whether past days bear them out.

A loss is positive. Returns are a day's (or a path's) fractions; `level` is the confidence, 0.95 for one day in twenty.
Skewness and kurtosis are population moments, kurtosis is in excess of the normal's 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri, xlogy

from engine.errors import CalculationError

Floats = NDArray[np.float64]
# 0.05 of 500 is 25 observations, though 1 - 0.95 is a little more than 0.05.
_ROUNDING = 1e-9
# The expansion is used as a quantile function up to here.
CORNISH_FISHER_RANGE = 5.0


class Moments(NamedTuple):
    """Mean, deviation (divisor n - 1), skewness and excess kurtosis."""

    mean: float
    deviation: float
    skew: float
    excess_kurtosis: float


class Risk(NamedTuple):
    """Value at risk and expected shortfall, losses as fractions."""

    var: float
    es: float


class Method(StrEnum):
    """The five conventions shown side by side."""

    NORMAL = "normal"
    NORMAL_ZERO_MEAN = "normal_zero_mean"
    CORNISH_FISHER = "cornish_fisher"
    ORDER_STATISTIC = "order_statistic"
    LINEAR = "linear"

    @property
    def label(self) -> str:
        """The convention in a few words."""
        return _LABELS[self]


_LABELS = {
    Method.NORMAL: "Normal, sample mean",
    Method.NORMAL_ZERO_MEAN: "Normal, mean of nil",
    Method.CORNISH_FISHER: "Cornish-Fisher",
    Method.ORDER_STATISTIC: "Historical, k-th worst day and mean of the k worst",
    Method.LINEAR: "Historical, interpolated quantile and mean of the worst share",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One convention's figures; `note` says where another's are shown in their place."""

    method: Method
    risk: Risk
    note: str = ""


def moments(returns: Floats) -> Moments:
    """Of two observations or more; a series that never moves has neither skewness nor kurtosis (nil)."""
    if returns.size < 2:
        raise CalculationError(f"moments: expected two returns or more, got {returns.size}")
    mean, spread = float(returns.mean()), float(returns.std())
    if spread == 0.0:
        return Moments(mean, 0.0, 0.0, 0.0)
    standard = (returns - mean) / spread
    return Moments(mean, float(returns.std(ddof=1)), float((standard**3).mean()), float((standard**4).mean() - 3.0))


def side_by_side(returns: Floats, level: float) -> tuple[Measured, ...]:
    """All five conventions; Cornish-Fisher gives way to the historical figures where its expansion is no quantile."""
    found = moments(returns)
    historical = order_statistic_risk(returns, level)
    normal = normal_risk(found.mean, found.deviation, level)
    is_valid = smallest_slope(found.skew, found.excess_kurtosis) > 0.0
    expanded = cornish_fisher_risk(found, level) if is_valid else historical
    note = "" if is_valid else "The expansion does not increase at this skewness and kurtosis, so it is no quantile: the historical figures stand here."  # fmt: skip
    return (
        Measured(Method.NORMAL, normal),
        Measured(Method.NORMAL_ZERO_MEAN, normal_risk(0.0, found.deviation, level)),
        Measured(Method.CORNISH_FISHER, expanded, note),
        Measured(Method.ORDER_STATISTIC, historical),
        Measured(Method.LINEAR, linear_risk(returns, level)),
    )


# By a formula


def normal_risk(mean: float, deviation: float, level: float) -> Risk:
    """VaR -mean - z s at the tail's z, ES -mean + s phi(z) / tail.

    >>> normal_risk(0.0, 0.01, 0.95)
    Risk(var=0.01644853626951472, es=0.020627128075074257)
    """
    z, tail = _tail_of(level)
    return Risk(-mean - z * deviation, -mean + deviation * _density(z) / tail)


def cornish_fisher_risk(found: Moments, level: float) -> Risk:
    """VaR at the expanded z, and ES as the integral of the expanded quantile over the tail, in closed form."""
    z, tail = _tail_of(level)
    S, K = found.skew, found.excess_kurtosis
    factor = 1.0 + z * S / 6.0 + (z**2 - 1.0) * K / 24.0 - (2.0 * z**2 - 1.0) * S**2 / 36.0
    return Risk(
        -found.mean - expanded_z(z, S, K) * found.deviation,
        -found.mean + found.deviation * _density(z) / tail * factor,
    )


def expanded_z(z: float, skew: float, excess_kurtosis: float) -> float:
    """The normal's quantile moved for skewness and kurtosis (Cornish and Fisher 1938)."""
    return (
        z
        + (z**2 - 1.0) * skew / 6.0
        + (z**3 - 3.0 * z) * excess_kurtosis / 24.0
        - (2.0 * z**3 - 5.0 * z) * skew**2 / 36.0
    )


def smallest_slope(skew: float, excess_kurtosis: float) -> float:
    """The least slope of the expansion for |z| up to 5: a quantile only where it is positive."""
    square = excess_kurtosis / 8.0 - skew**2 / 6.0
    straight = skew / 3.0
    level = 1.0 - excess_kurtosis / 8.0 + 5.0 * skew**2 / 36.0
    places = [-CORNISH_FISHER_RANGE, CORNISH_FISHER_RANGE]
    if square > 0.0 and abs(straight) < 2.0 * square * CORNISH_FISHER_RANGE:
        places.append(-straight / (2.0 * square))
    return min(square * z**2 + straight * z + level for z in places)


def _tail_of(level: float) -> tuple[float, float]:
    if not 0.5 < level < 1.0:
        raise CalculationError(f"value at risk: expected a confidence between 0.5 and 1, got {level:g}")
    return float(ndtri(1.0 - level)), 1.0 - level


def _density(z: float) -> float:
    return exp(-(z**2) / 2.0) / sqrt(2.0 * pi)


# By the past


def tail_count(size: int, level: float) -> int:
    """Observations in the tail: the tail's share of all, up to the next whole number, one at least."""
    return max(ceil((1.0 - level) * size - _ROUNDING), 1)


def mean_of_worst(losses: Floats, count: int) -> float:
    """Mean of so many largest losses."""
    return float(np.sort(losses)[-count:].mean())


def order_statistic_risk(returns: Floats, level: float) -> Risk:
    """The k-th worst return, k the tail's share of all up to the next whole number, and the mean of the k worst."""
    losses, count = -returns, tail_count(returns.size, level)
    return Risk(float(np.sort(losses)[-count]), mean_of_worst(losses, count))


def linear_risk(returns: Floats, level: float) -> Risk:
    """The quantile between observations (type 7), and the mean of the worst share with the last observation in part."""
    share = (1.0 - level) * returns.size
    worst = np.sort(returns)
    whole = int(share + _ROUNDING)
    part = max(share - whole, 0.0)
    total = float(worst[:whole].sum()) + (part * float(worst[whole]) if part else 0.0)
    return Risk(-float(np.quantile(returns, 1.0 - level)), -total / share)


# On random paths


class Tail(NamedTuple):
    """Value at risk and expected shortfall of simulated losses at a level, with their standard errors."""

    level: float
    var: float
    var_error: float
    es: float
    es_error: float


def simulated_tail(losses: Floats, level: float) -> Tail:
    """By the sorted losses. Errors: VaR by the order statistics a standard deviation either side, ES by the influence
    function, sd(VaR + (loss - VaR)+ / (1 - level)) / sqrt(paths).
    """
    ordered = np.sort(losses)
    size = ordered.size
    var = float(ordered[min(int(np.ceil(level * size)) - 1, size - 1)])
    spread = np.sqrt(level * (1.0 - level) / size)
    low, high = (
        ordered[min(max(int(np.ceil((level + sign * spread) * size)) - 1, 0), size - 1)] for sign in (-1.0, 1.0)
    )
    influence = var + np.maximum(ordered - var, 0.0) / (1.0 - level)
    return Tail(
        level, var, float(high - low) / 2.0, float(influence.mean()), float(influence.std(ddof=1) / np.sqrt(size))
    )


# Whether it was right


class Transitions(NamedTuple):
    """Days by whether the day before was an exception (first) and they are (second)."""

    n00: int
    n01: int
    n10: int
    n11: int


@dataclass(frozen=True, slots=True)
class VarBacktest:
    """Rolling VaR of days `first` onwards (rows of the returns), each by the days before it alone, and its exceptions."""

    level: float
    first: int
    var: Floats
    exceptions: tuple[int, ...]
    kupiec_ratio: float
    kupiec_probability: float
    transitions: Transitions

    @property
    def expected_count(self) -> float:
        """Exceptions that a right VaR would have."""
        return (1.0 - self.level) * self.var.size


def rolling_var(returns: Floats, window: int, level: float) -> VarBacktest:
    """Order-statistic VaR over a window that ends the day before; an exception is a loss above it.

    The Kupiec ratio tests their number alone: chi-square with one degree of freedom.
    """
    if not 1 < window < returns.size:
        raise CalculationError(f"rolling VaR: expected a window between 2 and {returns.size - 1} days, got {window}")
    count = tail_count(window, level)
    past = np.lib.stride_tricks.sliding_window_view(returns, window)[:-1]
    var = -np.partition(past, count - 1, axis=1)[:, count - 1]
    hit = -returns[window:] > var
    ratio, probability = kupiec(int(hit.sum()), hit.size, level)
    rows = tuple(int(row) + window for row in np.flatnonzero(hit))
    return VarBacktest(level, window, var, rows, ratio, probability, transitions(hit))


def kupiec(exceptions: int, days: int, level: float) -> tuple[float, float]:
    """Likelihood ratio of the observed share of exceptions against the expected, and its probability.

    >>> [round(each, 4) for each in kupiec(21, 250, 0.95)]
    [5.0972, 0.024]
    """
    expected, found = 1.0 - level, exceptions / days
    calm = days - exceptions
    ratio = 2.0 * (
        xlogy(calm, 1.0 - found) + xlogy(exceptions, found) - xlogy(calm, 1.0 - expected) - xlogy(exceptions, expected)
    )
    ratio = max(float(ratio), 0.0)
    return ratio, float(chdtrc(1.0, ratio))


def transitions(hit: NDArray[np.bool_]) -> Transitions:
    """How exceptions follow each other."""
    before, after = hit[:-1], hit[1:]
    return Transitions(*(int(((before == a) & (after == b)).sum()) for a in (False, True) for b in (False, True)))
