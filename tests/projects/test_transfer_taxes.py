"""Stamp duty by jurisdiction: the rates on file against vectors worked out elsewhere."""

from typing import Any

import pytest

from engine.project import TRANSFER_TAX_PLACES, ProjectInputs, banded_tax_amount
from lib.canonical import canonical_hash
from projects.translate import check_inputs, tax_of, taxes_on_file
from tests.projects.cast import TODAY, put, sound_inputs

# Hash of the demo project's content as it stood before land quality, bands and the fee percentage were inputs.
DEMO_HASH = "a3c283ab8f1679e3684f1986244d8a7c53ceefa99c293c731833db9c581a3e6e"


def with_land(**land: Any) -> dict[str, Any]:
    payload = sound_inputs()
    payload["land"] = {"purchase_amount": 20_000_000, **land}
    return payload


@pytest.mark.parametrize(
    ("place", "price", "tax"),
    [
        ("GB-ENG", 150_000, 0),
        ("GB-ENG", 250_000, 2_000),
        ("GB-ENG", 2_000_000, 89_500),
        ("GB-ENG", 10_000_000, 489_500),
        ("GB-WLS", 10_000_000, 577_750),
        ("IE", 20_000_000, 1_500_000),
        ("NL", 20_000_000, 2_080_000),
        ("DE-BE", 20_000_000, 1_200_000),
    ],
)
def test_vectors(place: str, price: float, tax: float) -> None:
    assert banded_tax_amount(price, taxes_on_file()[place, "asset"].bands) == pytest.approx(tax, abs=0.005)


def test_the_bands_of_a_new_lease() -> None:
    """1m of rent over 25 years at 3.5% is worth 16,481,514.59: SDLT of 278,130.29."""
    worth = sum(1_000_000 / 1.035**year for year in range(1, 26))
    assert worth == pytest.approx(16_481_514.5922861)
    assert banded_tax_amount(worth, ((0, 0), (150_000, 0.01), (5_000_000, 0.02))) == pytest.approx(278_130.291845721)


def test_every_place_the_engine_names_has_its_tax_with_a_source() -> None:
    taxes = taxes_on_file()
    assert {place for place, acquisition in taxes if acquisition == "asset"} == set(TRANSFER_TAX_PLACES)
    assert all(tax.source and tax.provenance and tax.bands[0][0] == 0 for tax in taxes.values())


def test_bands_are_filled_in_by_place_and_purchase() -> None:
    land = with_land(stamp_duty_basis="bands", stamp_duty_jurisdiction="GB-ENG")
    checked = check_inputs(land, today=TODAY)
    assert checked.inputs is not None
    assert checked.inputs.land.stamp_duty_amount == pytest.approx(989_500)
    shares = check_inputs(put(land, "land.acquisition", "company"), today=TODAY)
    assert shares.inputs is not None
    assert shares.inputs.land.stamp_duty_amount == pytest.approx(100_000)
    assert ProjectInputs.from_dict(shares.values).land == shares.inputs.land


def test_bands_sent_along_are_not_believed() -> None:
    forged = with_land(stamp_duty_basis="bands", stamp_duty_jurisdiction="GB-ENG", stamp_duty_bands=[[0, 0]])
    checked = check_inputs(forged, today=TODAY)
    assert checked.inputs is not None
    assert checked.inputs.land.stamp_duty_amount == pytest.approx(989_500)


def test_a_purchase_without_a_tax_on_file_says_so() -> None:
    payload = put(
        with_land(stamp_duty_basis="bands", stamp_duty_jurisdiction="US-TX", acquisition="company"), "country", "US"
    )
    payload["currency"] = "USD"
    [problem] = check_inputs(payload, today=TODAY).problems
    assert problem.place == "land.stamp_duty_jurisdiction"
    assert problem.message.startswith("Stamp duty jurisdiction: no tax on the shares of a company is on file for Texas")
    assert tax_of(payload) is None


@pytest.mark.parametrize("land", [[], "land", 5, {"stamp_duty_basis": ["bands"]}, {"stamp_duty_basis": "bands", "stamp_duty_jurisdiction": {}, "acquisition": []}])  # fmt: skip
def test_hostile_land_is_a_problem(land: Any) -> None:
    assert check_inputs({**sound_inputs(), "land": land}, today=TODAY).problems


def test_content_from_before_keeps_its_hash() -> None:
    demo = sound_inputs()
    demo["construction"]["start_date"], demo["revenue"]["rent_amount"] = "2029-01-01", 110
    for group, later in (
        ("revenue", "replacement_reserve_per_kw_amount"), ("construction", "draw_profile"), ("construction", "escrow_rate"),
    ):  # fmt: skip
        del demo[group][later]
    assert canonical_hash(ProjectInputs.from_dict(demo).to_dict()) == DEMO_HASH


@pytest.mark.parametrize(("word", "cover"), [("pik", "capitalised"), ("dsra", "dsra"), ("none", "none")])
def test_the_platforms_words_for_construction_interest(word: str, cover: str) -> None:
    checked = check_inputs(put(sound_inputs(), "construction.mezz_cover", word), today=TODAY)
    assert checked.values["construction"]["mezz_cover"] == cover


@pytest.mark.parametrize("word", ["insurance", "sponsor_equity", "lc", "mixed"])
def test_covers_that_are_not_modelled_say_what_to_choose(word: str) -> None:
    [problem] = check_inputs(put(sound_inputs(), "construction.senior_cover", word), today=TODAY).problems
    assert (problem.place, problem.code) == ("construction.senior_cover", "not_modelled")
    assert f"({word})" in problem.message


def test_an_old_draft_keeps_its_fee_percentage() -> None:
    payload = sound_inputs()
    payload["entered"] = {"management_fee_rate": 0.03}
    checked = check_inputs(payload, today=TODAY)
    assert checked.inputs is not None
    assert checked.inputs.fees.management_amount == pytest.approx(11_695_200)
    assert checked.values["fees"]["management_rate"] == 0.03
