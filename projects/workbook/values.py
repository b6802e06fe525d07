"""One cell into one engine value. What could mean two things is told of, never guessed.

Numbers as text are read where signs leave no doubt: 1,250,000 or 1 250 000 or 0.95 or 0,95 or 5%. Not 1,250 or 1.250,
which is a thousand to some and one and a quarter to others.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from lib.numbers import number_text
from projects import screen
from projects.workbook.sheets import Cell

FLAGS = {"yes": True, "no": False, "true": True, "false": False}
LONGEST_SHOWN = 60
MOST_CHOICES_TOLD = 20
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d{3}(?!\d))")
_GROUPED = {
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?|[+-]?[1-9]\d{0,2},\d{3}\.\d+", re.ASCII),
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3}){2,}(,\d+)?|[+-]?[1-9]\d{0,2}\.\d{3},\d+", re.ASCII),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)", re.ASCII)
_EXACT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_OTHER_BOOK = re.compile(r"\[[^\]]+\][^!]*!|\[\d+\]")
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FIRST_SERIAL = 61  # 1900-03-01: before it, programs disagree about the calendar
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


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
    plain = Cell(cell.row, cell.column, cell.kind, cell.text, None, cell.is_date)
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
        return _exact(spec, cell.text)
    return _number_text(spec, cell.text)


def _exact(spec: FieldSpec, text: str) -> Reading:
    """A number as the format writes it."""
    value = float(text) if _EXACT.fullmatch(text.strip()) and len(text) < 400 else float("nan")
    if value - value != 0:  # not finite
        return _refused("not_a_number", spec, f"expected a number, {screen.range_shown(spec)}, got {_short(text)}")
    shown = Decimal(repr(value))
    return Reading(value, typed=number_text(shown.scaleb(2) if screen.is_percent(spec) else shown))


def _number_text(spec: FieldSpec, raw: str) -> Reading:
    text = raw.strip()
    has_percent = text.endswith("%")
    digits = _SPACES.sub("", text.removesuffix("%").rstrip().replace("\N{MINUS SIGN}", "-"))
    if len(digits) > LONGEST_SHOWN:
        return _not_a_number(spec, text)
    if _EITHER.fullmatch(digits):
        return _ambiguous(spec, digits)
    number = _plain_number(digits)
    if number is None:
        return _not_a_number(spec, text)
    if has_percent is not screen.is_percent(spec):
        return _percent_mismatch(spec, text, digits, number)
    remark = f"{spec.label}: the text {_short(text)} was read as the number {number_text(number)}{'%' if has_percent else ''}."
    value = number.scaleb(-2) if has_percent else number
    return Reading(float(value), remark=remark, typed=number_text(number))


def _plain_number(digits: str) -> Decimal | None:
    if _GROUPED[","].fullmatch(digits):
        return Decimal(digits.replace(",", ""))
    if _GROUPED["."].fullmatch(digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    return Decimal(digits.replace(",", ".")) if _DECIMAL.fullmatch(digits) else None


def _not_a_number(spec: FieldSpec, text: str) -> Reading:
    return _refused("not_a_number", spec, f"expected a number, {screen.range_shown(spec)}, got {_short(text)}")


def _ambiguous(spec: FieldSpec, digits: str) -> Reading:
    small = digits.replace(",", ".")
    large = re.sub("[.,]", "", digits)
    sentence = f"the text {digits} may mean {small} or {large}: nothing was guessed, enter it as a number"
    return _refused("ambiguous", spec, sentence)


def _percent_mismatch(spec: FieldSpec, text: str, digits: str, number: Decimal) -> Reading:
    if not screen.is_percent(spec):
        return _refused("percent", spec, f"expected a number without a percent sign, got {_short(text)}")
    shown = number_text(number.scaleb(2))
    sentence = f"the text {digits} may mean {digits}% or {shown}%: nothing was guessed, enter it with a percent sign"
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
    if number != int(number) or not (1 if starts_1904 else _FIRST_SERIAL) <= number < 2_958_466:
        return None
    return (_EPOCH_1904 if starts_1904 else _EPOCH) + timedelta(days=int(number))


def _text(spec: FieldSpec, cell: Cell, _: bool) -> Reading:
    text = cell.text if cell.kind == "s" else _shown(cell)
    if _CONTROL.search(text):
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
    clean = _CONTROL.sub(" ", text)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[: LONGEST_SHOWN - 3]}..."
