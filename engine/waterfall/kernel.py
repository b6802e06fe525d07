"""The monthly priority of payments, compiled.

gross income -> opex -> wrap premium -> hedge payments and senior interest, pari passu -> senior principal -> DSRA
top-up -> swap losses beyond the margin -> mezzanine interest -> mezzanine principal -> cash trap -> equity. Source: model
book sections 6 and 9; its plain twin is `engine.book.waterfall`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.waterfall.terms import (
    BALLOON,
    COST_UNPAID,
    DEFERRED,
    DRAW,
    DSCR,
    DSRA_BALANCE,
    DSRA_DRAW,
    DSRA_RELEASED,
    EQUITY,
    FLAG_BITS,
    GROSS,
    HEDGE,
    HEDGE_UNPAID,
    LOCK_UP,
    MARGIN,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    MEZZ_UNPAID,
    OPEX,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    SHORTFALL,
    TOP_UP,
    TRAILING_DSCR,
    TRAP_BALANCE,
    TRAP_RELEASED,
    TRAPPED,
    WRAP,
    Floats,
    WaterfallPaths,
    WaterfallTerms,
)

# Below this share of the opening senior balance an amount is rounding, not a shortfall.
DUST = 1e-12
# Relative slack of the lock-up test, so that a DSCR lever set on the threshold does not trip on rounding.
SLACK = 1e-9


@njit(cache=True, nogil=True)
def trapped_share(ratio: float, levels: Floats, shares: Floats) -> float:
    """Share of the residual trapped at a trailing DSCR; 0 at or above every threshold."""
    share = 0.0
    for k in range(levels.size):
        if ratio < levels[k] * (1.0 - SLACK):
            share = max(share, shares[k])
    return share


@njit(cache=True, nogil=True)
def fill_reserve_targets(service: Floats, months: int, maturity: int, out: Floats) -> None:
    """DSRA target at the end of each month 0..maturity: the next `months` of senior service; 0 from maturity."""
    ahead = 0.0
    for m in range(min(months, maturity)):
        ahead += service[m]
    for m in range(out.size):
        out[m] = ahead if m < maturity else 0.0
        if m < maturity:
            ahead -= service[m]
            if m + months < maturity:
                ahead += service[m + months]


@njit(cache=True, nogil=True)
def fill_tests(paths: WaterfallPaths, terms: WaterfallTerms, out: Floats) -> None:
    """Monthly and trailing DSCR on scheduled service into out[:, DSCR] and out[:, TRAILING_DSCR]; NaN without service.

    Numerator: income less costs plus swap settlements on the scheduled balance, as in the cover measures.
    """
    income, costs, swap, schedule = paths.gross_income, paths.opex, paths.swap, paths.senior_schedule
    window, maturity = terms.window_months, terms.senior_maturity
    held_cash, held_service = np.zeros(window), np.zeros(window)
    cash_sum, service_sum, slot = 0.0, 0.0, 0
    dust = DUST * max(1.0, schedule[0])
    for m in range(1, terms.months + 1):
        opening = schedule[m - 1]
        rate = terms.senior_monthly_rate if m <= maturity else terms.senior_later_monthly_rate
        carry = terms.trs_carry if m <= maturity else 0.0
        cash = income[m - 1] - costs[m - 1] + swap[m - 1] + opening * carry
        service = opening * (rate + terms.wrap_monthly_rate)
        if not (terms.sweeps and m > maturity):
            service += opening - schedule[m]
        cash_sum += cash - held_cash[slot]
        service_sum += service - held_service[slot]
        held_cash[slot], held_service[slot] = cash, service
        slot = slot + 1 if slot + 1 < window else 0
        out[m - 1, DSCR] = cash / service if service > dust else np.nan
        out[m - 1, TRAILING_DSCR] = cash_sum / service_sum if service_sum > dust else np.nan


@njit(cache=True, nogil=True)
def run_waterfall(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats, out: Floats) -> int:
    """Every flow, balance, cover and flag by month into out (months, len(COLUMNS)); returns all flags raised.

    `targets` is the reserve target by month (months + 1), see `fill_reserve_targets`.
    """
    fill_tests(paths, terms, out)
    return pay(paths, terms, targets, terms.months, out)


@njit(cache=True, nogil=True)
def pay(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats, last: int, out: Floats) -> int:  # noqa: C901, PLR0912, PLR0915 - one priority of payments, read top to bottom
    """The priority of payments of months 1..last into `out`, whose trailing DSCR the cash trap reads; returns all flags.

    Without steps of the trap nothing is read there.
    """
    income, costs, swap = paths.gross_income, paths.opex, paths.swap
    schedule, mezz_schedule = paths.senior_schedule, paths.mezz_schedule
    lock_levels, lock_shares, maturity = paths.lock_levels, paths.lock_shares, terms.senior_maturity
    dust = DUST * max(1.0, schedule[0])
    # The part of a balloon the market will not refinance is due at maturity.
    carried = 1.0
    if not terms.sweeps and terms.refinance_capacity < schedule[maturity] - dust:
        carried = terms.refinance_capacity / schedule[maturity]
    senior, mezz, dsra, trap = schedule[0], mezz_schedule[0], terms.dsra_initial_amount, 0.0
    deferred, mezz_deferred, ahead = 0.0, 0.0, 0.0
    hedge_owed, wrap_owed, loss_owed = 0.0, 0.0, 0.0
    raised = 0
    for m in range(1, last + 1):
        row = out[m - 1]
        flags = 0
        rate = terms.senior_monthly_rate if m <= maturity else terms.senior_later_monthly_rate
        mezz_monthly_rate = terms.mezz_monthly_rate if m <= terms.mezz_maturity else terms.mezz_later_monthly_rate
        floor = max((schedule[m] if m < maturity else schedule[m] * carried) - ahead, 0.0)

        gross = income[m - 1]
        opex = min(gross, costs[m - 1])
        available = gross - opex

        hedge = swap[m - 1]
        if m <= maturity:
            hedge += senior * terms.trs_carry
        receipt, hedge_due = max(hedge, 0.0), max(-hedge, 0.0) + hedge_owed
        wrap_due = senior * terms.wrap_monthly_rate + wrap_owed
        available += receipt
        wrap = min(available, wrap_due)
        available -= wrap
        wrap_owed = wrap_due - wrap

        # Lock-up reads scheduled service, so it is known before anyone is paid; a release pays from the top.
        share = 0.0 if m == last else trapped_share(row[TRAILING_DSCR], lock_levels, lock_shares)
        trap_released = 0.0
        if share == 0.0:
            trap_released = trap
            trap = 0.0
            available += trap_released
        margin = 0.0
        if m == maturity:
            margin = max(terms.margin_amount - terms.margin_loss_amount, 0.0)
            available += margin

        interest_due = senior * rate + deferred * (1.0 + rate)
        principal_due = max(senior - floor, 0.0)
        # Short of cash, both are paid the same share of what they are due.
        hedge_paid = hedge_due
        if available < hedge_due + interest_due:
            hedge_paid = available * (hedge_due / (hedge_due + interest_due))
        available -= hedge_paid
        hedge_owed = hedge_due - hedge_paid
        interest = min(available, interest_due)
        available -= interest
        principal = min(available, principal_due)
        available -= principal
        draw = min(dsra, interest_due - interest + principal_due - principal)
        dsra -= draw
        drawn_for_interest = min(draw, interest_due - interest)
        interest += drawn_for_interest
        principal += draw - drawn_for_interest
        deferred = interest_due - interest
        senior -= principal
        if schedule[m] > schedule[m - 1]:
            # What is refinanced beyond the lease grows while nothing is let, at the rate it bears.
            senior += deferred
            deferred = 0.0
            carried *= (1.0 + rate) * schedule[m - 1] / schedule[m]
        unpaid = deferred + principal_due - principal

        top_up, released = 0.0, 0.0
        if m >= maturity:
            released = dsra
            dsra = 0.0
            available += released
        else:
            top_up = min(available, max(targets[m] - dsra, 0.0))
            dsra += top_up
            available -= top_up
        # A loss beyond the margin ranks behind senior and ahead of mezzanine; what is missing stays owed there.
        if m == maturity:
            loss_owed = max(terms.margin_loss_amount - terms.margin_amount, 0.0)
        loss = min(available, loss_owed)
        available -= loss
        loss_owed -= loss
        margin -= loss

        mezz_due = mezz * mezz_monthly_rate + mezz_deferred * (1.0 + mezz_monthly_rate)
        mezz_interest = min(available, mezz_due)
        available -= mezz_interest
        grown = min(mezz_due - mezz_interest, max(mezz_schedule[m] - mezz_schedule[m - 1], 0.0))
        mezz_deferred = mezz_due - mezz_interest - grown
        mezz_principal = min(available, max(mezz - mezz_schedule[m], 0.0))
        available -= mezz_principal
        mezz += grown - mezz_principal

        if terms.sweep_ratio > 0.0 and m < maturity:
            swept = min(terms.sweep_ratio * available, senior)
            available -= swept
            senior -= swept
            principal += swept
            ahead += swept
        if terms.sweeps and m > maturity:
            swept = min(available, senior)
            available -= swept
            senior -= swept
            principal += swept
        if terms.mezz_sweeps and m > terms.mezz_maturity:
            swept = min(available, mezz)
            available -= swept
            mezz -= swept
            mezz_principal += swept
        trapped = share * available
        trap += trapped
        available -= trapped

        if hedge_owed + wrap_owed + loss_owed > dust:
            flags |= HEDGE_UNPAID
        if share > 0.0:
            flags |= LOCK_UP
        if draw > dust:
            flags |= DRAW
        if unpaid > dust:
            flags |= SHORTFALL
        if mezz_deferred > dust:
            flags |= DEFERRED
        if mezz - mezz_schedule[m] > dust:
            flags |= MEZZ_UNPAID
        if (m == maturity and carried < 1.0) or (m == last and terms.sweeps and senior > dust):
            flags |= BALLOON
        raised |= flags

        row[GROSS] = gross
        row[OPEX] = opex
        row[HEDGE] = receipt - hedge_paid
        row[WRAP] = wrap
        row[SENIOR_INTEREST] = interest
        row[SENIOR_PRINCIPAL] = principal
        row[TOP_UP] = top_up
        row[MEZZ_INTEREST] = mezz_interest
        row[MEZZ_PRINCIPAL] = mezz_principal
        row[TRAPPED] = trapped
        row[TRAP_RELEASED] = trap_released
        row[DSRA_DRAW] = draw
        row[DSRA_RELEASED] = released
        row[MARGIN] = margin
        row[EQUITY] = available
        row[SENIOR_BALANCE] = senior
        row[MEZZ_BALANCE] = mezz
        row[DSRA_BALANCE] = dsra
        row[TRAP_BALANCE] = trap
        row[SENIOR_UNPAID] = unpaid
        row[MEZZ_DEFERRED_BALANCE] = mezz_deferred
        row[COST_UNPAID] = costs[m - 1] - opex
        row[FLAG_BITS] = flags
    return raised
