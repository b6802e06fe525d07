"""Index paths by operating year: the CPI as published, and the rent as the lease follows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cpi_index(annual_rates: Floats) -> Floats:
    """CPI level in operating years 1..n with year 1 = 1; `annual_rates[k]` is the rise from year k+1 to k+2.

    >>> cpi_index(np.array([0.02, 0.02])).round(6).tolist()
    [1.0, 1.02, 1.0404]
    """
    return np.concatenate(([1.0], np.cumprod(1.0 + np.asarray(annual_rates, dtype=np.float64))))


def lagged_rates(annual_rates: Floats, prior_rate: float, lag_months: int) -> Floats:
    """Annual rises as read `lag_months` earlier: each year blends with the one before, pro rata by month."""
    rates = np.asarray(annual_rates, dtype=np.float64)
    whole, part = divmod(lag_months, 12)
    history = np.concatenate((np.full(whole + 1, prior_rate), rates))
    n = rates.size
    near = history[1 : n + 1]
    far = history[:n]
    return near * (1.0 - part / 12.0) + far * (part / 12.0)


def collared_index(
    annual_rates: Floats, spread_rate: float, floor_rate: float | None, cap_rate: float | None
) -> Floats:
    """Lease index by operating year: each rise is CPI + spread held between floor and cap; year 1 = 1."""
    rises = np.asarray(annual_rates, dtype=np.float64) + spread_rate
    if floor_rate is not None:
        rises = np.maximum(rises, floor_rate)
    if cap_rate is not None:
        rises = np.minimum(rises, cap_rate)
    return np.concatenate(([1.0], np.cumprod(1.0 + rises)))


def fixed_index(annual_rate: float, years: int) -> Floats:
    """Index by operating year under a fixed escalator; year 1 = 1."""
    return np.asarray((1.0 + annual_rate) ** np.arange(years, dtype=np.float64))


def at_reviews(annual: Floats, review_years: int) -> Floats:
    """The index as it is paid: what it stood at at the last review; years on the last axis, the first is a review.

    >>> at_reviews(np.array([1.0, 1.02, 1.04, 1.06, 1.08]), 3).tolist()
    [1.0, 1.0, 1.0, 1.06, 1.06]
    """
    levels = np.asarray(annual, dtype=np.float64)
    found: Floats = levels[..., np.arange(levels.shape[-1]) // review_years * review_years]
    return found


def by_month(annual: Floats) -> Floats:
    """Twelve equal monthly values of each annual one (the level is repeated, not divided)."""
    return np.repeat(np.asarray(annual, dtype=np.float64), 12)
