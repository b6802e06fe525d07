"""A file of rows as a grid of texts: CSV in the usual encodings and signs, or the first sheet of a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib.archives import Limits
from lib.errors import UnreadableFile
from lib.workbooks.days import day_of
from lib.workbooks.formats import shows_percent
from lib.workbooks.package import open_package
from lib.workbooks.sheets import Grid as SheetGrid
from lib.workbooks.sheets import Index, Raw, read_formats, read_index, read_strings, resolved

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 20 * 1024**2, 20_000, 200
ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ",;\t|"
ADVICE = "Send a CSV file or an Excel workbook (.xlsx) with one header row."


@dataclass(frozen=True, slots=True)
class Grid:
    """A header and rows of as many texts; `lines` are the rows' numbers in the file as a person counts them."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


def grid_json(grid: Grid) -> dict[str, Any]:
    """The grid as a row keeps it."""
    return {"headers": list(grid.headers), "rows": [list(row) for row in grid.rows], "lines": list(grid.lines)}


def grid_of(kept: Mapping[str, Any]) -> Grid:
    """The grid that a row keeps."""
    return Grid(tuple(kept["headers"]), tuple(tuple(row) for row in kept["rows"]), tuple(kept["lines"]))


def mended(grid: Grid, mapping: Mapping[str, str], corrections: Iterable[Mapping[str, Any]]) -> Grid:
    """The grid with each cell as it was mended last: by row from 1, and the field that its header means."""
    rows = [list(row) for row in grid.rows]
    places = places_of(grid, mapping)
    for each in corrections:
        if each["column"] in places and 1 <= each["row"] <= len(rows):
            rows[each["row"] - 1][places[each["column"]]] = each["after"]
    return Grid(grid.headers, tuple(tuple(row) for row in rows), grid.lines)


def places_of(grid: Grid, mapping: Mapping[str, str]) -> dict[str, int]:
    """The place of each field among the columns, by what the headers mean."""
    return {name: grid.headers.index(header) for header, name in mapping.items() if header in grid.headers}


def is_workbook(content: bytes, name: str) -> bool:
    """Whether a file is, or says that it is, a workbook."""
    return content.startswith(b"PK") or name.lower().endswith((".xlsx", ".xlsm", ".xls"))


def read_grid(content: bytes, name: str) -> Grid:
    """The grid of a file; UnreadableFile with what to do for anything else."""
    if len(content) > MOST_BYTES:
        raise _refused("too_large", f"It is larger than {MOST_BYTES // 1024**2} MB.")
    if is_workbook(content, name):
        return read_sheet(content)
    return _gridded(list(enumerate(_csv_rows(content), start=1)))


def _gridded(found: list[tuple[int, list[str]]]) -> Grid:
    filled = [(line, row) for line, row in found if any(cell.strip() for cell in row)]
    if len(filled) < 2:
        raise _refused("empty", "It has no row below its header.")
    (_, headers), *rows = filled
    width = len(headers)
    longer = next((line for line, row in rows if any(cell.strip() for cell in row[width:])), None)
    if longer is not None:
        raise _refused(
            "ragged", f"Line {longer} has more cells than the header: a separator within a text needs quotes."
        )
    padded = tuple((*row[:width], *[""] * (width - len(row))) for _, row in rows)
    return Grid(tuple(headers), padded, tuple(line for line, _ in rows))


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)):
            if number > MOST_ROWS:
                raise _refused("too_long", f"It has more than {MOST_ROWS:,} rows.")
            yield row[:MOST_COLUMNS]
    except csv.Error:
        raise _refused("damaged", "A quoted text in it does not end, or a line is too long.") from None


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise _refused("not_text", "It is neither text nor a workbook.")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("encoding", "Its letters are in no known encoding: save it as UTF-8.")


def read_sheet(content: bytes, most_rows: int = MOST_ROWS, limits: Limits | None = None, way_out: str = "") -> Grid:
    """The grid of a workbook's first sheet; one with more rows below its header is refused, and `way_out` said."""
    package = open_package(io.BytesIO(content), limits)
    index = read_index(package)
    if not index.sheets:
        raise _refused("empty", "The workbook has no sheet.")
    texts = _Texts(most_rows, index, read_strings(package, index, lambda *_: True), read_formats(package, index))
    package.parse(index.sheets[0][1], texts)
    if max(texts.rows, default=0) > most_rows + 1:
        raise _refused("too_long", f"It has more than {most_rows:,} rows. {way_out}".strip())
    return _gridded([(number, texts.rows[number]) for number in sorted(texts.rows)])


class _Texts(SheetGrid):
    """The texts of a sheet row by row as they are met, so that no cell is kept beside its text."""

    def __init__(self, most_rows: int, index: Index, strings: dict[int, str], formats: list[str]) -> None:
        # A row beyond the header and the most is still heard, so that it can be told.
        super().__init__(most_rows + 2, MOST_COLUMNS)
        self.rows: dict[int, list[str]] = {}
        self._of = (index, strings, formats)

    def found(self, cell: Raw) -> None:
        row = self.rows.setdefault(cell.row, [])
        row.extend([""] * (cell.column - len(row)))
        row[cell.column - 1] = _text(cell, *self._of)


def _text(raw: Raw, index: Index, strings: dict[int, str], formats: list[str]) -> str:
    """The text a person would have typed; a formula is refused where it stands, for nothing is computed here."""
    if raw.formula is not None:
        return f"={raw.formula}"
    cell = resolved(raw, strings, formats)
    if cell.kind == "b":
        return "Yes" if cell.text == "1" else "No"
    if cell.kind == "n" and cell.is_date:
        try:
            return day_of(float(cell.text), starts_1904=index.starts_1904).isoformat()
        except (ValueError, OverflowError):
            return cell.text
    # 0.05 shown as 5% is 0.05 in the file already.
    return cell.text if cell.kind != "n" or shows_percent(cell.format) else _plain(cell.text)


def _plain(number: str) -> str:
    """A spreadsheet's 17 digits as the number it shows: 0.050000000000000003 is 0.05."""
    try:
        short = repr(float(number))
    except ValueError:
        return number
    return short.removesuffix(".0")


def _refused(code: str, sentence: str) -> UnreadableFile:
    return UnreadableFile(code, sentence, ADVICE)
