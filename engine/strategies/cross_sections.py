"""Steps across the names of one day: winsorised, standardised, neutral, combined figures.

Arrays are (days, names); NaN is a figure that is not known, and stays one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.strategies.panels import Floats

FLAT = 1e-12  # spread of a column, as a share of its figures, below which it is rounding
SPENT = 1e-9  # standard deviation left of a column of standard deviation 1, below which nothing is left


def winsorised(values: Floats, share: float) -> Floats:
    """Figures set on the quantiles `share` and 1 - `share` of their day where they lie beyond (linear quantiles)."""
    if not share:
        return values.copy()
    ordered = np.sort(values, axis=1)
    low, high = quantile(ordered, share), quantile(ordered, 1 - share)
    return np.clip(values, low[:, None], high[:, None])


def quantile(ordered: Floats, share: float) -> Floats:
    """The linear quantile of each sorted row, over the figures that are there; NaN in a row without any.

    >>> quantile(np.array([[1.0, 2.0, 3.0, np.nan]]), 0.25)
    array([1.5])
    """
    count = np.isfinite(ordered).sum(axis=1)
    at = share * np.maximum(count - 1, 0)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ordered))
    first: Floats = ordered[rows, below]
    found: Floats = first + (at - below) * (ordered[rows, above] - first)
    return found


def standardised(values: Floats, least_sd: float = 0.0) -> Floats:
    """Distance from the day's mean in standard deviations (divisor n - 1); NaN on a day without spread.

    >>> standardised(np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]))
    array([[-1.,  0.,  1.],
           [nan, nan, nan]])
    """
    there = np.isfinite(values)
    count = there.sum(axis=1)
    held = np.where(there, values, 0.0)
    mean = held.sum(axis=1) / np.maximum(count, 1)
    apart = np.where(there, values - mean[:, None], 0.0)
    sd = np.sqrt((apart**2).sum(axis=1) / np.maximum(count - 1, 1))
    spread = (count > 1) & (sd > least_sd) & (sd > FLAT * np.abs(held).max(axis=1, initial=0.0))
    scale = np.where(spread, sd, np.nan)
    return np.where(there, apart / scale[:, None], np.nan)


def neutral(values: Floats, groups: NDArray[np.int64], size: Floats | None) -> Floats:
    """What an ordinary least squares fit on group dummies and size leaves over of each day's figures.

    `groups` (names,) numbers each name's group, -1 where it is not known; `size` is (days, names). A name without a
    group or size has no residual. By Frisch, Waugh and Lovell: both sides less their group's mean, then one slope.
    """
    there = np.isfinite(values) & (groups >= 0)
    if size is not None:
        there &= np.isfinite(size)
    mine = (groups[:, None] == np.arange(max(groups.max(initial=-1), 0) + 1)).astype(np.float64)
    count = np.maximum(there.astype(np.float64) @ mine, 1.0)
    left = _less_group_mean(values, there, mine, count)
    if size is None:
        return np.where(there, left, np.nan)
    across = _less_group_mean(size, there, mine, count)
    power = (across**2).sum(axis=1)
    told = power > (FLAT * np.where(there, np.abs(size), 0.0).max(axis=1, initial=0.0)) ** 2 * there.sum(axis=1)
    slope = np.where(told, (left * across).sum(axis=1) / np.where(told, power, 1.0), 0.0)
    return np.where(there, left - slope[:, None] * across, np.nan)


def _less_group_mean(values: Floats, there: NDArray[np.bool_], mine: Floats, count: Floats) -> Floats:
    held = np.where(there, values, 0.0)
    means = (held @ mine) / count
    return np.where(there, held - means @ mine.T, 0.0)


def combined(parts: Sequence[Floats], weights: Sequence[float], least: int) -> Floats:
    """The weighted mean of the parts that are there, weights scaled up to 1; NaN with fewer than `least` of them."""
    total, weight = np.zeros_like(parts[0]), np.zeros_like(parts[0])
    count = np.zeros(parts[0].shape, np.int64)
    for part, each in zip(parts, weights, strict=True):
        there = np.isfinite(part)
        total += np.where(there, each * part, 0.0)
        weight += each * there
        count += there
    return np.where(count >= least, total / np.where(weight > 0, weight, 1.0), np.nan)
