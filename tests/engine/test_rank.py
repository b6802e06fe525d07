"""Scores, tiers, merging and ranks against a ranking a reader can follow."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.permutations import RANK_COLUMNS, evaluate, rank
from engine.permutations.rank import scaled
from engine.ratings.scale import NOT_RATED
from engine.terms import Objective, StructuringTerms
from tests.engine.brute_force import alive
from tests.engine.deals import LIGHT_GRID, NO_CAPS, UNCAPPED, deal

BRONZE, SILVER, GOLD, DIAMOND = 1, 2, 3, 4
ABOVE_MARKET = 128
OUTCOME = (
    "senior_amount", "mezz_amount", "equity_proceeds_amount", "day_one_value", "wacc_rate", "sponsor_irr_rate",
    "dscr_minimum", "dscr_average", "worst_stressed_dscr", "rating_notch", "stability_ratio", "gate", "flags",
)  # fmt: skip


# The ranking in plain words


def plain_rank(rows, terms, evaluated_count):
    """What rank() gives, one dict a row in index order."""
    rows = sorted(rows, key=lambda row: row["index"])
    passed = [row for row in rows if row["gate"] == 2]
    scores = plain_scores(rows, passed, terms)
    by_score = sorted(range(len(rows)), key=lambda k: (rows[k]["gate"] != 2, -scores[k], rows[k]["index"]))
    place = {k: position for position, k in enumerate(by_score)}
    groups = plain_groups(rows)
    goals = plain_goals(rows, passed, terms)
    standing = sorted(groups, key=lambda k: (plain_class(rows[k]), -goals[k], -scores[k], rows[k]["index"]))
    ranks = {k: number for number, k in enumerate(standing, start=1)}
    stands_for = {member: k for k, members in groups.items() for member in members}
    return [
        {
            "index": row["index"],
            "score": scores[k],
            "percentile": (place[k] + 1) / evaluated_count,
            "tier": plain_tier(row, place[k], terms, evaluated_count),
            "rank": ranks.get(k, 0),
            "merged_count": len(groups[stands_for[k]]),
            "representative": rows[stands_for[k]]["index"],
        }
        for k, row in enumerate(rows)
    ]


def plain_class(row):
    """First what meets every constraint, stresses included, then what passes both gates, then near misses."""
    return 2 if row["gate"] != 2 else 0 if row["stress_passed"] == 1 else 1


def plain_groups(rows):
    """The simplest row of each outcome (then the lowest index), with all that share it."""
    order = sorted(range(len(rows)), key=lambda k: (outcome(rows[k]), rows[k]["instruments"], rows[k]["index"]))
    groups = {}
    for _, members in itertools.groupby(order, key=lambda k: outcome(rows[k])):
        found = list(members)
        groups[found[0]] = found
    return groups


def outcome(row):
    """What an outcome is told by, to ten digits."""
    return tuple(-1.0 if math.isnan(row[name]) else float(f"{row[name]:.9e}") for name in OUTCOME)


def plain_scale(values, among):
    """Each value's place between the lowest and highest of those that passed, held within 0 and 1."""
    if not among:
        return [0.0] * len(values)
    low, high = min(among), max(among)
    return [1.0 if low == high else min(max((v - low) / (high - low), 0.0), 1.0) for v in values]


def weighted(rows, passed, parts):
    columns = [plain_scale([read(r) for r in rows], [read(r) for r in passed]) for _, read in parts]
    return [sum(w * column[k] for (w, _), column in zip(parts, columns, strict=True)) for k in range(len(rows))]


def plain_scores(rows, passed, terms):
    return weighted(rows, passed, [
        (terms.score_day_one_weight, lambda r: r["day_one_value"]),
        (terms.score_stability_weight, lambda r: r["stability_ratio"]),
        (terms.score_rating_weight, lambda r: NOT_RATED - r["rating_notch"]),
        (terms.score_simplicity_weight, lambda r: 1.0 - r["instruments"] / 4.0),
    ])  # fmt: skip


def plain_goals(rows, passed, terms):
    simple = {
        "day_one_value": lambda r: r["day_one_value"],
        "senior_raise": lambda r: r["senior_amount"],
        "wacc": lambda r: -r["wacc_rate"],
        "equity_irr": lambda r: -math.inf if math.isnan(r["sponsor_irr_rate"]) else r["sponsor_irr_rate"],
    }
    if terms.objective in simple:
        return [simple[terms.objective](row) for row in rows]
    reads = (simple["senior_raise"], simple["wacc"], simple["day_one_value"], lambda r: r["dscr_minimum"],
             lambda r: NOT_RATED - r["rating_notch"])  # fmt: skip
    return weighted(rows, passed, list(zip(terms.composite_weights, reads, strict=True)))


