"""What each layer of a walk costs on one financing of the demo project, and the least a waterfall's memory traffic costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.million import demo_case
from engine.basics.lanes import LANES, put, take_lanes
from engine.deal.judgement import (
    TOTAL_SIZE,
    fill_cover_of_lane,
    fill_scenario_covers,
    fill_scenario_defaults,
    fill_scenario_notches,
    fill_totals,
)
from engine.deal.layers import build_mezz, build_senior, fill_residual
from engine.deal.result import RESULT_SIZE, STRESS_SIZE, fill_judged, gate_a, new_memory
from engine.deal.structure import Structure, price
from engine.measures.cover import BREACH_MONTH
from engine.permutations import evaluate
from engine.permutations.abreast import let_wait, new_waiting, pay_waiting, run_waiting
from engine.permutations.case import AxisTable
from engine.ratings.scale import DEFAULTED

Floats = NDArray[np.float64]
TIMES, VISITED = 5_000, 32_768


@njit(cache=True, nogil=True)
def _traffic(times: int, waiting: Any, months: int) -> None:
    """The reading and writing of waterfalls abreast, and next to no arithmetic."""
    places, cells = waiting.sheet.places, waiting.sheet.cells
    for k in range(times // LANES):
        for m in range(months):
            at = m * LANES
            read = take_lanes(waiting.income, at) + take_lanes(waiting.costs, at) + take_lanes(waiting.swap, at)
            read = read + take_lanes(waiting.schedule, at) + take_lanes(waiting.mezz_schedule, at)
            read = read + take_lanes(waiting.targets, at) + float(k)
            for place in places:
                put(cells, at + place, read)


@njit(cache=True, nogil=True)
def _waterfalls(times: int, resolved: Any, deal: Any, work: Any, waiting: Any) -> None:
    for _ in range(times // LANES):
        run_waiting(resolved, deal, work, waiting)


@njit(cache=True, nogil=True)
def _seniors(times: int, resolved: Any, levers: Any, layer: Any, work: Any) -> float:
    amount = 0.0
    for _ in range(times):
        amount += build_senior(
            resolved, levers, layer, work.cash[0, 0], work.capacity, work.schedule, work.service, work.targets
        ).amount
    return amount


@njit(cache=True, nogil=True)
def _mezzanines(times: int, resolved: Any, levers: Any, of_senior: Any, layer: Any, senior: Any, work: Any) -> float:
    amount = 0.0
    for _ in range(times):
        mezz = build_mezz(
            resolved, levers, of_senior, layer, senior, work.cash[0, 0], work.service, work.mezz_capacity,
            work.mezz_schedule,
        )  # fmt: skip
        fill_residual(resolved, senior, mezz, work.cash[0, 0], work.schedule, work.mezz_schedule, work.residual)
        amount += mezz.amount
    return amount


@njit(cache=True, nogil=True)
def _gates(times: int, project: Any, terms: Any, stack: Any, residual: Floats, discount: Floats) -> float:
    covered = 0.0
    for _ in range(times):
        covered += gate_a(project, terms, stack, residual, discount)[0]
    return covered


@njit(cache=True, nogil=True)
def _totals(
    times: int, resolved: Any, layer: Any, senior: Any, mezz: Any, hedge: Any, work: Any, bench: Any, out: Floats
) -> None:
    for _ in range(times):
        fill_totals(
            resolved, layer, senior, mezz, hedge, work.cash[0, 0], work.schedule, work.mezz_schedule, 5, bench, out
        )


@njit(cache=True, nogil=True)
def _flows(
    times: int, resolved: Any, deal: Any, dsra_months: int, work: Any, waiting: Any, axes: Any, result: Floats, out: Floats
) -> None:  # fmt: skip
    """One deal in every lane, at one equity target."""
    deals, indices = [deal] * LANES, np.zeros(1, dtype=np.int64)
    for _ in range(times // LANES):
        for lane in range(LANES):
            let_wait(resolved, deal, dsra_months, work, result, 0, waiting, lane)
        pay_waiting(resolved, deals, LANES, work, waiting, axes, indices, out)


@njit(cache=True, nogil=True)
def _scenarios(
    times: int, resolved: Any, layer: Any, senior: Any, hedge: Any, work: Any, dsra_months: int, bench: Any,
    breaks: bool
) -> float:  # fmt: skip
    """So many scenarios, the first of the grid by the block; with `breaks` default is tested by the waterfall in each."""
    notches = 0.0
    for _ in range(times // LANES):
        fill_scenario_covers(resolved, senior, hedge, work.cash, work.schedule, 0, bench)
        fill_scenario_notches(resolved, layer, senior, work.cash[0, 0], work.schedule, bench)
        if breaks:
            bench.covers[BREACH_MONTH * LANES : (BREACH_MONTH + 1) * LANES] = 1.0
        fill_scenario_defaults(resolved, senior, hedge, work.schedule, work.targets, dsra_months, 0, bench)
        for lane in range(LANES):
            fill_cover_of_lane(bench.covers, lane, bench.cover)
            notches += DEFAULTED if bench.defaults[lane] > 0.0 else bench.notches[lane]
    return notches


def layer_seconds() -> list[tuple[str, float]]:
    """Label and seconds of one call of each, on the financing of the demo's space that is worked out the furthest."""
    case = demo_case()
    columns = evaluate(case, np.arange(VISITED)).columns
    best = np.flatnonzero((columns["gate"] == columns["gate"].max()) & (columns["mezz_amount"] > 0.0))
    structure = price(case.deal_of(int(columns["index"][best[0]])))
    return [(label, _seconds(call, *terms)) for label, call, *terms in _calls(structure, case.axes)]


