"""Workbooks of one look: cell formats, sheets with their title and print set-up, tables that hold text as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from documents.brand import OFFICE_FONT, PALETTE
from documents.rendering.text import printable, shortened
from lib.units import UNITS
from lib.workbooks.writing import new_workbook

FORMATS: dict[str, str] = {
    **{unit: words.sheet for unit, words in UNITS.items()},
    "amount": "#,##0;[Red]-#,##0;-",
    "date": "dd mmm yyyy",
}
HEAD_ROWS = 3
LINE_POINTS, MOST_LINES = 14, 25
# What a cell may hold.
CELL_LENGTH = 32_767
MARK_LENGTH, FOOTER_LENGTH, PROPERTY_LENGTH = 200, 100, 250
Cell = str | float | int | date | None


@dataclass(slots=True)
class Styles:
    """Cell formats, each made once."""

    book: Workbook
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def of(self, **look: Any) -> Any:
        """The format of this look."""
        key = tuple(sorted(look.items()))
        if key not in self.made:
            base = {"font_name": OFFICE_FONT, "font_size": 10, "font_color": PALETTE.ink}
            self.made[key] = self.book.add_format({**base, **look})
        return self.made[key]

    def figure(self, unit: str, **look: Any) -> Any:
        """The format of a computed figure."""
        return self.of(num_format=FORMATS[unit], align="right", **look)

    def muted(self, **look: Any) -> Any:
        """The format of a remark."""
        return self.of(font_color=PALETTE.soft, **look)

    def head(self, **look: Any) -> Any:
        """The format of a column's head."""
        return self.of(bold=True, text_wrap=True, valign="top", bottom=1, bottom_color=PALETTE.rule, **look)

    def rule(self, fill: str, ink: str, **look: Any) -> Any:
        """What a conditional format paints; only what differs."""
        return self.book.add_format({"bg_color": fill, "font_color": ink, **look})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; text is written as text, whatever it begins with."""

    label: str
    unit: str = "text"
    width: float = 12.0
    wraps: bool = False


class SheetBook:
    """A workbook under construction, steady in what it says of itself; `close` writes it."""

    def __init__(
        self, out: str | BytesIO, mark: str, made_at: datetime, organisation: str = "", comment: str = ""
    ) -> None:
        self.book = new_workbook(out)
        self.styles, self.mark = Styles(self.book), shortened(printable(mark), MARK_LENGTH)
        # The time of the run, not of the file: the same permutation gives the same bytes.
        self.comment = shortened(printable(comment), MARK_LENGTH)
        properties = {"title": self.mark, "author": printable(organisation), "comments": printable(comment)}
        told = {name: shortened(words, PROPERTY_LENGTH) for name, words in properties.items()}
        self.book.set_properties({**told, "created": made_at})

    def add_sheet(self, name: str, title: str, kind: type[Worksheet] | None = None) -> Worksheet:
        """A sheet with its title, printed on landscape pages with numbers."""
        sheet = self.book.add_worksheet(name, kind)
        sheet.write_string(0, 0, title, self.styles.of(bold=True, font_size=14))
        sheet.write_string(1, 0, ". ".join(filter(None, (self.mark, self.comment))), self.styles.muted())
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, HEAD_ROWS)
        # A footer holds 255 characters, and an ampersand in it begins a command.
        if self.comment:
            sheet.set_header("&R&8" + self.comment[:FOOTER_LENGTH].replace("&", "&&"))
        sheet.set_footer("&L&8" + self.mark[:FOOTER_LENGTH].replace("&", "&&") + "&R&8&A, page &P of &N")
        return sheet

    def heading(self, sheet: Worksheet, row: int, text: str, first: int, last: int) -> None:
        """A heading above what follows, ruled from its first column to the last."""
        style = self.styles.of(bold=True, font_color=PALETTE.accent, bottom=1, bottom_color=PALETTE.rule)
        for column in range(first + 1, last + 1):
            sheet.write_blank(row, column, None, style)
        sheet.write_string(row, first, text, style)

    def table(
        self, sheet: Worksheet, row: int, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], first: int = 0
    ) -> int:
        """The row after the table, which has its head at `row`."""
        for at, column in enumerate(columns, first):
            look = {"align": "left", "indent": 1 if at > first else 0} if column.unit == "text" else {"align": "right"}
            sheet.write_string(row, at, column.label, self.styles.head(**look))
        if any(len(column.label) > column.width for column in columns):
            sheet.set_row(row, 2 * LINE_POINTS)
        for down, cells in enumerate(rows, row + 1):
            self._heighten(sheet, down, columns, cells)
            for at, (column, cell) in enumerate(zip(columns, cells, strict=True), first):
                self.write(sheet, down, at, cell, column.unit, wraps=column.wraps, indent=int(at > first))
        return row + 1 + len(rows)

    def _heighten(self, sheet: Worksheet, row: int, columns: Sequence[Column], cells: Sequence[Cell]) -> None:
        """A row as high as the longest of its wrapped words needs: not every program works that out itself."""
        wrapped = (
            len(str(cell or "")) / column.width for column, cell in zip(columns, cells, strict=True) if column.wraps
        )
        lines = min(math.ceil(max(wrapped, default=1.0)), MOST_LINES)
        if lines > 1:
            sheet.set_row(row, lines * LINE_POINTS)

    def widths(self, sheet: Worksheet, columns: Sequence[Column], first: int = 0) -> None:
        """The columns as wide as they ask."""
        for at, column in enumerate(columns, first):
            sheet.set_column(at, at, column.width)

    def write(
        self, sheet: Worksheet, row: int, column: int, cell: Cell, unit: str, *, wraps: bool = False, indent: int = 0
    ) -> None:
        """One cell: words as words, dates as dates, numbers in their unit, a dash for what was not computed."""
        if unit == "text" or isinstance(cell, str):
            look = {"align": "left", "indent": indent} if unit == "text" else {"align": "right"}
            style = self.styles.of(valign="top", text_wrap=wraps, **look)
            sheet.write_string(row, column, shortened(printable(str(cell or "")), CELL_LENGTH), style)
        elif cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
            sheet.write_string(row, column, "\N{EN DASH}", self.styles.of(valign="top", align="right"))
        elif isinstance(cell, date):
            moment = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  a cell has no zone
            sheet.write_datetime(row, column, moment, self.styles.figure("date", valign="top"))
        else:
            sheet.write_number(row, column, cell, self.styles.figure(unit, valign="top"))

    def about(self, lines: Sequence[tuple[str, str]]) -> None:
        """A last sheet that says where the figures come from."""
        columns = (Column("Source", width=18), Column("Figures come from", width=100, wraps=True))
        sheet = self.add_sheet("Provenance", "Provenance")
        self.widths(sheet, columns)
        self.table(sheet, HEAD_ROWS, columns, lines)

    def close(self) -> None:
        """The workbook written."""
        self.book.close()


def chart_look(chart: Any, title: str, size: tuple[int, int]) -> None:
    """The house's look for a native chart."""
    chart.set_title(
        {"name": title, "name_font": {"size": 11, "color": PALETTE.ink, "name": OFFICE_FONT}, "overlay": False}
    )
    chart.set_legend({"position": "bottom", "font": {"size": 9, "name": OFFICE_FONT}})
    chart.set_chartarea({"border": {"color": PALETTE.rule}})
    chart.set_size({"width": size[0], "height": size[1]})
