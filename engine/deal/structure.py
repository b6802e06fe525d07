"""One financing built in full: every array its figures come from, base case and under any scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deal.cash import CashLayer, build_cash
from engine.deal.layers import (
    FlowLayer,
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    StackLayer,
    balloon_shortfall,
    build_flow,
    build_hedge,
    build_mezz,
    build_senior,
    build_stack,
    judge,
    refinance_limit,
)
from engine.deal.numbers import Resolved
from engine.deal.result import Scratch, new_scratch
from engine.deal.setting import Scenario
from engine.deal.terms import Deal
from engine.measures.cover import COVER_SIZE
from engine.ratings.checks import VERDICT_SIZE
from engine.waterfall.kernel import fill_reserve_targets, run_waterfall
from engine.waterfall.terms import COLUMNS, WaterfallPaths, WaterfallTerms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Structure:
    """The layers of one financing; `flow` is None where the levers allow no structure to run."""

    deal: Deal
    work: Scratch
    cash: CashLayer
    senior: SeniorLayer
    mezz: MezzLayer
    stack: StackLayer
    hedge: HedgeLayer
    flow: FlowLayer | None
    cover: Floats
    verdict: Floats

    @property
    def runs(self) -> bool:
        """True if there is debt to run a waterfall on."""
        return self.flow is not None


def price(deal: Deal) -> Structure:
    """The financing's layers, gates aside: what fails a gate is still shown wherever it can be computed."""
    resolved, levers = deal.resolved, deal.levers
    work = new_scratch(resolved)
    cash = build_cash(resolved, levers.cash, work.gross, work.opex, work.cash)
    senior = build_senior(
        resolved, levers.senior, cash, work.cash[0, 0], work.capacity, work.schedule, work.service, work.held_service
    )
    mezz = build_mezz(
        resolved, levers.mezz, senior, work.cash[0, 0], work.service, work.mezz_capacity, work.mezz_schedule
    )
    stack = build_stack(resolved, senior, mezz)
    hedge = build_hedge(resolved, levers.flow, cash, senior)
    cover, verdict = np.full(COVER_SIZE, np.nan), np.zeros(VERDICT_SIZE)
    flow = None
    if senior.amount > 0.0:
        judge(
            resolved, senior, hedge, work.cash[0, 0], work.schedule, 0, 0.0, work.hedged, work.headrooms, cover, verdict
        )
        flow = build_flow(
            resolved, levers.flow, senior, mezz, stack, hedge, work.gross, work.opex, work.schedule, work.held_service,
            work.mezz_schedule, work.swap, work.targets, work.periods, work.contributions, work.flows,
        )  # fmt: skip
    return Structure(deal, work, cash, senior, mezz, stack, hedge, flow, cover, verdict)


@dataclass(frozen=True, slots=True)
class StressedRun:
    """A structure's waterfall under one scenario."""

    scenario: Scenario
    cover: Floats
    verdict: Floats
    periods: Floats
    flags: int
    balloon_shortfall_amount: float


def run_scenario(structure: Structure, scenario: Scenario) -> StressedRun:
    """Cover, rating and the full waterfall of a structure that runs, under one scenario of the grid."""
    resolved, senior, work = structure.deal.resolved, structure.senior, structure.work
    shift = float(resolved.paths.shifts[scenario.shift_path])
    cover, verdict = np.empty(COVER_SIZE), np.empty(VERDICT_SIZE)
    stressed_cash = work.cash[scenario.default_path, scenario.cpi_path]
    judge(
        resolved, senior, structure.hedge, stressed_cash, work.schedule, scenario.cpi_path, shift, work.hedged,
        work.headrooms, cover, verdict,
    )  # fmt: skip
    limit = float(refinance_limit(resolved, senior, stressed_cash, shift))
    periods = np.empty((resolved.project.months, len(COLUMNS)))
    targets = np.empty(resolved.project.months + 1)
    terms = stressed_terms(structure, shift, shift, limit)
    fill_reserve_targets(work.held_service, terms.dsra_months, terms.senior_maturity, targets)
    flags = run_waterfall(_stressed_paths(structure, scenario), terms, targets, periods)
    short = float(balloon_shortfall(resolved, senior, work.schedule, stressed_cash, shift))
    return StressedRun(scenario, cover, verdict, periods, flags, short)


def _stressed_paths(structure: Structure, scenario: Scenario) -> WaterfallPaths:
    resolved, work = structure.deal.resolved, structure.work
    project, paths = resolved.project, resolved.paths
    gross, opex = np.empty(project.months), np.empty(project.months)
    build_cash(
        _only_path(resolved, scenario), structure.deal.levers.cash, gross, opex, np.empty((1, 1, project.months))
    )
    swap = structure.hedge.hedged_noi_amount * paths.zcis[structure.hedge.zcis_at, scenario.cpi_path]
    return WaterfallPaths(gross, opex, swap, work.schedule, work.mezz_schedule, paths.lock_levels, paths.lock_shares)


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

    Short rates move the unfixed coupons and what the swap finances at; long ones what is refinanced, and the price of
    the swapped notes, by duration x shift.
    """
    resolved, senior, mezz, hedge = structure.deal.resolved, structure.senior, structure.mezz, structure.hedge
    project, terms, flow = resolved.project, resolved.terms, structure.flow
    extra = terms.unfixed_ratio * short / 12.0
    notional = hedge.trs_share * senior.amount
    return WaterfallTerms(
        months=project.months,
        senior_maturity=senior.maturity,
        senior_monthly_rate=senior.monthly_rate + extra,
        # Swept notes keep their terms; a refinancing is priced at the new rates.
        senior_later_monthly_rate=senior.later_monthly_rate + (extra if terms.sweeps else long / 12.0),
        wrap_monthly_rate=senior.wrap_monthly_rate,
        mezz_maturity=mezz.maturity,
        mezz_monthly_rate=mezz.monthly_rate + extra,
        mezz_later_monthly_rate=mezz.later_monthly_rate + long / 12.0,
        trs_carry=hedge.trs_carry + hedge.trs_share * (extra - short / 12.0),
        margin_amount=flow.margin_amount if flow else 0.0,
        margin_loss_amount=notional * modified_duration_years(structure) * long,
        dsra_months=structure.deal.levers.flow.dsra_months,
        dsra_initial_amount=flow.dsra_amount if flow else 0.0,
        window_months=terms.window_months,
        sweeps=terms.sweeps,
        refinance_capacity=refinance_limit,
    )


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
