"""What the market quotes for one structure: zero rates and floor spreads by average life, at the ratings it achieved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.market import CurrencyMarket, Seniority
from engine.ratings.scale import NOT_RATED

# The inputs of one life, the first being 1.
QUOTED = ("life_years", "zero_rate", "senior_bps", "mezz_bps")


def quote_name(number: int, part: str) -> str:
    """The input of one life."""
    return f"market_{number}_{part}"


@dataclass(frozen=True, slots=True)
class Quotes:
    """Rows of life, zero rate, senior and mezzanine spread, lives rising; None where no spread is quoted so low.

    `mezz_notch` is the mezzanine's indicated rating.
    """

    rows: tuple[tuple[float, float, float | None, float | None], ...] = ()
    mezz_notch: int = NOT_RATED

    @classmethod
    def of(cls, market: CurrencyMarket, senior_notch: int, mezz_notch: int) -> Quotes:
        """The market at two notches."""
        return cls(tuple(
            (life, market.zero_rate(life), market.floor_spread_bps(senior_notch, life, Seniority.SENIOR),
             market.floor_spread_bps(mezz_notch, life, Seniority.MEZZANINE))
            for life in market.lives
        ), mezz_notch)  # fmt: skip

    def given(self) -> dict[str, Any]:
        """The inputs by name."""
        return {
            quote_name(number, part): value
            for number, row in enumerate(self.rows, 1)
            for part, value in zip(QUOTED, row, strict=True)
        }


NO_QUOTES = Quotes()
