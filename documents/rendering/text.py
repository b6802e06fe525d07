"""Words that come from people, made safe to print: whatever is typed comes out as text, and nowhere steers a program."""

from __future__ import annotations

import unicodedata
from typing import Any

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# Marks that turn the direction of what follows them; letters written from the right need none.
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset(("Cc", "Cs", "Cn", "Zl", "Zp"))


def printable(words: str) -> str:
    """The words on one line: control characters become spaces, marks that turn the writing's direction are left out."""
    kept = (
        " " if unicodedata.category(letter) in UNPRINTABLE else letter
        for letter in words
        if letter not in DIRECTION_MARKS
    )
    return " ".join(part for part in "".join(kept).split(" ") if part)


def shortened(words: str, most: int) -> str:
    """The words, or as many letters as fit before an ellipsis that shows that there were more."""
    return words if len(words) <= most else words[: most - 1].rstrip() + ELLIPSIS


def printable_fields(fields: Any) -> Any:
    """The same plain data with every text in it printable."""
    if isinstance(fields, str):
        return printable(fields)
    if isinstance(fields, dict):
        return {key: printable_fields(value) for key, value in fields.items()}
    if isinstance(fields, list | tuple):
        return [printable_fields(value) for value in fields]
    return fields
