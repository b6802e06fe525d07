"""The sheet's formulas give the engine's figures, also after somebody typed other inputs into it."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from engine.project import ProjectInputs
from projects.translate import check_inputs, taxes_on_file
from projects.workbook.formulas import derived_of, figures
from projects.workbook.layout import layout
from projects.workbook.write import write_workbook
from tests import libreoffice
from tests.projects.cast import TODAY, put, sound_inputs
from tests.projects.sheet_math import Workbook
from tests.projects.workbooks import address, complete_payloads, saved

CLOSE = 1e-9

ALL = [figure for _, found in figures() for figure in found]


def leaves(node: Any, prefix: str = "") -> Iterator[str]:
    for each in fields(node):
        value = getattr(node, each.name)
        if is_dataclass(value):
            yield from leaves(value, f"{prefix}{each.name}.")
        else:
            yield f"{prefix}{each.name}"


def expected(inputs: dict[str, Any]) -> dict[str, float]:
    project = ProjectInputs.from_dict(inputs)
    derived = derived_of(project)
    return {figure.name: float(figure.value(project, derived)) for figure in ALL}


def differing(inputs: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Figures that are not the engine's; differences of large amounts are held to the amounts."""
    wanted = expected(inputs)
    largest = max(abs(wanted["out_market_cost_amount"]), abs(wanted["out_year_one_gross_revenue_amount"]))
    scales = {"share": largest / wanted["out_internal_cost_amount"], "amount": largest}
    units = {figure.name: figure.unit for figure in ALL}
    return {
        name: (value, found[name])
        for name, value in wanted.items()
        if not isinstance(found[name], int | float)
        or not math.isclose(value, found[name], rel_tol=CLOSE, abs_tol=1e-15 * scales.get(units[name], 1.0))
    }


def choices() -> Iterator[dict[str, Any]]:
    """Projects that differ in what they choose, each way of working out land, duty and fees among them."""
    base = check_inputs(sound_inputs(), today=TODAY).values
    land: list[dict[str, Any]] = [
        {"location_quality": "urban", "grid_quality": "good", "purchase_amount": 0.0, "grid_amount": 0.0},
        {"location_quality": "custom", "acres_per_mw": 2.5, "price_per_acre_amount": 7e5, "purchase_amount": 0.0},
        {"grid_quality": "poor", "grid_price_per_mw_amount": 123.5, "grid_amount": 0.0},
        {"location_quality": "custom", "purchase_amount": 0.0},
        {"stamp_duty_basis": "percent", "stamp_duty_rate": 0.035},
        {"stamp_duty_basis": "amount", "stamp_duty_fixed_amount": 12.5},
        *(
            {"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": place, "acquisition": bought}
            for place, bought in taxes_on_file()
            if place.startswith("GB-")
        ),
        {"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-SCT"},
    ]
    for more in land:
        yield {**base, "land": {**base["land"], **more}}
    yield {**base, "fees": {**base["fees"], "management_amount": 0.0, "management_rate": 0.031}}
    yield {**base, "revenue": {**base["revenue"], "lease_type": "gross", "electricity_price_per_mwh": 87.5}}
    yield {
        **base,
        "power": {**base["power"], "utilisation_ratio": 0.7},
        "revenue": {**base["revenue"], "lease_type": "gross", "asset_management_fee_rate": 0.02, "replacement_reserve_per_kw_amount": 12.0},
    }  # fmt: skip
    yield {**base, "revenue": {**base["revenue"], "rent_basis": "monthly_total", "rent_amount": 5_000_000.0}}
    for profile, form in (("s_curve", "notes"), ("straight_line", "notes"), ("at_close", "notes"), ("s_curve", "loan")):
        drawn = {"draw_profile": profile, "debt_form": form, "escrow_rate": 0.03}
        yield {**base, "construction": {**base["construction"], **drawn}}
    yield {**base, "capex_currency": "USD", "fx_rate": 0.8}
    yield put(sound_inputs(), "valuation.appraisal_amount", 5e8)
    yield put(sound_inputs(), "revenue.opex_ratio", 1)


