"""Default rates by rating and year: powers of the published one-year matrix that the CLO room reads too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.portfolios.defaults import DEFAULT, migrated
from engine.ratings import LABELS
from portfolios.simulating import notch_matrix

MOST_YEARS = 30
LOWEST = "CCC"


@cache
def cumulative_rates() -> Mapping[str, tuple[float, ...]]:
    """Share that has defaulted by the end of years 1, 2, ... 30, by rating of the matrix."""
    ratings = [rating for rating in notch_matrix().ratings if rating != DEFAULT]
    powers = [migrated(notch_matrix(), years) for years in range(1, MOST_YEARS + 1)]
    places = {rating: notch_matrix().ratings.index(rating) for rating in ratings}
    return {rating: tuple(float(power[place, -1]) for power in powers) for rating, place in places.items()}


def default_probability(rating: str, years: int) -> float | None:
    """That of a rating over a horizon; CCC+ and below are one row, and what is not rated has none."""
    known = cumulative_rates()
    if rating not in known:
        if rating not in LABELS:
            return None
        rating = LOWEST
    return known[rating][min(max(years, 1), MOST_YEARS) - 1]
