"""Amortisation profiles and the codes kernels know them by."""

from __future__ import annotations

ANNUITY, STRAIGHT_LINE, SCULPTED, INTEREST_ONLY = range(4)
AMORTISATIONS: tuple[str, ...] = ("annuity", "straight_line", "sculpted", "interest_only")
# What sizes a tranche, as result columns code it.
NOT_SIZED, BY_DSCR, BY_REFINANCING, BY_COST, BY_GEARING, BY_TOTAL_ADVANCE, BY_GAP = range(7)
