"""Versions as their pages show them: grids of cells with words, marks, what was changed and what is wrong."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, range_text
from engine.errors import Problem
from lib.figures import DASH, MINUS
from lib.text import label_of
from lib.units import is_percent
from lib.units import mark as unit_mark
from records.cells import Cell, Change, cells, changes
from records.editing import NO, YES, value_text
from records.kinds import NUMBERS, Content, Group, RecordKind, groups, is_list, words, words_of_row
from records.provenance import MARKS, PROVENANCES, Mark, mark
from records.sources import told_source

# Between the words of a name written without spaces.
_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an input."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: its words and mark, and for the page that edits it, its input."""

    place: str
    row_place: str
    label: str
    text: str
    typed: str
    unit: str
    kind: str
    mark: Mark
    options: tuple[Option, ...]
    provenances: tuple[Option, ...]
    was: str
    is_changed: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line of a grid; `origin` is set where the row says once for its cells where they come from."""

    label: str
    help: str
    cells: tuple[GridCell | None, ...]
    origin: GridCell | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of cells under its heads; a folded one is long, and opened by who wants it."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[GridRow, ...]
    by_row: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A changed cell in words."""

    table: str
    row: str
    field: str
    old: str
    new: str
    old_mark: Mark | None
    new_mark: Mark | None
    value_differs: bool


class Grids:
    """The grids of a version, beside the version it is compared with and the faults found."""

    def __init__(
        self, kind: RecordKind, content: Content, before: Content | None = None, problems: Iterable[Problem] = ()
    ) -> None:
        self.kind = kind
        self.content = content
        self.cells = cells(kind, content)
        self.before = cells(kind, before) if before is not None else None
        self.problems: dict[str, list[str]] = defaultdict(list)
        for problem in problems:
            self.problems[problem.place].append(problem.message)

    def parts(self) -> dict[str, str]:
        """The parts of the editing page with their labels."""
        return self.kind.parts_of(self.content)

    def part(self, name: str) -> list[Grid]:
        """The grids of one part of the editing page."""
        return [self._grid(group) for group in groups(self.kind, self.content) if group.part == name]

    def all(self) -> list[Grid]:
        """Every grid, in the order of the tables."""
        return [self._grid(group) for group in groups(self.kind, self.content)]

    def others(self) -> list[tuple[str, list[tuple[str, str, str, Mark]]]]:
        """The tables that are only shown: by title, each line's row, field, words and mark."""
        tables: dict[str, list[tuple[str, str, str, Mark]]] = {}
        for cell in self.cells.values():
            table = self.kind.table_at(cell.path)
            if table is None or table.is_group:
                text = value_words(None, cell.value)
                line = (_spelled(cell.row), _spelled(cell.field), _spelled(text), mark_of(cell))
                tables.setdefault(table.title if table else cell.table, []).append(line)
        return list(tables.items())

    def _grid(self, group: Group) -> Grid:
        if group.table.by_cell:
            return self._fields_down(group)
        return self._crossed(group) if group.table.across else self._rows_down(group)

    def _fields_down(self, group: Group) -> Grid:
        """Fields down, rows across."""
        table = group.table
        heads = [_short(group, name, table.head_of(name, row)) or "Value" for name, row in group.named]
        rows = [
            GridRow(spec.label, range_help(spec), tuple(self._at(group, name, field) for name, _ in group.named))
            for field, spec in table.editable.items()
        ]
        return Grid(group.key, group.title, tuple(heads), tuple(rows))

    def _rows_down(self, group: Group) -> Grid:
        """Rows down, fields across; each row says once where it comes from."""
        fields = group.table.editable
        lines = [
            GridRow(_short(group, name), "", tuple(found), next((cell for cell in found if cell), None))
            for name, _ in group.named
            for found in [[self._at(group, name, field) for field in fields]]
        ]
        return Grid(group.key, group.title, tuple(s.label for s in fields.values()), tuple(lines), by_row=True)

    def _crossed(self, group: Group) -> Grid:
        """The first key down, the values of another across, in their order."""
        table = group.table
        (field,), key = table.editable, table.keys.index(table.across)
        down = dict.fromkeys(name[0] for name, _ in group.named)
        across = sorted({name[key] for name, _ in group.named}, key=lambda text: (len(text), text))
        spec = table.field(table.across)
        heads = [f"{spec.label if spec else ''} {text}{_behind(spec)}" for text in across]
        rows = [GridRow(first, "", tuple(self._at(group, (first, text), field) for text in across)) for first in down]
        return Grid(group.key, group.title, tuple(heads), tuple(rows))

    def _at(self, group: Group, name: Sequence[str], field: str) -> GridCell | None:
        place = f"{group.place(tuple(name))}.{field}"
        cell = self.cells.get(place)
        if cell is None:
            return None
        old = (self.before or {}).get(place)
        is_changed = self.before is not None and (
            old is None or (old.value, old.provenance, old.source) != (cell.value, cell.provenance, cell.source)
        )
        return _grid_cell(self.kind, cell, old, is_changed, self.problems.get(place, ()))


def change_lines(kind: RecordKind, old: Content, new: Content) -> list[ChangeLine]:
    """What differs between two versions, cell by cell, in words."""
    return [_change_line(kind, change) for change in changes(kind, old, new)]


