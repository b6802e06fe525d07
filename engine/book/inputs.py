"""The inputs of the book by name: the project's, the market's, the levers of one structure, and a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.basics.fields import lookup
from engine.book.algebra import Expr, cell, is_blank, when
from engine.book.quotes import NO_QUOTES, Quotes
from engine.project import CAPEX_LINES, FIELDS, ProjectInputs
from engine.ratings.criteria import RuleSet
from engine.terms import StructuringTerms

_DEFAULTS = {spec.path: spec.default for spec in FIELDS}
SIDES = ("internal", "market")
# Left empty, the project's own figure stands, or there is no limit.
OPTIONAL_LEVERS = (
    "rent_per_kw_month", "opex_ratio", "pue", "indexation", "cpi_floor_rate", "cpi_cap_rate", "wrap", "over_raise_ratio",
    "mezz_tenor_years",
)  # fmt: skip
# Levers, and a scenario's figure, of these names stand beside the project's own.
_SHADOWED = {*OPTIONAL_LEVERS, "months", "relet_ratio"}
PROJECT_FIELDS = (
    "power.gross_facility_mw", "power.pue", "power.utilisation_ratio", "revenue.rent_basis", "revenue.rent_amount", "revenue.occupancy_ratio",
    "revenue.lease_type", "revenue.opex_ratio", "revenue.electricity_price_per_mwh",
    "revenue.electricity_escalation_rate", "revenue.asset_management_fee_rate",
    "revenue.replacement_reserve_per_kw_amount", "lease.term_years",
    "lease.indexation", "lease.indexation_lag_months", "lease.indexation_spread_rate", "lease.cpi_floor_rate",
    "lease.cpi_cap_rate", "lease.fixed_indexation_rate", "lease.review_years", "lease.relet_ratio", "lease.relet_void_months", "lease.relet_years", "construction.months", "construction.senior_cover",
    "construction.senior_cover_months", "construction.mezz_cover", "construction.mezz_cover_months",
    "construction.draw_profile", "construction.debt_form", "construction.escrow_rate",
    "credit.insurance_premium_bps", "valuation.appraisal_amount",
)  # fmt: skip
TERMS = (
    "base_cpi_rate", "capitalisation_rate", "agency_haircut_ratio", "discount_rate", "structuring_fee_rate",
    "structuring_fee_fixed_amount", "zcis_breakeven_5y_rate", "zcis_breakeven_10y_rate", "zcis_dealer_spread_bps",
    "zcis_hedged_ratio", "trs_financing_rate", "trs_spread_bps", "trs_haircut_ratio", "balloon_mode",
    "balloon_ratio", "sweep_ratio",
    "refinance_spread_bps", "step_up_bps", "lock_up_window_months", "ard_trap_window_months", "unfixed_ratio",
    "stress_relet_months", "stress_relet_ratio",
)  # fmt: skip
RULES = (
    "lease_tail_years", "max_gearing_ratio", "gearing_basis", "max_mezz_share_of_gap", "max_total_advance_ratio",
    "underwritten_cash_ratio", "value_haircut_ratio", "relet_allowed", "max_relet_ratio",
)  # fmt: skip
# What all debt may be over the haircut value at the mezzanine's indicated rating.
MEZZ_ADVANCE = "mezz_advance_limit"
SHARED_COSTS = {
    "land_purchase": "Land purchase", "grid_connection": "Grid connection", "stamp_duty": "Stamp duty",
    "development_fee": "Development fee", "management_fee": "Management fee",
}  # fmt: skip
# Scenario 0 is the one entered here: as it stands, the base case. From 1 on they are those of the ratings.
BASE_CASE: dict[str, Any] = {
    "rating_scenario": 0.0, "scenario_cpi_rate": None, "scenario_shift_bps": 0.0, "scenario_default_ratio": 0.0,
}  # fmt: skip
# What a scenario of the ratings says; its floor comes with the rating's criteria.
STRESS_PARTS = ("rating", "cpi_rate", "rate_shift_bps", "default_ratio", "relet_months", "relet_ratio")
# A book has at least so many steps of lock-up; those not used are nil.
LOCK_UP_STEPS = 4


def input_name(path: str) -> str:
    """The book's name of a field of the project."""
    leaf = path.rpartition(".")[2]
    return f"project_{leaf}" if leaf in _SHADOWED else leaf


def lever(name: str) -> Expr:
    """A lever where one is entered, else the project's own figure."""
    return when(is_blank(cell(name)), cell(f"project_{name}"), cell(name))


