"""Headline numbers explained: a keyed tree of value, formula and the figures it came from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.deal.structure import Structure
from engine.deal.tax import after_tax
from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import DSCR_AVERAGE, DSCR_MINIMUM, LLCR
from engine.project.derive import OperatingYear, it_load_mw, monthly_rent_amount, operating_year


@dataclass(frozen=True, slots=True)
class Explanation:
    """One figure: what it is called, its value and unit, how it was worked out, and from what."""

    key: str
    label: str
    value: float | None
    unit: str
    formula: str = ""
    children: tuple[Explanation, ...] = ()


_FORMULAS = {
    "annuity": "lowest monthly CFADS / senior DSCR x annuity factor at (coupon + wrap)/12",
    "straight_line": "lowest over months of (CFADS / senior DSCR) / (1/n + i(1-(m-1)/n))",
    "sculpted": "present value of CFADS / senior DSCR at (coupon + wrap)/12, no more than any month's cover of interest",
    "interest_only": "lower of CFADS / senior DSCR / i and what can be refinanced at maturity",
    "partial": "lower of lowest monthly CFADS / senior DSCR over the level payment a unit, (1 - s(1+i)^-n) / annuity factor, and what can be refinanced at maturity / s, the balloon's share",
    "cash_sweep": "lowest monthly CFADS / senior DSCR x annuity factor at (coupon + wrap)/12; a share of what both tranches leave repays it early",
}


def explain(structure: Structure, proceeds_amount: float | None) -> tuple[Explanation, ...]:
    """The trees of the headline numbers of a structure; `proceeds_amount` is the equity price, if there is one."""
    senior = _senior(structure)
    mezz = _mezz(structure)
    trees = [
        senior,
        mezz,
        _coverage(structure, senior, mezz),
        _ltv(structure, senior),
        *_covers(structure),
        *_taxed(structure),
    ]
    if structure.flow is not None and proceeds_amount is not None:
        trees.insert(0, _day_one(structure, senior, mezz, proceeds_amount))
    return tuple(trees)


def _year_one(structure: Structure) -> OperatingYear:
    return operating_year(
        structure.deal.inputs,
        structure.deal.choice.rent_per_kw_month,
        structure.deal.choice.opex_ratio,
        structure.deal.choice.pue,
    )


def _noi(structure: Structure) -> Explanation:
    inputs, year = structure.deal.inputs, _year_one(structure)
    pue = structure.deal.choice.pue
    rent = monthly_rent_amount(inputs, structure.deal.choice.rent_per_kw_month, pue)
    return Explanation(
        "noi", "NOI, year 1", year.noi_amount, "amount", "gross revenue - electricity - operating costs",
        (
            Explanation(
                "gross_revenue", "Gross revenue", year.gross_revenue_amount, "amount", "monthly rent x 12 x occupancy",
                (
                    Explanation("it_load_mw", "IT load", it_load_mw(inputs, pue), "mw", "gross facility power / PUE"),
                    Explanation("monthly_rent", "Rent a month, fully let", rent, "amount"),
                    Explanation("occupancy", "Occupancy", inputs.revenue.occupancy_ratio, "share"),
                ),
            ),
            Explanation("electricity", "Electricity", year.electricity_amount, "amount", "IT MW x PUE x utilisation x 8760 x price, gross lease only"),
            Explanation("opex", "Operating costs", year.opex_amount, "amount", "share of gross revenue"),
        ),
    )  # fmt: skip


def _cfads(structure: Structure) -> Explanation:
    year = _year_one(structure)
    fee = Explanation(
        "asset_management_fee", "Asset management fee", year.asset_management_fee_amount, "amount", "share of NOI"
    )
    reserve = Explanation(
        "replacement_reserve", "Replacement reserve", year.replacement_reserve_amount, "amount", "IT kW x amount a kW and year"
    )  # fmt: skip
    return Explanation(
        "cfads",
        "CFADS, year 1",
        year.cfads_amount,
        "amount",
        "NOI - asset management fee - replacement reserve",
        (_noi(structure), fee, reserve),
    )


def _senior(structure: Structure) -> Explanation:
    senior = structure.senior
    return Explanation(
        "senior_amount", "Senior debt", senior.amount, "amount", _FORMULAS[AMORTISATIONS[senior.kind]],
        (
            _cfads(structure),
            Explanation("senior_dscr", "Senior DSCR", senior.dscr, "times"),
            Explanation("senior_coupon_rate", "Senior coupon", senior.coupon_rate, "rate"),
            Explanation("wrap_rate", "Wrap premium", 12.0 * senior.wrap_monthly_rate, "rate"),
            Explanation("senior_tenor_years", "Tenor", senior.maturity / 12.0, "years"),
            Explanation("senior_proceeds", "Drawn at close", senior.proceeds_amount, "amount",
                        "balance less construction interest that is added to it, if it is capitalised"),
        ),
    )  # fmt: skip


def _mezz(structure: Structure) -> Explanation:
    mezz = structure.mezz
    return Explanation(
        "mezz_amount", "Mezzanine debt", mezz.amount, "amount",
        "sized on lowest over months of CFADS / mezzanine DSCR - senior service",
        (
            Explanation("mezz_dscr", "Mezzanine DSCR", structure.deal.choice.mezz_dscr, "times"),
            Explanation("mezz_coupon_rate", "Mezzanine coupon", 12.0 * mezz.monthly_rate, "rate"),
            Explanation("mezz_tenor_years", "Tenor", mezz.maturity / 12.0, "years"),
            Explanation("mezz_proceeds", "Drawn at close", mezz.proceeds_amount, "amount"),
        ),
    )  # fmt: skip


def _coverage(structure: Structure, senior: Explanation, mezz: Explanation) -> Explanation:
    stack = structure.stack
    coverage, _ = structure.gate_a
    debt = stack.uses_amount - stack.equity_amount
    return Explanation(
        "coverage_ratio", "Capex coverage", coverage, "share",
        "(senior + mezzanine at close + equity value) / uses at close",
        (
            senior, mezz,
            Explanation("equity_value", "Equity value", float(coverage) * stack.uses_amount - debt, "amount",
                        "base CFADS less scheduled service of both tranches, discounted at the equity target"),
            _uses(structure),
        ),
    )  # fmt: skip


def _uses(structure: Structure) -> Explanation:
    senior, stack = structure.senior, structure.stack
    cost = structure.deal.resolved.project.internal_cost_amount
    return Explanation(
        "uses_amount", "Uses at close", stack.uses_amount, "amount",
        "internal cost + structuring fees + initial DSRA + pre-funded interest + TRS margin - escrow income",
        (
            Explanation("internal_cost", "Project cost, internal", cost, "amount", "capex with contingency + land + fees"),
            Explanation("structuring_fees", "Structuring fees", stack.fee_amount, "amount", "fixed + share of debt proceeds"),
            Explanation("initial_dsra", "Initial DSRA", senior.dsra_amount, "amount", "senior service and premium of the first months"),
            Explanation("prefunded_interest", "Pre-funded interest", stack.prefunded_amount, "amount", "interest of the covered months on what is drawn by each"),
            Explanation("escrow_income", "Escrow income", -structure.deal.resolved.project.escrow_income_amount, "amount", "undrawn proceeds at the escrow rate"),
            Explanation("trs_margin", "TRS margin", senior.margin_amount, "amount", "TRS share x senior x haircut"),
        ),
    )  # fmt: skip


def _ltv(structure: Structure, senior: Explanation) -> Explanation:
    cash, terms = structure.cash, structure.deal.terms
    if structure.deal.inputs.valuation.appraisal_amount is None:
        value = Explanation(
            "value", "Value", cash.value_amount, "amount", "NOI / capitalisation rate",
            (_noi(structure), Explanation("cap_rate", "Capitalisation rate", terms.capitalisation_rate, "rate")),
        )  # fmt: skip
    else:
        value = Explanation("value", "Value", cash.value_amount, "amount", "appraisal as entered")
    agency = Explanation(
        "agency_value", "Haircut value (house assumption)", cash.agency_value_amount, "amount", "value x (1 - haircut)",
        (value, Explanation("agency_haircut", "Value haircut", structure.deal.value_haircut_ratio, "share")),
    )  # fmt: skip
    ratio = structure.senior.amount / cash.agency_value_amount if cash.agency_value_amount > 0 else None
    return Explanation(
        "agency_ltv_ratio", "LTV, haircut value", ratio, "share", "senior debt / haircut value", (senior, agency)
    )


def _covers(structure: Structure) -> list[Explanation]:
    if structure.flow is None:
        return []
    cover = structure.cover
    rows = (
        (
            "dscr_minimum",
            "DSCR, minimum",
            DSCR_MINIMUM,
            "lowest year of (CFADS + swaps) / (interest + wrap + principal)",
        ),
        ("dscr_average", "DSCR, average", DSCR_AVERAGE, "mean of the years to senior maturity"),
        ("llcr", "LLCR", LLCR, "present value of CFADS + swaps to maturity at (coupon + wrap)/12 / senior debt"),
    )
    return [Explanation(key, label, float(cover[at]), "times", formula) for key, label, at, formula in rows]


def _taxed(structure: Structure) -> list[Explanation]:
    """Cover and return with each year's tax paid; nothing where the project pays none."""
    found = after_tax(structure)
    if found is None:
        return []
    tax = Explanation(
        "tax", "Tax to lease end", found.tax_amount, "amount",
        "each year: rate x (EBITDA - finance costs deducted - allowance - losses used)",
    )  # fmt: skip
    rows = (
        ("after_tax_dscr_minimum", "DSCR after tax, minimum", found.dscr_minimum, "times",
         "lowest year of (CFADS + swaps - tax) / (interest + wrap + principal); interest-only notes: or of the notional service"),
        ("after_tax_dscr_average", "DSCR after tax, average", found.dscr_average, "times", "mean of the years to senior maturity"),
        ("after_tax_irr_rate", "Equity IRR after tax", found.equity_irr_rate, "rate",
         "on cash equity, each year's tax taken from the distributions at its end"),
    )  # fmt: skip
    return [Explanation(key, label, value, unit, formula, (tax,)) for key, label, value, unit, formula in rows]


