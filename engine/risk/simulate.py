"""A simulation of one financing: its debt as sized, its cash on every path.

Source: model book section 10; processes in `engine.risk.terms`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.basics.index_paths import at_reviews, fixed_index
from engine.deal.axes import INDEXATIONS
from engine.deal.cash import reserve_amount
from engine.deal.layers import lock_steps
from engine.deal.numbers import CashLevers
from engine.deal.setting import Setting
from engine.deal.structure import Structure, price, stressed_terms
from engine.deal.terms import Deal
from engine.errors import InputProblems, Problem
from engine.hedges.swaps import zcis_unit_settlements
from engine.risk.kernel import (
    P_DSCR_AVERAGE,
    P_DSCR_MINIMUM,
    P_EQUITY_AMOUNT,
    P_EQUITY_IRR,
    P_LOCK_UP_MONTHS,
    P_MEZZ_DEFAULT_MONTH,
    P_MEZZ_LOSS,
    P_SENIOR_DEFAULT_MONTH,
    P_SENIOR_LOSS,
    PATH_SIZE,
    Numbers,
    Years,
    simulate_block,
)
from engine.risk.paths import PathBlock, path_blocks
from engine.risk.terms import SimulationTerms
from engine.stress.cash import let_rent_and_power

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened on each path; DSCR by path and year (NaN: no service), the rest one number a path.

    Losses are shares of the tranche at the start of operations; default month 0 is none; NaN where there is no such
    tranche, or no return.
    """

    terms: SimulationTerms
    maturity_years: int
    base_dscr_path: Floats
    dscr: Floats
    dscr_minimum: Floats
    dscr_average: Floats
    senior_default_month: Floats
    senior_loss: Floats
    mezz_default_month: Floats
    mezz_loss: Floats
    lock_up_months: Floats
    equity_irr_rate: Floats
    equity_amount: Floats


def simulate(deal: Deal, terms: SimulationTerms, tell: Callable[[int], None] | None = None) -> Simulation:
    """Every path of one financing; `tell` hears how many are done. Raises InputProblems where no structure runs."""
    structure = price(deal)
    if not structure.runs:
        message = "Simulation: these levers allow no debt, so there is nothing to simulate."
        raise InputProblems([Problem("no_structure", "choice", message)])
    years = deal.letting.months // 12
    rows, covers = np.empty((terms.paths, PATH_SIZE)), np.empty((terms.paths, years))
    done = 0
    for block in path_blocks(terms, years, deal.terms.base_cpi_rate, _default_rate(deal, terms)):
        stop = done + block.cpi_rates.shape[0]
        run_block(structure, block, rows[done:stop], covers[done:stop])
        done = stop
        if tell:
            tell(done)
    return _simulation(structure, terms, rows, covers)


def _default_rate(setting: Setting, terms: SimulationTerms) -> float:
    return terms.default_rate(setting.inputs.credit.tenant_rating)


def run_block(structure: Structure, block: PathBlock, rows: Floats, covers: Floats) -> None:
    """One block of paths into `rows` (paths, PATH_SIZE) and `covers` (paths, years)."""
    resolved, own, work = structure.deal.resolved, structure.deal.levers.cash, structure.work
    base = stressed_terms(structure, 0.0, 0.0, structure.senior.refinance_limit)
    simulate_block(
        _numbers(structure, own), resolved.project, resolved.paths.let, structure.senior, structure.mezz, base, work.schedule, work.mezz_schedule,
        *lock_steps(resolved, structure.senior), work.targets, work.contributions,
        _years(structure, own, block), rows, covers,
    )  # fmt: skip


def _numbers(structure: Structure, own: CashLevers) -> Numbers:
    resolved, terms = structure.deal.resolved, structure.deal.terms
    rent, power = let_rent_and_power(structure, own, np.ones(1))
    return Numbers(
        rent_amount=float(rent[0]),
        power_amount=float(power[0]),
        reserve_amount=float(reserve_amount(resolved.project, own.pue)),
        opex_ratio=own.opex_ratio,
        management_rate=resolved.project.asset_management_rate,
        occupancy_ratio=resolved.project.occupancy_ratio,
        unfixed_ratio=resolved.terms.unfixed_ratio,
        trs_share=structure.hedge.trs_share,
        hedged_noi_amount=structure.hedge.hedged_noi_amount,
        refinance_spread=resolved.terms.refinance_spread_rate / 12.0,
        relet_months=terms.stress_relet_months,
        relet_ratio=terms.stress_relet_ratio,
        equity_amount=structure.stack.equity_amount,
        construction_months=resolved.project.construction_months,
    )


def _years(structure: Structure, own: CashLevers, block: PathBlock) -> Years:
    """The block's paths as the kernel reads them: CPI through the lease and the swap, vacancy within full occupancy."""
    occupied = structure.deal.resolved.project.occupancy_ratio
    rises = block.cpi_rates[:, :-1]
    return Years(
        rent=rent_levels(structure.deal, own, rises),
        cpi=_index(rises),
        power=_power_levels(structure.deal, rises),
        settlements=_settlements(structure, own, rises),
        let=np.clip(1.0 - block.vacancies, 0.0, 1.0 / occupied if occupied > 0.0 else 1.0),
        defaults=block.defaults,
        shifts=block.rate_shifts,
    )


