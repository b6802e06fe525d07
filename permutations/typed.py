"""Lever values and limits as a person types and reads them: percent, symbols, words for codes."""

from __future__ import annotations

import math
from decimal import Decimal

from engine.basics.fields import FieldKind, FieldSpec
from engine.permutations import AxisSpec, ColumnSpec, Unit
from engine.permutations.axes import Lever
from engine.ratings import LABELS, notch_of, rating_label
from projects import screen

PERCENT_UNITS = frozenset({"rate", "share"})
WORDS: dict[str, str] = {
    "annuity": "Annuity",
    "straight_line": "Straight line",
    "sculpted": "Sculpted",
    "interest_only": "Interest only",
    "none": "None",
    "sized": "Sized from cash flow",
    "fixed": "Fixed step",
    "cpi": "CPI",
    "senior": "Senior",
    "refinance": "Refinance",
    "sweep": "Sweep to senior",
    "day_one_value": "Day-one value",
    "senior_raise": "Senior raise",
    "wacc": "WACC, lowest first",
    "equity_irr": "Equity IRR",
    "composite": "Composite, weighted",
}
UNIT_MARKS = {"rate": "%", "share": "%", "bps": "bps", "years": "years", "months": "months", "times": "x"}


def read_number(typed: str, unit: str) -> float | None:
    """The finite number in a text, in the engine's unit; None where there is none.

    >>> read_number("5.5%", "rate")
    0.055
    """
    text = typed.strip().rstrip("%x").strip().replace("\N{MINUS SIGN}", "-")
    value = screen.read(FieldSpec("typed", "Typed", FieldKind.NUMBER, unit), text)
    number = float(value) if isinstance(value, Decimal) else math.nan
    return number if math.isfinite(number) else None


def value_label(spec: AxisSpec, value: Lever) -> str:
    """A lever value as a person reads it, with its unit where the number alone would not say."""
    if isinstance(value, str):
        return WORDS.get(value, value)
    if spec.code == "zcis_tenor_years":
        return f"{value:g}Y" if value else "None"
    typed = typed_number(value, spec.unit)
    return f"{typed}{UNIT_MARKS[spec.unit]}" if spec.unit in ("rate", "share", "times") else typed


def typed_number(value: float, unit: str) -> str:
    """The shortest text of a number in the unit a form shows: 0.055 as a rate is 5.5."""
    number = Decimal(str(value))
    # Lists are typed with commas between their numbers, so none stands within one.
    return screen.number_text(number.scaleb(2) if unit in PERCENT_UNITS else number).replace(",", "")


def is_percent_column(column: ColumnSpec) -> bool:
    """True where a result column is shown and typed in percent."""
    return column.unit in (Unit.RATE, Unit.SHARE) and column.name != "score"


def typed_limit(column: ColumnSpec, value: float) -> str:
    """A limit on a result column as it is typed: percent for shares, a symbol for ratings."""
    if column.name == "rating_notch":
        return rating_label(int(value))
    return typed_number(value, "rate" if is_percent_column(column) else "")


def read_limit(column: ColumnSpec, typed: str) -> float | None:
    """The limit in the units of the results; None where the text is no number and no rating."""
    if column.name == "rating_notch" and typed.strip().upper() in LABELS:
        return float(notch_of(typed.strip().upper()))
    return read_number(typed, "rate" if is_percent_column(column) else "")
