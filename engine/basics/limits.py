"""Whether a computed number keeps a limit: one slack for whoever compares the two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# A structure sized exactly at a limit comes out beside it by a few units of the last digit.
SLACK = 1e-9
# By comparison: what keeps it, of values and the two ends of what counts as the limit itself.
_KEEPS: dict[str, Callable[[Any, float, float], Any]] = {
    "<": lambda values, low, high: values < low,
    "<=": lambda values, low, high: values <= high,
    ">": lambda values, low, high: values > high,
    ">=": lambda values, low, high: values >= low,
    "=": lambda values, low, high: (values >= low) & (values <= high),
    "!=": lambda values, low, high: np.logical_not((values >= low) & (values <= high)),
}


def bounds(limit: float) -> tuple[float, float]:
    """The lowest and the highest computed number that count as the limit: 1e-9 aside, relative above one.

    >>> bounds(2e6)
    (1999999.998, 2000000.002)
    """
    slack = SLACK * max(1.0, abs(limit))
    return limit - slack, limit + slack


def keeps(values: Any, operator: str, limit: float) -> Any:
    """True where a value stands to the limit as the operator says, of < <= > >= = !=; NaN keeps none but !=.

    >>> keeps(0.1 + 0.2, "<=", 0.3), keeps(0.1 + 0.2, ">", 0.3)
    (True, False)
    """
    return _KEEPS[operator](values, *bounds(limit))
