"""A run's base case as a workbook: every line of the priorities by date, each class's account and measures by formula.

What was paid is the engine's; balances, totals, average lives, yields and the check that all cash is paid out follow from it
by formula, so that a payment changed in a cell shows through.
"""

from __future__ import annotations

from datetime import UTC
from io import BytesIO
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from documents.rendering.sheets import HEAD_ROWS, Cell, Column, SheetBook
from engine.notes.measures import flows_of, life_years, yield_rate
from engine.notes.run import NotesResult
from engine.notes.words import place_words
from securitisation.models import NotesRun

FIRST = HEAD_ROWS + 1
CLASS_COLUMNS = (
    Column("Payment", "count", 9), Column("Date", "date", 13), Column("Opening", "amount", 17), Column("Interest due", "amount", 15),
    Column("Interest paid", "amount", 15), Column("Principal paid", "amount", 16), Column("Closing", "amount", 17),
    Column("Deferred", "amount", 15),
)  # fmt: skip
PAID, PRINCIPAL, CLOSING, FLOW = 4, 5, 6, 9
SUMMARY_COLUMNS = (
    Column("Class", width=24), Column("Balance", "amount", 18), Column("Interest", "amount", 18), Column("Principal", "amount", 18),
    Column("Unpaid at the end", "amount", 18), Column("Average life, years", "factor", 14), Column("Yield at par", "rate", 14),
)  # fmt: skip


def waterfall_book(run: NotesRun, result: NotesResult) -> bytes:
    """The workbook's content."""
    out = BytesIO()
    made_at = run.created_at.astimezone(UTC).replace(tzinfo=None)
    version = run.version
    book = SheetBook(out, str(version), made_at, comment=f"Version {version.content_hash}")
    summary = book.add_sheet("Classes", f"Classes of {version}")
    for k, note in enumerate(result.structure.classes):
        _class_sheet(book, result, k, note.name)
    _summary(book, summary, result)
    _payments(book, result)
    book.about(
        [
            ("Structure", f"{version}, SHA-256 {version.content_hash}"),
            ("Pool", f"{version.pool}, SHA-256 {version.pool.content_hash}"),
            ("Engine", run.engine_version),
        ]
    )
    book.close()
    return out.getvalue()


def sheet_name(number: int) -> str:
    """The sheet of a class by its place: names of classes may be too long for one."""
    return f"Class {number + 1}"


def _class_sheet(book: SheetBook, result: NotesResult, k: int, name: str) -> None:
    """The account of one class: opening and closing by formula on what was paid."""
    sheet = book.add_sheet(sheet_name(k), name)
    book.widths(sheet, CLASS_COLUMNS)
    rows = [
        (
            m + 1, day, float(result.opening[k, m]), float(result.interest_due[k, m]), float(result.interest_paid[k, m]),
            float(result.principal_paid[k, m]), None, float(result.deferred[k, m]),
        )
        for m, day in enumerate(result.periods)
    ]  # fmt: skip
    book.table(sheet, HEAD_ROWS, CLASS_COLUMNS, rows)
    money = book.styles.figure("amount")
    _flows(book, sheet, result, k)
    for m in range(len(rows)):
        at = FIRST + m + 1
        if m:
            sheet.write_formula(FIRST + m, 2, f"=G{at - 1}", money, float(result.opening[k, m]))
        sheet.write_formula(FIRST + m, CLOSING, f"=C{at}-F{at}", money, float(result.closing[k, m]))


def _flows(book: SheetBook, sheet: Any, result: NotesResult, k: int) -> None:
    """What a buyer at par pays and is paid, the first line above the account: the yield reads it."""
    flows, money = flows_of(result, result.structure.classes[k].code), book.styles.figure("amount")
    sheet.set_column(FLOW, FLOW, 17)
    sheet.write_string(HEAD_ROWS - 1, FLOW, "Flow at par", book.styles.head(align="right"))
    sheet.write_formula(HEAD_ROWS, FLOW, f"=-C{FIRST + 1}", money, -flows.balance_amount)
    for m, paid in enumerate(flows.service):
        at = FIRST + m + 1
        sheet.write_formula(FIRST + m, FLOW, f"=E{at}+F{at}", money, float(paid))


def _summary(book: SheetBook, sheet: Any, result: NotesResult) -> None:
    book.widths(sheet, SUMMARY_COLUMNS)
    classes = result.structure.classes
    book.table(sheet, HEAD_ROWS, SUMMARY_COLUMNS, [(each.name, *[None] * 6) for each in classes])
    last = FIRST + len(result.periods)
    yearly = 12 // result.structure.payment_frequency_months
    for k, note in enumerate(classes):
        flows = flows_of(result, note.code)
        at = f"'{sheet_name(k)}'!"
        paid, principal, numbers = (_range(at, column, last) for column in (PAID, PRINCIPAL, 0))
        opening = f"{at}C{FIRST + 1}"
        row = FIRST + k
        figures = (
            (1, f"={opening}", "amount", note.balance_amount),
            (2, f"=SUM({paid})", "amount", float(flows.interest.sum())),
            (3, f"=SUM({principal})", "amount", float(flows.principal.sum())),
            (4, f"=B{row + 1}-D{row + 1}", "amount", note.balance_amount - float(flows.principal.sum())),
            (5, f"=IF(D{row + 1}=0,0,SUMPRODUCT({numbers},{principal})/D{row + 1}/{yearly})", "factor", life_years(flows)),
            (6, _yield_formula(k, last, yearly), "rate", yield_rate(flows, 1.0)),
        )  # fmt: skip
        for column, formula, unit, value in figures:
            sheet.write_formula(row, column, formula, book.styles.figure(unit), value)


def _range(at: str, column: int, last: int) -> str:
    letter = xl_col_to_name(column)
    return f"{at}${letter}${FIRST + 1}:${letter}${last}"


def _yield_formula(k: int, last: int, yearly: int) -> str:
    """The internal return of the class's own flows, which stand beside its account."""
    return f"=IFERROR(IRR('{sheet_name(k)}'!$J${FIRST}:$J${last})*{yearly},0)"


def _payments(book: SheetBook, result: NotesResult) -> None:
    """Every line by date, and what came in beside what was paid."""
    columns = (Column("Line", width=60), *(Column(f"{day:%d %b %Y}", "amount", 15) for day in result.periods))
    sheet = book.add_sheet("Payments", "What each line of the priorities pays, by date")
    book.widths(sheet, columns)
    rows: list[tuple[Cell, ...]] = [
        (place_words(result.structure, place), *[float(paid) for paid in result.step_paid[number]])
        for number, place in enumerate(result.steps)
    ]
    after = book.table(sheet, HEAD_ROWS, columns, rows)
    sheet.freeze_panes(FIRST, 1)
    sheet.write_string(after, 0, "All lines", book.styles.of(bold=True))
    for m in range(len(result.periods)):
        first, last = xl_rowcol_to_cell(FIRST, m + 1), xl_rowcol_to_cell(after - 1, m + 1)
        total = float(result.step_paid[:, m].sum())
        sheet.write_formula(after, m + 1, f"=SUM({first}:{last})", book.styles.figure("amount", bold=True), total)
