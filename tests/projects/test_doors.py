"""Two doors to one project: nothing typed is lost between them, and both lead to the same inputs."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from engine.project import CAPEX_LINES, ProjectInputs
from lib.numbers import number_text
from projects.forms import DetailedProjectForm, QuickProjectForm
from projects.forms.doors import (
    DETAILED,
    QUICK,
    Typed,
    carried,
    filled,
    fitting_door,
    kept_beside,
    opened,
    switched,
    typed_in,
    with_market,
)
from projects.forms.following import following
from projects.models import Project
from projects.services import create_project
from projects.translate import check_inputs
from tests.projects.cast import TODAY, quick_data, sound_inputs

LINE = "capex__{}__lines__{}"


def detailed_data(project: Project | None = None, **changes: Any) -> Typed:
    """What a browser sends of the detailed form as it opens, with some fields changed."""
    form = opened(DETAILED, project, today=TODAY)
    values = {name: form[name].value() for name in form.fields}
    data = {name: "on" if value is True else str(value) for name, value in values.items() if value not in (None, False)}
    return {**data, **{name: str(value) for name, value in changes.items()}}


def there_and_back(door: str, typed: Typed, project: Project | None = None) -> Typed:
    other = QUICK if door == DETAILED else DETAILED
    return switched(door, switched(other, typed, project, today=TODAY), project, today=TODAY)


def inputs_of(door: str, typed: Typed, project: Project | None = None) -> ProjectInputs:
    form = filled(door, typed, project, today=TODAY)
    assert form.is_valid(), form.errors
    assert form.inputs is not None
    return form.inputs


def unsaved(inputs: dict[str, Any]) -> Project:
    return Project(title="Severn Gate", inputs=check_inputs(inputs, today=TODAY).values, version=3)


def rich_inputs() -> dict[str, Any]:
    """The sound inputs with what only the detailed door shows."""
    inputs = sound_inputs()
    inputs["land"] = {
        "location_quality": "urban", "acres_per_mw": 0.6, "grid_quality": "medium", "acquisition": "asset",
        "stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-ENG",
    }  # fmt: skip
    inputs["fees"] = {"development_amount": 2_310_800, "management_rate": 0.03}
    inputs["meta"] = {"sponsor_name": "Severn Estates", "location": "Newport"}
    return inputs


@pytest.mark.parametrize("inputs", [sound_inputs(), rich_inputs()], ids=["lines", "everything"])
@pytest.mark.parametrize("door", [QUICK, DETAILED])
def test_a_form_sent_as_it_opened_changes_nothing(door: str, inputs: dict[str, Any]) -> None:
    project = unsaved(inputs)
    form = opened(door, project, today=TODAY)
    typed = typed_in({name: str(form[name].value() or "") for name in form.fields})
    assert inputs_of(door, typed, project).to_dict() == project.inputs


def test_the_detailed_form_of_the_demo_by_hand() -> None:
    form = filled(DETAILED, detailed_data(unsaved(sound_inputs())), unsaved(sound_inputs()), today=TODAY)
    figures = form.figures()
    assert figures is not None
    expected = {
        "it_load": 40, "overhead": 8, "internal_lines": 350_000_000, "internal_fee": 5_250_000,
        "internal_contingency": 17_762_500, "internal_capex": 373_012_500, "market_capex": 440_154_750,
        "land_purchase": 23_040_000, "grid_connection": 16_800_000, "stamp_duty": 1_141_500, "management_fee": 11_695_200,
        "management_rate": 0.03, "internal_cost": 428_000_000, "market_cost": 495_142_250, "developer_profit": 67_142_250,
        "developer_margin": 67_142_250 / 428_000_000, "gross_revenue": 52_440_000, "noi": 44_574_000, "cfads": 43_648_260,
        "value": 742_900_000, "agency_value": 586_891_000,
    }  # fmt: skip
    assert {name: figures.amounts[name] for name in expected} == pytest.approx(expected)


def test_figures_appear_as_soon_as_what_they_rest_on_is_sound() -> None:
    form = filled(DETAILED, {"power__gross_facility_mw": "100", "land__location_quality": "urban"}, None, today=TODAY)
    form.is_valid()
    figures = form.figures()
    assert figures is not None
    told = {name: amount for name, amount in figures.amounts.items() if amount is not None}
    assert told["land_purchase"] == 80_000_000
    assert told.keys().isdisjoint({"it_load", "noi", "internal_cost", "value", "developer_profit"})
    form = filled(DETAILED, {"power__gross_facility_mw": "100", "power__pue": "1.25"}, None, today=TODAY)
    form.is_valid()
    figures = form.figures()
    assert figures is not None
    assert (figures.amounts["it_load"], figures.amounts["overhead"]) == (80, 20)


def test_a_fault_hides_what_rests_on_it_and_nothing_else() -> None:
    project = unsaved(sound_inputs())
    form = filled(DETAILED, detailed_data(project, power__pue="9"), project, today=TODAY)
    form.is_valid()
    figures = form.figures()
    assert figures is not None
    assert figures.amounts["it_load"] is None
    assert figures.amounts["noi"] is None
    assert figures.amounts["internal_cost"] == pytest.approx(428_000_000)


def test_per_mw_becomes_a_line_and_lines_become_per_mw() -> None:
    typed = switched(DETAILED, typed_in(quick_data()), None, today=TODAY)
    assert typed[LINE.format("internal", "build")] == "360,000,000"
    typed[LINE.format("internal", "build")] = ""
    typed[LINE.format("internal", "bess")] = "48,000,000"
    typed[LINE.format("internal", "substations")] = "96,000,000"
    back = switched(QUICK, typed, None, today=TODAY)
    form = filled(QUICK, back, None, today=TODAY)
    assert form["capex_internal_per_mw"].value() == "3,000,000"
    doubled = {**back, "capex_internal_per_mw": "6,000,000"}
    again = switched(DETAILED, doubled, None, today=TODAY)
    assert (again[LINE.format("internal", "bess")], again[LINE.format("internal", "substations")]) == (
        "96,000,000",
        "192,000,000",
    )


def test_what_cannot_be_read_goes_along() -> None:
    project = unsaved(rich_inputs())
    typed = detailed_data(
        project, power__pue="one and a half", land__acres_per_mw="lots", capex__market__lines__bess="many"
    )
    back = there_and_back(DETAILED, typed, project)
    assert {name: back.get(name) for name in typed} == typed
    quick = filled(QUICK, switched(QUICK, typed, project, today=TODAY), project, today=TODAY)
    assert quick["power__pue"].value() == "one and a half"


def test_the_quick_door_says_what_it_keeps() -> None:
    project = unsaved(rich_inputs())
    kept = dict(kept_beside(opened(QUICK, project, today=TODAY)))
    assert kept["Location quality"] == "Urban"
    assert kept["Stamp duty jurisdiction"] == "England and Northern Ireland"
    assert kept["Internal capex by line"] == "16 lines, kept in proportion"
    assert "land__stamp_duty_rate" not in opened(QUICK, project, today=TODAY).fields
    assert not kept_beside(opened(DETAILED, project, today=TODAY))
    assert fitting_door(project.inputs) == DETAILED


def test_a_figure_per_mw_that_waits_for_its_mw_is_kept_and_said(sponsor: User) -> None:
    form = filled(QUICK, typed_in(quick_data(power__gross_facility_mw="")), None, today=TODAY)
    form.is_valid()
    draft = create_project(by=sponsor, title="Half", inputs=form.payload)
    assert dict(kept_beside(opened(DETAILED, draft, today=TODAY)))["Internal capex per MW"] == "7,500,000"
    detailed = filled(DETAILED, detailed_data(draft), draft, today=TODAY)
    detailed.is_valid()
    assert detailed.values["entered"]["capex_internal_per_mw"] == 7_500_000


def test_the_market_column_from_the_internal_one() -> None:
    project = unsaved(sound_inputs())
    typed = with_market(detailed_data(project), Decimal("0.2"), project, today=TODAY)
    assert typed[LINE.format("market", "crusader_modules")] == "176,400,000"
    assert inputs_of(DETAILED, typed, project).capex_market.lines_amount == pytest.approx(420_000_000)


def test_words_under_the_fields_that_follow() -> None:
    project = unsaved(rich_inputs())
    form = filled(DETAILED, detailed_data(project), project, today=TODAY)
    form.is_valid()
    words = following(form, form.figures())
    assert words["land__purchase_amount"] == "= 23,040,000"
    assert words["land__grid_amount"] == "= 19,200,000"
    assert words["land__price_per_acre_amount"] == "Taken as 800,000."
    assert words["fees__management_amount"] == "= 11,767,200"
    assert words["land__stamp_duty_jurisdiction"].startswith("= 1,141,500 SDLT freehold or premium, since 2016-03-17.")
    by_amount = detailed_data(project, fees__management_rate="", fees__management_amount="11,767,200")
    form = filled(DETAILED, by_amount, project, today=TODAY)
    form.is_valid()
    assert following(form, form.figures())["fees__management_rate"] == "= 3.00%"


def test_labels_and_names_of_lines() -> None:
    form = opened(DETAILED, None, today=TODAY)
    assert isinstance(form, DetailedProjectForm)
    rows = form.capex_rows()
    assert [row.code for row in rows] == list(CAPEX_LINES)
    assert rows[0].internal.label == "Architectural, internal"


amounts = st.integers(10**6, 10**11).map(lambda cents: number_text(Decimal(cents) / 100))
anything = st.one_of(amounts, st.just(""), st.text(max_size=20), st.sampled_from(["1e400", "nan", "12,5", "\x00", "0"]))


@settings(max_examples=10, deadline=None)
@given(
    lines=st.dictionaries(st.sampled_from(sorted(CAPEX_LINES)), amounts, min_size=1),
    market=st.dictionaries(st.sampled_from(sorted(CAPEX_LINES)), amounts, min_size=1),
    mw=st.integers(500, 50_000).map(lambda hundredths: number_text(Decimal(hundredths) / 100)),
)
def test_sound_entries_survive_the_other_door(lines: Typed, market: Typed, mw: str) -> None:
    blank = {LINE.format(side, code): "" for side in ("internal", "market") for code in CAPEX_LINES}
    own = {LINE.format("internal", c): a for c, a in lines.items()} | {
        LINE.format("market", c): a for c, a in market.items()
    }
    head = {name: value for name, value in quick_data().items() if not name.startswith("capex_") or "__" in name}
    typed = typed_in({**head, **blank, **own, "power__gross_facility_mw": mw})
    before = inputs_of(DETAILED, typed)
    back = there_and_back(DETAILED, typed)
    assert {name: back[name] for name in typed} == typed
    assert inputs_of(DETAILED, back) == before
    assert inputs_of(QUICK, switched(QUICK, typed, None, today=TODAY)) == before


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted(set(carried(QUICK, dict.fromkeys(detailed_data(), ""))) | set(quick_data()))), anything
    )
)
def test_whatever_is_typed_survives_and_nothing_breaks(entries: Typed) -> None:
    typed = {**detailed_data(), **entries}
    back = there_and_back(DETAILED, typed)
    assert {name: back.get(name, "") for name in typed} == typed
    form = filled(QUICK, typed, None, today=TODAY)
    form.is_valid()
    form.figures()


def test_the_quick_form_keeps_its_name() -> None:
    assert isinstance(opened(QUICK, None, today=TODAY), QuickProjectForm)


@pytest.mark.parametrize("door", [QUICK, DETAILED])
def test_an_amount_of_land_left_empty_says_what_it_counts_as(door: str) -> None:
    project = unsaved({**sound_inputs(), "land": {}})
    shown = opened(door, project, today=TODAY)
    values = {name: shown[name].value() for name in shown.fields}
    form = filled(
        door, {name: str(value) for name, value in values.items() if value not in (None, False)}, project, today=TODAY
    )
    form.is_valid()
    words = following(form, form.figures())
    assert (words["land__purchase_amount"], words["land__grid_amount"]) == ("Counts as 0.", "Counts as 0.")