def _day_one(structure: Structure, senior: Explanation, mezz: Explanation, proceeds: float) -> Explanation:
    layer = structure.mezz
    cost = structure.deal.resolved.project.internal_cost_amount
    target = structure.deal.choice.equity_irr_rate
    return Explanation(
        "day_one_value", "Day-one value", proceeds - structure.stack.equity_amount, "amount",
        "senior + mezzanine + equity proceeds - fees - TRS margin - initial DSRA - pre-funded interest - project cost",
        (
            Explanation("senior_proceeds", "Senior at close", structure.senior.proceeds_amount, "amount", "", (senior,)),
            Explanation("mezz_proceeds", "Mezzanine at close", layer.proceeds_amount, "amount", "", (mezz,)),
            Explanation("equity_proceeds", "Equity proceeds", proceeds, "amount",
                        "present value of all distributions at the equity target",
                        (Explanation("equity_irr_rate", "Equity IRR target", target, "rate"),)),
            Explanation("structuring_fees", "Structuring fees", -structure.stack.fee_amount, "amount"),
            Explanation("trs_margin", "TRS margin", -structure.senior.margin_amount, "amount", "TRS share x senior x haircut"),
            Explanation("initial_dsra", "Initial DSRA", -structure.senior.dsra_amount, "amount", "senior service of the first months"),
            Explanation("prefunded_interest", "Pre-funded interest", -structure.stack.prefunded_amount, "amount"),
            Explanation("escrow_income", "Escrow income", structure.deal.resolved.project.escrow_income_amount, "amount",
                        "simple interest on capex that waits to be paid"),
            Explanation("internal_cost", "Project cost, internal", -cost, "amount"),
        ),
    )  # fmt: skip
