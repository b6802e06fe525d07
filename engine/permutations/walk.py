"""The walk: permutations in index order, each layer of work done once for all that share it.

A cash flow serves every financing of it, a senior structure every mezzanine behind it, a debt structure every
swap on it, a hedged cash flow every equity target. What a layer computes is kept until its key changes, so memory
does not depend on the space. `engine.book` works one permutation out at a time without any sharing;
tests hold the two equal.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.lanes import LANES
from engine.deal.axes import AXES
from engine.deal.cash import build_cash
from engine.deal.judgement import new_bench
from engine.deal.layers import build_hedge, build_mezz, build_senior, build_stack, fill_residual
from engine.deal.numbers import (
    A_CAP,
    A_DSRA,
    A_FLOOR,
    A_INDEXATION,
    A_IRR,
    A_MEZZANINE,
    A_TENOR,
    A_TRS,
    A_ZCIS,
    Resolved,
    cash_levers,
    flow_levers,
    mezz_levers,
    senior_levers,
)
from engine.deal.result import (
    C_COVERAGE,
    C_SPONSOR_EQUITY,
    RESULT_SIZE,
    STRESS_SIZE,
    UNKNOWN,
    fill_judged,
    fill_stopped,
    gate_a,
    new_memory,
    new_scratch,
    with_own_debt,
)
from engine.permutations.abreast import let_wait, new_waiting, pay_waiting, write_row
from engine.permutations.case import AxisTable, position

__all__ = ["RESULT_SIZE", "STRESS_SIZE", "walk"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
LEVERS = len(AXES)


@njit(cache=True, nogil=True)
def _decode(axes: AxisTable, index: int, first: int, stop: int, row: Floats) -> None:
    """Encoded values of a permutation on the axes first..stop into `row`."""
    for axis in range(first, stop):
        row[axis] = axes.values[axis, position(axes, axis, index)]


@njit(cache=True, nogil=True)
def _collar_at(axes: AxisTable, index: int) -> int:
    """Which rent index a permutation's indexation, floor and cap give."""
    at = position(axes, A_INDEXATION, index) * axes.lengths[A_FLOOR] + position(axes, A_FLOOR, index)
    collar: int = at * axes.lengths[A_CAP] + position(axes, A_CAP, index)
    return collar


