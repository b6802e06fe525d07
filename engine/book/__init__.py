"""The model written once: read as numbers it is the plain twin, read as text the formulas of the live workbook.

`given` names the inputs, `compute` gives a page of numbers, `book` the rows themselves, subject by subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.book import construction, operations, results, structure
from engine.book.inputs import given, step_count
from engine.book.market import market
from engine.book.page import Page
from engine.book.quotes import NO_QUOTES, Quotes
from engine.book.rows import Book, Grid, Lines, Row, Section
from engine.book.waterfall import payments
from engine.project import ProjectInputs
from engine.ratings.criteria import RuleSet
from engine.ratings.letting import letting_of
from engine.terms import StructuringTerms

# Sixty months, and three years between financial close and their start.
LONGEST_CONSTRUCTION = 96


@cache
def book(steps: int, tests: int = 0, lives: int = 0) -> Book:
    """Every sheet of the model: so many steps of a cash trap, scenarios of ratings, lives the market is quoted at."""
    months = (*operations.MONTH_ROWS, *structure.MONTH_ROWS, *payments(steps), *results.MONTH_ROWS)
    years = (*operations.YEAR_ROWS, *results.YEAR_ROWS)
    return Book(
        (
            Lines("Costs", "Costs, first year and scenario", operations.costs(tests)),
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
            Lines("Debt", "Debt and hedges", structure.debt(steps)),
            Lines("Cover", "Cover, default and market", (*results.COVER, *market(lives))),
            Grid("flows", "Flows", "Equity flows from financial close", 0, opens=False, rows=results.FLOW_ROWS),
            Lines("Returns", "Sources, uses and returns", results.RETURNS),
            Lines("Checks", "Checks", results.CHECKS),
        ),
        (operations.LAND_AND_FEES,),
    )


def sizes(months: int) -> dict[str, int]:
    """The last row of each grid for cash of so many months."""
    built = LONGEST_CONSTRUCTION
    return {"years": months // 12, "months": months, "building": built, "flows": built + months}


def compute(
    inputs: ProjectInputs,
    terms: StructuringTerms,
    rules: RuleSet,
    levers: Mapping[str, Any],
    quotes: Quotes = NO_QUOTES,
) -> Page:
    """The book of one structure in the base case; `quotes` is the market at its ratings."""
    pages = book(step_count(terms), len(rules.rating_stresses), len(quotes.rows))
    return Page(pages, given(inputs, terms, rules, levers, quotes), sizes(letting_of(inputs.lease, rules).months))


__all__ = ["Book", "Grid", "Lines", "Page", "Quotes", "Row", "Section", "book", "compute", "given", "sizes"]