def plain_tier(row, place, terms, evaluated_count):
    """Top shares of everything evaluated, in exact fractions; a near miss is Bronze, a dear coupon no flaw."""
    diamond, gold, silver = (Fraction(str(share)) * evaluated_count for share in terms.tier_shares)
    if row["gate"] != 2:
        return BRONZE
    sound = row["flags"] in (0, ABOVE_MARKET)
    if place < diamond and sound and row["stress_passed"] == 1:
        return DIAMOND
    if place < gold and sound:
        return GOLD
    return SILVER if place < silver else BRONZE


# Rows to rank


def candidate(index, **changes):
    """A row that passed, with round figures."""
    row = {
        "index": index, "gate": 2, "near_miss": 0, "senior_amount": 100.0, "mezz_amount": 10.0,
        "equity_proceeds_amount": 50.0, "day_one_value": 5.0, "wacc_rate": 0.07, "sponsor_irr_rate": 0.15,
        "dscr_minimum": 1.4, "dscr_average": 1.5, "worst_stressed_dscr": 1.2, "rating_notch": 6, "stability_ratio": 0.85,
        "stress_passed": 1, "instruments": 2, "flags": 0,
    }  # fmt: skip
    assert row.keys() == set(RANK_COLUMNS)
    return {**row, **changes}


def as_columns(rows):
    whole = {"index", "gate", "near_miss", "rating_notch", "stress_passed", "instruments", "flags"}
    return {
        name: np.array([row[name] for row in rows], dtype=np.int64 if name in whole else np.float64)
        for name in RANK_COLUMNS
    }


def ranked(rows, evaluated_count=1000, **terms):
    """rank() of the rows, after holding it to the plain ranking."""
    given = StructuringTerms.from_dict(terms)
    found = rank(as_columns(rows), given, evaluated_count)
    expected = plain_rank(rows, given, evaluated_count)
    for name in ("index", "tier", "rank", "merged_count", "representative"):
        assert_array_equal(getattr(found, name), [row[name] for row in expected], err_msg=name)
    for name in ("score", "percentile"):
        assert_allclose(getattr(found, name), [row[name] for row in expected], rtol=1e-12, atol=1e-15, err_msg=name)
    assert sum(found.tier_counts.values()) == evaluated_count
    for tier in (BRONZE, SILVER, GOLD, DIAMOND):
        assert found.tier_counts[tier] == sum(row["tier"] == tier for row in expected)
    return found


# Coarse steps, so that ties and identical outcomes are common.
quarters = st.integers(0, 4).map(lambda k: k / 4)
candidates = st.builds(
    candidate,
    index=st.integers(0, 10**12),
    gate=st.sampled_from([1, 2, 2, 2]),
    senior_amount=quarters.map(lambda q: 100 + q),
    day_one_value=quarters.map(lambda q: 10 * q - 5),
    wacc_rate=quarters,
    sponsor_irr_rate=st.one_of(st.just(math.nan), quarters),
    dscr_minimum=quarters.map(lambda q: 1 + q),
    rating_notch=st.sampled_from([1, 3, 6, 9, 10]),
    stability_ratio=quarters,
    stress_passed=st.integers(0, 1),
    instruments=st.integers(0, 4),
    flags=st.sampled_from([0, 0, 1, 9, ABOVE_MARKET, ABOVE_MARKET + 1]),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(candidates, max_size=40, unique_by=lambda row: row["index"]),
    st.sampled_from(list(Objective)),
    st.sampled_from([40, 100, 1000]),
)
def test_any_rows_rank_as_in_plain_words(rows, objective, evaluated_count):
    weights = {"score_day_one_weight": 0.5, "score_stability_weight": 0.25, "score_rating_weight": 0.0,
              "score_simplicity_weight": 0.25, "composite_weights": [0.5, 0.25, 0.25, 0.5, 0.0]}  # fmt: skip
    ranked(rows, evaluated_count, objective=objective.value, **weights)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(candidates, min_size=2, max_size=25, unique_by=lambda row: row["index"]), st.randoms(use_true_random=False)
)
def test_the_order_rows_arrive_in_does_not_matter(rows, random):
    terms = StructuringTerms.from_dict()
    shuffled = random.sample(rows, len(rows))
    first, second = rank(as_columns(rows), terms, 500), rank(as_columns(shuffled), terms, 500)
    for name in ("index", "score", "percentile", "tier", "rank", "merged_count", "representative"):
        assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)


