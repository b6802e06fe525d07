"""One reader of typed numbers: what the pages print can be typed back, and what may mean two things is asked about.

A person's number format (a key of `lib.figures.SEPARATORS`) says which sign groups thousands and which begins decimals.
UNKNOWN is the format of a text of another hand, such as a cell of an uploaded workbook.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from lib.figures import DEFAULT_FORMAT, MINUS, SEPARATORS
from lib.units import UnitWords, words_of

__all__ = [
    "UNKNOWN",
    "ListReading",
    "PairsReading",
    "Reading",
    "finite_or_none",
    "format_of",
    "number_text",
    "read_list",
    "read_number",
    "read_pairs",
    "shortened",
    "typed_text",
]

UNKNOWN = "unknown"
LONGEST_SHOWN = 60
SPACES = " \u00a0\u2007\u2009\u202f"
MAGNITUDES = {
    "k": 3,
    "thousand": 3,
    "m": 6,
    "mn": 6,
    "million": 6,
    "bn": 9,
    "billion": 9,
}
CURRENCY_SIGNS = {"£": ("GBP",), "€": ("EUR",), "$": ("USD",), "¥": ("JPY",)}

_LONGEST_NUMBER, _LONGEST_LIST = 60, 2_000
_CODES = tuple(code for codes in CURRENCY_SIGNS.values() for code in codes)
_GROUP_SIGNS = {"comma_point": ",", "point_comma": "."}
_DECIMAL_SIGNS = {"comma_point": ".", "point_comma": ",", "space_comma": ","}
_EXACT = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_APART = rf"[{SPACES}'\u2019]"
_BY_DECIMAL_SIGN = {
    decimal: re.compile(
        rf"(?:\d+|[1-9]\d{{0,2}}(?:(?P<apart>{group}|{_APART})\d{{3}}(?:(?P=apart)\d{{3}})*))(?:\{decimal}\d+)?|\{decimal}\d+",
        re.ASCII,
    )
    for decimal, group in ((".", ","), (",", r"\."))
}
_SIGNED = re.compile(
    r"(?P<before>[+-]?)(?P<money>[^\d+\-.,]{0,5}?)(?P<after>[+-]?)(?P<rest>[\d.,].*)", re.ASCII | re.DOTALL
)
_LONE_COMMA = re.compile(r"\d*,\d+", re.ASCII)
_ENDING = re.compile(r"(?P<digits>.*[\d.,])(?P<ending>\D*)", re.ASCII | re.DOTALL)
_AT = re.compile(r"\s+at\s+", re.IGNORECASE)
_SEPARATORS = re.compile(r";|\n|,(?!\d)|(?<!\d),")
_TOLD = re.compile(r"[;\n]")
_COMMA_RUN = re.compile(r"[\d.]+(?:,[\d.]+)+", re.ASCII)
_LEADING_NOUGHT = re.compile(r"0\d")
_BEFORE_NUMBER = re.compile(r"\s+(?=[\d.,+\-])")
_PERHAPS_GROUPED = re.compile(rf"\d[{SPACES}]\d{{3}}(?!\d)", re.ASCII)
_GROUPED_BY_SPACES = re.compile(rf"[+-]?\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?\D*", re.ASCII)
_EXAMPLE = "1.2 at 50%; 1.05 at 100%"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text came to: a value in the engine's unit, or what is wrong with it, to follow a field's name."""

    value: Decimal | None = None
    code: str = ""
    problem: str = ""
    readings: tuple[Decimal, ...] = ()  # of an ambiguous text, as typed: the smaller first


