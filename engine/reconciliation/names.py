"""How alike two names are, in percent of their letters."""

from __future__ import annotations

from rapidfuzz import fuzz


def similarity(one: str, other: str) -> float:
    """100 for equal texts, 0 for texts without a common letter."""
    return float(fuzz.ratio(one, other))
