"""The caps on sized debt, in order, and which of them binds.

Cost, gearing and total advance hold both tranches together; what a tranche costs at close (fees, reserve, pre-funded
interest, swap margin) is itself among the uses that gearing is read on, so the cap is solved for the balance.
Source: model book section 5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.numbers import ProjectNumbers, TermNumbers
from engine.debt.kinds import (
    BY_COST,
    BY_DSCR,
    BY_GAP,
    BY_GEARING,
    BY_REFINANCING,
    BY_TOTAL_ADVANCE,
    NOT_SIZED,
)

Floats = NDArray[np.float64]


class Sized(NamedTuple):
    """A tranche as its cover carries it: balance, whether refinancing bound it, proceeds at close per unit."""

    amount: float
    by_refinancing: bool
    proceeds_ratio: float


@njit(cache=True, nogil=True)
def _own(sized: Sized) -> int:
    if sized.amount <= 0.0:
        return NOT_SIZED
    return BY_REFINANCING if sized.by_refinancing else BY_DSCR


@njit(cache=True, nogil=True)
def _lower(amount: float, by: int, cap: float, cap_by: int) -> tuple[float, int]:
    """The amount held to a cap, and which of both binds; nothing holds an amount of nil."""
    return (max(cap, 0.0), cap_by) if amount > max(cap, 0.0) else (amount, by)


@njit(cache=True, nogil=True)
def _per_unit(room: float, unit: float) -> float:
    """The balance that uses a room up; no limit where each unit brings as many uses as it fills."""
    return room / unit if unit > 0.0 else np.inf


@njit(cache=True, nogil=True)
def _gearing(limit_ratio: float, headroom: float) -> float:
    """Share of the uses that debt may fill: over-raise headroom lifts the limit."""
    return limit_ratio if np.isnan(headroom) else 1.0 + headroom


@njit(cache=True, nogil=True)
def cap_senior(
    project: ProjectNumbers, terms: TermNumbers, agency_value: float, headroom: float, sized: Sized, spent: float
) -> tuple[float, int]:
    """(balance, code) of the senior debt within its caps; `spent` is what a unit of it adds to the uses."""
    cost, gearing = project.internal_cost_amount, _gearing(terms.gearing_limit_ratio, headroom)
    amount, by, unit = sized.amount, _own(sized), sized.proceeds_ratio
    lifted = 1.0 if np.isnan(headroom) else 1.0 + headroom
    amount, by = _lower(amount, by, lifted * cost / unit, BY_COST)
    if terms.gearing_on_uses:
        fixed = cost + terms.fee_fixed_amount - project.escrow_income_amount
        room, taken = gearing * fixed, unit - gearing * spent
    else:
        room, taken = gearing * project.market_cost_amount, unit
    amount, by = _lower(amount, by, _per_unit(room, taken), BY_GEARING)
    return _lower(amount, by, terms.total_advance_limit_ratio * max(agency_value, 0.0), BY_TOTAL_ADVANCE)


@njit(cache=True, nogil=True)
def cap_mezz(
    project: ProjectNumbers, terms: TermNumbers, agency_value: float, headroom: float, sized: Sized, spent: float, senior_amount: float,
    senior_proceeds: float, fixed_uses: float
) -> tuple[float, int]:  # fmt: skip
    """(balance, code) of the mezzanine behind a senior within its caps; `fixed_uses` are all but what it adds."""
    gearing = _gearing(terms.gearing_limit_ratio, headroom)
    amount, by, unit = sized.amount, _own(sized), sized.proceeds_ratio
    if terms.gearing_on_uses:
        room, taken = gearing * fixed_uses - senior_proceeds, unit - gearing * spent
    else:
        room, taken = gearing * project.market_cost_amount - senior_proceeds, unit
    amount, by = _lower(amount, by, _per_unit(room, taken), BY_GEARING)
    if terms.mezz_gap_ratio < 1.0:
        gap = max(project.internal_cost_amount - senior_proceeds, 0.0)
        amount, by = _lower(amount, by, terms.mezz_gap_ratio * gap / unit, BY_GAP)
    total = terms.total_advance_limit_ratio * max(agency_value, 0.0)
    return _lower(amount, by, total - senior_amount, BY_TOTAL_ADVANCE)


@njit(cache=True, nogil=True)
def scale(line: Floats, by: float) -> None:
    """Every value of a line times a factor."""
    for m in range(line.size):
        line[m] *= by
