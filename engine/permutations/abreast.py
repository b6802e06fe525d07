"""Waterfalls and returns of a walk, several abreast: deals of one senior tenor, kind, coupon and DSCR wait until the lanes are full."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.kernels import uncounted
from engine.basics.lanes import LANES, each, put, take_lanes
from engine.deal.flow import RETURNS_SIZE, Notes, equity_proceeds, fill_flow, flow_of
from engine.deal.layers import (
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    lock_steps,
    waterfall_terms,
)
from engine.deal.numbers import A_IRR, Resolved
from engine.deal.reasons import STOPPED_AT_A
from engine.deal.result import (
    C_COVERAGE,
    C_GATE,
    C_SPONSOR_EQUITY,
    RESULT_SIZE,
    Scratch,
    copy_row,
    fill_price,
    fill_returns,
    fill_taxed,
)
from engine.permutations.case import AxisTable, position
from engine.waterfall.kernel import fill_tests, pay
from engine.waterfall.terms import (
    COLUMNS,
    EQUITY,
    GROSS,
    HEDGE,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    TRAILING_DSCR,
    WRAP,
    Sheet,
    WaterfallPaths,
    WaterfallTerms,
)

Floats = NDArray[np.float64]
# One deal that waits: its senior, its mezzanine, its swaps.
Deal = tuple[SeniorLayer, MezzLayer, HedgeLayer]
# What returns are worked out of, and what the trap reads.
READ = (
    TRAILING_DSCR, EQUITY, SENIOR_BALANCE, SENIOR_UNPAID, SENIOR_INTEREST, SENIOR_PRINCIPAL, MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE, MEZZ_INTEREST, MEZZ_PRINCIPAL, WRAP, HEDGE,
)  # fmt: skip
# Terms in which deals that wait together differ, or might.
(
    RATE, LATER_RATE, WRAP_RATE, MEZZ_MATURITY, MEZZ_RATE, MEZZ_LATER_RATE, CARRY, MARGIN, LOSS, RESERVE, CAPACITY,
    AMOUNT, PROCEEDS, MEZZ_AMOUNT, MEZZ_PROCEEDS, EQUITY_AMOUNT,
) = range(16)  # fmt: skip
TERMS = 16
# Paths in which they differ.
SWAP, SCHEDULE, MEZZ_SCHEDULE, TARGETS = range(4)


class Waiting(NamedTuple):
    """Deals that wait: paths by month, of each lane and then side by side, terms by lane, results so far, their rows.

    `own` is (4, lanes, months + 1), in which nothing is written a month at a time. `rows` is (lanes, 2): the first and
    the last permutation of a deal, of which Gate A may have stopped some. `prices` is (equity targets, lanes).
    """

    own: Floats

    income: Floats
    costs: Floats
    swap: Floats
    schedule: Floats
    mezz_schedule: Floats
    targets: Floats
    terms: Floats
    sheet: Sheet
    flags: Floats
    contributions: Floats
    flows: Floats
    returned: Floats
    prices: Floats
    results: Floats
    rows: NDArray[np.int64]


@njit(cache=True, nogil=True)
def new_waiting(resolved: Resolved) -> Waiting:
    """Room for as many deals as there are lanes."""
    months, built = resolved.project.months, resolved.project.construction_months
    size, longer = months * LANES, (months + 1) * LANES
    # A column that nobody reads is written where the first one is.
    places = np.full(len(COLUMNS), GROSS * size)
    for column in READ:
        places[column] = column * size
    return Waiting(
        np.zeros((4, LANES, months + 1)), np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(longer), np.zeros(longer), np.zeros(longer),
        np.zeros(TERMS * LANES), Sheet(np.empty(len(COLUMNS) * size), places, LANES), np.empty(LANES),
        np.empty((built + 1) * LANES), np.empty((built + 1 + months) * LANES), np.empty(RETURNS_SIZE * LANES),
        np.empty((resolved.paths.equity_discount.shape[0], LANES)), np.empty((LANES, RESULT_SIZE)), np.zeros((LANES, 2), dtype=np.int64),
    )  # fmt: skip


@uncounted
def let_wait(
    resolved: Resolved, deal: Deal, dsra_months: int, work: Scratch, result: Floats, row: int, waiting: Waiting,
    lane: int
) -> None:  # fmt: skip
    """A deal of which `result` is known so far into a lane; `row` is its first permutation."""
    hedge = deal[2]
    settlements = resolved.paths.zcis[hedge.zcis_at, 0]
    swap = waiting.own[SWAP, lane]
    for m in range(resolved.project.months):
        swap[m] = hedge.hedged_noi_amount * settlements[m]
    copy_row(work.schedule, waiting.own[SCHEDULE, lane])
    copy_row(work.mezz_schedule, waiting.own[MEZZ_SCHEDULE, lane])
    copy_row(work.targets, waiting.own[TARGETS, lane])
    own = _terms(resolved, deal, dsra_months)
    terms = waiting.terms.reshape((TERMS, LANES))
    terms[AMOUNT, lane], terms[PROCEEDS, lane] = deal[0].amount, deal[0].proceeds_amount
    terms[MEZZ_AMOUNT, lane], terms[MEZZ_PROCEEDS, lane] = deal[1].amount, deal[1].proceeds_amount
    terms[EQUITY_AMOUNT, lane] = result[C_SPONSOR_EQUITY]
    terms[RATE, lane], terms[LATER_RATE, lane] = own.senior_monthly_rate, own.senior_later_monthly_rate
    terms[WRAP_RATE, lane], terms[CARRY, lane] = own.wrap_monthly_rate, own.trs_carry
    terms[MEZZ_MATURITY, lane], terms[MEZZ_RATE, lane] = own.mezz_maturity, own.mezz_monthly_rate
    terms[MEZZ_LATER_RATE, lane], terms[CAPACITY, lane] = own.mezz_later_monthly_rate, own.refinance_capacity
    terms[MARGIN, lane], terms[LOSS, lane] = own.margin_amount, own.margin_loss_amount
    terms[RESERVE, lane] = own.dsra_initial_amount
    copy_row(result, waiting.results[lane])
    waiting.rows[lane, 0] = waiting.rows[lane, 1] = row


@uncounted
def _terms(resolved: Resolved, deal: Deal, dsra_months: int) -> WaterfallTerms:
    senior, mezz, hedge = deal
    return waterfall_terms(
        resolved, senior, mezz, hedge, dsra_months, 0.0, 0.0, senior.margin_amount, 0.0, senior.refinance_limit,
        senior.sweep_ratio,
    )  # fmt: skip


@uncounted
def write_row(result: Floats, row: int, out: Floats) -> None:
    """A permutation's result into out (RESULT_SIZE, n)."""
    for k in range(result.size):
        out[k, row] = result[k]


