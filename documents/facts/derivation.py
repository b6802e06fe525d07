"""From rent to cash, value, debt and cover of the first year, so that a reader with a calculator retraces the ratios.

Year 1 stands at its own prices: every index begins at 1. `how` says what each figure is worked out from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.project.derive import it_load_mw, monthly_rent_amount, operating_year
from engine.project.inputs import LeaseType

if TYPE_CHECKING:
    from documents.facts import PackFacts


@dataclass(frozen=True, slots=True)
class Step:
    """One figure, its unit, and what it comes from; an input has no `how`."""

    label: str
    value: float | None
    unit: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Steps that lead to one figure."""

    title: str
    steps: tuple[Step, ...]


def derivations_of(facts: PackFacts) -> tuple[Derivation, ...]:
    """Cash, value, debt over value, cover: of the structure's own levers, not of the project's inputs alone."""
    return (
        Derivation("From rent to cash, year 1", tuple(_cash(facts))),
        Derivation("From cash to value", tuple(_value(facts))),
        Derivation("Debt over value and cost", tuple(_leverage(facts))),
        Derivation("Cover in year 1", tuple(_cover(facts))),
    )


def _cash(facts: PackFacts) -> Iterator[Step]:
    inputs, choice = facts.deal.inputs, facts.deal.choice
    load, year = (
        it_load_mw(inputs, choice.pue),
        operating_year(inputs, choice.rent_per_kw_month, choice.opex_ratio, choice.pue),
    )
    rent = monthly_rent_amount(inputs, choice.rent_per_kw_month, choice.pue)
    opex_ratio = inputs.revenue.opex_ratio if choice.opex_ratio is None else choice.opex_ratio
    yield Step("Power at the connection", inputs.power.gross_facility_mw, "mw")
    yield Step("PUE", inputs.power.pue if choice.pue is None else choice.pue, "factor")
    yield Step("IT load", load, "mw", "Power at the connection / PUE")
    yield Step("Rent per kW of IT load and month", rent / (load * 1000.0), "factor")
    yield Step("Rent a month, fully let", rent, "amount", "IT load x 1,000 x rent per kW")
    yield Step("Occupancy", inputs.revenue.occupancy_ratio, "share")
    yield Step("Gross revenue", year.gross_revenue_amount, "amount", "Rent a month x 12 x occupancy")
    yield Step("Operating costs, share of revenue", opex_ratio, "share")
    yield Step("Operating costs", -year.opex_amount, "amount", "Share x gross revenue")
    if inputs.revenue.lease_type is LeaseType.GROSS:
        yield Step("Electricity", -year.electricity_amount, "amount", "Power x utilisation x 8,760 hours x price")
    yield Step("Net operating income (NOI)", year.noi_amount, "amount", "Revenue less costs")
    yield Step(
        "Asset management fee",
        -year.asset_management_fee_amount,
        "amount",
        _fee(inputs.revenue.asset_management_fee_rate),
    )
    yield Step(
        "Replacement reserve", -year.replacement_reserve_amount, "amount", "IT load x 1,000 x amount per kW and year"
    )
    yield Step("Cash for debt service (CFADS)", year.cfads_amount, "amount", "NOI less fee and reserve")


def _fee(rate: float) -> str:
    return f"{rate * 100:g}% of NOI"


def _value(facts: PackFacts) -> Iterator[Step]:
    cash, haircut = facts.structure.cash, facts.deal.value_haircut_ratio
    if facts.deal.inputs.valuation.appraisal_amount is None:
        yield Step("Capitalisation rate", facts.deal.terms.capitalisation_rate, "rate")
        yield Step("Value", cash.value_amount, "amount", "NOI / capitalisation rate")
    else:
        yield Step("Value", cash.value_amount, "amount", "Appraisal, as entered")
    yield Step("Value haircut", haircut, "share", "Assumption of the house; no agency's")
    yield Step("Haircut value", cash.agency_value_amount, "amount", "Value x (1 - haircut)")


def _leverage(facts: PackFacts) -> Iterator[Step]:
    project, cash = facts.deal.resolved.project, facts.structure.cash
    senior, debt = facts.tranches[0].amount, sum(tranche.amount for tranche in facts.tranches)
    yield Step("Senior notes", senior, "amount", "At the start of operations")
    yield Step("All debt", debt, "amount", "Senior and mezzanine notes")
    yield Step("Project cost, internal", project.internal_cost_amount, "amount", "Capex, land and fees")
    yield Step("Project cost, market", project.market_cost_amount, "amount", "The same at market prices")
    yield _share("Senior loan to haircut value", senior, cash.agency_value_amount, "Senior notes / haircut value")
    yield _share("Senior loan to value", senior, cash.value_amount, "Senior notes / value")
    yield _share("Total loan to haircut value", debt, cash.agency_value_amount, "All debt / haircut value")
    yield _share("Total loan to value", debt, cash.value_amount, "All debt / value")
    yield _share("Loan to cost, internal", debt, project.internal_cost_amount, "All debt / internal cost")
    yield _share("Loan to cost, market", debt, project.market_cost_amount, "All debt / market cost")
    yield _share("Debt yield", cash.noi_amount, debt, "NOI / all debt")


def _share(label: str, amount: float, over: float, how: str) -> Step:
    """A ratio, known also where a gate stopped the structure and the run kept none."""
    return Step(label, amount / over if over > 0.0 else None, "share", how)


def _cover(facts: PackFacts) -> Iterator[Step]:
    row: Mapping[str, Any] = facts.detail.row
    structure = facts.structure
    senior, work, year = structure.senior, structure.work, slice(0, 12)
    opening, closing = work.schedule[:12], work.schedule[1:13]
    swaps = float((work.swap[year] + opening * structure.hedge.trs_carry).sum())
    cash = float(work.cash[0, 0, year].sum())
    interest, premium = (float(opening.sum()) * rate for rate in (senior.monthly_rate, senior.wrap_monthly_rate))
    principal = float((opening - closing).sum())
    yield Step("Cash underwritten", cash, "amount", _underwritten(facts.deal.resolved.terms.underwritten_ratio))
    yield Step("Swaps, net", swaps, "amount", "Receipts less payments")
    yield Step("Senior interest", interest, "amount", "Coupon / 12 x balance at the start of each month")
    if premium:
        yield Step("Insurance premium", premium, "amount", "Premium / 12 x balance at the start of each month")
    yield Step("Senior principal", principal, "amount", "Of the schedule")
    yield Step(
        "DSCR, year 1", (cash + swaps) / (interest + premium + principal), "times", "Cash and swaps / senior service"
    )
    if row["notional_dscr_minimum"] is not None:
        notional = 12.0 * senior.notional_amount
        yield Step(
            "Notional level service, a year",
            notional,
            "amount",
            "As if the interest-only notes were repaid in level payments",
        )
        yield Step("Notional DSCR, year 1", (cash + swaps) / notional, "times", "Cash and swaps / notional service")
    yield Step("DSCR, lowest year", row["dscr_minimum"], "times", "Of all years to maturity, as the rating reads it")


def _underwritten(ratio: float) -> str:
    return "CFADS" if ratio >= 1.0 else f"{ratio * 100:g}% of CFADS, as the rule set underwrites it"
