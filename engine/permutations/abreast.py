"""Waterfalls of a walk, several abreast: deals of one senior tenor, kind, coupon and DSCR wait until the lanes are full."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.lanes import LANES, each, put, take_lanes
from engine.deal.layers import (
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    fill_contributions,
    flow_of,
    lock_steps,
    waterfall_terms,
)
from engine.deal.numbers import A_IRR, Resolved
from engine.deal.reasons import STOPPED_AT_A
from engine.deal.result import C_COVERAGE, C_GATE, C_SPONSOR_EQUITY, RESULT_SIZE, Scratch, fill_price, fill_returns
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
) = range(11)  # fmt: skip


class Waiting(NamedTuple):
    """Deals that wait: paths by month with the lanes side by side, terms by lane, results so far, and their rows.

    `rows` is (lanes, 2): the first and the last permutation of a deal, of which Gate A may have stopped some.
    """

    income: Floats
    costs: Floats
    swap: Floats
    schedule: Floats
    mezz_schedule: Floats
    targets: Floats
    terms: Floats
    sheet: Sheet
    flags: Floats
    results: Floats
    rows: NDArray[np.int64]


@njit(cache=True, nogil=True)
def new_waiting(resolved: Resolved) -> Waiting:
    """Room for as many deals as there are lanes."""
    months = resolved.project.months
    size, longer = months * LANES, (months + 1) * LANES
    # A column that nobody reads is written where the first one is.
    places = np.full(len(COLUMNS), GROSS * size)
    for column in READ:
        places[column] = column * size
    return Waiting(
        np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(longer), np.zeros(longer), np.zeros(longer),
        np.zeros(11 * LANES), Sheet(np.empty(len(COLUMNS) * size), places, LANES), np.empty(LANES),
        np.empty((LANES, RESULT_SIZE)), np.zeros((LANES, 2), dtype=np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def let_wait(
    resolved: Resolved, deal: Deal, dsra_months: int, work: Scratch, result: Floats, row: int, waiting: Waiting,
    lane: int
) -> None:  # fmt: skip
    """A deal of which `result` is known so far into a lane; `row` is its first permutation."""
    hedge = deal[2]
    settlements = resolved.paths.zcis[hedge.zcis_at, 0]
    for m in range(resolved.project.months):
        waiting.swap[m * LANES + lane] = hedge.hedged_noi_amount * settlements[m]
    for m in range(resolved.project.months + 1):
        waiting.schedule[m * LANES + lane] = work.schedule[m]
        waiting.mezz_schedule[m * LANES + lane] = work.mezz_schedule[m]
        waiting.targets[m * LANES + lane] = work.targets[m]
    own = _terms(resolved, deal, dsra_months)
    terms = waiting.terms.reshape((11, LANES))
    terms[RATE, lane], terms[LATER_RATE, lane] = own.senior_monthly_rate, own.senior_later_monthly_rate
    terms[WRAP_RATE, lane], terms[CARRY, lane] = own.wrap_monthly_rate, own.trs_carry
    terms[MEZZ_MATURITY, lane], terms[MEZZ_RATE, lane] = own.mezz_maturity, own.mezz_monthly_rate
    terms[MEZZ_LATER_RATE, lane], terms[CAPACITY, lane] = own.mezz_later_monthly_rate, own.refinance_capacity
    terms[MARGIN, lane], terms[LOSS, lane] = own.margin_amount, own.margin_loss_amount
    terms[RESERVE, lane] = own.dsra_initial_amount
    waiting.results[lane] = result
    waiting.rows[lane] = row


@njit(cache=True, nogil=True)
def _terms(resolved: Resolved, deal: Deal, dsra_months: int) -> WaterfallTerms:
    senior, mezz, hedge = deal
    return waterfall_terms(
        resolved, senior, mezz, hedge, dsra_months, 0.0, 0.0, senior.margin_amount, 0.0, senior.refinance_limit,
        senior.sweep_ratio,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def run_waiting(resolved: Resolved, deal: Deal, work: Scratch, waiting: Waiting) -> None:
    """The waterfalls of all lanes; `deal` stands for what they have in common."""
    for m in range(resolved.project.months):
        at = m * LANES
        like = take_lanes(waiting.income, at)
        put(waiting.income, at, each(work.gross[m], like))
        put(waiting.costs, at, each(work.opex[m], like))
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
    put(waiting.flags, 0, pay(paths, abreast, waiting.targets, own.months, waiting.sheet))


@njit(cache=True, nogil=True)
def pay_waiting(
    resolved: Resolved, deals: list[Deal], count: int, work: Scratch, waiting: Waiting, axes: AxisTable,
    indices: NDArray[np.int64], out: Floats
) -> None:  # fmt: skip
    """The waterfalls of the deals that wait, and the results of all their permutations that Gate A let pass into `out`."""
    if count == 0:
        return
    months = resolved.project.months
    run_waiting(resolved, deals[0], work, waiting)
    cells = waiting.sheet.cells.reshape((len(COLUMNS), months, LANES))
    schedules = waiting.schedule.reshape((months + 1, LANES))
    mezz_schedules, swaps = waiting.mezz_schedule.reshape((months + 1, LANES)), waiting.swap.reshape((months, LANES))
    for lane in range(count):
        senior, mezz, hedge = deals[lane]
        periods, result = cells[:, :, lane].T, waiting.results[lane]
        fill_contributions(resolved, senior, mezz, work.contributions)
        flow = flow_of(
            resolved, senior, mezz, result[C_SPONSOR_EQUITY], int(waiting.flags[lane]), mezz_schedules[:, lane],
            periods, work.contributions, work.flows,
        )  # fmt: skip
        fill_returns(
            resolved, senior, hedge, flow, work.cash[0, 0], swaps[:, lane], schedules[:, lane], periods,
            work.contributions, work.flows, result,
        )  # fmt: skip
        for r in range(waiting.rows[lane, 0], waiting.rows[lane, 1] + 1):
            if out[C_GATE, r] == STOPPED_AT_A:
                continue
            at = position(axes, A_IRR, indices[r])
            fill_price(
                resolved.project, senior, mezz, resolved.paths.equity_discount[at], axes.values[A_IRR, at],
                work.contributions, periods, result,
            )  # fmt: skip
            result[C_COVERAGE] = out[C_COVERAGE, r]
            out[:, r] = result