@uncounted
def _side_by_side(own: Floats, out: Floats) -> None:
    """Paths by lane (lanes, months) into one row, month by month."""
    for m in range(out.size // LANES):
        for lane in range(LANES):
            out[m * LANES + lane] = own[lane, m]


@njit(cache=True, nogil=True)
def run_waiting(resolved: Resolved, deal: Deal, work: Scratch, waiting: Waiting) -> None:
    """The waterfalls of all lanes; `deal` stands for what they have in common."""
    for m in range(resolved.project.months):
        at = m * LANES
        like = take_lanes(waiting.income, at)
        put(waiting.income, at, each(work.gross[m], like))
        put(waiting.costs, at, each(work.opex[m], like))
    _side_by_side(waiting.own[SWAP], waiting.swap)
    _side_by_side(waiting.own[SCHEDULE], waiting.schedule)
    _side_by_side(waiting.own[MEZZ_SCHEDULE], waiting.mezz_schedule)
    _side_by_side(waiting.own[TARGETS], waiting.targets)
    own, terms = _terms(resolved, deal, 0), waiting.terms
    mezz_maturity: Any = take_lanes(terms, MEZZ_MATURITY * LANES)
    levels, shares = lock_steps(resolved, deal[0])
    paths = WaterfallPaths(
        waiting.income, waiting.costs, waiting.swap, waiting.schedule, waiting.mezz_schedule, levels, shares
    )
    abreast = WaterfallTerms(
        own.months, own.senior_maturity, take_lanes(terms, RATE * LANES), take_lanes(terms, LATER_RATE * LANES),
        take_lanes(terms, WRAP_RATE * LANES), mezz_maturity,
        take_lanes(terms, MEZZ_RATE * LANES), take_lanes(terms, MEZZ_LATER_RATE * LANES),
        take_lanes(terms, CARRY * LANES), take_lanes(terms, MARGIN * LANES), take_lanes(terms, LOSS * LANES),
        own.dsra_months, take_lanes(terms, RESERVE * LANES), own.window_months, own.sweeps, own.mezz_sweeps,
        take_lanes(terms, CAPACITY * LANES), own.sweep_ratio,
    )  # fmt: skip
    fill_tests(paths, abreast, waiting.sheet)
    put(waiting.flags, 0, pay(paths, abreast, waiting.targets, own.months, waiting.sheet).flags)


@njit(cache=True, nogil=True)
def _fill_returns(resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer, waiting: Waiting) -> None:
    """What the waterfalls of all lanes return; senior and mezzanine stand for what they have in common."""
    project, terms = resolved.project, waiting.terms
    rate, mezz_rate = take_lanes(terms, RATE * LANES), take_lanes(terms, MEZZ_RATE * LANES)
    maturity = each(float(senior.maturity), rate)
    fill_flow(
        resolved,
        Notes(
            take_lanes(terms, AMOUNT * LANES), take_lanes(terms, PROCEEDS * LANES), rate,
            rate + take_lanes(terms, WRAP_RATE * LANES), maturity, project.senior_covered_months,
            project.senior_capitalised, senior.sweeps,
        ),
        Notes(
            take_lanes(terms, MEZZ_AMOUNT * LANES), take_lanes(terms, MEZZ_PROCEEDS * LANES), mezz_rate, mezz_rate,
            take_lanes(terms, MEZZ_MATURITY * LANES), project.mezz_covered_months, project.mezz_capitalised,
            mezz.sweeps,
        ),
        take_lanes(terms, EQUITY_AMOUNT * LANES), waiting.mezz_schedule, waiting.sheet, waiting.contributions,
        waiting.flows, waiting.returned,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def pay_waiting(
    resolved: Resolved, deals: list[Deal], count: int, work: Scratch, waiting: Waiting, axes: AxisTable,
    indices: NDArray[np.int64], out: Floats
) -> None:  # fmt: skip
    """The waterfalls of the deals that wait, and the results of all their permutations that Gate A let pass into `out`."""
    if count == 0:
        return
    run_waiting(resolved, deals[0], work, waiting)
    _fill_returns(resolved, deals[0][0], deals[0][1], waiting)
    returned, contributions = waiting.returned.reshape((-1, LANES)), waiting.contributions.reshape((-1, LANES))
    waiting.prices[:] = np.nan
    for lane in range(count):
        (senior, mezz, hedge), result = deals[lane], waiting.results[lane]
        fill_returns(flow_of(int(waiting.flags[lane]), returned[:, lane].copy()), result)
        if resolved.tax.rate > 0.0:
            fill_taxed(
                resolved, senior, hedge, work.cash[0, 0], waiting.own[SWAP, lane], waiting.own[SCHEDULE, lane],
                Sheet(waiting.sheet.cells, waiting.sheet.places + lane, LANES), contributions[:, lane].copy(),
                work.flows, result,
            )  # fmt: skip
        for r in range(waiting.rows[lane, 0], waiting.rows[lane, 1] + 1):
            if out[C_GATE, r] == STOPPED_AT_A:
                continue
            at = position(axes, A_IRR, indices[r])
            prices = waiting.prices[at]
            if np.isnan(prices[0]):
                discount = resolved.paths.equity_discount[at]
                like = take_lanes(prices, 0)
                put(prices, 0, equity_proceeds(resolved.project, waiting.contributions, waiting.sheet, discount, like))
            fill_price(senior, mezz, prices[lane], axes.values[A_IRR, at], result)
            result[C_COVERAGE] = out[C_COVERAGE, r]
            write_row(result, r, out)
