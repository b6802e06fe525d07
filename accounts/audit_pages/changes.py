"""What an entry changed, field by field, as a person reads it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; nothing where there was none."""

    field: str
    before: str
    after: str


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """The fields that differ, in the order in which they were written."""
    old, new = dict(_flat(before or {})), dict(_flat(after or {}))
    named = [*old, *(field for field in new if field not in old)]
    return [
        Change(field, _text(old.get(field, MISSING)), _text(new.get(field, MISSING)))
        for field in named
        if old.get(field, MISSING) != new.get(field, MISSING)
    ]


def _flat(values: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def _text(value: Any) -> str:
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return value or "(empty)"
    names = {None: "(none)", True: "yes", False: "no"}
    is_name = value is None or isinstance(value, bool)
    return names[value] if is_name else json.dumps(value, ensure_ascii=False)
