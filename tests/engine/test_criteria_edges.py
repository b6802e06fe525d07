"""Each criterion at its limit, a hair below and a hair above, against the reference tables' own numbers.

The limits are read from the reference files here, not from the rule set that is tested; the verdicts are written by hand.
"""

import csv
import json
from typing import Any

import numpy as np
import pytest

from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import ARD_PLCR, COVER_SIZE, DSCR_AVERAGE, DSCR_MINIMUM, ICR, LLCR
from engine.ratings import RuleSet, notch_of
from engine.ratings.checks import (
    BINDING,
    CRITERION_COUNT,
    FAILED_COUNT,
    FIRST_FAILED,
    JUDGED_ROW,
    LAST_OF_ROW,
    NEAR_MISS,
    PASSED,
    RATING,
    TENANT_CAP,
    TOTAL_DSCR,
    VERDICT_SIZE,
    Facts,
    fill_headrooms,
    fill_outcome,
    fill_verdict,
    packed_rows,
)
from ratings.paths import REFERENCE
from ratings.seeding import load_document

HAIR = 1e-6
BELOW, AT, ABOVE = 1.0 - HAIR, 1.0, 1.0 + HAIR
PLATFORM: dict[str, Any] = json.loads((REFERENCE / "platform_rules.json").read_text())
with (REFERENCE / "advance_rate_assumptions.csv").open(newline="") as table:
    ADVANCE = {row["rating"]: row for row in csv.DictReader(table)}
RULES = RuleSet.from_dict(load_document("uk_eu_us_v2.json")["content"])
PLACES, RATINGS = ("UK", "EU", "US"), ("AAA", "AA", "A", "BBB", "BB")
GENEROUS = {
    "dscr_minimum": 9.0, "dscr_average": 9.0, "llcr": 9.0, "icr": 9.0, "ltv": 0.01, "tenor": 1.0, "ard_plcr": 9.0,
    "balloon": 0.0, "amortised": 1.0, "to_value": 0.0, "refinanced": 9.0, "repaid": 1.0,
}  # fmt: skip
COVERS = (
    ("dscr_minimum", DSCR_MINIMUM), ("dscr_average", DSCR_AVERAGE), ("llcr", LLCR), ("icr", ICR), ("ard_plcr", ARD_PLCR),
)  # fmt: skip
PAYS_DOWN, WAITS = AMORTISATIONS.index("annuity"), AMORTISATIONS.index("interest_only")


def reference_limit(place: str, rating: str, measure: str) -> float:
    """The limit as the reference tables have it: assumptions by their own sentence in docs/rating-rules.md."""
    floor = float(PLATFORM["dscr_min_by_rating"][place][rating])
    caps = PLATFORM["max_tenor_years"]["data_centre"]
    return {
        "dscr_minimum": floor,
        "dscr_average": floor + 0.05,
        "llcr": floor,
        "icr": float(ADVANCE[rating]["min_io_dscr"]),
        "ltv": int(ADVANCE[rating]["max_ltv_pct_agency_value"]) / 100,
        "tenor": float(caps.get(rating, caps["BBB"])),
    }[measure]


def verdict(place: str, measures: dict[str, float], *, kind: int = PAYS_DOWN, wrapped: bool = False, cap: int = 1, minimum: str = "BB") -> np.ndarray:  # fmt: skip
    """What the engine says of a structure with these measures."""
    out, rows = np.zeros(VERDICT_SIZE), packed_rows(RULES.rows_for(place))
    fill_verdict(
        rows, cover_of(measures), facts_of(measures, kind, wrapped=wrapped), np.full(len(rows), np.inf), cap,
        notch_of(minimum), 0.02, np.zeros(CRITERION_COUNT + 1), out,
    )  # fmt: skip
    return out


def cover_of(measures: dict[str, float]) -> np.ndarray:
    """The measures that are cover, as the engine holds them."""
    cover = np.full(COVER_SIZE, 9.0)
    for name, at in COVERS:
        cover[at] = measures[name]
    return cover


def facts_of(measures: dict[str, float], kind: int, *, wrapped: bool = False) -> Facts:
    """The others."""
    return Facts(
        kind, wrapped, measures["ltv"], measures["tenor"], measures["balloon"], measures["amortised"],
        measures["to_value"], measures["refinanced"], measures["repaid"] > 0.0,
    )  # fmt: skip


def room(row: np.ndarray, number: int, kind: int = PAYS_DOWN, stress: float = np.inf, **measures: float) -> float:
    """One criterion's headroom of a structure that is generous but for these measures."""
    found, headrooms = {**GENEROUS, **measures}, np.zeros(CRITERION_COUNT + 1)
    fill_headrooms(row, cover_of(found), facts_of(found, kind), stress, headrooms)
    return float(headrooms[number])


