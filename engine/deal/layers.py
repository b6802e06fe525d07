"""The layers of one evaluation that stand on its cash: senior, mezzanine, swaps. All compiled.

Each takes decoded levers and what the layer above gave, fills arrays the caller owns and returns its scalars. A search
calls them when its key changes, one financing once. Amounts in project currency, `rate` is monthly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.kernels import uncounted
from engine.deal.caps import Sized, cap_mezz, cap_senior, scale
from engine.deal.cash import CashLayer
from engine.deal.numbers import FlowLevers, MezzLevers, ProjectNumbers, Resolved, SeniorLevers
from engine.deal.reasons import COUPON_OFF, MEZZ_DSCR_HIGH, NAKED_SWAP, NO_CAPACITY, TENOR_EXCEEDS
from engine.debt.construction import close_proceeds, prefunded_interest
from engine.debt.kinds import CASH_SWEEP, INTEREST_ONLY, NOT_SIZED, has_ard_trap
from engine.debt.sizing import (
    annuity_factor,
    balloon_share,
    fill_relet_tail,
    fill_schedule,
    fill_service,
    is_swept,
    refinance_capacity,
    relet_capacity,
    size_balloon,
    size_debt,
)
from engine.measures.returns import Stream, average_life_years, effective_rate
from engine.waterfall.kernel import fill_reserve_targets
from engine.waterfall.terms import WaterfallTerms

Floats = NDArray[np.float64]

# Slack where a lever sits exactly on a limit.
SLACK = 1e-9
# Balances this small against the amount are rounding.
DUST = 1e-9
# The longest term of the level payment that an interest-only note is read on.
NOTIONAL_MONTHS = 300


class SeniorLayer(NamedTuple):
    """A sized senior structure.

    `repaid_month` is the month after which nothing is scheduled up to maturity, `notional_amount` the level payment an
    interest-only note is read on (0: amortising), `priced_wal_years` the scheduled average life from close, to the ARD,
    `balloon_ratio` the share that stands at maturity, `sweep_ratio` that of the residual which repays early; `sweeps`
    where the balloon is swept, `ard_trap` where cash is trapped as behind an ARD.
    """

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
    sized_by: int
    repaid_month: int
    dsra_amount: float
    margin_amount: float
    notional_amount: float
    priced_wal_years: float
    balloon_ratio: float
    sweep_ratio: float
    sweeps: bool
    ard_trap: bool


class MezzLayer(NamedTuple):
    """A sized mezzanine; `reason` is what Gate A has against the levers, 0 if nothing."""

    amount: float
    proceeds_amount: float
    prefunded_amount: float
    maturity: int
    monthly_rate: float
    later_monthly_rate: float
    reason: int
    sized_by: int
    sweeps: bool
    notional_amount: float
    priced_wal_years: float
    kind: int


class StackLayer(NamedTuple):
    """What senior and mezzanine bring together and what it pays for; `equity_amount` is the sponsor's cash, signed."""

    prefunded_amount: float
    fee_amount: float
    uses_amount: float
    equity_amount: float
    reason: int


class HedgeLayer(NamedTuple):
    """The swaps of a structure."""

    zcis_at: int
    has_zcis: bool
    trs_share: float
    trs_carry: float
    hedged_noi_amount: float


@njit(cache=True, nogil=True)
def notional_payment(amount: float, rate: float, months: int) -> float:
    """The level payment that repays an amount over 25 years, or so many months if those are fewer."""
    return amount / annuity_factor(rate, min(NOTIONAL_MONTHS, months))


@njit(cache=True, nogil=True)
def refinanced(project: ProjectNumbers, capacity: Floats, refinance_rate: float, maturity: int) -> float:
    """What a capacity refinances at maturity on all the cash that counts."""
    lease_end, again = project.lease_months, project.relet_from
    return relet_capacity(capacity, refinance_rate, maturity, lease_end, again, project.let_until)


@njit(cache=True, nogil=True)
def sized_on(
    project: ProjectNumbers, kind: int, capacity: Floats, rate: float, maturity: int, grace: int, refinance_rate: float,
    balloon_ratio: float
) -> float:  # fmt: skip
    """The balance a capacity carries; a balloon counts on all the cash that refinances it."""
    if balloon_share(kind, balloon_ratio) > 0.0:
        limit = refinanced(project, capacity, refinance_rate, maturity)
        return size_balloon(kind, capacity, rate, maturity, min(grace, maturity - 1), limit, balloon_ratio)
    return size_debt(kind, capacity, rate, maturity, grace, refinance_rate, project.lease_months)


