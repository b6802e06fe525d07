"""Which field stands in which cell of the template: one description for writing and for reading.

Rows follow the engine's declared fields, so a field added there appears here with its label, unit and range.
Readers never rely on positions: they find sheets by a mark in their corner, rows by a hidden key, columns by a key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from engine.basics.fields import FieldKind, FieldSpec
from engine.project import CAPEX_LINES, FIELDS
from lib.text import label_of
from projects.differences import ELSEWHERE, GROUPS
from projects.models import TITLE_LENGTH

TEMPLATE_VERSION = 1
MARK = "atlas-nexus/"
INPUTS, CAPEX, DERIVED, GUIDE, LISTS = "Inputs", "Capex", "Derived", "Guide", "Lists"
SIDES = {"internal": "Internal", "market": "Market"}
VALUE = "value"
VERSION, PROJECT, PROJECT_VERSION = "template_version", "project", "project_version"
TITLE = FieldSpec("title", "Title", FieldKind.TEXT, required=True, maximum=TITLE_LENGTH, help="The project's name.")
# Rows are counted from zero, as the writer does.
KEY_ROW, HEAD_ROW = 0, 3
KEY_COLUMN, LABEL_COLUMN, FIRST_VALUE_COLUMN = 0, 1, 2
_CAPEX = "capex."
# Lists are no input cells: the bands of stamp duty follow from the place chosen.
_NOT_TYPED = {FieldKind.PAIRS, FieldKind.NUMBERS}


@dataclass(frozen=True, slots=True)
class Slot:
    """The cell of one field: where the template has it, and the keys by which it is found again."""

    spec: FieldSpec
    sheet: str
    row: int
    column: int
    row_key: str
    column_key: str

    @property
    def place(self) -> str:
        """The field's dotted path."""
        return self.spec.path

    @property
    def name(self) -> str:
        """The cell's defined name in the workbook."""
        return name_of(self.place)


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Fields under one heading of the sheet of inputs."""

    title: str
    row: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class CapexRow:
    """One line of the cost table: a slot for each side."""

    label: str
    row: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole template."""

    groups: tuple[InputGroup, ...]
    capex_lines: tuple[CapexRow, ...]
    capex_rates: tuple[CapexRow, ...]

    def slots(self) -> Iterator[Slot]:
        """Every input cell."""
        for group in self.groups:
            yield from group.slots
        for line in (*self.capex_lines, *self.capex_rates):
            yield from line.slots


def name_of(place: str) -> str:
    """The defined name of a field's cell: in_power_pue."""
    return f"in_{place.replace('.', '_')}"


@cache
def layout() -> Layout:
    """The template's layout."""
    lines = tuple(_capex_lines())
    # Below the lines stand their total, then each rate with the amount it makes, then the total.
    rates = tuple(_capex_rates(HEAD_ROW + len(lines) + 2))
    return Layout(tuple(_groups()), lines, rates)


def slot_by_keys() -> dict[tuple[str, str, str], Slot]:
    """Slots by sheet, row key and column key."""
    return {(slot.sheet, slot.row_key, slot.column_key): slot for slot in layout().slots()}


def _groups() -> Iterator[InputGroup]:
    by_title: dict[str, list[FieldSpec]] = {}
    elsewhere = (spec for spec in FIELDS if not spec.path.startswith(_CAPEX) and spec.kind not in _NOT_TYPED)
    for spec in (TITLE, *elsewhere):
        by_title.setdefault(_group_title(spec.path), []).append(spec)
    row = HEAD_ROW + 1
    for title, specs in by_title.items():
        slots = (
            Slot(spec, INPUTS, row + number, FIRST_VALUE_COLUMN, spec.path, VALUE)
            for number, spec in enumerate(specs, 1)
        )
        yield InputGroup(title, row, tuple(slots))
        row += len(specs) + 1


def _group_title(path: str) -> str:
    group = path.rpartition(".")[0]
    return GROUPS.get(group) or (label_of(group) if group else ELSEWHERE)


def _capex_lines() -> Iterator[CapexRow]:
    for number, (code, label) in enumerate(CAPEX_LINES.items(), 1):
        row = HEAD_ROW + number
        slots = tuple(
            _capex_slot(_line_spec(spec, side, code, label), row, place, f"lines.{code}")
            for place, (side, spec) in enumerate(_side_specs("lines").items())
        )
        yield CapexRow(label, row, slots)


def _line_spec(spec: FieldSpec, side: str, code: str, label: str) -> FieldSpec:
    return replace(
        spec,
        path=f"{spec.path}.{code}",
        label=f"{SIDES[side]} capex, {label}",
        kind=FieldKind.NUMBER,
        default=None,
        required=False,
    )


def _capex_rates(row: int) -> Iterator[CapexRow]:
    prefix = f"{_CAPEX}{next(iter(SIDES))}."
    leaves = [spec.path.removeprefix(prefix) for spec in FIELDS if spec.path.startswith(prefix)]
    for number, leaf in enumerate(leaf for leaf in leaves if leaf != "lines"):
        sides = _side_specs(leaf)
        own = row + 2 * number
        slots = tuple(_capex_slot(spec, own, place, leaf) for place, spec in enumerate(sides.values()))
        first = next(iter(SIDES.values()))
        label = slots[0].spec.label.removeprefix(f"{first} ")
        yield CapexRow(label[:1].upper() + label[1:], own, slots)


def _side_specs(leaf: str) -> dict[str, FieldSpec]:
    known = {spec.path: spec for spec in FIELDS}
    return {side: known[f"{_CAPEX}{side}.{leaf}"] for side in SIDES}


def _capex_slot(spec: FieldSpec, row: int, place: int, row_key: str) -> Slot:
    side = list(SIDES)[place]
    return Slot(spec, CAPEX, row, FIRST_VALUE_COLUMN + place, row_key, side)