def faults_by_part(kind: RecordKind, content: Content, problems: Iterable[Problem]) -> Mapping[str, int]:
    """How many faults each part of the editing page has."""
    found: dict[str, int] = dict.fromkeys(kind.parts_of(content), 0)
    for problem in problems:
        path = problem.place.split(".")
        table = kind.table_at(path)
        split = table.split if table and len(path) > 1 else None
        part = (split.part(content, path[1]) if split else "") or (table.part if table else "")
        if part in found:
            found[part] += 1
    return found


def _spelled(name: str) -> str:
    """A name of another platform's tables as words.

    >>> _spelled("agency_notch_adjustments 1"), _spelled("FitchNotches"), _spelled("AAA")
    ('Agency notch adjustments 1', 'Fitch notches', 'AAA')
    """
    apart = _WITHIN.sub(" ", name)
    return label_of(apart if apart == name else apart.lower())


def mark_of(cell: Cell) -> Mark:
    """The mark of a cell's provenance."""
    return mark(cell.provenance, cell.source)


def value_words(spec: FieldSpec | None, value: Any) -> str:
    """A value exactly as the content has it, in words: "40%", "1.45x", "25 years"."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return value_text(spec, value).replace("-", MINUS) + _behind(spec)
    return words(value_text(spec, value)) if spec and spec.kind is not FieldKind.NUMBER else value_text(spec, value)


def range_help(spec: FieldSpec) -> str:
    """What may be typed into a field."""
    if spec.kind not in NUMBERS:
        return ""
    if is_percent(spec.unit) and spec.minimum is not None and spec.maximum is not None:
        return f"{100 * spec.minimum:g} to {100 * spec.maximum:g}%"
    return f"{range_text(spec)} {unit_mark(spec.unit)}".strip()


def _behind(spec: FieldSpec | None) -> str:
    """The unit as it follows a number: "%", "x", " years"."""
    told = unit_mark(spec.unit) if spec else ""
    return told if told in ("", "%", "x") else f" {told}"


def _short(group: Group, name: Sequence[str], head: str = "") -> str:
    """What a row is about within its grid, which may be of one value of the first key."""
    return group.table.label(name[1:]) if group.table.split else head or group.table.label(name)


def _grid_cell(kind: RecordKind, cell: Cell, old: Cell | None, is_changed: bool, problems: Sequence[str]) -> GridCell:
    spec = kind.spec_at(cell.path)
    return GridCell(
        place=cell.place,
        row_place=cell.place.rpartition(".")[0],
        label=f"{_row_words(kind, cell.path)} {spec.label if spec else words(cell.field)}".strip(),
        text=value_words(spec, cell.value),
        typed=value_text(spec, cell.value),
        unit=unit_mark(spec.unit) if spec else "",
        kind=_input_kind(spec),
        mark=mark_of(cell),
        options=_options(spec, cell.value),
        provenances=_provenances(cell),
        was=_was(spec, old) if is_changed else "",
        is_changed=is_changed,
        problems=tuple(problems),
    )


def _row_words(kind: RecordKind, path: Sequence[str]) -> str:
    table, name = kind.table_at(path), path[1:-1]
    return table.label(name) if table and table.name == path[0] else words_of_row(name)


def _input_kind(spec: FieldSpec | None) -> str:
    if is_list(spec):
        return "many"
    if spec and spec.kind in (FieldKind.CHOICE, FieldKind.FLAG):
        return "choice"
    return "number" if spec and spec.kind in NUMBERS else "text"


def _options(spec: FieldSpec | None, value: Any) -> tuple[Option, ...]:
    typed = value_text(spec, value)
    if spec and is_list(spec):
        chosen = value if isinstance(value, list | tuple) else ()
        return tuple(Option(choice, words(choice), choice in chosen) for choice in spec.choices)
    if spec and spec.kind is FieldKind.FLAG:
        return tuple(Option(choice, choice.capitalize(), choice == typed) for choice in (YES, NO))
    if spec and spec.kind is FieldKind.CHOICE:
        open_ended = () if spec.required or spec.default is not None else ("",)
        known = (*open_ended, *spec.choices)
        known = known if typed in known else (typed, *known)
        return tuple(Option(choice, words(choice), choice == typed) for choice in known)
    return ()


def _provenances(cell: Cell) -> tuple[Option, ...]:
    """The kinds to choose from, and what the cell says where that is none of them."""
    known = [Option(kind, MARKS[kind][1], cell.provenance == kind) for kind in PROVENANCES]
    if cell.provenance in PROVENANCES:
        return tuple(known)
    return (Option(cell.provenance, cell.provenance or "Choose", True), *known)


def _was(spec: FieldSpec | None, old: Cell | None) -> str:
    if old is None:
        return "new"
    return f"was {value_words(spec, old.value)}, {old.provenance}: {told_source(old.source)}"


def _change_line(kind: RecordKind, change: Change) -> ChangeLine:
    table, spec = kind.table_at(change.path), kind.spec_at(change.path)
    return ChangeLine(
        table=table.title if table else words(change.path[0]),
        row=_row_words(kind, change.path),
        field=spec.label if spec else words(change.path[-1]),
        old=value_words(spec, change.old.value) if change.old else "not there",
        new=value_words(spec, change.new.value) if change.new else "removed",
        old_mark=mark_of(change.old) if change.old else None,
        new_mark=mark_of(change.new) if change.new else None,
        value_differs=change.value_differs,
    )