def given(
    inputs: ProjectInputs,
    terms: StructuringTerms,
    rules: RuleSet,
    levers: Mapping[str, Any],
    quotes: Quotes = NO_QUOTES,
) -> dict[str, Any]:
    """Every input by name, the scenario being the base case; None where nothing is entered."""
    return {
        **_project(inputs), **_terms(terms), **_rules(rules, inputs.country), **quotes.given(),
        MEZZ_ADVANCE: rules.total_advance_limit(inputs.country, quotes.mezz_notch),
        **dict.fromkeys(OPTIONAL_LEVERS), **levers, **BASE_CASE,
    }  # fmt: skip


def lock_up_names(steps: int) -> tuple[tuple[str, str], ...]:
    """The inputs of each step: its threshold, and the share trapped below it."""
    return tuple((f"lock_up_level_{n}", f"lock_up_share_{n}") for n in range(1, steps + 1))


def ard_names(steps: int) -> tuple[tuple[str, str], ...]:
    """As the lock-up's, for notes with an anticipated repayment date."""
    return tuple((f"ard_trap_level_{n}", f"ard_trap_share_{n}") for n in range(1, steps + 1))


def step_count(terms: StructuringTerms) -> int:
    """How many steps of lock-up a book of these terms has."""
    return max(LOCK_UP_STEPS, len(terms.lock_up_steps), len(terms.ard_trap_steps))


def stress_name(number: int, part: str) -> str:
    """The input of one scenario of the ratings, the first being 1."""
    return f"stress_{number}_{part}"


def _project(inputs: ProjectInputs) -> dict[str, Any]:
    entered, land, fees = inputs.to_dict(), inputs.land, inputs.fees
    found = {input_name(path): _plain(_told(entered, path)) for path in PROJECT_FIELDS}
    for side in SIDES:
        amounts = lookup(entered, f"capex.{side}.lines") or {}
        found |= {f"{side}_{code}": float(amounts.get(code, 0.0)) for code in CAPEX_LINES}
        for part in ("construction_fee_rate", "contingency_rate"):
            found[f"{side}_{part}"] = lookup(entered, f"capex.{side}.{part}") or 0.0
    shared = (land.purchase_amount, land.grid_amount, land.stamp_duty_amount, fees.development_amount,
              fees.management_amount)  # fmt: skip
    return {
        **found, "project_months": float(inputs.construction.months_from_close),
        "gap_months": float(inputs.construction.gap_months), **dict(zip(SHARED_COSTS, shared, strict=True)), "fx_rate": inputs.fx_rate or 1.0,
        "project_wrap": "senior" if inputs.credit.insurance_wrap else "none",
    }  # fmt: skip


def _told(entered: Mapping[str, Any], path: str) -> Any:
    """What is entered, else the field's default: the canonical dict leaves out some that are at it."""
    value = lookup(entered, path)
    return _DEFAULTS[path] if value is None else value


def _terms(terms: StructuringTerms) -> dict[str, Any]:
    found = {name: _plain(getattr(terms, name)) for name in TERMS}
    count = step_count(terms)
    for names, steps in ((lock_up_names(count), terms.lock_up_steps), (ard_names(count), terms.ard_trap_steps)):
        padded = [*steps, *[(0.0, 0.0)] * count][:count]
        found |= {
            name: part for pair, step in zip(names, padded, strict=True) for name, part in zip(pair, step, strict=True)
        }
    return found


def _rules(rules: RuleSet, country: str) -> dict[str, Any]:
    """General limits, and each scenario that ratings must survive with the floor of its rating."""
    found = {name: _plain(getattr(rules, name)) for name in RULES}
    floors = {row.rating: row.stressed_dscr for row in rules.rows_for(country)}
    for number, stress in enumerate(rules.rating_stresses, 1):
        parts = {part: _plain(getattr(stress, part)) for part in STRESS_PARTS} | {
            "floor": floors.get(stress.rating, 0.0)
        }
        found |= {stress_name(number, part): value for part, value in parts.items()}
    return found


def _plain(value: Any) -> Any:
    return (
        value if value is None or isinstance(value, float) else str(value) if isinstance(value, str) else float(value)
    )


def capex_lines(side: str) -> tuple[Expr, ...]:
    """The cost lines of one side."""
    return tuple(cell(f"{side}_{code}") for code in CAPEX_LINES)
