"""Two sets of inputs side by side: which fields differ, by how much, and what follows."""

from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest

from engine.project import DerivedInputs, OperatingYear
from projects.differences import FIGURES_TITLE, Differences, Row, compare_inputs, derived_figures, figure_label
from tests.projects.cast import put, sound_inputs


def rows(differences: Differences) -> dict[str, Row]:
    return {row.path: row for group in (*differences.inputs, *differences.figures) for row in group.rows}


def changed(**values: Any) -> dict[str, Row]:
    """The rows that differ once some fields of sound inputs (`a__b` for a.b) have other values."""
    new = sound_inputs()
    for path, value in values.items():
        put(new, path.replace("__", "."), value)
    return rows(compare_inputs(sound_inputs(), new).only_changed())


def test_nothing_differs_from_itself():
    same = compare_inputs(sound_inputs(), deepcopy(sound_inputs()))
    assert same.changed_count == 0
    assert not same.only_changed().inputs
    assert not same.only_changed().figures
    assert rows(same)["power.pue"].old == rows(same)["power.pue"].new == "1.2"


@pytest.mark.parametrize(
    ("path", "value", "old", "new", "unit", "change"),
    [
        ("revenue__rent_amount", 126.5, "115", "126.5", "GBP", "+11.50 (+10.0%)"),
        ("revenue__occupancy_ratio", 0.9, "95", "90", "%", "\N{MINUS SIGN}5.00 pp"),
        ("land__purchase_amount", 20_040_000, "23,040,000", "20,040,000", "GBP", "\N{MINUS SIGN}3,000,000 (\N{MINUS SIGN}13.0%)"),
        ("capex__internal__lines__bess", 30_000_000, "31,500,000", "30,000,000", "GBP", "\N{MINUS SIGN}1,500,000 (\N{MINUS SIGN}4.8%)"),
        ("lease__indexation", "fixed", "With CPI", "Fixed escalator", "", ""),
        ("credit__insurance_wrap", True, "No", "Yes", "", ""),
        ("construction__start_date", "2030-01-01", "1 Jan 2029", "1 Jan 2030", "", ""),
        ("construction__senior_cover_months", 12, "\N{EN DASH}", "12", "months", ""),
        ("revenue__electricity_price_per_mwh", 120, "100", "120", "GBP per MWh", "+20.00 (+20.0%)"),
    ],
)  # fmt: skip
def test_one_field_in_the_units_of_the_screen(path: str, value: Any, old: str, new: str, unit: str, change: str):
    row = changed(**{path: value})[path.replace("__", ".")]
    assert (row.old, row.new, row.unit, row.change) == (old, new, unit, change)


def test_a_field_left_out_counts_as_its_default():
    assert "revenue.electricity_price_per_mwh" not in changed(revenue__electricity_price_per_mwh=100.0)


def test_figures_follow_the_inputs():
    moved = changed(revenue__rent_amount=126.5)
    assert moved["year_one.gross_revenue_amount"].change.endswith("(+10.0%)")
    assert moved["year_one.gross_revenue_amount"].unit == "GBP"
    assert "it_load_mw" not in moved
    assert compare_inputs(sound_inputs(), sound_inputs()).figures[0].title == FIGURES_TITLE


def test_inputs_are_counted_and_figures_are_not():
    new = put(put(sound_inputs(), "revenue.rent_amount", 126.5), "power.pue", 1.3)
    assert compare_inputs(sound_inputs(), new).changed_count == 2


def test_a_line_that_came_and_one_that_went():
    old, new = sound_inputs(), sound_inputs()
    new["capex"]["market"]["lines"]["build"] = 7.0
    del new["capex"]["market"]["lines"]["bess"]
    moved = rows(compare_inputs(old, new).only_changed())
    assert moved["capex.market.lines.build"].old == "\N{EN DASH}"
    assert moved["capex.market.lines.bess"].new == "\N{EN DASH}"


def test_a_currency_that_moved_is_said_with_every_amount():
    old = {"currency": "GBP", "land": {"purchase_amount": 10.0}}
    moved = rows(compare_inputs(old, {"currency": "EUR", "land": {"purchase_amount": 20.0}}))
    assert moved["land.purchase_amount"].unit == "GBP \N{RIGHTWARDS ARROW} EUR"


def test_capex_in_its_own_currency():
    old = {"currency": "GBP", "capex_currency": "EUR", "capex": {"internal": {"lines": {"bess": 1.0}}}}
    assert rows(compare_inputs(old, old))["capex.internal.lines.bess"].unit == "EUR"


def test_a_draft_has_no_figures_but_its_fields_are_compared():
    draft = {"country": "UK", "entered": {"capex_internal_per_mw": 7_500_000.0}}
    differences = compare_inputs(draft, sound_inputs())
    assert rows(differences)["country"].is_changed is False
    assert rows(differences)["entered.capex_internal_per_mw"].old == "7,500,000"
    assert rows(differences)["year_one.noi_amount"].old == "\N{EN DASH}"
    assert derived_figures(draft) == {}


def test_something_new_has_no_old_side():
    differences = compare_inputs(None, {"country": "UK"})
    assert [(row.path, row.old, row.new) for row in differences.inputs[0].rows] == [
        ("country", "\N{EN DASH}", "United Kingdom")
    ]


def test_a_field_nobody_declares_is_shown_all_the_same():
    row = rows(compare_inputs({"site": {"grid_zone": "A"}}, {"site": {"grid_zone": "B"}}))["site.grid_zone"]
    assert (row.label, row.old, row.new) == ("Site, grid zone", "A", "B")


def test_every_derived_figure_has_a_row_and_a_label():
    names = {each.name for each in fields(DerivedInputs)} - {"year_one"}
    names |= {f"year_one.{each.name}" for each in fields(OperatingYear)}
    found = derived_figures(sound_inputs())
    assert names <= found.keys()
    assert figure_label("developer_margin_ratio") == "Developer margin"
