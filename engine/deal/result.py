"""The result of one financing: its columns and its stress rows, from the layers it is built of. Compiled.

One financing takes `fill_result`; a search calls `fill_judged` for each with what it remembers of the swaps on a senior
structure, and runs the waterfalls of those that get so far several abreast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.kernels import uncounted
from engine.basics.lanes import LANES
from engine.deal.cash import CashLayer
from engine.deal.columns import RESULT_COLUMNS, STRESS_COLUMNS
from engine.deal.flow import FlowLayer, build_flow
from engine.deal.judgement import (
    T_ABOVE_MARKET,
    T_AVERAGE,
    T_MEZZ_FAIR,
    T_MEZZ_NOTCH,
    T_MINIMUM,
    T_SENIOR_FAIR,
    TOTAL_SIZE,
    Bench,
    fill_all_debt,
    fill_cover_of_lane,
    fill_scenario_covers,
    fill_scenario_defaults,
    fill_scenario_notches,
    fill_totals,
    judge_senior,
)
from engine.deal.layers import (
    SLACK,
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    StackLayer,
    blended_cost,
    build_hedge,
    capex_coverage,
    instruments_used,
)
from engine.deal.numbers import FlowLevers, ProjectNumbers, Resolved, TermNumbers
from engine.deal.reasons import GATE_B_CODES, MATH_ERROR, PASSED_BOTH, STOPPED_AT_A, STOPPED_AT_B, UNCOVERED
from engine.deal.taxed import build_taxed
from engine.measures.cover import (
    BREACH_MONTH,
    COVER_SIZE,
    DSCR_AVERAGE,
    DSCR_MINIMUM,
    ICR,
    LLCR,
    NOTIONAL_MINIMUM,
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
from engine.ratings.scale import DEFAULTED
from engine.waterfall.kernel import whole_sheet
from engine.waterfall.terms import COLUMNS, Sheet

Floats = NDArray[np.float64]

(
    C_GATE, C_REASON, C_NEAR_MISS, C_SENIOR, C_SENIOR_PROCEEDS, C_MEZZ, C_MEZZ_PROCEEDS, C_SIZED_BY, C_MEZZ_SIZED_BY,
    C_COVERAGE, C_USES, C_EQUITY_RATIO, C_RELEASED, C_COST, C_MARKET_COST, C_TOTAL_AGENCY, C_TOTAL_APPRAISAL,
    C_TOTAL_MINIMUM, C_TOTAL_AVERAGE, C_DEBT_YIELD, C_AGENCY_LTV, C_APPRAISAL_LTV, C_COST_LTV, C_DSCR_MINIMUM,
    C_DSCR_AVERAGE, C_NOTIONAL, C_REFINANCE_COVER, C_LLCR, C_PLCR, C_ICR, C_RATING, C_MEZZ_RATING, C_SENIOR_FAIR,
    C_MEZZ_FAIR, C_SENIOR_MARGIN, C_BINDING, C_BINDING_HEADROOM, C_REPO, C_WORST_DSCR, C_WORST_SCENARIO, C_DEFAULTS,
    C_NOTCHES_LOST, C_STRESS_PASSED, C_STABILITY, C_STRESS_KEY, C_FEES, C_DSRA, C_PREFUNDED, C_MARGIN,
    C_EQUITY_PROCEEDS, C_DAY_ONE, C_WACC, C_SPONSOR_EQUITY, C_SPONSOR_IRR, C_SPONSOR_NPV, C_PAYBACK, C_MULTIPLE,
    C_SENIOR_WAL, C_MEZZ_WAL, C_SENIOR_YIELD, C_MEZZ_YIELD, C_TAXED_MINIMUM, C_TAXED_AVERAGE, C_TAXED_RATING,
    C_TAXED_IRR, C_FLAGS, C_INSTRUMENTS,
) = range(len(RESULT_COLUMNS))  # fmt: skip
RESULT_SIZE, STRESS_SIZE = len(RESULT_COLUMNS), len(STRESS_COLUMNS)
# How far the hedge of a senior structure has been worked out.
UNKNOWN, JUDGED, STRESSED = 0, 1, 2
WORST, WORST_SCENARIO, LOST, STRESS_PASSED, STABILITY, DEFAULTS = range(6)
STRESS_SUMMARY = 6
ABOVE_MARKET = 128


class Scratch(NamedTuple):
    """Arrays the layers fill, allocated once a walk; by month unless said."""

    gross: Floats
    opex: Floats
    cash: Floats
    capacity: Floats
    schedule: Floats
    service: Floats
    mezz_capacity: Floats
    mezz_schedule: Floats
    residual: Floats
    swap: Floats
    targets: Floats
    periods: Floats
    contributions: Floats
    flows: Floats
    headrooms: Floats
    totals: Floats
    verdict: Floats


@njit(cache=True, nogil=True)
def new_scratch(resolved: Resolved) -> Scratch:
    """Scratch for one walk."""
    months, built = resolved.project.months, resolved.project.construction_months
    shape = (resolved.paths.rent_factor.shape[0], resolved.paths.rent_index.shape[1], months)
    return Scratch(
        np.empty(months), np.empty(months), np.empty(shape), np.empty(months), np.zeros(months + 1), np.empty(months),
        np.empty(months), np.zeros(months + 1), np.empty(months), np.empty(months), np.empty(months + 1),
        np.empty((months, len(COLUMNS))), np.zeros(built + 1), np.zeros(built + months + 1),
        np.zeros(CRITERION_COUNT + 1), np.empty(TOTAL_SIZE), np.empty(VERDICT_SIZE),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def with_own_debt(resolved: Resolved, work: Scratch) -> Scratch:
    """The scratch with schedules, service, reserve targets and residual of its own, all else shared."""
    months = resolved.project.months
    return Scratch(
        work.gross, work.opex, work.cash, work.capacity, np.zeros(months + 1), np.empty(months), work.mezz_capacity,
        np.zeros(months + 1), np.empty(months), work.swap, np.empty(months + 1), work.periods, work.contributions,
        work.flows, work.headrooms, work.totals, work.verdict,
    )  # fmt: skip


class HedgeMemory(NamedTuple):
    """What is known of the current senior structure under each choice of swaps and reserve."""

    state: NDArray[np.int8]
    covers: Floats
    verdicts: Floats
    headrooms: Floats
    stresses: Floats


@njit(cache=True, nogil=True)
def new_memory(slots: int) -> HedgeMemory:
    """Memory of so many choices, none worked out."""
    return HedgeMemory(
        np.zeros(slots, dtype=np.int8),
        np.empty((slots, COVER_SIZE)),
        np.empty((slots, VERDICT_SIZE)),
        np.empty((slots, CRITERION_COUNT + 1)),
        np.empty((slots, STRESS_SUMMARY)),
    )


@uncounted
def fill_stopped(
    project: ProjectNumbers, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer, reason: int, result: Floats
) -> None:
    """A financing that Gate A stops, into `result`, which comes as NaN; its size is shown where its levers are sound."""
    result[C_GATE], result[C_NEAR_MISS], result[C_REASON] = STOPPED_AT_A, 0.0, reason
    if stack.reason == 0:
        _fill_size(project, senior, mezz, stack, result)


@uncounted
def _fill_size(
    project: ProjectNumbers, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer, result: Floats
) -> None:
    debt = senior.amount + mezz.amount
    result[C_SENIOR], result[C_SENIOR_PROCEEDS] = senior.amount, senior.proceeds_amount
    result[C_MEZZ], result[C_MEZZ_PROCEEDS] = mezz.amount, mezz.proceeds_amount
    result[C_SIZED_BY], result[C_MEZZ_SIZED_BY] = senior.sized_by, mezz.sized_by
    result[C_USES], result[C_EQUITY_RATIO] = stack.uses_amount, stack.equity_amount / stack.uses_amount
    result[C_RELEASED] = max(-stack.equity_amount, 0.0)
    result[C_COST], result[C_MARKET_COST] = debt / project.internal_cost_amount, debt / project.market_cost_amount


@uncounted
def copy_row(values: Floats, out: Floats) -> None:
    """A loop, since numba sets room aside for an assignment from array to array."""
    for k in range(out.size):
        out[k] = values[k]


@uncounted
def fill_judged(
    resolved: Resolved, levers: FlowLevers, cash: CashLayer, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer,
    work: Scratch, bench: Bench, memory: HedgeMemory, slot: int, stress_key: int, result: Floats, stress_out: Floats,
    stress_rows: int
) -> tuple[HedgeLayer, int]:  # fmt: skip
    """All that is known of one hedged debt structure before its waterfall runs into `result`; stress rows used so far.

    A structure whose sponsor's equity is left open there neither passes nor nearly does: its waterfall is not asked for.

    `slot` is the swaps' and reserve's place in `memory`, `stress_key` joins the result to its stress rows.
    """
    result[:] = np.nan
    result[C_REASON] = 0.0
    _fill_size(resolved.project, senior, mezz, stack, result)
    hedge = build_hedge(resolved, levers, cash, senior)
    cover = memory.covers[slot]
    if memory.state[slot] == UNKNOWN:
        memory.state[slot] = JUDGED
        judge_senior(
            resolved, cash, senior, hedge, work.cash, work.schedule, work.targets, levers.dsra_months, bench, cover,
            memory.verdicts[slot],
        )  # fmt: skip
        copy_row(bench.headrooms, memory.headrooms[slot])
    verdict, headrooms, totals = work.verdict, work.headrooms, work.totals
    copy_row(memory.verdicts[slot], verdict)
    copy_row(memory.headrooms[slot], headrooms)
    fill_totals(
        resolved, cash, senior, mezz, hedge, work.cash[0, 0], work.schedule, work.mezz_schedule, int(verdict[RATING]),
        bench, totals,
    )  # fmt: skip
    fill_all_debt(resolved, cash, senior, mezz, totals, headrooms, verdict)
    _fill_gate_b(resolved, cash, senior, mezz, cover, verdict, totals, work.schedule[senior.maturity], result)
    if verdict[PASSED] == 0.0 and verdict[NEAR_MISS] == 0.0:
        return hedge, stress_rows
    result[C_STRESS_KEY] = stress_key
    if memory.state[slot] == JUDGED:
        memory.state[slot] = STRESSED
        stress_rows = _fill_stress(
            resolved, cash, senior, hedge, cover, verdict[RATING], stress_key, levers.dsra_months, work, bench,
            memory.stresses[slot], stress_out, stress_rows,
        )  # fmt: skip
    stress = memory.stresses[slot]
    result[C_WORST_DSCR], result[C_WORST_SCENARIO] = stress[WORST], stress[WORST_SCENARIO]
    result[C_NOTCHES_LOST], result[C_STRESS_PASSED] = stress[LOST], stress[STRESS_PASSED]
    result[C_STABILITY], result[C_DEFAULTS] = stress[STABILITY], stress[DEFAULTS]
    result[C_FEES], result[C_PREFUNDED] = stack.fee_amount, stack.prefunded_amount
    result[C_DSRA], result[C_MARGIN] = senior.dsra_amount, senior.margin_amount
    result[C_SPONSOR_EQUITY], result[C_FLAGS] = stack.equity_amount, ABOVE_MARKET * totals[T_ABOVE_MARKET]
    result[C_INSTRUMENTS] = instruments_used(levers, senior, mezz)
    if not np.isfinite(stack.equity_amount):
        result[C_REASON] = MATH_ERROR
    return hedge, stress_rows


@njit(cache=True, nogil=True)
def fill_result(
    resolved: Resolved, levers: FlowLevers, cash: CashLayer, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer,
    work: Scratch, bench: Bench, result: Floats, stress_out: Floats
) -> None:  # fmt: skip
    """Everything but the equity price of one hedged debt structure into `result`."""
    hedge, _ = fill_judged(
        resolved, levers, cash, senior, mezz, stack, work, bench, new_memory(1), 0, 0, result, stress_out, 0
    )
    if np.isnan(result[C_SPONSOR_EQUITY]):
        return
    flow = build_flow(
        resolved, levers, senior, mezz, stack, hedge, work.gross, work.opex, work.schedule, work.mezz_schedule,
        work.swap, work.targets, work.periods, work.contributions, work.flows,
    )  # fmt: skip
    fill_returns(flow, result)
    fill_taxed(
        resolved, senior, hedge, work.cash[0, 0], work.swap, work.schedule, whole_sheet(work.periods),
        work.contributions, work.flows, result,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def fill_returns(flow: FlowLayer, result: Floats) -> None:
    """What a waterfall that has run returns, into a `result` judged before."""
    result[C_FLAGS] += flow.flags
    result[C_SPONSOR_IRR], result[C_SPONSOR_NPV] = flow.irr_rate, flow.npv_amount
    result[C_PAYBACK], result[C_MULTIPLE] = flow.payback_months, flow.multiple
    result[C_SENIOR_WAL], result[C_MEZZ_WAL] = flow.senior_wal_years, flow.mezz_wal_years
    result[C_SENIOR_YIELD], result[C_MEZZ_YIELD] = flow.senior_yield_rate, flow.mezz_yield_rate


@njit(cache=True, nogil=True)
def fill_taxed(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, base_cash: Floats, swap: Floats, schedule: Floats,
    sheet: Sheet, contributions: Floats, flows: Floats, result: Floats
) -> None:  # fmt: skip
    """What its waterfall returns after tax, into the same."""
    taxed = build_taxed(
        resolved, senior, hedge, result[C_SPONSOR_EQUITY], result[C_RATING], base_cash, swap, schedule, sheet,
        contributions, flows,
    )  # fmt: skip
    result[C_TAXED_MINIMUM], result[C_TAXED_AVERAGE] = taxed.dscr_minimum, taxed.dscr_average
    result[C_TAXED_RATING], result[C_TAXED_IRR] = taxed.notch, taxed.irr_rate


@uncounted
def _fill_gate_b(
    resolved: Resolved, cash: CashLayer, senior: SeniorLayer, mezz: MezzLayer, cover: Floats, verdict: Floats,
    totals: Floats, balloon: float, result: Floats
) -> None:  # fmt: skip
    terms, debt, passed = resolved.terms, senior.amount + mezz.amount, verdict[PASSED] > 0.0
    result[C_GATE] = PASSED_BOTH if passed else STOPPED_AT_B
    result[C_REASON] = 0.0 if passed else GATE_B_CODES[int(verdict[FIRST_FAILED])]
    result[C_NEAR_MISS] = verdict[NEAR_MISS]
    result[C_AGENCY_LTV] = senior.amount / cash.agency_value_amount
    result[C_APPRAISAL_LTV] = senior.amount / cash.value_amount
    result[C_COST_LTV] = senior.amount / resolved.project.market_cost_amount
    result[C_TOTAL_AGENCY], result[C_TOTAL_APPRAISAL] = debt / cash.agency_value_amount, debt / cash.value_amount
    result[C_TOTAL_MINIMUM], result[C_TOTAL_AVERAGE] = totals[T_MINIMUM], totals[T_AVERAGE]
    result[C_DEBT_YIELD] = cash.noi_amount / debt
    result[C_DSCR_MINIMUM], result[C_DSCR_AVERAGE] = cover[DSCR_MINIMUM], cover[DSCR_AVERAGE]
    if senior.notional_amount > 0.0:
        result[C_NOTIONAL] = cover[NOTIONAL_MINIMUM]
    if balloon > 0.0:
        result[C_REFINANCE_COVER] = senior.refinance_limit / balloon
    result[C_LLCR], result[C_PLCR], result[C_ICR] = cover[LLCR], cover[PLCR], cover[ICR]
    result[C_RATING], result[C_MEZZ_RATING] = verdict[RATING], totals[T_MEZZ_NOTCH]
    result[C_SENIOR_FAIR], result[C_MEZZ_FAIR] = totals[T_SENIOR_FAIR], totals[T_MEZZ_FAIR]
    result[C_SENIOR_MARGIN] = (senior.coupon_rate - totals[T_SENIOR_FAIR]) * 1e4
    result[C_BINDING], result[C_BINDING_HEADROOM] = verdict[BINDING], verdict[BINDING_HEADROOM]
    fits = verdict[RATING] <= terms.bank_notch and senior.maturity <= 12.0 * terms.bank_tenor_years
    fits = fits and senior.amount <= terms.bank_advance_ratio * cash.value_amount and terms.bank_currency_fits
    result[C_REPO] = 0.0
    if fits:
        result[C_REPO] = 2.0 if terms.bank_class_confirmed else 1.0


@uncounted
def _fill_stress(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, hedge: HedgeLayer, cover: Floats, base_notch: float,
    key: int, dsra_months: int, work: Scratch, bench: Bench, summary: Floats, stress_out: Floats, used: int
) -> int:  # fmt: skip
    """One row a scenario of the grid into `stress_out`, the worst of them into `summary`; stress rows used so far."""
    paths, base, stressed = resolved.paths, cover[DSCR_MINIMUM], bench.cover
    worst, worst_scenario, lost, defaults = np.inf, 0, 0.0, 0
    count = paths.grid_count if hedge.has_zcis else paths.plain_count
    for scenario in range(count):
        if scenario % LANES == 0:
            fill_scenario_covers(resolved, senior, hedge, work.cash, work.schedule, scenario // LANES, bench)
            fill_scenario_notches(resolved, layer, senior, work.cash[0, 0], work.schedule, bench)
            fill_scenario_defaults(
                resolved, senior, hedge, work.schedule, work.targets, dsra_months, scenario // LANES, bench
            )
        fill_cover_of_lane(bench.covers, scenario % LANES, stressed)
        defaulted = bench.defaults[scenario % LANES] > 0.0
        notch = DEFAULTED if defaulted else int(bench.notches[scenario % LANES])
        low, row = stressed[DSCR_MINIMUM], stress_out[used + scenario]
        row[0], row[1], row[2], row[3], row[4] = key, scenario, base, low, 1.0 - low / base
        row[5], row[6] = stressed[BREACH_MONTH], stressed[RECOVERY_MONTHS]
        row[7], row[8], row[9] = notch, notch - base_notch, 1.0 if defaulted else 0.0
        defaults += 1 if defaulted else 0
        if low < worst:
            worst, worst_scenario = low, scenario
        lost = max(lost, notch - base_notch)
    summary[WORST], summary[WORST_SCENARIO], summary[LOST], summary[DEFAULTS] = worst, worst_scenario, lost, defaults
    held = worst >= resolved.terms.stressed_floor * (1.0 - SLACK) and defaults == 0
    summary[STRESS_PASSED] = 1.0 if held else 0.0
    summary[STABILITY] = min(max(worst / base, 0.0), 1.0)
    return used + count


@njit(cache=True, nogil=True)
def gate_a(
    project: ProjectNumbers, terms: TermNumbers, stack: StackLayer, residual: Floats, discount: Floats
) -> tuple[float, int]:
    """(capex coverage at an equity target, Gate A's reason); `discount` by month from close."""
    if stack.reason != 0:
        return np.nan, stack.reason
    coverage = capex_coverage(project, stack, residual, discount)
    if not np.isfinite(coverage):
        return coverage, MATH_ERROR
    short = coverage < terms.coverage_floor_ratio * (1.0 - SLACK)
    return coverage, UNCOVERED if short else 0


@njit(cache=True, nogil=True)
def fill_price(
    senior: SeniorLayer, mezz: MezzLayer, proceeds_amount: float, equity_irr_rate: float, result: Floats
) -> None:  # fmt: skip
    """The equity price of a financing whose waterfall has run, into its `result`."""
    result[C_EQUITY_PROCEEDS], result[C_DAY_ONE] = proceeds_amount, proceeds_amount - result[C_SPONSOR_EQUITY]
    result[C_WACC] = blended_cost(senior, mezz, proceeds_amount, equity_irr_rate)
