"""The layers of one evaluation that stand on its cash: senior, mezzanine, swaps, waterfall, returns. All compiled.

Each takes decoded levers and what the layer above gave, fills arrays the caller owns and returns its scalars. A search
calls them when its key changes, one financing once. Amounts in project currency, `rate` is monthly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.cash import CashLayer
from engine.deal.numbers import FlowLevers, MezzLevers, ProjectNumbers, Resolved, SeniorLevers
from engine.deal.reasons import COUPON_OFF, MATH_ERROR, MEZZ_DSCR_HIGH, NO_CAPACITY, TENOR_EXCEEDS, UNCOVERED
from engine.debt.construction import close_proceeds, prefunded_interest
from engine.debt.kinds import INTEREST_ONLY, SCULPTED
from engine.debt.sizing import fill_schedule, fill_service, refinance_capacity, size_debt
from engine.measures.cover import fill_cover
from engine.measures.returns import effective_rate, irr_monthly
from engine.ratings.checks import fill_verdict
from engine.waterfall.kernel import fill_reserve_targets, run_waterfall
from engine.waterfall.terms import (
    EQUITY,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    WaterfallPaths,
    WaterfallTerms,
)

Floats = NDArray[np.float64]

# Slack where a lever sits exactly on a limit.
SLACK = 1e-9
# Balances this small against the amount are rounding.
DUST = 1e-9


class SeniorLayer(NamedTuple):
    """A sized senior structure."""

    amount: float
    proceeds_amount: float
    prefunded_amount: float
    kind: int
    maturity: int
    coupon_rate: float
    dscr: float
    wrapped: bool
    monthly_rate: float
    wrap_monthly_rate: float
    later_monthly_rate: float
    refinance_limit: float
    ltv_ratio: float
    within_lease: bool


class MezzLayer(NamedTuple):
    """A sized mezzanine; `reason` is what Gate A has against the levers, 0 if nothing."""

    amount: float
    proceeds_amount: float
    prefunded_amount: float
    maturity: int
    monthly_rate: float
    later_monthly_rate: float
    reason: int


class StackLayer(NamedTuple):
    """What senior and mezzanine bring together; `reason` is Gate A's, 0 if passed."""

    prefunded_amount: float
    fee_amount: float
    coverage_ratio: float
    reason: int


class HedgeLayer(NamedTuple):
    """The swaps of a structure."""

    zcis_at: int
    trs_share: float
    trs_carry: float
    hedged_noi_amount: float


class FlowLayer(NamedTuple):
    """What a waterfall returns before any equity target; NaN where there is no such figure."""

    flags: int
    dsra_amount: float
    margin_amount: float
    equity_amount: float
    irr_rate: float
    npv_amount: float
    payback_months: float
    multiple: float
    senior_wal_years: float
    mezz_wal_years: float
    senior_yield_rate: float
    mezz_yield_rate: float


