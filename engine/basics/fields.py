"""Declared fields of outside data, and the one reader that checks them.

A form, a workbook and the API all state labels, units and ranges from here, so a limit is written once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from engine.basics.ranges import as_float, given_shown, number_shown, range_shown, settled, whole
from engine.basics.units import Unit
from engine.errors import Problem


class FieldKind(StrEnum):
    """How a field is typed on screen and on paper."""

    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    FLAG = "flag"
    TEXT = "text"
    DATE = "date"
    NUMBERS = "numbers"
    PAIRS = "pairs"
    AMOUNTS_BY_LINE = "amounts_by_line"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One input field: `path` is dotted, `minimum` and `maximum` are inclusive, `unit` is engine-side."""

    path: str
    label: str
    kind: FieldKind
    unit: str = ""
    default: Any = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    exclusive_minimum: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))


@dataclass(slots=True)
class Reader:
    """Reads declared fields out of a nested mapping and gathers every problem on the way."""

    specs: Sequence[FieldSpec]
    payload: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> dict[str, Any]:
        """Values by path, defaults filled in; look at `problems` before using them."""
        self._refuse_unknown()
        return {spec.path: self._read_one(spec) for spec in self.specs}

    def _read_one(self, spec: FieldSpec) -> Any:
        raw = lookup(self.payload, spec.path)
        if raw is None or raw == "":
            if spec.required:
                self._add("missing", spec, f"{spec.label} is missing: enter a value.")
            return spec.default
        return _READERS[spec.kind](self, spec, raw)

    def _add(self, code: str, spec: FieldSpec, message: str) -> None:
        self.problems.append(Problem(code, spec.path, message))

    def _refuse_unknown(self) -> None:
        known = {spec.path for spec in self.specs}
        open_ended = {s.path for s in self.specs if s.kind is FieldKind.AMOUNTS_BY_LINE}
        for path in _leaf_paths(self.payload):
            if path not in known and not any(path.startswith(f"{o}.") or path == o for o in open_ended):
                self.problems.append(Problem("unknown", path, f"{path} is not a field of this form."))

    def number(self, spec: FieldSpec, raw: Any) -> float | None:
        """A finite number in range, or None with a problem noted."""
        value = as_float(raw)
        if value is None:
            self._add("not_a_number", spec, f"{spec.label}: expected a number, got {given_shown(raw)}.")
            return None
        if not math.isfinite(value):
            self._add("not_finite", spec, f"{spec.label}: expected a finite number, got {given_shown(raw)}.")
            return None
        return self._in_range(spec, value)

    def _in_range(self, spec: FieldSpec, value: float) -> float | None:
        found = settled(value, spec.minimum, spec.maximum, above_low=spec.exclusive_minimum)
        if found is None:
            self._add("out_of_range", spec, f"{spec.label}: expected {range_text(spec)}, got {number_shown(value)}.")
        return found

    def integer(self, spec: FieldSpec, raw: Any) -> int | None:
        """A whole number in range, or None with a problem noted."""
        value = self.number(spec, raw)
        if value is None:
            return None
        found = whole(value)
        if found is None:
            self._add("not_whole", spec, f"{spec.label}: expected a whole number, got {number_shown(value)}.")
        return found

    def choice(self, spec: FieldSpec, raw: Any) -> str | None:
        """One of the declared choices."""
        if isinstance(raw, str) and raw in spec.choices:
            return str(raw)
        self._add(
            "not_a_choice", spec, f"{spec.label}: expected one of {', '.join(spec.choices)}, got {given_shown(raw)}."
        )
        return None

    def flag(self, spec: FieldSpec, raw: Any) -> bool | None:
        """True or False."""
        if isinstance(raw, bool):
            return raw
        self._add("not_a_flag", spec, f"{spec.label}: expected true or false, got {given_shown(raw)}.")
        return None

    def text(self, spec: FieldSpec, raw: Any) -> str | None:
        """Text no longer than `maximum` characters."""
        if not isinstance(raw, str):
            self._add("not_text", spec, f"{spec.label}: expected text, got {given_shown(raw)}.")
            return None
        if spec.maximum is not None and len(raw) > spec.maximum:
            self._add("too_long", spec, f"{spec.label}: expected at most {spec.maximum:g} characters, got {len(raw)}.")
            return None
        if any(_is_control(character) for character in raw):
            self._add("not_text", spec, f"{spec.label}: expected plain text, got control characters in it.")
            return None
        return raw

    def iso_date(self, spec: FieldSpec, raw: Any) -> str | None:
        """A calendar date as ISO text."""
        try:
            return date.fromisoformat(raw).isoformat()
        except (TypeError, ValueError):
            self._add("not_a_date", spec, f"{spec.label}: expected a date as YYYY-MM-DD, got {given_shown(raw)}.")
            return None

    def numbers(self, spec: FieldSpec, raw: Any) -> tuple[float, ...] | None:
        """A list of numbers, each in range."""
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            self._add("not_a_list", spec, f"{spec.label}: expected a list of numbers, got {given_shown(raw)}.")
            return None
        values = tuple(self.number(spec, item) for item in raw)
        return tuple(v for v in values if v is not None)

    def pairs(self, spec: FieldSpec, raw: Any) -> tuple[tuple[float, float], ...] | None:
        """A list of (number, share) pairs."""
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            self._add("not_a_list", spec, f"{spec.label}: expected a list of pairs, got {given_shown(raw)}.")
            return None
        rows = [self.numbers(spec, item) for item in raw]
        if any(row is None or len(row) != 2 for row in rows):
            self._add("not_a_pair", spec, f"{spec.label}: expected pairs of a level and a share.")
            return None
        return tuple((row[0], row[1]) for row in rows if row is not None)

    def amounts_by_line(self, spec: FieldSpec, raw: Any) -> dict[str, float] | None:
        """Amounts by line code, each in range."""
        if not isinstance(raw, Mapping):
            self._add("not_lines", spec, f"{spec.label}: expected amounts by line, got {given_shown(raw)}.")
            return None
        lines: dict[str, float] = {}
        for code, amount in raw.items():
            place = FieldSpec(f"{spec.path}.{code}", f"{spec.label}, {code}", spec.kind, spec.unit,
                              minimum=spec.minimum, maximum=spec.maximum)  # fmt: skip
            value = self.number(place, amount)
            if value is not None:
                lines[str(code)] = value
        return lines


