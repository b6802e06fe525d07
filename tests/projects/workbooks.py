"""Random projects, and workbooks made of them, changed and spoiled as people and attackers do."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import openpyxl
from hypothesis import strategies as st

from engine.basics.fields import FieldKind, FieldSpec, nested
from engine.project import CAPEX_LINES, FIELDS
from projects.translate import check_inputs
from projects.workbook.layout import CAPEX, INPUTS, Slot, layout
from projects.workbook.read import Upload, read_workbook
from projects.workbook.write import write_workbook
from tests.projects.cast import TODAY, sound_inputs

PLAIN_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)


def value_of(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """A value the field takes."""
    if spec.choices:
        return st.sampled_from(spec.choices).map(str)
    return BY_KIND[spec.kind] if spec.kind in BY_KIND else _number_of(spec)


def _number_of(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.kind is FieldKind.INTEGER:
        return st.integers(int(spec.minimum or 0), int(spec.maximum or 1_000))
    return st.floats(spec.minimum, spec.maximum, exclude_min=spec.exclusive_minimum, allow_nan=False)


BY_KIND: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.FLAG: st.booleans(),
    FieldKind.DATE: st.dates(min_value=TODAY.replace(year=TODAY.year + 1)).map(lambda day: day.isoformat()),
    FieldKind.TEXT: PLAIN_TEXT,
    FieldKind.AMOUNTS_BY_LINE: st.dictionaries(st.sampled_from(sorted(CAPEX_LINES)), st.floats(0, 1e12), min_size=1),
}


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, Any]:
    """Fields filled in at random, each sound by itself; many together make a draft, some a complete project."""
    chosen = draw(st.sets(st.sampled_from([spec.path for spec in FIELDS if spec.kind is not FieldKind.PAIRS])))
    values = {spec.path: draw(value_of(spec)) for spec in FIELDS if spec.path in chosen}
    return nested(values)


@st.composite
def complete_payloads(draw: st.DrawFn) -> dict[str, Any]:
    """A complete project with other numbers."""
    base = check_inputs(sound_inputs(), today=TODAY).values
    for spec in FIELDS:
        if spec.kind in {FieldKind.NUMBER, FieldKind.AMOUNTS_BY_LINE} and draw(st.booleans()):
            candidate = merged(base, nested({spec.path: draw(value_of(spec))}))
            base = candidate if check_inputs(candidate, today=TODAY).is_complete else base
    return check_inputs(base, today=TODAY).values


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the second before the first; capex lines are replaced as a whole."""
    result = dict(base)
    for key, value in more.items():
        is_group = isinstance(value, Mapping) and isinstance(base.get(key), Mapping) and key != "lines"
        result[key] = merged(base[key], value) if is_group else value
    return result


def slot(place: str) -> Slot:
    """Where the template has a field."""
    return next(each for each in layout().slots() if each.place == place)


def address(place: str) -> str:
    """Its cell, as people name it."""
    found = slot(place)
    return f"{'ABCDEFG'[found.column]}{found.row + 1}"


def changed(content: bytes, **cells: Any) -> bytes:
    """The workbook after somebody typed into it and saved: cells by address, of Inputs or with a prefix "Capex_"."""
    book = openpyxl.load_workbook(BytesIO(content))
    for name, value in cells.items():
        sheet, _, cell = name.rpartition("_")
        book[sheet or INPUTS][cell] = value
    return saved(book)


def typed(place: str, value: Any, content: bytes | None = None) -> bytes:
    """A sound workbook with something else in one field."""
    found = slot(place)
    book = openpyxl.load_workbook(BytesIO(content or sound_workbook()))
    book[found.sheet][address(place)] = value
    return saved(book)


def saved(book: Any) -> bytes:
    """The workbook's bytes."""
    stream = BytesIO()
    book.save(stream)
    book.close()
    return stream.getvalue()


def sound_workbook(title: str = "Quay") -> bytes:
    """The workbook of a complete project."""
    return write_workbook(title, check_inputs(sound_inputs(), today=TODAY).values)


def reading(content: bytes, previous: Mapping[str, Any] | None = None) -> Upload:
    """What an upload of it says."""
    return read_workbook(BytesIO(content), today=TODAY, previous=previous)


def with_parts(content: bytes, parts: Mapping[str, bytes | None], packing: int = zipfile.ZIP_STORED) -> bytes:
    """The archive with some parts replaced, added, or left out where they are None."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(stream, "w", packing) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, part in parts.items():
            if part is not None:
                target.writestr(name, part)
    return stream.getvalue()


def part(content: bytes, name: str) -> bytes:
    """One part of the archive."""
    with zipfile.ZipFile(BytesIO(content)) as source:
        return source.read(name)


SHEETS = {INPUTS: "xl/worksheets/sheet1.xml", CAPEX: "xl/worksheets/sheet2.xml"}
