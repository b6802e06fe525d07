"""How a column is distributed, by group: what a histogram draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.limits import SLACK

BINS = 40


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts by bin of each group, the bins equal for all; without edges where no value is known."""

    edges: list[float]
    counts: dict[str, list[int]]
    missing: int


def _edges(known: NDArray[np.float64]) -> NDArray[np.float64]:
    """The bins' edges; values that differ by rounding alone are one value, about which the bins stand."""
    low, high = float(known.min()), float(known.max())
    if high - low <= SLACK * max(abs(low), abs(high), 1.0):
        return np.linspace(low - 0.5, high + 0.5, BINS + 1)
    return np.histogram_bin_edges(known, bins=BINS)


def distribution(values: NDArray[np.float64], codes: NDArray[Any], groups: Mapping[Any, str]) -> Distribution:
    """The known values of (n,) counted in 40 bins for each group that `codes` (n,) names; NaN is missing."""
    known = ~np.isnan(values)
    missing = int((~known).sum())
    if not known.any():
        return Distribution([], {}, missing)
    edges = _edges(values[known])
    counts = {
        word: np.histogram(values[known & (codes == code)], bins=edges)[0].tolist() for code, word in groups.items()
    }
    return Distribution(edges.tolist(), counts, missing)
