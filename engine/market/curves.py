"""Values quoted at points, read between them on a straight line and beyond them flat.

Between quoted tenors a rate is read on a straight line (model book, market set); the same reading serves spreads by
tenor and by notch.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, value) with x rising; at least one."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        places = [x for x, _ in self.points]
        if not places or any(b <= a for a, b in itertools.pairwise(places)):
            raise ValueError(f"expected points that rise, got {places}")

    @classmethod
    def of(cls, points: Iterable[tuple[float, float]]) -> Curve:
        """The curve through the points, in whatever order they come."""
        return cls(tuple(sorted(points)))

    def at(self, x: float) -> float:
        """The value at x: linear between points, flat outside them.

        >>> Curve(((5.0, 0.026), (10.0, 0.0255))).at(7.5)
        0.02575
        """
        upper = bisect_right(self.points, x, key=lambda point: point[0])
        if upper == 0 or upper == len(self.points):
            return self.points[min(upper, len(self.points) - 1)][1]
        (left, low), (right, high) = self.points[upper - 1], self.points[upper]
        return low + (high - low) * (x - left) / (right - left)
