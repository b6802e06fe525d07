"""Figures in a text: each must be one that a tool returned, rounded at most, and none may hide from being read.

A figure is a number with its sign, its thousands in commas, and what it is in: percent, basis points, thousands and up.
Rounded, it keeps two significant digits, so that a coarse figure does not stand for whatever lies about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_MINUS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_IN: dict[str, Decimal] = {
    "%": Decimal(100), "percent": Decimal(100), "per cent": Decimal(100), "percentage points": Decimal(100),
    "pp": Decimal(100), "bps": Decimal(10_000), "bp": Decimal(10_000), "basis points": Decimal(10_000),
    "k": Decimal("1e-3"), "thousand": Decimal("1e-3"), "m": Decimal("1e-6"), "million": Decimal("1e-6"),
    "bn": Decimal("1e-9"), "billion": Decimal("1e-9"), "x": Decimal(1), "times": Decimal(1),
}  # fmt: skip
_UNITS = "|".join(sorted((re.escape(unit) for unit in _IN), key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<sign>(?<![0-9A-Za-z])[{_MINUS}+]\s?)?(?P<digits>[0-9](?:[0-9.,'’_/:^*]*[0-9])?)(?:\s?(?P<unit>{_UNITS})(?![A-Za-z]))?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|trillions?|dozens?"
    r"|half|halves|halved?|thirds?|quarters?|fifths?|tenths?|doubled?|doubles|tripled?|triples|twice|thrice|zero|nil"
    r"|one(?=[\s-]+(?:percent|per|point|basis|in|of\s+every|hundred|thousand|million)\b))\b",
    re.IGNORECASE,
)
_LEAST_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text. `times` turns what tools return into what it is in."""

    text: str
    value: Decimal
    decimals: int
    digits: int
    times: Decimal

    def is_of(self, number: Decimal) -> bool:
        """Whether it is the number, or the number rounded to no fewer than two digits."""
        scaled = number * self.times
        if scaled == self.value:
            return True
        if self.digits < _LEAST_DIGITS or abs(scaled) >= Decimal("1e15"):
            return False
        step = Decimal(1).scaleb(-self.decimals)
        return any(scaled.quantize(step, way) == self.value for way in (ROUND_HALF_UP, ROUND_HALF_EVEN))


def unfounded(text: str, results: Iterable[Any], names: Iterable[Any] = ()) -> list[str]:
    """Each figure of the text that none of the results holds, as it stands there; empty where all are founded.

    Names and days in the results and in `names` may be said as they are, whatever digits they have.
    """
    known = list(results)
    numbers = set(_numbers(known))
    left = _without(text, {*_strings(known), *_strings(list(names))})
    found = [match.group() for match in _WORDS.finditer(_TOKEN.sub(" ", left))]
    for match in _TOKEN.finditer(left):
        figure = _figure(match, left)
        if figure is None or not any(figure.is_of(number) for number in numbers):
            found.append(match.group().strip())
    return found + [char for char in left if char.isnumeric() and not char.isascii()]


def _figure(match: re.Match[str], text: str) -> Figure | None:
    """The figure in a token; None where it cannot be read in one way only."""
    digits = match["digits"]
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    if not _PLAIN.fullmatch(digits) or before.isalnum() or after.isalnum():
        return None
    plain = digits.replace(",", "")
    is_negative = (match["sign"] or "+").strip() in _MINUS
    value = -Decimal(plain) if is_negative else Decimal(plain)
    significant = len(plain.replace(".", "").lstrip("0"))
    unit = (match["unit"] or "x").lower()
    return Figure(match.group(), value, len(plain.partition(".")[2]), significant, _IN[unit])


def _numbers(value: Any) -> Iterator[Decimal]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        yield from _number(value)


def _number(value: float | str) -> Iterator[Decimal]:
    try:
        number = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return
    if number.is_finite():
        yield number


def _strings(value: Any) -> Iterator[str]:
    """Texts that are no numbers: names, days, sentences."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str) and any(char.isdigit() for char in value) and not list(_number(value)):
        yield value


def _without(text: str, strings: set[str]) -> str:
    """The text without what stands in it word for word; the longest first."""
    for each in sorted(strings, key=lambda one: (-len(one), one)):
        text = re.sub(rf"(?<![\w.]){re.escape(each)}(?!\w)(?!\.\d)", " ", text)
    return text


# Writing them


def percent(value: float) -> str:
    """`4.75%`: two decimals, and more where they are needed for three digits."""
    return f"{_fixed(Decimal(repr(value)) * 100)}%"


def plain(value: float) -> str:
    """`1,234.50`, `0.00123`: two decimals, and more where they are needed for three digits."""
    return _fixed(Decimal(repr(value)))


def count(value: int) -> str:
    """`1,250`"""
    return f"{value:,}"


def _fixed(number: Decimal) -> str:
    if not number:
        return "0"
    decimals = max(2, 2 - number.adjusted())
    return f"{number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
