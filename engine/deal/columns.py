"""The catalogue of a financing's result columns: what each means, its unit, and the words behind its codes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.basics.units import Unit


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One result column; `kind` is lever, gate, size, cover, stress, value, return or rank."""

    name: str
    label: str
    unit: Unit
    kind: str
    help: str = ""
    dtype: str = "float64"


REPO_VERDICTS: dict[int, str] = {0: "Not eligible", 1: "Not confirmed", 2: "Eligible"}
# What sized a tranche, by code.
SIZED_BY: dict[int, str] = {
    0: "Not sized",
    1: "DSCR",
    2: "Refinancing",
    3: "Cost",
    4: "Gearing",
    5: "Total advance",
    6: "Share of the gap",
}
FLAGS: dict[int, str] = {
    1: "LOCK_UP",
    2: "DSRA_DRAW",
    4: "SENIOR_SHORTFALL",
    8: "MEZZ_DEFERRED",
    16: "BALLOON_SHORTFALL",
    32: "HEDGE_SHORTFALL",
    64: "MEZZ_PRINCIPAL_UNPAID",
    128: "COUPON_ABOVE_MARKET",
}

_U = Unit
_FIXED = (
    ColumnSpec("gate", "Gate", _U.CODE, "gate", "0 stopped at Gate A, 1 stopped at Gate B, 2 passed.", "int8"),
    ColumnSpec("reason", "First reason", _U.CODE, "gate", "Why the permutation was stopped; 0 is none.", "int8"),
    ColumnSpec("near_miss", "Near miss", _U.FLAG, "gate", "One criterion of one rating fails, narrowly.", "int8"),
    ColumnSpec("senior_amount", "Senior debt", _U.AMOUNT, "size", "Balance at the start of operations."),
    ColumnSpec("senior_proceeds_amount", "Senior at close", _U.AMOUNT, "size", "Drawn at financial close."),
    ColumnSpec("mezz_amount", "Mezzanine debt", _U.AMOUNT, "size", "Balance at the start of operations."),
    ColumnSpec("mezz_proceeds_amount", "Mezzanine at close", _U.AMOUNT, "size", "Drawn at financial close."),
    ColumnSpec("sized_by", "Senior sized by", _U.CODE, "size", "The limit that binds the senior debt.", "int8"),
    ColumnSpec("mezz_sized_by", "Mezzanine sized by", _U.CODE, "size", "The limit that binds the mezzanine.", "int8"),
    ColumnSpec("coverage_ratio", "Capex coverage", _U.SHARE, "size",
               "Senior, mezzanine and equity value over all uses at close."),
    ColumnSpec("uses_amount", "Uses", _U.AMOUNT, "size", "Internal cost and the costs of financing it."),
    ColumnSpec("equity_ratio", "Equity share", _U.SHARE, "size", "Cash equity over all uses."),
    ColumnSpec("cash_released_amount", "Cash released", _U.AMOUNT, "size", "Debt at close beyond all uses; only with headroom."),
    ColumnSpec("loan_to_cost_ratio", "Loan to cost, internal", _U.SHARE, "size", "Senior and mezzanine over internal project cost."),
    ColumnSpec("market_loan_to_cost_ratio", "Loan to cost, market", _U.SHARE, "size", "Senior and mezzanine over project cost at market prices."),
    ColumnSpec("total_agency_ltv_ratio", "Total LTV, haircut value", _U.SHARE, "cover", "Senior and mezzanine over value less the haircut."),
    ColumnSpec("total_appraisal_ltv_ratio", "Total LTV, appraisal", _U.SHARE, "cover", "Senior and mezzanine over appraised or capitalised value."),
    ColumnSpec("total_dscr_minimum", "Total DSCR, minimum", _U.TIMES, "cover", "Lowest year's cover of all debt, after swaps."),
    ColumnSpec("total_dscr_average", "Total DSCR, average", _U.TIMES, "cover", "Mean yearly cover of all debt, after swaps."),
    ColumnSpec("debt_yield_ratio", "Debt yield", _U.SHARE, "cover", "Year-1 NOI over senior and mezzanine."),
    ColumnSpec("agency_ltv_ratio", "LTV, haircut value", _U.SHARE, "cover", "Senior over value less the haircut (house assumption)."),
    ColumnSpec("appraisal_ltv_ratio", "LTV, appraisal", _U.SHARE, "cover", "Senior over appraised or capitalised value."),
    ColumnSpec("cost_ltv_ratio", "LTV, market cost", _U.SHARE, "cover", "Senior over project cost at market prices."),
    ColumnSpec("dscr_minimum", "DSCR, minimum", _U.TIMES, "cover", "Lowest operating year, hedges included; interest-only: the lower of interest cover and the notional DSCR."),
    ColumnSpec("dscr_average", "DSCR, average", _U.TIMES, "cover", "Mean over the years to senior maturity."),
    ColumnSpec("notional_dscr_minimum", "DSCR, notional amortising", _U.TIMES, "cover",
               "Interest-only notes: lowest year's cover of a level payment over 25 years or the lease."),
    ColumnSpec("refinance_cover_ratio", "Refinancing cover", _U.TIMES, "cover", "What can be refinanced at maturity over the balloon."),
    ColumnSpec("llcr", "LLCR", _U.TIMES, "cover", "CFADS to maturity discounted at the senior rate, over senior debt."),
    ColumnSpec("plcr", "PLCR", _U.TIMES, "cover", "CFADS to lease end discounted at the senior rate, over senior debt."),
    ColumnSpec("icr", "ICR", _U.TIMES, "cover", "Lowest year's CFADS over senior interest."),
    ColumnSpec("rating_notch", "Rating", _U.CODE, "cover", "Best rating whose criteria all pass, after the tenant cap.", "int8"),
    ColumnSpec("mezz_rating_notch", "Mezzanine rating, indicated", _U.CODE, "cover", "By the same rows on all debt together.", "int8"),
    ColumnSpec("senior_fair_coupon_rate", "Fair senior coupon", _U.RATE, "cover", "Curve and floor spread at the achieved rating and average life."),
    ColumnSpec("mezz_fair_coupon_rate", "Fair mezzanine coupon", _U.RATE, "cover", "Curve and floor spread at the indicated rating and average life."),
    ColumnSpec("senior_coupon_margin_bps", "Senior coupon over fair", _U.BPS, "cover", "Below zero the notes do not clear."),
    ColumnSpec("binding_criterion", "Binding criterion", _U.CODE, "cover", "Criterion with the least headroom.", "int8"),
    ColumnSpec("binding_headroom_ratio", "Binding headroom", _U.SHARE, "cover", "Headroom over the limit; below zero is a failure."),
    ColumnSpec("repo_verdict", "Repo", _U.CODE, "cover", "Central-bank collateral: not eligible, not confirmed, eligible.", "int8"),
    ColumnSpec("worst_stressed_dscr", "DSCR, worst stress", _U.TIMES, "stress", "Lowest year over the whole stress grid."),
    ColumnSpec("worst_scenario", "Worst scenario", _U.CODE, "stress", "Number of the scenario with the lowest DSCR.", "int16"),
    ColumnSpec("stress_defaults", "Stress defaults", _U.COUNT, "stress", "Scenarios of the grid in which senior is not paid in full when due.", "int16"),
    ColumnSpec("notches_lost", "Notches lost", _U.COUNT, "stress", "Largest fall of the rating over the stress grid.", "int8"),
    ColumnSpec("stress_passed", "Stress passed", _U.FLAG, "stress", "Every scenario keeps the stressed DSCR floor and can refinance the balloon.", "int8"),
    ColumnSpec("stability_ratio", "DSCR stability", _U.SHARE, "stress", "Worst stressed over base minimum, within 0 and 1."),
    ColumnSpec("stress_key", "Stress key", _U.COUNT, "stress", "Joins the permutation to its rows of the stress table.", "int64"),
    ColumnSpec("structuring_fee_amount", "Structuring fees", _U.AMOUNT, "value", "On senior and mezzanine proceeds."),
    ColumnSpec("dsra_initial_amount", "Initial DSRA", _U.AMOUNT, "value", "Funded at close."),
    ColumnSpec("prefunded_interest_amount", "Pre-funded interest", _U.AMOUNT, "value", "Construction interest paid from proceeds."),
    ColumnSpec("trs_margin_amount", "TRS margin", _U.AMOUNT, "value", "Posted at close, returned at senior maturity."),
    ColumnSpec("equity_proceeds_amount", "Equity proceeds", _U.AMOUNT, "value", "Present value of distributions at the equity target."),
    ColumnSpec("day_one_value", "Day-one value", _U.AMOUNT, "value", "All proceeds less all uses at close, signed."),
    ColumnSpec("wacc_rate", "WACC", _U.RATE, "value", "Effective cost of senior, mezzanine and equity by proceeds."),
    ColumnSpec("sponsor_equity_amount", "Sponsor equity", _U.AMOUNT, "return", "Cash equity: uses at close not met by debt."),
    ColumnSpec("sponsor_irr_rate", "Equity IRR", _U.RATE, "return", "On sponsor equity held to lease end; empty if debt funds all uses."),
    ColumnSpec("sponsor_npv_amount", "Equity NPV", _U.AMOUNT, "return", "At the run's discount rate."),
    ColumnSpec("sponsor_payback_months", "Payback", _U.MONTHS, "return", "Months from close until sponsor equity is back."),
    ColumnSpec("sponsor_multiple", "Equity multiple", _U.TIMES, "return", "Distributions over sponsor equity."),
    ColumnSpec("senior_wal_years", "Senior WAL", _U.YEARS, "return", "From financial close."),
    ColumnSpec("mezz_wal_years", "Mezzanine WAL", _U.YEARS, "return", "From financial close."),
    ColumnSpec("senior_yield_rate", "Senior yield", _U.RATE, "return", "Effective annual yield to the holder."),
    ColumnSpec("mezz_yield_rate", "Mezzanine yield", _U.RATE, "return", "Effective annual yield to the holder."),
    ColumnSpec("after_tax_dscr_minimum", "DSCR after tax, minimum", _U.TIMES, "cover", "As the minimum, each year's tax paid first; empty where the project pays none."),
    ColumnSpec("after_tax_dscr_average", "DSCR after tax, average", _U.TIMES, "cover", "Mean over the years to senior maturity, each year's tax paid first."),
    ColumnSpec("after_tax_rating_notch", "Rating after tax", _U.CODE, "cover", "Best rating whose DSCR floors hold after tax, no better than before it.", "int8"),
    ColumnSpec("after_tax_irr_rate", "Equity IRR after tax", _U.RATE, "return", "The sponsor pays each year's tax."),
    ColumnSpec("flags", "Flags", _U.CODE, "return", "Sum of the flags raised in the base case.", "int16"),
    ColumnSpec("instruments", "Instruments", _U.COUNT, "value", "Of mezzanine, inflation swap, TRS and wrap: how many are used.", "int8"),
)  # fmt: skip

