"""What a person may change: the project, the market, the levers of the structure, and the scenario it is put through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from documents.live_model.book import Choice, ListSheet, LiveBook
from engine.basics.fields import FieldSpec
from engine.book.inputs import PROJECT_FIELDS, SHARED_COSTS, SIDES, TERMS, input_name, lock_up_names, step_count
from engine.book.operations import LAND_AND_FEES
from engine.deal import Deal
from engine.deal.axes import AxisSpec
from engine.permutations import AXES
from engine.project import CAPEX_LINES, FIELDS
from engine.terms import FIELDS as TERM_FIELDS

SCENARIO = (
    ("scenario_cpi_rate", "CPI in operation", "rate", Choice(low=-0.05, high=0.2), "Empty: base CPI."),
    ("scenario_shift_bps", "Shift of rates", "bps", Choice(low=-500, high=1000),
     "On the unfixed share of coupons, on a refinancing, and on the total return swap."),
    ("scenario_default_ratio", "Share of rent that stops in month 1", "share", Choice(low=0, high=1),
     "Re-let after the months and at the share of rent given among the terms."),
)  # fmt: skip


def write_inputs(book: LiveBook, deal: Deal) -> None:
    """The sheets of levers, project and terms."""
    _write_levers(ListSheet(book, "Levers", "Levers and scenario"))
    _write_project(ListSheet(book, "Project", "Project"), deal)
    _write_terms(ListSheet(book, "Terms", "Market and structuring terms"), deal)


def _write_levers(sheet: ListSheet) -> None:
    sheet.heading("Levers: an empty cell leaves the project's own figure, or no limit")
    for code, spec in AXES.items():
        sheet.typed(code, spec.label, spec.unit, choice=_lever_choice(spec), note=spec.help)
    sheet.heading("Scenario: debt stays as sized on base CPI, cash and rates move")
    for name, label, unit, choice, note in SCENARIO:
        sheet.typed(name, label, unit, choice=choice, note=note)


def _write_project(sheet: ListSheet, deal: Deal) -> None:
    sheet.heading("As the sponsor entered it")
    lease = deal.inputs.lease.term_years
    # The months of this lease are written, and no more.
    written = {"lease.term_years": Choice(low=1, high=lease)}
    notes = {"lease.term_years": f"At most {lease}: the model has the months of this lease."}
    _write_fields(sheet, {spec.path: spec for spec in FIELDS}, PROJECT_FIELDS, written, notes)
    sheet.typed("project_wrap", "Insurance wrap", choice=Choice(("none", "senior")))
    sheet.typed("fx_rate", "FX rate", "factor", note="Project currency per unit of capex currency.")
    for side in SIDES:
        sheet.heading(f"Capex, {side}, in capex currency")
        for code, label in CAPEX_LINES.items():
            sheet.typed(f"{side}_{code}", label, "amount")
        sheet.typed(f"{side}_construction_fee_rate", "Construction phase fee", "share")
        sheet.typed(f"{side}_contingency_rate", "Contingency", "share")
    sheet.heading("Land and fees")
    for name, label in SHARED_COSTS.items():
        sheet.typed(name, label, "amount")
    sheet.figure(LAND_AND_FEES)


def _write_terms(sheet: ListSheet, deal: Deal) -> None:
    sheet.heading("As the run was made")
    _write_fields(sheet, {spec.path: spec for spec in TERM_FIELDS}, TERMS, {}, {})
    sheet.heading("Lock-up: residual cash is trapped while the trailing DSCR is below a threshold")
    for n, (level, share) in enumerate(lock_up_names(step_count(deal.terms)), 1):
        sheet.typed(level, f"Threshold {n}", "times", note="0: not used.")
        sheet.typed(share, f"Share trapped below threshold {n}", "share")


def _write_fields(
    sheet: ListSheet,
    specs: Mapping[str, FieldSpec],
    paths: tuple[str, ...],
    choices: Mapping[str, Choice],
    notes: Mapping[str, str],
) -> None:
    for path in paths:
        spec = specs[path]
        choice = choices.get(path, _field_choice(spec))
        sheet.typed(input_name(path), spec.label, spec.unit, choice=choice, note=notes.get(path, spec.help))


def _field_choice(spec: FieldSpec) -> Choice:
    return Choice(spec.choices) if spec.choices else Choice(low=spec.minimum, high=spec.maximum)


def _lever_choice(spec: AxisSpec) -> Choice:
    words: tuple[Any, ...] = tuple(f"{one:g}" if isinstance(one, (int, float)) else one for one in spec.choices)
    return Choice(words) if words else Choice(low=spec.minimum, high=spec.maximum)
