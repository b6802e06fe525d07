"""What a person may change: the project, the market, the levers of the structure, and the scenario it is put through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from documents.live_model.algebra import Expr, Span, Value, is_blank, total, when
from documents.live_model.book import Choice, ListSheet, LiveBook
from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.permutations import AXES, Case
from engine.permutations.axes import AxisSpec, Lever
from engine.project import CAPEX_LINES, FIELDS
from engine.terms import FIELDS as TERM_FIELDS
from engine.terms import StructuringTerms

PROJECT_FIELDS = (
    "power.gross_facility_mw", "power.pue", "revenue.rent_basis", "revenue.rent_amount", "revenue.occupancy_ratio",
    "revenue.lease_type", "revenue.opex_ratio", "revenue.electricity_price_per_mwh", "lease.term_years",
    "lease.indexation", "lease.indexation_lag_months", "lease.indexation_spread_rate", "lease.cpi_floor_rate",
    "lease.cpi_cap_rate", "lease.fixed_indexation_rate", "construction.months", "construction.senior_cover",
    "construction.senior_cover_months", "construction.mezz_cover", "construction.mezz_cover_months",
    "credit.insurance_premium_bps", "valuation.appraisal_amount",
)  # fmt: skip
TERMS = (
    "base_cpi_rate", "capitalisation_rate", "agency_haircut_ratio", "discount_rate", "structuring_fee_rate",
    "structuring_fee_fixed_amount", "zcis_breakeven_5y_rate", "zcis_breakeven_10y_rate", "zcis_dealer_spread_bps",
    "zcis_hedged_ratio", "trs_financing_rate", "trs_spread_bps", "trs_haircut_ratio", "balloon_mode",
    "refinance_spread_bps", "step_up_bps", "lock_up_window_months", "unfixed_ratio", "stress_relet_months",
    "stress_relet_ratio",
)  # fmt: skip
LOCK_UP_STEPS = 4
SIDES = ("internal", "market")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The cells of the inputs by name, the capex tables, and the lock-up steps, highest threshold first."""

    cells: dict[str, Expr]
    capex_lines: dict[str, Span]
    lock_up: tuple[tuple[Expr, Expr], ...]

    def __getitem__(self, name: str) -> Expr:
        return self.cells[name]

    def own_or(self, lever: str, own: str) -> Expr:
        """The lever where one is entered, else the project's own figure."""
        return when(is_blank(self[lever]), self[own], self[lever])


def write_inputs(book: LiveBook, case: Case, levers: dict[str, Lever]) -> Inputs:
    """The sheets of levers, project and terms."""
    cells = _write_levers(book, levers)
    lines = _write_project(book, case, cells)
    steps = _write_terms(book, case.terms, cells)
    return Inputs(cells, lines, steps)


def _write_levers(book: LiveBook, levers: dict[str, Lever]) -> dict[str, Expr]:
    sheet = ListSheet(book, "Levers", "Levers and scenario")
    sheet.heading("Levers: an empty cell leaves the project's own figure, or no limit")
    cells = {
        code: sheet.typed(code, spec.label, levers.get(code), spec.unit, choice=_lever_choice(spec), note=spec.help)
        for code, spec in AXES.items()
    }
    sheet.heading("Scenario: debt stays as sized on base CPI, cash and rates move")
    cells["scenario_cpi_rate"] = sheet.typed(
        "scenario_cpi_rate",
        "CPI in operation",
        None,
        "rate",
        choice=Choice(low=-0.05, high=0.2),
        note="Empty: base CPI.",
    )
    cells["scenario_shift_bps"] = sheet.typed(
        "scenario_shift_bps", "Shift of rates", 0.0, "bps", choice=Choice(low=-500, high=1000),
        note="On the unfixed share of coupons, on a refinancing, and on the total return swap.",
    )  # fmt: skip
    cells["scenario_default_ratio"] = sheet.typed(
        "scenario_default_ratio", "Share of rent that stops in month 1", 0.0, "share", choice=Choice(low=0, high=1),
        note="Re-let after the months and at the share of rent given among the terms.",
    )  # fmt: skip
    return cells