# Ties and merging


def test_rank_is_by_day_one_value_then_score_then_index():
    rows = [
        candidate(4, day_one_value=9.0, senior_amount=101.0),
        candidate(3, day_one_value=9.0, senior_amount=102.0),
        candidate(2, day_one_value=9.0, senior_amount=103.0, stability_ratio=0.95),
        candidate(1, day_one_value=12.0, stability_ratio=0.1),
    ]
    assert ranked(rows).rank.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("objective", "best"),
    [("day_one_value", 0), ("senior_raise", 1), ("wacc", 2), ("equity_irr", 3), ("composite", 4)],
)
def test_each_objective_puts_its_own_first(objective, best):
    rows = [
        candidate(0, day_one_value=9.0),
        candidate(1, senior_amount=120.0),
        candidate(2, wacc_rate=0.05),
        candidate(3, sponsor_irr_rate=0.3),
        candidate(4, senior_amount=118.0, wacc_rate=0.052, day_one_value=8.5, dscr_minimum=1.6, rating_notch=3),
    ]
    found = ranked(rows, objective=objective)
    assert found.index[found.rank == 1].tolist() == [best]


def test_a_sponsor_without_a_return_ranks_last_by_return():
    rows = [candidate(0, sponsor_irr_rate=math.nan), candidate(1, sponsor_irr_rate=-0.5), candidate(2)]
    assert ranked(rows, objective="equity_irr").rank.tolist() == [3, 2, 1]


def test_identical_outcomes_keep_the_simplest():
    rows = [
        candidate(7, instruments=3),
        candidate(8, instruments=1),
        candidate(9, instruments=1),
        candidate(10, day_one_value=1.0),
    ]
    found = ranked(rows)
    assert found.representative.tolist() == [8, 8, 8, 10]
    assert found.merged_count.tolist() == [3, 3, 3, 1]
    assert found.rank.tolist() == [0, 1, 0, 2]


def test_outcomes_a_last_digit_apart_are_identical_and_a_billionth_apart_are_not():
    """A cap gives one amount from many levers, but for its last digits."""
    near, apart = np.nextafter(5.0, 6.0), 5.0 * (1 + 1e-9)
    assert ranked([candidate(0), candidate(1, day_one_value=near)]).merged_count.tolist() == [2, 2]
    assert ranked([candidate(0), candidate(1, day_one_value=apart)]).merged_count.tolist() == [1, 1]


def test_no_return_twice_is_the_same_outcome():
    rows = [candidate(k, sponsor_irr_rate=math.nan) for k in range(3)]
    assert ranked(rows).merged_count.tolist() == [3, 3, 3]


def test_near_misses_rank_behind_whatever_passed():
    rows = [candidate(0, gate=1, near_miss=1, day_one_value=100.0), candidate(1, day_one_value=-50.0)]
    found = ranked(rows)
    assert found.rank.tolist() == [2, 1]
    assert found.tier.tolist() == [BRONZE, DIAMOND]


def test_nothing_alive():
    found = ranked([], evaluated_count=10)
    assert found.index.size == 0
    assert found.tier_counts == {0: 10, 1: 0, 2: 0, 3: 0, 4: 0}


def test_near_misses_alone():
    found = ranked([candidate(k, gate=1, near_miss=1, day_one_value=float(k)) for k in range(3)])
    assert found.rank.tolist() == [3, 2, 1]
    assert found.score.tolist() == [0.0, 0.0, 0.0]


# Tiers


def line(count, **changes):
    """Rows of falling score, one a step."""
    return [candidate(k, day_one_value=float(count - k), **changes) for k in range(count)]