RESULT_COLUMNS: tuple[ColumnSpec, ...] = _FIXED
# Results that only the stress grid gives.
STRESS_RESULTS: frozenset[str] = frozenset(c.name for c in _FIXED if c.kind == "stress")
STRESS_COLUMNS: dict[str, ColumnSpec] = {
    c.name: c
    for c in (
        ColumnSpec("stress_key", "Stress key", _U.COUNT, "stress", dtype="int64"),
        ColumnSpec("scenario", "Scenario", _U.CODE, "stress", dtype="int16"),
        ColumnSpec("base_dscr", "DSCR, base", _U.TIMES, "stress"),
        ColumnSpec("stressed_dscr", "DSCR, stressed", _U.TIMES, "stress"),
        ColumnSpec("dscr_degradation_ratio", "Degradation", _U.SHARE, "stress"),
        ColumnSpec("breach_month", "Breach month", _U.MONTHS, "stress", "First operating month below 1.0x; 0 is none.", "int16"),
        ColumnSpec("recovery_months", "Months to recovery", _U.MONTHS, "stress", "-1: not before maturity.", "int16"),
        ColumnSpec("rating_notch", "Rating", _U.CODE, "stress", dtype="int8"),
        ColumnSpec("notches_moved", "Notches moved", _U.COUNT, "stress", dtype="int8"),
        ColumnSpec("defaulted", "Default", _U.FLAG, "stress", "Senior is not paid in full when due.", "int8"),
    )
}  # fmt: skip