@njit(cache=True, nogil=True)
def build_senior(
    resolved: Resolved, levers: SeniorLevers, layer: CashLayer, base_cash: Floats, capacity: Floats, schedule: Floats,
    service: Floats, held_service: Floats
) -> SeniorLayer:  # fmt: skip
    """Senior debt sized on base CFADS, with its schedule and service (all-in, and as its holders receive it)."""
    project, terms = resolved.project, resolved.terms
    coupon, dscr, kind, maturity = levers.coupon_rate, levers.dscr, levers.kind, levers.maturity
    grace, wrapped = levers.grace_months, levers.wrapped
    rate = coupon / 12.0
    wrap_monthly_rate = project.wrap_premium_rate / 12.0 if wrapped else 0.0
    all_in = rate + wrap_monthly_rate
    later_monthly_rate = rate + (terms.step_up_rate if terms.sweeps else terms.refinance_spread_rate) / 12.0
    refinance_rate = all_in + terms.refinance_spread_rate / 12.0
    within_lease = maturity <= project.months - terms.lease_tail_months
    amount, limit = 0.0, 0.0
    schedule[:] = 0.0
    if within_lease:
        for m in range(project.months):
            capacity[m] = base_cash[m] / dscr
        limit = refinance_capacity(capacity, refinance_rate, maturity, project.months)
        sized = size_debt(kind, capacity, all_in, maturity, grace, refinance_rate, project.months)
        amount = _capped(sized, kind, levers.over_raise_ratio, project.internal_cost_amount, capacity)
    if amount > 0.0:
        fill_schedule(
            kind, amount, capacity, all_in, maturity, grace, refinance_rate, project.months, terms.sweeps, schedule
        )
    fill_service(schedule, all_in, maturity, later_monthly_rate + wrap_monthly_rate, project.months, service)
    fill_service(schedule, rate, maturity, later_monthly_rate, project.months, held_service)
    if terms.sweeps and maturity < project.months:
        # The final sweep of a balloon is not scheduled service.
        service[project.months - 1] -= schedule[project.months - 1]
    months, capitalised = project.senior_covered_months, project.senior_capitalised
    return SeniorLayer(
        amount, close_proceeds(amount, all_in, months, capitalised, resolved.paths.drawn),
        prefunded_interest(amount, all_in, months, capitalised, resolved.paths.drawn), kind,
        maturity, coupon, dscr, wrapped, rate, wrap_monthly_rate, later_monthly_rate, limit,
        amount / (project.market_cost_amount if terms.ltv_on_market_cost else max(layer.agency_value_amount, 1e-9)),
        within_lease,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _capped(sized: float, kind: int, headroom: float, cost: float, capacity: Floats) -> float:
    """The sized balance held to the over-raise cap; a sculpted profile shrinks in proportion."""
    limit = (1.0 + headroom) * cost
    if np.isnan(limit) or sized <= limit:
        return sized
    if kind == SCULPTED:
        for m in range(capacity.size):
            capacity[m] *= limit / sized
    return limit


@njit(cache=True, nogil=True)
def build_mezz(
    resolved: Resolved, levers: MezzLevers, senior: SeniorLayer, base_cash: Floats, service: Floats, capacity: Floats,
    schedule: Floats
) -> MezzLayer:  # fmt: skip
    """Mezzanine sized on what senior service leaves; none where the levers fail Gate A."""
    project, kind, dscr = resolved.project, levers.kind, levers.dscr
    years = levers.tenor_years
    maturity = senior.maturity if np.isnan(years) else min(12 * int(years), senior.maturity)
    rate = levers.coupon_rate / 12.0
    later_monthly_rate = rate + resolved.terms.refinance_spread_rate / 12.0
    schedule[:] = 0.0
    reason, amount = _lever_reason(senior, levers), 0.0
    if reason == 0 and levers.sized:
        for m in range(project.months):
            capacity[m] = base_cash[m] / dscr - service[m]
        amount = size_debt(kind, capacity, rate, maturity, 0, later_monthly_rate, project.months)
    if amount > 0.0:
        fill_schedule(kind, amount, capacity, rate, maturity, 0, later_monthly_rate, project.months, False, schedule)
    months, capitalised = project.mezz_covered_months, project.mezz_capitalised
    return MezzLayer(
        amount, close_proceeds(amount, rate, months, capitalised, resolved.paths.drawn),
        prefunded_interest(amount, rate, months, capitalised, resolved.paths.drawn), maturity, rate,
        later_monthly_rate, reason,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def build_stack(resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer) -> StackLayer:
    """What both tranches bring at close, and Gate A's verdict on the debt structure."""
    terms, reason = resolved.terms, mezz.reason
    if reason != 0:
        return StackLayer(0.0, 0.0, np.nan, reason)
    interest = senior.prefunded_amount + mezz.prefunded_amount
    raised = senior.proceeds_amount + mezz.proceeds_amount
    fees = terms.fee_fixed_amount + terms.fee_rate * raised
    coverage = (raised - fees - interest) / resolved.project.internal_cost_amount
    if not np.isfinite(coverage):
        reason = MATH_ERROR
    elif coverage < terms.coverage_floor_ratio * (1.0 - SLACK):
        reason = UNCOVERED
    return StackLayer(interest, fees, coverage, reason)


@njit(cache=True, nogil=True)
def _lever_reason(senior: SeniorLayer, mezz: MezzLevers) -> int:
    """What the levers alone get wrong, 0 if nothing."""
    if not senior.within_lease:
        return TENOR_EXCEEDS
    if mezz.sized and mezz.dscr >= senior.dscr * (1.0 - SLACK):
        return MEZZ_DSCR_HIGH
    if mezz.sized and mezz.coupon_rate <= senior.coupon_rate * (1.0 + SLACK):
        return COUPON_OFF
    return 0 if senior.amount > 0.0 else NO_CAPACITY


@njit(cache=True, nogil=True)
def build_hedge(resolved: Resolved, levers: FlowLevers, layer: CashLayer, senior: SeniorLayer) -> HedgeLayer:
    """The swaps of a structure."""
    terms, share = resolved.terms, levers.trs_share
    carry = share * (senior.coupon_rate - terms.trs_financing_rate) / 12.0
    return HedgeLayer(levers.zcis_at, share, carry, terms.hedged_ratio * layer.noi_amount)


@njit(cache=True, nogil=True)
def judge(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, schedule: Floats, cpi_path: int,
    shift_rate: float, hedged: Floats, headrooms: Floats, cover: Floats, verdict: Floats
) -> None:  # fmt: skip
    """Cover measures and rating of one cash path under a CPI path and a rate shock into `cover` and `verdict`.

    The shock moves the unfixed share of the coupon, and all of the swap's financing rate.
    """
    project, terms, paths = resolved.project, resolved.terms, resolved.paths
    for m in range(project.months):
        hedged[m] = cash[m] + hedge.hedged_noi_amount * paths.zcis[hedge.zcis_at, cpi_path, m]
    extra = terms.unfixed_ratio * shift_rate / 12.0
    carry = hedge.trs_carry + hedge.trs_share * (extra - shift_rate / 12.0)
    all_in = senior.monthly_rate + senior.wrap_monthly_rate + extra
    fill_cover(hedged, schedule, carry, all_in, senior.maturity, project.months, cover)
    fill_verdict(
        resolved.criteria, cover, senior.ltv_ratio, senior.maturity / 12.0, senior.kind, senior.wrapped,
        terms.tenant_cap_notch, terms.minimum_notch, terms.near_miss_ratio, headrooms, verdict,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def refinance_limit(resolved: Resolved, senior: SeniorLayer, cash: Floats, shift_rate: float) -> float:
    """What the CFADS after maturity refinances at the senior DSCR, with rates `shift_rate` a year higher."""
    rate = senior.monthly_rate + senior.wrap_monthly_rate + (resolved.terms.refinance_spread_rate + shift_rate) / 12.0
    return refinance_capacity(cash, rate, senior.maturity, resolved.project.months) / senior.dscr


@njit(cache=True, nogil=True)
def balloon_shortfall(
    resolved: Resolved, senior: SeniorLayer, schedule: Floats, cash: Floats, shift_rate: float
) -> float:
    """The part of a balloon that cannot be refinanced; 0 without a balloon, or where it is swept."""
    balloon = schedule[senior.maturity]
    if balloon <= 0.0 or resolved.terms.sweeps:
        return 0.0
    short = balloon - refinance_limit(resolved, senior, cash, shift_rate)
    return short if short > SLACK * balloon else 0.0


@njit(cache=True, nogil=True)
def fill_contributions(resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer, out: Floats) -> None:
    """Construction interest that no tranche covers, by month 1..C into out[1..C]: the sponsor pays it."""
    project, drawn = resolved.project, resolved.paths.drawn
    all_in = senior.monthly_rate + senior.wrap_monthly_rate
    out[0] = 0.0
    for m in range(1, project.construction_months + 1):
        undrawn = 1.0 - drawn[m - 1]
        out[m] = 0.0
        if m > project.senior_covered_months:
            out[m] += all_in * (senior.amount - senior.proceeds_amount * undrawn)
        if m > project.mezz_covered_months:
            out[m] += mezz.monthly_rate * (mezz.amount - mezz.proceeds_amount * undrawn)


@njit(cache=True, nogil=True)
def build_flow(
    resolved: Resolved, levers: FlowLevers, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer, hedge: HedgeLayer,
    gross: Floats, opex: Floats, schedule: Floats, held_service: Floats, mezz_schedule: Floats, swap: Floats,
    targets: Floats, periods: Floats, contributions: Floats, flows: Floats
) -> FlowLayer:  # fmt: skip
    """The base-case waterfall into `periods`, and what it returns to each party."""
    project, terms, paths = resolved.project, resolved.terms, resolved.paths
    for m in range(project.months):
        swap[m] = hedge.hedged_noi_amount * paths.zcis[hedge.zcis_at, 0, m]
    fill_reserve_targets(held_service, levers.dsra_months, senior.maturity, targets)
    margin = hedge.trs_share * senior.amount * terms.trs_haircut_ratio
    flags = run_waterfall(
        WaterfallPaths(gross, opex, swap, schedule, mezz_schedule, paths.lock_levels, paths.lock_shares),
        WaterfallTerms(
            project.months, senior.maturity, senior.monthly_rate, senior.later_monthly_rate, senior.wrap_monthly_rate, mezz.maturity, mezz.monthly_rate,
            mezz.later_monthly_rate, hedge.trs_carry, margin, 0.0, levers.dsra_months, targets[0], terms.window_months, terms.sweeps,
            senior.refinance_limit,
        ),
        targets,
        periods,
    )  # fmt: skip
    uses = project.internal_cost_amount + stack.fee_amount + targets[0] + stack.prefunded_amount + margin
    equity = uses - project.escrow_income_amount - senior.proceeds_amount - mezz.proceeds_amount
    fill_contributions(resolved, senior, mezz, contributions)
    senior_wal, senior_yield = _senior_holder(resolved, senior, periods, flows)
    mezz_wal, mezz_yield = _mezz_holder(resolved, mezz, mezz_schedule, periods, flows)
    irr, npv, payback, multiple = _sponsor(resolved, equity, contributions, periods, flows)
    return FlowLayer(
        flags, targets[0], margin, equity, irr, npv, payback, multiple, senior_wal, mezz_wal, senior_yield, mezz_yield
    )


@njit(cache=True, nogil=True)
def average_life_years(balances: Floats, opening: float, months: int, construction_months: int) -> float:
    """Weighted average life from close: the area under the balance over the amount; `balances` close each month."""
    area, balance = 0.0, opening
    for m in range(months):
        area += balance
        balance = balances[m]
    return (construction_months + area / opening) / 12.0


@njit(cache=True, nogil=True)
def _held_yield(
    opening: float, proceeds: float, rate: float, covered_months: int, capitalised: bool, construction_months: int,
    interest: Floats, principal: Floats, balances: Floats, taken_out_at: int, redeemed: float, drawn: Floats, flows: Floats
) -> float:  # fmt: skip
    """Effective annual yield of a holder who pays the proceeds as they are drawn and gets `redeemed` at `taken_out_at`."""
    flows[0] = 0.0
    before = 0.0
    for m in range(1, construction_months + 1):
        flows[m - 1] -= proceeds * (drawn[m - 1] - before)
        before = drawn[m - 1]
        flows[m] = 0.0 if capitalised and m <= covered_months else rate * (opening - proceeds * (1.0 - before))
    for m in range(taken_out_at):
        flows[construction_months + 1 + m] = interest[m] + principal[m]
    flows[construction_months + taken_out_at] += redeemed
    found, status = irr_monthly(0, flows[: construction_months + taken_out_at + 1])
    return found if status <= 1 else np.nan


@njit(cache=True, nogil=True)
def _senior_holder(resolved: Resolved, senior: SeniorLayer, periods: Floats, flows: Floats) -> tuple[float, float]:
    """(WAL, yield) of the senior notes; a refinanced balloon is repaid at maturity, late notes are held to lease end."""
    project = resolved.project
    swept = resolved.terms.sweeps and senior.kind == INTEREST_ONLY
    late = periods[senior.maturity - 1, SENIOR_UNPAID] > DUST * senior.amount
    held = project.months if swept or late else senior.maturity
    wal = average_life_years(periods[:, SENIOR_BALANCE], senior.amount, held, project.construction_months)
    # Paid on time at one rate, the yield is the coupon's; a capitalised wrap premium accretes to nobody's coupon.
    at_par = not project.senior_capitalised or senior.wrap_monthly_rate == 0.0
    if not (swept or late) and at_par:
        return wal, effective_rate(senior.monthly_rate)
    redeemed = periods[held - 1, SENIOR_BALANCE] if held < project.months else 0.0
    return wal, _held_yield(
        senior.amount, senior.proceeds_amount, senior.monthly_rate, project.senior_covered_months, project.senior_capitalised,
        project.construction_months, periods[:, SENIOR_INTEREST], periods[:, SENIOR_PRINCIPAL],
        periods[:, SENIOR_BALANCE], held, redeemed, resolved.paths.drawn, flows,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _mezz_holder(
    resolved: Resolved, mezz: MezzLayer, schedule: Floats, periods: Floats, flows: Floats
) -> tuple[float, float]:
    """(WAL, yield) of the mezzanine; NaN without one. A late mezzanine is held to lease end."""
    if mezz.amount <= 0.0:
        return np.nan, np.nan
    project, last = resolved.project, mezz.maturity - 1
    late = periods[last, MEZZ_BALANCE] - schedule[mezz.maturity] + periods[last, MEZZ_DEFERRED_BALANCE]
    held = mezz.maturity if late <= DUST * mezz.amount else project.months
    wal = average_life_years(periods[:, MEZZ_BALANCE], mezz.amount, held, project.construction_months)
    if held == mezz.maturity:
        return wal, effective_rate(mezz.monthly_rate)
    return wal, _held_yield(
        mezz.amount, mezz.proceeds_amount, mezz.monthly_rate, project.mezz_covered_months, project.mezz_capitalised,
        project.construction_months, periods[:, MEZZ_INTEREST], periods[:, MEZZ_PRINCIPAL], periods[:, MEZZ_BALANCE],
        held, 0.0, resolved.paths.drawn, flows,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _sponsor(
    resolved: Resolved, equity: float, contributions: Floats, periods: Floats, flows: Floats
) -> tuple[float, float, float, float]:
    """(IRR, NPV, payback in months from close, multiple) on the sponsor's money; NaN where debt funds all uses."""
    built, discount = resolved.project.construction_months, resolved.paths.npv_discount
    flows[0] = -equity
    for m in range(1, built + 1):
        flows[m] = -contributions[m]
    for m in range(resolved.project.months):
        flows[built + 1 + m] = periods[m, EQUITY]
    npv, balance, put_in, paid_out, payback = 0.0, 0.0, 0.0, 0.0, np.nan
    for t in range(flows.size):
        npv += flows[t] * discount[t]
        balance += flows[t]
        if t <= built:
            put_in -= flows[t]
        else:
            paid_out += flows[t]
            if np.isnan(payback) and balance >= 0.0:
                payback = float(t)
    if equity <= 0.0:
        return np.nan, npv, np.nan, np.nan
    found, status = irr_monthly(0, flows)
    return (found if status <= 1 else np.nan), npv, payback, paid_out / put_in


@njit(cache=True, nogil=True)
def equity_proceeds(project: ProjectNumbers, contributions: Floats, periods: Floats, discount: Floats) -> float:
    """Present value at close of all the sponsor's flows after it, `discount` by month from close."""
    value = 0.0
    for m in range(1, project.construction_months + 1):
        value -= contributions[m] * discount[m]
    for m in range(project.months):
        value += periods[m, EQUITY] * discount[project.construction_months + 1 + m]
    return value


@njit(cache=True, nogil=True)
def blended_cost(senior: SeniorLayer, mezz: MezzLayer, proceeds: float, equity_rate: float) -> float:
    """Effective cost of senior, mezzanine and equity weighted by proceeds."""
    equity = max(proceeds, 0.0)
    cost = senior.proceeds_amount * effective_rate(senior.monthly_rate) + mezz.proceeds_amount * effective_rate(
        mezz.monthly_rate
    )
    return (cost + equity * equity_rate) / (senior.proceeds_amount + mezz.proceeds_amount + equity)


@njit(cache=True, nogil=True)
def instruments_used(levers: FlowLevers, senior: SeniorLayer, mezz: MezzLayer) -> int:
    """How many of mezzanine, inflation swap, TRS and wrap a structure uses."""
    used = 1 if mezz.amount > 0.0 else 0
    used += 1 if levers.zcis_tenor_years > 0 else 0
    used += 1 if levers.trs_share > 0.0 else 0
    return used + (1 if senior.wrapped else 0)
