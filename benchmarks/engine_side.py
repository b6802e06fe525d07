"""The same deals through the engine's own kernel: one compiled loop, one deal at a time, one core."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.deals import Deals, Floats
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.resolve import Resolved, resolve
from engine.waterfall.steps import columns_of, run_steps
from engine.waterfall.terms import COLUMNS, EQUITY, WaterfallPaths, WaterfallTerms
from engine.waterfall.two_tranche import two_tranche_deal


class Rows(NamedTuple):
    """A batch with one contiguous row a deal, as the engine holds them; `numbers` are the terms in order."""

    gross_income: Floats
    opex: Floats
    swap: Floats
    senior_schedule: Floats
    mezz_schedule: Floats
    targets: Floats
    numbers: Floats
    lock_levels: Floats
    lock_shares: Floats


def rows_of(deals: Deals) -> Rows:
    """The batch turned from (months, deals) to one row a deal."""
    numbers = [
        np.full(deals.size, float(deals.months)),
        deals.senior_maturity,
        deals.senior_rate,
        deals.senior_later_rate,
        deals.wrap_rate,
        deals.mezz_maturity,
        deals.mezz_rate,
        deals.mezz_later_rate,
        deals.trs_carry,
        deals.margin_amount,
        deals.margin_loss_amount,
        deals.dsra_months,
        deals.dsra_initial_amount,
        np.full(deals.size, float(deals.window_months)),
        deals.sweeps,
        deals.mezz_sweeps,
        deals.refinance_capacity,
        np.full(deals.size, deals.sweep_ratio),
    ]
    return Rows(
        np.ascontiguousarray(deals.gross_income.T),
        np.ascontiguousarray(deals.opex.T),
        np.ascontiguousarray(deals.swap.T),
        np.ascontiguousarray(deals.senior_schedule.T),
        np.ascontiguousarray(deals.mezz_schedule.T),
        np.ascontiguousarray(deals.targets.T),
        np.ascontiguousarray(np.array(numbers, dtype=np.float64).T),
        deals.lock_levels,
        deals.lock_shares,
    )


@njit(cache=True, nogil=True)
def deal_of(rows: Rows, j: int) -> tuple[WaterfallPaths, WaterfallTerms]:
    """Deal j as the engine's kernel takes it."""
    t = rows.numbers[j]
    terms = WaterfallTerms(
        int(t[0]),
        int(t[1]),
        t[2],
        t[3],
        t[4],
        int(t[5]),
        t[6],
        t[7],
        t[8],
        t[9],
        t[10],
        int(t[11]),
        t[12],
        int(t[13]),
        t[14] > 0.0,
        t[15] > 0.0,
        t[16],
        t[17],
    )
    paths = WaterfallPaths(
        rows.gross_income[j],
        rows.opex[j],
        rows.swap[j],
        rows.senior_schedule[j],
        rows.mezz_schedule[j],
        rows.lock_levels,
        rows.lock_shares,
    )
    return paths, terms


@njit(cache=True, nogil=True)
def price_one(rows: Rows, j: int, out: Floats) -> int:
    """Every flow and balance of deal j into out (months, columns); the flags raised."""
    paths, terms = deal_of(rows, j)
    return run_waterfall(paths, terms, rows.targets[j], out)


class StepsDeal(NamedTuple):
    """One deal as the kernel of n classes takes it, and the table it writes to."""

    resolved: Resolved
    out: Floats
    columns: tuple[str, ...]


def steps_deals(deals: Deals, count: int) -> list[StepsDeal]:
    """The first deals of a batch as steps, resolved beforehand."""
    rows, found = rows_of(deals), []
    for j in range(count):
        terms, cash = two_tranche_deal(*deal_of(rows, j), rows.targets[j])
        columns = columns_of(terms)
        found.append(StepsDeal(resolve(terms, cash), np.zeros((deals.months, len(columns))), columns))
    return found


def price_steps(deals: list[StepsDeal]) -> None:
    """Each deal through the kernel of n classes, one call a deal."""
    for deal in deals:
        run_steps(deal.resolved, deal.out)


@njit(cache=True, nogil=True)
def price_all(rows: Rows, out: Floats) -> float:
    """Every deal in turn through one scratch table; the sum of what equity gets, so that nothing is skipped."""
    total = 0.0
    for j in range(rows.numbers.shape[0]):
        price_one(rows, j, out)
        total += out[:, EQUITY].sum()
    return total


def tables(deals: Deals) -> dict[str, Floats]:
    """Every column, (months, deals)."""
    rows = rows_of(deals)
    found = np.zeros((len(COLUMNS), deals.months, deals.size))
    for j in range(deals.size):
        out = np.zeros((deals.months, len(COLUMNS)))
        price_one(rows, j, out)
        found[:, :, j] = out.T
    return dict(zip(COLUMNS, found, strict=True))


def scratch(deals: Deals) -> Floats:
    """The table one deal is written to."""
    return np.zeros((deals.months, len(COLUMNS)))
