"""The swaps of a structure, as a confirmation speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from documents.facts.debt import MonthDate
from engine.deal.structure import Structure, modified_duration_years, stressed_terms
from engine.waterfall.terms import SENIOR_BALANCE


@dataclass(frozen=True, slots=True)
class InflationSwap:
    """Zero-coupon legs on the first year's NOI: the project receives the fixed rate's growth and pays the index's."""

    tenor_years: int
    notional_amount: float
    fixed_rate: float
    breakeven_rate: float
    dealer_spread_bps: float
    hedged_ratio: float
    legs: tuple[InflationLeg, ...]


@dataclass(frozen=True, slots=True)
class InflationLeg:
    """One leg: measured to an anniversary, settled over the twelve months after it.

    The project receives `fixed_amount` and pays `index_amount`, in the base case; `net_amount` is what it is paid.
    """

    anniversary: int
    first_date: date
    last_date: date
    fixed_growth_ratio: float
    fixed_amount: float
    index_amount: float
    net_amount: float


@dataclass(frozen=True, slots=True)
class ReturnSwap:
    """A total return swap on a share of the senior notes: receives their coupon, pays financing with its spread."""

    share: float
    notional_amount: float
    coupon_rate: float
    financing_rate: float
    spread_bps: float
    haircut_ratio: float
    margin_amount: float
    maturity_date: date
    duration_years: float
    years: tuple[CarryYear, ...]
    shocks: tuple[RateShock, ...]


@dataclass(frozen=True, slots=True)
class CarryYear:
    """What the swap exchanges in an operating year in the base case, on its share of the notes outstanding."""

    year: int
    end_date: date
    notional_amount: float
    receipt_amount: float
    payment_amount: float
    net_amount: float


@dataclass(frozen=True, slots=True)
class RateShock:
    """All rates higher by so much from the start: price lost at maturity, what of the margin is left to come back.

    `payable_amount` is the loss beyond the margin; `first_year_carry_amount` is the carry on the first balance.
    """

    shift_bps: float
    loss_amount: float
    margin_returned_amount: float
    payable_amount: float
    first_year_carry_amount: float


def inflation_swap_of(structure: Structure, month_date: MonthDate) -> InflationSwap | None:
    """The strip, or None where the structure has none."""
    terms, tenor = structure.deal.terms, structure.deal.choice.zcis_tenor_years
    if not structure.runs or not tenor:
        return None
    rate = terms.zcis_rate(tenor)
    return InflationSwap(
        tenor_years=tenor,
        notional_amount=structure.hedge.hedged_noi_amount,
        fixed_rate=rate,
        breakeven_rate=rate + terms.zcis_dealer_spread_bps / 1e4,
        dealer_spread_bps=terms.zcis_dealer_spread_bps,
        hedged_ratio=terms.zcis_hedged_ratio,
        legs=tuple(_leg(structure, year, rate, month_date) for year in range(1, tenor + 1)),
    )


def _leg(structure: Structure, year: int, rate: float, month_date: MonthDate) -> InflationLeg:
    growth = (1.0 + rate) ** year - 1.0
    net = float(structure.work.swap[12 * year : 12 * year + 12].sum())
    fixed = structure.hedge.hedged_noi_amount * growth
    return InflationLeg(year, month_date(12 * year), month_date(12 * year + 12), growth, fixed, fixed - net, net)


def return_swap_of(structure: Structure, month_date: MonthDate) -> ReturnSwap | None:
    """The swap, or None where the structure has none."""
    share, terms = structure.hedge.trs_share, structure.deal.terms
    if not structure.runs or not share:
        return None
    return ReturnSwap(
        share=share,
        notional_amount=share * structure.senior.amount,
        coupon_rate=structure.senior.coupon_rate,
        financing_rate=terms.trs_financing_rate,
        spread_bps=terms.trs_spread_bps,
        haircut_ratio=terms.trs_haircut_ratio,
        margin_amount=structure.senior.margin_amount,
        maturity_date=month_date(structure.senior.maturity),
        duration_years=modified_duration_years(structure),
        years=_carry(structure, month_date),
        shocks=tuple(_shock(structure, bps) for bps in terms.stress_rate_shifts_bps),
    )


def _carry(structure: Structure, month_date: MonthDate) -> tuple[CarryYear, ...]:
    """Coupon received and financing paid on the share of what the notes owe at the start of each month."""
    senior, share, terms = structure.senior, structure.hedge.trs_share, structure.deal.terms
    owed = np.concatenate([[senior.amount], structure.work.periods[: senior.maturity - 1, SENIOR_BALANCE]]) * share
    financing_rate = terms.trs_financing_rate + terms.trs_spread_bps / 1e4
    rows = owed.reshape(-1, 12)
    received, paid = (rows.sum(axis=1) * rate / 12.0 for rate in (senior.coupon_rate, financing_rate))
    return tuple(
        CarryYear(at + 1, month_date(12 * (at + 1)), float(rows[at, 0]), float(received[at]), float(paid[at]),
                  float(received[at] - paid[at]))
        for at in range(rows.shape[0])
    )  # fmt: skip


def _shock(structure: Structure, shift_bps: float) -> RateShock:
    shift = shift_bps / 1e4
    terms = stressed_terms(structure, shift, shift, structure.senior.refinance_limit)
    left = terms.margin_amount - terms.margin_loss_amount
    carry = 12.0 * terms.trs_carry * structure.senior.amount
    return RateShock(shift_bps, terms.margin_loss_amount, max(left, 0.0), max(-left, 0.0), carry)
