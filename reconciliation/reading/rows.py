"""Files of rows: CSV and its family, workbooks; each row a record by the source's mapping."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl

from engine.errors import Problem
from engine.reconciliation.records import Record, Value
from lib.errors import UnreadableFile
from lib.text import FORMULA_STARTS
from lib.workbooks.package import open_package
from reconciliation.reading.door import require_kind
from reconciliation.reading.mapping import Get, Layout, number, values_of
from reconciliation.reading.outcome import Limits, Reading, Refused

SIDES = ("opening", "closing")
Line = tuple[int, Sequence[str]]
csv.field_size_limit(10_000_000)


@dataclass(slots=True)
class _Sheet:
    """Rows on their way to records: what the header says, what the trailer must say."""

    layout: Layout
    reading: Reading
    limits: Limits
    columns: dict[str, int] = field(default_factory=dict)
    width: int = 0
    marked: int = 0
    has_texts: bool = False
    trailer: Line | None = None

    def header(self, cells: Sequence[str]) -> None:
        names = [cell.strip() for cell in cells]
        for name in dict.fromkeys(names):
            if name and names.count(name) > 1:
                raise Refused("HEADER_DUPLICATE", f"Column {name} is there {names.count(name)} times.", "line 1")
        self.columns, self.width = {name: n for n, name in enumerate(names)}, len(names)
        required = [rule.path for rule in self.layout.fields if rule.path in names or rule.path.startswith("#")]
        if not required:
            expected = ", ".join(rule.path for rule in self.layout.fields[:6])
            raise Refused(
                "HEADER_UNKNOWN", f"None of the mapped columns is there: expected {expected} and others.", "line 1"
            )

    def row(self, name: str, number: int, cells: Sequence[str]) -> None:
        if self.width and len(cells) != self.width:
            said = f"Expected {self.width} cells, got {len(cells)}: nothing was filled or cut."
            self.reading.refuse_row("ROW_SHAPE", f"line {number}", said)
            return
        if any(len(cell) > self.limits.cell for cell in cells):
            self.reading.refuse_row(
                "CELL_TOO_LONG", f"line {number}", f"Expected at most {self.limits.cell:,} letters a cell."
            )
            return
        self.has_texts = self.has_texts or any(_is_formula(cell) for cell in cells)
        self.reading.add(f"{name}#{number}", f"line {number}", lambda: self._values(cells))

    def _values(self, cells: Sequence[str]) -> Mapping[str, Value]:
        return values_of(self.layout, self._get(cells))

    def _get(self, cells: Sequence[str]) -> Get:
        def get(path: str) -> str | None:
            place = int(path[1:]) - 1 if path.startswith("#") else self.columns.get(path)
            return cells[place] if place is not None and place < len(cells) else None

        return get


def read_csv(content: bytes, name: str, layout: Layout, limits: Limits) -> Reading:
    """A record a row; Refused where bytes, header or trailer are not what the source sends."""
    require_kind(content, "")
    return _read_lines(_csv_lines(_text(content, layout.encoding), layout.delimiter), name, layout, limits)


def read_workbook(content: bytes, name: str, layout: Layout, limits: Limits) -> Reading:
    """A record a row of the first sheet, or of the one that the mapping names; values, never formulas."""
    require_kind(content, "ZIP")
    try:
        open_package(io.BytesIO(content))
    except UnreadableFile as error:
        raise Refused(error.code.upper(), error.sentence) from None
    return _read_lines(sheet_lines(content, layout.record), name, layout, limits)


def read_balances(content: bytes, layout: Layout) -> dict[str, tuple[Decimal, Decimal]]:
    """Opening and closing balance by currency, from a file with those three columns."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(_text(content, layout.encoding))), start=2):
        try:
            opening, closing = (number(row[side] or "", layout.decimal, layout.thousands) for side in SIDES)
            found[(row["currency"] or "").strip()] = (opening, closing)
        except (ValueError, KeyError):
            raise Refused(
                "BALANCE_UNREADABLE", "Expected columns currency, opening and closing.", f"line {line}"
            ) from None
    return found