def _calls(at: Structure, axes: AxisTable) -> list[tuple[Any, ...]]:
    resolved, levers, work, bench = at.deal.resolved, at.deal.levers, at.work, at.bench
    discount, waiting = resolved.paths.equity_discount[0], new_waiting(resolved)
    deal, months = (at.senior, at.mezz, at.hedge), levers.flow.dsra_months
    result, out = np.full(RESULT_SIZE, np.nan), np.full((RESULT_SIZE, 1), np.nan)
    fill_judged(
        resolved, levers.flow, at.cash, at.senior, at.mezz, at.stack, work, bench, new_memory(1), 0, 0, result,
        np.empty((len(at.deal.scenarios), STRESS_SIZE)), 0,
    )  # fmt: skip
    for lane in range(LANES):
        let_wait(resolved, deal, months, work, result, 0, waiting, lane)
    scenario = (resolved, at.cash, at.senior, at.hedge, work, levers.flow.dsra_months, bench)
    return [
        ("senior: sized, scheduled, its reserve", _seniors, resolved, levers.senior, at.cash, work),
        ("mezzanine, and the residual behind it", _mezzanines, resolved, levers.mezz, levers.senior, at.cash, at.senior, work),
        ("Gate A at one equity target", _gates, resolved.project, resolved.terms, at.stack, work.residual, discount),
        ("cover of all debt", _totals, resolved, at.cash, at.senior, at.mezz, at.hedge, work, bench, np.empty(TOTAL_SIZE)),
        ("waterfall, returns, yields, lives", _flows, resolved, deal, months, work, waiting, axes, result, out),
        ("a stress scenario, paid when due", _scenarios, *scenario, False),
        ("a stress scenario, run to see who is paid", _scenarios, *scenario, True),
        ("the waterfall alone", _waterfalls, resolved, deal, work, waiting),
        ("its reading and writing alone", _traffic, waiting, resolved.project.months),
    ]  # fmt: skip


def _seconds(call: Callable[..., object], *terms: object) -> float:
    call(1, *terms)
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        call(TIMES, *terms)
        best = min(best, (time.process_time() - began) / TIMES)
    return best