CRITERIA = (
    (1, "dscr_minimum", "floor"),
    (2, "dscr_average", "floor"),
    (3, "ltv", "cap"),
    (4, "tenor", "cap"),
    (5, "llcr", "floor"),
    (6, "icr", "floor"),
)
SIDES = {("floor", BELOW): False, ("floor", AT): True, ("floor", ABOVE): True,
         ("cap", BELOW): True, ("cap", AT): True, ("cap", ABOVE): False}  # fmt: skip


def row_of(place: str, rating: str) -> np.ndarray:
    """One rating's criteria, as the engine holds them."""
    rows = RULES.rows_for(place)
    return np.array(packed_rows(rows)[[row.rating for row in rows].index(rating)])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("rating", RATINGS)
@pytest.mark.parametrize(("number", "measure", "side"), CRITERIA)
def test_each_limit_below_at_and_above(place: str, rating: str, number: int, measure: str, side: str) -> None:
    row, limit = row_of(place, rating), reference_limit(place, rating, measure)
    for factor in (BELOW, AT, ABOVE):
        found = room(row, number, **{measure: limit * factor})  # type: ignore[arg-type]
        assert (found >= -1e-9) == SIDES[side, factor], (place, rating, measure, factor, found)
        assert found == pytest.approx(factor - 1.0 if side == "floor" else 1.0 - factor, abs=1e-12)


# By hand, UK: floors 1.45 1.35 1.25 1.15 1.10; average 0.05 more; LTV 40 50 60 75 85%; ICR 1.75 1.55 1.40 1.25 1.10.
# Between A and BBB, and between BBB and BB, the floor falls by a third of the step a notch: A- 1.2167, BBB- 1.1333.
BY_HAND = [
    ({"dscr_minimum": 1.45}, "AAA"), ({"dscr_minimum": 1.4499}, "AA"), ({"dscr_minimum": 1.35}, "AA"),
    ({"dscr_minimum": 1.3499}, "A"), ({"dscr_minimum": 1.25}, "A"), ({"dscr_minimum": 1.2499}, "A-"),
    ({"dscr_minimum": 1.2167}, "A-"), ({"dscr_minimum": 1.2166}, "BBB"), ({"dscr_minimum": 1.15}, "BBB"),
    ({"dscr_minimum": 1.1499}, "BBB-"), ({"dscr_minimum": 1.1333}, "BBB-"), ({"dscr_minimum": 1.1332}, "BB"), ({"dscr_minimum": 1.10}, "BB"),
    ({"dscr_minimum": 1.0999}, None),
    ({"dscr_average": 1.50}, "AAA"), ({"dscr_average": 1.4999}, "AA"), ({"dscr_average": 1.15}, "BB"), ({"dscr_average": 1.1499}, None),
    ({"ltv": 0.40}, "AAA"), ({"ltv": 0.4001}, "AA"), ({"ltv": 0.60}, "A"), ({"ltv": 0.6001}, "A-"), ({"ltv": 0.75}, "BBB"), ({"ltv": 0.7501}, "BBB-"), ({"ltv": 0.85}, "BB"), ({"ltv": 0.8501}, None),
    ({"icr": 1.75}, "AAA"), ({"icr": 1.7499}, "AA"), ({"icr": 1.25}, "BBB"), ({"icr": 1.2499}, "BBB-"), ({"icr": 1.10}, "BB"), ({"icr": 1.0999}, None),
    ({"llcr": 1.45}, "AAA"), ({"llcr": 1.1499}, "BBB-"), ({"llcr": 1.10}, "BB"), ({"llcr": 1.0999}, None),
    # Longer debt fits better ratings: 25, 22, 20, 18, 18 years.
    ({"tenor": 18.0}, "AAA"), ({"tenor": 25.0}, "AAA"), ({"tenor": 25.01}, None),
    ({"dscr_minimum": 1.20, "ltv": 0.55}, "BBB"), ({"dscr_minimum": 1.20, "tenor": 19.0}, None),
]  # fmt: skip


@pytest.mark.parametrize(("measures", "expected"), BY_HAND)
def test_the_rating_by_hand(measures: dict[str, float], expected: str | None) -> None:
    found = verdict("UK", {**GENEROUS, **measures})
    assert found[RATING] == (notch_of(expected) if expected else 23)
    assert found[PASSED] == (1.0 if expected else 0.0)


@pytest.mark.parametrize(
    ("rating", "may_wait"), [("AAA", False), ("AA", False), ("A", True), ("BBB", True), ("BB", True)]
)
def test_interest_only_is_for_a_and_below(rating: str, may_wait: bool) -> None:
    assert room(row_of("UK", rating), 7, WAITS) == (0.0 if may_wait else -1.0)
    assert verdict("UK", GENEROUS, kind=WAITS)[RATING] == notch_of("A")


