"""Each criterion at its limit, a hair below and a hair above, against the reference tables' own numbers.

The limits are read from the reference files here, not from the rule set that is tested; the verdicts are written by hand.
"""

import csv
import json
from typing import Any

import numpy as np
import pytest

from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import DSCR_AVERAGE, DSCR_MINIMUM, ICR, LLCR
from engine.ratings import RuleSet, notch_of
from engine.ratings.checks import (
    BINDING,
    CRITERION_COUNT,
    FIRST_FAILED,
    JUDGED_ROW,
    NEAR_MISS,
    PASSED,
    RATING,
    VERDICT_SIZE,
    fill_headrooms,
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
COVER_SIZE = max(DSCR_MINIMUM, DSCR_AVERAGE, LLCR, ICR) + 1
GENEROUS = {"dscr_minimum": 9.0, "dscr_average": 9.0, "llcr": 9.0, "icr": 9.0, "ltv": 0.01, "tenor": 1.0}
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
    cover = np.full(COVER_SIZE, 9.0)
    for name, at in (("dscr_minimum", DSCR_MINIMUM), ("dscr_average", DSCR_AVERAGE), ("llcr", LLCR), ("icr", ICR)):
        cover[at] = measures[name]
    out = np.zeros(VERDICT_SIZE)
    rows = packed_rows(RULES.rows_for(place))
    fill_verdict(
        rows, cover, measures["ltv"], measures["tenor"], kind, wrapped, cap, notch_of(minimum), 0.02,
        np.zeros(CRITERION_COUNT + 1), out,
    )  # fmt: skip
    return out


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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("rating", RATINGS)
@pytest.mark.parametrize(("number", "measure", "side"), CRITERIA)
def test_each_limit_below_at_and_above(place: str, rating: str, number: int, measure: str, side: str) -> None:
    row = packed_rows(RULES.rows_for(place))[RATINGS.index(rating)]
    limit = reference_limit(place, rating, measure)
    for factor in (BELOW, AT, ABOVE):
        measures = {**GENEROUS, measure: limit * factor}
        cover = np.full(COVER_SIZE, 9.0)
        for name, at in (("dscr_minimum", DSCR_MINIMUM), ("dscr_average", DSCR_AVERAGE), ("llcr", LLCR), ("icr", ICR)):
            cover[at] = measures[name]
        headrooms = np.zeros(CRITERION_COUNT + 1)
        fill_headrooms(row, cover, measures["ltv"], measures["tenor"], PAYS_DOWN, False, headrooms)
        passed = headrooms[number] >= -1e-9
        assert passed == SIDES[side, factor], (place, rating, measure, factor, headrooms[number])
        expected = factor - 1.0 if side == "floor" else 1.0 - factor
        assert headrooms[number] == pytest.approx(expected, abs=1e-12)


# By hand, UK: floors 1.45 1.35 1.25 1.15 1.10; average 0.05 more; LTV 40 50 60 75 85%; ICR 1.75 1.55 1.40 1.25 1.10.
BY_HAND = [
    ({"dscr_minimum": 1.45}, "AAA"), ({"dscr_minimum": 1.4499}, "AA"), ({"dscr_minimum": 1.35}, "AA"),
    ({"dscr_minimum": 1.3499}, "A"), ({"dscr_minimum": 1.25}, "A"), ({"dscr_minimum": 1.2499}, "BBB"),
    ({"dscr_minimum": 1.15}, "BBB"), ({"dscr_minimum": 1.1499}, "BB"), ({"dscr_minimum": 1.10}, "BB"),
    ({"dscr_minimum": 1.0999}, None),
    ({"dscr_average": 1.50}, "AAA"), ({"dscr_average": 1.4999}, "AA"), ({"dscr_average": 1.15}, "BB"), ({"dscr_average": 1.1499}, None),
    ({"ltv": 0.40}, "AAA"), ({"ltv": 0.4001}, "AA"), ({"ltv": 0.60}, "A"), ({"ltv": 0.6001}, "BBB"), ({"ltv": 0.85}, "BB"), ({"ltv": 0.8501}, None),
    ({"icr": 1.75}, "AAA"), ({"icr": 1.7499}, "AA"), ({"icr": 1.25}, "BBB"), ({"icr": 1.2499}, "BB"), ({"icr": 1.0999}, None),
    ({"llcr": 1.45}, "AAA"), ({"llcr": 1.1499}, "BB"), ({"llcr": 1.0999}, None),
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
    row = packed_rows(RULES.rows_for("UK"))[RATINGS.index(rating)]
    headrooms = np.zeros(CRITERION_COUNT + 1)
    fill_headrooms(row, np.full(COVER_SIZE, 9.0), 0.01, 1.0, WAITS, False, headrooms)
    assert headrooms[7] == (0.0 if may_wait else -1.0)
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
    assert (narrow[NEAR_MISS], narrow[FIRST_FAILED], narrow[BINDING], narrow[JUDGED_ROW]) == (1.0, 1, 1, 3)
    assert verdict("UK", {**GENEROUS, "dscr_minimum": 1.12}, minimum="BBB")[NEAR_MISS] == 0.0
    assert verdict("UK", {**GENEROUS, "dscr_minimum": 1.13, "icr": 1.24}, minimum="BBB")[NEAR_MISS] == 0.0
