"""Engine fields as a person reads and types them: percent, thousands, units, words for choices."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.basics.ranges import as_float
from engine.errors import Problem
from engine.project import TRANSFER_TAX_PLACES
from lib.figures import DEFAULT_FORMAT
from lib.numbers import number_text, read_number, shortened, typed_text
from lib.text import day_told
from lib.units import words_of

NUMERIC = {FieldKind.NUMBER, FieldKind.INTEGER}
CHOICE_TEXT = {
    "UK": "United Kingdom",
    "EU": "European Union",
    "US": "United States",
    "per_kw_month": "Per kW of IT load a month",
    "monthly_total": "In total a month",
    "triple_net": "Triple net: the tenant pays for power",
    "gross": "Gross: the landlord pays for power",
    "cpi": "With CPI",
    "fixed": "Fixed escalator",
    "none": "None",
    "dsra": "Pre-funded from proceeds",
    "capitalised": "Capitalised into the balance",
    "at_close": "All at close",
    "straight_line": "Evenly over construction",
    "s_curve": "In an S-curve over construction",
    "notes": "Notes, in full at close",
    "loan": "Loans, with the costs",
    "NR": "Not rated",
    "rural": "Rural",
    "suburban": "Suburban",
    "urban": "Urban",
    "good": "Good",
    "medium": "Medium",
    "poor": "Poor",
    "custom": "Custom: as entered",
    "percent": "Percentage of the purchase",
    "amount": "Fixed amount",
    "bands": "Bands of a jurisdiction",
    "asset": "The land itself",
    "company": "The company that owns it",
    **TRANSFER_TAX_PLACES,
}
_ASKED = {"ambiguous", "currency", "percent"}


def is_percent(spec: FieldSpec) -> bool:
    """True where a fraction is shown in percent."""
    return spec.kind in NUMERIC and words_of(spec.unit).is_percent


def choice_text(value: str) -> str:
    """A choice in words."""
    return CHOICE_TEXT.get(value, value)


def read(spec: FieldSpec, typed: Any, numbers: str = DEFAULT_FORMAT, currency: str = "") -> Any:
    """The engine's value of what was typed: exact for numbers; what cannot be read goes on as it is, to be told of.

    >>> read(FieldSpec("a", "A", FieldKind.NUMBER, "share"), "12.5")
    Decimal('0.125')
    """
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return None
    if spec.kind not in NUMERIC or not isinstance(typed, str):
        return typed.strip() if spec.kind is FieldKind.TEXT and isinstance(typed, str) else typed
    found = read_number(typed, spec.unit, numbers, currency)
    return _refusable(typed.strip()) if found.value is None else found.value


def shown(spec: FieldSpec, value: Any, numbers: str = DEFAULT_FORMAT) -> Any:
    """What a form shows of the engine's value: percent for fractions, thousands apart, no trailing zeros."""
    if value is None or isinstance(value, bool) or spec.kind not in NUMERIC:
        return value
    try:
        exact = Decimal(str(value))
    except ArithmeticError:
        return value
    return typed_text(exact, spec.unit, numbers)


def input_text(spec: FieldSpec, value: Any, numbers: str = DEFAULT_FORMAT) -> str:
    """An input as a person reads it, without its unit."""
    if spec.kind is FieldKind.FLAG or isinstance(value, bool):
        return "Yes" if value else "No"
    if spec.kind is FieldKind.PAIRS:
        return "; ".join(
            f"{typed_text(rate, 'share', numbers)}% from {number_text(start, numbers)}" for start, rate in value
        )
    if spec.kind is FieldKind.DATE:
        return day_told(value)
    return choice_text(str(value)) if spec.kind is FieldKind.CHOICE else str(shown(spec, value, numbers))


def range_shown(spec: FieldSpec, numbers: str = DEFAULT_FORMAT) -> str:
    """The range in the units of the screen: "0% to 5%", "more than 0", "5 to 500 MW"."""
    low, high = (_limit(spec, limit, numbers) for limit in (spec.minimum, spec.maximum))
    least = f"{'more than' if spec.exclusive_minimum else 'at least'} {low}"
    if low is not None and high is not None:
        return f"{least} and up to {high}" if spec.exclusive_minimum else f"{low} to {high}"
    return least if low is not None else f"at most {high}" if high is not None else "any number"


def sentence(spec: FieldSpec, problem: Problem, typed: Any, numbers: str = DEFAULT_FORMAT, currency: str = "") -> str:
    """The problem's sentence in the units of the screen, with what was typed."""
    text = str(typed).strip()
    if spec.kind in NUMERIC and problem.code == "out_of_range":
        mark = "%" if is_percent(spec) and not text.endswith("%") else ""
        return f"{spec.label}: expected {range_shown(spec, numbers)}, got {shortened(text)}{mark}."
    if spec.kind in NUMERIC and problem.code in {"not_a_number", "not_finite"}:
        found = read_number(text, spec.unit, numbers, currency)
        if found.code in _ASKED:
            return f"{spec.label}: {found.problem}."
        kind = "a finite number" if problem.code == "not_finite" else "a number"
        return f"{spec.label}: expected {kind}, {range_shown(spec, numbers)}, got {shortened(text)}."
    if spec.kind is FieldKind.CHOICE and problem.code == "not_a_choice":
        return f"{spec.label}: expected {', '.join(choice_text(c) for c in spec.choices)}, got {shortened(text)}."
    return problem.message


def relabelled(spec: FieldSpec, **changes: Any) -> FieldSpec:
    """The field with other words for this form."""
    return replace(spec, **changes)


def _limit(spec: FieldSpec, limit: float | None, numbers: str) -> str | None:
    if limit is None:
        return None
    exact = Decimal(repr(limit))
    return f"{number_text(exact.scaleb(2), numbers)}%" if is_percent(spec) else number_text(exact, numbers)


def _refusable(text: str) -> str:
    """The text so that no reader takes it for a number: the engine would read the 1.250 that was asked about."""
    return text if as_float(text) is None else repr(text)
