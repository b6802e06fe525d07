"""The sheets of the checklist."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from documents.brand import PALETTE
from documents.facts import PackFacts, Task
from documents.rendering.sheets import HEAD_ROWS, Cell, Column, SheetBook
from documents.rendering.steady import steadied
from engine.basics.business_days import PLACES

STATUSES = ("Not started", "In progress", "Done", "Not applicable")
COLUMNS = (
    Column("Code", width=6), Column("Workstream", width=13), Column("Task", width=46, wraps=True),
    Column("Owner", width=18), Column("After", width=18, wraps=True), Column("Days", "count", 6),
    Column("Start", "date", 12), Column("End", "date", 12), Column("Float, days", "count", 7),
    Column("Critical", width=8), Column("Status", width=13), Column("Remarks", width=24, wraps=True),
)  # fmt: skip
START, END, CRITICAL, STATUS = 6, 7, 9, 10
NOTE = (
    "Dates are the latest that keep the close; days are business days: weekends and {holidays} are left out. "
    "Tasks without float are critical: a day lost there is a day of the close."
)


def write_book(facts: PackFacts) -> bytes:
    """The workbook's file."""
    out, marks = BytesIO(), facts.marks
    told = f"{marks.version_words}. {marks.confidentiality}. {facts.lineage}"
    book = SheetBook(out, f"{facts.title}: execution checklist", facts.as_of, marks.organisation, told)
    sheet = book.add_sheet("Checklist", f"Execution checklist to close on {facts.close_date:%d %B %Y}")
    tasks = facts.checklist
    book.widths(sheet, COLUMNS)
    end = book.table(sheet, HEAD_ROWS, COLUMNS, [_row(task) for task in tasks])
    sheet.write_string(end + 1, 0, NOTE.format(holidays=PLACES[facts.calendar.holidays]), book.styles.muted())
    sheet.freeze_panes(HEAD_ROWS + 1, 3)
    sheet.autofilter(HEAD_ROWS, 0, end - 1, len(COLUMNS) - 1)
    _write_statuses(book, sheet, end - 1)
    _write_weeks(book, sheet, tasks, end - 1)
    book.about([*facts.about, ("Close", f"{facts.close_date:%d %B %Y}"), ("Marks", told)])
    book.close()
    return steadied(out.getvalue())


def _row(task: Task) -> list[Cell]:
    return [
        task.code, task.workstream, task.title, str(task.owner), ", ".join(task.after), task.duration_days, task.start_date,
        task.end_date, task.float_days, "yes" if task.is_critical else "", STATUSES[0], "",
    ]  # fmt: skip


def _write_statuses(book: SheetBook, sheet: Worksheet, last: int) -> None:
    """A status to choose, done in green, and critical tasks marked."""
    first = HEAD_ROWS + 1
    message = f"Choose one of {', '.join(STATUSES)}."
    rule = {"validate": "list", "source": list(STATUSES), "error_title": "Status", "error_message": message}
    sheet.data_validation(first, STATUS, last, STATUS, rule)
    good, warn = book.styles.rule(PALETTE.good_soft, PALETTE.good), book.styles.rule(PALETTE.warn_soft, PALETTE.warn)
    bad = book.styles.rule(PALETTE.bad_soft, PALETTE.bad)
    for column, words, look in ((STATUS, "Done", good), (STATUS, "In progress", warn), (CRITICAL, "yes", bad)):
        rule = {"type": "cell", "criteria": "==", "value": f'"{words}"', "format": look}
        sheet.conditional_format(first, column, last, column, rule)


def _write_weeks(book: SheetBook, sheet: Worksheet, tasks: tuple[Task, ...], last: int) -> None:
    """A column for each week, filled where the task runs: critical ones dark, done ones green."""
    weeks = _weeks(tasks)
    first, left = HEAD_ROWS + 1, len(COLUMNS)
    right = left + len(weeks) - 1
    head = book.styles.head(num_format="dd mmm", rotation=90, align="center", font_size=8)
    sheet.set_column(left, right, 2.6)
    sheet.set_row(HEAD_ROWS, 42)
    for at, monday in enumerate(weeks, left):
        sheet.write_datetime(HEAD_ROWS, at, monday, head)
    top = f"{xl_col_to_name(left)}${HEAD_ROWS + 1}"
    row = HEAD_ROWS + 2
    start, end = (f"${xl_col_to_name(column)}{row}" for column in (START, END))
    runs = f"{start}<={top}+6,{end}>={top}"
    state, critical = (f"${xl_col_to_name(column)}{row}" for column in (STATUS, CRITICAL))
    looks = (
        (f'=AND({runs},{state}="Done")', PALETTE.series[2]),
        (f'=AND({runs},{critical}="yes")', PALETTE.accent),
        (f"=AND({runs})", "#9FBBD6"),
    )
    for formula, colour in looks:
        rule = {
            "type": "formula",
            "criteria": formula,
            "format": book.styles.rule(colour, colour),
            "stop_if_true": True,
        }
        sheet.conditional_format(first, left, last, right, rule)


def _weeks(tasks: tuple[Task, ...]) -> list[date]:
    """The Mondays from the first task's week to the last one's."""
    first = min(task.start_date for task in tasks)
    monday, last = first - timedelta(first.weekday()), max(task.end_date for task in tasks)
    return [monday + timedelta(7 * at) for at in range((last - monday).days // 7 + 1)]
