"""The rating scale as notches: 1 is AAA, 22 is D, and 23 stands for not rated.

Source: agency symbol maps, see the rating scale's provenance in the ratings app.
"""

from __future__ import annotations

LABELS: tuple[str, ...] = (
    "AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-",
    "B+", "B", "B-", "CCC+", "CCC", "CCC-", "CC", "C", "D",
)  # fmt: skip
# The notch of a tranche that is not paid when due.
DEFAULTED = len(LABELS)
NOT_RATED = 23
_NOTCHES = {label: number for number, label in enumerate(LABELS, start=1)}


def notch_of(label: str) -> int:
    """Notch of a rating symbol; anything unknown counts as not rated.

    >>> notch_of("BBB")
    9
    """
    return _NOTCHES.get(label, NOT_RATED)


def rating_label(notch: int) -> str:
    """Symbol of a notch; "NR" outside the scale."""
    return LABELS[notch - 1] if 1 <= notch <= len(LABELS) else "NR"


def notches_moved(notch: int, base_notch: int) -> int:
    """Notches down from a base; nought where the base itself has no rating to lose.

    >>> notches_moved(22, 8), notches_moved(22, 23)
    (14, 0)
    """
    return 0 if base_notch >= DEFAULTED else notch - base_notch
