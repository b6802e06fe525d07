"""What a person may change: the project, the market, the levers of the structure, and the scenario it is put through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from documents.live_model.book import CLOSE_DATE, INPUT_SHEETS, Choice, InputSheet, LiveBook
from engine.basics.fields import FieldKind, FieldSpec
from engine.book.inputs import (
    MEZZ_ADVANCE,
    PROJECT_FIELDS,
    RULES,
    SHARED_COSTS,
    SIDES,
    STRESS_PARTS,
    TERMS,
    ard_names,
    input_name,
    lock_up_names,
    step_count,
    stress_name,
)
from engine.book.operations import LAND_AND_FEES
from engine.book.quotes import quote_name
from engine.deal import Deal
from engine.deal.axes import WHOLE_UNITS, AxisSpec
from engine.market import CurrencyMarket
from engine.permutations import AXES
from engine.project import CAPEX_LINES, FIELDS
from engine.ratings.criteria import GENERAL_FIELDS, RATING_STRESS_FIELDS
from engine.terms import FIELDS as TERM_FIELDS
from lib.workbooks.days import day_number

SCENARIO = (
    ("scenario_cpi_rate", "CPI in operation", "rate", Choice(low=-0.05, high=0.2), "Empty: base CPI."),
    ("scenario_shift_bps", "Shift of rates", "bps", Choice(low=-500, high=1000),
     "On the unfixed share of coupons, on a refinancing, and on the total return swap."),
    ("scenario_default_ratio", "Share of rent that stops in month 1", "share", Choice(low=0, high=1),
     "Re-let after the months and at the share of rent given among the terms."),
)  # fmt: skip
AMOUNT, SHARE = Choice(low=0, high=1e12), Choice(low=0, high=1)
CLOSES = Choice(low=day_number(date(2000, 1, 1)), high=day_number(date(2100, 12, 31)), is_whole=True, is_date=True)
TRAP_LEVEL, FX = Choice(low=0, high=5), Choice(low=1e-6, high=1e6)
# What the rule set says yes or no to.
SWITCHES = {"relet_allowed": Choice(low=0, high=1, is_whole=True)}
SAID = {"relet_allowed": "1: yes. The model has the months of the cash that counted when it was issued, and no more."}
# What the market says of one average life; a spread is empty where none is quoted for so low a rating.
QUOTED = {
    "life_years": ("Average life", "years"), "zero_rate": ("Zero rate", "rate"),
    "senior_bps": ("Senior spread", "bps"), "mezz_bps": ("Mezzanine spread", "bps"),
}  # fmt: skip


def write_inputs(book: LiveBook, deal: Deal) -> None:
    """The sheets of levers, project and terms."""
    titles = ("Levers and scenario", "Project", "Market and structuring terms")
    for name, title, write in zip(INPUT_SHEETS, titles, (_write_levers, _write_project, _write_terms), strict=True):
        write(InputSheet(book, name, title), deal)


def _write_levers(sheet: InputSheet, deal: Deal) -> None:
    sheet.heading("Levers: an empty cell leaves the project's own figure, or no limit")
    for code, spec in AXES.items():
        sheet.typed(code, spec.label, spec.unit, choice=_lever_choice(spec), note=spec.help)
    sheet.heading("Scenario: debt stays as sized on base CPI, cash and rates move")
    tests = deal.rules.rating_stresses
    numbers = Choice(low=0, high=len(tests), is_whole=True)
    note = "0: as entered here. A number from 1 on: that scenario of the ratings, below."
    sheet.typed("rating_scenario", "Scenario of the ratings", "count", choice=numbers, note=note)
    for name, label, unit, choice, note in SCENARIO:
        sheet.typed(name, label, unit, choice=choice, note=note)
    for number in range(1, len(tests) + 1):
        _write_stress(sheet, number)


def _write_stress(sheet: InputSheet, number: int) -> None:
    """A scenario that a rating and every better one must survive."""
    sheet.heading(f"Scenario {number} of the ratings")
    specs = {spec.path: spec for spec in RATING_STRESS_FIELDS}
    for part in STRESS_PARTS:
        spec = specs[part]
        note = "Empty: base CPI." if part == "cpi_rate" else spec.help
        sheet.typed(stress_name(number, part), spec.label, spec.unit, choice=_field_choice(spec), note=note)
    sheet.typed(
        stress_name(number, "floor"),
        "DSCR floor in it",
        "times",
        choice=TRAP_LEVEL,
        note="0: the rating has no criteria here.",
    )


def _write_project(sheet: InputSheet, deal: Deal) -> None:
    sheet.heading("As the sponsor entered it")
    lease = deal.inputs.lease.term_years
    # The months of this lease are written, and no more.
    written = {"lease.term_years": Choice(low=1, high=lease, is_whole=True)}
    notes = {
        "lease.term_years": f"At most {lease}: the model has the months of this lease.",
        "construction.months": "From financial close to the start of operations.",
    }
    _write_fields(sheet, {spec.path: spec for spec in FIELDS}, PROJECT_FIELDS, written, notes)
    sheet.typed(
        "gap_months", "Of it before construction starts", "months", choice=Choice(low=0, high=36, is_whole=True)
    )
    sheet.typed("project_wrap", "Insurance wrap", choice=Choice(("none", "senior")))
    sheet.typed("fx_rate", "FX rate", "factor", choice=FX, note="Project currency per unit of capex currency.")
    for side in SIDES:
        sheet.heading(f"Capex, {side}, in capex currency")
        for code, label in CAPEX_LINES.items():
            sheet.typed(f"{side}_{code}", label, "amount", choice=AMOUNT)
        sheet.typed(f"{side}_construction_fee_rate", "Construction phase fee", "share", choice=SHARE)
        sheet.typed(f"{side}_contingency_rate", "Contingency", "share", choice=SHARE)
    sheet.heading("Land and fees")
    for name, label in SHARED_COSTS.items():
        sheet.typed(name, label, "amount", choice=AMOUNT)
    sheet.figure(LAND_AND_FEES)


def _write_terms(sheet: InputSheet, deal: Deal) -> None:
    sheet.heading("Calendar")
    note = "Every period ends on a day counted from here; payments move to business days as the terms say."
    sheet.typed(CLOSE_DATE, "Financial close", "date", choice=CLOSES, note=note)
    sheet.heading("As the run was made")
    _write_fields(sheet, {spec.path: spec for spec in TERM_FIELDS}, TERMS, {}, {})
    steps = step_count(deal.terms)
    sheet.heading("Lock-up: residual cash is trapped while the trailing DSCR is below a threshold")
    _write_steps(sheet, lock_up_names(steps))
    sheet.heading("Cash trap of interest-only notes, in the place of the lock-up")
    _write_steps(sheet, ard_names(steps))
    sheet.heading("Limits of the rule set")
    _write_fields(sheet, {spec.path: spec for spec in GENERAL_FIELDS}, RULES, SWITCHES, SAID)
    note = "At the rating that the run indicated for the mezzanine."
    sheet.typed(MEZZ_ADVANCE, "Highest total advance at the mezzanine's rating", "share", note=note)
    if deal.market:
        _write_market(sheet, deal.market.market_for(deal.inputs.currency))


def _write_market(sheet: InputSheet, market: CurrencyMarket) -> None:
    sheet.heading("Market at the ratings this structure was given: on a straight line between average lives")
    for number in range(1, len(market.lives) + 1):
        for part, (label, unit) in QUOTED.items():
            sheet.typed(quote_name(number, part), f"{label} {number}", unit)


def _write_steps(sheet: InputSheet, names: tuple[tuple[str, str], ...]) -> None:
    for n, (level, share) in enumerate(names, 1):
        sheet.typed(level, f"Threshold {n}", "times", choice=TRAP_LEVEL, note="0: not used.")
        sheet.typed(share, f"Share trapped below threshold {n}", "share", choice=SHARE)


def _write_fields(
    sheet: InputSheet,
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
    if spec.choices:
        return Choice(spec.choices)
    return Choice(low=spec.minimum, high=spec.maximum, is_whole=spec.kind is FieldKind.INTEGER)


def _lever_choice(spec: AxisSpec) -> Choice:
    words: tuple[Any, ...] = tuple(f"{one:g}" if isinstance(one, (int, float)) else one for one in spec.choices)
    if words:
        return Choice(words)
    return Choice(low=spec.minimum, high=spec.maximum, is_whole=spec.unit in WHOLE_UNITS)
