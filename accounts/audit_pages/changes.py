"""What an entry changed, field by field, as a person reads it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib.text import label_of

MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; nothing where there was none."""

    field: str
    before: str
    after: str


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """The fields that differ, in the order in which they were written."""
    return [Change(field_words(field), text_of(old), text_of(new)) for field, old, new in raw_changes(before, after)]


def field_words(place: str) -> str:
    """The place of a field in words.

    >>> field_words("inputs.capex.internal.lines.main_contractor")
    'Inputs, capex, internal, lines, main contractor'
    """
    return label_of(place.replace(".", ", "))


def raw_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Place and both values of each field that differs, nothing of what is not there being MISSING."""
    old, new = dict(_flat(before or {})), dict(_flat(after or {}))
    named = [*old, *(field for field in new if field not in old)]
    return [
        (field, old.get(field, MISSING), new.get(field, MISSING))
        for field in named
        if old.get(field, MISSING) != new.get(field, MISSING)
    ]


def _flat(values: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def text_of(value: Any) -> str:
    """A value as a line of text; nothing for what is not there."""
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return value or "(empty)"
    names = {None: "(none)", True: "yes", False: "no"}
    is_name = value is None or isinstance(value, bool)
    return names[value] if is_name else json.dumps(value, ensure_ascii=False)
