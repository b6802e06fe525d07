"""Lever values and limits as a person types and reads them: percent, symbols, words for codes."""

from __future__ import annotations

from decimal import Decimal

from engine.deal.axes import Lever
from engine.permutations import AxisSpec, ColumnSpec
from engine.ratings import LABELS, notch_of, rating_label
from lib.figures import readers_format
from lib.numbers import read_number, shortened, typed_text
from lib.units import Unit, is_percent, mark

WORDS: dict[str, str] = {
    "annuity": "Annuity",
    "straight_line": "Straight line",
    "sculpted": "Sculpted",
    "interest_only": "Interest only",
    "partial": "Annuity with balloon",
    "cash_sweep": "Annuity with cash sweep",
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
# What a word of a code is in a sentence, where it is not itself.
IN_FULL = {word.lower(): word for word in ("ARD", "DSCR", "DSRA", "ICR", "LLCR", "LTV", "PLCR", "TRS", "ZCIS")}
IN_FULL["mezz"] = "mezzanine"


def code_words(code: str) -> str:
    """A code as a sentence: "TENOR_EXCEEDS_LIMIT" is "Tenor exceeds limit"."""
    words = code.lower().split("_")
    first, *rest = [IN_FULL.get(word, word) for word in words]
    return " ".join([first if first.isupper() else first.capitalize(), *rest])


def value_label(spec: AxisSpec, value: Lever) -> str:
    """A lever value as a person reads it, with its unit where the number alone would not say."""
    if isinstance(value, str):
        return WORDS.get(value, value)
    if spec.code == "zcis_tenor_years":
        return f"{value:g}Y" if value else "None"
    typed = typed_number(value, spec.unit)
    return f"{typed}{mark(spec.unit)}" if spec.unit in ("rate", "share", "times") else typed


def typed_number(value: float, unit: str, numbers: str | None = None) -> str:
    """The shortest text of a number in the unit a form shows: 0.055 as a rate is 5.5."""
    return typed_text(Decimal(str(value)), unit, numbers or readers_format(), grouped=False)


def is_percent_column(column: ColumnSpec) -> bool:
    """True where a result column is shown and typed in percent."""
    return is_percent(_unit(column))


def typed_limit(column: ColumnSpec, value: float) -> str:
    """A limit on a result column as it is typed: percent for shares, a symbol for ratings."""
    if column.name == "rating_notch":
        return rating_label(int(value))
    return typed_number(value, _unit(column))


def read_limit(column: ColumnSpec, typed: str, numbers: str | None = None) -> float | None:
    """The limit in the units of the results; None where the text is no number and no rating."""
    if column.name == "rating_notch" and typed.strip().upper() in LABELS:
        return float(notch_of(typed.strip().upper()))
    found = read_number(typed, _unit(column), numbers or readers_format()).value
    return None if found is None else float(found)


def limit_problem(column: ColumnSpec, typed: str, numbers: str | None = None) -> str:
    """What is wrong with a limit that was not read."""
    if column.name == "rating_notch":
        return f"expected a rating such as {LABELS[8]}, got {shortened(typed)!r}"
    return read_number(typed, _unit(column), numbers or readers_format()).problem


def _unit(column: ColumnSpec) -> Unit:
    return Unit.NONE if column.name == "score" else Unit(column.unit)
