"""A deal's base case as a workbook that computes: terms and the pool's flows in shaded cells, everything paid by formulas.

Its figures are those of `engine.notes.book`, whose formulas are written down; recalculated elsewhere they are the engine's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from documents.live_model.book import (
    CHANGED,
    HEAD_ROWS,
    OUT_OF_RANGE,
    Choice,
    GridSheet,
    InputSheet,
    ListSheet,
    LiveBook,
)
from documents.rendering.steady import steadied
from engine.book import Grid, Lines, Row, Section
from engine.book.algebra import cell
from engine.notes.book import Input, NotesBook, notes_book
from engine.notes.run import NotesResult
from securitisation.models import NotesRun

RANGES = {
    "rate": Choice(low=0.0, high=1.0), "share": Choice(low=0.0, high=1.0), "bps": Choice(low=-500.0, high=5000.0),
    "amount": Choice(low=0.0, high=1e15), "factor": Choice(low=0.0, high=600.0),
}  # fmt: skip
GUIDE = (
    ("Classes", "What each class is paid, its average life and its yield at par."),
    ("Terms", "Balances, coupons, fees, hedges, reserve and limits of the triggers, in shaded cells."),
    ("Pool", "What the pool pays on each date, as the engine found it in the base case, in shaded cells."),
    ("Waterfall", "Each line of the priorities: what is available, what is paid to whom, what is left."),
    ("Checks", "All money that comes in goes out; the difference to the platform's own figures."),
    (
        "Fixed",
        "Which classes and lines there are, what they wait for, payment dates and caps are part of the formulas.",
    ),
)


class PoolSheet(GridSheet):
    """Columns of figures that are given by date and may be changed."""

    def _fill(self, at: int, row: Row) -> None:
        values = self.book.page.column(f"{self.grid.code}.{row.name}").tolist()
        style = self.book.styles.typed(row.unit)
        for period, value in enumerate(values):
            if not math.isnan(value):
                self.sheet.write_number(HEAD_ROWS + period, at, value, style)


def run_book(run: NotesRun, result: NotesResult) -> bytes:
    """The workbook of a run."""
    made_at = run.created_at.astimezone(UTC).replace(tzinfo=None)
    return waterfall_book(result, str(run.version), made_at, _about_run(run))


def _about_run(run: NotesRun) -> tuple[tuple[str, str], ...]:
    """Which terms, loans and engine the figures come from."""
    version = run.version
    return (
        ("Structure", f"{version}, SHA-256 {version.content_hash}"),
        ("Pool", f"{version.pool}, SHA-256 {version.pool.content_hash}"),
        ("Engine", run.engine_version),
    )


def waterfall_book(result: NotesResult, title: str, made_at: datetime, about: Sequence[tuple[str, str]]) -> bytes:
    """The workbook's content."""
    found = notes_book(result.structure, result.pool)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "waterfall.xlsx"
        _write(path, found, result, title, made_at, about)
        return steadied(path.read_bytes())


def _write(
    path: Path, found: NotesBook, result: NotesResult, title: str, made_at: datetime, about: Sequence[tuple[str, str]]
) -> None:
    book = LiveBook(str(path), found.page(), result.structure.currency, title, made_at)
    _write_about(book, about)
    for sheet in found.book.sheets:
        if isinstance(sheet, Grid):
            given = sheet.code == "pool"
            (PoolSheet if given else GridSheet)(book, sheet)
            continue
        _write_lines(book, sheet)
        if sheet.name == "Classes":
            _write_terms(book, found.inputs)
    book.lists["Checks"].section(_against(result))
    book.close()


def _write_about(book: LiveBook, about: Sequence[tuple[str, str]]) -> None:
    sheet = ListSheet(book, "About", "Live note waterfall")
    sheet.heading("This workbook")
    for label, words in about:
        sheet.text(label, words)
    sheet.heading("Sheets")
    for name, words in GUIDE:
        sheet.text(name, words)
    sheet.heading("State")
    for name, label, state in (
        ("inputs_refused", "Terms out of range", OUT_OF_RANGE), ("inputs_changed", "Terms changed since issue", CHANGED),
    ):  # fmt: skip
        sheet.said(name, label, f'COUNTIF(Terms!$F:$F,"{state}")', 0)


def _write_lines(book: LiveBook, sheet: Lines) -> None:
    lines = book.lists[sheet.name] = ListSheet(book, sheet.name, sheet.title)
    for section in sheet.sections:
        lines.section(section)


def _write_terms(book: LiveBook, inputs: Sequence[Input]) -> None:
    sheet = InputSheet(book, "Terms", "Terms")
    for heading, group in groupby(inputs, lambda each: each.heading):
        sheet.heading(heading)
        for each in group:
            sheet.typed(each.name, each.label, each.unit, choice=RANGES[each.unit])


def _against(result: NotesResult) -> Section:
    """How far each class is from the run, nil as issued."""
    rows = []
    for k, each in enumerate(result.structure.classes):
        for what, paid in (("interest", result.interest_paid), ("principal", result.principal_paid)):
            difference = cell(f"class_{k}_total_{what}") - float(paid[k].sum())
            rows.append(Row(f"check_{k}_{what}", f"{each.name}, {what}", difference))
    return Section("Against the run as issued", tuple(rows))
