"""Forms over the engine's declared fields: what stands in each, what was typed, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import Problem
from lib.text import label_of
from lib.units import mark
from projects import screen

_ONE = FieldKind.NUMBER
# A comma within a number is its own: 100,000 is one number, or none that can be read, and never two.
_SEPARATORS = re.compile(r"[;\s]+|,(?:\s|$)")


@dataclass(frozen=True, slots=True)
class TypedField:
    """One field of a form: its declaration, its name in the form, its text, its faults."""

    spec: FieldSpec
    name: str
    typed: str
    problems: tuple[str, ...] = ()

    @property
    def unit_mark(self) -> str:
        """The unit beside the typed value."""
        return mark(self.spec.unit)

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be chosen, with its words; none where something is typed."""
        return [(choice, label_of(choice)) for choice in self.spec.choices]

    @property
    def is_flag(self) -> bool:
        """True for a tick."""
        return self.spec.kind is FieldKind.FLAG

    @property
    def is_ticked(self) -> bool:
        """True where the tick is set."""
        return self.typed == "yes"

    @property
    def is_number(self) -> bool:
        """True where one number is typed."""
        return self.spec.kind in screen.NUMERIC


def fields_of(
    specs: Sequence[FieldSpec], typed: Mapping[str, str], prefix: str, problems: Iterable[Problem] = ()
) -> list[TypedField]:
    """The fields with the texts that stand in them; a problem's place is the field's path."""
    told: dict[str, list[str]] = {}
    by_path = {spec.path: spec for spec in specs}
    for problem in problems:
        spec = by_path.get(problem.place)
        if spec is not None:
            told.setdefault(spec.path, []).append(screen.sentence(spec, problem, typed.get(spec.path, "")))
    return [
        TypedField(spec, f"{prefix}{spec.path}", typed.get(spec.path, ""), tuple(told.get(spec.path, ())))
        for spec in specs
    ]


def texts(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, str]:
    """What a form shows of the engine's values."""
    return {spec.path: _text(spec, values.get(spec.path)) for spec in specs}


def default_texts(specs: Sequence[FieldSpec]) -> dict[str, str]:
    """What a form shows that nobody has typed in."""
    return texts(specs, {spec.path: spec.default for spec in specs})


def posted(specs: Sequence[FieldSpec], data: QueryDict, prefix: str) -> dict[str, str]:
    """What was typed, by path."""
    return {spec.path: str(data.get(f"{prefix}{spec.path}", "")).strip() for spec in specs}


def payload(specs: Sequence[FieldSpec], typed: Mapping[str, str]) -> dict[str, Any]:
    """The engine's values of what was typed, blanks left out; what cannot be read goes on for the engine to refuse."""
    found = {spec.path: _value(spec, typed.get(spec.path, "")) for spec in specs}
    return {path: value for path, value in found.items() if value is not None}


def _text(spec: FieldSpec, value: Any) -> str:
    if spec.kind is FieldKind.FLAG:
        return "yes" if value else ""
    if spec.kind is FieldKind.NUMBERS:
        return " ".join(str(screen.shown(_single(spec), item)) for item in value or ())
    return "" if value is None else str(screen.shown(spec, value))


def _value(spec: FieldSpec, typed: str) -> Any:
    if spec.kind is FieldKind.FLAG:
        return typed == "yes"
    if spec.kind is FieldKind.NUMBERS:
        parts = _SEPARATORS.split(typed.replace("%", " ").strip())
        return [_plain(screen.read(_single(spec), part)) for part in parts if part] or None
    return _plain(screen.read(spec, typed))


def _single(spec: FieldSpec) -> FieldSpec:
    return FieldSpec(spec.path, spec.label, _ONE, spec.unit)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
