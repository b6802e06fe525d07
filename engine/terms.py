"""Market and structuring assumptions of a run, with the model book's defaults.

Rates are fractions a year. None of these is buried in a formula: a run's configuration carries them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, NamedTuple

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem


class BalloonMode(StrEnum):
    """What happens to a balloon at the anticipated repayment date."""

    REFINANCE = "refinance"
    SWEEP = "sweep"


class Objective(StrEnum):
    """What the ranking puts first."""

    DAY_ONE_VALUE = "day_one_value"
    SENIOR_RAISE = "senior_raise"
    WACC = "wacc"
    EQUITY_IRR = "equity_irr"
    COMPOSITE = "composite"


_N, _I, _C = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.CHOICE
_LIST = FieldKind.NUMBERS

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("base_cpi_rate", "Base CPI", _N, "rate", 0.025, minimum=-0.05, maximum=0.2),
    FieldSpec("capitalisation_rate", "Capitalisation rate", _N, "rate", 0.06, minimum=0.01, maximum=0.3),
    FieldSpec("agency_haircut_ratio", "Value haircut (house assumption)", _N, "share", 0.21, minimum=0, maximum=0.9),
    FieldSpec("discount_rate", "NPV discount rate", _N, "rate", 0.08, minimum=0, maximum=1),
    FieldSpec("structuring_fee_rate", "Structuring fees", _N, "share", 0.0165, minimum=0, maximum=0.1,
              help="Share of senior and mezzanine proceeds: arranger 1.25%, legal 0.25%, rating 0.15%."),
    FieldSpec("structuring_fee_fixed_amount", "Structuring fees, fixed", _N, "amount", 0.0, minimum=0, maximum=1e12),
    FieldSpec("zcis_breakeven_5y_rate", "Breakeven inflation, 5Y", _N, "rate", 0.026, minimum=-0.05, maximum=0.2),
    FieldSpec("zcis_breakeven_10y_rate", "Breakeven inflation, 10Y", _N, "rate", 0.0255, minimum=-0.05, maximum=0.2),
    FieldSpec("zcis_dealer_spread_bps", "Dealer spread on the inflation swap", _N, "bps", 15.0, minimum=0, maximum=500),
    FieldSpec("zcis_hedged_ratio", "Hedged share of NOI", _N, "share", 1.0, minimum=0, maximum=1),
    FieldSpec("trs_financing_rate", "TRS financing rate", _N, "rate", 0.0425, minimum=-0.02, maximum=0.3),
    FieldSpec("trs_spread_bps", "TRS spread", _N, "bps", 150.0, minimum=0, maximum=2000),
    FieldSpec("trs_haircut_ratio", "TRS initial margin", _N, "share", 0.10, minimum=0, maximum=1),
    FieldSpec("balloon_mode", "Balloon at maturity", _C, choices=tuple(BalloonMode),
              default=BalloonMode.SWEEP.value),
    FieldSpec("balloon_ratio", "Balloon of a partial amortisation", _N, "share", 0.5, minimum=0, maximum=1,
              help="Share of the notes that its level payments leave at maturity."),
    FieldSpec("sweep_ratio", "Cash swept to senior", _N, "share", 0.5, minimum=0, maximum=1,
              help="Share of the cash left behind both tranches that repays senior notes with a cash sweep early."),
    FieldSpec("refinance_spread_bps", "Refinance spread", _N, "bps", 100.0, minimum=0, maximum=2000),
    FieldSpec("step_up_bps", "Coupon step-up after the ARD", _N, "bps", 200.0, minimum=0, maximum=2000),
    FieldSpec("lock_up_steps", "Lock-up steps", FieldKind.PAIRS, "times", ((1.10, 1.0),), minimum=0, maximum=5,
              help="Pairs of a DSCR threshold and the share of residual cash trapped below it."),
    FieldSpec("lock_up_window_months", "Lock-up test window", _I, "months", 12, minimum=1, maximum=24),
    FieldSpec("ard_trap_steps", "Cash trap of notes with an ARD", FieldKind.PAIRS, "times", ((1.35, 1.0),), minimum=0,
              maximum=5, help="As the lock-up steps, for interest-only notes."),
    FieldSpec("ard_trap_window_months", "Cash trap test window, ARD notes", _I, "months", 3, minimum=1, maximum=24),
    FieldSpec("minimum_rating", "Minimum rating", _C, choices=("AAA", "AA", "A", "A-", "BBB", "BBB-", "BB"), default="BBB"),
    FieldSpec("near_miss_ratio", "Near miss within", _N, "share", 0.05, minimum=0, maximum=0.5),
    FieldSpec("stress_cpi_rates", "CPI stresses", _LIST, "rate", (0.0, 0.018, 0.025), minimum=-0.05, maximum=0.2),
    FieldSpec("swap_stress_cpi_rates", "CPI stresses with an inflation swap", _LIST, "rate", (0.05, 0.08), minimum=-0.05,
              maximum=0.2, help="Added to the grid wherever a structure carries an inflation swap."),
    FieldSpec("stress_rate_shifts_bps", "Rate shocks", _LIST, "bps", (100.0, 200.0), minimum=-500, maximum=1000),
    FieldSpec("stress_default_ratios", "Tenant default stresses", _LIST, "share", (0.05, 0.10), minimum=0, maximum=1),
    FieldSpec("stress_relet_months", "Months to re-let", _I, "months", 12, minimum=0, maximum=60),
    FieldSpec("stress_relet_ratio", "Rent on re-letting", _N, "share", 0.9, minimum=0, maximum=1.5),
    FieldSpec("unfixed_ratio", "Floating or unfixed share of debt", _N, "share", 0.0, minimum=0, maximum=1,
              help="0: coupons are fixed at close, and a shift moves refinancing and the total return swap only."),
    FieldSpec("score_day_one_weight", "Score weight, day-one value", _N, "share", 0.40, minimum=0, maximum=1),
    FieldSpec("score_stability_weight", "Score weight, DSCR stability", _N, "share", 0.30, minimum=0, maximum=1),
    FieldSpec("score_rating_weight", "Score weight, rating", _N, "share", 0.20, minimum=0, maximum=1),
    FieldSpec("score_simplicity_weight", "Score weight, simplicity", _N, "share", 0.10, minimum=0, maximum=1),
    FieldSpec("tier_shares", "Tier shares", _LIST, "share", (0.01, 0.05, 0.15), minimum=0, maximum=1,
              help="Diamond, Gold and Silver: top share of the whole evaluated space; what else passes is Bronze."),
    FieldSpec("objective", "Ranking objective", _C, choices=tuple(Objective), default=Objective.DAY_ONE_VALUE.value),
    FieldSpec("composite_weights", "Composite weights", _LIST, "share", (0.35, 0.25, 0.20, 0.10, 0.10), minimum=0,
              maximum=1, help="Senior raise, WACC, day-one value, DSCR, rating."),
)  # fmt: skip

# Left out where they are at their defaults, so that what was stored before there were any keeps its name.
LATER = {"balloon_ratio": 0.5, "sweep_ratio": 0.5}


class CashTrap(NamedTuple):
    """Thresholds of the trailing DSCR, each with the share of residual cash it traps, and the months trailed."""

    steps: tuple[tuple[float, float], ...]
    window_months: int


@dataclass(frozen=True, slots=True)
class StructuringTerms:
    """The assumptions a run was made under, lock-up steps highest first; build from a mapping with `from_dict`."""

    base_cpi_rate: float
    capitalisation_rate: float
    agency_haircut_ratio: float
    discount_rate: float
    structuring_fee_rate: float
    structuring_fee_fixed_amount: float
    zcis_breakeven_5y_rate: float
    zcis_breakeven_10y_rate: float
    zcis_dealer_spread_bps: float
    zcis_hedged_ratio: float
    trs_financing_rate: float
    trs_spread_bps: float
    trs_haircut_ratio: float
    balloon_mode: str
    balloon_ratio: float
    sweep_ratio: float
    refinance_spread_bps: float
    step_up_bps: float
    lock_up_steps: tuple[tuple[float, float], ...]
    lock_up_window_months: int
    ard_trap_steps: tuple[tuple[float, float], ...]
    ard_trap_window_months: int
    minimum_rating: str
    near_miss_ratio: float
    stress_cpi_rates: tuple[float, ...]
    swap_stress_cpi_rates: tuple[float, ...]
    stress_rate_shifts_bps: tuple[float, ...]
    stress_default_ratios: tuple[float, ...]
    stress_relet_months: int
    stress_relet_ratio: float
    unfixed_ratio: float
    score_day_one_weight: float
    score_stability_weight: float
    score_rating_weight: float
    score_simplicity_weight: float
    tier_shares: tuple[float, ...]
    objective: str
    composite_weights: tuple[float, ...]

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any] | None = None) -> StructuringTerms:
        """Terms with the model book's defaults for whatever is not given; raises InputProblems."""
        reader = Reader(FIELDS, _without_bronze(payload or {}))
        values = reader.read()
        if not reader.problems:
            reader.problems.extend(_cross_checks(values))
        if reader.problems:
            raise InputProblems(reader.problems)
        for name in ("lock_up_steps", "ard_trap_steps"):
            values[name] = tuple(sorted(values[name], reverse=True))
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        found = {f.name: _listed(getattr(self, f.name)) for f in fields(self)}
        return {name: value for name, value in found.items() if name not in LATER or value != LATER[name]}

    def cash_trap(self, *, ard: bool) -> CashTrap:
        """What traps cash behind senior debt; a note with an ARD has its own."""
        if ard:
            return CashTrap(self.ard_trap_steps, self.ard_trap_window_months)
        return CashTrap(self.lock_up_steps, self.lock_up_window_months)

    def zcis_rate(self, tenor_years: float) -> float:
        """Fixed rate received on the inflation swap: breakeven less the dealer's spread; 5Y-10Y interpolated."""
        share = min(max((tenor_years - 5.0) / 5.0, 0.0), 1.0)
        breakeven = self.zcis_breakeven_5y_rate * (1.0 - share) + self.zcis_breakeven_10y_rate * share
        return breakeven - self.zcis_dealer_spread_bps / 1e4


