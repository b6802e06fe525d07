"""Sheets of a workbook, found by its own index: relations and content types name the parts, in any place and any case.

Strings are looked up only where a cell of interest refers to them; cells without a value cost nothing.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from lib.workbooks.formats import BUILT_IN, shows_date
from lib.workbooks.package import Enough, Package, Skips

LONGEST_TEXT = 40_000  # a cell holds 32,767 characters
MOST_SHEETS = 200
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


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
    format: str = ""  # the code of its number format, which may change what a person sees

    @property
    def address(self) -> str:
        """C14."""
        return f"{letters(self.column)}{self.row}"


def letters(column: int) -> str:
    """A for 1, AA for 27."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def unescaped(text: str) -> str:
    """_x000D_ is how the format writes characters that XML has no place for."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole(text: str) -> int | None:
    """The whole number in plain digits, if the text is one."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


class Quiet:
    """A target that wants nothing; others say what they want."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        pass

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class TextTarget(Quiet):
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


@dataclass(frozen=True, slots=True)
class Index:
    """Where a workbook keeps its parts: sheets as name and part, in their order."""

    sheets: tuple[tuple[str, str], ...]
    strings: str
    styles: str
    starts_1904: bool


def read_index(package: Package) -> Index:
    """The parts of a workbook as its own relations name them."""
    book_part = _book_part(package)
    book = _Book()
    package.parse(book_part, book)
    relations = _relations(package, book_part)
    parts = {relation.code: relation.part for relation in relations}
    sheets = tuple((name, parts.get(code, "")) for name, code in book.sheets)
    found = {kind: _part_of(relations, kind) for kind in ("sharedStrings", "styles")}
    return Index(sheets, found["sharedStrings"], found["styles"], book.starts_1904)


def read_strings(package: Package, index: Index, keep: Callable[[int, str], bool]) -> dict[int, str]:
    """The shared strings to keep, by number."""
    strings = _Strings(keep)
    package.parse(index.strings, strings)
    return strings.kept


def read_formats(package: Package, index: Index) -> list[str]:
    """The code of the number format of each cell style."""
    styles = _Styles()
    package.parse(index.styles, styles)
    return styles.codes


def text_of(raw: "Raw", strings: dict[int, str]) -> str:
    """The text of a cell, its shared string looked up."""
    if raw.kind == "shared":
        return strings.get(whole(raw.text) or 0, "")
    return unescaped(raw.text) if raw.kind == "s" else raw.text


def resolved(raw: "Raw", strings: dict[int, str], formats: list[str], *, is_covered: bool = False) -> Cell:
    """The cell as a person sees it."""
    kind = "s" if raw.kind == "shared" else raw.kind
    code = formats[raw.style] if kind == "n" and raw.style < len(formats) else ""
    return Cell(raw.row, raw.column, kind, text_of(raw, strings), raw.formula, shows_date(code), is_covered, code)


@dataclass(frozen=True, slots=True)
class _Relation:
    code: str
    kind: str
    part: str


def _book_part(package: Package) -> str:
    """The part of the workbook itself: as the package's relations name it, else by its content type."""
    types = _ContentTypes()
    package.parse("[Content_Types].xml", types)
    return _part_of(_relations(package, ""), "officeDocument") or types.book or "xl/workbook.xml"


def _part_of(relations: list[_Relation], kind: str) -> str:
    return next((relation.part for relation in relations if relation.kind.casefold() == kind.casefold()), "")


def _relations(package: Package, part: str) -> list[_Relation]:
    folder, _, name = part.rpartition("/")
    relations = _Relations(folder)
    package.parse(posixpath.join(folder, "_rels", f"{name}.rels"), relations)
    return relations.found


class _ContentTypes(Quiet):
    """Which part is the workbook."""

    book = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Override" and attributes.get("ContentType", "").lower().endswith("sheet.main+xml"):
            self.book = attributes.get("PartName", "").lstrip("/")


class _Relations(Quiet):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: list[_Relation] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External" and len(self.found) < 2 * MOST_SHEETS:
            path = unquote(attributes.get("Target", ""))
            full = posixpath.normpath(posixpath.join("/", self.folder, path)).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append(_Relation(attributes.get("Id", ""), kind, full))


