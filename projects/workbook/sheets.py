"""The template's sheets in an uploaded workbook: cells by the keys of their row and column.

Sheets are known by the mark in their corner, whatever they are called and wherever rows were moved. Other sheets are
left after their first rows. Strings are looked up only where a cell of interest refers to them.
"""

from dataclasses import dataclass, field, replace

from lib.workbooks.package import Enough, Package, unreadable
from lib.workbooks.sheets import (
    MOST_SHEETS,
    NO_CELL,
    Cell,
    Grid,
    Index,
    Raw,
    read_formats,
    read_index,
    read_strings,
    resolved,
    text_of,
    whole,
)
from projects.workbook.layout import LISTS, MARK, PROJECT, PROJECT_VERSION, VALUE, VERSION, slot_by_keys

MOST_ROWS, MOST_COLUMNS = 2_000, 40  # the template has 60 rows and 7 columns
MARK_WITHIN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the template: its name in the file, its cells by row and column key, rows that are named twice."""

    name: str
    cells: dict[tuple[str, str], Cell]
    repeated: tuple[tuple[str, int], ...] = ()

    def text(self, row_key: str) -> str:
        """The text of a row's value; empty where there is none."""
        cell = self.cells.get((row_key, VALUE))
        return cell.text if cell else ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found: the template's sheets by their name there, others, and what the workbook says of itself."""

    sheets: dict[str, Sheet]
    ignored: tuple[str, ...]
    doubled: tuple[str, ...]
    starts_1904: bool

    @property
    def template_version(self) -> int | None:
        """The version of the template it was made from."""
        return whole(self._about(VERSION))

    @property
    def project_code(self) -> str:
        """The code of the project it was exported from; empty for an empty template."""
        return self._about(PROJECT)

    @property
    def project_version(self) -> int | None:
        """The version of that project when it was exported."""
        return whole(self._about(PROJECT_VERSION))

    def _about(self, row_key: str) -> str:
        return self.sheets[LISTS].text(row_key) if LISTS in self.sheets else ""


def read_contents(package: Package) -> Contents:
    """The template's sheets of a workbook."""
    index = read_index(package)
    if not index.sheets or len(index.sheets) > MOST_SHEETS:
        raise unreadable("no_sheets", "It has no sheets that could be read.")
    marks = read_strings(package, index, lambda _, text: text.startswith(MARK))
    found: dict[str, tuple[str, _MarkedGrid]] = {}
    ignored, doubled = [], []
    for name, part in index.sheets:
        grid = _MarkedGrid(MOST_ROWS, MOST_COLUMNS, marks=marks)
        package.parse(part, grid)
        if grid.mark is None:
            ignored.append(name)
        elif grid.mark in found:
            doubled.append(name)
        else:
            found[grid.mark] = (name, grid)
    return Contents(_sheets(package, index, found), tuple(ignored), tuple(doubled), index.starts_1904)


def _sheets(package: Package, index: Index, found: dict[str, tuple[str, "_MarkedGrid"]]) -> dict[str, Sheet]:
    cells = (cell for _, grid in found.values() for cell in grid.cells)
    wanted = {whole(cell.text) for cell in cells if cell.kind == "shared"}
    strings = read_strings(package, index, lambda number, _: number in wanted)
    formats = read_formats(package, index)
    keys: dict[str, list[tuple[str, str]]] = {LISTS: [(key, VALUE) for key in (VERSION, PROJECT, PROJECT_VERSION)]}
    for sheet, row_key, column_key in slot_by_keys():
        keys.setdefault(sheet, []).append((row_key, column_key))
    return {
        sheet: _sheet(*found[f"{MARK}{sheet.lower()}"], wanted_keys, strings, formats)
        for sheet, wanted_keys in keys.items()
        if f"{MARK}{sheet.lower()}" in found
    }


def _sheet(
    name: str, grid: "_MarkedGrid", wanted: list[tuple[str, str]], strings: dict[int, str], formats: list[str]
) -> Sheet:
    """The cells where a wanted row meets its column."""
    cells = {(raw.row, raw.column): raw for raw in grid.cells}
    key_row, key_column = grid.mark_at
    columns: dict[str, int] = {}
    rows: dict[str, list[int]] = {}
    for (row, column), raw in sorted(cells.items()):
        if row == key_row and column != key_column:
            columns.setdefault(text_of(raw, strings), column)
        elif column == key_column and row != key_row:
            rows.setdefault(text_of(raw, strings), []).append(row)
    by_key = {}
    for row_key, column_key in wanted:
        if row_key in rows and column_key in columns:
            place = (rows[row_key][0], columns[column_key])
            raw = cells.get(place, replace(NO_CELL, row=place[0], column=place[1]))
            by_key[row_key, column_key] = resolved(raw, strings, formats, is_covered=grid.covers(*place))
    known = {row_key for row_key, _ in wanted}
    repeated = ((key, row) for key, places in rows.items() if key in known for row in places[1:])
    return Sheet(name, by_key, tuple(repeated))


@dataclass
class _MarkedGrid(Grid):
    """The cells of a sheet near its mark; it stops reading a sheet that bears none."""

    marks: dict[int, str] = field(default_factory=dict)
    mark: str | None = None
    mark_at: tuple[int, int] = (0, 0)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if tag == "row" and self.mark is None and self._row > MARK_WITHIN_ROWS:
            raise Enough

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "sheetData" and self.mark is None:
            raise Enough

    def found(self, cell: Raw) -> None:
        super().found(cell)
        if self.mark is None and cell.row <= MARK_WITHIN_ROWS and (mark := self._mark_in(cell)) is not None:
            self.mark, self.mark_at = mark, (cell.row, cell.column)

    def _mark_in(self, cell: Raw) -> str | None:
        if cell.kind == "shared":
            return self.marks.get(number) if (number := whole(cell.text)) is not None else None
        return cell.text if cell.kind == "s" and cell.text.startswith(MARK) else None
