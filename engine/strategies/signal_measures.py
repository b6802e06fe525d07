"""What a score is worth: how it is spread, what came after it, and how fast it changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    correlate = rank_correlations if by_rank else correlations
    return series(correlate(score, forward), rows, window_days)


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
    both = np.isfinite(score) & np.isfinite(forward)
    bucket = buckets_of(np.where(both, score, np.nan), buckets)
    by_date = np.stack([_mean_where(forward, bucket == each) for each in range(buckets)], axis=1)
    means = np.array([_mean(column) for column in by_date.T])
    return Buckets(means, by_date, series(by_date[:, -1] - by_date[:, 0], rows, window_days))


def _mean_where(values: Floats, wanted: NDArray[np.bool_]) -> Floats:
    count = wanted.sum(axis=1)
    total = np.where(wanted, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def buckets_of(figures: Floats, buckets: int) -> NDArray[np.int64]:
    """Which bucket of equal size each figure of a row falls into, 0 the lowest; equal figures share one.

    -1 where there is no figure, and in a row with fewer figures than buckets.

    >>> buckets_of(np.array([[3.0, 1.0, 2.0, 4.0], [1.0, np.nan, np.nan, np.nan]]), 2)
    array([[ 1,  0,  0,  1],
           [-1, -1, -1, -1]])
    """
    ranks = ranks_of(figures)
    there = np.isfinite(ranks)
    count = there.sum(axis=1, keepdims=True)
    middle = (np.where(there, ranks, 1.0) - 0.5) / np.maximum(count, 1)
    found = np.minimum((middle * buckets).astype(np.int64), buckets - 1)
    return np.where(there & (count >= buckets), found, -1)


def ranks_of(figures: Floats) -> Floats:
    """The rank of each figure in its row from 1, equal figures sharing their mean rank; NaN stays NaN."""
    from scipy.stats import rankdata

    there = np.isfinite(figures)
    # What is not there ranks behind all that is.
    return np.where(there, rankdata(np.where(there, figures, np.inf), axis=1), np.nan)


def turnover(score: Floats, buckets: int = 5) -> Turnover:
    """How the score and its top bucket change from date to date; NaN on the first."""
    autocorrelation, replaced = np.full(len(score), np.nan), np.full(len(score), np.nan)
    autocorrelation[1:] = rank_correlations(score[1:], score[:-1])
    top = buckets_of(score, buckets) == buckets - 1
    count, fresh = top.sum(axis=1), (top[1:] & ~top[:-1]).sum(axis=1)
    told = (count[1:] > 0) & (count[:-1] > 0)
    replaced[1:] = np.where(told, fresh / np.maximum(count[1:], 1), np.nan)
    return Turnover(autocorrelation, replaced)


def correlations(one: Floats, other: Floats) -> Floats:
    """Pearson's of each row, over what both have; NaN with fewer than three figures, and where either does not vary."""
    a, b = _both(one, other)
    count = np.isfinite(a).sum(axis=1)
    varies = (_spread(a) > 0) & (_spread(b) > 0) & (count >= LEAST_NAMES)
    a, b = _apart(a, count), _apart(b, count)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.where(varies, (a * b).sum(axis=1) / np.where(varies, scale, 1.0), np.nan)


def rank_correlations(one: Floats, other: Floats) -> Floats:
    """Spearman's of each row: Pearson's of the ranks of what both have."""
    a, b = _both(one, other)
    return correlations(ranks_of(a), ranks_of(b))


def _both(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    there = np.isfinite(one) & np.isfinite(other)
    return np.where(there, one, np.nan), np.where(there, other, np.nan)


def _spread(values: Floats) -> Floats:
    there = np.isfinite(values)
    high = np.where(there, values, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(there, values, np.inf).min(axis=1, initial=np.inf)
    return np.where(there.any(axis=1), high - low, 0.0)


def _apart(values: Floats, count: NDArray[np.int64]) -> Floats:
    there = np.isfinite(values)
    mean = np.where(there, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(there, values - mean[:, None], 0.0)


def _mean(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else np.nan
