"""Daily returns of names out of their prices, and of what is held in them."""

from __future__ import annotations

import numpy as np

from engine.strategies.panels import Floats, Panel
from engine.strategies.price_factors import total_return_index


def name_returns(prices: Panel) -> Floats:
    """With dividends and splits, (days - 1, names); NaN before a name's first close and after its last. A halted day is nil,
    and what moved meanwhile falls on the next close."""
    index, quoted = total_return_index(prices), np.isfinite(prices["close"])
    later = np.maximum.accumulate(quoted[::-1], axis=0)[::-1]
    found: Floats = np.where(later[1:], index[1:] / index[:-1] - 1.0, np.nan)
    return found


def held_returns(returns: Floats, weights: Floats) -> Floats:
    """Of fixed weights (names,) over the days; a name without a return that day stands still."""
    return np.asarray(np.nan_to_num(returns) @ weights, dtype=np.float64)
