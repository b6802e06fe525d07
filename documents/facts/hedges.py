"""The swaps of a structure, as a confirmation speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.facts.debt import MonthDate
from engine.permutations.structure import Structure


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
    """One leg: measured to an anniversary, settled over the twelve months after it; `net_amount` in the base case."""

    anniversary: int
    first_date: date
    last_date: date
    fixed_growth_ratio: float
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


def inflation_swap_of(structure: Structure, month_date: MonthDate) -> InflationSwap | None:
    """The strip, or None where the structure has none."""
    terms, tenor = structure.case.terms, int(structure.case.levers.levers_at(structure.index)["zcis_tenor_years"])
    if not structure.runs or not tenor:
        return None
    rate = terms.zcis_rate(tenor)
    monthly = structure.work.swap
    return InflationSwap(
        tenor_years=tenor,
        notional_amount=structure.hedge.hedged_noi_amount,
        fixed_rate=rate,
        breakeven_rate=rate + terms.zcis_dealer_spread_bps / 1e4,
        dealer_spread_bps=terms.zcis_dealer_spread_bps,
        hedged_ratio=terms.zcis_hedged_ratio,
        legs=tuple(
            InflationLeg(
                year, month_date(12 * year), month_date(12 * year + 12), (1.0 + rate) ** year - 1.0,
                float(monthly[12 * year : 12 * year + 12].sum()),
            )
            for year in range(1, tenor + 1)
        ),
    )  # fmt: skip


def return_swap_of(structure: Structure, month_date: MonthDate) -> ReturnSwap | None:
    """The swap, or None where the structure has none."""
    share, terms, flow = structure.hedge.trs_share, structure.case.terms, structure.flow
    if flow is None or not share:
        return None
    return ReturnSwap(
        share=share,
        notional_amount=share * structure.senior.amount,
        coupon_rate=structure.senior.coupon_rate,
        financing_rate=terms.trs_financing_rate,
        spread_bps=terms.trs_spread_bps,
        haircut_ratio=terms.trs_haircut_ratio,
        margin_amount=flow.margin_amount,
        maturity_date=month_date(structure.senior.maturity),
    )
