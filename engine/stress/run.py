"""One structure under scenarios, debt as sized at base: stress result contract 2.6 for each.

Source: model book sections 8 to 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deal.collateral import lendable_amount
from engine.deal.detail import flag_names
from engine.deal.layers import balloon_shortfall, lock_steps, refinance_limit
from engine.deal.setting import Scenario, Setting
from engine.deal.structure import Judged, Structure, judge_path, price, stressed_terms
from engine.deal.terms import Deal
from engine.measures.cover import (
    BREACH_MONTH,
    DSCR_AVERAGE,
    DSCR_MINIMUM,
    LLCR,
    RECOVERY_MONTHS,
)
from engine.measures.returns import irr_monthly
from engine.ratings.checks import RATING
from engine.ratings.scale import notches_moved, rating_label
from engine.stress.cash import ScenarioCash, scenario_cash
from engine.stress.scenarios import BASE, StressScenario
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.terms import (
    COLUMNS,
    DSRA_DRAW,
    EQUITY,
    FLAG_BITS,
    LOCK_UP,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    SENIOR_UNPAID,
    WaterfallPaths,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StressOutcome:
    """A structure under one scenario; None where a measure has no value (no service to cover, no sponsor equity).

    Breach month 0 is none; recovery -1 is not before maturity. Shortfalls are the highest of any month.
    """

    scenario: StressScenario
    dscr_minimum: float | None
    dscr_average: float | None
    dscr_degradation_ratio: float | None
    llcr: float | None
    breach_month: int
    recovery_months: int
    lock_up_months: int
    first_lock_up_month: int
    dsra_drawn_amount: float
    senior_shortfall_amount: float
    mezz_shortfall_amount: float
    balloon_shortfall_amount: float
    equity_distribution_amount: float
    equity_irr_rate: float | None
    coverage_ratio: float | None
    rating: str
    rating_notch: int
    notches_moved: int
    lendable_amount: float | None
    flags: tuple[str, ...]
    dscr_path: tuple[float | None, ...]
    defaulted: bool


@dataclass(frozen=True, slots=True)
class StressReport:
    """The base case and every scenario's outcome; both empty where the levers allow no structure."""

    base: StressOutcome | None
    outcomes: tuple[StressOutcome, ...]


def run_scenarios(deal: Deal, scenarios: Iterable[StressScenario]) -> StressReport:
    """Every scenario on one financing, at full monthly detail."""
    structure = price(deal)
    if not structure.runs:
        return StressReport(None, ())
    base = outcome(structure, BASE)
    return StressReport(base, tuple(outcome(structure, scenario, base) for scenario in scenarios))


def standard_grid(setting: Setting) -> tuple[StressScenario, ...]:
    """The terms' own stress grid as scenarios, base case left out; a swap's CPI stresses only where there may be one."""
    return tuple(grid_scenario(setting, cell) for cell in setting.grid[1:])


def grid_scenario(setting: Setting, cell: Scenario) -> StressScenario:
    """One cell of the grid in a scenario's terms."""
    return StressScenario(
        name=cell.label,
        cpi_rates=() if cell.cpi_rate is None else (cell.cpi_rate,),
        short_shift_bps=cell.rate_shift_bps,
        long_shift_bps=cell.rate_shift_bps,
        tenant_default_ratio=cell.default_ratio,
        relet_months=cell.relet_months,
        relet_ratio=cell.relet_ratio,
    )


def outcome(structure: Structure, scenario: StressScenario, base: StressOutcome | None = None) -> StressOutcome:
    """The structure under one scenario, measured against `base` (left out: against itself)."""
    cash = scenario_cash(structure, scenario)
    short, long = _shifts(scenario)
    judged = _judged(structure, cash, short, long)
    cover, notch = judged.cover, judged.notch
    periods, flags = _waterfall(structure, cash, short, long)
    low = _finite(cover[DSCR_MINIMUM])
    locked = np.flatnonzero(periods[:, FLAG_BITS].astype(np.int64) & LOCK_UP)
    schedule = structure.work.schedule
    against = low if base is None else base.dscr_minimum
    return StressOutcome(
        scenario=scenario,
        dscr_minimum=low,
        dscr_average=_finite(cover[DSCR_AVERAGE]),
        dscr_degradation_ratio=None if low is None or not against else 1.0 - low / against,
        llcr=_finite(cover[LLCR]),
        breach_month=int(cover[BREACH_MONTH]),
        recovery_months=int(cover[RECOVERY_MONTHS]),
        lock_up_months=int(locked.size),
        first_lock_up_month=int(locked[0]) + 1 if locked.size else 0,
        dsra_drawn_amount=float(periods[:, DSRA_DRAW].sum()),
        senior_shortfall_amount=float(periods[:, SENIOR_UNPAID].max()),
        mezz_shortfall_amount=_mezz_shortfall(structure, periods),
        balloon_shortfall_amount=float(
            balloon_shortfall(structure.deal.resolved, structure.senior, schedule, _underwritten(structure, cash), long)
        ),
        equity_distribution_amount=float(periods[:, EQUITY].sum()),
        equity_irr_rate=_equity_irr(structure, scenario, periods),
        coverage_ratio=_coverage(structure, scenario),
        rating=rating_label(notch),
        rating_notch=notch,
        notches_moved=0 if base is None else notches_moved(notch, int(structure.verdict[RATING])),
        lendable_amount=lendable_amount(structure, notch),
        flags=flag_names(flags),
        dscr_path=_dscr_path(structure, cash, short),
        defaulted=judged.defaulted,
    )


