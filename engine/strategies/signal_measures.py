"""What a score is worth: how it is spread, what came after it, and how fast it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from engine.strategies.panels import Floats, Panel
from engine.strategies.price_factors import total_return_index

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST_NAMES = 3  # for a correlation
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Of the figures that are there: mean, standard deviation (n - 1), skew (of the sample), extremes, quantiles."""

    count: int
    missing: int
    mean: float
    sd: float
    skew: float
    low: float
    high: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A figure by date, its mean, and the t-statistic of the mean.

    The t-statistic counts `apart` only: dates whose returns do not overlap, else one return would count many times.
    """

    by_date: Floats
    mean: float
    t_statistic: float
    apart: int


@dataclass(frozen=True, slots=True)
class Buckets:
    """Forward returns by bucket of the score, lowest first: mean of each, by date (dates, buckets), and the spread."""

    means: Floats
    by_date: Floats
    spread: Series


@dataclass(frozen=True, slots=True)
class Turnover:
    """From date to date: rank correlation of the score with its last one, share of the top bucket that is new."""

    autocorrelation: Floats
    replaced: Floats

    @property
    def mean_autocorrelation(self) -> float:
        """Over the dates that have one."""
        return _mean(self.autocorrelation)

    @property
    def mean_replaced_share(self) -> float:
        """Over the dates that have one."""
        return _mean(self.replaced)


def distribution(values: Floats) -> Distribution:
    """How the figures are spread; NaN where there are too few to say."""
    there = values[np.isfinite(values)]
    if not len(there):
        return Distribution(0, values.size, *(np.nan,) * 5, (np.nan,) * len(QUANTILES))
    apart = there - there.mean()
    second = float((apart**2).mean())
    skew = float((apart**3).mean()) / second**1.5 if second > 0 else np.nan
    sd = float(there.std(ddof=1)) if len(there) > 1 else np.nan
    found = tuple(float(each) for each in np.quantile(there, QUANTILES))
    return Distribution(len(there), values.size - len(there), float(there.mean()), sd, skew,
                        float(there.min()), float(there.max()), found)  # fmt: skip


def forward_returns(prices: Panel, rows: Rows, horizon_days: int, lag_days: int = 1) -> Floats:
    """Total return of each name over the horizon that begins `lag_days` after each of the rows: (rows, names).

    A name that stops trading on the way keeps its last close; NaN where it has no close at the start, and where the
    panel ends before the horizon.
    """
    index, close = total_return_index(prices), prices["close"]
    found = np.full((len(rows), len(prices.names)), np.nan)
    start = rows + lag_days
    whole = np.flatnonzero(start + horizon_days < len(prices.days))
    begun = np.where(np.isfinite(close[start[whole]]), index[start[whole]], np.nan)
    found[whole] = index[start[whole] + horizon_days] / begun - 1
    return found


def information_coefficient(
    score: Floats, forward: Floats, rows: Rows, window_days: int, *, by_rank: bool = True
) -> Series:
    """Correlation across names of score and forward return by date: of ranks (Spearman) or of figures (Pearson)."""
    correlate = rank_correlation if by_rank else correlation
    return series(_pairwise(score, forward, correlate), rows, window_days)


def series(by_date: Floats, rows: Rows, window_days: int) -> Series:
    """A figure by date with its mean over all dates and its t-statistic over those that lie `window_days` apart."""
    there = np.flatnonzero(np.isfinite(by_date))
    apart, free_from = [], -1
    for each in there:
        if rows[each] >= free_from:
            apart.append(each)
            free_from = int(rows[each]) + window_days
    counted = by_date[apart]
    sd = float(counted.std(ddof=1)) if len(counted) > 1 else 0.0
    t_statistic = float(counted.mean()) / sd * np.sqrt(len(counted)) if sd > 0 else np.nan
    return Series(by_date, _mean(by_date), float(t_statistic), len(counted))


def quantile_returns(score: Floats, forward: Floats, rows: Rows, window_days: int, buckets: int = 5) -> Buckets:
    """Mean forward return by bucket of the score, each date counting alike; spread is highest less lowest bucket."""
    by_date = np.full((len(score), buckets), np.nan)
    for date, (mine, theirs) in enumerate(zip(score, forward, strict=True)):
        both = np.isfinite(mine) & np.isfinite(theirs)
        if both.sum() >= buckets:
            bucket = bucket_of(mine[both], buckets)
            count = np.bincount(bucket, minlength=buckets)
            total = np.bincount(bucket, theirs[both], buckets)
            by_date[date] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    means = np.array([_mean(column) for column in by_date.T])
    return Buckets(means, by_date, series(by_date[:, -1] - by_date[:, 0], rows, window_days))


def bucket_of(figures: Floats, buckets: int) -> NDArray[np.int64]:
    """Which bucket of equal size each figure falls into, 0 the lowest; equal figures share one.

    >>> bucket_of(np.array([3.0, 1.0, 2.0, 4.0]), 2)
    array([1, 0, 0, 1])
    """
    middle = (rankdata(figures) - 0.5) / len(figures)
    found: NDArray[np.int64] = np.minimum((middle * buckets).astype(np.int64), buckets - 1)
    return found


def turnover(score: Floats, buckets: int = 5) -> Turnover:
    """How the score and its top bucket change from date to date; NaN on the first."""
    autocorrelation, replaced = np.full(len(score), np.nan), np.full(len(score), np.nan)
    autocorrelation[1:] = _pairwise(score[1:], score[:-1], rank_correlation)
    before: set[int] | None = None
    for date, row in enumerate(score):
        top = _top(row, buckets)
        if top and before:
            replaced[date] = len(top - before) / len(top)
        before = top
    return Turnover(autocorrelation, replaced)


def _top(row: Floats, buckets: int) -> set[int]:
    there = np.flatnonzero(np.isfinite(row))
    if len(there) < buckets:
        return set()
    return set(there[bucket_of(row[there], buckets) == buckets - 1].tolist())


def _pairwise(one: Floats, other: Floats, correlate: Callable[[Floats, Floats], float]) -> Floats:
    found = np.full(len(one), np.nan)
    for date, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        both = np.isfinite(mine) & np.isfinite(theirs)
        if both.sum() >= LEAST_NAMES:
            found[date] = correlate(mine[both], theirs[both])
    return found


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's; NaN where either does not vary."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan
    a, b = one - one.mean(), other - other.mean()
    return float(a @ b) / float(np.sqrt((a @ a) * (b @ b)))


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's, equal figures sharing their mean rank."""
    return correlation(rankdata(one), rankdata(other))


def _mean(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else np.nan
