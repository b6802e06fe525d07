"""Numbers as a reader sees them: thousands separated, decimals fixed, one dash for what was not computed.

Results have the decimals of their unit, rounded half up as workbooks do; terms that parties agree have all of theirs.

Values come in the platform's units (fractions, amounts, months); percent exists only here.
"""

import math
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from engine.basics.ranges import decimals_of

__all__ = [
    "agreed",
    "amount",
    "basis_points",
    "bps",
    "count",
    "factor",
    "in_unit",
    "limit_in",
    "megawatts",
    "millions",
    "money",
    "months",
    "percent",
    "readers_format",
    "share",
    "times",
    "years",
    "yes_no",
]

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NO-BREAK SPACE}"

DEFAULT_FORMAT = "comma_point"
# What stands for Python's comma between thousands and point before decimals.
SEPARATORS: dict[str, dict[int, str]] = {
    "comma_point": {},
    "point_comma": str.maketrans({",": ".", ".": ","}),
    "space_comma": str.maketrans({",": NARROW_SPACE, ".": ","}),
}
# How the reader of this request wants numbers; set from their preferences, and only for the answer to them.
number_format: ContextVar[str] = ContextVar("number_format", default=DEFAULT_FORMAT)


def readers_format() -> str:
    """How the reader of this request wants numbers, for a form to keep and to read what they type with."""
    return number_format.get()


def _number(value: object) -> Decimal | None:
    """The finite number in it, or nothing."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _fixed(value: object, decimals: int, *, scale: int = 1, suffix: str = "") -> str:
    number = _number(value)
    if number is None:
        return DASH
    with localcontext(rounding=ROUND_HALF_UP):
        text = f"{abs(number) * scale:,.{decimals}f}".translate(SEPARATORS[number_format.get()])
    shows_zero = not any(digit in text for digit in "123456789")
    return f"{MINUS if number < 0 and not shows_zero else ''}{text}{suffix}"


def amount(value: object, decimals: int = 0) -> str:
    """`12,345,678`"""
    return _fixed(value, decimals)


def money(value: object, currency: str = "") -> str:
    """`GBP 12,345,678`; the currency is never a guess."""
    text = _fixed(value, 0)
    return text if text == DASH or not currency else f"{currency}{NARROW_SPACE}{text}"


def millions(value: object, currency: str = "") -> str:
    """`GBP 12.35m`"""
    number = _number(value)
    if number is None:
        return DASH
    text = _fixed(number / 1_000_000, 2, suffix="m")
    return f"{currency}{NARROW_SPACE}{text}" if currency else text


def percent(value: object, decimals: int = 2) -> str:
    """`5.50%` of the fraction 0.055."""
    return _fixed(value, decimals, scale=100, suffix="%")


def share(value: object) -> str:
    """`55.0%` of the fraction 0.55: for parts of a whole, where a rate's second decimal is noise."""
    return percent(value, 1)


def agreed(value: object, unit: str) -> str:
    """`5.625%` of 0.05625 and "rate", `5.50%` of 0.055: a term with every decimal it has, and a result's at least."""
    number, how = _number(value), _AGREED.get(str(unit))
    if number is None or how is None:
        return in_unit(value, unit)
    scale, least, suffix = how
    return _fixed(number, decimals_of(number * scale, least), scale=scale, suffix=suffix)


def limit_in(value: object, unit: str) -> str:
    """A limit: one that was set with every decimal it has, one that was worked out as a result is shown.

    >>> limit_in(1.2167, "times"), limit_in(0.0625, "rate"), limit_in(0.062361467478, "rate")
    ('1.2167x', '6.25%', '6.24%')
    """
    number, how = _number(value), _AGREED.get(str(unit))
    is_set = number is None or how is None or decimals_of(number * how[0], how[1]) <= MOST_SET
    return agreed(value, unit) if is_set else in_unit(value, unit)


def bps(value: object) -> str:
    """`125 bps` of 125."""
    return _fixed(value, 0, suffix=f"{NARROW_SPACE}bps")


def basis_points(value: object) -> str:
    """`125 bps` of the fraction 0.0125, `42.5 bps` of 0.00425: a premium or spread as agreed."""
    number = _number(value)
    return agreed(None if number is None else number * 10_000, "bps")


def times(value: object) -> str:
    """`1.35x`: cover ratios and multiples of money."""
    return _fixed(value, 2, suffix="x")


def months(value: object) -> str:
    """`18 months`"""
    number = _number(value)
    return _fixed(value, 0, suffix=f"{NARROW_SPACE}month" + ("" if number == 1 else "s"))


def years(value: object) -> str:
    """`17 years`, `7.4 years`: decimals only where there are any."""
    number = _number(value)
    if number is None:
        return DASH
    decimals = 0 if number == number.to_integral_value() else 1
    return _fixed(number, decimals, suffix=f"{NARROW_SPACE}year" + ("" if number == 1 else "s"))


def megawatts(value: object) -> str:
    """`80.00 MW`"""
    return _fixed(value, 2, suffix=f"{NARROW_SPACE}MW")


def factor(value: object) -> str:
    """`1.25`, `0.003`: a plain number, with the decimals it has, at least two."""
    number = _number(value)
    if number is None:
        return DASH
    return _fixed(number, decimals_of(number, 2, most=6))


def count(value: object) -> str:
    """`1,234,567`, of any size."""
    return _fixed(value, 0)


def yes_no(value: object) -> str:
    """`Yes`, `No`, or a dash for neither."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return DASH
    return "Yes" if value else "No"


# Of a unit's agreed terms: the scale, the least decimals, what follows.
# Decimals of what people set; more are of a calculation.
MOST_SET = 4
_AGREED: dict[str, tuple[int, int, str]] = {
    "rate": (100, 2, "%"),
    "share": (100, 1, "%"),
    "times": (1, 2, "x"),
    "bps": (1, 0, f"{NARROW_SPACE}bps"),
}
_BY_UNIT: dict[str, Any] = {
    "amount": amount,
    "rate": percent,
    "factor": factor,
    "share": share,
    "mw": megawatts,
    "times": times,
    "years": years,
    "months": months,
    "count": count,
    "flag": yes_no,
    "bps": bps,
}


def in_unit(value: object, unit: str) -> str:
    """The value as its unit is shown (units of the engine's column catalogue); other units as they are."""
    show = _BY_UNIT.get(str(unit))
    if show:
        return str(show(value))
    return DASH if value is None else str(value)
