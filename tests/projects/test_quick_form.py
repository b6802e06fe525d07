"""The quick form: the engine's fields and sentences, in the units of the screen."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from engine.basics.fields import FieldKind, FieldSpec
from engine.project import FIELDS
from lib.numbers import number_text
from projects.forms import QuickProjectForm, field_name
from projects.forms.quick import DETAILED_ONLY, LINE_PATHS, SECTIONS, SPECS
from projects.models import Project
from projects.screen import is_percent, range_shown, read, shown
from projects.services import create_project, edit_project
from projects.translate import QUICK_FIELDS
from tests.projects.cast import TODAY, form_data, quick_data, sound_inputs

NUMERIC = [spec for spec in SPECS.values() if spec.kind in {FieldKind.NUMBER, FieldKind.INTEGER}]


def _form(**changes: Any) -> QuickProjectForm:
    return QuickProjectForm(quick_data(**changes), today=TODAY)


def _errors(**changes: Any) -> dict[str, list[str]]:
    form = _form(**changes)
    form.is_valid()
    return {name: [str(e) for e in errors] for name, errors in form.errors.items()}


def _id(spec: FieldSpec) -> str:
    return spec.path


def test_every_engine_field_stands_in_one_section_but_those_of_the_detailed_door() -> None:
    listed = [name for section in SECTIONS for name in section.names]
    left_out = {*LINE_PATHS, *DETAILED_ONLY}
    wanted = [s.path for s in (*FIELDS, *QUICK_FIELDS) if s.path not in left_out] + ["title"]
    assert sorted(listed) == sorted(wanted)
    assert [f.name for s in _form().sections() for f in s.fields] == [field_name(name) for name in listed]


def test_labels_and_help_are_the_engines() -> None:
    form = QuickProjectForm(today=TODAY)
    for spec in SPECS.values():
        field = form.fields[field_name(spec.path)]
        assert field.label == spec.label
        assert field.help_text == spec.help


def test_a_sound_form_gives_the_engines_inputs() -> None:
    form = _form()
    assert form.is_valid(), form.errors
    assert form.inputs is not None
    assert form.inputs.capex_internal.lines_amount == 360_000_000
    assert form.inputs.capex_market.lines_amount == 432_000_000
    assert form.inputs.revenue.opex_ratio == 0.15
    assert form.inputs.land.stamp_duty_amount == 1_000_000
    assert form.cleaned_data["title"] == "Quay Street"


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.minimum is not None], ids=_id)
def test_below_the_minimum_says_expected_and_got_on_its_field(spec: FieldSpec) -> None:
    assert spec.minimum is not None
    typed = number_text(Decimal(str(spec.minimum)) * (100 if is_percent(spec) else 1) - 1)
    errors = _errors(**{field_name(spec.path): typed})[field_name(spec.path)]
    unit = "%" if is_percent(spec) else ""
    assert f"{spec.label}: expected {range_shown(spec)}, got {typed}{unit}." in errors


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.maximum is not None], ids=_id)
def test_above_the_maximum_says_expected_and_got_on_its_field(spec: FieldSpec) -> None:
    assert spec.maximum is not None
    typed = number_text(Decimal(str(spec.maximum)) * (100 if is_percent(spec) else 1) + 1)
    assert any(f"got {typed}" in e for e in _errors(**{field_name(spec.path): typed})[field_name(spec.path)])


@pytest.mark.parametrize("typed", ["abc", "1,5", "0 850", "nan", "inf", "-Infinity", "sNaN", "1e400", "1e9999",
                                   "9" * 500, "\x00", "<b>1</b>", "1_0", "0.1_0", "\u0661", "--1"])  # fmt: skip
def test_what_is_no_sound_number_is_told_on_every_field(typed: str) -> None:
    names = {field_name(spec.path) for spec in NUMERIC}
    assert set(_errors(**dict.fromkeys(names, typed))) >= names


@pytest.mark.parametrize("spec", [s for s in SPECS.values() if s.required], ids=_id)
def test_missing(spec: FieldSpec) -> None:
    name = field_name(spec.path)
    assert any("missing" in e for e in _errors(**{name: ""})[name])


@pytest.mark.parametrize("spec", [s for s in SPECS.values() if s.kind is FieldKind.CHOICE], ids=_id)
def test_not_a_choice(spec: FieldSpec) -> None:
    name = field_name(spec.path)
    assert "got Atlantis" in _errors(**{name: "Atlantis"})[name][0]


def test_an_empty_form_tells_every_required_field_and_nothing_else() -> None:
    form = QuickProjectForm({}, today=TODAY)
    assert not form.is_valid()
    assert set(form.errors) == {field_name(s.path) for s in SPECS.values() if s.required} | {"title"}


def test_a_bad_date_and_a_past_one() -> None:
    name = "construction__start_date"
    assert "YYYY-MM-DD" in _errors(**{name: "soon"})[name][0]
    assert "after 2026-06-01" in _errors(**{name: "2026-06-01"})[name][0]


def test_currency_must_fit_the_country() -> None:
    assert "GBP" in _errors(currency="EUR")["currency"][0]


def test_a_pue_below_one_warns_and_passes() -> None:
    form = _form(power__pue="0.97")
    assert form.is_valid()
    assert [w.code for w in form.warnings] == ["pue_not_physical"]


def test_a_title_too_long_and_a_version_that_is_none() -> None:
    assert _errors(title="x" * 256)["title"] == ["Title: expected at most 255 characters, got 256."]
    assert "version" in _errors(version="two")


def test_management_fee_by_percent() -> None:
    form = _form(fees__management_rate="3", fees__management_amount="")
    assert form.is_valid(), form.errors
    assert form.inputs is not None
    assert form.inputs.fees.management_amount == 0.03 * (360_000_000 + 20_000_000)


def test_management_fee_by_percent_in_another_capex_currency() -> None:
    form = _form(fees__management_rate="3", fees__management_amount="", capex_currency="USD", fx_rate="0.8")
    assert form.is_valid(), form.errors
    assert form.inputs is not None
    assert form.inputs.fees.management_amount == pytest.approx(0.03 * (288_000_000 + 20_000_000))


def test_management_fee_given_twice() -> None:
    errors = _errors(fees__management_rate="3", fees__management_amount="5000000")
    assert errors == {
        "fees__management_rate": ["Management fee, percent: enter the percentage or the amount, not both."]
    }


def test_what_was_typed_stays_in_a_bad_form() -> None:
    form = _form(power__pue="9", land__purchase_amount="20,000,000")
    assert not form.is_valid()
    assert form["power__pue"].value() == "9"
    assert form["land__purchase_amount"].value() == "20,000,000"


def test_a_draft_keeps_the_good_values_and_the_form_shows_them_again(sponsor: User) -> None:
    form = _form(power__gross_facility_mw="a lot", revenue__opex_ratio="101")
    assert not form.is_valid()
    draft = create_project(by=sponsor, title="Half", inputs=form.payload)
    again = QuickProjectForm(project=draft, today=TODAY)
    assert again["capex_internal_per_mw"].value() == "7,500,000"
    assert again["revenue__rent_amount"].value() == "110"
    assert again["power__gross_facility_mw"].value() is None
    mended = QuickProjectForm(form_data(draft, power__gross_facility_mw=48, revenue__opex_ratio=15), project=draft)
    assert mended.is_valid(), mended.errors


def _project(sponsor: User, inputs: dict[str, Any]) -> Project:
    return create_project(by=sponsor, title="Demo", inputs=inputs)


def test_form_to_inputs_to_form_is_a_round_trip(sponsor: User) -> None:
    project = _project(sponsor, sound_inputs())
    form = QuickProjectForm(form_data(project), project=project, today=TODAY)
    assert form.is_valid(), form.errors
    assert form.inputs is not None
    assert form.inputs.to_dict() == project.inputs
    saved = edit_project(by=sponsor, project=project, title="Demo", inputs=form.payload, version=project.version)
    assert form_data(saved) == {**form_data(project), "version": "2"}


def test_a_quick_project_is_a_round_trip_too(sponsor: User) -> None:
    first = _form(revenue__occupancy_ratio="97.35", lease__cpi_cap_rate="4.1", capex_internal_per_mw="7,500,123.45")
    assert first.is_valid(), first.errors
    project = _project(sponsor, first.payload)
    second = QuickProjectForm(form_data(project), project=project, today=TODAY)
    assert second.is_valid(), second.errors
    assert second.inputs == first.inputs


def test_the_split_by_line_is_kept_in_proportion(sponsor: User) -> None:
    project = _project(sponsor, sound_inputs())
    before = project.inputs["capex"]["internal"]["lines"]
    changed = form_data(project, capex_internal_per_mw="8,000,000.01")
    form = QuickProjectForm(changed, project=project, today=TODAY)
    assert form.is_valid(), form.errors
    after = form.payload["capex"]["internal"]["lines"]
    assert sum(after.values()) == Decimal("384000000.48")
    assert set(after) == set(before)
    for code, amount in before.items():
        assert float(after[code]) / 384_000_000.48 == pytest.approx(amount / 350_000_000, abs=1e-8)


def test_an_unchanged_start_that_has_passed_does_not_block_an_edit(sponsor: User) -> None:
    project = _project(sponsor, sound_inputs())
    form = QuickProjectForm(form_data(project), project=project, today=date(2031, 1, 1))
    assert form.is_valid(), form.errors
    assert [w.code for w in form.warnings] == ["not_in_future"]


@pytest.mark.parametrize(("unit", "typed", "value"), [
    ("share", "12.5", "0.125"), ("amount", "1,234,567.50", "1234567.5"), ("times", ".5", "0.5"), ("amount", "1e6", "1000000"),
])  # fmt: skip
def test_reading_and_showing(unit: str, typed: str, value: str) -> None:
    spec = FieldSpec("x", "X", FieldKind.NUMBER, unit)
    assert read(spec, typed) == Decimal(value)
    assert read(spec, shown(spec, Decimal(value))) == Decimal(value)