@pytest.mark.parametrize(
    ("cover", "wrapped", "expected"),
    # By hand: the wrap takes 0.20, 0.15, 0.10, 0.05 off the floors 1.45, 1.35, 1.25, 1.15, and nothing off BB's 1.10.
    [(1.25, False, "A"), (1.25, True, "AAA"), (1.2499, True, "AA"), (1.20, True, "AA"), (1.1999, True, "A"),
     (1.15, True, "A"), (1.1499, True, "BBB"), (1.10, True, "BBB"), (1.0999, True, None)],
)  # fmt: skip
def test_a_wrap_relieves_the_floors(cover: float, wrapped: bool, expected: str | None) -> None:
    relief = {rating: terms["dscr_relief"] for rating, terms in PLATFORM["wrap"].items()}
    assert relief == {"AAA": 0.2, "AA": 0.15, "A": 0.1, "BBB": 0.05}
    found = verdict("UK", {**GENEROUS, "dscr_minimum": cover}, wrapped=wrapped)
    assert found[RATING] == (notch_of(expected) if expected else 23)


def test_a_wrap_lifts_the_tenants_cap_to_its_insurer() -> None:
    """A BBB tenant caps at A; with AAA's insurer, AA+, behind the notes it is AA+."""
    assert PLATFORM["wrap"]["AAA"]["insurer"] == "AA+"
    cap = RULES.tenant_cap_notch("BBB")
    assert verdict("UK", GENEROUS, cap=cap)[RATING] == notch_of("A")
    assert verdict("UK", GENEROUS, cap=cap, wrapped=True)[RATING] == notch_of("AA+")


@pytest.mark.parametrize(
    ("tenant", "expected"),
    # Three notches above the tenant and no more: BBB (9) to A (6), A- (7) to AA- (4), not rated caps everything.
    [("AAA", 1), ("AA-", 1), ("A+", 2), ("A-", 4), ("BBB", 6), ("BB+", 8), ("B", 12), ("NR", 23)],
)
def test_the_tenant_caps(tenant: str, expected: int) -> None:
    cap = RULES.tenant_cap_notch(tenant)
    assert cap == expected
    assert verdict("UK", GENEROUS, cap=cap)[RATING] == expected


def test_one_narrow_failure_is_a_near_miss_two_are_not() -> None:
    """The lowest rating accepted is BBB: floor 1.15, so 1.13 misses by 1.7% and 1.12 by 2.6%."""
    narrow = verdict("UK", {**GENEROUS, "dscr_minimum": 1.13}, minimum="BBB")
    assert (narrow[NEAR_MISS], narrow[FIRST_FAILED], narrow[BINDING], narrow[JUDGED_ROW]) == (1.0, 1, 1, 4)
    assert verdict("UK", {**GENEROUS, "dscr_minimum": 1.12}, minimum="BBB")[NEAR_MISS] == 0.0
    assert verdict("UK", {**GENEROUS, "dscr_minimum": 1.13, "icr": 1.24}, minimum="BBB")[NEAR_MISS] == 0.0


# The limits of the second model book, each on a row of round figures


def second_row(**limits: Any) -> np.ndarray:
    """A lenient row with these limits."""
    row = {
        "jurisdiction": "UK", "rating": "A", "dscr_minimum": 1.2, "dscr_average": 1.2, "stressed_dscr": 1.1,
        "max_advance_ratio": 0.6, "max_tenor_years": 20, "llcr": 1.2, "icr": 1.2, "amortisations": list(AMORTISATIONS),
    }  # fmt: skip
    return np.array(packed_rows(RuleSet.from_dict({"criteria": [{**row, **limits}]}).rows_for("UK"))[0])


