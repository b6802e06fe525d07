"""A financing after tax: debt stays as sized before it; cover and returns are read again with each year's tax paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deal.resolve import tax_numbers
from engine.deal.structure import Structure
from engine.deal.taxed import TAX_SIZE, build_taxed, fill_tax, tax_table, taxed_covers
from engine.project.inputs import Tax
from engine.ratings.checks import RATING
from engine.ratings.scale import rating_label
from engine.waterfall.kernel import whole_sheet

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


def tax_years(ebitda: Floats, finance: Floats, capex_amount: float, tax: Tax) -> tuple[TaxYear, ...]:
    """Tax by year on EBITDA and net finance costs, below nil an income."""
    table = np.empty((ebitda.size, TAX_SIZE))
    fill_tax(tax_numbers(tax, capex_amount), ebitda, finance, table)
    return _years(table)


def after_tax(structure: Structure) -> AfterTax | None:
    """The financing after tax; None where the project pays none, or no structure runs."""
    resolved, work, senior = structure.deal.resolved, structure.work, structure.senior
    if resolved.tax.rate <= 0.0 or not structure.runs:
        return None
    base = work.cash[0, 0]
    sheet = whole_sheet(work.periods)
    table = tax_table(resolved, base, sheet)
    taxed = build_taxed(
        resolved, senior, structure.hedge, structure.stack.equity_amount, structure.verdict[RATING], base, work.swap,
        work.schedule, sheet, work.contributions, work.flows,
    )  # fmt: skip
    return AfterTax(
        years=_years(table),
        dscr_path=tuple(taxed_covers(senior, structure.hedge, base, work.swap, work.schedule, table).tolist()),
        dscr_minimum=_or_none(taxed.dscr_minimum),
        dscr_average=_or_none(taxed.dscr_average),
        rating=rating_label(int(taxed.notch)),
        equity_irr_rate=_or_none(taxed.irr_rate),
    )


def _years(table: Floats) -> tuple[TaxYear, ...]:
    return tuple(TaxYear(*row) for row in table.tolist())


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
