"""Characters that have no place in a line of text: nobody sees them, and workbooks lose them."""

import re

__all__ = ["has_unprintable", "without_unprintable"]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def has_unprintable(text: str) -> bool:
    """True for a text that is no plain line: with control characters, line breaks, or what XML cannot hold."""
    return _UNPRINTABLE.search(text) is not None


def without_unprintable(text: str) -> str:
    """The text with spaces for what cannot be printed."""
    return _UNPRINTABLE.sub(" ", text)