@njit(cache=True, nogil=True)
def walk(  # noqa: C901, PLR0912, PLR0915 - one loop, a key a layer
    resolved: Resolved, axes: AxisTable, indices: Indices, out: Floats, stress_out: Floats
) -> int:  # fmt: skip
    """Results of sorted permutation `indices` into out (RESULT_SIZE, n), stress rows into stress_out; stress rows used.

    `out` comes filled with NaN, which stands for "not computed". `stress_out` is (rows, STRESS_SIZE).
    """
    choices = axes.lengths[A_TRS] * axes.lengths[A_DSRA]
    slots = axes.lengths[A_ZCIS] * choices
    shared, bench, memory = new_scratch(resolved), new_bench(resolved), new_memory(slots)
    row, result = np.empty(LEVERS), np.empty(RESULT_SIZE)
    cash_key, senior_key, mezz_key, flow_key, stress_rows, judged = -1, -1, -1, -1, 0, False
    # The reserve and the return swap are among the uses that debt is capped on: each choice of them has its own debt.
    # No comprehension: compiled with one, numba 0.68 loses what the loop below writes to `memory`.
    works = [with_own_debt(resolved, shared)]
    for _ in range(1, choices):
        works.append(with_own_debt(resolved, shared))  # noqa: PERF401
    senior_known, mezz_known = np.zeros(choices, dtype=np.bool_), np.zeros(choices, dtype=np.bool_)
    _decode(axes, indices[0] if indices.size else 0, 0, LEVERS, row)
    flow, work = flow_levers(row, 0), works[0]
    cash = build_cash(resolved, cash_levers(row, 0), work.gross, work.opex, work.cash)
    senior = build_senior(
        resolved, senior_levers(row), cash, work.cash[0, 0], work.capacity, work.schedule, work.service, work.targets
    )
    mezz = build_mezz(
        resolved, mezz_levers(row), senior_levers(row), cash, senior, work.cash[0, 0], work.service, work.mezz_capacity,
        work.mezz_schedule,
    )  # fmt: skip
    stack = build_stack(resolved, flow, senior, mezz)
    seniors, mezzes = [senior] * choices, [mezz] * choices
    waiting, count, open_lane = new_waiting(resolved), 0, -1
    deals = [(senior, mezz, build_hedge(resolved, flow, cash, senior))] * LANES
    for r in range(indices.size):
        index = indices[r]
        if index // axes.below_senior != senior_key:
            pay_waiting(resolved, deals, count, work, waiting, axes, indices, out)
            count = 0
        if index // axes.below_cash != cash_key:
            cash_key, senior_key = index // axes.below_cash, -1
            bench.cash_known[:] = False
            _decode(axes, index, 0, A_TENOR, row)
            cash = build_cash(resolved, cash_levers(row, _collar_at(axes, index)), work.gross, work.opex, work.cash)
        if index // axes.below_senior != senior_key:
            senior_key, mezz_key = index // axes.below_senior, -1
            memory.state[:] = UNKNOWN
            senior_known[:] = False
            _decode(axes, index, A_TENOR, A_MEZZANINE, row)
        if index // axes.below_mezz != mezz_key:
            mezz_key, flow_key = index // axes.below_mezz, -1
            mezz_known[:] = False
            _decode(axes, index, A_MEZZANINE, A_ZCIS, row)
        zcis_at = position(axes, A_ZCIS, index)
        discount = resolved.paths.equity_discount[position(axes, A_IRR, index)]
        if index // axes.below_flow != flow_key:
            flow_key, judged, open_lane = index // axes.below_flow, False, -1
            _decode(axes, index, A_ZCIS, A_IRR, row)
            choice = position(axes, A_TRS, index) * axes.lengths[A_DSRA] + position(axes, A_DSRA, index)
            slot, work = zcis_at * choices + choice, works[choice]
            if not senior_known[choice]:
                senior_known[choice] = True
                seniors[choice] = build_senior(
                    resolved, senior_levers(row), cash, work.cash[0, 0], work.capacity, work.schedule, work.service,
                    work.targets,
                )  # fmt: skip
            senior = seniors[choice]
            if not mezz_known[choice]:
                mezz_known[choice] = True
                mezzes[choice] = build_mezz(
                    resolved, mezz_levers(row), senior_levers(row), cash, senior, work.cash[0, 0], work.service,
                    work.mezz_capacity, work.mezz_schedule,
                )  # fmt: skip
                if mezzes[choice].reason == 0:
                    fill_residual(
                        resolved, senior, mezzes[choice], work.cash[0, 0], work.schedule, work.mezz_schedule,
                        work.residual,
                    )  # fmt: skip
            mezz = mezzes[choice]
            flow = flow_levers(row, _collar_at(axes, index) * axes.lengths[A_ZCIS] + zcis_at)
            stack = build_stack(resolved, flow, senior, mezz)
        coverage, reason = gate_a(resolved.project, resolved.terms, stack, work.residual, discount)
        if reason != 0:
            fill_stopped(resolved.project, senior, mezz, stack, reason, out[:, r])
            out[C_COVERAGE, r] = coverage
            continue
        out[C_COVERAGE, r] = coverage
        if not judged:
            judged = True
            hedge, stress_rows = fill_judged(
                resolved, flow, cash, senior, mezz, stack, work, bench, memory, slot, senior_key * slots + slot, result,
                stress_out, stress_rows,
            )  # fmt: skip
            if not np.isnan(result[C_SPONSOR_EQUITY]):
                if count == LANES:
                    pay_waiting(resolved, deals, count, work, waiting, axes, indices, out)
                    count = 0
                open_lane, count = count, count + 1
                deals[open_lane] = (senior, mezz, hedge)
                let_wait(resolved, deals[open_lane], flow.dsra_months, work, result, r, waiting, open_lane)
        if open_lane >= 0:
            waiting.rows[open_lane, 1] = r
            continue
        result[C_COVERAGE] = coverage
        write_row(result, r, out)
    pay_waiting(resolved, deals, count, work, waiting, axes, indices, out)
    return stress_rows