class _Book(Quiet):
    """Sheets in order, and the calendar."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.starts_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "workbookPr":
                self.starts_1904 = attributes.get("date1904", "") in {"1", "true"}
            case "sheet" if len(self.sheets) <= MOST_SHEETS:
                relation = next((value for key, value in attributes.items() if key.rpartition("}")[2] == "id"), "")
                self.sheets.append((attributes.get("name", "")[:31], relation))


class _Strings(TextTarget):
    def __init__(self, keep: Callable[[int, str], bool]) -> None:
        super().__init__()
        self.keep = keep
        self.kept: dict[int, str] = {}
        self._number = -1
        self._texts: list[str] = []
        self._length = 0
        self._phonetic = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "si":
                self._number += 1
                self._texts, self._length = [], 0
            case "rPh":
                self._phonetic += 1
            case "t" if not self._phonetic:
                self.open()

    def end(self, tag: str) -> None:
        match tag:
            case "rPh":
                self._phonetic -= 1
            case "t" if not self._phonetic and self._length <= LONGEST_TEXT:
                self._texts.append(self.taken())
                self._length += len(self._texts[-1])
            case "si":
                text = unescaped("".join(self._texts))
                if self.keep(self._number, text):
                    self.kept[self._number] = text


class _Styles(Quiet):
    """The format codes of cell styles, by number."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._own: dict[str, str] = {}
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "numFmt":
                self._own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            case "cellXfs":
                self._in_cells = True
            case "xf" if self._in_cells:
                number = attributes.get("numFmtId", "0")
                self.codes.append(self._own.get(number, BUILT_IN.get(whole(number) or 0, "")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False


@dataclass(frozen=True, slots=True)
class Raw:
    row: int
    column: int
    kind: str
    text: str
    style: int
    formula: str | None


NO_CELL = Raw(0, 0, "n", "", 0, None)
_KINDS = {"s": "shared", "str": "s", "inlineStr": "s", "b": "b", "e": "e", "d": "d"}


@dataclass
class Grid(TextTarget, Skips):
    """The cells of one sheet that hold something, up to its limits of rows and columns; what lies beyond is not heard."""

    most_rows: int
    most_columns: int
    cells: list[Raw] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    _row: int = 0
    _column: int = 0
    _cell: dict[str, str] | None = None
    _text: str = ""
    _formula: str | None = None
    _phonetic: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "c":
                self._cell, self._text, self._formula = attributes, "", None
            case "row":
                self._start_row(attributes)
            case "v" | "f":
                self.open()
            case "t" if not self._phonetic:
                self.open()
            case "rPh":
                self._phonetic += 1
            case "mergeCell" if len(self.merged) < self.most_rows:
                self._merge(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        match tag:
            case "c":
                self._end_cell()
            case "v":
                self._text = self.taken()
            case "t" if not self._phonetic and len(self._text) <= LONGEST_TEXT:
                self._text = (self._text + self.taken())[: LONGEST_TEXT + 1]
            case "f":
                self._formula = self.taken()
            case "rPh":
                self._phonetic -= 1

    def covers(self, row: int, column: int) -> bool:
        """True for a cell that a merged range hides."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in self.merged
        )

    def found(self, cell: Raw) -> None:
        """Keeps a cell that holds something."""
        if len(self.cells) > self.most_rows * self.most_columns:
            raise Enough
        self.cells.append(cell)

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row, self._column = whole(attributes.get("r", "")) or self._row + 1, 0
        if self._row > self.most_rows:
            self.skip("sheetData")

    def _end_cell(self) -> None:
        attributes, self._cell = self._cell or {}, None
        self._column += 1
        place = attributes.get("r", "")
        row, self._column = _place(place) or (self._row, self._column)
        if self._column >= self.most_columns:
            self.skip("row")
        if (not self._text and self._formula is None) or row > self.most_rows or self._column > self.most_columns:
            return
        kind, style = _KINDS.get(attributes.get("t", "n"), "n"), whole(attributes.get("s", "0")) or 0
        self.found(Raw(row, self._column, kind, self._text, style, self._formula))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _place(first), _place(last)
        if start and end:
            self.merged.append((*start, *end))


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column of a reference such as C14."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[2]), _column(found[1])) if found else None


def _column(text: str) -> int:
    number = 0
    for letter in text.upper():
        number = 26 * number + ord(letter) - 64
    return number
