"""A version of the rules as an Excel workbook and back: one sheet a table, each limit with its provenance and source.

Limits by cell stand one to a row: jurisdiction, rating, field, value, provenance, source. Numbers are as the rules have
them (shares as fractions). Reading gives every problem its sheet and cell; formulas are refused, never computed.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from engine.errors import Problem
from engine.ratings.criteria import BANK_FIELDS, GENERAL_FIELDS, ROW_FIELDS
from lib.workbooks.package import Enough, Package, open_package
from ratings.cells import named_rows
from ratings.editing import AMORTISATION
from ratings.exchange import FORM, HEAD, LARGEST_BYTES, Document, Reading, refused
from ratings.problems import GROUPS
from ratings.tables import HAIRCUTS, LATER_TABLES, ROW_TABLES, SAID, TEXT

ABOUT, OTHER = "About", "Other"
BY_CELL = {"general": "General", "criteria": "Criteria", "central_banks": "Central banks"}
BY_ROW = {
    "repo_haircuts": "Repo haircuts",
    "wrap_premium_bps": "Wrap premiums",
    "agency_bands": "Agency bands",
    "central_bank_rules": "Central bank rules",
    "rating_scale": "Rating scale",
    "collateral_classes": "Collateral classes",
    "collateral_facilities": "Collateral facilities",
    "collateral_criteria": "Collateral criteria",
    "collateral_haircuts": "Collateral haircuts",
}
BANK_HAIRCUTS = "Published haircuts"
KEYS = {"general": (), "criteria": ("jurisdiction", "rating"), "central_banks": ("jurisdiction",)}
LONG = ("field", "value", "provenance", "source")
LISTS = frozenset({AMORTISATION.path})
FIELDS = {"general": GENERAL_FIELDS, "criteria": ROW_FIELDS, "central_banks": BANK_FIELDS}
MOST_ROWS, MOST_COLUMNS = 20_000, 16
WIDTHS = {"source": 80, "provenance": 16, "field": 24, "value": 22, "asset": 50, "path": 44}
Cells = list[Any]
Where = Callable[[str], str]


def write_workbook(document: Mapping[str, Any]) -> bytes:
    """The document as a workbook."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, heads, rows in _sheets(document):
            sheet = book.add_worksheet(name)
            for column, head in enumerate(heads):
                sheet.write_string(0, column, head, bold)
                sheet.set_column(column, column, WIDTHS.get(head, 18))
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    return stream.getvalue()


def read_workbook(raw: bytes) -> Reading:
    """The document in a workbook; Invalid for a file that is none, or is not safe to read."""
    if len(raw) > LARGEST_BYTES:
        raise refused(f"expected at most {LARGEST_BYTES // 1024**2} MB.")
    _refuse_document_types(open_package(io.BytesIO(raw)))
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheets = {
            sheet.title: _Sheet(sheet.title, sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS))
            for sheet in book.worksheets
        }
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        SyntaxError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
    ) as error:
        raise refused(f"it cannot be read as a workbook ({type(error).__name__}).") from None
    return _Reader(sheets).reading()


def _refuse_document_types(package: Package) -> None:
    """A document type stands ahead of the first element: openpyxl's own parser may not refuse it."""
    for name in package.names:
        if name.endswith((".xml", ".rels")):
            with suppress(Enough):
                package.parse(name, _FirstElement())