@dataclass(frozen=True, slots=True)
class ListReading:
    """The values of a list, or what is wrong with it."""

    values: tuple[Decimal, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PairsReading:
    """The pairs of a list of steps, or what is wrong with it."""

    pairs: tuple[tuple[Decimal, Decimal], ...] = ()
    problem: str = ""


class _Refused(Exception):
    """A text that is no number of the unit."""

    def __init__(self, code: str, problem: str, readings: tuple[Decimal, ...] = ()) -> None:
        self.reading = Reading(None, code, problem, readings)
        super().__init__(problem)


def read_number(typed: str, unit: str, numbers: str = DEFAULT_FORMAT, currency: str = "") -> Reading:
    """The number in a text, in the engine's unit; `currency` is the code that amounts of the field are in, if known.

    >>> read_number("5.5 %", "rate").value
    Decimal('0.055')
    """
    words, text = words_of(unit), typed.strip().replace(MINUS, "-")
    try:
        if len(text) > _LONGEST_NUMBER:
            raise _not_a_number(text)
        negative, digits, power = _without_signs(text, words, currency)
        number = _plain("-" if negative else "", digits, words, numbers).scaleb(power)
    except _Refused as refused:
        return refused.reading
    return Reading(number)


def format_of(texts: Iterable[str], unit: str) -> str:
    """The format in which the numbers of one hand are written, told by those that read in one way only; or UNKNOWN.

    >>> format_of(["1.250", "8.500.000,50"], "amount")
    'point_comma'
    """
    signs = set[str]()
    for text in texts:
        try:
            _, digits, _ = _without_signs(text.strip().replace(MINUS, "-"), words_of(unit), "")
        except _Refused:
            continue
        ways = {sign for sign in ".," if _by_sign(digits, sign) is not None}
        signs |= ways if len(ways) == 1 else set()
    return {".": "comma_point", ",": "point_comma"}.get("".join(signs), UNKNOWN)


def read_list(typed: str, unit: str, numbers: str = DEFAULT_FORMAT) -> ListReading:
    """The numbers of a list: apart by semicolons, lines, a comma with a space, or spaces; asks where a comma is in doubt.

    >>> read_list("1.2; 1.5", "times").values
    (Decimal('1.2'), Decimal('1.5'))
    """
    try:
        parts = _parts(typed, numbers, by_spaces=True)
        return ListReading(tuple(_value(part, unit, numbers) for part in parts))
    except _Refused as refused:
        return ListReading((), refused.reading.problem)


def read_pairs(
    typed: str, units: tuple[str, str], numbers: str = DEFAULT_FORMAT, missing: Decimal | None = None
) -> PairsReading:
    """The pairs of a list such as `1.2 at 50%; 1.05 at 100%`; `missing` is the second number where none is told."""
    try:
        return PairsReading(tuple(_pair(part, units, numbers, missing) for part in _parts(typed, numbers)))
    except _Refused as refused:
        return PairsReading((), refused.reading.problem)


def number_text(value: Decimal | float, numbers: str = DEFAULT_FORMAT, *, grouped: bool = True) -> str:
    """1234567.50 as 1,234,567.5: every digit, and no more.

    >>> number_text(1234567.5, "point_comma")
    '1.234.567,5'
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = format(exact, ",f" if grouped else "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.translate(_table(numbers))


def typed_text(value: Decimal | float, unit: str, numbers: str = DEFAULT_FORMAT, *, grouped: bool = True) -> str:
    """The value as a field of its unit shows it, without the mark: 0.055 of a rate as 5.5."""
    words = words_of(unit)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number_text(exact.scaleb(2) if words.is_percent else exact, numbers, grouped=grouped and words.is_grouped)


def whole_or_none(text: str, digits: int) -> int | None:
    """A whole number of at most so many digits, as addresses and forms send it; None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def finite_or_none(value: float) -> float | None:
    """The number as JSON can hold it: None for what is none."""
    return float(value) if math.isfinite(value) else None


def shortened(text: str) -> str:
    """The text, cut where it would fill the page."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def _without_signs(text: str, words: UnitWords, currency: str) -> tuple[bool, str, int]:
    """Whether the number is negative, its digits, and the power of ten that its endings stand for."""
    found = _SIGNED.fullmatch(text)
    ended = _ENDING.fullmatch(found["rest"]) if found else None
    if found is None or ended is None or (found["before"] and found["after"]):
        raise _not_a_number(text)
    ending, money = ended["ending"].strip(), found["money"].strip()
    if ending.endswith("%") and not words.is_percent:
        raise _Refused("percent", f"expected a number without a percent sign, got {shortened(text)}")
    for word in words.typed:
        if ending.casefold().endswith(word):
            ending = ending[: -len(word)].rstrip()
            break
    power = -2 if words.is_percent else 0
    if words.is_money:
        more, ending, behind = _money(ending)
        power += more
        _check_currency(text, money, behind, currency)
    elif money:
        raise _not_a_number(text)
    if ending:
        raise _not_a_number(text)
    return "-" in (found["before"], found["after"]), ended["digits"], power


def _money(ending: str) -> tuple[int, str, str]:
    """The power of a magnitude, what is left of an ending, and the currency in it: `m EUR` is 6 and EUR."""
    known = (*CURRENCY_SIGNS, *_CODES)
    money = next((each for each in known if ending.upper().endswith(each)), "")
    left = ending[: len(ending) - len(money)].rstrip().casefold()
    return (MAGNITUDES[left], "", money) if left in MAGNITUDES else (0, left, money)


def _check_currency(text: str, before: str, behind: str, currency: str) -> None:
    told = [each.upper() for each in (before, behind) if each]
    if len(told) > 1 or any(each not in CURRENCY_SIGNS and each not in _CODES for each in told):
        raise _not_a_number(text)
    if currency and told and currency not in CURRENCY_SIGNS.get(told[0], (told[0],)):
        raise _Refused("currency", f"expected an amount in {currency}, got {shortened(text)}")


def _plain(minus: str, digits: str, words: UnitWords, numbers: str) -> Decimal:
    """The number of digits and signs, by the person's format where the signs alone do not say."""
    number = _unsigned(minus, digits, words, numbers)
    return -number if minus else number


def _unsigned(minus: str, digits: str, words: UnitWords, numbers: str) -> Decimal:
    if _EXACT.fullmatch(digits) and ("e" in digits.lower() or digits.endswith(".")):
        return _sound(Decimal(digits), digits)
    by_point, by_comma = _by_sign(digits, "."), _by_sign(digits, ",")
    if by_point is None and by_comma is None:
        raise _not_a_number(digits)
    if _LONE_COMMA.fullmatch(digits) and numbers == DEFAULT_FORMAT and by_point is None:
        raise _ambiguous(minus, digits, numbers)
    if by_point is None or by_comma is None or by_point == by_comma:
        return _sound(by_comma if by_point is None else by_point, digits)
    return _settled(minus, digits, words, numbers)


def _settled(minus: str, digits: str, words: UnitWords, numbers: str) -> Decimal:
    """The number of `1,250` or `1.250`, as far as the format settles which sign is which."""
    sign = "," if "," in digits else "."
    if sign == _DECIMAL_SIGNS.get(numbers):
        return Decimal(digits.replace(",", "."))
    if sign == _GROUP_SIGNS.get(numbers) and words.is_grouped:
        return Decimal(digits.replace(sign, ""))
    raise _ambiguous(minus, digits, numbers)


def _by_sign(text: str, decimal: str) -> Decimal | None:
    """The number, if the sign stands before decimals."""
    if not _BY_DECIMAL_SIGN[decimal].fullmatch(text):
        return None
    whole, _, part = text.partition(decimal)
    digits = re.sub("[^0-9]", "", whole) or "0"
    return Decimal(f"{digits}.{part}" if part else digits)


def _sound(number: Decimal | None, digits: str) -> Decimal:
    """The number where a float holds it: neither endless nor lost."""
    as_float = float(number or 0)
    if number is None or as_float - as_float != 0 or (as_float == 0) is not (number == 0):
        raise _Refused("not_finite", f"expected a finite number, got {shortened(digits)}")
    return number


def _ambiguous(minus: str, digits: str, numbers: str) -> _Refused:
    """A question: both readings of a text, each as it can be typed without doubt."""
    small, large = (Decimal(minus + way) for way in ("0" + digits.replace(",", "."), re.sub("[.,]", "", digits)))
    one, other = (number_text(each, numbers, grouped=False) for each in (small, large))
    return _Refused("ambiguous", f"{minus}{digits} may mean two numbers, write {one} or {other}", (small, large))


def _not_a_number(text: str) -> _Refused:
    return _Refused("not_a_number", f"expected a number, got {shortened(text) or 'nothing'}")


def _table(numbers: str) -> dict[int, str]:
    return SEPARATORS.get(numbers, {})


def _parts(typed: str, numbers: str, *, by_spaces: bool = False) -> list[str]:
    """The items of a list as typed; asks where a comma or a space may stand within a number."""
    text = typed.strip().replace(MINUS, "-")
    if len(text) > _LONGEST_LIST:
        raise _Refused("not_a_number", f"expected at most {_LONGEST_LIST:,} characters")
    is_told = bool(_TOLD.search(text))
    items = [item.strip() for item in (_TOLD if is_told else _SEPARATORS).split(text)]
    if not items[-1]:
        items.pop()
    if not items or not all(items):
        raise _Refused(
            "not_a_number", f"expected values with a semicolon between them, got {shortened(text) or 'nothing'}"
        )
    if is_told:
        return items
    items = [part for item in items for part in _at_commas(item, numbers)]
    return [part for item in items for part in _at_spaces(item, len(items) == 1)] if by_spaces else items


def _at_commas(item: str, numbers: str) -> list[str]:
    """The item, taken apart where its commas can only separate."""
    if _DECIMAL_SIGNS.get(numbers) == ",":
        return [item]
    for run in _COMMA_RUN.findall(item):
        parts = run.split(",")
        found = {number for number in (_by_sign(run, ","), _by_sign(run, ".")) if number is not None}
        if found or any(_LEADING_NOUGHT.match(part) for part in parts):
            ways = [number_text(number, numbers, grouped=False) for number in sorted(found)]
            several = "; ".join(parts)
            raise _Refused("ambiguous", f"{run} may be one number or several, write {' or '.join([*ways, several])}")
    return item.split(",")


def _at_spaces(item: str, is_alone: bool) -> list[str]:
    """The item, taken apart where its spaces can only separate."""
    parts = [part for part in _BEFORE_NUMBER.split(item) if part]
    if len(parts) == 1:
        return parts
    is_grouped = bool(_PERHAPS_GROUPED.search(item))
    if is_grouped and (is_alone or not _GROUPED_BY_SPACES.fullmatch(item)):
        raise _Refused(
            "ambiguous", f"{shortened(item)} may be one number or several, write {shortened('; '.join(parts))}"
        )
    return [item] if is_grouped else parts


def _value(part: str, unit: str, numbers: str) -> Decimal:
    found = read_number(part, unit, numbers)
    if found.value is None:
        raise _Refused(found.code, found.problem)
    return found.value


def _pair(part: str, units: tuple[str, str], numbers: str, missing: Decimal | None) -> tuple[Decimal, Decimal]:
    first, *rest = _AT.split(part)
    if len(rest) > 1 or (not rest and missing is None):
        raise _Refused("not_a_number", f"expected steps such as {_EXAMPLE}, got {shortened(part)}")
    level = _value(first, units[0], numbers)
    return level, missing if not rest and missing is not None else _value(rest[0], units[1], numbers)
