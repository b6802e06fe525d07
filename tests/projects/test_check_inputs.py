"""Every field out of range, missing, of the wrong type, not finite or huge: told of at its place, the rest kept."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.project import CAPEX_LINES, FIELDS, ProjectInputs
from projects.translate import PLATFORM_CAPEX_NAMES, canonical_names, check_inputs
from tests.projects.cast import TODAY, put, sound_inputs

NUMERIC = [spec for spec in FIELDS if spec.kind in {FieldKind.NUMBER, FieldKind.INTEGER}]
NAMED = {spec.path: spec for spec in FIELDS}


def _codes_at(payload: dict[str, Any], place: str) -> set[str]:
    return {p.code for p in check_inputs(payload, today=TODAY).problems if p.place == place}


def _id(spec: FieldSpec) -> str:
    return spec.path


def test_sound_inputs_come_back_whole() -> None:
    checked = check_inputs(sound_inputs(), today=TODAY)
    assert checked.is_complete
    assert checked.problems == checked.warnings == ()
    assert checked.inputs is not None
    assert ProjectInputs.from_dict(checked.values).to_dict() == checked.values


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.minimum is not None], ids=_id)
def test_below_the_minimum(spec: FieldSpec) -> None:
    assert spec.minimum is not None
    assert "out_of_range" in _codes_at(put(sound_inputs(), spec.path, spec.minimum - 1), spec.path)


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.exclusive_minimum], ids=_id)
def test_at_an_exclusive_minimum(spec: FieldSpec) -> None:
    assert "out_of_range" in _codes_at(put(sound_inputs(), spec.path, spec.minimum), spec.path)


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.maximum is not None], ids=_id)
def test_above_the_maximum(spec: FieldSpec) -> None:
    assert spec.maximum is not None
    assert "out_of_range" in _codes_at(put(sound_inputs(), spec.path, spec.maximum + 1), spec.path)


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.minimum is not None and not s.exclusive_minimum], ids=_id)
def test_at_the_limits(spec: FieldSpec) -> None:
    for limit in (spec.minimum, spec.maximum):
        assert "out_of_range" not in _codes_at(put(sound_inputs(), spec.path, limit), spec.path)


@pytest.mark.parametrize("bad", ["twelve", [], {"a": 1}, True, 10**400], ids=str)
def test_not_a_number(bad: Any) -> None:
    for spec in NUMERIC:
        checked = check_inputs(put(sound_inputs(), spec.path, bad), today=TODAY)
        assert "not_a_number" in {p.code for p in checked.problems if p.place == spec.path}, spec.path
        assert lookup(checked.values, spec.path) is None, spec.path


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "-inf", "NaN", "1e999", Decimal("NaN"), 1e308,
                                 Decimal("1e5000")], ids=str)  # fmt: skip
def test_not_finite_or_huge(bad: Any) -> None:
    expected = {"not_finite", "out_of_range", "not_a_number"}
    for spec in NUMERIC:
        checked = check_inputs(put(sound_inputs(), spec.path, bad), today=TODAY)
        assert {p.code for p in checked.problems if p.place == spec.path} & expected, spec.path
        assert lookup(checked.values, spec.path) is None, spec.path


@pytest.mark.parametrize("spec", [s for s in NUMERIC if s.kind is FieldKind.INTEGER], ids=_id)
def test_not_whole(spec: FieldSpec) -> None:
    between = 12.5 if spec.maximum is None or spec.maximum > 12.5 else spec.maximum - 0.5
    assert "not_whole" in _codes_at(put(sound_inputs(), spec.path, between), spec.path)


@pytest.mark.parametrize("spec", [s for s in FIELDS if s.required], ids=_id)
@pytest.mark.parametrize("nothing", [None, ""])
def test_missing(spec: FieldSpec, nothing: Any) -> None:
    checked = check_inputs(put(sound_inputs(), spec.path, nothing), today=TODAY)
    assert {p.code for p in checked.problems if p.place == spec.path} == {"missing"}
    assert spec.label in next(p.message for p in checked.problems)


@pytest.mark.parametrize("spec", [s for s in FIELDS if s.kind is FieldKind.CHOICE], ids=_id)
@pytest.mark.parametrize("bad", ["Mars", 7, ["UK"], {"a": "b"}], ids=str)
def test_not_a_choice(spec: FieldSpec, bad: Any) -> None:
    assert "not_a_choice" in _codes_at(put(sound_inputs(), spec.path, bad), spec.path)


@pytest.mark.parametrize("bad", ["yes", 1, "true"])
def test_not_a_flag(bad: Any) -> None:
    assert _codes_at(put(sound_inputs(), "credit.insurance_wrap", bad), "credit.insurance_wrap") == {"not_a_flag"}


@pytest.mark.parametrize("bad", ["1 June", "2029-02-30", 20290101, ["2029-01-01"]])
def test_not_a_date(bad: Any) -> None:
    place = "construction.start_date"
    assert _codes_at(put(sound_inputs(), place, bad), place) == {"not_a_date"}


@pytest.mark.parametrize("payload", [None, [], "inputs", 5])
def test_not_inputs_at_all(payload: Any) -> None:
    checked = check_inputs(payload, today=TODAY)
    assert [p.code for p in checked.problems] == ["not_inputs"]
    assert checked.values == {}


def test_groups_without_end_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"power": deep}
    assert [p.code for p in check_inputs(deep, today=TODAY).problems] == ["too_deep"]
    assert [p.code for p in check_inputs({"power": [[[[[[[[[1]]]]]]]]]}, today=TODAY).problems] == ["too_deep"]


def test_nothing_at_all_names_every_required_field_once() -> None:
    problems = check_inputs({}, today=TODAY).problems
    assert sorted(p.place for p in problems) == sorted(s.path for s in FIELDS if s.required)


def test_unknown_fields_are_told_of_and_dropped() -> None:
    payload = put(put(sound_inputs(), "power.colour", "red"), "wheels", 4)
    checked = check_inputs(payload, today=TODAY)
    assert {p.place for p in checked.problems} == {"power.colour", "wheels"}
    assert "wheels" not in checked.values
    assert "colour" not in checked.values["power"]


def test_bad_values_are_dropped_and_the_good_ones_kept() -> None:
    payload = put(put(sound_inputs(), "power.pue", 9), "lease.term_years", "long")
    checked = check_inputs(payload, today=TODAY)
    assert {p.place for p in checked.problems} == {"power.pue", "lease.term_years"}
    assert lookup(checked.values, "power.pue") is None
    assert lookup(checked.values, "power.gross_facility_mw") == 48
    assert lookup(checked.values, "capex.internal.lines.bess") == 31_500_000
    assert not check_inputs(checked.values, today=TODAY).is_complete


def test_a_bad_line_leaves_the_other_lines() -> None:
    checked = check_inputs(put(sound_inputs(), "capex.internal.lines.bess", -1), today=TODAY)
    assert [p.place for p in checked.problems] == ["capex.internal.lines.bess"]
    assert len(checked.values["capex"]["internal"]["lines"]) == 15


def test_an_unknown_line_is_told_of_once_and_dropped() -> None:
    checked = check_inputs(put(sound_inputs(), "capex.market.lines.moat", 5), today=TODAY)
    assert [(p.code, p.place) for p in checked.problems] == [("unknown_line", "capex.market.lines.moat")]
    assert "moat" not in checked.values["capex"]["market"]["lines"]


@pytest.mark.parametrize(("country", "currency", "fits"), [
    ("UK", "GBP", True), ("EU", "EUR", True), ("US", "USD", True),
    ("UK", "EUR", False), ("EU", "USD", False), ("US", "GBP", False),
])  # fmt: skip
def test_currency_fits_the_country(country: str, currency: str, fits: bool) -> None:
    payload = put(put(sound_inputs(), "country", country), "currency", currency)
    assert ("currency_mismatch" not in _codes_at(payload, "currency")) == fits


def test_foreign_capex_needs_a_rate_and_yen_may_have_one() -> None:
    yen = put(sound_inputs(), "currency", "JPY")
    assert check_inputs(yen, today=TODAY).is_complete
    assert check_inputs(put(yen, "fx_rate", 190), today=TODAY).is_complete
    foreign = put(sound_inputs(), "capex_currency", "USD")
    assert _codes_at(foreign, "fx_rate") == {"fx_rate_missing"}
    assert check_inputs(put(foreign, "fx_rate", 0.78), today=TODAY).is_complete


@pytest.mark.parametrize(("start", "accepted"), [("2026-05-31", False), ("2026-06-01", False), ("2026-06-02", True)])
def test_construction_starts_in_the_future(start: str, accepted: bool) -> None:
    place = "construction.start_date"
    checked = check_inputs(put(sound_inputs(), place, start), today=TODAY)
    assert checked.is_complete == accepted
    if not accepted:
        assert [p.code for p in checked.problems] == ["not_in_future"]
        assert "after 2026-06-01" in checked.problems[0].message
        assert lookup(checked.values, place) is None
        assert lookup(checked.values, "construction.months") == 24


def test_a_close_that_has_passed_is_dropped_or_was_there_before() -> None:
    place = "construction.close_date"
    passed = put(sound_inputs(), place, "2026-05-29")
    checked = check_inputs(passed, today=TODAY)
    assert [(p.code, p.place) for p in checked.problems if p.code == "not_in_future"] == [("not_in_future", place)]
    assert lookup(checked.values, place) is None
    start = put(passed, "construction.start_date", "2026-07-01")
    assert [(w.code, w.place) for w in check_inputs(start, today=TODAY, previous=start).warnings] == [
        ("not_in_future", place)
    ]


def test_a_start_that_has_passed_since_is_a_warning() -> None:
    stored = put(sound_inputs(), "construction.start_date", "2026-03-01")
    checked = check_inputs(stored, today=TODAY, previous=stored)
    assert checked.is_complete
    assert [w.code for w in checked.warnings] == ["not_in_future"]


@pytest.mark.parametrize(("pue", "warned"), [(0.95, True), (0.99, True), (1.0, False), (1.5, False)])
def test_a_pue_below_one_is_a_warning(pue: float, warned: bool) -> None:
    checked = check_inputs(put(sound_inputs(), "power.pue", pue), today=TODAY)
    assert checked.is_complete
    assert ("pue_not_physical" in {w.code for w in checked.warnings}) == warned


def test_the_source_platforms_line_names_are_read() -> None:
    group = {f"build{name}": 1_000_000 for name in PLATFORM_CAPEX_NAMES} | {"buildConstructionFeePercent": 1.5}
    named = canonical_names({"capex": {"internal": group}})
    assert named["capex"]["internal"]["lines"] == dict.fromkeys(PLATFORM_CAPEX_NAMES.values(), 1_000_000)
    assert named["capex"]["internal"]["construction_fee_rate"] == 0.015
    assert set(PLATFORM_CAPEX_NAMES.values()) == set(CAPEX_LINES) - {"build"}
    payload = sound_inputs()
    payload["capex"]["internal"] = group
    checked = check_inputs(payload, today=TODAY)
    assert checked.inputs is not None
    assert checked.inputs.capex_internal.total_amount == pytest.approx(16_240_000)


def test_a_calendar_far_ahead() -> None:
    assert not check_inputs(sound_inputs(), today=date(2040, 1, 1)).is_complete


def test_an_empty_group_is_nothing_given() -> None:
    assert ProjectInputs.from_dict({**sound_inputs(), "valuation": {}}).valuation.appraisal_amount is None
