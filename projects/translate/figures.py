"""Figures that follow from inputs not yet complete: the engine works on a filled-up copy, and only what rests on sound
inputs is told."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import lookup
from engine.errors import InputProblems, Problem
from engine.project import Currency, DerivedInputs, ProjectInputs, derive
from engine.terms import StructuringTerms
from projects.translate.quick import ENTERED

_HOME = {"UK": "GBP", "EU": "EUR", "US": "USD"}
_SAMPLE: dict[str, Any] = {
    "power": {"gross_facility_mw": 10.0, "pue": 1.0},
    "revenue": {"rent_amount": 1.0, "opex_ratio": 0.0},
    "lease": {"term_years": 20},
    "capex": {"internal": {"lines": {"build": 1.0}}, "market": {"lines": {"build": 1.0}}},
    "construction": {"months": 12},
    "credit": {"tenant_rating": "NR"},
}
_ROUNDS = 6  # each mends one layer of problems; more would be a fault of this module
_SIZED_BY = ("location_quality", "acres_per_mw", "price_per_acre_amount", "grid_quality", "grid_price_per_mw_amount")


@dataclass(frozen=True, slots=True)
class FiguresSoFar:
    """Derived figures by name, None where an input they rest on is missing or unsound; and the inputs they came from."""

    amounts: Mapping[str, float | None]
    inputs: ProjectInputs
    derived: DerivedInputs
    has_income: bool
    currency: str


def figures_so_far(values: Mapping[str, Any], problems: Iterable[Problem]) -> FiguresSoFar | None:
    """The figures of the sound `values`, given what is wrong with the others; None where nothing can be built."""
    bad = {problem.place for problem in problems}
    inputs = _filled_up(values, bad)
    if inputs is None:
        return None
    derived = derive(inputs, StructuringTerms.from_dict())
    needs = _needs(values)
    amounts = {
        name: amount if _is_sound(needs[name], bad) else None for name, amount in _amounts(inputs, derived).items()
    }
    currency = lookup(values, "currency")
    shown = str(currency) if currency in set(Currency) and "currency" not in bad else ""
    return FiguresSoFar(amounts, inputs, derived, amounts["noi"] is not None, shown)


def _filled_up(values: Mapping[str, Any], bad: set[str]) -> ProjectInputs | None:
    filled = deepcopy({key: value for key, value in values.items() if key != ENTERED})
    filled.setdefault("country", "UK")
    filled.setdefault("currency", _HOME.get(filled["country"], "GBP"))
    _merge(filled, _SAMPLE)
    for _ in range(_ROUNDS):
        try:
            return ProjectInputs.from_dict(filled)
        except InputProblems as error:
            for problem in error.problems:
                bad.add(problem.place)
                _mend(filled, problem)
    return None


def _merge(under: dict[str, Any], sample: Mapping[str, Any]) -> None:
    for key, value in sample.items():
        if isinstance(value, Mapping) and key != "lines":
            _merge(under.setdefault(key, {}), value)
        elif not under.get(key) and under.get(key) != 0:
            under[key] = deepcopy(value)


def _mend(filled: dict[str, Any], problem: Problem) -> None:
    if problem.code == "fx_rate_missing":
        filled["fx_rate"] = 1.0
        return
    if problem.code == "currency_mismatch" and problem.place == "currency":
        filled["currency"] = _HOME[filled["country"]]
        return
    group, _, leaf = problem.place.rpartition(".")
    node = lookup(filled, group) if group else filled
    if isinstance(node, dict):
        node.pop(leaf, None)
        if leaf.startswith("stamp_duty"):
            node.pop("stamp_duty_basis", None)
    _merge(filled, _SAMPLE)


def _needs(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What each figure rests on, as beginnings of paths."""
    land = lookup(values, "land") or {}
    site = ("power.gross_facility_mw",) if any(land.get(name) for name in _SIZED_BY) else ()
    purchase = ("land.location_quality", "land.acres", "land.price", "land.purchase", *site)
    grid = ("land.grid", *site)
    internal, market = ("capex.internal", "fx_rate"), ("capex.market", "fx_rate")
    fee = ("fees.management", *internal, *purchase, *grid)
    shared = ("land", "fees", *site, *(internal if lookup(values, "fees.management_rate") is not None else ()))
    income = ("power", "revenue")
    value = ("valuation",) if lookup(values, "valuation.appraisal_amount") else ("valuation", *income)
    both = (*internal, *market, *shared)
    return {
        "it_load": ("power",),
        "overhead": ("power",),
        "monthly_rent": ("power", "revenue.rent"),
        "gross_revenue": income,
        "noi": income,
        "cfads": income,
        "land_purchase": purchase,
        "grid_connection": grid,
        "stamp_duty": ("land.stamp_duty", "land.acquisition", *purchase),
        "land_total": ("land", *site),
        "management_fee": fee if lookup(values, "fees.management_rate") is not None else ("fees.management",),
        "management_rate": fee,
        "fees_total": ("fees", *fee) if lookup(values, "fees.management_rate") is not None else ("fees",),
        **_side_needs("internal", internal),
        **_side_needs("market", market),
        "internal_cost": (*internal, *shared),
        "market_cost": (*market, *shared),
        "developer_profit": both,
        "developer_margin": both,
        "value": value,
        "agency_value": value,
    }


def _side_needs(side: str, needs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"{side}_{part}": needs for part in ("lines", "fee", "contingency", "capex")}


def _amounts(inputs: ProjectInputs, derived: DerivedInputs) -> dict[str, float | None]:
    land, fees, year = inputs.land, inputs.fees, derived.year_one
    return {
        "it_load": derived.it_load_mw,
        "overhead": derived.overhead_mw,
        "monthly_rent": derived.monthly_rent_amount,
        "gross_revenue": year.gross_revenue_amount,
        "noi": year.noi_amount,
        "cfads": year.cfads_amount,
        "land_purchase": land.purchase_amount,
        "grid_connection": land.grid_amount,
        "stamp_duty": land.stamp_duty_amount,
        "land_total": land.total_amount,
        "management_fee": fees.management_amount,
        "management_rate": fees.management_rate,
        "fees_total": fees.total_amount,
        **_side_amounts(inputs, "internal"),
        **_side_amounts(inputs, "market"),
        "internal_cost": derived.internal_cost_amount,
        "market_cost": derived.market_cost_amount,
        "developer_profit": derived.developer_profit_amount,
        "developer_margin": derived.developer_margin_ratio,
        "value": derived.value_amount,
        "agency_value": derived.agency_value_amount,
    }


def _side_amounts(inputs: ProjectInputs, side: str) -> dict[str, float]:
    budget = inputs.capex_internal if side == "internal" else inputs.capex_market
    return {
        f"{side}_lines": budget.lines_amount,
        f"{side}_fee": budget.construction_fee_amount,
        f"{side}_contingency": budget.contingency_amount,
        f"{side}_capex": budget.total_amount,
    }


def _is_sound(needs: tuple[str, ...], bad: set[str]) -> bool:
    return not any(place.startswith(need) for need in needs for place in bad)
