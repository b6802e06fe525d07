"""Central-bank eligibility: the seeded rules on hand-worked notes, and each limit before, on and after."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.deal.collateral import assess_collateral
from engine.errors import InputProblems
from engine.permutations import evaluate_permutation
from engine.ratings import notch_of
from engine.ratings.repo import RepoAssessment, RepoAsset, RepoRules, State, Verdict, assess
from ratings.paths import DATA
from ratings.repo_seeding import FILE, repo_document
from tests.engine.deals import LIGHT_GRID, deal

DOCUMENT = json.loads((Path(__file__).parents[2] / "ratings/data" / FILE).read_text())
RULES = RepoRules.from_dict(DOCUMENT)
UK_NOTES = RepoAsset(
    asset_class="data_centre_abs", structure_type="fully_amortising", seniority="senior", currency="GBP", region="UK",
    amount=100e6, indicative_notch=notch_of("A"), wal_years=8.5, maturity_years=15.0, duration_years=6.5,
    ltv_ratio=0.60, dscr_minimum=1.45, reserve_months=6.0, traps_cash=True, agency_notches={}, evidence={},
)  # fmt: skip
EU_NOTES = replace(UK_NOTES, currency="EUR", region="EU")
SHOWN = {"true_sale": True, "uk_law": True, "rule_144a": True, "loan_level_data": True, "not_own_used": True}


def told(asset: RepoAsset, rules: RepoRules = RULES) -> dict[str, RepoAssessment]:
    return {each.facility: each for each in assess(rules, asset)}


def states(found: RepoAssessment) -> dict[str, State]:
    return {criterion.code: criterion.state for criterion in found.criteria}


def test_the_seed_is_what_the_reference_gives():
    assert repo_document() == json.loads((DATA / FILE).read_text())


def test_no_published_class_names_data_centres():
    """Level C takes securitisations: not confirmed. Level A takes sovereign paper only: refused."""
    found = told(replace(UK_NOTES, evidence=SHOWN, agency_notches={"S&P": 1, "Fitch": 1}))
    assert found["boe_level_c"].verdict is Verdict.NOT_CONFIRMED
    assert found["boe_level_c"].missing == ("Asset class named by the bank",)
    assert found["boe_level_a"].verdict is Verdict.NOT_ELIGIBLE


def test_level_c_haircut_is_the_nearest_class_of_the_banks_summary():
    """15 years of the base-25 family: 32%, so 68m of 100m, as an indication."""
    found = told(UK_NOTES)["boe_level_c"]
    assert found.haircut_ratio == 0.32
    assert found.lendable_amount == pytest.approx(68e6)
    assert "nearest" in found.haircut_note
    assert found.missing == ("Asset class named by the bank", "Public ratings", "UK law")


def test_a_limit_that_is_an_assumption_leaves_the_verdict_open():
    """The AAA floor dates from 2008: single A does not meet it, and the Bank has to be asked."""
    floor = next(c for c in told(UK_NOTES)["boe_level_c"].criteria if c.code == "agency_ratings")
    assert floor.state is State.MISSING
    assert "indicative A" in floor.value


@pytest.mark.parametrize(
    ("wal", "haircut"),
    [(2.999, 0.045), (3.0, 0.05), (4.999, 0.05), (5.0, 0.09), (7.0, 0.13), (10.0, 0.20), (40.0, 0.20)],
)
def test_eurosystem_haircut_before_on_and_after_each_average_life(wal: float, haircut: float):
    found = told(replace(EU_NOTES, wal_years=wal))["eurosystem_general"]
    assert found.verdict is Verdict.NOT_CONFIRMED
    assert found.haircut_ratio == haircut


def test_sterling_falls_outside_the_eurosystem():
    found = told(UK_NOTES)["eurosystem_general"]
    assert found.verdict is Verdict.NOT_ELIGIBLE
    assert (states(found)["currency"], states(found)["region"]) == (State.NOT_MET, State.NOT_MET)
    assert (found.haircut_ratio, found.lendable_amount) == (None, None)


@pytest.mark.parametrize(
    ("public", "expected"),
    [({}, State.MISSING), ({"S&P": "A-"}, State.MISSING), ({"S&P": "A-", "Fitch": "A-"}, State.MET),
     ({"S&P": "A-", "Fitch": "BBB+"}, State.MISSING), ({"S&P": "BBB+", "Fitch": "BBB+"}, State.NOT_MET),
     ({"S&P": "A-", "Other": "AAA"}, State.MISSING)],
)  # fmt: skip
def test_two_public_ratings(public: Mapping[str, str], expected: State):
    asset = replace(EU_NOTES, agency_notches={agency: notch_of(rating) for agency, rating in public.items()})
    assert states(told(asset)["eurosystem_general"])["agency_ratings"] is expected


def test_an_indicative_rating_below_a_sourced_floor_refuses():
    asset = replace(EU_NOTES, indicative_notch=notch_of("BBB"))
    found = told(asset)
    assert found["eurosystem_general"].verdict is Verdict.NOT_ELIGIBLE
    assert found["eurosystem_temporary"].verdict is Verdict.NOT_CONFIRMED
    assert found["eurosystem_temporary"].haircut_ratio == 0.18


def test_the_federal_reserve_publishes_no_margin_we_hold():
    found = told(replace(UK_NOTES, currency="USD", region="US", indicative_notch=notch_of("AA-"), evidence=SHOWN))
    window = found["fed_discount_window"]
    assert window.verdict is Verdict.NOT_CONFIRMED
    assert window.haircut_ratio is None
    assert window.lendable_amount is None
    assert "Haircut" in window.missing


@pytest.mark.parametrize(
    ("change", "code", "passes"),
    [({"dscr_minimum": 1.40}, "dscr", True), ({"dscr_minimum": 1.3999}, "dscr", False),
     ({"ltv_ratio": 0.70}, "ltv", True), ({"ltv_ratio": 0.7001}, "ltv", False),
     ({"maturity_years": 30.0}, "tenor", True), ({"maturity_years": 31.0}, "tenor", False),
     ({"reserve_months": 3.0}, "reserve", True), ({"reserve_months": 0.0}, "reserve", False),
     ({"indicative_notch": notch_of("A-")}, "rating", True), ({"indicative_notch": notch_of("BBB+")}, "rating", False),
     ({"traps_cash": False}, "cash_trap", False)],
)  # fmt: skip
def test_the_platforms_grid_on_and_beyond_each_limit(change: dict[str, Any], code: str, passes: bool):
    found = told(replace(UK_NOTES, **change))["platform_grid_uk_fully_amortising"]
    assert states(found)[code] is (State.MET if passes else State.NOT_MET)
    assert found.verdict is (Verdict.ELIGIBLE if passes else Verdict.NOT_ELIGIBLE)


def test_the_platforms_haircut_by_rating_and_tenor():
    """Table repo_haircut: A, 10 to 20 years, 12%; a tenor of exactly 10 stays in the shorter band, 8%."""
    assert told(UK_NOTES)["platform_grid_uk_fully_amortising"].lendable_amount == pytest.approx(88e6)
    assert told(replace(UK_NOTES, maturity_years=10.0))["platform_grid_uk_fully_amortising"].haircut_ratio == 0.08


def test_a_bullet_needs_its_protection_shown():
    bullet = replace(UK_NOTES, structure_type="bullet", dscr_minimum=1.7)
    assert told(bullet)["platform_grid_uk_bullet"].verdict is Verdict.NOT_CONFIRMED
    shown = told(replace(bullet, evidence={"bullet_protection": True}))["platform_grid_uk_bullet"]
    refuted = told(replace(bullet, evidence={"bullet_protection": False}))["platform_grid_uk_bullet"]
    assert (shown.verdict, refuted.verdict) == (Verdict.ELIGIBLE, Verdict.NOT_ELIGIBLE)
    assert "platform_grid_uk_fully_amortising" not in told(bullet)


def test_a_bank_that_names_the_class_makes_it_eligible():
    payload = copy.deepcopy(DOCUMENT)
    level_c = next(f for f in payload["facilities"] if f["code"] == "boe_level_c")
    level_c["criteria"][0]["accepted"].append("data_centre_abs")
    asset = replace(UK_NOTES, evidence=SHOWN, agency_notches={"S&P": 1, "Moody's": 1})
    assert told(asset, RepoRules.from_dict(payload))["boe_level_c"].verdict is Verdict.ELIGIBLE


def test_every_criterion_says_where_it_stands():
    for found in assess(RULES, UK_NOTES):
        for criterion in found.criteria:
            assert criterion.source
            assert criterion.provenance.split()[0] in {"sourced", "derived", "assumption"}


@pytest.mark.parametrize(
    ("bend", "code"),
    [(lambda d: d["facilities"][0]["criteria"][0].pop("accepted"), "missing"),
     (lambda d: d["facilities"][3]["haircuts"][0].update(haircut_ratio=0.5), "ladder"),
     (lambda d: d["facilities"].append(d["facilities"][0]), "repeated"),
     (lambda d: d["facilities"][0]["criteria"][-2].update(accepted=["XYZ"]), "currency"),
     (lambda d: d["facilities"][0].update(region="Mars"), "not_a_choice"),
     (lambda d: d["facilities"][0]["criteria"][0].update(colour="red"), "unknown")],
)  # fmt: skip
def test_bad_rules_are_refused_with_the_row(bend: Any, code: str):
    payload = copy.deepcopy(DOCUMENT)
    bend(payload)
    with pytest.raises(InputProblems) as caught:
        RepoRules.from_dict(payload)
    assert code in {problem.code for problem in caught.value.problems}


def test_an_unknown_asset_class_is_refused():
    with pytest.raises(InputProblems, match="data_centre_abs"):
        assess(RULES, replace(UK_NOTES, asset_class="yachts"))


def test_a_permutation_is_judged_whole():
    case = deal({"senior_dscr": [1.25], "senior_tenor_years": [18], "senior_coupon_rate": [0.05]}, terms=LIGHT_GRID)
    detail = evaluate_permutation(case, 0)
    found = {each.facility: each for each in assess_collateral(RULES, case.deal_of(0))}
    amount = detail.row["senior_amount"]
    assert isinstance(amount, float)
    assert found["boe_level_c"].lendable_amount == pytest.approx(amount * 0.68)
    assert "platform_grid_us_bullet" not in found
    assert assess_collateral(RULES, deal({"senior_tenor_years": [25]}).deal_of(0)) == ()


@pytest.mark.parametrize(
    ("repaid", "expected"), [(0.5, Verdict.ELIGIBLE), (0.3, Verdict.ELIGIBLE), (0.29, Verdict.NOT_ELIGIBLE)]
)
def test_a_partial_amortisation_repays_three_tenths_by_maturity(repaid: float, expected: Verdict) -> None:
    partial = replace(UK_NOTES, structure_type="partially_amortising", amortised_ratio=repaid, dscr_minimum=1.5)
    found = told(partial)
    assert found["platform_grid_uk_partially_amortising"].verdict is expected
    assert "platform_grid_uk_fully_amortising" not in found