class _FirstElement:
    """Has seen enough of a part at its first element."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise Enough

    def end(self, tag: str) -> None:
        """Comes after a start."""

    def data(self, text: str) -> None:
        """Comes after a start."""

    def close(self) -> None:
        """Nothing is kept."""


# Writing


def _sheets(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], list[Cells]]]:
    content = document["content"]
    about = [[name, document[name]] for name in ("form", *HEAD)]
    yield ABOUT, ("field", "value"), about
    yield BY_CELL["general"], LONG, list(_long((), content.get("general", {})))
    for table in ("criteria", "central_banks"):
        keys = KEYS[table]
        rows = [line for row in content.get(table, []) for line in _long(tuple(row[key] for key in keys), row, keys)]
        yield BY_CELL[table], (*keys, *LONG), rows
    columns = tuple(ROW_TABLES[HAIRCUTS])
    published = [
        [bank["jurisdiction"], *(row.get(name) for name in columns)]
        for bank in content.get("central_banks", [])
        for row in bank.get(HAIRCUTS, [])
    ]
    yield BANK_HAIRCUTS, ("jurisdiction", *columns), published
    for table, title in BY_ROW.items():
        if table in LATER_TABLES and table not in content:
            continue
        columns = tuple(ROW_TABLES[table])
        yield title, columns, [[row.get(name) for name in columns] for row in content.get(table, [])]
    others = [line for group in GROUPS if group != "general" for line in _leaves(f"/{group}", content.get(group, {}))]
    yield OTHER, ("path", "value"), others


def _long(named: tuple[Any, ...], row: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[Cells]:
    sources = row.get("sources", {})
    for name, value in row.items():
        if name not in {*keys, "sources", HAIRCUTS}:
            said = sources.get(name, {})
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield [*named, name, shown, said.get("provenance"), said.get("source")]


def _leaves(path: str, node: Any) -> Iterator[Cells]:
    """Each leaf of a nested group with its path; empty groups are leaves."""
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _leaves(f"{path}/{_escaped(key)}", value)
    elif isinstance(node, list) and node:
        for number, value in enumerate(node):
            yield from _leaves(f"{path}/[{number}]", value)
    else:
        yield [path, json.dumps(node, ensure_ascii=False)]


def _escaped(key: str) -> str:
    """A key as a part of a path, where [ begins a place in a list."""
    return key.replace("~", "~0").replace("/", "~1").replace("[", "~2")


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value not in (None, ""):
        sheet.write_string(row, column, str(value))


# Reading


class _Sheet:
    """One sheet: its heads, and its rows as values by head."""

    def __init__(self, title: str, rows: Iterable[Any]) -> None:
        self.title = title
        self.problems: list[Problem] = []
        table = list(rows)
        self.heads = [str(cell.value).strip() if cell.value is not None else "" for cell in table[0]] if table else []
        self.rows: list[tuple[int, dict[str, Any]]] = []
        if len(table) > MOST_ROWS:
            self._add("A1", f"expected at most {MOST_ROWS:,} rows.")
        for number, cells in enumerate(table[1 : MOST_ROWS + 1], start=2):
            values: dict[str, Any] = dict.fromkeys(self.heads)
            values |= {head: self._value(cell, head, number) for head, cell in zip(self.heads, cells, strict=False)}
            if any(value is not None for value in values.values()):
                self.rows.append((number, values))

    def where(self, head: str, number: int) -> str:
        """Criteria!D17"""
        column = self.heads.index(head) + 1 if head in self.heads else 1
        name = self.title if self.title.replace(" ", "").isalnum() and " " not in self.title else f"'{self.title}'"
        return f"{name}!{get_column_letter(column)}{number}"

    def require(self, wanted: Iterable[str]) -> bool:
        """True if every head is there, once."""
        wanted = tuple(wanted)
        problems = [f"the column {head} is missing" for head in wanted if head not in self.heads]
        problems += [f"the column {head} is unknown" for head in self.heads if head and head not in wanted]
        problems += [f"the column {head} stands twice" for head in wanted if self.heads.count(head) > 1]
        for problem in problems:
            self._add("1", f"{problem}: expected {', '.join(wanted)}.")
        return not problems

    def add(self, head: str, number: int, sentence: str) -> None:
        """Notes a problem at a cell."""
        self.problems.append(Problem("cell", self.title, f"{self.where(head, number)}: {sentence}"))

    def _add(self, place: str, sentence: str) -> None:
        self.problems.append(Problem("sheet", self.title, f"{self.title}!{place}: {sentence}"))

    def _value(self, cell: Any, head: str, number: int) -> Any:
        value = cell.value
        if getattr(cell, "data_type", "") == "f" or type(value).__name__ in {"ArrayFormula", "DataTableFormula"}:
            self.add(head, number, "a formula: enter the value itself.")
            return None
        if getattr(cell, "data_type", "") == "e":
            self.add(head, number, f"an error of the spreadsheet, {value}: enter a value.")
            return None
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return value.date().isoformat() if hasattr(value, "date") else str(value)


class _Reader:
    """The sheets of one workbook, turned into a document."""

    def __init__(self, sheets: dict[str, _Sheet]) -> None:
        self.sheets = sheets
        self.problems: list[Problem] = []
        self.wheres: dict[str, str] = {}

    def reading(self) -> Reading:
        """The document with its problems so far and where everything stands."""
        known = {ABOUT, OTHER, BANK_HAIRCUTS, *BY_CELL.values(), *BY_ROW.values()}
        self.problems += [
            Problem("unknown", title, f"The sheet {title[:60]} is not one of a rule set's workbook.")
            for title in self.sheets
            if title not in known
        ]
        document = self._about()
        document["content"] = self._content(document)
        for sheet in self.sheets.values():
            self.problems += sheet.problems
        return Reading(document, self.problems, self.wheres)

    def _about(self) -> Document:
        found: Document = {}
        for number, row, sheet in self._rows(ABOUT, ("field", "value")):
            name = str(row["field"] or "")
            self.wheres[name] = sheet.where("value", number)
            found[name] = self._plain_text(row["value"]) if name != "version" else row["value"]
        found.setdefault("notes", "")
        if found.get("form") != FORM:
            self.problems.append(Problem("form", "form", f"{ABOUT}: form: expected {FORM}, got {found.get('form')!r}."))
        return found

    def _content(self, document: Document) -> Document:
        content: Document = {"version": f"{document.get('family')}/{document.get('version')}"}
        content["general"] = self._long_rows("general").get((), {})
        for table in ("criteria", "central_banks"):
            content[table] = [
                {**dict(zip(KEYS[table], named, strict=True)), **row} for named, row in self._long_rows(table).items()
            ]
        self._published(content["central_banks"])
        content |= {
            table: self._row_table(table, title)
            for table, title in BY_ROW.items()
            # A workbook of a version from before these tables has no such sheets.
            if title in self.sheets or table not in LATER_TABLES
        }
        return content | self._others()

    def _long_rows(self, table: str) -> dict[tuple[str, ...], Document]:
        keys, title = KEYS[table], BY_CELL[table]
        found: dict[tuple[str, ...], Document] = {}
        for number, line, sheet in self._rows(title, (*keys, *LONG)):
            named, name = tuple(self._plain_text(line[key]) for key in keys), self._plain_text(line["field"])
            row = found.setdefault(named, {"sources": {}})
            place = ".".join((table, *named, name))
            if not name or name in row:
                what = f"{name} of {' '.join(named) or 'the general limits'} stands twice" if name else "names no limit"
                sheet.add("field", number, f"{what}: one row for each limit.")
                continue
            self.wheres[place] = sheet.where("value", number)
            row[name] = _listed(line["value"]) if name in LISTS else self._typed(table, name, line["value"])
            said = {key: self._plain_text(line[key]) for key in SAID}
            if any(said.values()):
                row["sources"][name] = said
        return found

    def _typed(self, table: str, name: str, value: Any) -> Any:
        """Text stays text where the rules have text, also if a spreadsheet made a number of it."""
        spec = next((spec for spec in FIELDS[table] if spec.path == name), None)
        is_text = name == "note" or (spec is not None and spec.kind in ("choice", "text"))
        return self._plain_text(value) if is_text else value

    def _published(self, banks: list[Document]) -> None:
        by_place = {bank["jurisdiction"]: bank for bank in banks}
        for bank in banks:
            bank[HAIRCUTS] = []
        columns = tuple(ROW_TABLES[HAIRCUTS])
        for number, line, sheet in self._rows(BANK_HAIRCUTS, ("jurisdiction", *columns)):
            place = self._plain_text(line["jurisdiction"])
            if place not in by_place:
                sheet.add("jurisdiction", number, f"there is no central bank for {place or 'nothing'}.")
                continue
            rows = by_place[place][HAIRCUTS]
            rows.append(self._row(HAIRCUTS, line))
            self._note_row(f"central_banks.{place}.{HAIRCUTS}", HAIRCUTS, len(rows), rows[-1], number, sheet)

    def _row_table(self, table: str, title: str) -> list[Document]:
        rows: list[Document] = []
        for number, line, sheet in self._rows(title, tuple(ROW_TABLES[table])):
            rows.append(self._row(table, line))
            self._note_row(table, table, len(rows), rows[-1], number, sheet)
        return rows

    def _row(self, table: str, line: Mapping[str, Any]) -> Document:
        kinds = ROW_TABLES[table]
        return {name: self._plain_text(line[name]) if kind == TEXT else line[name] for name, kind in kinds.items()}

    def _note_row(self, place: str, table: str, count: int, row: Document, number: int, sheet: _Sheet) -> None:
        ((parts, _),) = named_rows(table, [row])
        named = ".".join(parts)
        for name in row:
            where = sheet.where(name, number)
            self.wheres[f"{place}.row {count}.{name}"] = where
            self.wheres.setdefault(f"{place}.{named}.{name}", where)

    def _others(self) -> Document:
        root: Document = {}
        for number, line, sheet in self._rows(OTHER, ("path", "value")):
            path = self._plain_text(line["path"])
            self.wheres[path.strip("/").replace("/", ".")] = sheet.where("value", number)
            try:
                _put(root, path, json.loads(self._plain_text(line["value"])))
            except (ValueError, RecursionError):
                sheet.add("value", number, f"{path[:80]}: expected a path and its value as JSON.")
        return root

    def _rows(self, title: str, heads: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any], _Sheet]]:
        sheet = self.sheets.get(title)
        if sheet is None:
            self.problems.append(Problem("sheet", title, f"The sheet {title} is missing."))
        elif sheet.require(heads):
            yield from ((number, row, sheet) for number, row in sheet.rows)

    @staticmethod
    def _plain_text(value: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return "" if value is None else str(value)


def _listed(value: Any) -> list[str]:
    return [item.strip() for item in str(value or "").split(",") if item.strip()]


def _put(root: Document, path: str, value: Any) -> None:
    """Sets a leaf by its path, making the groups and lists on the way."""
    parts = path.split("/")
    if len(parts) < 2 or parts[0] or parts[1] not in GROUPS:
        raise ValueError(path)
    node: Any = root
    for part, following in zip(parts[1:], [*parts[2:], None], strict=True):
        fresh: Any = value if following is None else [] if following.startswith("[") else {}
        node = _step(node, part, fresh, is_leaf=following is None)


def _step(node: Any, part: str, fresh: Any, *, is_leaf: bool) -> Any:
    if isinstance(node, list):
        number = int(part.removeprefix("[").removesuffix("]"))
        if number == len(node):
            node.append(fresh)
        elif is_leaf or not 0 <= number < len(node):
            raise ValueError(part)
        return node[number]
    key = part.replace("~2", "[").replace("~1", "/").replace("~0", "~")
    if not isinstance(node, dict) or (is_leaf and key in node):
        raise ValueError(part)
    return node.setdefault(key, fresh)