def _write_project(book: LiveBook, case: Case, cells: dict[str, Expr]) -> dict[str, Span]:
    sheet = ListSheet(book, "Project", "Project")
    inputs = case.inputs.to_dict()
    sheet.heading("As the sponsor entered it")
    specs = {spec.path: spec for spec in FIELDS}
    for path in PROJECT_FIELDS:
        spec = specs[path]
        cells[_name(path)] = sheet.typed(
            _name(path),
            spec.label,
            _plain(lookup(inputs, path), spec),
            spec.unit,
            choice=_field_choice(spec),
            note=spec.help,
        )
    wrapped = "senior" if case.inputs.credit.insurance_wrap else "none"
    cells["project_wrap"] = sheet.typed("project_wrap", "Insurance wrap", wrapped, choice=Choice(("none", "senior")))
    cells["fx_rate"] = sheet.typed(
        "fx_rate", "FX rate", case.inputs.fx_rate or 1.0, "factor", note="Project currency per unit of capex currency."
    )
    lines = {side: _write_capex(sheet, inputs, side, cells) for side in SIDES}
    sheet.heading("Land and fees")
    land, fees = case.inputs.land, case.inputs.fees
    shared = {
        "land_purchase": ("Land purchase", land.purchase_amount),
        "grid_connection": ("Grid connection", land.grid_amount),
        "stamp_duty": ("Stamp duty", land.stamp_duty_amount),
        "development_fee": ("Development fee", fees.development_amount),
        "management_fee": ("Management fee", fees.management_amount),
    }
    entered = [sheet.typed(name, label, amount, "amount") for name, (label, amount) in shared.items()]
    cells["land_and_fees"] = sheet.figure("land_and_fees", "Land and fees", total(*entered))
    return lines


def _write_capex(sheet: ListSheet, inputs: dict[str, Any], side: str, cells: dict[str, Expr]) -> Span:
    sheet.heading(f"Capex, {side}, in capex currency")
    amounts = lookup(inputs, f"capex.{side}.lines") or {}
    first = sheet.row
    typed = [
        sheet.typed(f"{side}_{code}", label, float(amounts.get(code, 0.0)), "amount")
        for code, label in CAPEX_LINES.items()
    ]
    span = Span(f"Project!$B${first + 1}:$B${sheet.row}", typed)
    for part, label in (("construction_fee_rate", "Construction phase fee"), ("contingency_rate", "Contingency")):
        name = f"{side}_{part}"
        cells[name] = sheet.typed(name, label, lookup(inputs, f"capex.{side}.{part}") or 0.0, "share")
    return span


def _write_terms(book: LiveBook, terms: StructuringTerms, cells: dict[str, Expr]) -> tuple[tuple[Expr, Expr], ...]:
    sheet = ListSheet(book, "Terms", "Market and structuring terms")
    sheet.heading("As the run was made")
    specs = {spec.path: spec for spec in TERM_FIELDS}
    for name in TERMS:
        spec = specs[name]
        cells[name] = sheet.typed(
            name,
            spec.label,
            _plain(getattr(terms, name), spec),
            spec.unit,
            choice=_field_choice(spec),
            note=spec.help,
        )
    sheet.heading("Lock-up: residual cash is trapped while the trailing DSCR is below a threshold")
    given = [*terms.lock_up_steps, *[(0.0, 0.0)] * LOCK_UP_STEPS][: max(LOCK_UP_STEPS, len(terms.lock_up_steps))]
    return tuple(
        (
            sheet.typed(f"lock_up_level_{n}", f"Threshold {n}", level, "times", note="0: not used."),
            sheet.typed(f"lock_up_share_{n}", f"Share trapped below threshold {n}", share, "share"),
        )
        for n, (level, share) in enumerate(given, 1)
    )


def _name(path: str) -> str:
    return f"project_{path.rpartition('.')[2]}" if path in _SHADOWED else path.rpartition(".")[2]


# Levers of these names stand beside the project's own figures.
_SHADOWED = {path for path in PROJECT_FIELDS if path.rpartition(".")[2] in AXES} | {"construction.months"}


def _plain(value: Any, spec: FieldSpec) -> Value | None:
    if value is None:
        return None
    return str(value) if spec.kind is FieldKind.CHOICE else float(value)


def _field_choice(spec: FieldSpec) -> Choice:
    return Choice(spec.choices) if spec.choices else Choice(low=spec.minimum, high=spec.maximum)


def _lever_choice(spec: AxisSpec) -> Choice:
    words = tuple(f"{choice:g}" if isinstance(choice, (int, float)) else choice for choice in spec.choices)
    return Choice(words) if words else Choice(low=spec.minimum, high=spec.maximum)
