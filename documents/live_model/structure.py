"""Both tranches and the swaps of the structure, from the levers. Model book, sections 5 and 6."""

from __future__ import annotations

from dataclasses import dataclass

from documents.live_model.algebra import (
    Expr,
    Span,
    both,
    either,
    is_blank,
    largest,
    least,
    pick,
    same,
    total,
    total_product,
    when,
)
from documents.live_model.book import ListSheet, LiveBook
from documents.live_model.debt import NO_LIMIT, Tranche, TrancheTerms, annuity_factor
from documents.live_model.inputs import Inputs
from documents.live_model.operations import MONTHS, Operations


@dataclass(frozen=True, slots=True)
class Structure:
    """The financing as sized: what the waterfall pays and what the sources and uses count."""

    operations: Operations
    senior: Tranche
    mezz: Tranche
    cells: dict[str, Expr]

    @property
    def inputs(self) -> Inputs:
        return self.operations.inputs

    def __getitem__(self, name: str) -> Expr:
        return self.cells[name]


def write_structure(book: LiveBook, operations: Operations) -> Structure:
    """The sheet of debt and hedges, and their columns by month."""
    inputs = operations.inputs
    sheet = ListSheet(book, "Debt", "Debt and hedges")
    cells = _common(sheet, inputs)
    senior = _senior(sheet, operations, cells)
    mezz = _mezz(sheet, operations, cells, senior)
    structure = Structure(operations, senior, mezz, cells)
    _hedges(sheet, structure)
    _reserve(structure)
    _refinancing(sheet, structure)
    return structure


def _common(sheet: ListSheet, inputs: Inputs) -> dict[str, Expr]:
    sheet.heading("Terms of the structure")
    wraps = either(
        same(inputs["wrap"], "senior"), both(is_blank(inputs["wrap"]), same(inputs["project_wrap"], "senior"))
    )
    premium = when(wraps, inputs["insurance_premium_bps"] / 10000 / 12, 0.0)
    spread = inputs["refinance_spread_bps"] / 10000 / 12
    return {
        "wrap_rate": sheet.figure("wrap_rate", "Wrap premium a month", premium, "factor"),
        "refinance_spread": sheet.figure("refinance_spread", "Refinance spread a month", spread, "factor"),
        "sweeps": sheet.figure("sweeps", "The balloon is swept", same(inputs["balloon_mode"], "sweep"), ""),
        "trs_carry": sheet.figure(
            "trs_carry", "TRS carry a month on the senior balance",
            inputs["trs_share"] * (inputs["senior_coupon_rate"] - inputs["trs_financing_rate"] - inputs["trs_spread_bps"] / 10000) / 12,
            "factor",
        ),
    }  # fmt: skip


def _senior(sheet: ListSheet, operations: Operations, cells: dict[str, Expr]) -> Tranche:
    inputs, coupon = operations.inputs, operations.inputs["senior_coupon_rate"] / 12
    all_in = coupon + cells["wrap_rate"]
    later = coupon + when(cells["sweeps"], inputs["step_up_bps"] / 10000 / 12, cells["refinance_spread"])
    headroom = inputs["over_raise_ratio"]
    limit = when(is_blank(headroom), NO_LIMIT, (1 + headroom) * operations["internal_cost"])
    terms = TrancheTerms(
        code="senior", label="Senior", amortisation=inputs["senior_amortisation"], rate=coupon, all_in_rate=all_in,
        later_rate=later, refinance_rate=all_in + cells["refinance_spread"], maturity=12 * inputs["senior_tenor_years"],
        held=inputs["grace_months"], sweeps=cells["sweeps"], limit=limit,
    )  # fmt: skip
    senior = Tranche(sheet, operations, terms, Expr("TRUE", True))
    senior.size([operations.months.at("base_cfads", m) / inputs["senior_dscr"] for m in range(1, MONTHS + 1)])
    senior.close(inputs)
    return senior


def _mezz(sheet: ListSheet, operations: Operations, cells: dict[str, Expr], senior: Tranche) -> Tranche:
    """Sized on what CFADS over the total DSCR leaves after senior service."""
    inputs, months = operations.inputs, operations.months
    coupon = inputs["mezz_coupon_rate"] / 12
    later = coupon + cells["refinance_spread"]
    years = inputs["mezz_tenor_years"]
    maturity = when(is_blank(years), senior.maturity, least(12 * years, senior.maturity))
    terms = TrancheTerms(
        code="mezz", label="Mezzanine", amortisation=inputs["mezz_amortisation"], rate=coupon, all_in_rate=coupon,
        later_rate=later, refinance_rate=later, maturity=maturity, held=0.0, sweeps=Expr("FALSE", False),
    )  # fmt: skip
    mezz = Tranche(sheet, operations, terms, same(inputs["mezzanine"], "sized"))
    capacity = []
    for m in range(1, MONTHS + 1):
        premium = months.at("senior_schedule", m - 1) * cells["wrap_rate"]
        capacity.append(months.at("base_cfads", m) / inputs["mezz_dscr"] - months.at("senior_service", m) - premium)
    mezz.size(capacity)
    mezz.close(inputs)
    return mezz


