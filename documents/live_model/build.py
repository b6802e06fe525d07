"""The live model of one permutation, sheet by sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from documents.live_model.book import CLOSE_DATE, GridSheet, ListSheet, LiveBook
from documents.live_model.inputs import write_inputs
from documents.live_model.summary import write_summary
from engine.book import Grid, Lines, Quotes, compute
from engine.book.results import FIGURES, MARKET_FIGURES, against
from engine.book.rows import NOT_COMPUTED
from engine.deal import Deal, price, result_row
from engine.permutations import COLUMNS
from engine.ratings.scale import NOT_RATED
from lib.workbooks.days import day_number

Value = float | str
GUIDE = (
    ("Summary", "The figures a term sheet quotes, under the scenario, and the charts."),
    (
        "Levers",
        "What the run permuted, and a scenario to put the structure through: entered, or one of the ratings' own. Change the shaded cells.",
    ),
    (
        "Project, Terms",
        "What the sponsor entered, what the run assumed, the limits of its rule set, the market; in shaded cells.",
    ),
    ("Costs", "Cost, the first year's NOI and CFADS, value."),
    ("Years, Months", "Indices and cover by year; sizing and the priority of payments by month."),
    ("Construction", "Capex paid, debt drawn and interest on it, month by month from close."),
    ("Debt", "Each tranche as sized and what limits it, the cash trap, the swaps, the refinancing."),
    (
        "Cover",
        "Cover of senior and of all debt, default in the scenario, debt against value and cost, coupons against the market.",
    ),
    ("Flows, Returns", "Equity flows from close, sources and uses, capex coverage, returns."),
    ("Checks", "What must hold, and the difference to the platform's own figures."),
)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """The financing a model is of, the day of its close, and what it is called on its first sheet: pairs of label and words."""

    deal: Deal
    title: str
    made_at: datetime
    close_date: date
    about: tuple[tuple[str, str], ...] = ()
    name: str = ""
    organisation: str = ""
    marks: str = ""


def write_live_model(path: Path, source: ModelSource) -> dict[str, Value]:
    """The headline figures by result column, their workbook written to `path`; ArithmeticError where there is no debt."""
    deal = source.deal
    run = result_row(price(deal))
    page = compute(deal.inputs, deal.terms, deal.rules, deal.choice.to_dict(), _quotes(deal, run))
    page.cells[CLOSE_DATE] = day_number(source.close_date)
    mark = ", ".join(filter(None, (source.title, source.name)))
    currency = str(deal.inputs.currency)
    book = LiveBook(str(path), page, currency, mark, source.made_at, source.organisation, source.marks)
    _write_about(book, source)
    write_summary(book)
    write_inputs(book, deal)
    for sheet in page.book.sheets:
        _write_sheet(book, sheet)
    known = FIGURES | MARKET_FIGURES if deal.market else FIGURES
    _write_against(book, {name: value for name, value in run.items() if name in known})
    book.close()
    figures = {name: page[figure] for name, figure in known.items()}
    found = {name: NOT_COMPUTED if math.isnan(value) else value for name, value in figures.items()}
    return found | {"checks_failed": page["checks_failed"]}


def _quotes(deal: Deal, run: Mapping[str, object]) -> Quotes:
    """The market at the ratings the run gave; no quotes without a market set."""
    found = (run["rating_notch"], run["mezz_rating_notch"])
    senior, mezz = (notch if isinstance(notch, int) else NOT_RATED for notch in found)
    if deal.market is None:
        return Quotes(mezz_notch=mezz)
    return Quotes.of(deal.market.market_for(deal.inputs.currency), senior, mezz)


def _write_sheet(book: LiveBook, sheet: Lines | Grid) -> None:
    if isinstance(sheet, Grid):
        ends = {"months": "last_month", "years": "last_month/12"}.get(sheet.code)
        written = GridSheet(book, sheet)
        if ends:
            written.shade_after(ends)
        return
    lines = book.lists[sheet.name] = ListSheet(book, sheet.name, sheet.title)
    for section in sheet.sections:
        lines.section(section)
    if sheet.name == "Checks":
        lines.heading("Of the inputs")
        lines.said("check_refused", "Inputs out of range", "inputs_refused", 0)
        lines.said("check_changed", "Inputs changed since issue", "inputs_changed", 0)


def _write_against(book: LiveBook, run: Mapping[str, object]) -> None:
    """How far the model is from the run, at the end of the checks."""
    known = {
        name: (COLUMNS[name].label, float(value)) for name, value in run.items() if isinstance(value, (int, float))
    }
    book.page.cells.update({f"run_{name}": value for name, (_, value) in known.items()})
    book.lists["Checks"].section(against(known))


def _write_about(book: LiveBook, source: ModelSource) -> None:
    sheet = ListSheet(book, "About", "Live model")
    sheet.heading("This model")
    for label, words in source.about:
        sheet.text(label, words)
    sheet.heading("Sheets")
    for names, words in GUIDE:
        sheet.text(names, words)
