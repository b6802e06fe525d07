"""Sizing where one coverage ratio is not enough: cash of two qualities, and a bullet that value also limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import CalculationError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Cash a period of one quality, and the coverage a lender asks of it."""

    cfads: Floats
    dscr: float

    def __post_init__(self) -> None:
        if self.dscr <= 0.0:
            raise CalculationError(f"bucket: expected a DSCR above zero, got {self.dscr:g}")


@dataclass(frozen=True, slots=True)
class BucketedDebt:
    """Debt sized on several buckets of cash, fully repaid by the service they allow."""

    debt_amount: float
    service: Floats
    blended_dscr: Floats


def size_buckets(buckets: list[Bucket], period_rate: float) -> BucketedDebt:
    """Debt whose service is the sum of each bucket's cash over its own DSCR.

    service_t = sum_b cfads_{b,t} / dscr_b; debt = sum_t service_t / (1+rate)^t; blended = cash / service.
    """
    if not buckets or len({b.cfads.size for b in buckets}) != 1:
        raise CalculationError("buckets: expected at least one, all of the same number of periods")
    service = np.sum([b.cfads / b.dscr for b in buckets], axis=0)
    cash = np.sum([b.cfads for b in buckets], axis=0)
    factors = (1.0 + period_rate) ** -np.arange(1, service.size + 1, dtype=np.float64)
    blended = np.divide(cash, service, out=np.full(service.size, np.nan), where=service > 0.0)
    return BucketedDebt(float(service @ factors), service, blended)


def contracted_and_merchant(
    contracted: ArrayLike, merchant: ArrayLike, dscr_contracted: float, dscr_merchant: float, period_rate: float
) -> BucketedDebt:
    """Debt on contracted and uncontracted cash, each at its own coverage."""
    contracted_bucket = Bucket(np.asarray(contracted, dtype=np.float64), dscr_contracted)
    merchant_bucket = Bucket(np.asarray(merchant, dtype=np.float64), dscr_merchant)
    return size_buckets([contracted_bucket, merchant_bucket], period_rate)


class BulletLimit(StrEnum):
    """Which test sets the size of a bullet."""

    DSCR = "dscr"
    LTV = "ltv"


@dataclass(frozen=True, slots=True)
class Bullet:
    """An interest-only loan repaid at once, with the tests a refinancing lender will make."""

    debt_by_dscr_amount: float
    debt_by_ltv_amount: float
    noi_amount: float
    value_amount: float
    rate: float

    @property
    def debt_amount(self) -> float:
        """The lower of the two limits; also the balloon."""
        return min(self.debt_by_dscr_amount, self.debt_by_ltv_amount)

    @property
    def binding(self) -> BulletLimit:
        """The limit that sets the size; coverage where both agree."""
        return BulletLimit.DSCR if self.debt_by_dscr_amount <= self.debt_by_ltv_amount else BulletLimit.LTV

    @property
    def interest_amount(self) -> float:
        """Interest of a year."""
        return self.debt_amount * self.rate

    @property
    def debt_yield_ratio(self) -> float:
        """NOI of a year over the debt."""
        return self.noi_amount / self.debt_amount

    @property
    def ltv_ratio(self) -> float:
        """Debt over value."""
        return self.debt_amount / self.value_amount

    @property
    def breakeven_value_fall_ratio(self) -> float:
        """How far value may fall before the balloon is worth more than the asset."""
        return 1.0 - self.ltv_ratio

    def dscr_if_rates_move(self, shift_bps: float) -> float:
        """Coverage of interest alone if the balloon is refinanced at the same balance, `shift_bps` dearer."""
        return self.noi_amount / (self.debt_amount * (self.rate + shift_bps / 10_000.0))


def size_bullet(noi_amount: float, dscr: float, rate: float, value_amount: float, max_ltv_ratio: float) -> Bullet:
    """The interest-only loan that both coverage and value allow: min(NOI / (DSCR x rate), LTV x value).

    >>> round(size_bullet(20.0, 1.5, 0.0617, 400.0, 0.65).debt_amount, 3)
    216.099
    """
    inputs = (noi_amount, dscr, rate, value_amount, max_ltv_ratio)
    if not np.isfinite(inputs).all() or min(inputs) <= 0.0:
        raise CalculationError(f"bullet: expected NOI, DSCR, rate, value and LTV above zero, got {inputs}")
    return Bullet(noi_amount / (dscr * rate), max_ltv_ratio * value_amount, noi_amount, value_amount, rate)
