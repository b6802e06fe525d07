"""The template's sheets in an uploaded workbook: cells by the keys of their row and column.

Sheets are known by the mark in their corner, whatever they are called and wherever rows were moved. Other sheets are
left after their first rows. Strings are looked up only where a cell of interest refers to them.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from projects.workbook.layout import LISTS, MARK, PROJECT, PROJECT_VERSION, VALUE, VERSION, slot_by_keys
from projects.workbook.package import Enough, Package, unreadable

WORKBOOK = "xl/workbook.xml"
MOST_ROWS, MOST_COLUMNS = 2_000, 40  # the template has 60 rows and 7 columns
MARK_WITHIN_ROWS = 20
LONGEST_TEXT = 40_000  # a cell holds 32,767 characters
MOST_SHEETS = 200
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the file has it. `kind`: n number, s text, b truth, e error, d date; `text` is its value."""

    row: int
    column: int
    kind: str
    text: str
    formula: str | None = None
    is_date: bool = False
    is_covered: bool = False

    @property
    def address(self) -> str:
        """C14."""
        return f"{letters(self.column)}{self.row}"


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


def letters(column: int) -> str:
    """A for 1, AA for 27."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def read_contents(package: Package) -> Contents:
    """The template's sheets of a workbook."""
    book = _Book()
    package.parse(WORKBOOK, book)
    targets = _relations(package)
    if not book.sheets or len(book.sheets) > MOST_SHEETS:
        raise unreadable("no_sheets", "It has no sheets that could be read.")
    marks = _strings(package, lambda _, text: text.startswith(MARK))
    found: dict[str, tuple[str, _Grid]] = {}
    ignored, doubled = [], []
    for name, relation in book.sheets:
        grid = _Grid(marks)
        package.parse(targets.get(relation, ""), grid)
        if grid.mark is None:
            ignored.append(name)
        elif grid.mark in found:
            doubled.append(name)
        else:
            found[grid.mark] = (name, grid)
    sheets = _sheets(package, found)
    return Contents(sheets, tuple(ignored), tuple(doubled), book.starts_1904)


def _sheets(package: Package, found: dict[str, tuple[str, "_Grid"]]) -> dict[str, Sheet]:
    cells = (cell for _, grid in found.values() for cell in grid.cells)
    wanted = {whole(cell.text) for cell in cells if cell.kind == "shared"}
    strings = _strings(package, lambda number, _: number in wanted)
    dates = _date_styles(package)
    keys: dict[str, list[tuple[str, str]]] = {LISTS: [(key, VALUE) for key in (VERSION, PROJECT, PROJECT_VERSION)]}
    for sheet, row_key, column_key in slot_by_keys():
        keys.setdefault(sheet, []).append((row_key, column_key))
    return {
        sheet: _sheet(*found[f"{MARK}{sheet.lower()}"], wanted_keys, strings, dates)
        for sheet, wanted_keys in keys.items()
        if f"{MARK}{sheet.lower()}" in found
    }


def _sheet(
    name: str, grid: "_Grid", wanted: list[tuple[str, str]], strings: dict[int, str], dates: frozenset[int]
) -> Sheet:
    """The cells where a wanted row meets its column."""
    cells = {(raw.row, raw.column): raw for raw in grid.cells}
    key_row, key_column = grid.mark_at
    columns: dict[str, int] = {}
    rows: dict[str, list[int]] = {}
    for (row, column), raw in sorted(cells.items()):
        if row == key_row and column != key_column:
            columns.setdefault(_text_of(raw, strings), column)
        elif column == key_column and row != key_row:
            rows.setdefault(_text_of(raw, strings), []).append(row)
    by_key = {}
    for row_key, column_key in wanted:
        if row_key in rows and column_key in columns:
            place = (rows[row_key][0], columns[column_key])
            by_key[row_key, column_key] = _resolved(
                cells.get(place, replace(_NO_CELL, row=place[0], column=place[1])), grid, strings, dates
            )
    known = {row_key for row_key, _ in wanted}
    repeated = ((key, row) for key, places in rows.items() if key in known for row in places[1:])
    return Sheet(name, by_key, tuple(repeated))


def _text_of(raw: "_Raw", strings: dict[int, str]) -> str:
    if raw.kind == "shared":
        return strings.get(whole(raw.text) or 0, "")
    return _unescaped(raw.text) if raw.kind == "s" else raw.text


def _resolved(raw: "_Raw", grid: "_Grid", strings: dict[int, str], dates: frozenset[int]) -> Cell:
    kind = "s" if raw.kind == "shared" else raw.kind
    is_date = kind == "n" and raw.style in dates
    covered = grid.covers(raw.row, raw.column)
    return Cell(raw.row, raw.column, kind, _text_of(raw, strings), raw.formula, is_date, covered)


def _unescaped(text: str) -> str:
    """_x000D_ is how the format writes characters that XML has no place for."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole(text: str) -> int | None:
    """The whole number in plain digits, if the text is one."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Quiet:
    """A target that wants nothing; others say what they want."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        pass

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Text(_Quiet):
    """Gathers text, up to what a cell can hold."""

    def __init__(self) -> None:
        self.is_open = False
        self.pieces: list[str] = []
        self.length = 0

    def open(self) -> None:
        self.is_open = True
        self.pieces, self.length = [], 0

    def taken(self) -> str:
        self.is_open = False
        return "".join(self.pieces)

    def data(self, text: str) -> None:
        if self.is_open and self.length <= LONGEST_TEXT:
            self.pieces.append(text)
            self.length += len(text)


class _Book(_Quiet):
    """Sheets in order, and the calendar."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.starts_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "workbookPr":
                self.starts_1904 = attributes.get("date1904", "") in {"1", "true"}
            case "sheet" if len(self.sheets) <= MOST_SHEETS:
                relation = next((value for key, value in attributes.items() if _local(key) == "id"), "")
                self.sheets.append((attributes.get("name", "")[:31], relation))


