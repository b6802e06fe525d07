"""The sheets of a live model: inputs a person may change, formulas they may not, each figure under a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from documents.brand import PALETTE
from documents.live_model.algebra import Expr, Operand, Span, Value, expr
from documents.rendering.sheets import FORMATS, SheetBook, Styles

INPUT_FILL, INPUT_INK = "#FFF8E1", "#0B3D91"
LABEL, VALUE, UNIT, NOTE = range(4)


class ModelStyles(Styles):
    """The house's formats, and that of a cell that a person may change."""

    def typed(self, unit: str) -> Any:
        """The format of a cell that a person may change."""
        return self.of(num_format=FORMATS[unit], align="right", bg_color=INPUT_FILL, font_color=INPUT_INK, locked=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an input accepts: one of some words, or a number in a range."""

    words: Sequence[str] = ()
    low: float | None = None
    high: float | None = None

    def rule(self) -> dict[str, Any] | None:
        """The validation of the cell, as XlsxWriter takes it."""
        if self.words:
            return {"validate": "list", "source": list(self.words)}
        if self.low is None or self.high is None:
            return None
        message = f"Enter a number from {self.low:g} to {self.high:g}."
        return {
            "validate": "decimal",
            "criteria": "between",
            "minimum": self.low,
            "maximum": self.high,
            "error_title": "Out of range",
            "error_message": message,
        }


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

    def typed(self, name: str, label: str, value: Value | None, unit: str = "", *, choice: Choice | None = None,
              note: str = "") -> Expr:  # fmt: skip
        """An input: the cell's name, to compute with."""
        self._label(label, unit, note)
        style = self.book.styles.typed(unit)
        if value is None:
            self.sheet.write_blank(self.row, VALUE, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(self.row, VALUE, value, style)
        else:
            self.sheet.write_number(self.row, VALUE, float(value), style)
        rule = choice.rule() if choice else None
        if rule:
            self.sheet.data_validation(self.row, VALUE, self.row, VALUE, rule)
        return self._named(name, "" if value is None else value)

    def figure(self, name: str, label: str, formula: Operand, unit: str = "amount", note: str = "") -> Expr:
        """A formula: the cell's name, to compute with."""
        found = expr(formula)
        self._label(label, unit, note)
        self.book.compute(self.sheet, self.name, self.row, VALUE, found, self.book.styles.figure(unit))
        return self._named(name, found.value)

    def text(self, label: str, words: str) -> None:
        """A line of words; never read as a formula."""
        self.sheet.write_string(self.row, LABEL, label, self.book.styles.of(font_color=PALETTE.soft))
        self.sheet.write_string(self.row, VALUE, words, self.book.styles.of())
        self.row += 1

    def _label(self, label: str, unit: str, note: str) -> None:
        muted = self.book.styles.of(font_color=PALETTE.soft, indent=1)
        self.sheet.write_string(self.row, LABEL, label, self.book.styles.of())
        self.sheet.write_string(self.row, UNIT, self.book.unit_words(unit), muted)
        self.sheet.write_string(self.row, NOTE, note, muted)

    def _named(self, name: str, value: Value) -> Expr:
        self.book.book.define_name(name, f"={self.name}!${xl_col_to_name(VALUE)}${self.row + 1}")
        self.row += 1
        return Expr(name, value)


class Grid:
    """A sheet of periods, one a row, its columns in the order in which they are first filled."""

    HEAD_ROWS = 4

    def __init__(self, book: LiveBook, name: str, title: str, first: int, last: int) -> None:
        self.book, self.name, self.first, self.last = book, name, first, last
        self.sheet: Worksheet = book.add_sheet(name, title)
        self.columns: dict[str, int] = {}
        self.units: dict[str, str] = {}
        self.cells: dict[str, list[Expr | None]] = {}
        self.sheet.freeze_panes(self.HEAD_ROWS, 1)

    def column(self, code: str, label: str, unit: str = "amount", group: str = "") -> None:
        """A new column with its head."""
        at = self.columns[code] = len(self.columns)
        self.cells[code] = [None] * (self.last - self.first + 1)
        head = self.book.styles.of(
            bold=True, text_wrap=True, valign="top", align="right", bottom=1, bottom_color=PALETTE.rule
        )
        self.sheet.write_string(self.HEAD_ROWS - 1, at, label, head)
        if group:
            self.sheet.write_string(self.HEAD_ROWS - 2, at, group, self.book.styles.of(bold=True, font_color=INPUT_INK))
        self.sheet.set_column(at, at, 8 if unit in {"months", "count"} else 14, self.book.styles.figure(unit))
        self.units[code] = unit

    def shade_after(self, last: Expr) -> None:
        """Periods after the last one shown faintly: nothing happens in them."""
        rule = {
            "type": "formula",
            "criteria": f"=$A{self.HEAD_ROWS + 1}>{last.text}",
            "format": self.book.book.add_format({"font_color": PALETTE.rule}),
        }
        self.sheet.conditional_format(self.HEAD_ROWS, 0, self._row(self.last), len(self.columns) - 1, rule)

    def series(self, code: str, last: int) -> str:
        """The cells of a column up to a period, as a chart takes them."""
        return f"={self.span(code, self.first, last).text}"

    def heading(self, code: str) -> list[Any]:
        """The cell of a column's head, as a chart takes it."""
        return [self.name, self.HEAD_ROWS - 1, self.columns[code]]

    def put(self, code: str, period: int, formula: Operand) -> Expr:
        """A formula in one period's cell: the cell, to compute with."""
        found = expr(formula)
        row, at = self._row(period), self.columns[code]
        self.book.compute(self.sheet, self.name, row, at, found, self.book.styles.figure(self.units[code]))
        cell = Expr(f"{self.name}!{xl_col_to_name(at)}{row + 1}", found.value)
        self.cells[code][period - self.first] = cell
        return cell

    def at(self, code: str, period: int) -> Expr:
        """One cell."""
        cell = self.cells[code][period - self.first]
        if cell is None:
            raise LookupError(f"{self.name}: {code} of period {period} is used before it is filled")
        return cell

    def span(self, code: str, first: int | None = None, last: int | None = None) -> Span:
        """The cells of some periods, all of the grid's by default."""
        first, last = self.first if first is None else first, self.last if last is None else last
        letters = xl_col_to_name(self.columns[code])
        text = f"{self.name}!${letters}${self._row(first) + 1}:${letters}${self._row(last) + 1}"
        cells = self.cells[code]
        return Span(
            text,
            cells if (first, last) == (self.first, self.last) else cells[first - self.first : last + 1 - self.first],
        )

    def _row(self, period: int) -> int:
        return self.HEAD_ROWS + period - self.first


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas are written as they are: none of ours is newer than the file format."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        # XlsxWriter searches each formula for some thirty newer functions, which took half of the time.
        return formula.lstrip("=")


class LiveBook(SheetBook):
    """A workbook that computes: its sheets are protected without a password, its inputs are not."""

    def __init__(self, path: str, currency: str, mark: str, made_at: datetime) -> None:
        super().__init__(path, mark, made_at)
        self.styles: ModelStyles = ModelStyles(self.book)
        self.currency = currency
        self.book.set_calc_mode("auto")

    def add_sheet(self, name: str, title: str, kind: type[Worksheet] | None = PlainSheet) -> Worksheet:
        """A sheet of the house's look, protected without a password."""
        sheet = super().add_sheet(name, title, kind)
        sheet.protect("", {"format_columns": True, "select_locked_cells": True, "sort": True, "autofilter": True})
        return sheet

    def compute(self, sheet: Worksheet, own_name: str, row: int, column: int, found: Expr, style: Any) -> None:
        """A formula with its value; cells of the own sheet are written without its name."""
        if isinstance(found.value, float) and found.value != found.value:
            raise ArithmeticError(f"{own_name}, row {row + 1}, column {column + 1}: {found.text} has no value")
        sheet.write_formula(row, column, f"={found.text.replace(f'{own_name}!', '')}", style, found.value)

    def unit_words(self, unit: str) -> str:
        """The unit as a column beside the figures shows it."""
        if unit.startswith("amount"):
            return self.currency
        words = {"share": "", "factor": "", "times": "", "name": "", "rate": "a year", "mw": "MW"}
        return words.get(unit, unit)
