"""Assumptions as a person types and reads them, each beside what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import InputProblems, Problem
from engine.market import CurrencyMarket
from engine.terms import FIELDS as TERM_FIELDS
from engine.terms import StructuringTerms
from financings.typed import WORDS, typed_number
from lib.numbers import read_list, read_number, read_pairs
from lib.units import Unit, mark


@dataclass(frozen=True, slots=True)
class TermInput:
    """One assumption as typed."""

    spec: FieldSpec
    typed: str
    choices: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    @property
    def name(self) -> str:
        """The field's name in the form."""
        return f"term-{self.spec.path}"

    @property
    def unit_mark(self) -> str:
        """The unit beside the typed number."""
        return mark(self.spec.unit)

    @property
    def is_list(self) -> bool:
        """True where several numbers are typed into one field."""
        return self.spec.kind in (FieldKind.NUMBERS, FieldKind.PAIRS)


def term_inputs(typed: Mapping[str, str], problems: Sequence[Problem] = ()) -> list[TermInput]:
    """The assumptions, each with what was typed and what is wrong with it."""
    return [
        TermInput(
            spec,
            typed.get(spec.path, ""),
            tuple((choice, WORDS.get(choice, choice)) for choice in spec.choices),
            tuple(problem.message for problem in problems if problem.place == spec.path),
        )
        for spec in TERM_FIELDS
    ]


def term_texts(terms: Mapping[str, Any], numbers: str) -> dict[str, str]:
    """The assumptions as they would be typed."""
    return {spec.path: _typed(spec, terms.get(spec.path, spec.default), numbers) for spec in TERM_FIELDS}


def default_terms(numbers: str, market: CurrencyMarket | None = None) -> dict[str, str]:
    """The assumptions that hold where nobody says otherwise, the market's among them, as they would be typed."""
    quoted = market.term_values() if market else {}
    return term_texts({spec.path: quoted.get(spec.path, spec.default) for spec in TERM_FIELDS}, numbers)


def read_terms(
    typed: Mapping[str, str], numbers: str, market: CurrencyMarket | None = None
) -> tuple[StructuringTerms | None, list[Problem]]:
    """The terms, blanks at the market's or their defaults, or what is wrong with each field."""
    payload: dict[str, Any] = dict(market.term_values()) if market else {}
    problems: list[Problem] = []
    for spec in TERM_FIELDS:
        if text := typed.get(spec.path, ""):
            value, problem = _read(spec, text, numbers)
            if problem:
                problems.append(Problem("typed", spec.path, f"{spec.label}: {problem}."))
            else:
                payload[spec.path] = value
    try:
        terms = StructuringTerms.from_dict(payload)
    except InputProblems as error:
        return None, [*problems, *error.problems]
    return (None if problems else terms), problems


def _typed(spec: FieldSpec, value: Any, numbers: str) -> str:
    if value is None:
        return ""
    if spec.kind is FieldKind.PAIRS:
        pairs = (
            (typed_number(level, spec.unit, numbers), typed_number(part, Unit.SHARE, numbers)) for level, part in value
        )
        return "; ".join(f"{level} at {part}%" for level, part in pairs)
    if spec.kind is FieldKind.NUMBERS:
        return "; ".join(typed_number(item, spec.unit, numbers) for item in value)
    if spec.kind in (FieldKind.NUMBER, FieldKind.INTEGER):
        return typed_number(value, spec.unit, numbers)
    return str(value)


def _read(spec: FieldSpec, typed: str, numbers: str) -> tuple[Any, str]:
    """The engine's value of a typed term, and what is wrong with its text."""
    if spec.kind is FieldKind.PAIRS:
        pairs = read_pairs(typed, (spec.unit, Unit.SHARE), numbers, missing=Decimal(1))
        return [[float(level), float(part)] for level, part in pairs.pairs], pairs.problem
    if spec.kind is FieldKind.NUMBERS:
        several = read_list(typed, spec.unit, numbers)
        return [float(value) for value in several.values], several.problem
    if spec.kind in (FieldKind.NUMBER, FieldKind.INTEGER):
        one = read_number(typed, spec.unit, numbers)
        return None if one.value is None else float(one.value), one.problem
    return typed, ""
