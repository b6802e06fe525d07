"""Amortisation profiles and the codes kernels know them by."""

from __future__ import annotations

ANNUITY, STRAIGHT_LINE, SCULPTED, INTEREST_ONLY = range(4)
AMORTISATIONS: tuple[str, ...] = ("annuity", "straight_line", "sculpted", "interest_only")
