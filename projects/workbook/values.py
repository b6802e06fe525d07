"""One cell into one engine value. What could mean two things is told of, never guessed.

Numbers as text are read where signs leave no doubt: 1,250,000 or 1 250 000 or 0.95 or 0,95 or 5%. Not 1,250 or 1.250,
which is a thousand to some and one and a quarter to others.
"""

import math
import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from lib.numbers import MAGNITUDES, UNKNOWN, number_text, read_number
from lib.numbers import Reading as TypedNumber
from lib.text import has_unprintable, without_unprintable
from lib.units import words_of
from lib.workbooks.days import day_of
from lib.workbooks.formats import printed_ending, shows_percent
from lib.workbooks.sheets import Cell
from projects import screen

FLAGS = {"yes": True, "no": False, "true": True, "false": False}
LONGEST_SHOWN = 60
MOST_CHOICES_TOLD = 20
_EXACT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_OTHER_BOOK = re.compile(r"\[[^\]]+\][^!]*!|\[\d+\]")
_FIRST_SERIAL = 61  # 1900-03-01: before it, programs disagree about the calendar
PER_SIGNS = {"%", "\u2030"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell came to: a value, or what was expected; `remark` is said of values taken in a way to know of."""

    value: Any = None
    problem: str = ""
    code: str = ""
    remark: str = ""
    typed: str = ""


EMPTY = Reading()


def read_cell(spec: FieldSpec, cell: Cell, *, starts_1904: bool = False) -> Reading:
    """The engine's value of a cell, as far as the cell alone can tell."""
    if cell.is_covered:
        return _refused("merged", spec, "it is part of a merged range, take the merge apart and enter the value here")
    if cell.formula is not None:
        return _formula(spec, cell, starts_1904)
    if cell.text == "" or (cell.kind == "s" and not cell.text.strip()):
        return EMPTY
    if cell.kind == "e":
        return _refused("error_value", spec, f"the cell holds the error {_short(cell.text)}, enter a value")
    return _KINDS[spec.kind](spec, cell, starts_1904)


def _formula(spec: FieldSpec, cell: Cell, starts_1904: bool) -> Reading:
    if _OTHER_BOOK.search(cell.formula or ""):
        return _refused("other_workbook", spec, "the cell refers to another workbook, enter the value itself")
    if cell.text == "":
        return _refused("formula", spec, "the cell holds a formula without a result, enter the value itself")
    plain = replace(cell, formula=None)
    found = read_cell(spec, plain, starts_1904=starts_1904)
    if found.problem or found.value is None:
        return found
    remark = f"{spec.label}: the cell holds a formula; its last result, {found.typed or _short(cell.text)}, was taken."
    return Reading(found.value, typed=found.typed, remark=remark)


def _number(spec: FieldSpec, cell: Cell, starts_1904: bool) -> Reading:
    if cell.kind == "b":
        return _refused("not_a_number", spec, f"expected a number, {screen.range_shown(spec)}, got {_truth(cell)}")
    if cell.is_date or cell.kind == "d":
        shown = cell.text if cell.kind == "d" else _serial_text(cell.text, starts_1904)
        return _refused("date_for_number", spec, f"expected a number, {screen.range_shown(spec)}, got the date {shown}")
    if cell.kind == "n":
        return _as_printed(spec, cell) if cell.format else _exact(spec, cell.text)
    return _number_text(spec, cell.text)


def _as_printed(spec: FieldSpec, cell: Cell) -> Reading:
    """A number as its format shows it: a per cent sign or a million printed beside it counts, as it would in a text."""
    exact = _exact(spec, cell.text)
    if exact.value is None:
        return exact
    number = Decimal(repr(exact.value))
    if shows_percent(cell.format) and not screen.is_percent(spec):
        return _refused(
            "percent", spec, f"expected a number without a percent sign, got {number_text(number.scaleb(2))}%"
        )
    ending = printed_ending(cell.format, exact.value)
    if ending[-1:] not in PER_SIGNS and ending.casefold() not in MAGNITUDES:
        return exact
    shown = f"{number_text(number)}{ending}"
    found = read_number(f"{number_text(number, grouped=False)}{ending}", spec.unit)
    if found.value is None:
        is_other_unit = ending[-1:] not in PER_SIGNS and not words_of(spec.unit).is_money
        return (
            exact
            if is_other_unit
            else _refused(found.code, spec, f"the cell shows {shown}: enter it as a number with a format of its own")
        )
    remark = f"{spec.label}: the cell shows {shown}, so {shown} was taken."
    return Reading(float(found.value), typed=shown.removesuffix("%"), remark=remark)


def _exact(spec: FieldSpec, text: str) -> Reading:
    """A number as the format writes it."""
    value = float(text) if _EXACT.fullmatch(text.strip()) and len(text) < 400 else float("nan")
    if value - value != 0:  # not finite
        return _refused("not_a_number", spec, f"expected a number, {screen.range_shown(spec)}, got {_short(text)}")
    shown = Decimal(repr(value))
    return Reading(value, typed=number_text(shown.scaleb(2) if screen.is_percent(spec) else shown))


def _number_text(spec: FieldSpec, raw: str) -> Reading:
    """A number as text: of another hand, so in a format that nobody knows."""
    text = raw.strip()
    found = read_number(text, spec.unit, UNKNOWN)
    if found.code == "ambiguous":
        return _ambiguous(spec, text, found)
    if found.code in {"percent", "currency"}:
        return _refused(found.code, spec, found.problem)
    if found.value is None:
        return _not_a_number(spec, text)
    has_percent = text.endswith("%")
    number = found.value.scaleb(2) if screen.is_percent(spec) else found.value
    if screen.is_percent(spec) and not has_percent:
        return _percent_asked(spec, text, number)
    remark = f"{spec.label}: the text {_short(text)} was read as the number {number_text(number)}{'%' if has_percent else ''}."
    return Reading(float(found.value), remark=remark, typed=number_text(number))


def _not_a_number(spec: FieldSpec, text: str) -> Reading:
    return _refused("not_a_number", spec, f"expected a number, {screen.range_shown(spec)}, got {_short(text)}")


def _ambiguous(spec: FieldSpec, text: str, found: TypedNumber) -> Reading:
    small, large = found.readings
    sentence = f"the text {_short(text)} may mean {small} or {large}: nothing was guessed, enter it as a number"
    return _refused("ambiguous", spec, sentence)


def _percent_asked(spec: FieldSpec, text: str, number: Decimal) -> Reading:
    shown = number_text(number.scaleb(2))
    sentence = f"the text {text} may mean {text}% or {shown}%: nothing was guessed, enter it with a percent sign"
    return _refused("ambiguous", spec, sentence)


def _choice(spec: FieldSpec, cell: Cell, _: bool) -> Reading:
    text = cell.text.strip() if cell.kind == "s" else _shown(cell)
    by_word = {screen.choice_text(choice).casefold(): choice for choice in spec.choices}
    by_code = {choice.casefold(): choice for choice in spec.choices}
    found = by_word.get(text.casefold()) or by_code.get(text.casefold())
    if found is None:
        many = len(spec.choices) > MOST_CHOICES_TOLD
        words = "one of the cell's list" if many else ", ".join(screen.choice_text(c) for c in spec.choices)
        return _refused("not_a_choice", spec, f"expected {words}; got {_short(text)}")
    return Reading(str(found), typed=text)


def _flag(spec: FieldSpec, cell: Cell, _: bool) -> Reading:
    if cell.kind == "b" and cell.text in {"0", "1"}:
        return Reading(cell.text == "1", typed=_truth(cell))
    found = FLAGS.get(cell.text.strip().casefold()) if cell.kind == "s" else None
    if found is None:
        return _refused("not_a_flag", spec, f"expected Yes or No, got {_short(_shown(cell))}")
    return Reading(found, typed=cell.text.strip())


def _date(spec: FieldSpec, cell: Cell, starts_1904: bool) -> Reading:
    if cell.kind in {"s", "d"}:
        text = cell.text.strip()
        try:
            return Reading(date.fromisoformat(text[:10] if cell.kind == "d" else text).isoformat(), typed=text)
        except ValueError:
            sentence = f"expected a date such as 2029-01-31, got the text {_short(text)}: nothing was guessed"
            return _refused("not_a_date", spec, sentence)
    found = _from_serial(cell.text, starts_1904) if cell.kind == "n" else None
    if found is None:
        return _refused("not_a_date", spec, f"expected a date such as 2029-01-31, got {_short(_shown(cell))}")
    return Reading(found.isoformat(), typed=found.isoformat())


def _from_serial(text: str, starts_1904: bool) -> date | None:
    """The day a spreadsheet's day number stands for; None for a time of day, or a number that is no day."""
    if not _EXACT.fullmatch(text) or len(text) > 30:
        return None
    number = float(text)
    if (
        not math.isfinite(number)
        or number != int(number)
        or not (1 if starts_1904 else _FIRST_SERIAL) <= number < 2_958_466
    ):
        return None
    return day_of(number, starts_1904=starts_1904)


def _text(spec: FieldSpec, cell: Cell, _: bool) -> Reading:
    text = cell.text if cell.kind == "s" else _shown(cell)
    if has_unprintable(text):
        return _refused("control", spec, "expected text without control characters, retype it")
    if spec.maximum is not None and len(text) > spec.maximum:
        return _refused("too_long", spec, f"expected at most {spec.maximum:,.0f} characters, got {len(text):,}")
    return Reading(text, typed=_short(text))


_KINDS = {
    FieldKind.NUMBER: _number,
    FieldKind.INTEGER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.FLAG: _flag,
    FieldKind.DATE: _date,
    FieldKind.TEXT: _text,
}


def _refused(code: str, spec: FieldSpec, sentence: str) -> Reading:
    return Reading(problem=f"{spec.label}: {sentence}.", code=code)


def _serial_text(text: str, starts_1904: bool) -> str:
    found = _from_serial(text.partition(".")[0], starts_1904)
    return found.isoformat() if found else _short(text)


def _shown(cell: Cell) -> str:
    return _truth(cell) if cell.kind == "b" else cell.text


def _truth(cell: Cell) -> str:
    return "TRUE" if cell.text == "1" else "FALSE"


def _short(text: str) -> str:
    clean = without_unprintable(text)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[: LONGEST_SHOWN - 3]}..."
