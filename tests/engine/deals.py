"""Deals the walk's tests run on: one sound project, its rules, and ways to bend either."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.market import MarketSet
from engine.permutations import Case, LeverSet
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms

_SEED = json.loads((Path(__file__).parents[2] / "ratings/data/uk_eu_us_v2.json").read_text())["content"]
SEED_RULES: dict[str, Any] = {key: _SEED[key] for key in ("version", "general", "criteria", "central_banks")}

PROJECT: dict[str, Any] = {
    "country": "UK",
    "currency": "GBP",
    "power": {"gross_facility_mw": 48, "pue": 1.2},
    "revenue": {"rent_amount": 110, "occupancy_ratio": 0.95, "opex_ratio": 0.15},
    "lease": {"term_years": 20},
    "capex": {"internal": {"lines": {"build": 428e6}}, "market": {"lines": {"build": 500e6}}},
    "construction": {"months": 24},
    "credit": {"tenant_rating": "A"},
}
# Two paths a stress, so that a grid has eight cells.
LIGHT_GRID: dict[str, Any] = {
    "stress_cpi_rates": [0.0],
    "stress_rate_shifts_bps": [200.0],
    "stress_default_ratios": [0.1],
}
# Debt need not cover the cost: what a feature does is seen wherever there is debt at all.
OPEN_GATE: dict[str, Any] = {"general.capex_coverage_min_ratio": 0.0}
# No limit on all debt together; with an over-raise lever none on its cost either.
NO_CAPS: dict[str, Any] = {
    **OPEN_GATE, "general.max_gearing_ratio": 1.0, "general.max_total_advance_ratio": 1.5, "general.min_total_dscr": 0.0,
}  # fmt: skip
UNCAPPED: dict[str, Any] = {"over_raise_ratio": [2.0]}
# What ratings must survive, each of the seed's kinds once.
RATING_STRESSES: list[dict[str, Any]] = [
    {"rating": "BBB", "cpi_rate": 0.018}, {"rating": "BBB", "rate_shift_bps": 100},
    {"rating": "BBB", "default_ratio": 0.05},
    {"rating": "AA", "cpi_rate": 0.0, "rate_shift_bps": 200, "default_ratio": 0.1, "relet_months": 24, "relet_ratio": 0.75},
]  # fmt: skip


def market_set(senior_bps: float = 100.0, mezz_bps: float = 300.0, zero_rate: float = 0.04) -> MarketSet:
    """A flat curve; AAA and BB at the same floor, 250 bps below their cap."""
    spreads = [
        {"currency": "GBP", "seniority": seniority, "rating": rating, "tenor_years": 5, "floor_bps": bps, "cap_bps": bps + 250}
        for seniority, bps in (("senior", senior_bps), ("mezzanine", mezz_bps))
        for rating in ("AAA", "BB")
    ]  # fmt: skip
    return MarketSet.from_dict({
        "version": "flat", "spreads": spreads, "curves": [{"currency": "GBP", "tenor_years": 5, "zero_rate": zero_rate}],
        "currencies": [{"currency": "GBP", "base_cpi_rate": 0.02, "dealer_spread_bps": 15, "trs_spread_bps": 80}],
        "breakevens": [{"currency": "GBP", "tenor_years": 5, "breakeven_rate": 0.026}],
    })  # fmt: skip


def bent(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with some values changed, named by path ("lease.term_years")."""
    payload = copy.deepcopy(dict(base))
    for path, value in changes.items():
        *groups, name = path.split(".")
        place = payload
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = value
    return payload


def deal(
    axes: Mapping[str, Any] | None = None,
    project: Mapping[str, Any] | None = None,
    terms: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    filters: list[dict[str, Any]] | None = None,
    market: MarketSet | None = None,
) -> Case:
    """A case on the sound project: open axes, and what differs from it."""
    return Case(
        ProjectInputs.from_dict(bent(PROJECT, project or {})),
        StructuringTerms.from_dict(terms or {}),
        RuleSet.from_dict(bent(SEED_RULES, rules or {})),
        LeverSet.from_dict({"axes": axes or {}, "filters": filters or []}),
        market=market,
    )
