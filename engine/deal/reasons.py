"""Why a financing stops: one catalogue of reasons, and the words and numbers of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.ratings.criteria import CRITERIA

# Where an integer column has no value.
NOT_COMPUTED = -1
STOPPED_AT_A, STOPPED_AT_B, PASSED_BOTH = range(3)
GATES: dict[int, str] = {
    STOPPED_AT_A: "Stopped at Gate A",
    STOPPED_AT_B: "Stopped at Gate B",
    PASSED_BOTH: "Passed",
}
TENOR_EXCEEDS, MEZZ_DSCR_HIGH, COUPON_OFF, NO_CAPACITY, UNCOVERED, NAKED_SWAP = range(1, 7)
# A failed criterion's reason is this much above its number: the first nine, and those that came later.
GATE_B_REASON, LATER_GATE_B_REASON, FIRST_LATER = 10, 30, 10
HARD_FILTER, MATH_ERROR = 20, 30


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its number in results, its name, the check it fails in words and by code, the rule cell behind it."""

    code: int
    name: str
    label: str
    check: str = ""
    cell: str = ""


_GATE_B = (
    ("DSCR_MINIMUM_BELOW_FLOOR", "dscr_minimum"),
    ("DSCR_AVERAGE_BELOW_FLOOR", "dscr_average"),
    ("ADVANCE_FACTOR_BREACH", "max_advance_ratio"),
    ("RATING_TENOR_EXCEEDED", "max_tenor_years"),
    ("LLCR_BELOW_FLOOR", "llcr"),
    ("ICR_BELOW_FLOOR", "icr"),
    ("AMORTISATION_NOT_ALLOWED", "amortisations"),
    ("WRAP_REQUIRED", "wrap_required"),
    ("TENANT_RATING_CAP", "tenant_cap_notches"),
    ("ARD_TOO_LATE", "max_ard_years"),
    ("BALLOON_TOO_LARGE", "max_balloon_ratio"),
    ("AMORTISATION_TOO_SLOW", "min_annual_amortisation_ratio"),
    ("PLCR_BELOW_FLOOR", "ard_plcr"),
    ("BALLOON_ABOVE_ADVANCE", "max_advance_ratio"),
    ("NOT_REPAID_BY_LEGAL_FINAL", "lease_tail_years"),
    ("REFINANCING_SHORT", ""),
    ("RATING_STRESS_FAILED", "stressed_dscr"),
    ("TOTAL_ADVANCE_EXCEEDED", "max_total_advance_ratio"),
    ("TOTAL_DSCR_BELOW_FLOOR", "min_total_dscr"),
    ("COUPON_INSIDE_MARKET", ""),
    ("MEZZ_COUPON_INSIDE_MARKET", ""),
)


def gate_b_reason(criterion: int) -> int:
    """The reason's number in results of a criterion's number."""
    return criterion + (GATE_B_REASON if criterion < FIRST_LATER else LATER_GATE_B_REASON)


# By criterion, for kernels; 0 is none.
GATE_B_CODES: tuple[int, ...] = (0, *(gate_b_reason(n) for n in CRITERIA))


GATE_A: dict[int, Reason] = {
    r.code: r
    for r in (
        Reason(
            TENOR_EXCEEDS, "TENOR_EXCEEDS_LIMIT", "Tenor within the lease less its tail", "tenor", "lease_tail_years"
        ),
        Reason(MEZZ_DSCR_HIGH, "MEZZ_DSCR_NOT_BELOW_SENIOR", "Mezzanine DSCR below senior", "mezz_dscr"),
        Reason(COUPON_OFF, "COUPON_OUT_OF_MARKET", "Mezzanine coupon above senior", "mezz_coupon"),
        Reason(NO_CAPACITY, "NO_DEBT_CAPACITY", "Debt capacity above nil", "capacity"),
        Reason(UNCOVERED, "INSUFFICIENT_CAPITAL", "Capex coverage", "coverage", "capex_coverage_min_ratio"),
        Reason(NAKED_SWAP, "SWAP_WITHOUT_INDEXED_RENT", "Inflation swap on rent that follows CPI", "naked_swap"),
    )
}
GATE_B: dict[int, Reason] = {
    gate_b_reason(n): Reason(gate_b_reason(n), name, CRITERIA[n], f"criterion_{n}", cell)
    for n, (name, cell) in enumerate(_GATE_B, start=1)
}
_OTHERS = (
    Reason(HARD_FILTER, "HARD_FILTER", "The run's own limits"),
    Reason(MATH_ERROR, "MATH_ERROR", "No finite result"),
)
CATALOGUE: dict[int, Reason] = GATE_A | GATE_B | {r.code: r for r in _OTHERS}
REASONS: dict[int, str] = {0: "None", **{code: reason.name for code, reason in CATALOGUE.items()}}


def is_alive(gate: Any, near_miss: Any) -> Any:
    """True where a financing passed both gates or nearly did; of numbers or columns of them."""
    return (gate == PASSED_BOTH) | (near_miss == 1)