@njit(cache=True, nogil=True)
def refinanced_beyond_lease(
    project: ProjectNumbers, sweeps: bool, alone: float, refinance_rate: float, maturity: int, schedule: Floats
) -> bool:
    """True where a refinanced balloon is more than the lease carries `alone`: it is then scheduled into the re-letting."""
    if sweeps or project.let_until <= project.relet_from or maturity >= project.lease_months:
        return False
    balloon = schedule[maturity]
    if balloon <= max(alone, 0.0) * (1.0 + SLACK):
        return False
    fill_relet_tail(
        balloon, alone, refinance_rate, maturity, project.lease_months, project.relet_from, project.let_until,
        schedule,
    )  # fmt: skip
    return True


@uncounted
def build_senior(
    resolved: Resolved, levers: SeniorLevers, layer: CashLayer, base_cash: Floats, capacity: Floats, schedule: Floats,
    service: Floats, targets: Floats
) -> SeniorLayer:  # fmt: skip
    """Senior debt sized on base CFADS within its caps, with its schedule, all-in service and reserve targets."""
    project, terms = resolved.project, resolved.terms
    coupon, dscr, kind, maturity = levers.coupon_rate, levers.dscr, levers.kind, levers.maturity
    grace, wrapped = levers.grace_months, levers.wrapped
    rate = coupon / 12.0
    wrap_monthly_rate = project.wrap_premium_rate / 12.0 if wrapped else 0.0
    all_in = rate + wrap_monthly_rate
    later_monthly_rate = rate + (terms.step_up_rate if terms.sweeps else terms.refinance_spread_rate) / 12.0
    refinance_rate = all_in + terms.refinance_spread_rate / 12.0
    lease_end = project.lease_months
    within_lease = maturity <= lease_end - terms.lease_tail_months
    months, capitalised = project.senior_covered_months, project.senior_capitalised
    amount, limit, alone = 0.0, 0.0, 0.0
    balloon = balloon_share(kind, terms.balloon_ratio)
    schedule[:] = 0.0
    if within_lease:
        for m in range(project.months):
            capacity[m] = base_cash[m] / dscr
        limit = refinanced(project, capacity, refinance_rate, maturity)
        alone = refinance_capacity(capacity, refinance_rate, maturity, lease_end)
        amount = sized_on(project, kind, capacity, all_in, maturity, grace, refinance_rate, terms.balloon_ratio)
    if amount > 0.0:
        fill_schedule(
            kind, amount, capacity, all_in, maturity, grace, refinance_rate, lease_end, terms.sweeps, schedule,
            terms.balloon_ratio,
        )  # fmt: skip
    fill_service(schedule, all_in, maturity, later_monthly_rate + wrap_monthly_rate, project.months, service)
    # A tenor beyond the lease is refused later; until then no array is read beyond it.
    fill_reserve_targets(service, levers.dsra_months, min(maturity, project.months), targets)
    by_refinancing = balloon > 0.0 and amount * balloon >= limit * (1.0 - SLACK)
    drawn = resolved.paths.drawn
    sized = Sized(amount, by_refinancing, close_proceeds(1.0, all_in, months, capitalised, drawn))
    interest = prefunded_interest(1.0, all_in, months, capitalised, drawn)
    spent = interest + levers.trs_share * terms.trs_haircut_ratio
    spent += terms.fee_rate * sized.proceeds_ratio + (targets[0] / amount if amount > 0.0 else 0.0)
    capped, sized_by = cap_senior(project, terms, layer.agency_value_amount, levers.over_raise_ratio, sized, spent)
    if capped < amount:
        for line in (schedule, service, targets):
            scale(line, capped / amount)
        amount = capped
    if refinanced_beyond_lease(project, terms.sweeps, alone, refinance_rate, maturity, schedule):
        fill_service(schedule, all_in, maturity, later_monthly_rate + wrap_monthly_rate, project.months, service)
    if terms.sweeps and maturity < lease_end:
        # The final sweep of a balloon is not scheduled service.
        service[lease_end - 1] -= schedule[lease_end - 1]
    waits = kind == INTEREST_ONLY
    return SeniorLayer(
        amount, amount * sized.proceeds_ratio, amount * interest, kind,
        maturity, coupon, dscr, wrapped, rate, wrap_monthly_rate, later_monthly_rate, limit,
        ltv_of(resolved, layer, amount), within_lease, sized_by, maturity if waits else repaid_in(schedule, maturity),
        targets[0], levers.trs_share * amount * terms.trs_haircut_ratio,
        notional_payment(amount, refinance_rate, lease_end) if waits else 0.0,
        scheduled_life_years(schedule, amount, maturity, project.construction_months) if amount > 0.0 else 0.0,
        balloon, terms.sweep_ratio if kind == CASH_SWEEP else 0.0, amount > 0.0 and is_swept(terms.sweeps, balloon),
        has_ard_trap(kind),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def scheduled_life_years(schedule: Floats, amount: float, maturity: int, construction_months: int) -> float:
    """Average life from close of scheduled balances, to maturity."""
    years: float = average_life_years(Stream(schedule, 1, 1, maturity), amount, float(maturity), construction_months)
    return years


@njit(cache=True, nogil=True)
def repaid_in(schedule: Floats, maturity: int) -> int:
    """The month in which an amortising schedule comes to nil."""
    for m in range(maturity):
        if schedule[m] <= DUST * schedule[0]:
            return max(m, 1)
    return maturity


@njit(cache=True, nogil=True)
def ltv_of(resolved: Resolved, layer: CashLayer, amount: float) -> float:
    """An amount over what the rule set's advance factors are read on."""
    on_cost = resolved.terms.ltv_on_market_cost
    return amount / (resolved.project.market_cost_amount if on_cost else max(layer.agency_value_amount, 1e-9))


@uncounted
def build_mezz(
    resolved: Resolved, levers: MezzLevers, senior_levers: SeniorLevers, layer: CashLayer, senior: SeniorLayer,
    base_cash: Floats, service: Floats, capacity: Floats, schedule: Floats
) -> MezzLayer:  # fmt: skip
    """Mezzanine sized on what senior service leaves, within its caps; none where the levers fail Gate A.

    Behind a senior with a balloon it takes the senior's form to the same date, so that it is not repaid before it.
    """
    project, terms, dscr = resolved.project, resolved.terms, levers.dscr
    follows = senior.balloon_ratio > 0.0
    kind, years = senior.kind if follows else levers.kind, levers.tenor_years
    maturity = senior.maturity if follows or np.isnan(years) else min(12 * int(years), senior.maturity)
    rate = levers.coupon_rate / 12.0
    sweeps = senior.sweeps
    later_monthly_rate = rate + (terms.step_up_rate if sweeps else terms.refinance_spread_rate) / 12.0
    months, capitalised, lease_end = project.mezz_covered_months, project.mezz_capitalised, project.lease_months
    schedule[:] = 0.0
    reason, amount, by_refinancing, alone = _lever_reason(senior, levers), 0.0, False, 0.0
    if reason == 0 and levers.sized:
        for m in range(project.months):
            capacity[m] = base_cash[m] / dscr
        refinance_rate = senior.monthly_rate + senior.wrap_monthly_rate + terms.refinance_spread_rate / 12.0
        room, alone = (
            refinanced(project, capacity, refinance_rate, maturity) - senior.amount * senior.balloon_ratio,
            refinance_capacity(capacity, refinance_rate, maturity, lease_end) - senior.amount * senior.balloon_ratio,
        )
        for m in range(project.months):
            capacity[m] -= service[m]
        if follows:
            amount = size_balloon(kind, capacity, rate, maturity, 0, room, terms.balloon_ratio)
            by_refinancing = amount * senior.balloon_ratio >= room * (1.0 - SLACK)
        else:
            amount = sized_on(project, kind, capacity, rate, maturity, 0, later_monthly_rate, terms.balloon_ratio)
            alone = refinance_capacity(capacity, later_monthly_rate, maturity, lease_end)
    drawn = resolved.paths.drawn
    sized = Sized(amount, by_refinancing, close_proceeds(1.0, rate, months, capitalised, drawn))
    interest = prefunded_interest(1.0, rate, months, capitalised, drawn)
    spent = interest + terms.fee_rate * sized.proceeds_ratio
    used = fixed_uses(resolved, senior)
    capped, sized_by = cap_mezz(
        project, terms, layer.agency_value_amount, senior_levers.over_raise_ratio, sized, spent, senior.amount,
        senior.proceeds_amount, used,
    )  # fmt: skip
    if capped <= DUST * senior.amount:
        # What a senior at its cap leaves to the last digit is no tranche.
        capped = 0.0
    if capped > 0.0:
        fill_schedule(
            kind, amount, capacity, rate, maturity, 0, later_monthly_rate, lease_end, sweeps, schedule,
            terms.balloon_ratio,
        )  # fmt: skip
        scale(schedule, capped / amount)
        refinanced_beyond_lease(project, sweeps, alone, later_monthly_rate, maturity, schedule)
    waits = kind == INTEREST_ONLY and capped > 0.0
    return MezzLayer(
        capped, capped * sized.proceeds_ratio, capped * interest, maturity, rate,
        later_monthly_rate, reason, sized_by, sweeps,
        notional_payment(capped, later_monthly_rate, lease_end) if waits else 0.0,
        scheduled_life_years(schedule, capped, maturity, project.construction_months) if capped > 0.0 else 0.0,
        kind,
    )  # fmt: skip


@uncounted
def fixed_uses(resolved: Resolved, senior: SeniorLayer) -> float:
    """Uses at close, net of escrow income, without anything the mezzanine costs."""
    terms = resolved.terms
    fees = terms.fee_fixed_amount + terms.fee_rate * senior.proceeds_amount
    spent = senior.dsra_amount + senior.margin_amount + senior.prefunded_amount
    return resolved.project.internal_cost_amount + fees + spent - resolved.project.escrow_income_amount


@uncounted
def build_stack(resolved: Resolved, levers: FlowLevers, senior: SeniorLayer, mezz: MezzLayer) -> StackLayer:
    """Uses at close, what of them both tranches leave to the sponsor, and what Gate A has against the levers."""
    reason = mezz.reason
    if reason == 0 and levers.zcis_tenor_years > 0 and not levers.indexed:
        reason = NAKED_SWAP
    interest = senior.prefunded_amount + mezz.prefunded_amount
    raised = senior.proceeds_amount + mezz.proceeds_amount
    fees = resolved.terms.fee_fixed_amount + resolved.terms.fee_rate * raised
    uses = fixed_uses(resolved, senior) + resolved.terms.fee_rate * mezz.proceeds_amount + mezz.prefunded_amount
    equity = uses - raised
    # Debt that fills its cap to the last digit leaves no equity, not a rounding of it.
    return StackLayer(interest, fees, uses, 0.0 if abs(equity) <= DUST * uses else equity, reason)


@uncounted
def fill_residual(
    resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer, base_cash: Floats, schedule: Floats, mezz_schedule: Floats,
    out: Floats
) -> None:  # fmt: skip
    """Base CFADS less scheduled service of both tranches by month: no reserve, no lock-up, swept early or after an ARD.

    After an ARD cash pays interest of both, then sweeps senior, then mezzanine; unpaid interest is deferred at its rate.
    """
    last, whole = resolved.project.months, resolved.terms.underwritten_ratio
    all_in = senior.monthly_rate + senior.wrap_monthly_rate
    later = senior.later_monthly_rate + senior.wrap_monthly_rate
    owed, mezz_owed, deferred, mezz_deferred, ahead = 0.0, 0.0, 0.0, 0.0, 0.0
    if senior.sweeps:
        owed, mezz_owed = schedule[senior.maturity], mezz_schedule[senior.maturity]
    for m in range(1, last + 1):
        left = base_cash[m - 1] / whole
        if senior.sweeps and m > senior.maturity:
            due, mezz_due = (
                owed * later + deferred * (1.0 + later),
                mezz_owed * mezz.later_monthly_rate + mezz_deferred * (1.0 + mezz.later_monthly_rate),
            )
            paid = min(max(left, 0.0), due)
            deferred, left = due - paid, left - paid
            paid = min(max(left, 0.0), mezz_due)
            mezz_deferred, left = mezz_due - paid, left - paid
            paid = min(max(left, 0.0), owed)
            owed, left = owed - paid, left - paid
            paid = min(max(left, 0.0), mezz_owed)
            mezz_owed, left = mezz_owed - paid, left - paid
        else:
            rate = all_in if m <= senior.maturity else later
            mezz_rate = mezz.monthly_rate if m <= mezz.maturity else mezz.later_monthly_rate
            closing = max(schedule[m] - ahead, 0.0)
            left -= max(schedule[m - 1] - ahead, 0.0) * (1.0 + rate) - closing
            left -= mezz_schedule[m - 1] * (1.0 + mezz_rate) - mezz_schedule[m]
            # Without the branch each month would wait for the one before.
            if senior.sweep_ratio > 0.0:
                paid = min(senior.sweep_ratio * max(left, 0.0), closing)
                ahead, left = ahead + paid, left - paid
        out[m - 1] = left


@njit(cache=True, nogil=True)
def capex_coverage(project: ProjectNumbers, stack: StackLayer, residual: Floats, discount: Floats) -> float:
    """Senior, mezzanine and equity value over all uses; `discount` by month from close at the equity target.

    An owner who would lose by letting again does not.
    """
    value, again = 0.0, 0.0
    for m in range(project.lease_months):
        value += residual[m] * discount[project.construction_months + 1 + m]
    for m in range(project.lease_months, project.months):
        again += residual[m] * discount[project.construction_months + 1 + m]
    return (stack.uses_amount - stack.equity_amount + value + max(again, 0.0)) / stack.uses_amount


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


@uncounted
def build_hedge(resolved: Resolved, levers: FlowLevers, layer: CashLayer, senior: SeniorLayer) -> HedgeLayer:
    """The swaps of a structure."""
    terms, share = resolved.terms, levers.trs_share
    carry = share * (senior.coupon_rate - terms.trs_financing_rate) / 12.0
    return HedgeLayer(levers.zcis_at, levers.zcis_tenor_years > 0, share, carry, terms.hedged_ratio * layer.noi_amount)


@uncounted
def refinance_limit(resolved: Resolved, senior: SeniorLayer, cash: Floats, shift_rate: float) -> float:
    """What the CFADS after maturity refinances at the senior DSCR, with rates `shift_rate` a year higher."""
    rate = senior.monthly_rate + senior.wrap_monthly_rate + (resolved.terms.refinance_spread_rate + shift_rate) / 12.0
    return refinanced(resolved.project, cash, rate, senior.maturity) / senior.dscr


@njit(cache=True, nogil=True)
def balloon_shortfall(
    resolved: Resolved, senior: SeniorLayer, schedule: Floats, cash: Floats, shift_rate: float
) -> float:
    """The part of a balloon that cannot be refinanced; 0 without a balloon, or where it is swept."""
    if senior.balloon_ratio <= 0.0 or senior.sweeps:
        return 0.0
    balloon = schedule[senior.maturity]
    short = balloon - refinance_limit(resolved, senior, cash, shift_rate)
    return short if short > SLACK * balloon else 0.0


@uncounted
def shifted_carry(resolved: Resolved, hedge: HedgeLayer, shift_rate: float) -> float:
    """Monthly carry of the return swap on the senior balance, with rates `shift_rate` a year higher."""
    fixed = 1.0 - resolved.terms.unfixed_ratio
    return hedge.trs_carry - hedge.trs_share * fixed * shift_rate / 12.0


@uncounted
def waterfall_terms(
    resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer, hedge: HedgeLayer, dsra_months: int, short_rate: float,
    long_rate: float, margin_amount: float, margin_loss_amount: float, refinance_limit: float, sweep_ratio: float
) -> WaterfallTerms:  # fmt: skip
    """Terms with short and long rates moved by so much a year; nil in the base case.

    Short rates move the unfixed coupons and what the swap finances at; long ones what is refinanced. Swept notes keep
    their terms, a refinancing is priced at the new rates.
    """
    terms = resolved.terms
    extra, moved = terms.unfixed_ratio * short_rate / 12.0, long_rate / 12.0
    return WaterfallTerms(
        resolved.project.months, senior.maturity, senior.monthly_rate + extra,
        senior.later_monthly_rate + (extra if terms.sweeps else moved), senior.wrap_monthly_rate, mezz.maturity,
        mezz.monthly_rate + extra, mezz.later_monthly_rate + (extra if mezz.sweeps else moved),
        shifted_carry(resolved, hedge, short_rate), margin_amount, margin_loss_amount, dsra_months, senior.dsra_amount,
        terms.ard_window_months if senior.ard_trap else terms.window_months, terms.sweeps, mezz.sweeps,
        refinance_limit, sweep_ratio,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def no_mezz(senior: SeniorLayer) -> MezzLayer:
    """The mezzanine of a structure that has none."""
    return MezzLayer(0.0, 0.0, 0.0, senior.maturity, 0.0, 0.0, 0, NOT_SIZED, False, 0.0, 0.0, senior.kind)


@njit(cache=True, nogil=True)
def lock_steps(resolved: Resolved, senior: SeniorLayer) -> tuple[Floats, Floats]:
    """Thresholds and shares of the senior notes' cash trap: an ARD note has its own."""
    paths = resolved.paths
    if senior.ard_trap:
        return paths.ard_levels, paths.ard_shares
    return paths.lock_levels, paths.lock_shares


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