def scenario_periods(structure: Structure, scenario: StressScenario) -> dict[str, Floats]:
    """Every month of the waterfall under a scenario, by column."""
    periods, _ = _waterfall(structure, scenario_cash(structure, scenario), *_shifts(scenario))
    return {name: periods[:, k] for k, name in enumerate(COLUMNS)}


def _shifts(scenario: StressScenario) -> tuple[float, float]:
    """Short and long rates' moves as fractions a year."""
    return scenario.short_shift_bps / 1e4, scenario.long_shift_bps / 1e4


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _judged(structure: Structure, cash: ScenarioCash, short: float, long: float) -> Judged:
    """The structure judged on the scenario's cash as underwritten, by the walk's own kernels."""
    unit = np.zeros_like(cash.swap)
    if structure.hedge.hedged_noi_amount != 0.0:
        unit = cash.swap / structure.hedge.hedged_noi_amount
    return judge_path(structure, _underwritten(structure, cash), unit, short, long)


def _underwritten(structure: Structure, cash: ScenarioCash) -> Floats:
    """The scenario's cash as the rules underwrite it: what is sized, refinanced and rated on."""
    found: Floats = cash.cash * structure.deal.rules.underwritten_cash_ratio
    return found


def _waterfall(structure: Structure, cash: ScenarioCash, short: float, long: float) -> tuple[Floats, int]:
    resolved, work = structure.deal.resolved, structure.work
    limit = float(refinance_limit(resolved, structure.senior, _underwritten(structure, cash), long))
    terms = stressed_terms(structure, short, long, limit)
    periods = np.empty((terms.months, len(COLUMNS)))
    paths = WaterfallPaths(
        cash.gross_income, cash.opex, cash.swap, work.schedule, work.mezz_schedule,
        *lock_steps(resolved, structure.senior),
    )  # fmt: skip
    return periods, int(run_waterfall(paths, terms, work.targets, periods))


def _coverage(structure: Structure, scenario: StressScenario) -> float | None:
    """Capex coverage with the overrun among the uses."""
    stack = structure.stack
    overrun = scenario.capex_overrun_ratio * structure.deal.resolved.project.internal_cost_amount
    return _finite(structure.gate_a[0] * stack.uses_amount / (stack.uses_amount + overrun))


def _mezz_shortfall(structure: Structure, periods: Floats) -> float:
    """Deferred interest and principal behind schedule, at their highest."""
    behind = np.maximum(periods[:, MEZZ_BALANCE] - structure.work.mezz_schedule[1:], 0.0)
    return float((behind + periods[:, MEZZ_DEFERRED_BALANCE]).max())


def _equity_irr(structure: Structure, scenario: StressScenario, periods: Floats) -> float | None:
    """Return on what the sponsor pays with the overrun on top; None where the debt funds every use."""
    project = structure.deal.resolved.project
    paid = structure.stack.equity_amount + scenario.capex_overrun_ratio * project.internal_cost_amount
    if paid <= 0.0:
        return None
    flows = np.concatenate((-structure.work.contributions[: project.construction_months + 1], periods[:, EQUITY]))
    flows[0] = -paid
    rate, status = irr_monthly(0, flows)
    return float(rate) if status <= 1 and np.isfinite(rate) else None


def _dscr_path(structure: Structure, cash: ScenarioCash, short: float) -> tuple[float | None, ...]:
    """DSCR by operating year to senior maturity; None in a year without service."""
    senior, hedge, terms = structure.senior, structure.hedge, structure.deal.resolved.terms
    n, schedule = senior.maturity, structure.work.schedule
    extra = terms.unfixed_ratio * short / 12.0
    opening = schedule[:n]
    service = opening * (senior.monthly_rate + senior.wrap_monthly_rate + extra) + opening - schedule[1 : n + 1]
    carry = hedge.trs_carry + hedge.trs_share * (extra - short / 12.0)
    flow = cash.cash[:n] + cash.swap[:n] + opening * carry
    by_year = zip(flow.reshape(-1, 12).sum(axis=1), service.reshape(-1, 12).sum(axis=1), strict=True)
    return tuple(float(paid / due) if due > 0.0 else None for paid, due in by_year)
