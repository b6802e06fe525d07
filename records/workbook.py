"""A version as an Excel workbook and back: one sheet a table, each value with its provenance and source.

Values by cell stand one to a row: what names the row, field, value, provenance, source. Numbers are as the content has
them (shares and rates as fractions). Reading gives every problem its sheet and cell; formulas are refused, never computed.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from engine.basics.fields import FieldKind
from engine.errors import Problem
from lib.numbers import MAGNITUDES
from lib.workbooks.formats import printed_ending
from lib.workbooks.package import Enough, Package, open_package
from records.exchange import LARGEST_BYTES, Document, Reading, head_of, refused
from records.kinds import NUMBERS, SAID, RecordKind, TableSpec, is_list

ABOUT, OTHER = "About", "Other"
LONG = ("field", "value", "provenance", "source")
MOST_ROWS, MOST_COLUMNS = 20_000, 16
WIDTHS = {"source": 80, "provenance": 16, "field": 24, "value": 22, "asset": 50, "path": 44}
Cells = list[Any]


def write_workbook(kind: RecordKind, document: Mapping[str, Any]) -> bytes:
    """The document as a workbook."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, heads, rows in _sheets(kind, document):
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


def read_workbook(kind: RecordKind, raw: bytes) -> Reading:
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
    return _Reader(kind, sheets).reading()


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


def _sheets(kind: RecordKind, document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], list[Cells]]]:
    content = document["content"]
    yield ABOUT, ("field", "value"), [[name, document[name]] for name in ("form", *head_of(kind))]
    for table in kind.tables:
        if not table.is_group and (table.name in content or not table.is_later):
            yield table.sheet_title, _heads(kind, table), [*_lines(kind, table, content)]
    groups = [table.name for table in kind.tables if table.is_group]
    if groups:
        lines = [line for group in groups for line in _leaves(f"/{group}", content.get(group, {}))]
        yield OTHER, ("path", "value"), lines


def _heads(kind: RecordKind, table: TableSpec) -> tuple[str, ...]:
    if table.by_cell:
        return (*table.keys, *LONG)
    parent = kind.table(table.within)
    return (*(parent.keys if parent else ()), *table.columns)


def _lines(kind: RecordKind, table: TableSpec, content: Mapping[str, Any]) -> Iterator[Cells]:
    parent = kind.table(table.within)
    if table.is_one_row:
        yield from _long(kind, table, content.get(table.name, {}))
    elif table.by_cell:
        for row in content.get(table.name, []):
            yield from _long(kind, table, row)
    elif parent:
        for outer in content.get(parent.name, []):
            ahead = [outer[key] for key in parent.keys]
            yield from ([*ahead, *(row.get(name) for name in table.columns)] for row in outer.get(table.name, []))
    else:
        yield from ([row.get(name) for name in table.columns] for row in content.get(table.name, []))


def _long(kind: RecordKind, table: TableSpec, row: Mapping[str, Any]) -> Iterator[Cells]:
    sources = row.get("sources", {})
    left_out = {*table.keys, "sources", *(inner.name for inner in kind.within(table.name))}
    for name, value in row.items():
        if name not in left_out:
            said = sources.get(name, {})
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield [*(row[key] for key in table.keys), name, shown, said.get("provenance"), said.get("source")]


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
        if isinstance(value, int | float) and not isinstance(value, bool):
            ending = printed_ending(cell.number_format or "", value)
            # What is printed beside a number may be meant as a part of it.
            if "%" in ending or ending.casefold() in MAGNITUDES:
                self.add(
                    head, number, f"the cell shows {value!r}{ending}: enter it as a number with a format of its own."
                )
                return None
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return value.date().isoformat() if hasattr(value, "date") else str(value)


