"""One financing as a person types it: every lever, every assumption, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from engine.deal.axes import Lever
from engine.errors import InputProblems, Problem
from engine.market import CurrencyMarket
from engine.permutations import AXES, AxisSpec
from engine.terms import FIELDS as TERM_FIELDS
from engine.terms import StructuringTerms
from financings.models import TITLE_LENGTH, Financing
from financings.term_inputs import TermInput, default_terms, read_terms, term_inputs, term_texts
from financings.translate import read_choice
from financings.typed import WORDS, typed_number
from lib.figures import readers_format
from lib.numbers import read_number
from lib.units import mark

OWN_VALUE = "The project's own value"


@dataclass(frozen=True, slots=True)
class LeverInput:
    """One lever as typed; blank is its default, else the project's own value."""

    spec: AxisSpec
    typed: str
    choices: tuple[tuple[str, str], ...]
    blank: str
    problems: tuple[str, ...]

    @property
    def name(self) -> str:
        """The field's name in the form."""
        return f"lever-{self.spec.code}"

    @property
    def unit_mark(self) -> str:
        """The unit beside the typed number."""
        return mark(self.spec.unit)


@dataclass(slots=True)
class FinancingForm:
    """A financing as asked for; `levers` and `terms` are there once no problem is left."""

    levers_typed: dict[str, str]
    terms_typed: dict[str, str]
    title: str = ""
    levers: dict[str, Lever] | None = None
    terms: StructuringTerms | None = None
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def from_defaults(cls, market: CurrencyMarket | None = None) -> FinancingForm:
        """The form with every lever and assumption where it stands when nobody says otherwise."""
        levers = {code: _typed(spec, spec.default) for code, spec in AXES.items()}
        return cls(levers, default_terms(readers_format(), market))

    @classmethod
    def from_financing(cls, financing: Financing, market: CurrencyMarket | None = None) -> FinancingForm:
        """The form filled in as an earlier one was; what that took from its own market is taken from this one."""
        levers = {code: _typed(spec, financing.choice.get(code)) for code, spec in AXES.items()}
        return cls(levers, term_texts(_quoted_anew(financing, market), readers_format()))

    @classmethod
    def from_post(cls, data: QueryDict, market: CurrencyMarket | None = None) -> FinancingForm:
        """The form as submitted, checked by the engine."""
        form = cls(
            {code: str(data.get(f"lever-{code}", "")).strip() for code in AXES},
            {spec.path: str(data.get(f"term-{spec.path}", "")).strip() for spec in TERM_FIELDS},
            str(data.get("title", "")).strip()[: TITLE_LENGTH + 1],
        )
        form.levers, lever_problems = _read_levers(form.levers_typed)
        form.terms, term_problems = read_terms(form.terms_typed, readers_format(), market)
        form.problems = [*lever_problems, *term_problems]
        return form

    @property
    def lever_inputs(self) -> list[LeverInput]:
        """The levers, each with what was typed and what is wrong with it."""
        return [self._lever_input(spec) for spec in AXES.values()]

    @property
    def term_inputs(self) -> list[TermInput]:
        """The assumptions likewise."""
        return term_inputs(self.terms_typed, self.problems)

    @property
    def general_problems(self) -> list[Problem]:
        """Problems that no field of the form shows beside itself."""
        fields = {spec.path for spec in TERM_FIELDS} | set(AXES) | {"title"}
        return [problem for problem in self.problems if problem.place.partition(".")[0] not in fields]

    @property
    def title_problems(self) -> list[str]:
        """What is wrong with the name."""
        return [problem.message for problem in self.problems if problem.place == "title"]

    def _lever_input(self, spec: AxisSpec) -> LeverInput:
        choices = tuple((str(choice), _words(spec, choice)) for choice in spec.choices)
        blank = OWN_VALUE if spec.default is None else _words(spec, spec.default)
        problems = tuple(problem.message for problem in self.problems if problem.place == spec.code)
        told = spec.help.replace("Closed: ", "Left blank: ").replace("; closed: ", "; left blank: ")
        return LeverInput(spec, self.levers_typed.get(spec.code, ""), choices, told or blank, problems)


def _quoted_anew(financing: Financing, market: CurrencyMarket | None) -> dict[str, Any]:
    """The financing's terms; those that stand where its market set put them stand where `market` puts them."""
    quoted = financing.market_set
    earlier = None if quoted is None else quoted.terms().market_for(financing.currency)
    if market is None or earlier is None:
        return dict(financing.terms)
    before = StructuringTerms.from_dict(earlier.term_values()).to_dict()
    moved = {name: value for name, value in market.term_values().items() if financing.terms[name] == before[name]}
    return {**financing.terms, **moved}


def _read_levers(typed: Mapping[str, str]) -> tuple[dict[str, Lever] | None, list[Problem]]:
    """The choice, or what is wrong with each lever."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for code, text in typed.items():
        if text:
            found[code], problem = _read(AXES[code], text)
            problems += [Problem("typed", code, f"{AXES[code].label}: {problem}.")] if problem else []
    told = {problem.place for problem in problems}
    try:
        choice = read_choice({code: value for code, value in found.items() if code not in told})
    except InputProblems as error:
        return None, [*problems, *error.problems]
    return (None if problems else choice), problems


def _read(spec: AxisSpec, text: str) -> tuple[Lever, str]:
    if spec.is_named:
        return text, ""
    found = read_number(text, spec.unit, readers_format())
    return (0.0, found.problem) if found.value is None else (float(found.value), "")


def _typed(spec: AxisSpec, value: Lever | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return typed_number(value, spec.unit)


def _words(spec: AxisSpec, value: Lever) -> str:
    if isinstance(value, str):
        return WORDS.get(value, value)
    if spec.code == "zcis_tenor_years" and not value:
        return "None"
    return f"{_typed(spec, value)}{mark(spec.unit) if mark(spec.unit) in ('%', 'x') else ''}"
