"""Construction month by month from close: capex paid, debt drawn, interest on it. Model book, sections 2 and 5."""

from __future__ import annotations

from engine.book.algebra import PERIOD, Column, Expr, both, cell, expr, largest, least, same, when
from engine.book.debt import Tranche
from engine.book.rows import Row
from engine.book.structure import MEZZ, SENIOR

BUILDING = Column("building")
MONTH, BUILT = BUILDING("month"), cell("project_months")
_IS_LOAN = same(cell("debt_form"), "loan")
_CAPEX = cell("internal_cost") - cell("land_and_fees")
_COST_PAID = (cell("land_and_fees") + _CAPEX * BUILDING("capex_paid")) / cell("internal_cost")
_BUILDS = MONTH <= BUILT


def _capex_paid() -> Expr:
    """Share of capex paid by the start of the month."""
    x = BUILDING("elapsed")
    curve = when(same(cell("draw_profile"), "straight_line"), x, 3 * x**2 - 2 * x**3)
    return when(same(cell("draw_profile"), "at_close"), 1.0, curve)


def _drawing(tranche: Tranche) -> tuple[Row, ...]:
    """What is owed of one drawn in all, interest added while it is capitalised; and what is drawn in covered months."""
    code, covered = tranche.code, tranche["covered"] >= MONTH
    grows = when(both(same(tranche["cover"], "capitalised"), covered), 1 + tranche["all_in"], 1.0)
    drawn = BUILDING.before(f"{code}_owed") + BUILDING("drawn") - BUILDING.before("drawn")
    return (
        Row(f"{code}_owed", "Owed of one drawn", drawn * grows, "factor", opening=expr(0.0), group=tranche.label),
        Row(f"{code}_funded", "Drawn in covered months", when(covered, BUILDING("drawn"), 0.0), "share"),
    )


def _uncovered(tranche: Tranche) -> Expr:
    """Interest that the tranche does not cover, on what of it is drawn."""
    owed = tranche["balance"] - tranche["proceeds"] * (1 - BUILDING("drawn"))
    return when(both(tranche["covered"] < MONTH, _BUILDS), owed * tranche["all_in"], 0.0)


MONTH_ROWS = (
    Row("month", "Month from close", PERIOD, "months", opening=expr(0.0), group="Costs"),
    Row("elapsed", "Share of construction elapsed",
        least(largest((MONTH - cell("gap_months")) / (BUILT - cell("gap_months")), 0), 1), "share"),
    Row("capex_paid", "Capex paid by the start of the month", _capex_paid(), "share"),
    Row("drawn", "Debt drawn by then", when(_IS_LOAN, _COST_PAID, 1.0), "share", opening=expr(0.0)),
    Row("waiting", "Capex waiting in escrow",
        when(both(_BUILDS, same(cell("debt_form"), "notes")), _CAPEX * (1 - BUILDING("capex_paid")), 0.0)),
    *_drawing(SENIOR),
    *_drawing(MEZZ),
    Row("uncovered", "Interest no tranche covers", _uncovered(SENIOR) + _uncovered(MEZZ), group="Sponsor"),
)  # fmt: skip