def _is_formula(cell: str) -> bool:
    """True for a text that a spreadsheet would compute; a number below zero is none."""
    return cell.startswith(FORMULA_STARTS) and not cell[1:2].isdigit() and len(cell) > 1


def _text(content: bytes, encoding: str) -> str:
    if b"\x00" in content and not encoding.lower().startswith("utf-16"):
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        raise Refused("CSV_BINARY", f"There is a NUL byte in line {line}.", f"line {line}")
    try:
        return content.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = (
            f"Byte {error.start + 1} is no {encoding.upper()}, which this source is set to: ask, or set its encoding."
        )
        raise Refused("CSV_ENCODING", message, f"line {line}") from None
    except LookupError:
        raise Refused("CSV_ENCODING", f"The source's encoding {encoding} is not known.") from None


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ",", strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused("CSV_QUOTES", f"Its quotes do not close: {error}.", f"line {reader.line_num}") from None
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def sheet_lines(content: bytes, sheet: str) -> Iterator[Line]:
    """The rows of a sheet that hold anything, by number; Refused where it is not there."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        if sheet and sheet not in book.sheetnames:
            raise Refused("SHEET_MISSING", f"Expected a sheet {sheet}, got {', '.join(book.sheetnames)[:200]}.")
        rows = (book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True)
        for number, row in enumerate(rows, start=1):
            cells = [_cell(value) for value in row]
            if any(cells):
                yield number, cells
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return str(value)


def _read_lines(lines: Iterable[Line], name: str, layout: Layout, limits: Limits) -> Reading:
    sheet = _Sheet(layout, Reading(layout.book), limits)
    mark = layout.record if layout.layout == "csv" else ""
    for count, (line, cells) in enumerate(lines, start=1):
        if count > limits.rows + 1:
            raise Refused("TOO_MANY_ROWS", f"Expected at most {limits.rows:,} rows.")
        _take_line(sheet, name, mark, line, cells)
    _check_trailer(sheet)
    _notes(sheet)
    return sheet.reading


def _take_line(sheet: _Sheet, name: str, mark: str, number: int, cells: Sequence[str]) -> None:
    layout = sheet.layout
    if layout.has_header and not sheet.columns:
        sheet.header(cells)
    elif layout.trailer and cells[0] == layout.trailer:
        sheet.trailer = (number, cells)
    elif sheet.trailer:
        raise Refused("TRAILER_WRONG", "There are lines behind the trailer.", f"line {number}")
    elif not mark or cells[0] == mark:
        sheet.marked += 1
        sheet.row(name, number, cells)


def _check_trailer(sheet: _Sheet) -> None:
    """Nothing; Refused for a file whose own count or sum is not what it holds: something was lost."""
    layout, reading = sheet.layout, sheet.reading
    if not layout.trailer:
        return
    if sheet.trailer is None:
        raise Refused("TRAILER_MISSING", f"Expected a last line {layout.trailer}: the file was not sent whole.")
    number, cells = sheet.trailer
    expected = {layout.trailer_count: Decimal(sheet.marked)}
    if not reading.problems:
        expected[layout.trailer_net] = sum((_signed(each) for each in reading.records), Decimal(0))
    for column, total in expected.items():
        said = cells[column - 1] if 0 < column <= len(cells) else ""
        if column and said.strip() != format(total.normalize() if total else total, "f"):
            raise Refused(
                "TRAILER_WRONG", f"The trailer says {said[:40]!r}, the file holds {total:f}.", f"line {number}"
            )


def _signed(record: Record) -> Decimal:
    value = record.number("quantity") or record.number("net") or record.number("amount")
    return -value if record.text("side") == "SELL" else value


def _notes(sheet: _Sheet) -> None:
    if not sheet.marked:
        sheet.reading.notes.append(
            Problem("NO_ROWS", "file", "The file has a header and no rows: a statement without records.")
        )
    if sheet.has_texts:
        said = (
            "Text that a spreadsheet would compute was kept as text; it leaves the house with an apostrophe before it."
        )
        sheet.reading.notes.append(Problem("TEXT_KEPT", "file", said))
