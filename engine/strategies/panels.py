"""Panels: what was known of which name on which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Fields by day and name: each (days, names), NaN where nothing is known.

    Prices have `close`, `adv_shares`, `dividend_amount` (a share) and `split_ratio` (1 without one), unadjusted.
    """

    days: Days
    names: tuple[str, ...]
    fields: Mapping[str, Floats]

    def __getitem__(self, field: str) -> Floats:
        return self.fields[field]
