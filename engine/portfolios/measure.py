"""Assets as the tests read them: amounts in the deal's currency, the spread and the interest of the period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from engine.portfolios.assets import Asset, Pool
from engine.portfolios.terms import DealTerms

NIL, CENT = Decimal(0), Decimal("0.01")
_DAYS_360, _MONTHS_30 = 360, 30


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, halves up.

    >>> cents(Decimal("0.125"))
    Decimal('0.13')
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def cents_up(amount: Decimal) -> Decimal:
    """The next cent that is no less: what a cure takes."""
    return amount.quantize(CENT, ROUND_CEILING)


def days_30_360(start: date, end: date) -> int:
    """Days between two dates of months of thirty days (bond basis)."""
    first = min(start.day, _MONTHS_30)
    last = _MONTHS_30 if end.day > _MONTHS_30 and first == _MONTHS_30 else end.day
    return _DAYS_360 * (end.year - start.year) + _MONTHS_30 * (end.month - start.month) + last - first


def year_fraction(day_count: str, start: date, end: date) -> Decimal | None:
    """The part of a year by a day count of the tape; None for one that is not known."""
    known = {
        "30/360": (days_30_360(start, end), 360),
        "ACTUAL/360": ((end - start).days, 360),
        "ACTUAL/365": ((end - start).days, 365),
    }.get(day_count.upper())
    return Decimal(known[0]) / known[1] if known else None


def par_of(asset: Asset, terms: DealTerms) -> Decimal:
    """Principal balance: par in the deal's currency, unfunded commitments included, PIK amounts never."""
    return asset.deal_par_amount * terms.fx[asset.currency]


def spread_of(asset: Asset, terms: DealTerms) -> Decimal | None:
    """The coupon spread of a SOFR loan whose floor is not above the benchmark, else coupon less benchmark."""
    if not asset.index:
        return None
    if "SOFR" in asset.index.upper() and asset.libor_floor is not None and asset.libor_floor <= terms.benchmark_rate:
        return asset.coupon_spread
    return None if asset.coupon is None else asset.coupon - terms.benchmark_rate


def interest_of(asset: Asset, terms: DealTerms) -> Decimal | None:
    """Interest and commitment fee of the period in the deal's currency; nothing of what defaulted or defers."""
    if asset.default_obligation or asset.piking:
        return NIL
    fraction = year_fraction(asset.day_count, terms.period_start, terms.period_end)
    if fraction is None or asset.coupon is None or asset.unfunded_amount is None or asset.piking is None:
        return None
    if asset.unfunded_amount and asset.commitment_fee is None:
        return None
    funded = asset.deal_par_amount - asset.unfunded_amount
    fee = asset.unfunded_amount * (asset.commitment_fee or NIL)
    return cents((cents(funded * asset.coupon * fraction) + cents(fee * fraction)) * terms.fx[asset.currency])


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum."""
    return sum(amounts, NIL)


@dataclass(frozen=True, slots=True)
class Base:
    """What most tests divide by."""

    performing_par: Decimal
    principal_cash: Decimal

    @property
    def collateral_principal_amount(self) -> Decimal:
        """Par that has not defaulted, and principal cash."""
        return self.performing_par + self.principal_cash


def base_of(pool: Pool, terms: DealTerms) -> Base:
    """The pool's par and cash."""
    return Base(total(par_of(asset, terms) for asset in pool.performing), pool.principal_cash)