def rent_levels(setting: Setting, own: CashLevers, rises: Floats) -> Floats:
    """Rent index by path and year, as `engine.deal.resolve.rent_index` gives it for one path."""
    levels = _yearly_levels(setting, own, rises)
    return np.ascontiguousarray(at_reviews(levels, setting.inputs.lease.review_years))


def _yearly_levels(setting: Setting, own: CashLevers, rises: Floats) -> Floats:
    lease, (count, steps) = setting.inputs.lease, rises.shape
    if INDEXATIONS[own.indexation] == "none":
        return np.ones((count, steps + 1))
    if INDEXATIONS[own.indexation] == "fixed":
        return np.tile((1.0 + lease.fixed_indexation_rate) ** np.arange(steps + 1.0), (count, 1))
    whole, part = divmod(lease.indexation_lag_months, 12)
    history = np.concatenate((np.full((count, whole + 1), setting.terms.base_cpi_rate), rises), axis=1)
    read = history[:, 1 : steps + 1] * (1.0 - part / 12.0) + history[:, :steps] * (part / 12.0)
    read = read + lease.indexation_spread_rate
    read = read if np.isnan(own.floor_rate) else np.maximum(read, own.floor_rate)
    read = read if np.isnan(own.cap_rate) else np.minimum(read, own.cap_rate)
    return _index(read)


def _power_levels(setting: Setting, rises: Floats) -> Floats:
    """Electricity price index by path and year, as `engine.deal.resolve.power_index` gives it for one path."""
    rate = setting.inputs.revenue.electricity_escalation_rate
    return _index(rises) if rate is None else np.tile(fixed_index(rate, rises.shape[1] + 1), (rises.shape[0], 1))


def _index(rises: Floats) -> Floats:
    return np.concatenate((np.ones((rises.shape[0], 1)), np.cumprod(1.0 + rises, axis=1)), axis=1)


def _settlements(structure: Structure, own: CashLevers, rises: Floats) -> Floats:
    """Net receipt a month for one unit hedged, by path and year: `engine.hedges.swaps` on each path's inflation leg."""
    tenor, index = structure.deal.levers.flow.zcis_tenor_years, _legs(structure.deal, own, rises)
    flat = zcis_unit_settlements(np.ones(index.shape[1]), structure.deal.terms.zcis_rate(tenor), tenor)[::12]
    years = np.arange(index.shape[1])
    hedged = (years >= 1) & (years <= tenor)
    # On a flat index the strip settles its fixed leg less one: each path pays its own index instead of the one.
    settled = flat - np.where(hedged, index - 1.0, 0.0) / 12.0
    settled[:, structure.deal.letting.lease_months // 12 :] = 0.0
    return np.ascontiguousarray(settled)


def _legs(setting: Setting, own: CashLevers, rises: Floats) -> Floats:
    """The swap's inflation leg by path and year, as `engine.deal.resolve.inflation_leg` gives it for one path."""
    if INDEXATIONS[own.indexation] != "cpi":
        return _index(rises)
    levels = _yearly_levels(setting, own, rises)
    return _index(levels[:, 1:] / levels[:, :-1] - 1.0 - setting.inputs.lease.indexation_spread_rate)


def _simulation(structure: Structure, terms: SimulationTerms, rows: Floats, covers: Floats) -> Simulation:
    rows.setflags(write=False)
    covers.setflags(write=False)
    years = -(-structure.senior.maturity // 12)
    return Simulation(
        terms=terms,
        maturity_years=years,
        base_dscr_path=_base_path(structure, years),
        dscr=covers[:, :years],
        dscr_minimum=rows[:, P_DSCR_MINIMUM],
        dscr_average=rows[:, P_DSCR_AVERAGE],
        senior_default_month=rows[:, P_SENIOR_DEFAULT_MONTH],
        senior_loss=rows[:, P_SENIOR_LOSS],
        mezz_default_month=rows[:, P_MEZZ_DEFAULT_MONTH],
        mezz_loss=rows[:, P_MEZZ_LOSS],
        lock_up_months=rows[:, P_LOCK_UP_MONTHS],
        equity_irr_rate=rows[:, P_EQUITY_IRR],
        equity_amount=rows[:, P_EQUITY_AMOUNT],
    )


def _base_path(structure: Structure, years: int) -> Floats:
    """DSCR by year with nothing uncertain: the one path on which every process stays at its mean."""
    terms, lease_years = structure.deal.terms, structure.deal.letting.months // 12
    still = np.zeros((1, lease_years))
    rows, covers = np.empty((1, PATH_SIZE)), np.empty((1, lease_years))
    run_block(structure, PathBlock(still + terms.base_cpi_rate, still, still, still), rows, covers)
    return covers[0, :years]
