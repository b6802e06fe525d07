"""The sheets of a live model: inputs a person may change, formulas they may not, each figure under a name of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from documents.brand import PALETTE
from documents.rendering.sheets import FORMATS, SheetBook, Styles
from engine.basics.dates import add_months
from engine.book import Grid, Page, Row, Section
from engine.book.algebra import Expr
from engine.book.inputs import OPTIONAL_LEVERS
from engine.book.rows import read_key
from lib.workbooks.days import day_number, day_of

INPUT_FILL, INPUT_INK = "#FFF8E1", "#0B3D91"
LABEL, VALUE, UNIT, NOTE, ISSUED, STATE = range(6)
# Units of figures that may stand for "no limit".
NUMBERED = frozenset({"amount", "months", "count", "times", "rate"})
OUT_OF_RANGE, CHANGED = "Out of range", "Changed"
# The sheets whose values a person may change.
INPUT_SHEETS = ("Levers", "Project", "Terms")
# From here on a number stands for "no limit": shown as a word, which fits its column.
NO_LIMIT_SHOWN = '[>=1E+98]"none"'
HEAD_ROWS = 4
CLOSE_DATE = "close_date"
DATE = 1  # the column of the days
COUNTER = "{n}"  # a column that holds the period's number
# How the periods of a grid with days lie from financial close: after which months, and of how many.
CALENDAR = {"years": ("project_months", 12), "months": ("project_months", 1), "building": ("", 1), "flows": ("", 1)}


class ModelStyles(Styles):
    """The house's formats, and that of a cell that a person may change."""

    def figure(self, unit: str, **look: Any) -> Any:
        """The format of a computed figure, in which no limit is a word."""
        usual, *_ = FORMATS[unit].split(";")
        plain = f"{NO_LIMIT_SHOWN};{usual}" if unit in NUMBERED else FORMATS[unit]
        return self.of(num_format=plain, align="right", **look)

    def typed(self, unit: str) -> Any:
        """The format of a cell that a person may change."""
        return self.of(num_format=FORMATS[unit], align="right", bg_color=INPUT_FILL, font_color=INPUT_INK, locked=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an input accepts: one of some words, or a number in a range, whole where `is_whole`."""

    words: Sequence[str] = ()
    low: float | None = None
    high: float | None = None
    is_whole: bool = False
    is_date: bool = False

    def rule(self) -> dict[str, Any] | None:
        """The validation of the cell, as XlsxWriter takes it."""
        if self.words:
            return {"validate": "list", "source": list(self.words)}
        if self.low is None or self.high is None:
            return None
        kind, number = ("integer", "whole number") if self.is_whole else ("decimal", "number")
        bounds = f"{self.low:g} to {self.high:g}"
        if self.is_date:
            kind, number, bounds = (
                "date",
                "date",
                " to ".join(f"{day_of(each):%d %b %Y}" for each in (self.low, self.high)),
            )
        return {
            "validate": kind,
            "criteria": "between",
            "minimum": self.low,
            "maximum": self.high,
            "error_title": "Out of range",
            "error_message": f"Enter a {number} from {bounds}.",
        }

    def accepts(self, cell: str) -> str:
        """The formula that is true where the cell holds what is accepted, pasted or typed; empty where all is."""
        if self.words:
            return f"OR({','.join(f'{cell}={_literal(word)}' for word in self.words)})"
        if self.low is None or self.high is None:
            return ""
        whole = f",{cell}=INT({cell})" if self.is_whole else ""
        return f"AND(ISNUMBER({cell}),{cell}>={self.low!r},{cell}<={self.high!r}{whole})"

    def with_own(self, value: Any) -> Choice:
        """The same range, widened to the value that the financing itself has."""
        if self.low is None or self.high is None or not isinstance(value, int | float):
            return self
        return replace(self, low=min(self.low, value), high=max(self.high, value))


def column_at(grid: Grid, at: int) -> int:
    """Where a grid's row of this number stands: the days, where it has them, come second."""
    return at + 1 if grid.code in CALENDAR and at >= DATE else at


def _literal(word: str) -> str:
    """A choice as a formula writes it: numbers as numbers, since a cell holds them so."""
    try:
        return repr(float(word))
    except ValueError:
        return f'"{word}"'


class ListSheet:
    """A sheet of figures, one a line: label, value, unit, note. Each is known by its name in the whole workbook."""

    def __init__(self, book: LiveBook, name: str, title: str) -> None:
        self.book, self.name = book, name
        self.sheet: Worksheet = book.add_sheet(name, title)
        self.sheet.set_column(LABEL, LABEL, 46)
        self.sheet.set_column(VALUE, VALUE, 20)
        self.sheet.set_column(UNIT, UNIT, 12)
        self.sheet.set_column(NOTE, NOTE, 60)
        self.row = 2

    def heading(self, text: str) -> None:
        """A heading above the next lines."""
        self.row += 1
        self.sheet.merge_range(
            self.row, LABEL, self.row, NOTE, text, self.book.styles.of(bold=True, bottom=1, bottom_color=PALETTE.rule)
        )
        self.row += 1

    def section(self, section: Section) -> None:
        """A heading and its figures."""
        self.heading(section.heading)
        for row in section.rows:
            self.figure(row)

    def figure(self, row: Row) -> None:
        """A formula and its value, under its name."""
        self._label(row.label, row.unit, row.note)
        value = self.book.page.value_of(row.formula)
        text = row.formula.written(lambda read: self.book.address(self.name, read))
        self.book.compute(self.sheet, (self.row, VALUE), text, value, row, self.book.styles.figure(row.unit))
        self._named(row.name)

    def text(self, label: str, words: str) -> None:
        """A line of words; never read as a formula."""
        self.sheet.write_string(self.row, LABEL, label, self.book.styles.of(font_color=PALETTE.soft))
        self.sheet.write_string(self.row, VALUE, words, self.book.styles.of())
        self.row += 1

    def said(self, name: str, label: str, formula: str, value: str | float) -> None:
        """A line on the model itself, outside the book of figures; `value` is what the formula gives as issued."""
        self._label(label, "", "")
        self.sheet.write_formula(self.row, VALUE, f"={formula}", self.book.styles.figure("count"), value)
        self._named(name)

    def _label(self, label: str, unit: str, note: str) -> None:
        muted = self.book.styles.of(font_color=PALETTE.soft, indent=1)
        self.sheet.write_string(self.row, LABEL, label, self.book.styles.of())
        self.sheet.write_string(self.row, UNIT, self.book.unit_words(unit), muted)
        self.sheet.write_string(self.row, NOTE, note, muted)

    def _named(self, name: str) -> None:
        self.book.book.define_name(name, f"={self.name}!${xl_col_to_name(VALUE)}${self.row + 1}")
        self.row += 1


class InputSheet(ListSheet):
    """A list whose values a person may change; beside each what it was at issue, and whether it changed or is refused."""

    def __init__(self, book: LiveBook, name: str, title: str) -> None:
        super().__init__(book, name, title)
        self.sheet.set_column(ISSUED, STATE, 16)
        for column, words in ((ISSUED, "As issued"), (STATE, "State")):
            self.sheet.write_string(self.row - 1, column, words, book.styles.head(align="right"))

    def typed(self, name: str, label: str, unit: str = "", *, choice: Choice | None = None, note: str = "") -> None:
        """An input, holding what the page has under its name."""
        self._label(label, unit, note)
        value = self.book.page[name]
        accepted = (choice or Choice()).with_own(value)
        self._write_value(VALUE, value, self.book.styles.typed(unit))
        self._write_value(ISSUED, value, self.book.styles.muted(num_format=FORMATS[unit], align="right"))
        rule = accepted.rule()
        if rule:
            self.sheet.data_validation(
                self.row, VALUE, self.row, VALUE, {**rule, "ignore_blank": value is None or name in OPTIONAL_LEVERS}
            )
        self._write_state(accepted, is_optional=value is None or name in OPTIONAL_LEVERS)
        self._named(name)

    def _write_value(self, column: int, value: Any, style: Any) -> None:
        if value is None:
            self.sheet.write_blank(self.row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(self.row, column, value, style)
        else:
            self.sheet.write_number(self.row, column, float(value), style)

    def _write_state(self, choice: Choice, *, is_optional: bool) -> None:
        own, issued = (f"{xl_col_to_name(column)}{self.row + 1}" for column in (VALUE, ISSUED))
        accepts = choice.accepts(own)
        blank = f"ISBLANK({own})"
        if is_optional and accepts:
            fits = f"OR({blank},{accepts})"
        else:
            fits = f"AND(NOT({blank}){f',{accepts}' if accepts else ''})" if not is_optional else "TRUE()"
        changed = f"OR({own}<>{issued},{blank}<>ISBLANK({issued}))"
        formula = f'=IF(NOT({fits}),"{OUT_OF_RANGE}",IF({changed},"{CHANGED}",""))'
        self.sheet.write_formula(
            self.row, STATE, formula, self.book.styles.of(align="right", font_color=PALETTE.bad), ""
        )


def count_of(state: str) -> str:
    """The formula that counts the inputs in this state."""
    column = xl_col_to_name(STATE)
    return "+".join(f'COUNTIF({name}!${column}:${column},"{state}")' for name in INPUT_SHEETS)


class GridSheet:
    """A sheet of periods, one a row, with the day each ends where they have one; where a column's formula does not change, only its row numbers do."""

    def __init__(self, book: LiveBook, grid: Grid) -> None:
        self.book, self.grid = book, grid
        self.sheet: Worksheet = book.add_sheet(grid.name, grid.title)
        self.sheet.freeze_panes(HEAD_ROWS, column_at(grid, 1))
        for at, row in enumerate(grid.rows):
            self._head(column_at(grid, at), row)
            self._fill(column_at(grid, at), row)
        if grid.code in CALENDAR:
            self._date()

    def shade_after(self, last: str) -> None:
        """Periods after the last one shown faintly: nothing happens in them."""
        rule = {
            "type": "formula",
            "criteria": f"=$A{HEAD_ROWS + 1}>{last}",
            "format": self.book.book.add_format({"font_color": PALETTE.rule}),
        }
        end = HEAD_ROWS + self.book.page.sizes[self.grid.code] - self.grid.first
        self.sheet.conditional_format(HEAD_ROWS, 0, end, column_at(self.grid, len(self.grid.rows) - 1), rule)

    def _date(self) -> None:
        """The day that each period ends on."""
        page, style = self.book.page, self.book.styles.figure("date")
        before, length = CALENDAR[self.grid.code]
        months_before, starts = int(page[before]) if before else 0, f"{before}+" if before else ""
        self._heading(DATE, "Ends on", "date")
        for period in range(self.grid.first, page.sizes[self.grid.code] + 1):
            line = HEAD_ROWS + period - self.grid.first
            ends_on = add_months(day_of(page[CLOSE_DATE]), months_before + length * period)
            months = f"{starts}{length}*$A{line + 1}" if length > 1 else f"{starts}$A{line + 1}"
            self.sheet.write_formula(line, DATE, f"=EDATE({CLOSE_DATE},{months})", style, day_number(ends_on))

    def _heading(self, at: int, label: str, unit: str) -> None:
        styles = self.book.styles
        head = styles.of(bold=True, text_wrap=True, valign="top", align="right", bottom=1, bottom_color=PALETTE.rule)
        self.sheet.write_string(HEAD_ROWS - 1, at, label, head)
        self.sheet.set_column(at, at, 8 if unit in {"months", "count"} else 14, styles.figure(unit))

    def _head(self, at: int, row: Row) -> None:
        self._heading(at, row.label, row.unit)
        if row.group:
            group = self.book.styles.of(bold=True, font_color=INPUT_INK)
            self.sheet.write_string(HEAD_ROWS - 2, at, row.group, group)

    def _fill(self, at: int, row: Row) -> None:
        values = self.book.page.column(f"{self.grid.code}.{row.name}").tolist()
        style, first = self.book.styles.figure(row.unit), self.grid.first
        formula, opening = self._template(row.formula), self._template(row.opening) if row.opening else None
        if opening is None and self.grid.opens:
            values, first = values[1:], first + 1
        for period, value in enumerate(values, first):
            template = opening if opening is not None and period == self.grid.first else formula
            line = HEAD_ROWS + period - self.grid.first + 1
            if template == COUNTER and period > self.grid.first:
                template = "{column}{before}+1"
            text = template.format(
                column=xl_col_to_name(at),
                n=period,
                row=line,
                before=line - 1,
                first=HEAD_ROWS + 12 * period - 10,
                last=HEAD_ROWS + 12 * period + 1,
            )
            self.book.compute(self.sheet, (line - 1, at), text, value, row, style)

    def _template(self, formula: Expr) -> str:
        return formula.written(lambda read: self.book.address(self.grid.name, read))


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas are written as they are: none of ours is newer than the file format."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        # XlsxWriter searches each formula for some thirty newer functions, which took half of the time.
        return formula.lstrip("=")


class LiveBook(SheetBook):
    """A workbook that computes: its sheets are protected without a password, its inputs are not."""

    def __init__(
        self,
        path: str,
        page: Page,
        currency: str,
        mark: str,
        made_at: datetime,
        organisation: str = "",
        comment: str = "",
    ) -> None:
        super().__init__(path, mark, made_at, organisation, comment)
        self.styles: ModelStyles = ModelStyles(self.book)
        self.page, self.currency = page, currency
        self.lists: dict[str, ListSheet] = {}
        self.book.set_calc_mode("auto")

    def add_sheet(self, name: str, title: str, kind: type[Worksheet] | None = PlainSheet) -> Worksheet:
        """A sheet of the house's look, protected without a password."""
        sheet = super().add_sheet(name, title, kind)
        sheet.protect("", {"format_columns": True, "select_locked_cells": True, "sort": True, "autofilter": True})
        return sheet

    def compute(
        self, sheet: Worksheet, place: tuple[int, int], text: str, value: float | str | bool, row: Row, style: Any
    ) -> None:
        """A formula with its value; ArithmeticError where it must have one and has none."""
        if isinstance(value, float) and not math.isfinite(value):
            if row.without is None:
                raise ArithmeticError(f"{row.label}: {text} has no value")
            value = row.without
        sheet.write_formula(*place, f"={text}", style, value)

    def address(self, own_name: str, read: str) -> str:
        """Where a formula finds what it names; braces where the row it stands in decides. The own sheet goes unnamed."""
        key = read_key(read)
        if "." not in key:
            return "{n}" if key == "#" else key
        grid = self.page.book.grids[key.partition(".")[0]]
        sheet = "" if grid.name == own_name else f"{grid.name}!"
        return sheet + self._cells(grid, xl_col_to_name(self.column_of(key)), read.removeprefix(key))

    def column_of(self, key: str) -> int:
        """The number of a column on its sheet."""
        code, _, name = key.partition(".")
        grid = self.page.book.grids[code]
        return column_at(grid, [row.name for row in grid.rows].index(name))

    def series(self, key: str, last: int) -> str:
        """The cells of a column up to a period, as a chart takes them."""
        grid = self.page.book.grids[key.partition(".")[0]]
        letters = xl_col_to_name(self.column_of(key))
        return f"={grid.name}!${letters}${HEAD_ROWS + 1}:${letters}${HEAD_ROWS + 1 + last - grid.first}"

    def unit_words(self, unit: str) -> str:
        """The unit as a column beside the figures shows it."""
        if unit.startswith("amount"):
            return self.currency
        words = {"share": "", "factor": "", "times": "", "name": "", "rate": "a year", "mw": "MW"}
        return words.get(unit, unit)

    def _cells(self, grid: Grid, letters: str, mark: str) -> str:
        end = HEAD_ROWS + 1 + self.page.sizes[grid.code] - grid.first
        return {
            "": f"{letters}{{row}}",
            "<": f"{letters}{{before}}",
            ":0": f"${letters}${HEAD_ROWS + 1}:${letters}${end}",
            ":1": f"${letters}${HEAD_ROWS + 2}:${letters}${end}",
            "@": f"${letters}${{first}}:${letters}${{last}}",
            "!": f"{letters}{{last}}",
            "$": f"${letters}${end}",
        }[mark]
