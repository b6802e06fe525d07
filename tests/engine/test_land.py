"""Land, grid, stamp duty and fees: what follows from the size of the site."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputProblems
from engine.project import ProjectInputs, banded_tax_amount, derive
from engine.terms import StructuringTerms

SDLT = ((0.0, 0.0), (150_000.0, 0.02), (250_000.0, 0.05))


def sound_payload() -> dict[str, Any]:
    """A project of 100 MW with 200m of internal capex and no land."""
    return {
        "country": "UK",
        "currency": "GBP",
        "power": {"gross_facility_mw": 100, "pue": 1.25},
        "revenue": {"rent_amount": 110, "opex_ratio": 0.05},
        "lease": {"term_years": 20},
        "capex": {"internal": {"lines": {"build": 200_000_000}}, "market": {"lines": {"build": 240_000_000}}},
        "construction": {"months": 24},
        "credit": {"tenant_rating": "A"},
    }


def inputs(**groups: dict[str, Any]) -> ProjectInputs:
    """The sound inputs with some groups replaced."""
    return ProjectInputs.from_dict({**sound_payload(), **groups})


def problems(**groups: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InputProblems) as refused:
        inputs(**groups)
    return {problem.place: problem.code for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("land", "purchase", "grid"),
    [
        ({"location_quality": "urban", "grid_quality": "good"}, 80_000_000, 20_000_000),
        ({"location_quality": "suburban", "grid_quality": "medium"}, 45_000_000, 40_000_000),
        ({"location_quality": "rural", "grid_quality": "poor"}, 15_000_000, 60_000_000),
        ({"location_quality": "urban", "acres_per_mw": 0.6}, 48_000_000, 0),
        ({"location_quality": "rural", "price_per_acre_amount": 50_000}, 7_500_000, 0),
        ({"location_quality": "urban", "purchase_amount": 23_040_000}, 23_040_000, 0),
        ({"location_quality": "custom", "purchase_amount": 1_000_000}, 1_000_000, 0),
        ({"location_quality": "custom"}, 0, 0),
        ({"location_quality": "custom", "acres_per_mw": 2, "price_per_acre_amount": 10_000}, 2_000_000, 0),
        ({"acres_per_mw": 2}, 0, 0),
        ({"grid_quality": "good", "grid_price_per_mw_amount": 350_000}, 0, 35_000_000),
        ({"grid_quality": "good", "grid_amount": 5_000_000}, 0, 5_000_000),
        ({"grid_quality": "custom"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_land_and_grid_follow_from_the_site_unless_entered(land: dict[str, Any], purchase: float, grid: float) -> None:
    resolved = inputs(land=land).land
    assert [resolved.purchase_amount, resolved.grid_amount] == pytest.approx([purchase, grid])
    assert resolved.is_purchase_derived == (purchase > 0 and "purchase_amount" not in land)
    assert resolved.is_grid_derived == (grid > 0 and "grid_amount" not in land)


@pytest.mark.parametrize(
    ("land", "duty"),
    [
        ({"stamp_duty_rate": 0.05}, 4_000_000),
        ({"stamp_duty_rate": 0.05, "stamp_duty_fixed_amount": 7}, 7),
        ({"stamp_duty_rate": 0.05, "stamp_duty_fixed_amount": 7, "stamp_duty_basis": "percent"}, 4_000_000),
        ({"stamp_duty_rate": 0.05, "stamp_duty_fixed_amount": 7, "stamp_duty_basis": "amount"}, 7),
        ({"stamp_duty_rate": 0.05, "stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-ENG",
          "stamp_duty_bands": SDLT}, 2_000 + 0.05 * 79_750_000),
    ],
)  # fmt: skip
def test_stamp_duty_on_each_basis(land: dict[str, Any], duty: float) -> None:
    found = inputs(land={"location_quality": "urban", **land})
    assert found.land.stamp_duty_amount == pytest.approx(duty)
    assert derive(found, StructuringTerms.from_dict()).stamp_duty_amount == found.land.stamp_duty_amount


@pytest.mark.parametrize(
    ("price", "tax"),
    [(0, 0), (149_999, 0), (150_000, 0), (150_001, 0.02), (250_000, 2_000), (250_001, 2_000.05), (2_000_000, 89_500)],
)
def test_a_band_before_on_and_after_its_edge(price: float, tax: float) -> None:
    assert banded_tax_amount(price, SDLT) == pytest.approx(tax, abs=1e-6)


@given(st.floats(0, 1e10), st.floats(0, 1e10))
def test_a_higher_price_never_bears_less_tax(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert banded_tax_amount(low, SDLT) <= banded_tax_amount(high, SDLT) <= 0.05 * high


def test_one_band_is_a_flat_rate_and_none_is_no_tax() -> None:
    assert banded_tax_amount(20_000_000, ((0, 0.075),)) == 1_500_000
    assert banded_tax_amount(20_000_000, ()) == 0


@pytest.mark.parametrize(
    ("land", "place", "code"),
    [
        ({"stamp_duty_basis": "amount"}, "stamp_duty_fixed_amount", "missing"),
        ({"stamp_duty_basis": "bands"}, "stamp_duty_jurisdiction", "missing"),
        ({"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "IE"}, "stamp_duty_jurisdiction", "jurisdiction_mismatch"),
        ({"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-WLS"}, "stamp_duty_bands", "not_bands"),
        ({"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-WLS", "stamp_duty_bands": [[5, 0.1]]}, "stamp_duty_bands", "not_bands"),
        ({"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-WLS", "stamp_duty_bands": [[0, 0.1], [0, 0.2]]}, "stamp_duty_bands", "not_bands"),
        ({"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-WLS", "stamp_duty_bands": [[0, 0.9]]}, "stamp_duty_bands", "not_bands"),
        ({"location_quality": "excellent"}, "location_quality", "not_a_choice"),
    ],
)  # fmt: skip
def test_land_that_does_not_hold_together(land: dict[str, Any], place: str, code: str) -> None:
    assert problems(land=land) == {f"land.{place}": code}


def test_bands_need_the_countrys_own_currency() -> None:
    land = {"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": "GB-ENG", "stamp_duty_bands": SDLT}
    payload = {**sound_payload(), "currency": "JPY", "fx_rate": 1.0, "land": land}
    with pytest.raises(InputProblems) as refused:
        ProjectInputs.from_dict(payload)
    assert [p.place for p in refused.value.problems] == ["land.stamp_duty_basis"]


def test_the_management_fee_both_ways() -> None:
    land = {"location_quality": "urban", "grid_quality": "good"}
    by_rate = inputs(land=land, fees={"management_rate": 0.03}).fees
    assert by_rate.management_amount == pytest.approx(0.03 * (200_000_000 + 80_000_000 + 20_000_000))
    by_amount = inputs(land=land, fees={"management_amount": by_rate.management_amount}).fees
    assert by_amount.management_rate == pytest.approx(0.03)
    assert (by_rate.is_management_derived, by_amount.is_management_derived) == (True, False)
    assert problems(fees={"management_rate": 0.03, "management_amount": 5.0}) == {"fees.management_rate": "both_given"}


def test_canonical_inputs_say_nothing_of_later_fields_that_are_empty() -> None:
    plain = inputs().to_dict()
    assert "meta" not in plain
    assert set(plain["land"]) == {"purchase_amount", "grid_amount", "stamp_duty_rate", "stamp_duty_fixed_amount"}
    assert set(plain["fees"]) == {"development_amount", "management_amount"}
    told = inputs(meta={"sponsor_name": "Ørsted & Söhne"}, land={"stamp_duty_bands": SDLT}).to_dict()
    assert told["meta"] == {"sponsor_name": "Ørsted & Söhne"}
    assert told["land"]["stamp_duty_bands"] == [[0, 0], [150_000, 0.02], [250_000, 0.05]]
    assert ProjectInputs.from_dict(told).to_dict() == told


@pytest.mark.parametrize("name", ["a\x00b", "line\nbreak", "\ud800", "x" * 256])
def test_names_are_plain_text(name: str) -> None:
    assert set(problems(meta={"sponsor_name": name})) == {"meta.sponsor_name"}
