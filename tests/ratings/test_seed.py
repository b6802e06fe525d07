"""Each seeded limit is the reference row it says it comes from."""

import csv
import json
from typing import Any

import pytest

from engine.ratings import LABELS
from engine.ratings import RuleSet as EngineRuleSet
from ratings.paths import DATA, REFERENCE
from ratings.seeding import load_document, seed_documents

AGENCY, MARKET = "uk_eu_us_v2.json", "uk_eu_us_market_cost_v3.json"
CAREFUL = "uk_eu_us_conservative_v1.json"
PLACES, RATINGS = ("UK", "EU", "US"), ("AAA", "AA", "A", "BBB", "BB")
LADDER = ("AAA", "AA", "A", "A-", "BBB", "BBB-", "BB")
RULES = json.loads((REFERENCE / "platform_rules.json").read_text())


def _advance() -> dict[str, dict[str, str]]:
    with (REFERENCE / "advance_rate_assumptions.csv").open(newline="") as file:
        return {row["rating"]: row for row in csv.DictReader(file)}


def _row(place: str, rating: str, name: str = AGENCY) -> dict[str, Any]:
    rows: list[dict[str, Any]] = load_document(name)["content"]["criteria"]
    return next(r for r in rows if (r["jurisdiction"], r["rating"]) == (place, rating))


def test_the_files_are_what_the_reference_gives() -> None:
    assert {path.name for path in DATA.glob("*.json")} == set(seed_documents())
    for name, document in seed_documents().items():
        assert load_document(name) == document


@pytest.mark.parametrize("name", [AGENCY, MARKET, CAREFUL])
def test_the_engine_reads_them(name: str) -> None:
    rules = EngineRuleSet.from_dict(load_document(name)["content"])
    for place in PLACES:
        assert [row.rating for row in rules.rows_for(place)] == list(LADDER)
    assert (rules.lease_tail_years, rules.tenant_cap_notches, rules.capex_coverage_min_ratio) == (2, 3, 0.85)
    assert rules.ltv_basis == ("market_cost" if name == MARKET else "agency_value")
    assert (rules.max_gearing_ratio, rules.gearing_basis, rules.max_total_advance_ratio) == (0.8, "uses", 0.85)
    assert rules.max_mezz_share_of_gap == (0.5 if name == MARKET else 1.0)
    assert (rules.underwritten_cash_ratio, rules.value_haircut_ratio) == (
        (0.82, 0.36) if name == CAREFUL else (1.0, None)
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("rating", RATINGS)
def test_floors_and_caps_are_the_reference_rows(place: str, rating: str) -> None:
    row, advance = _row(place, rating), _advance()[rating]
    floor = RULES["dscr_min_by_rating"][place][rating]
    assert row["dscr_minimum"] == row["llcr"] == floor
    assert row["dscr_average"] == pytest.approx(floor + 0.05)
    assert row["stressed_dscr"] == RULES["stress_dscr_min"].get(rating, 1.0)
    assert row["max_tenor_years"] == RULES["max_tenor_years"]["data_centre"].get(rating, 18)
    assert row["max_advance_ratio"] == pytest.approx(float(advance["max_ltv_pct_agency_value"]) / 100)
    assert row["max_total_advance_ratio"] == row["max_advance_ratio"]
    assert row["icr"] == float(advance["min_io_dscr"])
    assert row["wrap_dscr_relief"] == RULES["wrap"].get(rating, {"dscr_relief": 0})["dscr_relief"]
    assert row["wrap_insurer_rating"] == RULES["wrap"].get(rating, {"insurer": "A"})["insurer"]
    for kind in ("interest_only", "partial"):
        assert (kind in row["amortisations"]) == (rating in {"A", "BBB", "BB"})
    assert {"annuity", "straight_line", "sculpted", "cash_sweep"} <= set(row["amortisations"])


@pytest.mark.parametrize(
    ("rating", "expected"), [("AAA", 1.45), ("AA", 1.35), ("A", 1.25), ("BBB", 1.15), ("BB", 1.10)]
)
def test_the_united_kingdoms_floors_by_hand(rating: str, expected: float) -> None:
    assert _row("UK", rating)["dscr_minimum"] == expected


@pytest.mark.parametrize("name", [AGENCY, MARKET, CAREFUL])
def test_every_leaf_says_where_it_comes_from(name: str) -> None:
    content = load_document(name)["content"]
    for row in (content["general"], *content["criteria"], *content["central_banks"]):
        leaves = set(row) - {"sources", "jurisdiction", "rating", "bank", "note", "haircuts"}
        assert set(row["sources"]) == leaves
        for said in row["sources"].values():
            assert said["provenance"].split()[0].rstrip(":") in {"sourced", "derived", "assumption"}
            assert len(said["source"]) > 10
    for rows in (content["wrap_premium_bps"], content["repo_haircuts"]):
        assert all(row["provenance"] and row["source"] for row in rows)


def test_what_is_assumed_is_called_so() -> None:
    said = _row("UK", "BB")["sources"]
    for name in ("dscr_average", "stressed_dscr", "max_tenor_years", "llcr", "icr", "max_advance_ratio"):
        assert said[name]["provenance"] == "assumption"
    assert said["dscr_minimum"]["provenance"] == "sourced"


def test_market_cost_factors_are_the_platforms_upper_ends() -> None:
    bands = RULES["model_v2"]["advance_factor_band"]
    assert _row("UK", "AAA", MARKET)["max_advance_ratio"] == bands["AAA"][1] == 0.8
    assert [_row("UK", each, MARKET)["max_total_advance_ratio"] for each in ("BBB", "BB")] == [0.75, 0.85]
    for rating, band in (("AA", "AA"), ("A", "A"), ("BBB", "BBB"), ("BB", "NR")):
        row = _row("UK", rating, MARKET)
        # Bands fall with the rating there; what a better rating accepts, a worse one accepts too.
        assert row["max_advance_ratio"] == 0.8
        assert f"{band}, upper end {bands[band][1]:g}" in row["sources"]["max_advance_ratio"]["source"]
        assert row["sources"]["max_advance_ratio"]["provenance"] == "derived"
    for rating in RATINGS:
        row = _row("UK", rating, MARKET)
        nearest = rating if rating in RULES["max_bullet"] else "BBB"
        assert row["max_balloon_ratio"] == RULES["max_bullet"][nearest]
        assert row["min_annual_amortisation_ratio"] == RULES["min_annual_amortisation"][nearest]
        own = {"max_advance_ratio", "max_balloon_ratio", "min_annual_amortisation_ratio", "sources"}
        own |= {"dscr_minimum", "dscr_average"}
        assert {k: v for k, v in _row("UK", rating).items() if k not in own} == {
            k: v for k, v in row.items() if k not in own
        }


@pytest.mark.parametrize(("place", "rating", "floor"), [
    ("UK", "A", 1.25), ("UK", "A-", 1.2167), ("UK", "BBB", 1.2), ("UK", "BBB-", 1.2), ("UK", "BB", 1.1),
    ("EU", "BBB", 1.2), ("EU", "BBB-", 1.2), ("EU", "BB", 1.15), ("US", "A", 1.2), ("US", "A-", 1.2), ("US", "BB", 1.05),
])  # fmt: skip
def test_under_market_cost_rules_a_senior_dscr_below_the_platforms_cap_is_below_investment_grade(
    place: str, rating: str, floor: float
) -> None:
    row = _row(place, rating, MARKET)
    assert (row["dscr_minimum"], row["dscr_average"]) == (floor, pytest.approx(floor + 0.05))
    is_capped = floor != _row(place, rating)["dscr_minimum"]
    assert ("caps at BB+" in row["sources"]["dscr_minimum"]["source"]) == is_capped


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("rating", "better", "worse", "part"), [("A-", "A", "BBB", 1 / 3), ("BBB-", "BBB", "BB", 1 / 3)]
)
def test_notches_between_are_read_by_notches(place: str, rating: str, better: str, worse: str, part: float) -> None:
    row, advance = _row(place, rating), _advance()[rating]
    floors = RULES["dscr_min_by_rating"][place]
    assert row["dscr_minimum"] == pytest.approx(floors[better] + (floors[worse] - floors[better]) * part, abs=5e-5)
    assert row["max_advance_ratio"] == float(advance["max_ltv_pct_agency_value"]) / 100
    assert (row["icr"], row["max_ard_years"]) == (float(advance["min_io_dscr"]), float(advance["max_ard_years"]))


