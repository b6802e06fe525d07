"""Content as it is typed: a cell's value to text and back, and content with some cells changed."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from lib.figures import number_format
from lib.numbers import read_number, typed_text
from records.kinds import NUMBERS, RecordKind, TableSpec, groups, is_list

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into a cell: its value as text, its provenance and its source."""

    value: str | Sequence[str]
    provenance: str
    source: str


def value_text(spec: FieldSpec | None, value: Any) -> str:
    """A value as it stands in its input: fractions in percent, lists with commas; what is no value stays as typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, int | float):
        return typed_text(value, spec.unit if spec else "", number_format.get())
    return str(value)


def read_value(spec: FieldSpec | None, typed: str | Sequence[str]) -> Any:
    """The value of what was typed; text that is no number stays text, for the check to refuse it."""
    if is_list(spec):
        given = typed.split(",") if isinstance(typed, str) else typed
        return [item.strip() for item in given if item.strip()]
    text = typed.strip() if isinstance(typed, str) else ", ".join(typed)
    if spec and spec.kind is FieldKind.FLAG:
        return {YES: True, NO: False}.get(text.lower(), text)
    if spec and spec.kind in NUMBERS:
        return _number(spec, text) if text else None
    return text


def changed_content(kind: RecordKind, content: Mapping[str, Any], typed: Mapping[str, Typed]) -> dict[str, Any]:
    """A copy of the content with the named cells changed; places that are not there are left alone."""
    copy: dict[str, Any] = deepcopy(dict(content))
    # Places are told before any cell changes.
    rows = [(group.table, group.place(name), row) for group in groups(kind, copy) for name, row in group.named]
    for table, place, row in rows:
        for field in table.editable:
            if field in row and (new := typed.get(f"{place}.{field}")) is not None:
                _write(row, table, field, new)
    return copy


def _write(row: dict[str, Any], table: TableSpec, field: str, new: Typed) -> None:
    row[field] = read_value(table.editable[field], new.value)
    # A browser sends lines as CR LF; what nobody touched must stay as it was.
    source = new.source.replace("\r\n", "\n").strip()
    said = {"provenance": new.provenance.strip(), "source": source}
    if table.by_cell:
        row.setdefault("sources", {})[field] = said
    else:
        row.update(said)


def _number(spec: FieldSpec, text: str) -> Any:
    number = read_number(text, spec.unit, number_format.get()).value
    if number is None:
        return text
    return int(number) if number == number.to_integral_value() else float(number)
