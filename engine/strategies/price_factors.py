"""Factors that prices alone give: momentum and low volatility, for desks without fundamentals.

All are of a day and what came before it; prices are taken with dividends put back in and splits taken out.
"""

from __future__ import annotations

import numpy as np

from engine.strategies.panels import Floats, Panel

MONTH_DAYS, HALF_YEAR_DAYS, YEAR_DAYS = 21, 126, 252
LEAST_SHARE = 0.8  # of a window's returns, for a volatility
PRICE_FACTORS = {
    "momentum_12_1": "return from 252 to 21 trading days ago",
    "momentum_6_1": "return from 126 to 21 trading days ago",
    "low_volatility": "less the yearly volatility of 252 daily returns",
}


def total_return_index(prices: Panel) -> Floats:
    """What 1 put in on a name's first close has become, dividends put back in: (days, names).

    On a day without a close the last one stands, split and dividend taken off; NaN before the first.
    """
    close = prices["close"]
    split = _given(prices, "split_ratio", 1.0)
    dividend = _given(prices, "dividend_amount", 0.0)
    index, level, last = np.empty_like(close), np.full(close.shape[1], np.nan), np.full(close.shape[1], np.nan)
    for day, quoted in enumerate(close):
        worth = np.where(np.isfinite(quoted), quoted, last / split[day] - dividend[day])
        grown = level * (worth + dividend[day]) * split[day] / last
        level = np.where(np.isfinite(last), grown, np.where(np.isfinite(worth), 1.0, np.nan))
        index[day] = level
        last = worth
    return index


def _given(prices: Panel, field: str, otherwise: float) -> Floats:
    held = prices.fields.get(field)
    return np.full(prices["close"].shape, otherwise) if held is None else np.where(np.isfinite(held), held, otherwise)


def price_factors(prices: Panel) -> Panel:
    """Each of `PRICE_FACTORS` on each day, NaN on a day without a close and while the window is not full."""
    index = total_return_index(prices)
    traded = np.isfinite(prices["close"])
    fields = {
        "momentum_12_1": momentum(index, YEAR_DAYS, MONTH_DAYS),
        "momentum_6_1": momentum(index, HALF_YEAR_DAYS, MONTH_DAYS),
        "low_volatility": -volatility(index, YEAR_DAYS),
    }
    return Panel(prices.days, prices.names, {name: np.where(traded, grid, np.nan) for name, grid in fields.items()})


def momentum(index: Floats, from_days: int, until_days: int) -> Floats:
    """index[t - until] / index[t - from] - 1, NaN on the first `from_days` days."""
    grown = np.full_like(index, np.nan)
    if len(index) > from_days:
        grown[from_days:] = index[from_days - until_days : len(index) - until_days] / index[:-from_days] - 1
    return grown


def volatility(index: Floats, window_days: int) -> Floats:
    """Yearly standard deviation (n - 1, 252 days) of the last `window_days` daily returns, at least 80% of them there."""
    returns = np.full_like(index, np.nan)
    returns[1:] = index[1:] / index[:-1] - 1
    there = np.isfinite(returns)
    held = np.where(there, returns, 0.0)
    count = _rolling(there.astype(np.float64), window_days)
    mean = _rolling(held, window_days) / np.maximum(count, 1)
    spread = np.maximum(_rolling(held**2, window_days) - count * mean**2, 0.0)
    found = np.sqrt(spread / np.maximum(count - 1, 1) * YEAR_DAYS)
    full = (np.arange(len(index)) >= window_days)[:, None] & (count >= LEAST_SHARE * window_days)
    return np.where(full, found, np.nan)


def _rolling(values: Floats, window: int) -> Floats:
    """Sums of the last `window` rows, shorter at the start."""
    sums: Floats = np.cumsum(values, axis=0)
    sums[window:] -= sums[:-window].copy()
    return sums
