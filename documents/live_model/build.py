"""The live model of one permutation, sheet by sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from documents.live_model.algebra import Value
from documents.live_model.book import ListSheet, LiveBook
from documents.live_model.inputs import write_inputs
from documents.live_model.operations import write_operations
from documents.live_model.results import write_results
from documents.live_model.structure import write_structure
from documents.live_model.summary import write_summary
from documents.live_model.waterfall import write_waterfall
from engine.permutations import Case
from engine.permutations.detail import result_row

GUIDE = (
    ("Summary", "The figures a term sheet quotes, under the scenario, and the charts."),
    ("Levers", "What the run permuted, and a scenario to put the structure through. Change the shaded cells."),
    ("Project, Terms", "What the sponsor entered and the run assumed, in shaded cells."),
    ("Costs", "Cost, the first year's NOI and CFADS, value."),
    ("Years, Months", "Indices and cover by year; sizing and the priority of payments by month."),
    ("Debt", "Each tranche as sized, the swaps, the refinancing."),
    ("Cover, Flows, Returns", "Cover, equity flows from close, sources and uses, returns."),
    ("Checks", "What must hold, and the difference to the run's own figures."),
)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """The permutation a model is of, and what it is called on its first sheet: pairs of label and words."""

    case: Case
    index: int
    title: str
    made_at: datetime
    about: tuple[tuple[str, str], ...] = ()


def write_live_model(path: Path, source: ModelSource) -> dict[str, Value]:
    """The headline figures by result column, their workbook written to `path`; ArithmeticError where there is no debt."""
    case = source.case
    mark = f"{source.title}, permutation {source.index}"
    book = LiveBook(str(path), str(case.inputs.currency), mark, source.made_at)
    summary = _write_about(book, source)
    inputs = write_inputs(book, case, case.levers.levers_at(source.index))
    structure = write_structure(book, write_operations(book, inputs))
    write_waterfall(structure)
    found = write_results(book, structure, result_row(case, source.index))
    write_summary(summary, structure, found)
    book.close()
    return {name: figure.value for name, figure in found.items()}


def _write_about(book: LiveBook, source: ModelSource) -> ListSheet:
    """The first sheet; the second is returned, to be filled when its figures exist."""
    sheet = ListSheet(book, "About", "Live model")
    sheet.heading("This model")
    for label, words in source.about:
        sheet.text(label, words)
    sheet.heading("Sheets")
    for names, words in GUIDE:
        sheet.text(names, words)
    return ListSheet(book, "Summary", "Summary")