def test_each_rating_survives_what_worse_ones_must() -> None:
    rows = load_document(AGENCY)["content"]["rating_stresses"]
    assert [row["rating"] for row in rows] == ["BBB"] * 3 + ["A"] * 2 + ["AA"] * 3 + ["AAA"]
    last = rows[-1]
    assert (last["cpi_rate"], last["rate_shift_bps"], last["default_ratio"]) == (0.0, 200, 0.1)
    assert (last["relet_months"], last["relet_ratio"]) == (24, 0.75)


@pytest.mark.parametrize(("place", "key", "name"), [
    ("UK", "BoE", "Bank of England"), ("EU", "ECB", "Eurosystem"), ("US", "Fed", "Federal Reserve"),
])  # fmt: skip
def test_central_banks(place: str, key: str, name: str) -> None:
    rules = EngineRuleSet.from_dict(load_document(AGENCY)["content"])
    bank, terms = rules.bank_for(place), RULES["central_bank"][key]
    assert bank is not None
    assert (bank.bank, bank.minimum_rating, bank.currency) == (name, terms["rating"], terms["ccy"])
    assert (bank.max_tenor_years, bank.max_advance_ratio, bank.class_confirmed) == (terms["tenor"], terms["af"], False)
    row = next(b for b in load_document(AGENCY)["content"]["central_banks"] if b["bank"] == name)
    assert {h["central_bank"] for h in row["haircuts"]} == {name}


def test_the_scale_is_the_engines() -> None:
    with (REFERENCE / "rating_scale.csv").open(newline="") as file:
        assert tuple(row["sp"] for row in csv.DictReader(file)) == LABELS


@pytest.mark.parametrize(("name", "allowed"), [(AGENCY, False), (MARKET, True), (CAREFUL, False)])
def test_only_the_market_cost_rules_count_a_reletting(name: str, allowed: bool):
    rules = EngineRuleSet.from_dict(load_document(name)["content"])
    assert (rules.relet_allowed, rules.max_relet_ratio) == (allowed, 1.0)
