"""Strict JSON schemas: the words of JSON Schema that the contracts of the roles use, and what a value breaks of them.

An object says all its properties and has no others, unless it says none: then it is data that its own reader checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.errors import Problem

Schema = Mapping[str, Any]
WORDS = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum", "minItems", "pattern"}
)  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping) and all(isinstance(key, str) for key in value),
    "array": lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def broken(schema: Schema, value: Any, place: str = "") -> Iterator[Problem]:
    """What the value breaks of the schema, each with its place."""
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        yield Problem("type", place, f"{place or 'The value'}: expected {' or '.join(kinds)}.")
        return
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(str(each) for each in schema["enum"])
        yield Problem("enum", place, f"{place or 'The value'}: expected one of {choices}.")
    yield from _broken_of_kind(schema, value, place)


def _broken_of_kind(schema: Schema, value: Any, place: str) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _of_object(schema, value, place)
    elif isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield Problem("pattern", place, f"{place or 'The value'}: is not of the form {schema['pattern']}.")
    elif _TYPES["array"](value):
        yield from _of_array(schema, value, place)
    elif _is_number(value):
        yield from _of_number(schema, value, place)


def _of_object(schema: Schema, value: Mapping[str, Any], place: str) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem("missing", f"{place}.{name}".lstrip("."), f"{name} is missing.")
    for name, each in value.items():
        inside = f"{place}.{name}".lstrip(".")
        if name in known:
            yield from broken(known[name], each, inside)
        elif schema.get("additionalProperties") is False:
            yield Problem("unknown", inside, f"{inside} is not part of this contract.")


def _of_array(schema: Schema, value: Sequence[Any], place: str) -> Iterator[Problem]:
    if len(value) < schema.get("minItems", 0):
        yield Problem("too_few", place, f"{place or 'The value'}: expected at least {schema['minItems']}.")
    for number, each in enumerate(value if "items" in schema else ()):
        yield from broken(schema["items"], each, f"{place}.{number}".lstrip("."))


def _of_number(schema: Schema, value: float, place: str) -> Iterator[Problem]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        yield Problem("out_of_range", place, f"{place or 'The value'}: {value} is out of range.")
