"""How long it takes to sell what is held, long or short, at a share of each day's volume; what has none is said, never nil days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError

Floats = NDArray[np.float64]
HORIZONS = (1, 5, 10)
STRESSES = (1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Liquidity:
    """Days by position (NaN: no volume, not assessable), shares of the gross value sold within a horizon's days.

    `stressed_days` are by what the volume was divided by. `longest_days` is NaN where no position can be assessed.
    """

    days: Floats
    whole_days: Floats
    gross_amount: float
    liquidated_ratio: dict[int, float]
    stressed_days: dict[float, Floats]
    longest_days: float
    not_assessable_ratio: float


def liquidity(
    shares: Floats,
    volumes: Floats,
    prices: Floats,
    participation_ratio: float,
    horizons: Sequence[int] = HORIZONS,
    stresses: Sequence[float] = STRESSES,
) -> Liquidity:
    """Of positions in shares, signs kept; volumes are shares a day, not known (NaN) counts as none."""
    if not 0.0 < participation_ratio <= 1.0:
        raise CalculationError(
            f"liquidity: expected a share of volume above 0 and up to 1, got {participation_ratio:g}"
        )
    days = days_to_sell(shares, volumes, participation_ratio)
    value = np.abs(shares) * prices
    gross, assessed = float(value.sum()), np.isfinite(days)
    return Liquidity(
        days=days,
        whole_days=np.ceil(days - 1e-12),
        gross_amount=gross,
        liquidated_ratio={horizon: _sold(days, value, horizon) for horizon in horizons},
        stressed_days={by: days_to_sell(shares, volumes / by, participation_ratio) for by in stresses},
        longest_days=float(days[assessed].max()) if assessed.any() else float("nan"),
        not_assessable_ratio=float(value[~assessed].sum() / gross) if gross else 0.0,
    )


def days_to_sell(shares: Floats, volumes: Floats, participation_ratio: float) -> Floats:
    """|shares| over the share of the volume, NaN where there is none; nothing held takes no day."""
    known = np.nan_to_num(volumes)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(known > 0.0, np.abs(shares) / (participation_ratio * known), np.nan)
    return np.where(shares == 0.0, 0.0, found)


def _sold(days: Floats, value: Floats, horizon: int) -> float:
    """Share of the gross value that is out after so many days, each position evenly over its own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(days > 0.0, np.minimum(horizon / days, 1.0), np.where(days == 0.0, 1.0, 0.0))
    gross = float(value.sum())
    return float((share * value).sum() / gross) if gross else 1.0