class _Relations(_Quiet):
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            path = attributes.get("Target", "")
            full = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join("xl", path))
            self.targets[attributes.get("Id", "")] = full


def _relations(package: Package) -> dict[str, str]:
    relations = _Relations()
    package.parse("xl/_rels/workbook.xml.rels", relations)
    return relations.targets


class _Strings(_Text):
    def __init__(self, keep: Callable[[int, str], bool]) -> None:
        super().__init__()
        self.keep = keep
        self.kept: dict[int, str] = {}
        self._number = -1
        self._texts: list[str] = []
        self._phonetic = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "si":
                self._number += 1
                self._texts = []
            case "rPh":
                self._phonetic += 1
            case "t" if not self._phonetic:
                self.open()

    def end(self, tag: str) -> None:
        match _local(tag):
            case "rPh":
                self._phonetic -= 1
            case "t" if not self._phonetic and sum(map(len, self._texts)) <= LONGEST_TEXT:
                self._texts.append(self.taken())
            case "si":
                text = _unescaped("".join(self._texts))
                if self.keep(self._number, text):
                    self.kept[self._number] = text


def _strings(package: Package, keep: Callable[[int, str], bool]) -> dict[int, str]:
    strings = _Strings(keep)
    package.parse("xl/sharedStrings.xml", strings)
    return strings.kept


class _Styles(_Quiet):
    """Which cell styles show a date."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._codes: dict[str, bool] = {}
        self._in_cells = False
        self._number = -1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "numFmt":
                code = _NOT_CODE.sub("", attributes.get("formatCode", "")).lower()
                self._codes[attributes.get("numFmtId", "")] = any(sign in code for sign in "ydh")
            case "cellXfs":
                self._in_cells = True
            case "xf" if self._in_cells:
                self._number += 1
                number = attributes.get("numFmtId", "0")
                if self._codes.get(number, (whole(number) or 0) in _BUILT_IN_DATES):
                    self.dates.add(self._number)

    def end(self, tag: str) -> None:
        if _local(tag) == "cellXfs":
            self._in_cells = False


def _date_styles(package: Package) -> frozenset[int]:
    styles = _Styles()
    package.parse("xl/styles.xml", styles)
    return frozenset(styles.dates)


@dataclass(frozen=True, slots=True)
class _Raw:
    row: int
    column: int
    kind: str
    text: str
    style: int
    formula: str | None


_NO_CELL = _Raw(0, 0, "n", "", 0, None)
_KINDS = {"s": "shared", "str": "s", "inlineStr": "s", "b": "b", "e": "e", "d": "d"}


@dataclass
class _Grid(_Text):
    """The cells of one sheet near its corner; it stops reading a sheet that bears no mark."""

    marks: dict[int, str]
    mark: str | None = None
    mark_at: tuple[int, int] = (0, 0)
    cells: list[_Raw] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    _row: int = 0
    _cell: _Raw = _NO_CELL
    _phonetic: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "row":
                self._row = whole(attributes.get("r", "")) or self._row + 1
                self._cell = replace(_NO_CELL, row=self._row)
                if self.mark is None and self._row > MARK_WITHIN_ROWS:
                    raise Enough
            case "c":
                self._start_cell(attributes)
            case "v" | "f":
                self.open()
            case "t" if not self._phonetic:
                self.open()
            case "rPh":
                self._phonetic += 1
            case "mergeCell" if len(self.merged) < MOST_ROWS:
                self._merge(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        match _local(tag):
            case "v":
                self._cell = replace(self._cell, text=self.taken())
            case "t" if not self._phonetic:
                self._cell = replace(self._cell, text=(self._cell.text + self.taken())[: LONGEST_TEXT + 1])
            case "f":
                self._cell = replace(self._cell, formula=self.taken())
            case "rPh":
                self._phonetic -= 1
            case "c":
                self._end_cell()
            case "sheetData" if self.mark is None:
                raise Enough

    def covers(self, row: int, column: int) -> bool:
        """True for a cell that a merged range hides."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in self.merged
        )

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        column = _column(place[1]) if place else self._cell.column + 1
        row = int(place[2]) if place else self._row
        kind = _KINDS.get(attributes.get("t", "n"), "n")
        self._cell = _Raw(row, column, kind, "", whole(attributes.get("s", "0")) or 0, None)

    def _end_cell(self) -> None:
        cell = self._cell
        if cell.row > MOST_ROWS or cell.column > MOST_COLUMNS or (not cell.text and cell.formula is None):
            return
        if len(self.cells) > MOST_ROWS * MOST_COLUMNS:
            raise Enough
        self.cells.append(cell)
        if self.mark is None and cell.row <= MARK_WITHIN_ROWS and (mark := self._mark_in(cell)) is not None:
            self.mark, self.mark_at = mark, (cell.row, cell.column)

    def _mark_in(self, cell: _Raw) -> str | None:
        if cell.kind == "shared":
            return self.marks.get(number) if (number := whole(cell.text)) is not None else None
        return cell.text if cell.kind == "s" and cell.text.startswith(MARK) else None

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
        if start and end:
            self.merged.append((int(start[2]), _column(start[1]), int(end[2]), _column(end[1])))


def _column(text: str) -> int:
    number = 0
    for letter in text.upper():
        number = 26 * number + ord(letter) - 64
    return number
