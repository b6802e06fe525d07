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
TENOR_EXCEEDS, MEZZ_DSCR_HIGH, COUPON_OFF, NO_CAPACITY, UNCOVERED = range(1, 6)
# A failed criterion's reason is this much above its number.
GATE_B_REASON = 10
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
)
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
    )
}
GATE_B: dict[int, Reason] = {
    GATE_B_REASON + n: Reason(GATE_B_REASON + n, name, CRITERIA[n], f"criterion_{n}", cell)
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
