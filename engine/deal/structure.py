"""One financing built in full: every array its figures come from, base case and under any scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deal.cash import CashLayer, build_cash
from engine.deal.flow import FlowLayer, build_flow
from engine.deal.judgement import (
    TOTAL_SIZE,
    Bench,
    fill_all_debt,
    fill_scenario_cover,
    fill_totals,
    is_defaulted,
    judge_senior,
    new_bench,
    refinanced_at_maturity,
    scenario_notch,
)
from engine.deal.layers import (
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    StackLayer,
    balloon_shortfall,
    build_hedge,
    build_mezz,
    build_senior,
    build_stack,
    fill_residual,
    lock_steps,
    refinance_limit,
    waterfall_terms,
)
from engine.deal.numbers import Resolved
from engine.deal.result import Scratch, gate_a, new_scratch
from engine.deal.setting import Scenario
from engine.deal.terms import Deal
from engine.measures.cover import BREACH_MONTH, COVER_SIZE
from engine.ratings.checks import CRITERION_COUNT, RATING, VERDICT_SIZE
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.terms import COLUMNS, WaterfallPaths, WaterfallTerms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Structure:
    """The layers of one financing; `flow` is None where the levers allow no structure to run.

    `headrooms` are the judged row's, by criterion; `totals` what all debt together shows.
    """

    deal: Deal
    work: Scratch
    bench: Bench
    cash: CashLayer
    senior: SeniorLayer
    mezz: MezzLayer
    stack: StackLayer
    hedge: HedgeLayer
    flow: FlowLayer | None
    cover: Floats
    verdict: Floats
    headrooms: Floats
    totals: Floats

    @property
    def runs(self) -> bool:
        """True if there is debt to run a waterfall on."""
        return self.flow is not None

    @property
    def gate_a(self) -> tuple[float, int]:
        """(capex coverage at the equity target, NaN where levers fail; Gate A's reason, 0 if it passes)."""
        resolved = self.deal.resolved
        discount = resolved.paths.equity_discount[0]
        coverage, reason = gate_a(resolved.project, resolved.terms, self.stack, self.work.residual, discount)
        return float(coverage), int(reason)


def price(deal: Deal) -> Structure:
    """The financing's layers, gates aside: what fails a gate is still shown wherever it can be computed."""
    resolved, levers = deal.resolved, deal.levers
    work, bench = new_scratch(resolved), new_bench(resolved)
    cash = build_cash(resolved, levers.cash, work.gross, work.opex, work.cash)
    base = work.cash[0, 0]
    senior = build_senior(resolved, levers.senior, cash, base, work.capacity, work.schedule, work.service, work.targets)
    mezz = build_mezz(
        resolved, levers.mezz, levers.senior, cash, senior, base, work.service, work.mezz_capacity, work.mezz_schedule
    )
    stack = build_stack(resolved, levers.flow, senior, mezz)
    fill_residual(resolved, senior, mezz, base, work.schedule, work.mezz_schedule, work.residual)
    hedge = build_hedge(resolved, levers.flow, cash, senior)
    cover, verdict = np.full(COVER_SIZE, np.nan), np.zeros(VERDICT_SIZE)
    headrooms, totals = np.zeros(CRITERION_COUNT + 1), np.full(TOTAL_SIZE, np.nan)
    flow = None
    if senior.amount > 0.0:
        judge_senior(
            resolved, cash, senior, hedge, work.cash, work.schedule, work.targets, levers.flow.dsra_months, bench,
            cover, verdict,
        )  # fmt: skip
        headrooms[:] = bench.headrooms
        fill_totals(
            resolved, cash, senior, mezz, hedge, base, work.schedule, work.mezz_schedule, int(verdict[RATING]), bench,
            totals,
        )  # fmt: skip
        fill_all_debt(resolved, cash, senior, mezz, totals, headrooms, verdict)
        flow = build_flow(
            resolved, levers.flow, senior, mezz, stack, hedge, work.gross, work.opex, work.schedule,
            work.mezz_schedule, work.swap, work.targets, work.periods, work.contributions, work.flows,
        )  # fmt: skip
    return Structure(deal, work, bench, cash, senior, mezz, stack, hedge, flow, cover, verdict, headrooms, totals)


@dataclass(frozen=True, slots=True)
class Judged:
    """A structure that runs, judged on one path of cash."""

    cover: Floats
    notch: int
    defaulted: bool


def judge_path(structure: Structure, cash: Floats, settlements: Floats, short: float, long: float) -> Judged:
    """Cover, rating and default on CFADS and the swap's unit settlements by month; short and long rates moved a year."""
    deal, senior, hedge, work = structure.deal, structure.senior, structure.hedge, structure.work
    resolved, bench, cover = deal.resolved, structure.bench, np.empty(COVER_SIZE)
    fill_scenario_cover(resolved, senior, hedge, cash, settlements, work.schedule, short, cover)
    defaulted = is_defaulted(
        resolved, senior, hedge, cash, settlements, work.schedule, work.targets, short, long,
        refinanced_at_maturity(resolved, senior, cash, work.schedule, long), cover[BREACH_MONTH],
        deal.levers.flow.dsra_months, bench.trial,
    )  # fmt: skip
    notch = scenario_notch(
        resolved, structure.cash, senior, work.cash[0, 0], cash, work.schedule, long, cover, defaulted, bench
    )
    return Judged(cover, int(notch), bool(defaulted))


@dataclass(frozen=True, slots=True)
class StressedRun:
    """A structure's waterfall under one scenario."""

    scenario: Scenario
    judged: Judged
    periods: Floats
    flags: int
    balloon_shortfall_amount: float


def run_scenario(structure: Structure, scenario: Scenario) -> StressedRun:
    """Cover, rating and the full waterfall of a structure that runs, under one scenario."""
    resolved, senior, work = structure.deal.resolved, structure.senior, structure.work
    shift = float(resolved.paths.shifts[scenario.shift_path])
    cash = work.cash[scenario.default_path, scenario.cpi_path]
    settlements = resolved.paths.zcis[structure.hedge.zcis_at, scenario.cpi_path]
    limit = float(refinance_limit(resolved, senior, cash, shift))
    periods = np.empty((resolved.project.months, len(COLUMNS)))
    terms = stressed_terms(structure, shift, shift, limit)
    flags = run_waterfall(_stressed_paths(structure, scenario), terms, work.targets, periods)
    short = float(balloon_shortfall(resolved, senior, work.schedule, cash, shift))
    return StressedRun(scenario, judge_path(structure, cash, settlements, shift, shift), periods, flags, short)


def _stressed_paths(structure: Structure, scenario: Scenario) -> WaterfallPaths:
    resolved, work = structure.deal.resolved, structure.work
    project, paths = resolved.project, resolved.paths
    gross, opex = np.empty(project.months), np.empty(project.months)
    build_cash(
        _only_path(resolved, scenario), structure.deal.levers.cash, gross, opex, np.empty((1, 1, project.months))
    )
    swap = structure.hedge.hedged_noi_amount * paths.zcis[structure.hedge.zcis_at, scenario.cpi_path]
    return WaterfallPaths(gross, opex, swap, work.schedule, work.mezz_schedule, *lock_steps(resolved, structure.senior))


def _only_path(resolved: Resolved, scenario: Scenario) -> Resolved:
    """The deal with the scenario's rent and index path in the place of the base ones."""
    p, d = scenario.cpi_path, scenario.default_path
    paths = resolved.paths._replace(
        rent_index=np.ascontiguousarray(resolved.paths.rent_index[:, p : p + 1]),
        cpi_index=np.ascontiguousarray(resolved.paths.cpi_index[p : p + 1]),
        power_index=np.ascontiguousarray(resolved.paths.power_index[p : p + 1]),
        rent_factor=np.ascontiguousarray(resolved.paths.rent_factor[d : d + 1]),
    )
    return resolved._replace(paths=paths)


def stressed_terms(structure: Structure, short: float, long: float, refinance_limit: float) -> WaterfallTerms:
    """Terms with short and long rates moved by so much a year.

    Long rates also move the price of the swapped notes, by duration x shift.
    """
    deal, senior, hedge = structure.deal, structure.senior, structure.hedge
    loss = hedge.trs_share * senior.amount * modified_duration_years(structure) * long
    found: WaterfallTerms = waterfall_terms(
        deal.resolved, senior, structure.mezz, hedge, deal.levers.flow.dsra_months, short, long, senior.margin_amount,
        loss, refinance_limit, senior.sweep_ratio,
    )  # fmt: skip
    return found


def modified_duration_years(structure: Structure) -> float:
    """Modified duration at the start of operations of the scheduled senior flows, at the coupon.

    A refinanced balloon is repaid at maturity.
    """
    senior, schedule = structure.senior, structure.work.schedule
    n = senior.maturity
    flows = schedule[:n] * senior.monthly_rate + schedule[:n] - schedule[1 : n + 1]
    flows[-1] += schedule[n]
    months = np.arange(1, n + 1)
    values = flows * (1.0 + senior.monthly_rate) ** -months
    return float(np.sum(values * months) / np.sum(values) / 12.0 / (1.0 + senior.monthly_rate))
