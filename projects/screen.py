"""Engine fields as a person reads and types them: percent, thousands, units, words for choices."""

import math
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import Problem
from engine.project import TRANSFER_TAX_PLACES

NUMERIC = {FieldKind.NUMBER, FieldKind.INTEGER}
PERCENT_UNITS = {"share", "rate"}
UNIT_TEXT = {
    "share": "%",
    "rate": "%",
    "mw": "MW",
    "months": "months",
    "years": "years",
    "bps": "bps",
    "times": "x",
    "amount_per_mwh": "per MWh",
    "amount_per_mw": "per MW",
    "amount_per_acre": "per acre",
    "acres_per_mw": "acres per MW",
}
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
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST = 60


def is_percent(spec: FieldSpec) -> bool:
    """True where a fraction is shown in percent."""
    return spec.kind in NUMERIC and spec.unit in PERCENT_UNITS


def choice_text(value: str) -> str:
    """A choice in words."""
    return CHOICE_TEXT.get(value, value)


def read(spec: FieldSpec, typed: Any) -> Any:
    """The engine's value of what was typed: exact for numbers; what cannot be read goes on as it is, to be told of.

    >>> read(FieldSpec("a", "A", FieldKind.NUMBER, "share"), "12.5")
    Decimal('0.125')
    """
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return None
    if spec.kind not in NUMERIC or not isinstance(typed, str):
        return typed.strip() if spec.kind is FieldKind.TEXT and isinstance(typed, str) else typed
    number = _number(typed.strip())
    if number is None:
        return _refusable(typed.strip())
    return number.scaleb(-2) if is_percent(spec) else number


def shown(spec: FieldSpec, value: Any) -> Any:
    """What a form shows of the engine's value: percent for fractions, thousands apart, no trailing zeros."""
    if value is None or isinstance(value, bool) or spec.kind not in NUMERIC:
        return value
    try:
        exact = Decimal(str(value))
    except ArithmeticError:
        return value
    return number_text(exact.scaleb(2) if is_percent(spec) else exact)


def input_text(spec: FieldSpec, value: Any) -> str:
    """An input as a person reads it, without its unit."""
    if spec.kind is FieldKind.FLAG or isinstance(value, bool):
        return "Yes" if value else "No"
    if spec.kind is FieldKind.PAIRS:
        return ", ".join(
            f"{number_text(Decimal(str(rate)).scaleb(2))}% from {number_text(start)}" for start, rate in value
        )
    return choice_text(str(value)) if spec.kind is FieldKind.CHOICE else str(shown(spec, value))


def number_text(value: Decimal | float) -> str:
    """1234567.50 as 1,234,567.5."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = format(exact, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def range_shown(spec: FieldSpec) -> str:
    """The range in the units of the screen: "0% to 5%", "more than 0", "5 to 500 MW"."""
    low, high = (_limit(spec, limit) for limit in (spec.minimum, spec.maximum))
    least = f"{'more than' if spec.exclusive_minimum else 'at least'} {low}"
    if low is not None and high is not None:
        return f"{least} and up to {high}" if spec.exclusive_minimum else f"{low} to {high}"
    return least if low is not None else f"at most {high}" if high is not None else "any number"


def sentence(spec: FieldSpec, problem: Problem, typed: Any) -> str:
    """The problem's sentence in the units of the screen, with what was typed."""
    text = str(typed).strip()
    if spec.kind in NUMERIC and problem.code == "out_of_range":
        return f"{spec.label}: expected {range_shown(spec)}, got {short(text)}{'%' if is_percent(spec) else ''}."
    if spec.kind in NUMERIC and problem.code in {"not_a_number", "not_finite"}:
        kind = "a finite number" if problem.code == "not_finite" else "a number"
        return f"{spec.label}: expected {kind}, {range_shown(spec)}, got {short(text)}."
    if spec.kind is FieldKind.CHOICE and problem.code == "not_a_choice":
        return f"{spec.label}: expected {', '.join(choice_text(c) for c in spec.choices)}, got {short(text)}."
    return problem.message


def relabelled(spec: FieldSpec, **changes: Any) -> FieldSpec:
    """The field with other words for this form."""
    return replace(spec, **changes)


def _limit(spec: FieldSpec, limit: float | None) -> str | None:
    if limit is None:
        return None
    text = str(shown(spec, limit))
    return f"{text}%" if is_percent(spec) else text


def _number(text: str) -> Decimal | None:
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def _refusable(text: str) -> str:
    """The text so that no reader takes it for a number: Python would read 1_0 and digits of other scripts."""
    try:
        return repr(text) if math.isfinite(float(text)) else text
    except ValueError:
        return text


def short(text: str) -> str:
    """The text, cut where it would fill the page."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
