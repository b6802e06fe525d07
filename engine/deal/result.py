"""The result of one financing: its columns and its stress rows, from the layers it is built of. Compiled.

A search calls `fill_result` for each financing with what it remembers of the swaps on a senior structure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.cash import CashLayer
from engine.deal.columns import RESULT_COLUMNS, STRESS_COLUMNS
from engine.deal.layers import (
    SLACK,
    FlowLayer,
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    StackLayer,
    balloon_shortfall,
    blended_cost,
    build_flow,
    build_hedge,
    equity_proceeds,
    instruments_used,
    judge,
)
from engine.deal.numbers import FlowLevers, Resolved
from engine.deal.reasons import GATE_B_REASON, MATH_ERROR, PASSED_BOTH, STOPPED_AT_A, STOPPED_AT_B, UNCOVERED
from engine.measures.cover import (
    BREACH_MONTH,
    COVER_SIZE,
    DSCR_AVERAGE,
    DSCR_MINIMUM,
    ICR,
    LLCR,
    PLCR,
    RECOVERY_MONTHS,
)
from engine.ratings.checks import (
    BINDING,
    BINDING_HEADROOM,
    CRITERION_COUNT,
    FIRST_FAILED,
    NEAR_MISS,
    PASSED,
    RATING,
    VERDICT_SIZE,
)
from engine.waterfall.terms import COLUMNS

Floats = NDArray[np.float64]

(
    C_GATE, C_REASON, C_NEAR_MISS, C_SENIOR, C_SENIOR_PROCEEDS, C_MEZZ, C_MEZZ_PROCEEDS, C_COVERAGE,
    C_AGENCY_LTV, C_APPRAISAL_LTV, C_COST_LTV, C_DSCR_MINIMUM, C_DSCR_AVERAGE, C_LLCR, C_PLCR, C_ICR, C_RATING,
    C_BINDING, C_BINDING_HEADROOM, C_REPO, C_WORST_DSCR, C_WORST_SCENARIO, C_NOTCHES_LOST, C_STRESS_PASSED,
    C_STABILITY, C_STRESS_KEY, C_FEES, C_DSRA, C_PREFUNDED, C_MARGIN, C_EQUITY_PROCEEDS, C_DAY_ONE, C_WACC,
    C_SPONSOR_EQUITY, C_SPONSOR_IRR, C_SPONSOR_NPV, C_PAYBACK, C_MULTIPLE, C_SENIOR_WAL, C_MEZZ_WAL, C_SENIOR_YIELD,
    C_MEZZ_YIELD, C_FLAGS, C_INSTRUMENTS,
) = range(len(RESULT_COLUMNS))  # fmt: skip
RESULT_SIZE, STRESS_SIZE = len(RESULT_COLUMNS), len(STRESS_COLUMNS)
# How far the hedge of a senior structure has been worked out.
UNKNOWN, JUDGED, STRESSED = 0, 1, 2
WORST, WORST_SCENARIO, LOST, STRESS_PASSED, STABILITY = range(5)


class Scratch(NamedTuple):
    """Arrays the layers fill, allocated once a walk; by month unless said."""

    gross: Floats
    opex: Floats
    cash: Floats
    capacity: Floats
    schedule: Floats
    service: Floats
    held_service: Floats
    mezz_capacity: Floats
    mezz_schedule: Floats
    hedged: Floats
    swap: Floats
    targets: Floats
    periods: Floats
    contributions: Floats
    flows: Floats
    headrooms: Floats
    stressed: Floats
    verdict: Floats


@njit(cache=True, nogil=True)
def new_scratch(resolved: Resolved) -> Scratch:
    """Scratch for one walk."""
    months, built = resolved.project.months, resolved.project.construction_months
    shape = (resolved.paths.rent_factor.shape[0], resolved.paths.rent_index.shape[1], months)
    return Scratch(
        np.empty(months), np.empty(months), np.empty(shape), np.empty(months), np.zeros(months + 1), np.empty(months),
        np.empty(months), np.empty(months), np.zeros(months + 1), np.empty(months), np.empty(months),
        np.empty(months + 1), np.empty((months, len(COLUMNS))), np.zeros(built + 1), np.zeros(built + months + 1),
        np.zeros(CRITERION_COUNT + 1), np.empty(COVER_SIZE), np.empty(VERDICT_SIZE),
    )  # fmt: skip


class HedgeMemory(NamedTuple):
    """What is known of each pair of swaps on the current senior structure."""

    state: NDArray[np.int8]
    covers: Floats
    verdicts: Floats
    stresses: Floats


@njit(cache=True, nogil=True)
def new_memory(pairs: int) -> HedgeMemory:
    """Memory of so many pairs of swaps, none worked out."""
    return HedgeMemory(
        np.zeros(pairs, dtype=np.int8),
        np.empty((pairs, COVER_SIZE)),
        np.empty((pairs, VERDICT_SIZE)),
        np.empty((pairs, 5)),
    )


@njit(cache=True, nogil=True)
def fill_result(
    resolved: Resolved, levers: FlowLevers, cash: CashLayer, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer,
    work: Scratch, memory: HedgeMemory, slot: int, stress_key: int, result: Floats, stress_out: Floats, stress_rows: int
) -> int:  # fmt: skip
    """Everything but the equity price of one hedged debt structure into `result`; stress rows used so far.

    `slot` is the swaps' place in `memory`, `stress_key` joins the result to its stress rows.
    """
    result[:] = np.nan
    result[C_GATE], result[C_NEAR_MISS], result[C_REASON] = STOPPED_AT_A, 0.0, stack.reason
    if stack.reason in (0, UNCOVERED):
        result[C_SENIOR], result[C_SENIOR_PROCEEDS] = senior.amount, senior.proceeds_amount
        result[C_MEZZ], result[C_MEZZ_PROCEEDS] = mezz.amount, mezz.proceeds_amount
        result[C_COVERAGE] = stack.coverage_ratio
    if stack.reason != 0:
        return stress_rows
    hedge = build_hedge(resolved, levers, cash, senior)
    cover, verdict = memory.covers[slot], memory.verdicts[slot]
    if memory.state[slot] == UNKNOWN:
        memory.state[slot] = JUDGED
        judge(
            resolved, senior, hedge, work.cash[0, 0], work.schedule, 0, 0.0, work.hedged, work.headrooms, cover, verdict
        )
    _fill_gate_b(resolved, cash, senior, cover, verdict, result)
    if verdict[PASSED] == 0.0 and verdict[NEAR_MISS] == 0.0:
        return stress_rows
    result[C_STRESS_KEY] = stress_key
    if memory.state[slot] == JUDGED:
        memory.state[slot] = STRESSED
        stress_rows = _fill_stress(
            resolved, senior, hedge, cover, verdict[RATING], stress_key, work, memory.stresses[slot], stress_out,
            stress_rows,
        )  # fmt: skip
    stress = memory.stresses[slot]
    result[C_WORST_DSCR], result[C_WORST_SCENARIO] = stress[WORST], stress[WORST_SCENARIO]
    result[C_NOTCHES_LOST], result[C_STRESS_PASSED] = stress[LOST], stress[STRESS_PASSED]
    result[C_STABILITY] = stress[STABILITY]
    flow = build_flow(
        resolved, levers, senior, mezz, stack, hedge, work.gross, work.opex, work.schedule, work.held_service,
        work.mezz_schedule, work.swap, work.targets, work.periods, work.contributions, work.flows,
    )  # fmt: skip
    _fill_flow(stack, flow, result)
    result[C_INSTRUMENTS] = instruments_used(levers, senior, mezz)
    return stress_rows


@njit(cache=True, nogil=True)
def _fill_gate_b(
    resolved: Resolved, cash: CashLayer, senior: SeniorLayer, cover: Floats, verdict: Floats, result: Floats
) -> None:
    terms = resolved.terms
    result[C_GATE] = PASSED_BOTH if verdict[PASSED] > 0.0 else STOPPED_AT_B
    result[C_REASON] = 0.0 if verdict[PASSED] > 0.0 else GATE_B_REASON + verdict[FIRST_FAILED]
    result[C_NEAR_MISS] = verdict[NEAR_MISS]
    result[C_AGENCY_LTV] = senior.amount / cash.agency_value_amount
    result[C_APPRAISAL_LTV] = senior.amount / cash.value_amount
    result[C_COST_LTV] = senior.amount / resolved.project.market_cost_amount
    result[C_DSCR_MINIMUM], result[C_DSCR_AVERAGE] = cover[DSCR_MINIMUM], cover[DSCR_AVERAGE]
    result[C_LLCR], result[C_PLCR], result[C_ICR] = cover[LLCR], cover[PLCR], cover[ICR]
    result[C_RATING] = verdict[RATING]
    result[C_BINDING], result[C_BINDING_HEADROOM] = verdict[BINDING], verdict[BINDING_HEADROOM]
    fits = verdict[RATING] <= terms.bank_notch and senior.maturity <= 12.0 * terms.bank_tenor_years
    fits = fits and senior.amount <= terms.bank_advance_ratio * cash.value_amount and terms.bank_currency_fits
    result[C_REPO] = 0.0
    if fits:
        result[C_REPO] = 2.0 if terms.bank_class_confirmed else 1.0


@njit(cache=True, nogil=True)
def _fill_stress(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cover: Floats, base_notch: float, key: int,
    work: Scratch, summary: Floats, stress_out: Floats, used: int
) -> int:  # fmt: skip
    """One row a scenario into `stress_out`, the worst of them into `summary`; stress rows used so far."""
    base, worst, worst_scenario, lost = cover[DSCR_MINIMUM], np.inf, 0, 0.0
    scenario, short = 0, 0.0
    for p in range(work.cash.shape[1]):
        for s in range(resolved.paths.shifts.size):
            for d in range(work.cash.shape[0]):
                judge(
                    resolved, senior, hedge, work.cash[d, p], work.schedule, p, resolved.paths.shifts[s], work.hedged,
                    work.headrooms, work.stressed, work.verdict,
                )  # fmt: skip
                low, notch = work.stressed[DSCR_MINIMUM], work.verdict[RATING]
                row = stress_out[used + scenario]
                row[0], row[1], row[2], row[3], row[4] = key, scenario, base, low, 1.0 - low / base
                row[5], row[6] = work.stressed[BREACH_MONTH], work.stressed[RECOVERY_MONTHS]
                row[7], row[8] = notch, notch - base_notch
                if low < worst:
                    worst, worst_scenario = low, scenario
                lost = max(lost, notch - base_notch)
                shift = resolved.paths.shifts[s]
                short = max(short, balloon_shortfall(resolved, senior, work.schedule, work.cash[d, p], shift))
                scenario += 1
    summary[WORST], summary[WORST_SCENARIO], summary[LOST] = worst, worst_scenario, lost
    held = worst >= resolved.terms.stressed_floor * (1.0 - SLACK) and short == 0.0
    summary[STRESS_PASSED] = 1.0 if held else 0.0
    summary[STABILITY] = min(max(worst / base, 0.0), 1.0)
    return used + scenario


@njit(cache=True, nogil=True)
def _fill_flow(stack: StackLayer, flow: FlowLayer, result: Floats) -> None:
    result[C_FEES], result[C_PREFUNDED] = stack.fee_amount, stack.prefunded_amount
    result[C_DSRA], result[C_MARGIN] = flow.dsra_amount, flow.margin_amount
    result[C_SPONSOR_EQUITY], result[C_SPONSOR_IRR] = flow.equity_amount, flow.irr_rate
    result[C_SPONSOR_NPV], result[C_PAYBACK] = flow.npv_amount, flow.payback_months
    result[C_MULTIPLE], result[C_FLAGS] = flow.multiple, flow.flags
    result[C_SENIOR_WAL], result[C_MEZZ_WAL] = flow.senior_wal_years, flow.mezz_wal_years
    result[C_SENIOR_YIELD], result[C_MEZZ_YIELD] = flow.senior_yield_rate, flow.mezz_yield_rate
    if not np.isfinite(flow.equity_amount):
        result[C_REASON] = MATH_ERROR


@njit(cache=True, nogil=True)
def fill_price(
    resolved: Resolved, senior: SeniorLayer, mezz: MezzLayer, discount: Floats, equity_irr_rate: float, work: Scratch,
    result: Floats
) -> None:  # fmt: skip
    """The equity price of a financing that got as far, into `result`."""
    if np.isnan(result[C_SPONSOR_EQUITY]):
        return
    proceeds = equity_proceeds(resolved.project, work.contributions, work.periods, discount)
    result[C_EQUITY_PROCEEDS], result[C_DAY_ONE] = proceeds, proceeds - result[C_SPONSOR_EQUITY]
    result[C_WACC] = blended_cost(senior, mezz, proceeds, equity_irr_rate)