CHOSEN = [check_inputs(payload, today=TODAY) for payload in choices()]


def retyped(content: bytes, inputs: dict[str, Any]) -> bytes:
    """A workbook in which somebody typed every field of another project."""
    book, other = openpyxl.load_workbook(BytesIO(content)), openpyxl.load_workbook(BytesIO(write_workbook("x", inputs)))
    for slot in layout().slots():
        place = address(slot.place)
        book[slot.sheet][place] = other[slot.sheet][place].value
    return saved(book)


def by_twin(content: bytes) -> dict[str, Any]:
    book = Workbook(content)
    return {figure.name: book.value(figure.name) for figure in ALL}


def test_every_derived_figure_is_in_the_sheet() -> None:
    derived = derived_of(ProjectInputs.from_dict(sound_inputs()))
    assert set(leaves(derived)) <= {figure.path for figure in ALL}


def test_the_choices_are_sound_projects() -> None:
    assert [problem.message for checked in CHOSEN for problem in checked.problems] == []


@given(inputs=complete_payloads())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_formulas_give_the_engines_figures(inputs: dict[str, Any]) -> None:
    assert differing(inputs, by_twin(write_workbook("Quay", inputs))) == {}


@pytest.mark.parametrize("inputs", [checked.values for checked in CHOSEN])
def test_formulas_follow_each_choice(inputs: dict[str, Any]) -> None:
    content = write_workbook("Quay", check_inputs(sound_inputs(), today=TODAY).values)
    assert differing(inputs, by_twin(retyped(content, inputs))) == {}


@pytest.mark.parametrize("inputs", [checked.values for checked in CHOSEN[:3]])
def test_the_file_holds_the_figures_for_those_who_only_look(inputs: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(BytesIO(write_workbook("Quay", inputs)), data_only=True)
    assert differing(inputs, _named(book)) == {}
    assert book["Capex"]["C24"].value is not None


def test_an_empty_template_shows_no_errors() -> None:
    book = Workbook(write_workbook())
    figures_found = {figure.name: book.value(figure.name) for figure in ALL}
    assert figures_found["out_it_load_mw"] == figures_found["out_year_one_noi_amount"] == ""
    assert not [name for name, value in figures_found.items() if isinstance(value, str) and value.startswith("#")]


def _named(book: Any) -> dict[str, Any]:
    found = {}
    for figure in ALL:
        sheet, cell = book.defined_names[figure.name].attr_text.split("!")
        found[figure.name] = book[sheet][cell.replace("$", "")].value
    return found


@pytest.mark.skipif(libreoffice.find() is None, reason=f"{libreoffice.MISSING} Their twin runs everywhere.")
def test_a_spreadsheet_program_gives_the_engines_figures(tmp_path: Path) -> None:
    """Written, retyped and recalculated: no figure differs."""
    template = write_workbook("Quay", check_inputs(sound_inputs(), today=TODAY).values)
    cases = [checked.values for checked in CHOSEN[::4]] + _random_projects(5)
    for number, inputs in enumerate(cases):
        content = write_workbook("Quay", inputs) if number % 2 else retyped(template, inputs)
        (tmp_path / f"{number}.xlsx").write_bytes(content)
    (tmp_path / "template.xlsx").write_bytes(write_workbook())
    out = libreoffice.recalculate(sorted(tmp_path.glob("*.xlsx")), tmp_path)
    for number, inputs in enumerate(cases):
        book = openpyxl.load_workbook(out / f"{number}.xlsx", data_only=True)
        assert differing(inputs, _named(book)) == {}, number
        assert _errors(book) == []
    assert _errors(openpyxl.load_workbook(out / "template.xlsx", data_only=True)) == []


def _random_projects(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @seed(20260601)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate])
    @given(inputs=complete_payloads())
    def gather(inputs: dict[str, Any]) -> None:
        found.append(inputs)

    gather()
    return found


def _errors(book: Any) -> list[str]:
    cells = ((sheet, cell) for sheet in book for row in sheet.iter_rows() for cell in row)
    return [f"{sheet.title}!{cell.coordinate} {cell.value}" for sheet, cell in cells if cell.data_type == "e"]
