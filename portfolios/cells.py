"""One cell of a tape as a value: what is read is said, what could be read two ways is asked."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.portfolios.assets import Kind
from lib.numbers import shortened

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,' \u00a0]\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)Z?)?")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TRUE, _FALSE = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})


class Refused(Exception):
    """A text that is no value of its column: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


def read_cell(text: str, kind: Kind) -> Any:
    """The value; None for an empty cell, and raises Refused."""
    text = text.strip()
    if not text:
        return None
    match kind:
        case Kind.TEXT:
            return " ".join(text.split())
        case Kind.DATE:
            return read_date(text)
        case Kind.FLAG:
            return _flag(text)
        case Kind.RATE if text.endswith("%"):
            return _number(text[:-1].strip()) / 100
        case _:
            return _number(text)


def _flag(text: str) -> bool:
    if text.casefold() in _TRUE | _FALSE:
        return text.casefold() in _TRUE
    raise Refused("not_a_flag", f"expected Yes or No, got {shortened(text)}")


def _number(text: str) -> Decimal:
    """A plain number, or one with thousands in groups of three."""
    if _GROUPED.fullmatch(text):
        text = re.sub("[,' \u00a0]", "", text)
    if not _PLAIN.fullmatch(text) or len(text) > 40:
        raise Refused("not_a_number", f"expected a number such as 1234.5, got {shortened(text)}")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refused("not_a_number", f"expected a number, got {shortened(text)}") from None


def read_date(text: str) -> date:
    """An ISO date, a date-time at midnight, a day with a month's name, or slashes that can be read one way only."""
    if (found := _ISO.fullmatch(text)) is not None:
        if found[4] and found[4].strip("0:.") != "":
            raise Refused("not_a_date", f"expected a date, got a time of day in {shortened(text)}")
        return _day(text, int(found[1]), int(found[2]), int(found[3]))
    if (found := _NAMED.fullmatch(text)) is not None and found[2].casefold() in _MONTHS:
        return _day(text, int(found[3]), _MONTHS.index(found[2].casefold()) + 1, int(found[1]))
    if (found := _SLASHED.fullmatch(text)) is None:
        raise Refused("not_a_date", f"expected a date such as 2031-03-31, got {shortened(text)}")
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if first <= 12 and second <= 12 and first != second:
        one, other = (f"{year}-{month:02}-{day:02}" for day, month in ((first, second), (second, first)))
        raise Refused("ambiguous_date", f"{text} can be read two ways, write {one} or {other}")
    day, month = (first, second) if second <= 12 else (second, first)
    return _day(text, year, month, day)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("no_such_day", f"there is no such day: {shortened(text)}") from None
