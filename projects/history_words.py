"""What an entry of a project's history changed, in the words and units of its form; codes and hashes are left to the trail."""

import re
from collections.abc import Iterable
from typing import Any

from accounts.audit_pages.changes import MISSING, Change, raw_changes, text_of
from accounts.models import AuditEntry
from engine.basics.fields import FieldSpec
from engine.project import CAPEX_LINES, FIELDS
from lib.figures import readers_format
from lib.numbers import number_text
from lib.text import label_of
from lib.units import mark
from projects import screen

INPUTS = "inputs."
LINES = {"capex.internal.lines.": "internal", "capex.market.lines.": "market"}
UNTOLD = frozenset({"code", "snapshot", "content_hash", "version", "base_version", "position", "run", "rule_set_hash"})
# Codes of other records, and names of code that a choice is kept by.
_CODE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_specs = {spec.path: spec for spec in FIELDS}


def changes_in_words(entry: AuditEntry) -> list[Change]:
    """The changes of an entry that mean something to who entered the project."""
    return [
        Change(field_label(field), _text(field, before), _text(field, after))
        for field, before, after in raw_changes(entry.before, entry.after)
        if not _is_untold(field, (before, after))
    ]


def _is_untold(field: str, values: Iterable[Any]) -> bool:
    return field.rpartition(".")[2] in UNTOLD or field.endswith("hash") or all(_is_nothing(value) for value in values)


def _is_nothing(value: Any) -> bool:
    return value is MISSING or value in ("", None) or bool(_CODE.fullmatch(str(value)))


def field_label(field: str) -> str:
    """An input in the words of its form, by its path."""
    path = field.removeprefix(INPUTS)
    if path in _specs:
        return _specs[path].label
    for start, side in LINES.items():
        if path.startswith(start):
            line = path.removeprefix(start)
            return f"{CAPEX_LINES.get(line, label_of(line))}, {side}"
    return label_of(field.rpartition(".")[2])


def _text(field: str, value: Any) -> str:
    if _is_nothing(value):
        return ""
    spec = _specs.get(field.removeprefix(INPUTS))
    if spec is not None and not isinstance(value, dict):
        return _with_unit(spec, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value, readers_format())
    return label_of(value) if isinstance(value, str) and _NAME.fullmatch(value) else text_of(value)


def _with_unit(spec: FieldSpec, value: Any) -> str:
    unit = mark(spec.unit)
    text = screen.input_text(spec, value, readers_format())
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".strip()
