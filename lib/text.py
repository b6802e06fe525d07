"""Characters that have no place in a line of text: XML cannot hold them, and nobody can see them."""

import re

__all__ = ["UNPRINTABLE", "has_unprintable", "without_unprintable"]

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def has_unprintable(text: str) -> bool:
    """True for a text that no workbook could hold as it is."""
    return UNPRINTABLE.search(text) is not None


def without_unprintable(text: str) -> str:
    """The text with spaces for what cannot be printed."""
    return UNPRINTABLE.sub(" ", text)
