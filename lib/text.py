"""Lines of text: what has no place in one, names of code as labels, days in words."""

import re
from datetime import date
from typing import Any

__all__ = [
    "FORMULA_STARTS",
    "day_told",
    "day_words",
    "has_unprintable",
    "label_of",
    "safe_cell",
    "without_unprintable",
    "words_of_name",
]

# A spreadsheet takes a text that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# Written in capitals wherever they stand.
_ABBREVIATIONS = {
    "abs",
    "cmbs",
    "ebitda",
    "esg",
    "ev",
    "fx",
    "id",
    "isin",
    "lei",
    "mic",
    "otc",
    "roe",
    "usi",
    "utc",
    "uti",
}


def has_unprintable(text: str) -> bool:
    """True for a text that is no plain line: with control characters, line breaks, or what XML cannot hold.

    Nobody sees such characters, and workbooks lose them.
    """
    return _UNPRINTABLE.search(text) is not None


def without_unprintable(text: str) -> str:
    """The text with spaces for what cannot be printed."""
    return _UNPRINTABLE.sub(" ", text)


def words_of_name(name: str) -> str:
    """A name of code as words: `straight_line` is straight line, `data_centre_abs` data centre ABS."""
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in name.split("_"))


def label_of(name: str) -> str:
    """A name of code as a label: `notional_ccy` is Notional ccy, `trade_id` Trade ID."""
    words = words_of_name(name)
    return words[:1].upper() + words[1:]


def day_words(day: date) -> str:
    """`31 January 2027`; the month in English wherever it runs."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_told(value: Any) -> str:
    """A day as files write it, `2029-01-31`, in words: `31 Jan 2029`; whatever is none as it is."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return "" if value is None else str(value)
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def safe_cell(value: Any) -> Any:
    """The value for a cell that leaves the house: a text that a spreadsheet would compute gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
