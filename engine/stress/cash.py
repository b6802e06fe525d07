"""The project's cash under a scenario, month by month: rent, costs, CFADS and swap settlements.

The one place where a scenario's drivers become money. Source: model book sections 3, 6 and 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.basics.index_paths import by_month, cpi_index
from engine.hedges.swaps import zcis_unit_settlements
from engine.permutations.axes import INDEXATIONS
from engine.permutations.layers import A_CAP, A_FLOOR, A_INDEXATION, A_OPEX, A_PUE, A_RENT, A_ZCIS, value_at
from engine.permutations.resolve import Case, rent_index
from engine.permutations.structure import Structure
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
    case, index = structure.case, structure.index
    project = case.resolved.project
    own = OwnLevers.of(structure)
    rates = cpi_path(case, scenario)
    level = by_month(rent_index(case, own.indexation, own.floor_rate, own.cap_rate, rates))
    worse = 1.0 + scenario.opex_overrun_ratio
    power_saved = pue_ratio(project.months, own.pue, scenario.pue_drift)
    rent, power = let_rent_and_power(structure, own, power_saved)
    income = rent * rent_share(project.months, scenario) * level
    noi = income * (1.0 - own.opex_ratio * worse) - power * level * worse
    fee = np.maximum(noi, 0.0) * project.asset_management_rate
    tenor = float(value_at(case.resolved.axes, A_ZCIS, index))
    unit = zcis_unit_settlements(cpi_index(rates), case.terms.zcis_rate(tenor), int(tenor))
    late = scenario.delay_months
    return ScenarioCash(
        gross_income=_delayed(income, late),
        opex=_delayed(income - noi + fee, late),
        cash=_delayed(noi - fee, late),
        swap=structure.hedge.hedged_noi_amount * unit,
    )


class OwnLevers(NamedTuple):
    """The permutation's cash levers, the project's own where an axis is closed."""

    rent_per_kw: float
    opex_ratio: float
    pue: float
    indexation: str
    floor_rate: float
    cap_rate: float

    @classmethod
    def of(cls, structure: Structure) -> OwnLevers:
        resolved, index = structure.case.resolved, structure.index
        project = resolved.project

        def lever(axis: int, own: float = np.nan) -> float:
            value = float(value_at(resolved.axes, axis, index))
            return own if np.isnan(value) else value

        return cls(
            lever(A_RENT, project.rent_per_kw_month), lever(A_OPEX, project.opex_ratio), lever(A_PUE, project.pue),
            INDEXATIONS[int(lever(A_INDEXATION))], lever(A_FLOOR), lever(A_CAP),
        )  # fmt: skip


def let_rent_and_power(structure: Structure, own: OwnLevers, ratio: Floats) -> tuple[Floats, Floats]:
    """Let rent and electricity a month before indexation; `ratio` is the base PUE over the month's.

    Per kW the connection is full, so a worse PUE feeds less IT load on the same power; a fixed rent is owed for a load
    that stays, which then draws more power.
    """
    project = structure.case.resolved.project
    it_load_mw = project.gross_facility_mw / own.pue
    power = it_load_mw * project.hours_a_year * project.electricity_price_per_mwh / 12.0
    if np.isnan(own.rent_per_kw):
        return project.monthly_rent_amount * project.occupancy_ratio * np.ones_like(ratio), power / ratio
    return own.rent_per_kw * it_load_mw * 1000.0 * project.occupancy_ratio * ratio, power * np.ones_like(ratio)


def cpi_path(case: Case, scenario: StressScenario) -> Floats:
    """Annual CPI rises from the start of operations; the last of a given list holds on."""
    rises = case.inputs.lease.term_years - 1
    given = np.array(scenario.cpi_rates or (case.terms.base_cpi_rate,), dtype=np.float64)[:rises]
    return np.concatenate((given, np.full(rises - given.size, given[-1]))) if given.size else given


def pue_ratio(months: int, pue: float, drift: float) -> Floats:
    """Base PUE over that of each month; it moves by `drift` at the start of each year after the first."""
    return by_month(pue / np.maximum(pue + drift * np.arange(months // 12), 0.5))


def rent_share(months: int, scenario: StressScenario) -> Floats:
    """Share of the rent paid each month: a default stops its share, which is re-let at less; vacancy comes on top."""
    share = np.ones(months)
    first, ratio = scenario.tenant_default_month - 1, scenario.tenant_default_ratio
    share[first : first + scenario.relet_months] = 1.0 - ratio
    share[first + scenario.relet_months :] = 1.0 - ratio * (1.0 - scenario.relet_ratio)
    begun = scenario.vacancy_month - 1
    share[begun : begun + scenario.vacancy_months] *= 1.0 - scenario.vacancy_ratio
    return share


def _delayed(line: Floats, months: int) -> Floats:
    """The line `months` later, what falls beyond the lease's end lost."""
    held = min(months, line.size)
    return np.concatenate((np.zeros(held), line[: line.size - held]))
