"""Cash before debt: the first year's NOI, the indices by year, and income, CFADS and swap settlements by month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from documents.live_model.algebra import Expr, Span, both, is_blank, largest, least, pick, same, total, when, whole
from documents.live_model.book import Grid, ListSheet, LiveBook
from documents.live_model.inputs import SIDES, Inputs
from engine.project.derive import ASSET_MANAGEMENT_FEE_RATE, HOURS_A_YEAR

YEARS, MONTHS = 30, 360


@dataclass(frozen=True, slots=True)
class Operations:
    """What the debt is sized on and serviced from."""

    inputs: Inputs
    cells: dict[str, Expr]
    years: Grid
    months: Grid

    def __getitem__(self, name: str) -> Expr:
        return self.cells[name]


def write_operations(book: LiveBook, inputs: Inputs) -> Operations:
    """The sheets of costs and first year, of years and of months, as far as no debt is needed."""
    cells = _write_first_year(book, inputs)
    years = _write_years(book, inputs, cells)
    months = Grid(book, "Months", "Months of operation", 0, MONTHS)
    operations = Operations(inputs, cells, years, months)
    _write_months(operations)
    return operations


def _write_first_year(book: LiveBook, inputs: Inputs) -> dict[str, Expr]:
    sheet = ListSheet(book, "Costs", "Costs, first year and scenario")
    cells: dict[str, Expr] = {}

    def figure(name: str, label: str, formula: Expr, unit: str = "amount", note: str = "") -> Expr:
        cells[name] = sheet.figure(name, label, formula, unit, note)
        return cells[name]

    sheet.heading("Cost")
    for side in SIDES:
        capex = total(inputs.capex_lines[side]) * inputs["fx_rate"] * (1 + inputs[f"{side}_construction_fee_rate"])
        figure(
            f"{side}_cost",
            f"Project cost, {side} prices",
            capex * (1 + inputs[f"{side}_contingency_rate"]) + inputs["land_and_fees"],
        )
    sheet.heading("First year")
    pue = inputs.own_or("pue", "project_pue")
    it_load = figure("it_load", "IT load", inputs["gross_facility_mw"] / pue, "mw")
    rent, lever = inputs["rent_amount"], inputs["rent_per_kw_month"]
    in_total = both(is_blank(lever), same(inputs["rent_basis"], "monthly_total"))
    per_kw = when(is_blank(lever), rent, lever)
    figure("monthly_rent", "Rent a month, fully let", when(in_total, rent, per_kw * it_load * 1000))
    gross = same(inputs["lease_type"], "gross")
    power = it_load * HOURS_A_YEAR * inputs["electricity_price_per_mwh"]
    figure("electricity", "Electricity", when(gross, power, 0.0), note="Under a gross lease only.")
    figure(
        "opex_share", "Operating costs, share of revenue", inputs.own_or("opex_ratio", "project_opex_ratio"), "share"
    )
    _first_year(inputs, cells, figure, "", Expr("1", 1.0))
    lost = inputs["scenario_default_ratio"]
    sheet.heading("Scenario")
    cpi = when(is_blank(inputs["scenario_cpi_rate"]), inputs["base_cpi_rate"], inputs["scenario_cpi_rate"])
    figure("stressed_cpi", "CPI in operation", cpi, "rate")
    _first_year(inputs, cells, figure, "vacant_", 1 - lost)
    _first_year(inputs, cells, figure, "relet_", 1 - lost * (1 - inputs["stress_relet_ratio"]))
    figure("shock", "Shift of rates a month", inputs["scenario_shift_bps"] / 10000 / 12, "factor")
    figure("passed_on", "Of it on coupons", inputs["unfixed_ratio"] * cells["shock"], "factor")
    sheet.heading("Value")
    appraisal = inputs["appraisal_amount"]
    capitalised = largest(cells["noi"], 0) / inputs["capitalisation_rate"]
    figure("value", "Value", when(is_blank(appraisal), capitalised, appraisal))
    figure("agency_value", "Agency value", cells["value"] * (1 - inputs["agency_haircut_ratio"]))
    figure("lease_months", "Lease", 12 * inputs["term_years"], "months")
    return cells


def _first_year(inputs: Inputs, cells: dict[str, Expr], figure: Callable[..., Expr], prefix: str, factor: Expr) -> None:
    """Revenue to CFADS with a share of the rent paid; the power bill does not follow the rent."""
    words = {"": "", "vacant_": ", before re-letting", "relet_": ", after re-letting"}[prefix]
    revenue = figure(
        f"{prefix}revenue", f"Gross revenue{words}", cells["monthly_rent"] * 12 * inputs["occupancy_ratio"] * factor
    )
    noi = figure(f"{prefix}noi", f"NOI{words}", revenue - cells["electricity"] - revenue * cells["opex_share"])
    figure(f"{prefix}cfads", f"CFADS{words}", noi - largest(noi, 0) * ASSET_MANAGEMENT_FEE_RATE)


def _write_years(book: LiveBook, inputs: Inputs, cells: dict[str, Expr]) -> Grid:
    years = Grid(book, "Years", "Years of operation", 1, YEARS)
    years.column("year", "Year", "count")
    for which, label in (("base", "base"), ("scenario", "scenario")):
        years.column(f"{which}_cpi", f"CPI, {label}", "factor", "Indices")
        years.column(f"{which}_rise", f"CPI as read, {label}", "rate")
        years.column(f"{which}_rent", f"Rent index, {label}", "factor")
    years.column("swap", "Inflation swap, a year per unit of NOI", "factor")
    tenor, spread = inputs["zcis_tenor_years"], inputs["zcis_dealer_spread_bps"] / 10000
    near, far = inputs["zcis_breakeven_5y_rate"], inputs["zcis_breakeven_10y_rate"]
    fixed = near + (far - near) * least(largest((tenor - 5) / 5, 0), 1) - spread
    for year in range(1, YEARS + 1):
        number = years.put("year", year, float(year))
        for which, rate in (("base", inputs["base_cpi_rate"]), ("scenario", cells["stressed_cpi"])):
            cpi = years.put(f"{which}_cpi", year, (1 + rate) ** (number - 1))
            rise = years.put(f"{which}_rise", year, _rise(inputs, rate, number))
            years.put(f"{which}_rent", year, _rent_index(inputs, years, which, year, rise))
        hedged = both(number > 1, number - 1 <= tenor)
        years.put("swap", year, when(hedged, (1 + fixed) ** (number - 1) - cpi, 0.0))
    return years


def _rise(inputs: Inputs, rate: Expr, year: Expr) -> Expr:
    """CPI rise into the year as the lease reads it: lagged by months, before operations at base CPI."""
    lag, prior = inputs["indexation_lag_months"], inputs["base_cpi_rate"]
    years = whole(lag / 12)
    part = lag / 12 - years
    # The rise into year 2 is the first of the path.
    near, far = when(year - 1 <= years, prior, rate), when(year - 2 <= years, prior, rate)
    return near * (1 - part) + far * part


def _rent_index(inputs: Inputs, years: Grid, which: str, year: int, rise: Expr) -> Expr:
    if year == 1:
        return Expr("1", 1.0)
    floor, cap = (
        inputs.own_or("cpi_floor_rate", "project_cpi_floor_rate"),
        inputs.own_or("cpi_cap_rate", "project_cpi_cap_rate"),
    )
    raw = rise + inputs["indexation_spread_rate"]
    held = when(_none(inputs, "cpi_floor_rate"), raw, largest(raw, floor))
    held = when(_none(inputs, "cpi_cap_rate"), held, least(held, cap))
    kind = inputs.own_or("indexation", "project_indexation")
    fixed = when(same(kind, "fixed"), inputs["fixed_indexation_rate"], 0.0)
    return years.at(f"{which}_rent", year - 1) * (1 + when(same(kind, "cpi"), held, fixed))


def _none(inputs: Inputs, name: str) -> Expr:
    return both(is_blank(inputs[name]), is_blank(inputs[f"project_{name}"]))


def _write_months(operations: Operations) -> None:
    months, years, inputs = operations.months, operations.years, operations.inputs
    months.column("month", "Month", "months", "Cash before debt")
    months.column("year", "Year", "count")
    months.column("base_cfads", "CFADS, base")
    months.column("income", "Income, scenario")
    months.column("cfads", "CFADS, scenario")
    months.column("swap", "Inflation swap")
    indices: dict[str, Span] = {name: years.span(name) for name in ("base_rent", "scenario_rent", "swap")}
    notional = inputs["zcis_hedged_ratio"] * operations["noi"]
    months.put("month", 0, 0.0)
    for m in range(1, MONTHS + 1):
        month = months.put("month", m, float(m))
        year = months.put("year", m, whole((month - 1) / 12) + 1)
        runs, let = month <= operations["lease_months"], month > inputs["stress_relet_months"]
        months.put("base_cfads", m, when(runs, operations["cfads"] * pick(indices["base_rent"], year) / 12, 0.0))
        level = pick(indices["scenario_rent"], year) / 12
        for name, first in (("income", "revenue"), ("cfads", "cfads")):
            paid = when(let, operations[f"relet_{first}"], operations[f"vacant_{first}"])
            months.put(name, m, when(runs, paid * level, 0.0))
        months.put("swap", m, when(runs, notional * pick(indices["swap"], year) / 12, 0.0))
