"""Daily returns of names out of their prices, and of what is held in them."""

from __future__ import annotations

import numpy as np

from engine.strategies.panels import Floats, Panel


def name_returns(prices: Panel) -> Floats:
    """With dividends and splits, (days - 1, names): close x ratio + dividend over the close before, less one; NaN where either
    close is not known."""
    close = prices["close"]
    ratio = np.nan_to_num(prices.fields.get("split_ratio", np.ones_like(close)), nan=1.0)
    paid = np.nan_to_num(prices.fields.get("dividend_amount", np.zeros_like(close)))
    found: Floats = (close[1:] + paid[1:]) * ratio[1:] / close[:-1] - 1.0
    return found


def held_returns(returns: Floats, weights: Floats) -> Floats:
    """Of fixed weights (names,) over the days; a name without a return that day stands still."""
    return np.asarray(np.nan_to_num(returns) @ weights, dtype=np.float64)
