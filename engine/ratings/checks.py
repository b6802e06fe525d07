"""Each criterion's headroom, and the rating that passes them all.

Headroom is relative to the limit: (value - floor)/floor or (cap - value)/cap; below zero is a failure. Criteria
that are yes or no have headroom 0 or -1. Source: model book sections 8 and 10.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import DSCR_AVERAGE, DSCR_MINIMUM, ICR, LLCR
from engine.ratings.criteria import CriteriaRow
from engine.ratings.scale import NOT_RATED, notch_of

Floats = NDArray[np.float64]

CRITERION_COUNT = 9
TENANT_CAP = 9
# Relative slack that absorbs rounding where a lever sits exactly on a floor.
TOLERANCE = 1e-9
# Layout of one packed row of criteria.
(
    NOTCH, FLOOR_MINIMUM, FLOOR_AVERAGE, MAX_ADVANCE, MAX_TENOR, FLOOR_LLCR, FLOOR_ICR,
    WRAP_REQUIRED, WRAP_RELIEF, INSURER_NOTCH, FLOOR_STRESSED, ALLOWED,
) = range(12)  # fmt: skip
ROW_SIZE = ALLOWED + len(AMORTISATIONS)
# Positions in the array `fill_verdict` fills.
RATING, PASSED, NEAR_MISS, FIRST_FAILED, BINDING, BINDING_HEADROOM, JUDGED_ROW = range(7)
VERDICT_SIZE = 7


def packed_rows(rows: tuple[CriteriaRow, ...]) -> Floats:
    """Criteria as one array (rows, ROW_SIZE), best rating first."""
    return np.array([_packed(row) for row in rows], dtype=np.float64)


def _packed(row: CriteriaRow) -> list[float]:
    allowed = [float(kind in row.amortisations) for kind in AMORTISATIONS]
    return [
        row.notch, row.dscr_minimum, row.dscr_average, row.max_advance_ratio, row.max_tenor_years, row.llcr, row.icr,
        float(row.wrap_required), row.wrap_dscr_relief, notch_of(row.wrap_insurer_rating), row.stressed_dscr, *allowed,
    ]  # fmt: skip


@njit(cache=True, nogil=True)
def fill_headrooms(
    row: Floats, cover: Floats, ltv_ratio: float, tenor_years: float, kind: int, wrapped: bool, out: Floats
) -> None:
    """Headroom of criteria 1..8 against one row into out[1..8]."""
    relief = row[WRAP_RELIEF] if wrapped else 0.0
    minimum, average = row[FLOOR_MINIMUM] - relief, row[FLOOR_AVERAGE] - relief
    out[1] = cover[DSCR_MINIMUM] / minimum - 1.0
    out[2] = cover[DSCR_AVERAGE] / average - 1.0
    out[3] = 1.0 - ltv_ratio / row[MAX_ADVANCE]
    out[4] = 1.0 - tenor_years / row[MAX_TENOR]
    out[5] = cover[LLCR] / row[FLOOR_LLCR] - 1.0
    out[6] = cover[ICR] / row[FLOOR_ICR] - 1.0
    out[7] = 0.0 if row[ALLOWED + kind] > 0.0 else -1.0
    out[8] = 0.0 if wrapped or row[WRAP_REQUIRED] == 0.0 else -1.0


@njit(cache=True, nogil=True)
def fill_verdict(
    rows: Floats,
    cover: Floats,
    ltv_ratio: float,
    tenor_years: float,
    kind: int,
    wrapped: bool,
    tenant_cap_notch: int,
    minimum_notch: int,
    near_miss_ratio: float,
    headrooms: Floats,
    out: Floats,
) -> None:
    """Rating, Gate B verdict and what decided it into `out`; `headrooms` is scratch of CRITERION_COUNT + 1.

    The judged row is the one achieved, or, below the minimum rating, the row that fails fewest criteria.
    """
    achieved = -1
    closest, fewest = -1, CRITERION_COUNT + 1
    for r in range(rows.shape[0]):
        fill_headrooms(rows[r], cover, ltv_ratio, tenor_years, kind, wrapped, headrooms)
        failed = 0
        for c in range(1, TENANT_CAP):
            if headrooms[c] < -TOLERANCE:
                failed += 1
        if failed == 0:
            achieved = r
            break
        if rows[r, NOTCH] <= minimum_notch and failed <= fewest:
            closest, fewest = r, failed
    rating = NOT_RATED
    if achieved >= 0:
        cap = tenant_cap_notch
        if wrapped:
            cap = min(cap, int(rows[achieved, INSURER_NOTCH]))
        rating = max(int(rows[achieved, NOTCH]), cap)
    out[RATING] = rating
    out[PASSED] = 1.0 if rating <= minimum_notch else 0.0
    judged = achieved if achieved >= 0 and rows[achieved, NOTCH] <= minimum_notch else closest
    out[JUDGED_ROW] = judged
    fill_headrooms(rows[judged], cover, ltv_ratio, tenor_years, kind, wrapped, headrooms)
    _fill_binding(headrooms, rating <= minimum_notch, fewest, near_miss_ratio, out)


@njit(cache=True, nogil=True)
def _fill_binding(headrooms: Floats, passed: bool, failed: int, near_miss_ratio: float, out: Floats) -> None:
    first, binding, least = 0, 0, np.inf
    for c in range(1, TENANT_CAP):
        if headrooms[c] < -TOLERANCE and first == 0:
            first = c
        # A satisfied yes-or-no criterion leaves nothing to bind; among equals up to rounding the first binds.
        if headrooms[c] < least - TOLERANCE and (c < 7 or headrooms[c] < 0.0):
            binding, least = c, headrooms[c]
    if not passed and first == 0:
        first, binding, least = TENANT_CAP, TENANT_CAP, -1.0
    out[FIRST_FAILED] = 0.0 if passed else first
    out[BINDING] = binding
    out[BINDING_HEADROOM] = least
    narrow = least >= -near_miss_ratio - TOLERANCE
    out[NEAR_MISS] = 1.0 if not passed and first != TENANT_CAP and failed == 1 and narrow else 0.0