@pytest.mark.parametrize("evaluated_count", [100, 140, 200, 300, 700, 1000])
def test_a_tier_holds_exactly_its_share(evaluated_count):
    """1%, 5% and 15% of all evaluated, whatever the share times the count is in binary."""
    tiers = ranked(line(evaluated_count // 2), evaluated_count).tier.tolist()
    assert tiers.count(DIAMOND) == math.ceil(evaluated_count / 100)
    assert tiers.count(DIAMOND) + tiers.count(GOLD) == evaluated_count // 20
    assert len(tiers) - tiers.count(BRONZE) == math.ceil(Fraction(15, 100) * evaluated_count)


@pytest.mark.parametrize("share", [0.07, 0.14, 0.28, 0.55, 0.56])
def test_a_share_that_is_not_exact_in_binary(share):
    """0.07 x 100 is 7.000000000000001 in binary; the tier still holds seven."""
    tiers = ranked(line(90), 100, tier_shares=[0.01, share, 0.9]).tier.tolist()
    assert tiers.count(DIAMOND) + tiers.count(GOLD) == round(100 * share)


def test_a_share_of_a_small_space_holds_at_least_one():
    """Of three, 1%, 5% and 15% all hold the first."""
    assert ranked(line(3), 3).tier.tolist() == [DIAMOND, BRONZE, BRONZE]


def test_diamond_asks_for_the_stressed_constraints_too_and_gold_for_the_base_ones():
    assert ranked(line(1, stress_passed=0), 100).tier.tolist() == [GOLD]
    assert ranked(line(1, flags=1), 100).tier.tolist() == [SILVER]


def test_a_coupon_above_the_market_is_dear_not_unsound():
    assert ranked(line(1, flags=ABOVE_MARKET), 100).tier.tolist() == [DIAMOND]
    assert ranked(line(1, flags=ABOVE_MARKET + 1), 100).tier.tolist() == [SILVER]


@pytest.mark.parametrize(("place", "tier"), [(14, SILVER), (15, BRONZE), (59, BRONZE)])
def test_what_passes_beyond_silver_is_bronze(place, tier):
    assert ranked(line(60), 100).tier.tolist()[place] == tier


def test_what_survives_every_stress_ranks_first_then_what_passes_then_near_misses():
    """Whatever the objective says across the classes."""
    rows = [
        candidate(0, gate=1, near_miss=1, day_one_value=100.0),
        candidate(1, stress_passed=0, day_one_value=50.0),
        candidate(2, day_one_value=-5.0),
        candidate(3, stress_passed=0, day_one_value=60.0),
        candidate(4, day_one_value=-4.0),
    ]
    assert ranked(rows).rank.tolist() == [5, 4, 2, 3, 1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(candidates, min_size=2, max_size=30, unique_by=lambda row: row["index"]), st.sampled_from(list(Objective))
)
def test_classes_never_mix(rows, objective):
    found = rank(as_columns(rows), StructuringTerms.from_dict({"objective": objective.value}), 100)
    by_index = {row["index"]: plain_class(row) for row in rows}
    standing = sorted(
        (place, index) for place, index in zip(found.rank.tolist(), found.index.tolist(), strict=True) if place
    )
    classes = [by_index[index] for _, index in standing]
    assert classes == sorted(classes)


def test_scaling_is_over_those_that_passed():
    assert scaled(np.array([10.0, 20.0, 30.0, 15.0]), (10.0, 20.0)).tolist() == [0.0, 1.0, 1.0, 0.5]
    assert scaled(np.array([1.0, 2.0]), None).tolist() == [0.0, 0.0]


# A real run


def test_a_walk_ranked():
    """Where mezzanine is nil every mezzanine lever gives one outcome; each equity target gives its own."""
    axes = {
        "senior_tenor_years": [15, 20], "senior_dscr": [1.3, 1.4], "mezz_dscr": [1.1, 1.19],
        "mezz_coupon_rate": [0.08, 0.1, 0.12], "mezz_amortisation": ["annuity", "interest_only"],
        "trs_share": [0.0, 0.1], "equity_irr_rate": [0.12, 0.15], **UNCAPPED,
    }  # fmt: skip
    # A balloon that falls due with the lease cannot be refinanced, so none is lent.
    case = deal(axes, {"valuation.appraisal_amount": 1e9}, LIGHT_GRID, {**NO_CAPS, "general.lease_tail_years": 0})
    size = case.levers.size
    found = evaluate(case, np.arange(size, dtype=np.int64))
    living = alive(found)
    rows = [{name: found.columns[name][k].item() for name in RANK_COLUMNS} for k in living]
    ranking = ranked(rows, size)
    nil = [k for k, row in enumerate(rows) if row["mezz_amount"] == 0.0]
    assert nil
    assert {int(ranking.merged_count[k]) for k in nil} == {6}
    assert len(set(ranking.representative[nil].tolist())) == len(nil) // 6
    assert ranking.tier_counts[0] == size - living.size
