"""The model written once: read as numbers it is the plain twin, read as text the formulas of the live workbook.

`given` names the inputs, `compute` gives a page of numbers, `book` the rows themselves, subject by subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.book import construction, operations, results, structure
from engine.book.inputs import given, step_count
from engine.book.page import Page
from engine.book.rows import Book, Grid, Lines, Row, Section
from engine.book.waterfall import payments
from engine.project import ProjectInputs
from engine.terms import StructuringTerms

LONGEST_CONSTRUCTION = 60


@cache
def book(lock_up_steps: int) -> Book:
    """Every sheet of the model; a lock-up has so many steps."""
    months = (*operations.MONTH_ROWS, *structure.MONTH_ROWS, *payments(lock_up_steps), *results.MONTH_ROWS)
    years = (*operations.YEAR_ROWS, *results.YEAR_ROWS)
    return Book(
        (
            Lines("Costs", "Costs, first year and scenario", operations.COSTS),
            Grid("years", "Years", "Years of operation", 1, opens=False, rows=years),
            Grid("months", "Months", "Months of operation", 0, opens=True, rows=months),
            Grid(
                "building",
                "Construction",
                "Months of construction from financial close",
                0,
                opens=True,
                rows=construction.MONTH_ROWS,
            ),
            Lines("Debt", "Debt and hedges", structure.DEBT),
            Lines("Cover", "Cover of senior service", results.COVER),
            Grid("flows", "Flows", "Equity flows from financial close", 0, opens=False, rows=results.FLOW_ROWS),
            Lines("Returns", "Sources, uses and returns", results.RETURNS),
            Lines("Checks", "Checks", results.CHECKS),
        ),
        (operations.LAND_AND_FEES,),
    )


def sizes(lease_months: int) -> dict[str, int]:
    """The last row of each grid for a lease."""
    built = LONGEST_CONSTRUCTION
    return {"years": lease_months // 12, "months": lease_months, "building": built, "flows": built + lease_months}


def compute(inputs: ProjectInputs, terms: StructuringTerms, levers: Mapping[str, Any]) -> Page:
    """The book of one structure in the base case."""
    return Page(book(step_count(terms)), given(inputs, terms, levers), sizes(12 * inputs.lease.term_years))


__all__ = ["Book", "Grid", "Lines", "Page", "Row", "Section", "book", "compute", "given", "sizes", "step_count"]