def _hedges(sheet: ListSheet, structure: Structure) -> None:
    """The swap's margin, and what a shift of rates costs at its maturity: duration x shift on its notional."""
    inputs, senior, cells = structure.inputs, structure.senior, structure.cells
    months = structure.operations.months
    months.column("duration_value", "Senior: value of service at coupon", "amount", "Duration")
    for m in range(1, MONTHS + 1):
        month, opening = months.at("month", m), months.at("senior_schedule", m - 1)
        owed = when(same(month, senior.maturity), opening * (1 + senior.rate), months.at("senior_service", m))
        months.put("duration_value", m, when(month <= senior.maturity, owed * (1 + senior.rate) ** (-month), 0.0))
    sheet.heading("Total return swap")
    values, numbers = months.span("duration_value", 1), months.span("month", 1)
    worth = largest(total(values), 1e-9)
    duration = total_product(values, numbers) / worth / 12 / (1 + senior.rate)
    cells["duration"] = sheet.figure("senior_duration", "Modified duration of the senior notes", duration, "years")
    notional = inputs["trs_share"] * senior["balance"]
    cells["margin"] = sheet.figure("trs_margin", "Margin posted", notional * inputs["trs_haircut_ratio"])
    loss = notional * cells["duration"] * inputs["scenario_shift_bps"] / 10000
    cells["margin_loss"] = sheet.figure("trs_loss", "Loss settled at maturity", loss)


def _reserve(structure: Structure) -> None:
    """The reserve's target by month: the next months of senior service, none from maturity."""
    months, senior = structure.operations.months, structure.senior
    months.column("service_so_far", "Senior: service so far", "amount", "Reserve")
    months.column("dsra_target", "DSRA target")
    months.put("service_so_far", 0, 0.0)
    for m in range(1, MONTHS + 1):
        due = when(months.at("month", m) <= senior.maturity, months.at("senior_service", m), 0.0)
        months.put("service_so_far", m, months.at("service_so_far", m - 1) + due)
    so_far: Span = months.span("service_so_far")
    for m in range(MONTHS + 1):
        until = least(months.at("month", m) + structure.inputs["dsra_months"], senior.maturity)
        ahead = pick(so_far, until + 1) - months.at("service_so_far", m)
        months.put("dsra_target", m, largest(ahead, 0))


def _refinancing(sheet: ListSheet, structure: Structure) -> None:
    """What of the balloon the market takes in the scenario: all of it where it is left to a sweep."""
    months, operations, senior = structure.operations.months, structure.operations, structure.senior
    months.column("scenario_after", "CFADS after maturity over DSCR, scenario", "amount", "Refinancing")
    for m in range(1, MONTHS + 1):
        month = months.at("month", m)
        late = both(month > senior.maturity, month <= operations["lease_months"])
        months.put("scenario_after", m, when(late, months.at("cfads", m) / structure.inputs["senior_dscr"], NO_LIMIT))
    sheet.heading("Refinancing in the scenario")
    rate = senior.refinance + operations["shock"]
    carried = least(months.span("scenario_after", 1)) * annuity_factor(rate, senior["tail"])
    carried = sheet.figure(
        "scenario_refinanced", "A refinancing would carry", when(senior["tail"] > 0, largest(carried, 0), 0.0)
    )
    balloon = pick(months.span("senior_schedule"), senior.maturity + 1)
    balloon = structure.cells["balloon"] = sheet.figure("balloon", "Balloon at maturity", balloon)
    rounding = sheet.figure(
        "rounding", "An amount below this is rounding", largest(senior["balance"], 1) / 1e12, "factor"
    )
    structure.cells["rounding"] = rounding
    taken = either(structure["sweeps"], carried >= balloon - rounding)
    share = when(taken, 1.0, carried / largest(balloon, rounding))
    structure.cells["refinanced_share"] = sheet.figure(
        "refinanced_share", "Share of the balloon the market takes", share, "share"
    )
