"""Each criterion's headroom, and the rating that passes them all.

Headroom is relative to the limit: (value - floor)/floor or (cap - value)/cap; below zero is a failure. Criteria
that are yes or no have headroom 0 or -1; one that is not read for a structure has none (infinite), and never binds.
Source: model book sections 5, 8 and 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.lanes import any_of, each, pick, put, take, width_of
from engine.debt.kinds import AMORTISATIONS, INTEREST_ONLY
from engine.measures.cover import ARD_PLCR, DSCR_AVERAGE, DSCR_MINIMUM, ICR, LLCR
from engine.ratings.criteria import CRITERIA, CriteriaRow
from engine.ratings.scale import NOT_RATED, notch_of

Floats = NDArray[np.float64]

CRITERION_COUNT = len(CRITERIA)
TENANT_CAP = 9
# Criteria of a rating's row; those after it are asked of every structure, whatever its rating.
(
    ALLOWED_KIND, WRAPPED, ARD_YEARS, BALLOON_SHARE, AMORTISED, PLCR_AT_ARD, BALLOON_TO_VALUE, REPAID, REFINANCED, STRESS,
    TOTAL_ADVANCE, TOTAL_DSCR, SENIOR_COUPON, MEZZ_COUPON,
) = (7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)  # fmt: skip
LAST_OF_ROW = STRESS
YES_OR_NO = (ALLOWED_KIND, WRAPPED, TENANT_CAP, REPAID)
# Relative slack that absorbs rounding where a lever sits exactly on a floor.
TOLERANCE = 1e-9
# Layout of one packed row of criteria.
(
    NOTCH, FLOOR_MINIMUM, FLOOR_AVERAGE, MAX_ADVANCE, MAX_TENOR, FLOOR_LLCR, FLOOR_ICR, WRAP_REQUIRED, WRAP_RELIEF,
    INSURER_NOTCH, FLOOR_STRESSED, MAX_ARD, MAX_BALLOON, LEAST_AMORTISATION, FLOOR_ARD_PLCR, MAX_TOTAL_ADVANCE, ALLOWED,
) = range(17)  # fmt: skip
ROW_SIZE = ALLOWED + len(AMORTISATIONS)
# Positions in the array `fill_verdict` fills.
RATING, PASSED, NEAR_MISS, FIRST_FAILED, BINDING, BINDING_HEADROOM, JUDGED_ROW, FAILED_COUNT = range(8)
VERDICT_SIZE = 8


class Facts(NamedTuple):
    """What the criteria read of a senior structure beside its cover; ratios of amounts, infinite where not read."""

    kind: int
    wrapped: bool
    ltv_ratio: float
    tenor_years: float
    balloon_ratio: float
    amortised_ratio: float
    balloon_value_ratio: float
    refinance_cover: float
    repaid: bool


def packed_rows(rows: tuple[CriteriaRow, ...]) -> Floats:
    """Criteria as one array (rows, ROW_SIZE), best rating first."""
    return np.array([_packed(row) for row in rows], dtype=np.float64)


def _packed(row: CriteriaRow) -> list[float]:
    allowed = [float(kind in row.amortisations) for kind in AMORTISATIONS]
    return [
        row.notch, row.dscr_minimum, row.dscr_average, row.max_advance_ratio, row.max_tenor_years, row.llcr, row.icr,
        float(row.wrap_required), row.wrap_dscr_relief, notch_of(row.wrap_insurer_rating), row.stressed_dscr,
        row.max_ard_years, row.max_balloon_ratio, row.min_annual_amortisation_ratio, row.ard_plcr,
        row.max_total_advance_ratio, *allowed,
    ]  # fmt: skip


@njit(cache=True, nogil=True)
def floor_headroom(value: float, floor: float) -> float:
    """Headroom over a floor, of one value or of lanes; none to read where the floor is nil."""
    return value / floor - 1.0 if floor > 0.0 else each(np.inf, value)


@njit(cache=True, nogil=True)
def cap_headroom(value: float, cap: float) -> float:
    """Headroom below a cap; a cap of nil allows nothing."""
    if cap > 0.0:
        return 1.0 - value / cap
    return 0.0 if value <= 0.0 else -1.0


@njit(cache=True, nogil=True)
def fill_headrooms(row: Floats, cover: Floats, facts: Facts, stress: float, out: Floats) -> None:
    """Headroom of one row's criteria into `out` by criterion; `stress` is that of the rating's scenarios.

    With a refinancing cover in lanes, `cover` is that of as many scenarios and so is `out`.
    """
    like = facts.refinance_cover
    width = width_of(like)
    relief = row[WRAP_RELIEF] if facts.wrapped else 0.0
    waits = facts.kind == INTEREST_ONLY
    balloons = waits or facts.balloon_ratio > 0.0
    none, repaid_by = each(np.inf, like), each(np.inf, like)
    if not balloons:
        # Cash to an ARD never repays a balloon: the balloon's own tests stand in the place of the loan-life cover.
        repaid_by = floor_headroom(take(cover, LLCR * width, like), row[FLOOR_LLCR])
    at_ard = floor_headroom(take(cover, ARD_PLCR * width, like), row[FLOOR_ARD_PLCR]) if balloons else none
    to_value = cap_headroom(facts.balloon_value_ratio, row[MAX_ADVANCE]) if balloons else np.inf
    put(out, 1 * width, floor_headroom(take(cover, DSCR_MINIMUM * width, like), row[FLOOR_MINIMUM] - relief))
    put(out, 2 * width, floor_headroom(take(cover, DSCR_AVERAGE * width, like), row[FLOOR_AVERAGE] - relief))
    put(out, 3 * width, each(cap_headroom(facts.ltv_ratio, row[MAX_ADVANCE]), like))
    put(out, 4 * width, each(cap_headroom(facts.tenor_years, row[MAX_TENOR]), like))
    put(out, 5 * width, repaid_by)
    put(out, 6 * width, floor_headroom(take(cover, ICR * width, like), row[FLOOR_ICR]))
    put(out, ALLOWED_KIND * width, each(0.0 if row[ALLOWED + facts.kind] > 0.0 else -1.0, like))
    put(out, WRAPPED * width, each(0.0 if facts.wrapped or row[WRAP_REQUIRED] == 0.0 else -1.0, like))
    put(out, TENANT_CAP * width, none)
    put(out, ARD_YEARS * width, each(cap_headroom(facts.tenor_years, row[MAX_ARD]) if waits else np.inf, like))
    put(out, BALLOON_SHARE * width, each(cap_headroom(facts.balloon_ratio, row[MAX_BALLOON]), like))
    put(out, AMORTISED * width, each(floor_headroom(facts.amortised_ratio, row[LEAST_AMORTISATION]), like))
    put(out, PLCR_AT_ARD * width, at_ard)
    put(out, BALLOON_TO_VALUE * width, each(to_value, like))
    put(out, REPAID * width, each(0.0 if facts.repaid else -1.0, like))
    put(out, REFINANCED * width, floor_headroom(facts.refinance_cover, 1.0))
    put(out, STRESS * width, each(stress, like))


@njit(cache=True, nogil=True)
def capped_notch(row: Floats, wrapped: bool, tenant_cap_notch: int) -> int:
    """The notch of a row that holds, no better than the tenant's, nor a wrap's than its insurer's."""
    cap = min(tenant_cap_notch, int(row[INSURER_NOTCH])) if wrapped else tenant_cap_notch
    return max(int(row[NOTCH]), cap)


