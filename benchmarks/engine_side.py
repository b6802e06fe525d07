"""The same deals through the engine's own kernel: one compiled loop, one deal at a time, one core."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.deals import Deals, Floats
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.terms import COLUMNS, EQUITY, WaterfallPaths, WaterfallTerms


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
        deals.refinance_capacity,
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
def price_one(rows: Rows, j: int, out: Floats) -> int:
    """Every flow and balance of deal j into out (months, columns); the flags raised."""
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
        t[15],
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
    return run_waterfall(paths, terms, rows.targets[j], out)


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
