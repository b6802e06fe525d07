"""The monthly priority of payments, compiled.

gross income -> opex -> wrap premium -> hedge payments and senior interest, pari passu -> senior principal -> DSRA
top-up -> swap losses beyond the margin -> mezzanine interest -> mezzanine principal -> cash trap -> equity. Source: model
book sections 6 and 9; its plain twin is `engine.book.waterfall`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.basics.lanes import any_of, each, over, pick, put, take, width_of
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
    Paid,
    Sheet,
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
    share = each(0.0, ratio)
    for k in range(levels.size):
        share = pick(ratio < levels[k] * (1.0 - SLACK), max(share, shares[k]), share)
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
def fill_tests(paths: WaterfallPaths, terms: WaterfallTerms, sheet: Sheet) -> None:
    """Monthly and trailing DSCR on scheduled service into DSCR and TRAILING_DSCR of the sheet; NaN without service.

    Numerator: income less costs plus swap settlements on the scheduled balance, as in the cover measures.
    """
    like = terms.trs_carry
    width, nil, none = width_of(like), each(0.0, like), each(np.nan, like)
    schedule, window, maturity = paths.senior_schedule, terms.window_months, terms.senior_maturity
    held_cash, held_service = np.zeros(window * width), np.zeros(window * width)
    cash_sum, service_sum, slot = nil, nil, 0
    dust = DUST * max(1.0, take(schedule, 0, like))
    for m in range(1, terms.months + 1):
        at, row = (m - 1) * width, (m - 1) * sheet.step
        opening = take(schedule, at, like)
        rate = terms.senior_monthly_rate if m <= maturity else terms.senior_later_monthly_rate
        carry = terms.trs_carry if m <= maturity else nil
        cash = take(paths.gross_income, at, like) - take(paths.opex, at, like) + take(paths.swap, at, like)
        cash = cash + opening * carry
        service = opening * (rate + terms.wrap_monthly_rate)
        if not (terms.sweeps and m > maturity):
            service = service + (opening - take(schedule, m * width, like))
        cash_sum = cash_sum + (cash - take(held_cash, slot, like))
        service_sum = service_sum + (service - take(held_service, slot, like))
        put(held_cash, slot, cash)
        put(held_service, slot, service)
        slot = slot + width if slot + width < held_cash.size else 0
        put(sheet.cells, row + sheet.places[DSCR], pick(service > dust, over(cash, service), none))
        put(sheet.cells, row + sheet.places[TRAILING_DSCR], pick(service_sum > dust, over(cash_sum, service_sum), none))


@njit(cache=True, nogil=True)
def whole_sheet(periods: Floats) -> Sheet:
    """A sheet of all columns, (months, len(COLUMNS))."""
    return Sheet(periods.reshape(-1), np.arange(periods.shape[1]), periods.shape[1])


@njit(cache=True, nogil=True)
def run_waterfall(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats, out: Floats) -> int:
    """Every flow, balance, cover and flag by month into out (months, len(COLUMNS)); returns all flags raised.

    `targets` is the reserve target by month (months + 1), see `fill_reserve_targets`.
    """
    sheet = whole_sheet(out)
    fill_tests(paths, terms, sheet)
    return int(pay(paths, terms, targets, terms.months, sheet)[0])


@njit(cache=True, nogil=True)
def spread(terms: WaterfallTerms, like: float) -> WaterfallTerms:
    """Terms as `like` is one: of one run, or in lanes of as many."""
    return WaterfallTerms(
        terms.months, terms.senior_maturity, each(terms.senior_monthly_rate, like),
        each(terms.senior_later_monthly_rate, like), each(terms.wrap_monthly_rate, like),
        each(terms.mezz_maturity, like), each(terms.mezz_monthly_rate, like),
        each(terms.mezz_later_monthly_rate, like), each(terms.trs_carry, like), each(terms.margin_amount, like),
        each(terms.margin_loss_amount, like), terms.dsra_months, each(terms.dsra_initial_amount, like),
        terms.window_months, terms.sweeps, terms.mezz_sweeps, each(terms.refinance_capacity, like), terms.sweep_ratio,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def pay(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats, last: int, sheet: Sheet) -> Paid:  # noqa: C901, PLR0912, PLR0915 - one priority of payments, read top to bottom
    """The priority of payments of months 1..last into the sheet, whose trailing DSCR the cash trap reads.

    Without steps of the trap nothing is read there. Terms in lanes: of as many deals, whose figures of a month stand side
    by side in the paths and in the sheet; senior maturity, what is swept and the trap's steps are the same in each.
    """
    like = terms.trs_carry
    width, nil = width_of(like), each(0.0, like)
    schedule, mezz_schedule, maturity = paths.senior_schedule, paths.mezz_schedule, terms.senior_maturity
    cells, places = sheet.cells, sheet.places
    senior, mezz, dsra, trap = take(schedule, 0, like), take(mezz_schedule, 0, like), terms.dsra_initial_amount, nil
    dust = DUST * max(1.0, senior)
    # The part of a balloon the market will not refinance is due at maturity.
    carried = each(1.0, like)
    if not terms.sweeps:
        balloon = take(schedule, maturity * width, like)
        is_short = terms.refinance_capacity < balloon - dust
        carried = pick(is_short, over(terms.refinance_capacity, balloon), carried)
    deferred, mezz_deferred, ahead = nil, nil, nil
    hedge_owed, wrap_owed, loss_owed = nil, nil, nil
    # A flag is raised where the most there was in any month is more than dust.
    most_owed, most_share, most_drawn, most_unpaid, most_deferred, most_behind = nil, nil, nil, nil, nil, nil
    balloons = nil
    for m in range(1, last + 1):
        at, row = (m - 1) * width, (m - 1) * sheet.step
        rate = terms.senior_monthly_rate if m <= maturity else terms.senior_later_monthly_rate
        mezz_monthly_rate = pick(m <= terms.mezz_maturity, terms.mezz_monthly_rate, terms.mezz_later_monthly_rate)
        opening, closing = take(schedule, at, like), take(schedule, m * width, like)
        mezz_opening, mezz_closing = take(mezz_schedule, at, like), take(mezz_schedule, m * width, like)
        floor = max((closing if m < maturity else closing * carried) - ahead, 0.0)

        gross, costs = take(paths.gross_income, at, like), take(paths.opex, at, like)
        opex = min(gross, costs)
        available = gross - opex

        hedge = take(paths.swap, at, like)
        if m <= maturity:
            hedge = hedge + senior * terms.trs_carry
        receipt, hedge_due = max(hedge, 0.0), max(-hedge, 0.0) + hedge_owed
        wrap_due = senior * terms.wrap_monthly_rate + wrap_owed
        available = available + receipt
        wrap = min(available, wrap_due)
        available = available - wrap
        wrap_owed = wrap_due - wrap

        # Lock-up reads scheduled service, so it is known before anyone is paid; a release pays from the top.
        share = nil
        if m < last:
            share = trapped_share(take(cells, row + places[TRAILING_DSCR], like), paths.lock_levels, paths.lock_shares)
        is_free = share == 0.0
        trap_released = pick(is_free, trap, nil)
        trap = pick(is_free, nil, trap)
        available = available + trap_released
        margin = nil
        if m == maturity:
            margin = max(terms.margin_amount - terms.margin_loss_amount, nil)
            available = available + margin

        interest_due = senior * rate + deferred * (1.0 + rate)
        principal_due = max(senior - floor, 0.0)
        # Short of cash, both are paid the same share of what they are due.
        hedge_paid, is_short = hedge_due, available < hedge_due + interest_due
        if any_of(is_short):
            hedge_paid = pick(is_short, available * over(hedge_due, hedge_due + interest_due), hedge_due)
        available = available - hedge_paid
        hedge_owed = hedge_due - hedge_paid
        interest = min(available, interest_due)
        available = available - interest
        principal = min(available, principal_due)
        available = available - principal
        draw = min(dsra, interest_due - interest + principal_due - principal)
        dsra = dsra - draw
        drawn_for_interest = min(draw, interest_due - interest)
        interest = interest + drawn_for_interest
        principal = principal + (draw - drawn_for_interest)
        deferred = interest_due - interest
        senior = senior - principal
        grows = closing > opening
        if any_of(grows):
            # What is refinanced beyond the lease grows while nothing is let, at the rate it bears.
            senior = pick(grows, senior + deferred, senior)
            deferred = pick(grows, nil, deferred)
            carried = pick(grows, carried * over((1.0 + rate) * opening, closing), carried)
        unpaid = deferred + principal_due - principal

        top_up, released = nil, nil
        if m >= maturity:
            released = dsra
            dsra = nil
            available = available + released
        else:
            top_up = min(available, max(take(targets, m * width, like) - dsra, 0.0))
            dsra = dsra + top_up
            available = available - top_up
        # A loss beyond the margin ranks behind senior and ahead of mezzanine; what is missing stays owed there.
        if m == maturity:
            loss_owed = max(terms.margin_loss_amount - terms.margin_amount, nil)
        loss = min(available, loss_owed)
        available = available - loss
        loss_owed = loss_owed - loss
        margin = margin - loss

        mezz_due = mezz * mezz_monthly_rate + mezz_deferred * (1.0 + mezz_monthly_rate)
        mezz_interest = min(available, mezz_due)
        available = available - mezz_interest
        grown = min(mezz_due - mezz_interest, max(mezz_closing - mezz_opening, 0.0))
        mezz_deferred = mezz_due - mezz_interest - grown
        mezz_principal = min(available, max(mezz - mezz_closing, 0.0))
        available = available - mezz_principal
        mezz = mezz + (grown - mezz_principal)

        if terms.sweep_ratio > 0.0 and m < maturity:
            swept = min(terms.sweep_ratio * available, senior)
            available = available - swept
            senior = senior - swept
            principal = principal + swept
            ahead = ahead + swept
        if terms.sweeps and m > maturity:
            swept = min(available, senior)
            available = available - swept
            senior = senior - swept
            principal = principal + swept
        if terms.mezz_sweeps:
            swept = pick(m > terms.mezz_maturity, min(available, mezz), nil)
            available = available - swept
            mezz = mezz - swept
            mezz_principal = mezz_principal + swept
        trapped = share * available
        trap = trap + trapped
        available = available - trapped

        owed, behind = hedge_owed + wrap_owed + loss_owed, mezz - mezz_closing
        flags = pick(owed > dust, nil + HEDGE_UNPAID, nil) + pick(share > 0.0, nil + LOCK_UP, nil)
        flags = flags + pick(draw > dust, nil + DRAW, nil) + pick(unpaid > dust, nil + SHORTFALL, nil)
        flags = flags + pick(mezz_deferred > dust, nil + DEFERRED, nil) + pick(behind > dust, nil + MEZZ_UNPAID, nil)
        stands = nil
        if m == maturity:
            stands = pick(carried < 1.0, nil + BALLOON, nil)
        if m == last and terms.sweeps:
            stands = max(stands, pick(senior > dust, nil + BALLOON, nil))
        flags, balloons = flags + stands, max(balloons, stands)
        most_owed, most_share, most_drawn = max(most_owed, owed), max(most_share, share), max(most_drawn, draw)
        most_unpaid, most_deferred = max(most_unpaid, unpaid), max(most_deferred, mezz_deferred)
        most_behind = max(most_behind, behind)

        put(cells, row + places[GROSS], gross)
        put(cells, row + places[OPEX], opex)
        put(cells, row + places[HEDGE], receipt - hedge_paid)
        put(cells, row + places[WRAP], wrap)
        put(cells, row + places[SENIOR_INTEREST], interest)
        put(cells, row + places[SENIOR_PRINCIPAL], principal)
        put(cells, row + places[TOP_UP], top_up)
        put(cells, row + places[MEZZ_INTEREST], mezz_interest)
        put(cells, row + places[MEZZ_PRINCIPAL], mezz_principal)
        put(cells, row + places[TRAPPED], trapped)
        put(cells, row + places[TRAP_RELEASED], trap_released)
        put(cells, row + places[DSRA_DRAW], draw)
        put(cells, row + places[DSRA_RELEASED], released)
        put(cells, row + places[MARGIN], margin)
        put(cells, row + places[EQUITY], available)
        put(cells, row + places[SENIOR_BALANCE], senior)
        put(cells, row + places[MEZZ_BALANCE], mezz)
        put(cells, row + places[DSRA_BALANCE], dsra)
        put(cells, row + places[TRAP_BALANCE], trap)
        put(cells, row + places[SENIOR_UNPAID], unpaid)
        put(cells, row + places[MEZZ_DEFERRED_BALANCE], mezz_deferred)
        put(cells, row + places[COST_UNPAID], costs - opex)
        put(cells, row + places[FLAG_BITS], flags)
    raised = pick(most_owed > dust, nil + HEDGE_UNPAID, nil) + pick(most_share > 0.0, nil + LOCK_UP, nil)
    raised = raised + pick(most_drawn > dust, nil + DRAW, nil) + pick(most_unpaid > dust, nil + SHORTFALL, nil)
    raised = raised + pick(most_deferred > dust, nil + DEFERRED, nil)
    return Paid(raised + pick(most_behind > dust, nil + MEZZ_UNPAID, nil) + balloons, most_unpaid, senior)
