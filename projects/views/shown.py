"""Inputs and what follows from them, as pages show them."""

from dataclasses import dataclass
from typing import Any

from engine.basics.fields import lookup
from engine.project import CAPEX_LINES, FIELDS, DerivedInputs, ProjectInputs
from engine.terms import StructuringTerms
from lib import figures
from lib.figures import readers_format
from lib.units import mark
from projects import screen
from projects.relevance import matters

GROUPS = {
    "meta": "Place and currency",
    "": "Place and currency",
    "power": "Power",
    "revenue": "Revenue",
    "lease": "Lease",
    "land": "Land and grid",
    "fees": "Fees",
    "construction": "Construction",
    "tax": "Tax",
    "credit": "Credit",
    "valuation": "Value",
}


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the cost table, at internal and at market prices."""

    label: str
    internal_amount: float
    market_amount: float
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the NOI waterfall: it starts at `start_share` of gross revenue and is `share` wide."""

    label: str
    amount: float
    start_share: float
    share: float
    kind: str

    @property
    def x(self) -> str:
        """Where the bar starts, as an SVG takes it."""
        return f"{100 * self.start_share:.2f}%"

    @property
    def width(self) -> str:
        """How wide the bar is, as an SVG takes it."""
        return f"{100 * self.share:.2f}%"


def input_groups(inputs: dict[str, Any]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What was entered, by group: label, value and unit as a person reads them, without what is empty or read by nothing."""
    groups: dict[str, list[tuple[str, str, str]]] = {title: [] for title in GROUPS.values()}
    for spec in FIELDS:
        group = spec.path.rpartition(".")[0]
        value = lookup(inputs, spec.path)
        if group in GROUPS and value not in (None, "") and matters(spec.path, inputs):
            groups[GROUPS[group]].append(
                (spec.label, screen.input_text(spec, value, readers_format()), mark(spec.unit))
            )
    return [(title, rows) for title, rows in groups.items() if rows]


def cost_lines(inputs: ProjectInputs, derived: DerivedInputs) -> list[CostLine]:
    """Project costs line by line, internal beside market, down to the grand total."""
    internal, market = inputs.capex_internal, inputs.capex_market
    inside, outside = dict(internal.lines), dict(market.lines)
    named = [code for code in CAPEX_LINES if code in inside or code in outside]
    lines = [CostLine(CAPEX_LINES[code], inside.get(code, 0.0), outside.get(code, 0.0)) for code in named]
    land, fees = inputs.land, inputs.fees
    return [
        *lines,
        *_unless_zero("Construction phase fee", internal.construction_fee_amount, market.construction_fee_amount),
        *_unless_zero("Contingency", internal.contingency_amount, market.contingency_amount),
        CostLine("Capex", internal.total_amount, market.total_amount, is_total=True),
        *_unless_zero("Land, grid and stamp duty", land.total_amount, land.total_amount),
        *_unless_zero("Fees", fees.total_amount, fees.total_amount),
        CostLine("Project cost", derived.internal_cost_amount, derived.market_cost_amount, is_total=True),
    ]


def noi_steps(derived: DerivedInputs) -> list[Step]:
    """Year-1 revenue down to the cash for debt service, as bars of a waterfall."""
    year = derived.year_one
    whole = max(year.gross_revenue_amount, 1e-9)
    moves = [
        ("Electricity", year.electricity_amount),
        ("Operating costs", year.opex_amount),
        ("Net operating income", year.noi_amount),
        ("Asset management fee", year.asset_management_fee_amount),
        ("Replacement reserve", year.replacement_reserve_amount),
        ("Cash for debt service", year.cfads_amount),
    ]
    steps, level = [Step("Gross revenue", whole, 0.0, 1.0, "sum")], whole
    for label, amount in moves:
        if label in ("Net operating income", "Cash for debt service"):
            steps.append(Step(label, amount, 0.0, _share(amount, whole), "sum"))
        elif amount:
            level -= amount
            steps.append(Step(label, -amount, _share(level, whole), _share(amount, whole), "cost"))
    return steps


def value_steps(inputs: ProjectInputs, derived: DerivedInputs, terms: StructuringTerms) -> list[tuple[str, str]]:
    """What value and debt capacity rest on, line by line in words: from year-1 income to the value that is lent on."""
    haircut = ("Value haircut (house assumption)", figures.agreed(terms.agency_haircut_ratio, "share"))
    lent_on = ("Haircut value", figures.amount(derived.agency_value_amount))
    if inputs.valuation.appraisal_amount is not None:
        return [("Value, as appraised", figures.amount(derived.value_amount)), haircut, lent_on]
    return [
        ("Net operating income, year 1", figures.amount(derived.year_one.noi_amount)),
        ("Capitalisation rate", figures.agreed(terms.capitalisation_rate, "rate")),
        ("Value, income over rate", figures.amount(derived.value_amount)),
        haircut,
        lent_on,
    ]


def _share(amount: float, whole: float) -> float:
    return min(max(amount / whole, 0.0), 1.0)


def _unless_zero(label: str, internal_amount: float, market_amount: float) -> list[CostLine]:
    return [CostLine(label, internal_amount, market_amount)] if internal_amount or market_amount else []
