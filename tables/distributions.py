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


class Tally:
    """A distribution whose values come block by block, once their lowest and highest are known; NaN is missing."""

    def __init__(self, limits: tuple[float, float] | None, groups: Mapping[Any, str]) -> None:
        self._edges = None if limits is None else _edges(*limits)
        self._counts = {code: np.zeros(BINS, dtype=np.int64) for code in groups}
        self._groups, self._missing = groups, 0

    def add(self, values: NDArray[np.float64], codes: NDArray[Any]) -> None:
        """Nothing; the values of (n,) are counted in 40 bins for each group that `codes` (n,) names."""
        known = ~np.isnan(values)
        self._missing += int((~known).sum())
        if self._edges is not None:
            for code in self._counts:
                self._counts[code] += np.histogram(values[known & (codes == code)], bins=self._edges)[0]

    def told(self) -> Distribution:
        """The distribution of all values so far."""
        if self._edges is None:
            return Distribution([], {}, self._missing)
        counts = {word: self._counts[code].tolist() for code, word in self._groups.items()}
        return Distribution(self._edges.tolist(), counts, self._missing)


def limits_of(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The lowest and highest of the known values; None where none is known."""
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if known.size else None


def _edges(low: float, high: float) -> NDArray[np.float64]:
    """The bins' edges; values that differ by rounding alone are one value, about which the bins stand."""
    if high - low <= SLACK * max(abs(low), abs(high), 1.0):
        return np.linspace(low - 0.5, high + 0.5, BINS + 1)
    return np.histogram_bin_edges(np.array([low, high]), bins=BINS)


def distribution(values: NDArray[np.float64], codes: NDArray[Any], groups: Mapping[Any, str]) -> Distribution:
    """The known values of (n,) counted in 40 bins for each group that `codes` (n,) names; NaN is missing."""
    tally = Tally(limits_of(values), groups)
    tally.add(values, codes)
    return tally.told()