@njit(cache=True, nogil=True)
def indicated_notch(rows: Floats, cover: Floats, facts: Facts, tenant_cap_notch: int, headrooms: Floats) -> float:
    """Notch of the best row all of whose criteria hold, its scenarios left out; in lanes: of as many scenarios."""
    like = facts.refinance_cover
    width, notch, is_open = width_of(like), each(float(NOT_RATED), like), each(1.0, like)
    for r in range(rows.shape[0]):
        fill_headrooms(rows[r], cover, facts, np.inf, headrooms)
        least = each(np.inf, like)
        for c in range(1, LAST_OF_ROW + 1):
            least = min(least, take(headrooms, c * width, like))
        holds = least >= -TOLERANCE
        notch = pick(
            holds & (is_open > 0.0), each(float(capped_notch(rows[r], facts.wrapped, tenant_cap_notch)), like), notch
        )
        is_open = pick(holds, each(0.0, like), is_open)
        if not any_of(is_open > 0.0):
            break
    return notch


@njit(cache=True, nogil=True)
def fill_verdict(
    rows: Floats, cover: Floats, facts: Facts, stress: Floats, tenant_cap_notch: int, minimum_notch: int,
    near_miss_ratio: float, headrooms: Floats, out: Floats
) -> None:  # fmt: skip
    """Rating, verdict on the senior structure and what decided it into `out`; `stress` is a headroom a row.

    The judged row is the one achieved, or, below the minimum rating, the row that fails fewest criteria; `headrooms`
    (CRITERION_COUNT + 1) is left as that row's.
    """
    achieved, closest, fewest = -1, -1, CRITERION_COUNT + 1
    for r in range(rows.shape[0]):
        fill_headrooms(rows[r], cover, facts, stress[r], headrooms)
        failed = failed_count(headrooms, LAST_OF_ROW)
        if failed == 0:
            achieved = r
            break
        if rows[r, NOTCH] <= minimum_notch and failed <= fewest:
            closest, fewest = r, failed
    rating = capped_notch(rows[achieved], facts.wrapped, tenant_cap_notch) if achieved >= 0 else NOT_RATED
    judged = achieved if achieved >= 0 and rows[achieved, NOTCH] <= minimum_notch else closest
    fill_headrooms(rows[judged], cover, facts, stress[judged], headrooms)
    if judged == achieved and rating > minimum_notch:
        headrooms[TENANT_CAP] = -1.0
    out[RATING], out[JUDGED_ROW] = rating, judged
    fill_outcome(headrooms, LAST_OF_ROW, rating <= minimum_notch, near_miss_ratio, out)