@pytest.mark.parametrize(
    ("number", "kind", "limits", "measure", "holds", "fails", "headroom"),
    [
        # An ARD of 7 years holds for 7; 8 is a seventh too long. The row's longest tenor is another matter.
        (10, WAITS, {"max_ard_years": 7}, "tenor", [6.0, 7.0], 8.0, -1 / 7),
        # A fifth of the notes may stand at maturity.
        (11, PAYS_DOWN, {"max_balloon_ratio": 0.2}, "balloon", [0.0, 0.2], 0.25, -0.25),
        (11, WAITS, {"max_balloon_ratio": 0.2}, "balloon", [0.2], 1.0, -4.0),
        # 1.5% a year must be repaid.
        (12, PAYS_DOWN, {"min_annual_amortisation_ratio": 0.015}, "amortised", [0.016, 0.015], 0.0135, -0.1),
        # What comes in after the ARD, over the balloon.
        (13, WAITS, {"ard_plcr": 1.1}, "ard_plcr", [1.2, 1.1], 1.089, -0.01),
        # The balloon over the value at the ARD, held to the row's advance of 60%.
        (14, WAITS, {}, "to_value", [0.5, 0.6], 0.63, -0.05),
        # What a refinancing carries, over the balloon.
        (16, PAYS_DOWN, {}, "refinanced", [1.5, 1.0], 0.97, -0.03),
    ],
)  # fmt: skip
def test_each_new_limit_below_at_and_above(
    number: int, kind: int, limits: dict[str, float], measure: str, holds: list[float], fails: float, headroom: float
) -> None:
    row = second_row(**limits)
    assert all(room(row, number, kind, **{measure: value}) >= -1e-12 for value in holds)
    assert room(row, number, kind, **{measure: fails}) == pytest.approx(headroom)
    assert room(row, number, kind, **{measure: holds[-1]}) == pytest.approx(0.0, abs=1e-12)


def test_what_a_row_does_not_ask_never_binds() -> None:
    """No balloon, amortisation or cover limit; an amortising loan has no ARD and an ARD note no loan-life cover."""
    row = second_row()
    assert room(row, 11, WAITS, balloon=1.0) == 0.0
    assert room(row, 12, WAITS, amortised=0.0) == np.inf
    assert room(row, 13, WAITS, ard_plcr=0.1) == np.inf
    assert room(second_row(ard_plcr=1.1), 13, PAYS_DOWN, ard_plcr=0.1) == np.inf
    assert room(second_row(max_ard_years=1), 10, PAYS_DOWN, tenor=20.0) == np.inf
    assert room(row, 14, PAYS_DOWN, to_value=9.0) == np.inf
    assert room(row, 5, WAITS, llcr=0.1) == np.inf
    assert room(row, 5, PAYS_DOWN, llcr=0.6) == pytest.approx(-0.5)


@pytest.mark.parametrize(("repaid", "headroom"), [(1.0, 0.0), (0.0, -1.0)])
def test_notes_with_an_ard_are_repaid_by_legal_final(repaid: float, headroom: float) -> None:
    assert room(second_row(), 15, WAITS, repaid=repaid) == headroom


@pytest.mark.parametrize(("stress", "rating"), [(0.02, "A"), (0.0, "A"), (-0.02, "A-")])
def test_a_rating_whose_scenarios_are_not_survived_is_not_achieved(stress: float, rating: str) -> None:
    """AAA and AA fail theirs, A has this headroom in its own, what is below survives."""
    rows = packed_rows(RULES.rows_for("UK"))
    rooms, out = np.array([-1.0, -0.5, stress, *(0.1,) * 4]), np.zeros(VERDICT_SIZE)
    fill_verdict(
        rows, cover_of(GENEROUS), facts_of(GENEROUS, PAYS_DOWN), rooms, 1, notch_of("BBB"), 0.05,
        np.zeros(CRITERION_COUNT + 1), out,
    )  # fmt: skip
    assert (out[RATING], out[PASSED]) == (notch_of(rating), 1.0)


def test_a_tenants_cap_and_a_narrow_miss_are_two_failures() -> None:
    """A tenant that caps below the accepted ratings is one failure; total cover 2% short is another: no near miss."""
    rows, headrooms, out = (
        packed_rows(RULES.rows_for("UK")),
        np.full(CRITERION_COUNT + 1, np.inf),
        np.zeros(VERDICT_SIZE),
    )
    fill_verdict(
        rows, cover_of(GENEROUS), facts_of(GENEROUS, PAYS_DOWN), np.full(len(rows), np.inf), notch_of("BB"),
        notch_of("BBB"), 0.05, headrooms, out,
    )  # fmt: skip
    assert (out[RATING], out[FIRST_FAILED], out[BINDING], out[FAILED_COUNT]) == (12, TENANT_CAP, TENANT_CAP, 1)
    assert (out[PASSED], out[NEAR_MISS]) == (0.0, 0.0)
    headrooms[LAST_OF_ROW + 1 :] = np.inf
    headrooms[TOTAL_DSCR] = -0.02
    fill_outcome(headrooms, CRITERION_COUNT, False, 0.05, out)
    assert (out[FAILED_COUNT], out[FIRST_FAILED], out[NEAR_MISS]) == (2, TENANT_CAP, 0.0)
    headrooms[TENANT_CAP] = np.inf
    fill_outcome(headrooms, CRITERION_COUNT, True, 0.05, out)
    assert (out[FAILED_COUNT], out[FIRST_FAILED], out[NEAR_MISS]) == (1, TOTAL_DSCR, 1.0)
