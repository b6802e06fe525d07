"""Cover, rating and return of a financing with each year's tax paid. All compiled.

Debt stays as sized before tax; the tax of an operating year falls due at its end, on the base case. Source: model book
section 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.layers import SLACK, HedgeLayer, SeniorLayer
from engine.deal.numbers import Resolved, TaxNumbers
from engine.measures.returns import irr_monthly
from engine.ratings.checks import FLOOR_AVERAGE, FLOOR_MINIMUM, NOTCH, WRAP_RELIEF
from engine.ratings.scale import NOT_RATED
from engine.waterfall.terms import EQUITY, HEDGE, MEZZ_INTEREST, SENIOR_INTEREST, WRAP, Sheet

Floats = NDArray[np.float64]

# Layout of one year's tax.
EBITDA, DEDUCTED, ALLOWANCE, LOSS_USED, TAXABLE, DUE, CARRIED = range(7)
TAX_SIZE = 7


class TaxedLayer(NamedTuple):
    """What is left after tax; NaN where there is no such figure."""

    dscr_minimum: float
    dscr_average: float
    notch: float
    irr_rate: float


@njit(cache=True, nogil=True)
def fill_tax(tax: TaxNumbers, ebitda: Floats, finance: Floats, out: Floats) -> None:
    """Tax by year on EBITDA and net finance costs (below nil: income) into `out` (years, TAX_SIZE).

    Finance costs are deductible up to a share of EBITDA, what is above it is lost; allowances are straight-line; a
    loss is carried forward without end.
    """
    losses = 0.0
    for year in range(ebitda.size):
        earned = ebitda[year]
        deducted = min(finance[year], tax.interest_cap_ratio * max(earned, 0.0))
        allowance = tax.allowance_amount if year < tax.allowance_years else 0.0
        profit = earned - deducted - allowance
        used = min(losses, max(profit, 0.0))
        losses += max(-profit, 0.0) - used
        taxable = max(profit, 0.0) - used
        row = out[year]
        row[EBITDA], row[DEDUCTED], row[ALLOWANCE], row[LOSS_USED] = earned, deducted, allowance, used
        row[TAXABLE], row[DUE], row[CARRIED] = taxable, taxable * tax.rate, losses


@njit(cache=True, nogil=True)
def tax_table(resolved: Resolved, base_cash: Floats, sheet: Sheet) -> Floats:
    """Tax by year of the base case: all its cash, and the interest, premium and hedges that its waterfall paid."""
    years = resolved.project.months // 12
    ebitda, finance, out = np.zeros(years), np.zeros(years), np.empty((years, TAX_SIZE))
    cells, places = sheet.cells, sheet.places
    for m in range(12 * years):
        row = m * sheet.step
        ebitda[m // 12] += base_cash[m] / resolved.terms.underwritten_ratio
        paid = cells[row + places[SENIOR_INTEREST]] + cells[row + places[MEZZ_INTEREST]] + cells[row + places[WRAP]]
        finance[m // 12] += paid - cells[row + places[HEDGE]]
    fill_tax(resolved.tax, ebitda, finance, out)
    return out


@njit(cache=True, nogil=True)
def taxed_covers(
    senior: SeniorLayer, hedge: HedgeLayer, base_cash: Floats, swap: Floats, schedule: Floats, table: Floats
) -> Floats:
    """DSCR by operating year with service to senior maturity, the year's tax paid first; as before tax, that of notes
    which wait is no better than of the notional level payment."""
    years, count = senior.maturity // 12, 0
    found = np.empty(years)
    for year in range(years):
        flow, service = -table[year, DUE], 0.0
        for m in range(12 * year, 12 * year + 12):
            opening = schedule[m]
            flow += base_cash[m] + swap[m] + opening * hedge.trs_carry
            service += opening * (1.0 + senior.monthly_rate + senior.wrap_monthly_rate) - schedule[m + 1]
        if service > 0.0:
            level = 12.0 * senior.notional_amount
            found[count] = min(flow / service, flow / level) if level > 0.0 else flow / service
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def taxed_notch(resolved: Resolved, senior: SeniorLayer, covers: Floats, before: float) -> float:
    """The best row whose DSCR floors hold after tax, no better than the rating before it."""
    low, mean = covers.min(), covers.mean()
    for r in range(resolved.criteria.shape[0]):
        row = resolved.criteria[r]
        relief = row[WRAP_RELIEF] if senior.wrapped else 0.0
        least, average = row[FLOOR_MINIMUM] - relief, row[FLOOR_AVERAGE] - relief
        if low >= least * (1.0 - SLACK) and mean >= average * (1.0 - SLACK):
            return float(max(row[NOTCH], before))
    return float(NOT_RATED)


@njit(cache=True, nogil=True)
def taxed_irr(equity: float, contributions: Floats, sheet: Sheet, table: Floats, flows: Floats) -> float:
    """The sponsor's return with each year's tax taken from the distributions at its end; NaN without equity."""
    if equity <= 0.0:
        return np.nan
    built = contributions.size - 1
    for m in range(built + 1):
        flows[m] = -contributions[m]
    flows[0] -= equity
    for m in range(flows.size - built - 1):
        flows[built + 1 + m] = sheet.cells[m * sheet.step + sheet.places[EQUITY]]
    for year in range(table.shape[0]):
        flows[built + 12 * (year + 1)] -= table[year, DUE]
    found, status = irr_monthly(0, flows)
    return found if status <= 1 else np.nan


@njit(cache=True, nogil=True)
def build_taxed(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, equity: float, before: float, base_cash: Floats,
    swap: Floats, schedule: Floats, sheet: Sheet, contributions: Floats, flows: Floats
) -> TaxedLayer:  # fmt: skip
    """Cover, rating and return after tax of a structure whose waterfall has run; NaN where no tax is paid."""
    if resolved.tax.rate <= 0.0:
        return TaxedLayer(np.nan, np.nan, np.nan, np.nan)
    table = tax_table(resolved, base_cash, sheet)
    covers = taxed_covers(senior, hedge, base_cash, swap, schedule, table)
    if covers.size == 0:
        return TaxedLayer(np.nan, np.nan, before, taxed_irr(equity, contributions, sheet, table, flows))
    return TaxedLayer(
        covers.min(), covers.mean(), taxed_notch(resolved, senior, covers, before),
        taxed_irr(equity, contributions, sheet, table, flows),
    )  # fmt: skip
