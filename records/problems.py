"""What is wrong with content: each fault with its cell, the row in words and the reason."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import InputProblems, Problem
from records.cells import Cell, cells
from records.kinds import NUMBERS, SAID, Content, RecordKind, TableSpec
from records.provenance import NOT_FOUND, PROVENANCES, provenance_mark

# Spreadsheets keep 15 digits; a limit with more would come back changed.
DIGITS = 15
# What a spreadsheet's cell may hold, with room to spare.
LONGEST_TEXT = 4_000
CONTROLS = frozenset(map(chr, (*range(10), *range(11, 32), 127)))


def content_problems(kind: RecordKind, content: Any) -> tuple[Problem, ...]:
    """Every fault of a version's content; empty if it may be used."""
    shape = [*_shape_problems(kind, content)]
    if shape:
        return tuple(shape)
    rows = [*_row_problems(kind, content)]
    return (
        *_read_problems(kind, content),
        *rows,
        # What stands across rows can be told once each column holds what it should.
        *(problem for check in kind.checks if not rows for problem in check(content)),
        *(problem for cell in cells(kind, content).values() for problem in _cell_problems(kind, cell)),
        *_stray_source_problems(kind, content),
    )


@lru_cache(maxsize=4_096)
def text_problem(text: str) -> str:
    """What keeps a text from being kept in a spreadsheet; empty if nothing does."""
    if len(text) > LONGEST_TEXT:
        return f"expected at most {LONGEST_TEXT:,} characters, got {len(text):,}"
    if CONTROLS & set(text):
        return "expected printable text, got control characters"
    return ""


# Shape


def _shape_problems(kind: RecordKind, content: Any) -> Iterator[Problem]:
    if not isinstance(content, Mapping):
        yield Problem("not_tables", "", f"{kind.title}: expected named tables, got something else.")
        return
    known = {table.name: table for table in kind.tables if not table.within}
    for name in content:
        if name not in known and name != "version":
            expected = f"expected {', '.join(sorted(known))}"
            yield Problem("unknown", str(name), f"{name} is not a table of a {kind.noun}: {expected}.")
    for name, table in known.items():
        if not content.get(name) and table.is_required:
            yield Problem(f"no_{name}", name, f"There are no {table.title.lower()}: add a row at least.")
        elif table.is_group or table.is_one_row:
            if not isinstance(content.get(name, {}), Mapping):
                yield Problem("not_named", name, f"{name}: expected named values.")
        elif not _is_rows(content.get(name, [])):
            yield _not_rows(name)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _not_rows(place: str) -> Problem:
    return Problem("not_rows", place, f"{place}: expected a list of rows with named values.")


# Columns of tables that stand row by row


def _row_problems(kind: RecordKind, content: Content) -> Iterator[Problem]:
    for table in kind.tables:
        if table.is_rows:
            for place, rows in _tables_of(kind, table, content):
                if not _is_rows(rows):
                    yield _not_rows(place)
                    return
                for number, row in enumerate(rows, start=1):
                    yield from _column_problems(table, f"{place}.row {number}", row)


def _tables_of(kind: RecordKind, table: TableSpec, content: Content) -> Iterator[tuple[str, Any]]:
    """The table's rows with the place they are at: once, or once in each row that holds them."""
    parent = kind.table(table.within)
    if parent is None:
        yield table.name, content.get(table.name, [])
        return
    for name, row in parent.named(content.get(parent.name, [])):
        yield ".".join((parent.name, *name, table.name)), row.get(table.name, [])


def _column_problems(table: TableSpec, place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    said, columns = place.replace(".", " "), table.columns
    for name in row:
        if name not in columns:
            yield Problem("unknown", f"{place}.{name}", f"{said}: {name} is no column of it.")
    for name, spec in columns.items():
        if name in row and not _fits(spec, row[name]):
            message = f"{said}: {name}: expected {_wanted(spec)}, got {row[name]!r}."
            yield Problem("wrong_kind", f"{place}.{name}", message)
        # Provenance and source are asked for with their cell.
        elif name not in row and name not in SAID:
            yield Problem("missing", f"{place}.{name}", f"{said}: {name} is missing.")


def _wanted(spec: FieldSpec | None) -> str:
    if spec and spec.kind in NUMBERS:
        return "a number or nothing"
    return "true or false" if spec and spec.kind is FieldKind.FLAG else "text"


def _fits(spec: FieldSpec | None, value: Any) -> bool:
    if spec and spec.kind in NUMBERS:
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return isinstance(value, bool if spec and spec.kind is FieldKind.FLAG else str)


# The engine's own faults


def _read_problems(kind: RecordKind, content: Content) -> list[Problem]:
    try:
        kind.read(content)
    except InputProblems as error:
        return [_placed(kind, content, problem) for problem in error.problems]
    return []


def _placed(kind: RecordKind, content: Content, problem: Problem) -> Problem:
    """The problem at its row's name instead of its number, the row said first."""
    name, _, rest = problem.place.partition(".")
    number, _, field = rest.partition(".")
    table = kind.table(name)
    if table is None or not number.isdigit():
        return problem
    named = [each for each, _ in table.named(content[name])][int(number)]
    place = ".".join(part for part in (name, *named, field) if part)
    return Problem(problem.code, place, f"{' '.join(part or '?' for part in named)}: {problem.message}")


# Where each cell comes from


def _cell_problems(kind: RecordKind, cell: Cell) -> Iterator[Problem]:
    where, table = " ".join(cell.path), kind.table_at(cell.path)
    if table and cell.field not in table.words:
        if not provenance_mark(cell.provenance):
            expected = f"expected {', '.join(PROVENANCES)} or {NOT_FOUND}, got {cell.provenance or 'nothing'}"
            yield Problem("provenance", cell.place, f"{where}: provenance: {expected}.")
        if not cell.source.strip():
            yield Problem("source", cell.place, f"{where}: the source is missing: say where it comes from.")
    for text in (cell.value, cell.provenance, cell.source):
        if isinstance(text, str) and (fault := text_problem(text)):
            yield Problem("text", cell.place, f"{where}: {fault}.")
    if isinstance(cell.value, float) and float(f"{cell.value:.{DIGITS}g}") != cell.value:
        message = f"{where}: {cell.value!r} has more than {DIGITS} digits: round it."
        yield Problem("too_precise", cell.place, message)


def _stray_source_problems(kind: RecordKind, content: Content) -> Iterator[Problem]:
    for table in kind.tables:
        if table.by_cell:
            rows = [((), content.get(table.name, {}))] if table.is_one_row else table.named(content.get(table.name, []))
            for named, row in rows:
                place = ".".join((table.name, *named))
                sources = row.get("sources")
                for name in sources if isinstance(sources, Mapping) else ():
                    if name not in row:
                        message = f"{place.replace('.', ' ')}: gives a source for {name}, which it has not."
                        yield Problem("unknown", f"{place}.{name}", message)
