"""Amortisation profiles and the codes kernels know them by."""

from __future__ import annotations

from numba import njit

ANNUITY, STRAIGHT_LINE, SCULPTED, INTEREST_ONLY, PARTIAL, CASH_SWEEP = range(6)
AMORTISATIONS: tuple[str, ...] = ("annuity", "straight_line", "sculpted", "interest_only", "partial", "cash_sweep")
# Those of the lever contract.
CONTRACT_AMORTISATIONS = AMORTISATIONS[:PARTIAL]
# No cash is swept to a mezzanine while senior stands.
MEZZ_AMORTISATIONS = AMORTISATIONS[:CASH_SWEEP]
# What sizes a tranche, as result columns code it.
NOT_SIZED, BY_DSCR, BY_REFINANCING, BY_COST, BY_GEARING, BY_TOTAL_ADVANCE, BY_GAP = range(7)


@njit(cache=True, nogil=True)
def has_ard_trap(kind: int) -> bool:
    """True where cash is trapped on the terms of an ARD note: one that waits for its date without repaying."""
    return kind == INTEREST_ONLY
