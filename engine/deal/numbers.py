"""What a kernel reads of one financing: scalars, paths and decoded levers, nothing left to look up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.axes import AXES, INDEXATIONS

Floats = NDArray[np.float64]

(
    A_RENT, A_OPEX, A_PUE, A_INDEXATION, A_FLOOR, A_CAP, A_TENOR, A_KIND, A_COUPON, A_DSCR, A_WRAP, A_GRACE, A_RAISE,
    A_MEZZANINE, A_MEZZ_DSCR, A_MEZZ_COUPON, A_MEZZ_TENOR, A_MEZZ_KIND, A_ZCIS, A_TRS, A_DSRA, A_IRR,
) = range(len(AXES))  # fmt: skip
CPI = float(INDEXATIONS.index("cpi"))


class CashLevers(NamedTuple):
    """Levers of the cash flow, the project's own where closed; NaN: no rent per kW, no floor, no cap."""

    rent_per_kw_month: float
    opex_ratio: float
    pue: float
    indexation: int
    floor_rate: float
    cap_rate: float
    collar_at: int


class SeniorLevers(NamedTuple):
    """Levers of the senior debt, with those of reserve and TRS, which are among the uses; NaN over-raise: none."""

    maturity: int
    kind: int
    coupon_rate: float
    dscr: float
    wrapped: bool
    grace_months: int
    over_raise_ratio: float
    dsra_months: int
    trs_share: float


class MezzLevers(NamedTuple):
    """Levers of the mezzanine; NaN tenor: the senior's."""

    sized: bool
    dscr: float
    coupon_rate: float
    tenor_years: float
    kind: int


class FlowLevers(NamedTuple):
    """Levers of the swaps and the reserve."""

    zcis_tenor_years: int
    zcis_at: int
    indexed: bool
    trs_share: float
    dsra_months: int


class Levers(NamedTuple):
    """All levers of one financing; the `_at` are rows of its paths."""

    cash: CashLevers
    senior: SeniorLevers
    mezz: MezzLevers
    flow: FlowLevers
    equity_irr_rate: float


@njit(cache=True, nogil=True)
def cash_levers(row: Floats, collar_at: int) -> CashLevers:
    """Cash levers of encoded lever values in catalogue order."""
    return CashLevers(row[A_RENT], row[A_OPEX], row[A_PUE], int(row[A_INDEXATION]), row[A_FLOOR], row[A_CAP], collar_at)


@njit(cache=True, nogil=True)
def senior_levers(row: Floats) -> SeniorLevers:
    """Senior levers of encoded lever values in catalogue order."""
    return SeniorLevers(
        12 * int(row[A_TENOR]), int(row[A_KIND]), row[A_COUPON], row[A_DSCR], row[A_WRAP] > 0.0, int(row[A_GRACE]),
        row[A_RAISE], int(row[A_DSRA]), row[A_TRS],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def mezz_levers(row: Floats) -> MezzLevers:
    """Mezzanine levers of encoded lever values in catalogue order."""
    return MezzLevers(
        row[A_MEZZANINE] > 0.0, row[A_MEZZ_DSCR], row[A_MEZZ_COUPON], row[A_MEZZ_TENOR], int(row[A_MEZZ_KIND])
    )


@njit(cache=True, nogil=True)
def flow_levers(row: Floats, zcis_at: int) -> FlowLevers:
    """Swap and reserve levers of encoded lever values in catalogue order."""
    return FlowLevers(int(row[A_ZCIS]), zcis_at, row[A_INDEXATION] == CPI, row[A_TRS], int(row[A_DSRA]))


@njit(cache=True, nogil=True)
def decoded(row: Floats) -> Levers:
    """Levers of one financing, whose paths have one row each."""
    return Levers(cash_levers(row, 0), senior_levers(row), mezz_levers(row), flow_levers(row, 0), row[A_IRR])


class ProjectNumbers(NamedTuple):
    """The project and its costs as scalars; amounts in project currency, months as counts.

    `months` is where the cash ends, in whole years: with the lease, or with a re-letting from `relet_from` to `let_until`.
    """

    months: int
    lease_months: int
    relet_from: int
    let_until: int
    construction_months: int
    gross_facility_mw: float
    monthly_rent_amount: float
    occupancy_ratio: float
    electricity_price_per_mwh: float
    hours_a_year: float
    utilisation_ratio: float
    asset_management_rate: float
    replacement_reserve_per_kw_amount: float
    appraisal_amount: float
    internal_cost_amount: float
    market_cost_amount: float
    escrow_income_amount: float
    senior_covered_months: int
    senior_capitalised: bool
    mezz_covered_months: int
    mezz_capitalised: bool
    wrap_premium_rate: float


class TermNumbers(NamedTuple):
    """Terms and general rules as scalars; rates a year."""

    capitalisation_rate: float
    agency_haircut_ratio: float
    discount_rate: float
    fee_rate: float
    fee_fixed_amount: float
    hedged_ratio: float
    trs_financing_rate: float
    trs_haircut_ratio: float
    sweeps: bool
    balloon_ratio: float
    sweep_ratio: float
    refinance_spread_rate: float
    step_up_rate: float
    window_months: int
    ard_window_months: int
    minimum_notch: int
    near_miss_ratio: float
    unfixed_ratio: float
    lease_tail_months: int
    coverage_floor_ratio: float
    tenant_cap_notch: int
    ltv_on_market_cost: bool
    stressed_floor: float
    gearing_limit_ratio: float
    gearing_on_uses: bool
    mezz_gap_ratio: float
    total_advance_limit_ratio: float
    total_dscr_floor: float
    underwritten_ratio: float
    bank_notch: int
    bank_tenor_years: float
    bank_advance_ratio: float
    bank_currency_fits: bool
    bank_class_confirmed: bool


class Paths(NamedTuple):
    """Index, stress and discount paths shared by all permutations.

    rent_index (collars, cpi paths, years), cpi_index and power_index (cpi paths, years), zcis (collars x tenors, cpi
    paths, months), rent_factor (defaults, months), shifts (rate shocks), equity_discount (targets, months + 1 from
    close), npv_discount (months + 1), let (months): share of the rent that the leases pay; drawn (construction months): share of debt drawn by the start of each; scenarios
    (grid, then those of ratings; cpi path, shift, default), required (criteria rows, scenarios of ratings).
    """

    rent_index: Floats
    cpi_index: Floats
    power_index: Floats
    zcis: Floats
    rent_factor: Floats
    shifts: Floats
    equity_discount: Floats
    npv_discount: Floats
    let: Floats
    drawn: Floats
    lock_levels: Floats
    lock_shares: Floats
    ard_levels: Floats
    ard_shares: Floats
    scenarios: NDArray[np.int64]
    plain_count: int
    grid_count: int
    required: NDArray[np.bool_]


class MarketNumbers(NamedTuple):
    """Coupons at which notes clear and above which they are out of market; NaN where no spread is quoted.

    `lives` are years, the rows of the others notches 0..22 by those lives; empty without a market.
    """

    lives: Floats
    senior_fair: Floats
    mezz_fair: Floats
    senior_cap: Floats
    mezz_cap: Floats


class TaxNumbers(NamedTuple):
    """The project's tax; a rate of nil where it pays none. The allowance is a year's, and finance is capped by EBITDA."""

    rate: float
    allowance_amount: float
    allowance_years: int
    interest_cap_ratio: float


class Resolved(NamedTuple):
    """Everything but the levers that a kernel reads."""

    project: ProjectNumbers
    terms: TermNumbers
    paths: Paths
    market: MarketNumbers
    criteria: Floats
    tax: TaxNumbers
