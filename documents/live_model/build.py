"""The live model of one permutation, sheet by sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from documents.live_model.book import GridSheet, ListSheet, LiveBook
from documents.live_model.inputs import write_inputs
from documents.live_model.summary import write_summary
from engine.book import Grid, Lines, compute
from engine.book.results import FIGURES, NOT_COMPUTED, against
from engine.deal import Deal, price, result_row
from engine.permutations import COLUMNS

Value = float | str
GUIDE = (
    ("Summary", "The figures a term sheet quotes, under the scenario, and the charts."),
    ("Levers", "What the run permuted, and a scenario to put the structure through. Change the shaded cells."),
    ("Project, Terms", "What the sponsor entered and the run assumed, in shaded cells."),
    ("Costs", "Cost, the first year's NOI and CFADS, value."),
    ("Years, Months", "Indices and cover by year; sizing and the priority of payments by month."),
    ("Construction", "Capex paid, debt drawn and interest on it, month by month from close."),
    ("Debt", "Each tranche as sized, the swaps, the refinancing."),
    ("Cover, Flows, Returns", "Cover, equity flows from close, sources and uses, returns."),
    ("Checks", "What must hold, and the difference to the platform's own figures."),
)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """The financing a model is of, and what it is called on its first sheet: pairs of label and words."""

    deal: Deal
    title: str
    made_at: datetime
    about: tuple[tuple[str, str], ...] = ()
    name: str = ""


def write_live_model(path: Path, source: ModelSource) -> dict[str, Value]:
    """The headline figures by result column, their workbook written to `path`; ArithmeticError where there is no debt."""
    deal = source.deal
    page = compute(deal.inputs, deal.terms, deal.choice.to_dict())
    mark = ", ".join(filter(None, (source.title, source.name)))
    book = LiveBook(str(path), page, str(deal.inputs.currency), mark, source.made_at)
    _write_about(book, source)
    write_summary(book)
    write_inputs(book, deal)
    for sheet in page.book.sheets:
        _write_sheet(book, sheet)
    _write_against(book, result_row(price(deal)))
    book.close()
    figures = {name: page[figure] for name, figure in FIGURES.items()}
    found = {name: NOT_COMPUTED if math.isnan(value) else value for name, value in figures.items()}
    return found | {"checks_failed": page["checks_failed"]}


def _write_sheet(book: LiveBook, sheet: Lines | Grid) -> None:
    if isinstance(sheet, Grid):
        ends = {"months": "lease_months", "years": "term_years"}.get(sheet.code)
        written = GridSheet(book, sheet)
        if ends:
            written.shade_after(ends)
        return
    lines = book.lists[sheet.name] = ListSheet(book, sheet.name, sheet.title)
    for section in sheet.sections:
        lines.section(section)


def _write_against(book: LiveBook, run: Mapping[str, object]) -> None:
    """How far the model is from the run, at the end of the checks."""
    known = {
        name: (COLUMNS[name].label, float(value))
        for name, value in run.items()
        if name in FIGURES and isinstance(value, (int, float))
    }
    book.lists["Checks"].section(against(known))


def _write_about(book: LiveBook, source: ModelSource) -> None:
    sheet = ListSheet(book, "About", "Live model")
    sheet.heading("This model")
    for label, words in source.about:
        sheet.text(label, words)
    sheet.heading("Sheets")
    for names, words in GUIDE:
        sheet.text(names, words)
