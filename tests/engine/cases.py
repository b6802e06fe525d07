"""Random projects, terms, rules and lever sets, sound by construction and wild within their ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.deal.axes import AXES
from engine.market import MarketSet
from engine.permutations import Case, LeverSet
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms

Draw = np.random.Generator
RATINGS = ("AAA", "AA", "A", "BBB", "BB")


def _pick(draw: Draw, *choices: Any) -> Any:
    return choices[int(draw.integers(len(choices)))]


def _maybe(draw: Draw, share: float, value: Any) -> Any:
    return value if draw.random() < share else None


def _between(draw: Draw, low: float, high: float) -> float:
    return round(float(draw.uniform(low, high)), 4)


def random_inputs(draw: Draw) -> ProjectInputs:
    """A project whose cost is in proportion to its rent, so that some debt structures work and some do not."""
    country, currency = _pick(draw, ("UK", "GBP"), ("EU", "EUR"), ("US", "USD"))
    gross_mw, pue = _between(draw, 10, 100), _between(draw, 1.0, 1.45)
    rent, opex = _between(draw, 60, 180), _between(draw, 0.05, 0.35)
    occupancy = _between(draw, 0.7, 1.0)
    noi = gross_mw / pue * 1000 * rent * 12 * occupancy * (1 - opex)
    cost = noi * _between(draw, 6.0, 11.0)
    months = int(draw.integers(1, 40))
    payload: dict[str, Any] = {
        "country": country,
        "currency": currency,
        "power": {"gross_facility_mw": gross_mw, "pue": pue, "utilisation_ratio": _between(draw, 0.5, 1.0)},
        "revenue": {
            "rent_amount": rent,
            "occupancy_ratio": occupancy,
            "opex_ratio": opex,
            "lease_type": _pick(draw, "triple_net", "triple_net", "gross"),
            "electricity_price_per_mwh": _between(draw, 10, 30),
            "electricity_escalation_rate": _maybe(draw, 0.5, _between(draw, -0.02, 0.05)),
            "asset_management_fee_rate": _between(draw, 0.0, 0.03),
            "replacement_reserve_per_kw_amount": _between(draw, 0.0, 30.0),
        },
        "lease": {
            "term_years": int(draw.integers(10, 31)),
            "indexation": _pick(draw, "cpi", "cpi", "cpi", "cpi", "cpi", "fixed", "none"),
            "indexation_lag_months": int(draw.integers(0, 25)),
            "indexation_spread_rate": _between(draw, -0.005, 0.01),
            "cpi_floor_rate": _maybe(draw, 0.4, _between(draw, -0.01, 0.01)),
            "cpi_cap_rate": _maybe(draw, 0.4, _between(draw, 0.015, 0.04)),
            "fixed_indexation_rate": _between(draw, -0.005, 0.03),
            "review_years": _pick(draw, 1, 1, 5),
        },
        "capex": {
            "internal": {"lines": {"build": cost}, "contingency_rate": _between(draw, 0, 0.1)},
            "market": {"lines": {"build": cost * 1.15}},
        },
        "land": {"purchase_amount": cost * 0.05, "stamp_duty_rate": 0.05},
        "fees": {"management_amount": cost * 0.01},
        "construction": {
            "months": months,
            "senior_cover": _pick(draw, "dsra", "capitalised", "none"),
            "senior_cover_months": _maybe(draw, 0.5, int(draw.integers(0, 45))),
            "mezz_cover": _pick(draw, "dsra", "capitalised", "none"),
            "mezz_cover_months": _maybe(draw, 0.5, int(draw.integers(0, 45))),
            "draw_profile": _pick(draw, "at_close", "straight_line", "s_curve"),
            "debt_form": _pick(draw, "notes", "loan"),
            "escrow_rate": _between(draw, 0.0, 0.05),
        },
        "credit": {
            "tenant_rating": _pick(draw, "AA", "A", "BBB", "BB", "NR"),
            "insurance_wrap": bool(draw.random() < 0.3),
            "insurance_premium_bps": int(draw.integers(0, 60)),
        },
        "valuation": {"appraisal_amount": _maybe(draw, 0.5, cost * _between(draw, 1.0, 1.8))},
    }
    return ProjectInputs.from_dict(payload)


def random_terms(draw: Draw) -> StructuringTerms:
    """Terms away from their defaults."""
    steps = [[_between(draw, 1.05, 1.2), 1.0]]
    if draw.random() < 0.5:
        steps.append([_between(draw, 1.3, 1.6), 0.5])
    payload = {
        "base_cpi_rate": _between(draw, -0.01, 0.04),
        "capitalisation_rate": _between(draw, 0.045, 0.08),
        "zcis_breakeven_5y_rate": _between(draw, 0.0, 0.04),
        "zcis_breakeven_10y_rate": _between(draw, 0.0, 0.04),
        "zcis_hedged_ratio": _between(draw, 0.0, 1.0),
        "trs_financing_rate": _between(draw, 0.02, 0.09),
        "balloon_mode": _pick(draw, "refinance", "sweep"),
        "refinance_spread_bps": _between(draw, 0, 200),
        "step_up_bps": _between(draw, 0, 300),
        "ard_trap_steps": [[_between(draw, 1.1, 1.5), 1.0], [1.6, 0.5]][: int(draw.integers(1, 3))],
        "ard_trap_window_months": int(draw.integers(1, 13)),
        "swap_stress_cpi_rates": [0.05, 0.08] if draw.random() < 0.5 else [],
        "lock_up_steps": steps,
        "lock_up_window_months": int(draw.integers(1, 25)),
        "minimum_rating": _pick(draw, "A", "BBB", "BB"),
        "unfixed_ratio": _between(draw, 0.0, 1.0),
        "stress_relet_months": int(draw.integers(0, 30)),
        "stress_rate_shifts_bps": [100, 200] if draw.random() < 0.7 else [-100],
        "stress_default_ratios": [0.05, 0.1] if draw.random() < 0.7 else [0.3],
    }
    return StructuringTerms.from_dict(payload)


def random_rules(draw: Draw) -> RuleSet:
    """A ladder loose enough that permutations end in every state."""
    tough = _between(draw, 0.9, 1.15)
    rows = []
    for country in ("UK", "EU", "US"):
        for k, rating in enumerate(RATINGS):
            allowed = ["annuity", "straight_line", "sculpted", "cash_sweep"]
            if k >= 1 or draw.random() < 0.5:
                allowed += ["interest_only", "partial"]
            floor = max(1.0, (1.5 - 0.1 * k) * tough)
            rows.append(
                {
                    "jurisdiction": country,
                    "rating": rating,
                    "dscr_minimum": floor,
                    "dscr_average": floor + 0.05,
                    "stressed_dscr": max(0.8, floor - 0.25),
                    "max_advance_ratio": 0.6 + 0.12 * k,
                    "max_total_advance_ratio": 0.45 + 0.12 * k if tough < 1.02 else 1.5,
                    "max_tenor_years": 18 + 3 * k,
                    "llcr": max(1.0, floor - 0.05),
                    "icr": max(0.5, floor),
                    "max_ard_years": _pick(draw, 50, 50, 12 + k, 7),
                    "max_balloon_ratio": _pick(draw, 1.0, 1.0, 1.0, 0.2),
                    "min_annual_amortisation_ratio": _pick(draw, 0.0, 0.0, 0.0, 0.015),
                    "ard_plcr": _pick(draw, 0.0, _between(draw, 0.8, 1.6)),
                    "wrap_required": k == 0,
                    "wrap_dscr_relief": 0.05,
                    "wrap_insurer_rating": "AA",
                    "amortisations": allowed,
                }
            )
    bank = {"bank": "Bank", "minimum_rating": "A", "max_tenor_years": 20, "max_advance_ratio": 0.7}
    banks = [
        {**bank, "jurisdiction": "UK", "currency": "GBP", "class_confirmed": True},
        {**bank, "jurisdiction": "EU", "currency": "EUR"},
    ]
    general = {
        "lease_tail_years": int(draw.integers(0, 3)),
        "capex_coverage_min_ratio": _between(draw, 0.3, 0.8),
        "tenant_cap_notches": int(draw.integers(1, 8)),
        "ltv_basis": _pick(draw, "agency_value", "market_cost"),
        "max_gearing_ratio": _pick(draw, 1.0, 0.8, _between(draw, 0.5, 0.9)),
        "gearing_basis": _pick(draw, "uses", "uses", "market_cost"),
        "max_mezz_share_of_gap": _pick(draw, 1.0, 0.5, _between(draw, 0.0, 0.9)),
        "max_total_advance_ratio": _pick(draw, 1.5, _between(draw, 0.5, 1.0)),
        "min_total_dscr": _pick(draw, 0.0, _between(draw, 0.9, 1.3)),
        "underwritten_cash_ratio": _pick(draw, 1.0, 1.0, _between(draw, 0.75, 0.99)),
        "value_haircut_ratio": _maybe(draw, 0.3, _between(draw, 0.0, 0.4)),
    }
    return RuleSet.from_dict({
        "version": "test", "general": general, "criteria": rows, "central_banks": banks,
        "rating_stresses": random_rating_stresses(draw),
    })  # fmt: skip


def random_rating_stresses(draw: Draw) -> list[dict[str, Any]]:
    """None, or what some ratings must survive, harsher for the better."""
    if draw.random() < 0.4:
        return []
    found = []
    for k, rating in enumerate(("BBB", "A", "AA", "AAA")[: int(draw.integers(1, 5))]):
        found.append({
            "rating": rating, "cpi_rate": _maybe(draw, 0.7, _between(draw, -0.01, 0.02)), "rate_shift_bps": 50.0 * k,
            "default_ratio": _pick(draw, 0.0, 0.05 + 0.05 * k), "relet_months": _pick(draw, 0, 12, 24),
            "relet_ratio": _pick(draw, 0.75, 0.9, 1.0),
        })  # fmt: skip
    return found


def random_market(draw: Draw) -> MarketSet:
    """Curves and spreads around the coupons of the lever sets: some clear, some do not, some are dear."""
    worst = _pick(draw, 4, 5, 5)
    rows: dict[str, list[dict[str, Any]]] = {"currencies": [], "curves": [], "breakevens": [], "spreads": []}
    for currency in ("GBP", "EUR", "USD"):
        own = {"currency": currency}
        rows["currencies"].append({**own, "base_cpi_rate": 0.02, "dealer_spread_bps": 15, "trs_spread_bps": 100})
        rows["breakevens"].append({**own, "tenor_years": 5, "breakeven_rate": 0.025})
        level = _between(draw, 0.0, 0.03)
        for tenor in (1, 4, 9, 20):
            rows["curves"].append({**own, "tenor_years": tenor, "zero_rate": level + _between(draw, 0, 0.01)})
        for k, rating in enumerate(RATINGS[:worst]):
            for tenor in (5, 12):
                floor = 40.0 + 40 * k + 5 * tenor
                spread = {**own, "rating": rating, "tenor_years": tenor, "floor_bps": floor, "cap_bps": 2 * floor}
                behind = {"floor_bps": 3 * floor, "cap_bps": 4 * floor}
                rows["spreads"] += [{**spread, "seniority": "senior"}, {**spread, **behind, "seniority": "mezzanine"}]
    return MarketSet.from_dict({"version": "test", **rows})


LEVER_VALUES: dict[str, tuple[Any, ...]] = {
    "rent_per_kw_month": (70, 110, 150),
    "opex_ratio": (0.1, 0.2),
    "pue": (1.1, 1.3),
    "indexation": ("none", "fixed", "cpi"),
    "cpi_floor_rate": (0.0, 0.01),
    "cpi_cap_rate": (0.02, 0.03),
    "senior_tenor_years": (5, 7, 8, 10, 12, 15, 18),
    "senior_amortisation": ("annuity", "straight_line", "sculpted", "interest_only"),
    "senior_coupon_rate": (0.03, 0.045, 0.06),
    "senior_dscr": (1.15, 1.25, 1.4, 1.6),
    "wrap": ("none", "senior"),
    "grace_months": (0, 6, 24),
    "over_raise_ratio": (0.0, 0.3),
    "mezz_dscr": (1.0, 1.1, 1.2),
    "mezz_coupon_rate": (0.05, 0.08, 0.11),
    "mezz_tenor_years": (3, 8, 15),
    "mezz_amortisation": ("annuity", "straight_line", "sculpted", "interest_only"),
    "zcis_tenor_years": (0, 5, 10),
    "trs_share": (0.0, 0.2, 0.6),
    "dsra_months": (0, 3, 6, 12),
    "equity_irr_rate": (0.08, 0.15, 0.25),
}


def random_levers(draw: Draw, most: int) -> LeverSet:
    """A lever set of at most `most` permutations, opening some axes at some of their values."""
    axes: dict[str, list[Any]] = {}
    size = 1
    for code in draw.permutation(list(LEVER_VALUES)):
        values = LEVER_VALUES[code]
        always = code in ("senior_amortisation", "senior_dscr", "mezz_dscr", "senior_tenor_years")
        count = int(draw.integers(1, len(values) + 1))
        if size * count > most:
            count = 1
        if not always and draw.random() < 0.4:
            continue
        picked = sorted(draw.choice(len(values), size=count, replace=False).tolist())
        axes[str(code)] = [values[k] for k in picked]
        size *= count
    assert set(axes) <= set(AXES)
    return LeverSet.from_dict({"axes": axes})


def random_case(seed: int, most: int = 48) -> Case:
    """The case of a seed; the same everywhere."""
    draw = np.random.default_rng(seed)
    inputs, terms, rules, levers = (
        random_inputs(draw),
        random_terms(draw),
        random_rules(draw),
        random_levers(draw, most),
    )
    market = _maybe(draw, 0.5, random_market(draw))
    terms, rules, levers = _newer_kinds(seed, terms, levers, rules)
    inputs, rules = _relet(seed, _taxed(seed, inputs), rules)
    return Case(inputs, terms, rules, levers, market=market)


def _taxed(seed: int, inputs: ProjectInputs) -> ProjectInputs:
    """Every other case pays tax; drawn apart from all else."""
    draw = np.random.default_rng([seed, 3])
    if draw.random() < 0.5:
        return inputs
    tax = {
        "rate": _between(draw, 0.1, 0.4),
        "allowance_ratio": _between(draw, 0.0, 1.0),
        "allowance_years": int(draw.integers(1, 40)),
        "interest_cap_ratio": _pick(draw, 0.3, 1.0, _between(draw, 0.0, 1.0)),
    }
    return ProjectInputs.from_dict(inputs.to_dict() | {"tax": tax})


def _relet(seed: int, inputs: ProjectInputs, rules: RuleSet) -> tuple[ProjectInputs, RuleSet]:
    """Two cases in three expect a re-letting, most of them under rules that count it; drawn apart from all else."""
    draw, lease = np.random.default_rng([seed, 2]), inputs.to_dict()["lease"]
    void = _pick(draw, 0, 6, int(draw.integers(1, 37)))
    most = min(15, (360 - 12 * lease["term_years"] - void) // 12)
    if seed % 3 == 0 or most < 1:
        return inputs, rules
    again = {
        "relet_ratio": _between(draw, 0.5, 1.1),
        "relet_void_months": void,
        "relet_years": int(draw.integers(1, most + 1)),
    }
    allowed, most_rent = bool(draw.random() < 0.8), _pick(draw, 1.0, 1.1, _between(draw, 0.5, 1.0))
    return (
        ProjectInputs.from_dict(inputs.to_dict() | {"lease": lease | again}),
        replace(rules, relet_allowed=allowed, max_relet_ratio=most_rent),
    )


def _newer_kinds(seed: int, terms: StructuringTerms, levers: LeverSet, rules: RuleSet) -> tuple[Any, RuleSet, Any]:
    """Every other case with balloons and cash sweeps in the place of other kinds, drawn apart from all else."""
    draw = np.random.default_rng([seed, 1])
    if seed % 2:
        return terms, rules, levers
    shares = {"balloon_ratio": _pick(draw, 0.2, 0.5, 1.0), "sweep_ratio": _pick(draw, 0.3, 0.5, 1.0)}
    instead = {
        "senior_amortisation": {"straight_line": "cash_sweep", "annuity": "partial"},
        "mezz_amortisation": {"straight_line": "partial"},
    }
    axes = {code: [instead.get(code, {}).get(str(v), v) for v in values] for code, values in levers.axes}
    return StructuringTerms.from_dict(terms.to_dict() | shares), rules, LeverSet.from_dict({"axes": axes})
