"""One range check for every number from outside: noise in the last digit is no offence, and no refused digit is hidden."""

from decimal import Decimal
from typing import Any

NOISE = 1e-9  # of the number
LEAST_NOISE, MOST_NOISE = 1e-12, 1e-3
LONGEST_SHOWN = 60  # characters of what was given
_PLAIN = frozenset("0123456789.+-eE")


def as_float(raw: Any) -> float | None:
    """The number in a value from outside; None for flags, words, and texts that only Python takes for a number.

    >>> as_float("1_000")
    """
    if isinstance(raw, bool) or (isinstance(raw, str) and not _PLAIN.issuperset(raw.strip())):
        return None
    try:
        return float(raw)
    except (TypeError, ValueError, OverflowError):
        return None


def settled(value: float, low: float | None, high: float | None, *, above_low: bool = False) -> float | None:
    """The value, on the limit where it lies beside it by noise alone; None outside `low` to `high`.

    >>> settled(1.0000000000000002, 0, 1)
    1.0
    """
    if low is not None and value <= low and (above_low or not _is_noise(value, low)):
        return None
    if high is not None and value > high and not _is_noise(value, high):
        return None
    if low is not None and value < low:
        return float(low)
    return float(high) if high is not None and value > high else value


def whole(value: float) -> int | None:
    """The whole number that the value is but for noise; None for any other.

    >>> whole(27.000000000000004)
    27
    """
    nearest = round(value)
    return nearest if _is_noise(value, nearest) else None


def decimals_of(value: float | Decimal, least: int, most: int = 10) -> int:
    """How many decimals show the value in full, noise of binary numbers aside; at least `least`.

    >>> decimals_of(5.625, 2), decimals_of(5.5, 2), decimals_of(100 * 0.05875, 2)
    (3, 2, 3)
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    digits = format(round(exact, most), "f").partition(".")[2].rstrip("0")
    return max(least, len(digits))


def exact(value: float, least: int) -> str:
    """The value with every decimal it has, at least so many.

    >>> exact(1.305, 2), exact(1.3, 2)
    ('1.305', '1.30')
    """
    return f"{value:.{decimals_of(value, least)}f}"


def number_shown(value: float) -> str:
    """Few digits where they are the number, all of them where they are not: `3`, `1e+12`, `3.0000001`."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def given_shown(raw: object) -> str:
    """What was given where something else was expected, in quotes and cut where it would fill the page.

    >>> given_shown("1,3"), given_shown(""), given_shown(None)
    ("'1,3'", 'nothing', 'nothing')
    """
    text = "nothing" if raw is None or raw == "" else repr(raw)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def range_shown(low: float | None, high: float | None, *, above_low: bool = False) -> str:
    """The range in words: "0.95 to 1.5", "more than 0", "at least 0", "any number"."""
    least = None if low is None else f"{'more than' if above_low else 'at least'} {number_shown(low)}"
    most = None if high is None else number_shown(high)
    if low is not None and most is not None:
        return f"{least} and up to {most}" if above_low else f"{number_shown(low)} to {most}"
    return least or ("any number" if most is None else f"at most {most}")


def _is_noise(value: float, beside: float) -> bool:
    return abs(value - beside) <= min(max(NOISE * abs(beside), LEAST_NOISE), MOST_NOISE)