_READERS: dict[FieldKind, Any] = {
    FieldKind.NUMBER: Reader.number,
    FieldKind.INTEGER: Reader.integer,
    FieldKind.CHOICE: Reader.choice,
    FieldKind.FLAG: Reader.flag,
    FieldKind.TEXT: Reader.text,
    FieldKind.DATE: Reader.iso_date,
    FieldKind.NUMBERS: Reader.numbers,
    FieldKind.PAIRS: Reader.pairs,
    FieldKind.AMOUNTS_BY_LINE: Reader.amounts_by_line,
}


def lookup(payload: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    node: Any = payload
    for part in path.split("."):
        if not isinstance(node, Mapping):
            return None
        node = node.get(part)
    return node


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """A nested dict from values by dotted path."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *parents, leaf = path.split(".")
        node = tree
        for part in parents:
            node = node.setdefault(part, {})
        node[leaf] = value
    return tree


def range_text(spec: FieldSpec) -> str:
    """The range in words: "0.95 to 1.5", "more than 0", "at least 0", "any number"."""
    return range_shown(spec.minimum, spec.maximum, above_low=spec.exclusive_minimum)


def _is_control(character: str) -> bool:
    code = ord(character)
    return code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)


def _leaf_paths(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, child in node.items():
            yield from _leaf_paths(child, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix
