"""A financing after tax: debt stays as sized before it; cover and returns are read again with each year's tax paid.

Tax of an operating year falls due at its end, on the base case. Source: model book section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deal.row import Value
from engine.deal.structure import Structure
from engine.measures.returns import irr_monthly
from engine.project.inputs import Tax
from engine.ratings.scale import NOT_RATED, rating_label
from engine.waterfall.terms import EQUITY, HEDGE, MEZZ_INTEREST, SENIOR_INTEREST, WRAP

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TaxYear:
    """One operating year's tax: what is earned, what may be taken off, what is due."""

    ebitda_amount: float
    interest_amount: float
    allowance_amount: float
    loss_used_amount: float
    taxable_amount: float
    tax_amount: float
    losses_carried_amount: float


@dataclass(frozen=True, slots=True)
class AfterTax:
    """Every year's tax, and cover, rating and return after it.

    `rating` is the best whose DSCR floors hold after tax, never better than before; None where a figure has no value.
    """

    years: tuple[TaxYear, ...]
    dscr_path: tuple[float, ...]
    dscr_minimum: float | None
    dscr_average: float | None
    rating: str
    equity_irr_rate: float | None

    @property
    def tax_amount(self) -> float:
        """All tax to lease end."""
        return sum(year.tax_amount for year in self.years)


def tax_years(ebitda: Floats, finance: Floats, capex_amount: float, terms: Tax) -> tuple[TaxYear, ...]:
    """Tax by year on EBITDA and net finance costs (below nil: income).

    Finance costs are deductible up to a share of EBITDA, what is above it is lost; allowances are straight-line; a
    loss is carried forward without end.
    """
    allowance, losses = capex_amount * terms.allowance_ratio / terms.allowance_years, 0.0
    found: list[TaxYear] = []
    for year, (earned, paid) in enumerate(zip(ebitda.tolist(), finance.tolist(), strict=True)):
        interest = min(paid, terms.interest_cap_ratio * max(earned, 0.0))
        written_off = allowance if year < terms.allowance_years else 0.0
        profit = earned - interest - written_off
        used = min(losses, max(profit, 0.0))
        losses += max(-profit, 0.0) - used
        taxable = max(profit, 0.0) - used
        due = taxable * (terms.rate or 0.0)
        found.append(TaxYear(earned, interest, written_off, used, taxable, due, losses))
    return tuple(found)


def after_tax(structure: Structure, row: Mapping[str, Value]) -> AfterTax | None:
    """The financing after tax; None where the project pays none, or no structure runs."""
    terms = structure.deal.inputs.tax
    if not terms.rate or not structure.runs:
        return None
    periods = structure.work.periods
    years = tax_years(
        _by_year(structure.work.cash[0, 0]),
        _by_year(periods[:, SENIOR_INTEREST] + periods[:, MEZZ_INTEREST] + periods[:, WRAP] - periods[:, HEDGE]),
        structure.deal.inputs.capex_internal.total_amount,
        terms,
    )
    due = np.array([year.tax_amount for year in years])
    covers = _covers(structure, due)
    return AfterTax(
        years=years,
        dscr_path=covers,
        dscr_minimum=min(covers, default=None),
        dscr_average=float(np.mean(covers)) if covers else None,
        rating=_rating(structure, covers, row["rating_notch"]),
        equity_irr_rate=_equity_irr(structure, due, row["sponsor_equity_amount"]),
    )


def _by_year(months: Floats) -> Floats:
    found: Floats = months.reshape(-1, 12).sum(axis=1)
    return found


def _covers(structure: Structure, due: Floats) -> tuple[float, ...]:
    """DSCR by operating year to senior maturity, the year's tax paid first."""
    senior, work, n = structure.senior, structure.work, structure.senior.maturity
    opening, closing = work.schedule[:n], work.schedule[1 : n + 1]
    service = _by_year(opening * (senior.monthly_rate + senior.wrap_monthly_rate) + opening - closing)
    cash = _by_year(work.cash[0, 0, :n] + work.swap[:n] + opening * structure.hedge.trs_carry) - due[: n // 12]
    return tuple(float(c / s) for c, s in zip(cash, service, strict=True) if s > 0.0)


def _rating(structure: Structure, covers: tuple[float, ...], before: Value) -> str:
    """The best row of the ladder whose floors hold, no better than the rating before tax."""
    deal, notch = structure.deal, NOT_RATED if before is None else int(before)
    for row in deal.rules.rows_for(deal.inputs.country):
        relief = row.wrap_dscr_relief if structure.senior.wrapped else 0.0
        floors = ((min(covers, default=0.0), row.dscr_minimum), (float(np.mean(covers or (0.0,))), row.dscr_average))
        if all(cover >= (floor - relief) * (1.0 - 1e-9) for cover, floor in floors):
            return rating_label(max(row.notch, notch))
    return rating_label(NOT_RATED)


def _equity_irr(structure: Structure, due: Floats, equity: Value) -> float | None:
    """The sponsor's return with each year's tax taken from the distributions at its end."""
    if not isinstance(equity, float) or equity <= 0.0:
        return None
    received = structure.work.periods[:, EQUITY].copy()
    received[11::12] -= due
    flows = np.concatenate((-structure.work.contributions, received))
    flows[0] -= equity
    found, status = irr_monthly(0, flows)
    return float(found) if status <= 1 and np.isfinite(found) else None
