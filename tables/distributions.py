"""How a column is distributed, by group: what a histogram draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 40


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts by bin of each group, the bins equal for all; without edges where no value is known."""

    edges: list[float]
    counts: dict[str, list[int]]
    missing: int


def distribution(values: NDArray[np.float64], codes: NDArray[Any], groups: Mapping[Any, str]) -> Distribution:
    """The known values of (n,) counted in 40 bins for each group that `codes` (n,) names; NaN is missing."""
    known = ~np.isnan(values)
    missing = int((~known).sum())
    if not known.any():
        return Distribution([], {}, missing)
    edges = np.histogram_bin_edges(values[known], bins=BINS)
    counts = {
        word: np.histogram(values[known & (codes == code)], bins=edges)[0].tolist() for code, word in groups.items()
    }
    return Distribution(edges.tolist(), counts, missing)
