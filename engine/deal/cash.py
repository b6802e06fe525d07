"""The cash a project earns before any debt, month by month. Compiled.

Income follows the lease's index, operating costs and the replacement reserve CPI, electricity its own price: each starts
at 1 in year 1. Source: model book section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.numbers import CashLevers, ProjectNumbers, Resolved

Floats = NDArray[np.float64]


class CashLayer(NamedTuple):
    """Year-1 NOI and the values that follow from it."""

    noi_amount: float
    value_amount: float
    agency_value_amount: float


class Operations(NamedTuple):
    """What a month takes in and costs at prices of year 1: rent paid, electricity and reserve by month."""

    rent: Floats
    power: Floats
    reserve: Floats
    opex_ratio: float
    management_rate: float


class Prices(NamedTuple):
    """Indices by operating year."""

    rent: Floats
    cpi: Floats
    power: Floats


@njit(cache=True, nogil=True)
def fill_cash(month: Operations, prices: Prices, overrun: float, gross: Floats, opex: Floats, cash: Floats) -> None:
    """Income, all that is paid before debt service, and CFADS by month; operating costs and power run at `overrun` times."""
    for m in range(cash.size):
        y = m // 12
        income = month.rent[m] * prices.rent[y]
        costs = month.rent[m] * month.opex_ratio * prices.cpi[y] + month.power[m] * prices.power[y]
        noi = income - costs * overrun
        gross[m] = income
        cash[m] = noi - max(noi, 0.0) * month.management_rate - month.reserve[m] * prices.cpi[y]
        opex[m] = income - cash[m]


@njit(cache=True, nogil=True)
def power_amount(project: ProjectNumbers) -> float:
    """Electricity of a month at prices of year 1: for the whole facility, IT load x PUE."""
    energy_mwh = project.gross_facility_mw * project.utilisation_ratio * project.hours_a_year
    return energy_mwh * project.electricity_price_per_mwh / 12.0


@njit(cache=True, nogil=True)
def reserve_amount(project: ProjectNumbers, pue: float) -> float:
    """Replacement reserve of a month at prices of year 1."""
    return project.gross_facility_mw / pue * 1000.0 * project.replacement_reserve_per_kw_amount / 12.0


@njit(cache=True, nogil=True)
def fill_while_let(project: ProjectNumbers, amount: float, out: Floats) -> None:
    """A monthly amount that is due let or not into `out`, nil after the last lease."""
    for m in range(project.months):
        out[m] = amount if m < project.let_until else 0.0


@njit(cache=True, nogil=True)
def build_cash(resolved: Resolved, levers: CashLevers, gross: Floats, opex: Floats, cash: Floats) -> CashLayer:
    """Underwritten CFADS into cash (default, cpi path, month); base income and costs into `gross` and `opex`."""
    project, terms, paths = resolved.project, resolved.terms, resolved.paths
    per_kw = levers.rent_per_kw_month
    full = project.monthly_rent_amount if np.isnan(per_kw) else per_kw * project.gross_facility_mw / levers.pue * 1000.0
    let, power = full * project.occupancy_ratio, power_amount(project)
    rent, powers, reserves = np.empty(project.months), np.empty(project.months), np.empty(project.months)
    fill_while_let(project, power, powers)
    fill_while_let(project, reserve_amount(project, levers.pue), reserves)
    levels = paths.rent_index[levers.collar_at]
    # The base case last: its income and costs stay.
    for d in range(paths.rent_factor.shape[0] - 1, -1, -1):
        for m in range(project.months):
            rent[m] = let * paths.rent_factor[d, m]
        month = Operations(rent, powers, reserves, levers.opex_ratio, project.asset_management_rate)
        for p in range(levels.shape[0] - 1, -1, -1):
            prices = Prices(levels[p], paths.cpi_index[p], paths.power_index[p])
            fill_cash(month, prices, 1.0, gross, opex, cash[d, p])
            for m in range(project.months):
                cash[d, p, m] *= terms.underwritten_ratio
    noi = 12.0 * (let * (1.0 - levers.opex_ratio) - power)
    appraisal = project.appraisal_amount
    value = max(noi, 0.0) / terms.capitalisation_rate if np.isnan(appraisal) else appraisal
    return CashLayer(noi, value, value * (1.0 - terms.agency_haircut_ratio))
