"""The project's cash under a scenario, month by month: rent, costs, CFADS and swap settlements.

The one place where a scenario's drivers become money. Source: model book sections 3, 6 and 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.basics.index_paths import by_month, cpi_index
from engine.deal.cash import Operations, Prices, fill_cash, fill_while_let, power_amount, reserve_amount
from engine.deal.numbers import CashLevers
from engine.deal.resolve import inflation_leg, let_share, power_index, rent_index, within_lease
from engine.deal.setting import Setting
from engine.deal.structure import Structure
from engine.hedges.swaps import zcis_unit_settlements
from engine.stress.scenarios import StressScenario

Floats = NDArray[np.float64]


class ScenarioCash(NamedTuple):
    """Monthly arrays of one scenario: rent, costs paid from it, CFADS, and the inflation swap's settlement."""

    gross_income: Floats
    opex: Floats
    cash: Floats
    swap: Floats


def scenario_cash(structure: Structure, scenario: StressScenario) -> ScenarioCash:
    """Cash of a structure's project under a scenario; months of delay earn and cost nothing."""
    deal, levers = structure.deal, structure.deal.levers
    project, own = deal.resolved.project, levers.cash
    rates = cpi_path(deal, scenario)
    prices = Prices(
        rent_index(deal, own.indexation, own.floor_rate, own.cap_rate, rates),
        cpi_index(rates),
        power_index(deal, rates),
    )
    rent, power = let_rent_and_power(structure, own, pue_ratio(project.months, own.pue, scenario.pue_drift))
    gross, opex, cash, powered, reserve = (np.empty(project.months) for _ in range(5))
    let = deal.resolved.paths.let
    fill_while_let(project, 1.0, powered)
    fill_while_let(project, reserve_amount(project, own.pue), reserve)
    month = Operations(
        rent * let * rent_share(project.months, scenario), power * powered, reserve, own.opex_ratio,
        project.asset_management_rate,
    )  # fmt: skip
    fill_cash(month, prices, 1.0 + scenario.opex_overrun_ratio, gross, opex, cash)
    tenor = levers.flow.zcis_tenor_years
    leg = inflation_leg(deal, own.indexation, own.floor_rate, own.cap_rate, rates)
    unit = zcis_unit_settlements(leg, deal.terms.zcis_rate(tenor), tenor)
    late, lease = scenario.delay_months, project.lease_months
    return ScenarioCash(
        gross_income=_delayed(gross, late, lease),
        opex=_delayed(opex, late, lease),
        cash=_delayed(cash, late, lease),
        swap=structure.hedge.hedged_noi_amount * within_lease(deal, unit),
    )


def let_rent_and_power(structure: Structure, levers: CashLevers, ratio: Floats) -> tuple[Floats, Floats]:
    """Let rent and electricity a month before indexation; `ratio` is the base PUE over the month's.

    Per kW the connection is full, so a worse PUE feeds less IT load on the same power; a fixed rent is owed for a load
    that stays, which then draws more power.
    """
    project = structure.deal.resolved.project
    it_load_mw = project.gross_facility_mw / levers.pue
    power = power_amount(project)
    if np.isnan(levers.rent_per_kw_month):
        return project.monthly_rent_amount * project.occupancy_ratio * np.ones_like(ratio), power / ratio
    return levers.rent_per_kw_month * it_load_mw * 1000.0 * project.occupancy_ratio * ratio, power * np.ones_like(ratio)


def cpi_path(setting: Setting, scenario: StressScenario) -> Floats:
    """Annual CPI rises from the start of operations; the last of a given list holds on."""
    rises = setting.letting.months // 12 - 1
    given = np.array(scenario.cpi_rates or (setting.terms.base_cpi_rate,), dtype=np.float64)[:rises]
    return np.concatenate((given, np.full(rises - given.size, given[-1]))) if given.size else given


def pue_ratio(months: int, pue: float, drift: float) -> Floats:
    """Base PUE over that of each month; it moves by `drift` at the start of each year after the first."""
    return by_month(pue / np.maximum(pue + drift * np.arange(months // 12), 0.5))


def rent_share(months: int, scenario: StressScenario) -> Floats:
    """Share of the rent paid each month: a default stops its share, which is re-let at less; vacancy comes on top."""
    share = let_share(
        months, scenario.tenant_default_ratio, scenario.relet_months, scenario.relet_ratio,
        scenario.tenant_default_month,
    )  # fmt: skip
    begun = scenario.vacancy_month - 1
    share[begun : begun + scenario.vacancy_months] *= 1.0 - scenario.vacancy_ratio
    return share


def _delayed(line: Floats, months: int, lease_months: int) -> Floats:
    """The lease's line `months` later, what falls beyond its end lost; a re-letting keeps its dates."""
    held = min(months, lease_months)
    return np.concatenate((np.zeros(held), line[: lease_months - held], line[lease_months:]))