@njit(cache=True, nogil=True)
def failed_count(headrooms: Floats, last: int) -> int:
    """How many of the criteria 1..last fail."""
    failed = 0
    for c in range(1, last + 1):
        if headrooms[c] < -TOLERANCE:
            failed += 1
    return failed


@njit(cache=True, nogil=True)
def fill_outcome(headrooms: Floats, last: int, rated: bool, near_miss_ratio: float, out: Floats) -> None:
    """Pass, near miss, first failure and binding criterion of 1..last; `rated`: the rating is one the run accepts."""
    first, binding, least = 0, 0, np.inf
    for c in range(1, last + 1):
        if headrooms[c] < -TOLERANCE and first == 0:
            first = c
        yes_or_no = c in YES_OR_NO
        # A satisfied yes-or-no criterion leaves nothing to bind; among equals up to rounding the first binds.
        if headrooms[c] < least - TOLERANCE and (not yes_or_no or headrooms[c] < 0.0):
            binding, least = c, headrooms[c]
    passed = rated and first == 0
    failed = failed_count(headrooms, last)
    out[PASSED], out[FAILED_COUNT] = 1.0 if passed else 0.0, failed
    out[FIRST_FAILED], out[BINDING], out[BINDING_HEADROOM] = first, binding, least
    narrow = least >= -near_miss_ratio - TOLERANCE
    out[NEAR_MISS] = 1.0 if not passed and failed == 1 and narrow else 0.0


@njit(cache=True, nogil=True)
def cumulative_notch(
    rows: Floats, dscr_minimum: float, dscr_average: float, ltv_ratio: float, total_advance_ratio: float,
    senior_notch: int
) -> int:  # fmt: skip
    """Indicated notch of all debt together by the same rows; no better than the senior's.

    Nor better than what the total advance allows a mezzanine of the rating.
    """
    for r in range(rows.shape[0]):
        row = rows[r]
        held = floor_headroom(dscr_minimum, row[FLOOR_MINIMUM]) >= -TOLERANCE
        held = held and floor_headroom(dscr_average, row[FLOOR_AVERAGE]) >= -TOLERANCE
        held = held and cap_headroom(total_advance_ratio, row[MAX_TOTAL_ADVANCE]) >= -TOLERANCE
        if held and cap_headroom(ltv_ratio, row[MAX_ADVANCE]) >= -TOLERANCE:
            return max(int(row[NOTCH]), senior_notch)
    return NOT_RATED


@njit(cache=True, nogil=True)
def advance_row(rows: Floats, mezz_notch: float) -> int:
    """The row whose total advance limits a mezzanine of a notch: its own or the next worse; -1 where there is none."""
    for r in range(rows.shape[0]):
        if rows[r, NOTCH] >= mezz_notch:
            return r
    return -1