class _Reader:
    """The sheets of one workbook, turned into a document."""

    def __init__(self, kind: RecordKind, sheets: dict[str, _Sheet]) -> None:
        self.kind = kind
        self.sheets = sheets
        self.problems: list[Problem] = []
        self.wheres: dict[str, str] = {}

    def reading(self) -> Reading:
        """The document with its problems so far and where everything stands."""
        known = {ABOUT, OTHER, *(table.sheet_title for table in self.kind.tables)}
        self.problems += [
            Problem("unknown", title, f"The sheet {title[:60]} is not one of a {self.kind.noun}'s workbook.")
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
            found[name] = _plain_text(row["value"]) if name != "version" else row["value"]
        found.setdefault("notes", "")
        if found.get("form") != self.kind.form:
            message = f"{ABOUT}: form: expected {self.kind.form}, got {found.get('form')!r}."
            self.problems.append(Problem("form", "form", message))
        return found

    def _content(self, document: Document) -> Document:
        content: Document = {"version": f"{document.get('family')}/{document.get('version')}"}
        for table in self.kind.tables:
            # A workbook of a version from before a table has no such sheet.
            if table.is_group or (table.is_later and table.sheet_title not in self.sheets):
                continue
            if table.is_one_row:
                content[table.name] = self._long_rows(table).get((), {})
            elif table.by_cell:
                found = self._long_rows(table).items()
                content[table.name] = [{**dict(zip(table.keys, named, strict=True)), **row} for named, row in found]
            elif parent := self.kind.table(table.within):
                self._rows_within(table, parent, content.get(parent.name, []))
            else:
                content[table.name] = self._row_table(table)
        return content | (self._others() if any(table.is_group for table in self.kind.tables) else {})

    def _long_rows(self, table: TableSpec) -> dict[tuple[str, ...], Document]:
        found: dict[tuple[str, ...], Document] = {}
        for number, line, sheet in self._rows(table.sheet_title, _heads(self.kind, table)):
            named, name = tuple(_plain_text(line[key]) for key in table.keys), _plain_text(line["field"])
            row = found.setdefault(named, {"sources": {}})
            if not name or name in row:
                of = " ".join(named) or table.title.lower()
                what = f"{name} of {of} stands twice" if name else "names no field"
                sheet.add("field", number, f"{what}: one row for each.")
                continue
            self.wheres[".".join((table.name, *named, name))] = sheet.where("value", number)
            row[name] = _typed(table, name, line["value"])
            said = {key: _plain_text(line[key]) for key in SAID}
            if any(said.values()):
                row["sources"][name] = said
        return found

    def _rows_within(self, table: TableSpec, parent: TableSpec, outer: list[Document]) -> None:
        by_name = dict(parent.named(outer))
        for row in outer:
            row[table.name] = []
        for number, line, sheet in self._rows(table.sheet_title, _heads(self.kind, table)):
            named = tuple(_plain_text(line[key]) for key in parent.keys)
            if named not in by_name:
                of = " ".join(named).strip() or "nothing"
                sheet.add(parent.keys[0], number, f"there is no row for {of} in {parent.title.lower()}.")
                continue
            rows = by_name[named][table.name]
            rows.append(_row(table, line))
            self._note_row(".".join((parent.name, *named, table.name)), table, rows, number, sheet)

    def _row_table(self, table: TableSpec) -> list[Document]:
        rows: list[Document] = []
        for number, line, sheet in self._rows(table.sheet_title, _heads(self.kind, table)):
            rows.append(_row(table, line))
            self._note_row(table.name, table, rows, number, sheet)
        return rows

    def _note_row(self, place: str, table: TableSpec, rows: list[Document], number: int, sheet: _Sheet) -> None:
        ((parts, row),) = table.named(rows[-1:])
        for name in row:
            where = sheet.where(name, number)
            self.wheres[f"{place}.row {len(rows)}.{name}"] = where
            self.wheres.setdefault(".".join((place, *parts, name)), where)

    def _others(self) -> Document:
        root: Document = {}
        groups = [table.name for table in self.kind.tables if table.is_group]
        for number, line, sheet in self._rows(OTHER, ("path", "value")):
            path = _plain_text(line["path"])
            self.wheres[path.strip("/").replace("/", ".")] = sheet.where("value", number)
            try:
                _put(root, path, json.loads(_plain_text(line["value"])), groups)
            except (ValueError, RecursionError):
                sheet.add("value", number, f"{path[:80]}: expected a path and its value as JSON.")
        return root

    def _rows(self, title: str, heads: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any], _Sheet]]:
        sheet = self.sheets.get(title)
        if sheet is None:
            self.problems.append(Problem("sheet", title, f"The sheet {title} is missing."))
        elif sheet.require(heads):
            yield from ((number, row, sheet) for number, row in sheet.rows)


def _row(table: TableSpec, line: Mapping[str, Any]) -> Document:
    """Text stays text where the table has text, also if a spreadsheet made a number of it."""
    typed = (*NUMBERS, FieldKind.FLAG)
    return {
        name: line[name] if spec and spec.kind in typed else _plain_text(line[name])
        for name, spec in table.columns.items()
    }


def _typed(table: TableSpec, name: str, value: Any) -> Any:
    spec = table.field(name)
    if is_list(spec):
        return [item.strip() for item in str(value or "").split(",") if item.strip()]
    return _plain_text(value) if spec and spec.kind in (FieldKind.CHOICE, FieldKind.TEXT) else value


def _plain_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _put(root: Document, path: str, value: Any, groups: Sequence[str]) -> None:
    """Sets a leaf by its path, making the groups and lists on the way."""
    parts = path.split("/")
    if len(parts) < 2 or parts[0] or parts[1] not in groups:
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