def _without_bronze(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The terms as they are asked for now: a fourth tier share, of Bronze, was once kept and never read."""
    shares = payload.get("tier_shares")
    return (
        {**payload, "tier_shares": list(shares[:3])}
        if isinstance(shares, (list, tuple)) and len(shares) == 4
        else payload
    )


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _cross_checks(values: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if list(values["tier_shares"]) != sorted(values["tier_shares"]) or len(values["tier_shares"]) != 3:
        message = "Tier shares: expected three rising shares, Diamond first."
        problems.append(Problem("tier_shares", "tier_shares", message))
    if len(values["composite_weights"]) != 5 or sum(values["composite_weights"]) <= 0:
        message = "Composite weights: expected five weights with a sum above 0."
        problems.append(Problem("composite_weights", "composite_weights", message))
    weights = [v for k, v in values.items() if k.startswith("score_")]
    if abs(sum(weights) - 1.0) > 1e-9:
        message = f"Score weights: expected a sum of 100%, got {sum(weights):.2%}."
        problems.append(Problem("score_weights", "score_day_one_weight", message))
    for name, label in (("lock_up_steps", "Lock-up steps"), ("ard_trap_steps", "Cash trap of notes with an ARD")):
        if len({level for level, _ in values[name]}) != len(values[name]):
            problems.append(Problem(name, name, f"{label}: each threshold may stand once."))
    return problems
