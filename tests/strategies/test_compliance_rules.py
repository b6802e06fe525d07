"""Pre-trade compliance: the reference cases, every rule at its limits, and what must hold whatever the orders."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputProblems
from engine.strategies.compliance import (
    PASSIVE,
    Instrument,
    Lists,
    Order,
    Status,
    check_orders,
    orders_to,
    weights_after,
)
from engine.strategies.limits import RULES, Limit, Limits, read_limits

D = Decimal
REFERENCE = json.loads((Path(__file__).parent / "reference" / "compliance_cases.json").read_text())
NIL = D(0)
CALM = {"tracking_error": D("0.03"), "var95_one_day": D("0.01")}
NOTHING = Lists()
FACTS = Instrument("A", D(1), D(60), D(1))


def instrument(row):
    return Instrument(
        row["sector"],
        None if row["beta"] is None else D(row["beta"]),
        None if row["esg"] is None else D(row["esg"]),
        None if row["days"] is None else D(row["days"]),
    )


def of_case(case):
    facts = REFERENCE["instruments"] | case["instrument_overrides"]
    return {
        "limits": read_limits(REFERENCE["rulesets"][case["ruleset"]]),
        "before": {ident: D(weight) for ident, weight in case["weights_before"].items()},
        "orders": [Order(o["id"], D(o["weight_change"]), D(o["share_of_adv"])) for o in case["orders"]],
        "instruments": {ident: instrument(row) for ident, row in facts.items()},
        "risk": {name: D(value) for name, value in case["risk"].items()},
        "lists": Lists(frozenset(case.get("restricted", ())), frozenset(case.get("watch", ()))),
    }


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["id"])
def test_the_reference_case_to_the_letter(case):
    found = check_orders(**of_case(case))
    assert found.status == case["expected"]["status"]
    assert [reason.as_row() for reason in found.reasons] == case["expected"]["reasons"]
    assert all(reason.offender in reason.sentence or reason.offender == "portfolio" for reason in found.reasons)


# Each rule at, below and above its two limits: the weights by hand, one name or two, so that the figure is plain.

REVIEW, BLOCK = D("0.10"), D("0.20")
STEP = D("0.0001")


def portfolio_at(code, value):
    """Weights, facts and risk under which the rule's figure is the value."""
    slow = replace(FACTS, days=D("5.01"))
    one = {"X": FACTS}
    return {
        "single_name": ({"X": value}, one, CALM),
        "single_short": ({"X": -value}, one, CALM),
        "sector_net": ({"X": value + D("0.05"), "Y": D("-0.05")}, {"X": FACTS, "Y": FACTS}, CALM),
        "sector_net_short": ({"X": -value - D("0.05"), "Y": D("0.05")}, {"X": FACTS, "Y": FACTS}, CALM),
        "gross": ({"X": value - D("0.05"), "Y": D("-0.05")}, {"X": FACTS, "Y": FACTS}, CALM),
        "net": ({"X": value + D("0.05"), "Y": D("-0.05")}, {"X": FACTS, "Y": FACTS}, CALM),
        "beta": ({"X": D("0.5")}, {"X": replace(FACTS, beta=2 * value)}, CALM),
        "tracking_error": ({"X": D("0.01")}, one, CALM | {"tracking_error": value}),
        "var95_one_day": ({"X": D("0.01")}, one, CALM | {"var95_one_day": value}),
        "illiquid_share": ({"X": value / 2, "Y": (1 - value) / 2}, {"X": slow, "Y": FACTS}, CALM),
        "hhi": ({"X": D("0.1"), "Y": (value - D("0.01")).sqrt()}, {"X": FACTS, "Y": FACTS}, CALM),
    }[code]


def status_of(code, limit, weights, facts, risk, orders=()):
    return check_orders(Limits({code: limit}, short_allowed=True), weights, orders, facts, risk, NOTHING).status


SQUARES = {"hhi": (D("0.05"), D("0.10"))}  # 0.01 + 0.2 squared, 0.01 + 0.3 squared: roots that are exact


@pytest.mark.parametrize("code", sorted(set(RULES) - {"order_share_of_adv", "esg_score_min"}))
def test_a_rule_at_below_and_above_its_limits(code):
    review, block = SQUARES.get(code, (REVIEW, BLOCK))
    expected = [
        (review - STEP, "OK"),
        (review, "OK"),
        (review + STEP, "REVIEW"),
        (block - STEP, "REVIEW"),
        (block, "REVIEW"),
        (block + STEP, "BLOCK"),
    ]
    found = [(value, status_of(code, Limit(review, block), *portfolio_at(code, value))) for value, _ in expected]
    assert found == expected


@pytest.mark.parametrize(
    ("share", "status"),
    [
        ("0.0099", "OK"),
        ("0.01", "OK"),
        ("0.0101", "REVIEW"),
        ("0.05", "REVIEW"),
        ("0.0501", "BLOCK"),
        ("-0.0501", "BLOCK"),
    ],
)
def test_an_order_against_a_days_volume(share, status):
    orders = [Order("X", D("0.001"), D(share))]
    assert status_of("order_share_of_adv", Limit(D("0.01"), D("0.05")), {}, {"X": FACTS}, CALM, orders) == status


@pytest.mark.parametrize(("score", "status"), [("50.01", "OK"), ("50", "OK"), ("49.99", "REVIEW"), ("39.99", "BLOCK")])
def test_a_score_has_a_least(score, status):
    facts = {"X": replace(FACTS, esg=D(score))}
    assert status_of("esg_score_min", Limit(D(50), D(40)), {"X": D("0.5")}, facts, CALM) == status


def test_a_score_weighs_shorts_against_the_gross():
    facts = {"X": replace(FACTS, esg=D(80)), "Y": replace(FACTS, esg=D(40))}
    found = check_orders(
        Limits({"esg_score_min": Limit(D(51))}, True), {"X": D("0.3"), "Y": D("-0.1")}, [], facts, CALM, NOTHING
    )
    assert [reason.value for reason in found.reasons] == [D(50)]  # (0.3 x 80 - 0.1 x 40) / 0.4


def test_five_days_to_sell_are_liquid():
    limits = Limits({"illiquid_share": Limit(block=NIL)})
    weights = {"X": D("0.1")}
    for days, count in (("5", 0), ("5.01", 1)):
        facts = {"X": replace(FACTS, days=D(days))}
        assert len(check_orders(limits, weights, [], facts, CALM, NOTHING).reasons) == count


@pytest.mark.parametrize(
    ("before", "change", "status"),
    [
        ("0.01", "-0.01", "OK"),
        ("0.01", "-0.0101", "BLOCK"),
        ("-0.02", "0.01", "REVIEW"),
        ("-0.02", "-0.001", "BLOCK"),
        ("-0.02", "0", "BLOCK"),
    ],
)
def test_no_short_in_a_fund_that_may_not(before, change, status):
    orders = [Order("X", D(change), D("0.001"))]
    found = check_orders(Limits({}), {"X": D(before)}, orders, {"X": FACTS}, CALM, NOTHING)
    assert found.status == status


@pytest.mark.parametrize(
    ("before", "change", "grows"),
    [
        ("0.02", "0.0001", True),
        ("0.02", "-0.0001", False),
        ("0.02", "-0.02", False),
        ("0.02", "-0.03", True),
        ("-0.02", "-0.0001", True),
        ("-0.02", "0.01", False),
        ("-0.02", "0.03", True),
        ("0", "0.0001", True),
        ("0.02", "0", False),
    ],
)
@pytest.mark.parametrize(
    ("listed", "status", "rule"),
    [
        (Lists(restricted=frozenset("X")), "BLOCK", "restricted_list"),
        (Lists(watch=frozenset("X")), "REVIEW", "watch_list"),
    ],
)
def test_listed_names_may_only_shrink(before, change, grows, listed, status, rule):
    orders = [Order("X", D(change), D("0.001"))]
    found = check_orders(Limits({}, True), {"X": D(before)}, orders, {"X": FACTS}, CALM, listed)
    assert [(reason.status, reason.rule) for reason in found.reasons] == ([(status, rule)] if grows else [])


@pytest.mark.parametrize(
    ("before", "after", "status", "why"),
    [
        ("0.6", "0.55", "REVIEW", PASSIVE),
        ("0.6", "0.6", "BLOCK", ""),
        ("0.6", "0.61", "BLOCK", ""),
        ("0.6", "-0.55", "BLOCK", ""),  # beyond on the other side is no improvement
        ("0.5", "0.51", "BLOCK", ""),  # within before
    ],
)
def test_a_breach_that_was_there_must_come_closer(before, after, status, why):
    limits = Limits({"net": Limit(block=D("0.5"))}, True)
    orders = [Order("X", D(after) - D(before), D("0.001"))]
    found = check_orders(limits, {"X": D(before)}, orders, {"X": FACTS}, CALM, NOTHING)
    assert [(reason.status, reason.why) for reason in found.reasons] == [(status, why)]


def test_a_breach_before_that_cannot_be_judged_is_no_excuse():
    limits = Limits({"beta": Limit(block=D("0.5"))})
    facts = {"X": replace(FACTS, beta=D(2)), "Y": replace(FACTS, beta=None)}
    orders = [Order("Y", D("-0.1"), D("0.001")), Order("X", D("-0.1"), D("0.001"))]
    found = check_orders(limits, {"X": D("0.5"), "Y": D("0.1")}, orders, facts, CALM, NOTHING)
    assert [(reason.status, reason.value) for reason in found.reasons] == [("BLOCK", D("0.8"))]


def test_risk_beyond_before_may_come_closer():
    limits = Limits({"tracking_error": Limit(block=D("0.05"))})
    orders = [Order("X", D("-0.1"), D("0.001"))]
    risk = {"tracking_error": D("0.06")}
    call = (limits, {"X": D("0.5")}, orders, {"X": FACTS}, risk, NOTHING)
    assert check_orders(*call).status == "BLOCK"
    assert check_orders(*call, risk_before={"tracking_error": D("0.07")}).status == "REVIEW"
    assert check_orders(*call, risk_before={"tracking_error": D("0.055")}).status == "BLOCK"


@pytest.mark.parametrize(
    ("code", "fact"),
    [("sector_net", "sector"), ("beta", "beta"), ("esg_score_min", "esg"), ("illiquid_share", "days")],
)
def test_a_missing_fact_is_never_zero(code, fact):
    facts = {"X": FACTS, "Y": replace(FACTS, **{fact: None})}
    limits = Limits({code: Limit(D("0.9"), D(1))})
    found = check_orders(limits, {"X": D("0.5"), "Y": D("0.1")}, [], facts, CALM, NOTHING)
    assert [(r.status, r.rule, r.offender, r.value, r.why) for r in found.reasons] == [
        ("REVIEW", code, "Y", None, f"not assessable: {fact} missing")
    ]
    gone = check_orders(limits, {"X": D("0.5"), "Y": D(0)}, [], facts, CALM, NOTHING)
    assert gone.status == "OK"  # what is not held need not be known


def test_a_name_nobody_knows_and_risk_nobody_computed():
    limits = read_limits(REFERENCE["rulesets"]["long_only_fund"])
    orders = [Order("NEW", D("0.01"), None)]
    found = check_orders(limits, {}, orders, {}, {}, NOTHING)
    assert [(reason.rule, reason.offender) for reason in found.reasons] == [
        ("beta", "NEW"),
        ("esg_score_min", "NEW"),
        ("illiquid_share", "NEW"),
        ("order_share_of_adv", "NEW"),
        ("sector_net", "NEW"),
        ("tracking_error", "portfolio"),
        ("var95_one_day", "portfolio"),
    ]
    assert {reason.status for reason in found.reasons} == {Status.REVIEW}
    assert found.reasons[5].sentence == (
        "The tracking error of the portfolio is not known, so the rule on tracking error cannot be judged."
    )


def test_nothing_held_is_ok():
    limits = read_limits(REFERENCE["rulesets"]["long_only_fund"])
    assert check_orders(limits, {}, [], {}, CALM, NOTHING).status == "OK"


def test_an_order_in_pieces_is_as_large():
    limits = Limits({"order_share_of_adv": Limit(block=D("0.05"))}, True)
    pieces = [Order("X", D("0.001"), D("0.03")), Order("X", D("0.001"), D("0.03"))]
    found = check_orders(limits, {}, pieces, {"X": FACTS}, CALM, NOTHING)
    assert [(reason.status, reason.value) for reason in found.reasons] == [("BLOCK", D("0.06"))]


def test_tenths_add_up_exactly():
    limits = Limits({"sector_net": Limit(block=D("0.3"))})
    weights = {"X": D("0.1"), "Y": D("0.2")}  # 0.30000000000000004 in binary
    assert check_orders(limits, weights, [], {"X": FACTS, "Y": FACTS}, CALM, NOTHING).status == "OK"


def test_sentences_for_people():
    said = {}
    for case in REFERENCE["cases"]:
        for reason in check_orders(**of_case(case)).reasons:
            said[case["id"], reason.rule] = reason.sentence
    assert said["CMP-03", "single_name"] == "N02 would weigh 5.01%, beyond 5%, where orders are blocked."
    assert said["CMP-02", "single_name"] == "N02 would weigh 5%, beyond 4.5%, where a person has to look."
    assert said["CMP-04", "restricted_list"] == "N09 is on the restricted list, and the order would take it to 3.81%."
    assert said["CMP-08", "short_not_allowed"] == "N12 would weigh -0.7%, and this fund may not sell short."
    assert said["CMP-10", "single_name"] == (
        "N07 would weigh 5.2%: still beyond 5%, as it was before, but the orders bring it closer."
    )
    assert said["CMP-11", "beta"] == "The beta of N11 is not known, so the rule on beta cannot be judged."


def test_what_is_cut_off_hides_no_breach():
    rule = RULES["single_name"]
    assert rule.shown(D("0.05000000001")) == "5.001%"
    assert rule.shown(D("0.05")) == "5%"
    assert RULES["esg_score_min"].shown(D("49.9999999")) == "49.9999"


def test_limits_in_words():
    words = dict(read_limits(REFERENCE["rulesets"]["long_only_fund"]).in_words())
    assert words["Short positions"] == "blocked"
    assert words["Weight of one name, long"] == "review beyond 4.5%, blocked beyond 5%"
    assert words["ESG score, at least"] == "review below 50"


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ({}, ["not_a_flag"]),
        ({"short_allowed": "no"}, ["not_a_flag"]),
        ({"short_allowed": True, "weight": {"block": "1"}}, ["unknown"]),
        ({"short_allowed": True, "gross": {}}, ["missing"]),
        ({"short_allowed": True, "gross": {"review": None}}, ["missing"]),
        ({"short_allowed": True, "gross": {"stop": "1"}}, ["missing"]),
        ({"short_allowed": True, "gross": {"block": "much"}}, ["not_a_number"]),
        ({"short_allowed": True, "gross": {"block": "NaN"}}, ["not_a_number"]),
        ({"short_allowed": True, "gross": {"block": True}}, ["not_a_number"]),
        ({"short_allowed": True, "gross": {"block": "1_0"}}, ["not_a_number"]),
        ({"short_allowed": True, "gross": {"block": "-1"}}, ["out_of_range"]),
        ({"short_allowed": True, "gross": {"review": "1.1", "block": "1"}}, ["out_of_order"]),
        ({"short_allowed": True, "esg_score_min": {"review": "30", "block": "40"}}, ["out_of_order"]),
    ],
)
def test_limits_that_cannot_be_used_are_refused(content, codes):
    with pytest.raises(InputProblems) as refused:
        read_limits(content)
    assert [problem.code for problem in refused.value.problems] == codes


def test_equal_limits_are_allowed():
    assert read_limits({"short_allowed": True, "gross": {"review": "1", "block": 1}}).by_rule["gross"].block == 1


def test_orders_lead_from_one_portfolio_to_the_other():
    before, after = {"A": D("0.1"), "B": D("0.2")}, {"B": D("0.2"), "C": D("-0.1")}
    orders = orders_to(before, after, {"C": D("0.01")})
    assert orders == [Order("A", D("-0.1"), None), Order("C", D("-0.1"), D("0.01"))]
    assert weights_after(before, orders) == {"A": D(0), "B": D("0.2"), "C": D("-0.1")}


# Whatever the orders

NAMES = ("A", "B", "C", "D")
weights = st.decimals("-0.3", "0.3", places=3)
levels = st.decimals("0", "1", places=2)
facts = st.builds(
    Instrument,
    sector=st.sampled_from(["X", "Y", None]),
    beta=st.none() | st.decimals("-2", "2", places=2),
    esg=st.none() | st.decimals("0", "100", places=0),
    days=st.none() | st.decimals("0", "10", places=1),
)
orders_drawn = st.lists(
    st.builds(Order, st.sampled_from(NAMES), weights, st.none() | st.decimals("0", "0.1", places=3)), max_size=6
)


@st.composite
def limit_drawn(draw, code):
    low, high = sorted([draw(levels), draw(levels)])
    soft, hard = (high, low) if RULES[code].is_minimum else (low, high)
    return draw(st.sampled_from([Limit(soft, hard), Limit(soft), Limit(block=hard)]))


@st.composite
def limits_drawn(draw):
    codes = draw(st.sets(st.sampled_from(sorted(RULES))))
    return Limits({code: draw(limit_drawn(code)) for code in sorted(codes)}, draw(st.booleans()))


@st.composite
def situations(draw):
    return {
        "limits": draw(limits_drawn()),
        "before": draw(st.dictionaries(st.sampled_from(NAMES), weights)),
        "orders": draw(orders_drawn),
        "instruments": draw(st.dictionaries(st.sampled_from(NAMES), facts)),
        "risk": draw(st.fixed_dictionaries({"tracking_error": st.none() | levels, "var95_one_day": levels})),
        "lists": Lists(frozenset(draw(st.sets(st.sampled_from(NAMES)))), frozenset()),
    }


def severity(check):
    return ["OK", "REVIEW", "BLOCK"].index(check.status)


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


def tighter(limit, rule, by):
    """The limit moved against the fund."""
    move = by if rule.is_minimum else -by
    moved = [None if value is None else max(NIL, value + move) for value in (limit.review, limit.block)]
    return Limit(*moved)


@given(situations(), st.sampled_from(NAMES))
@settings(max_examples=150, deadline=None)
def test_listing_a_name_never_improves(situation, name):
    was = situation["lists"]
    for lists in (replace(was, restricted=was.restricted | {name}), replace(was, watch=was.watch | {name})):
        assert severity(check_orders(**situation | {"lists": lists})) >= severity(check_orders(**situation))


@given(situations(), st.sampled_from(sorted(RULES)), st.data())
@settings(max_examples=200, deadline=None)
def test_a_further_rule_never_improves(situation, code, data):
    limits = situation["limits"]
    fewer = replace(limits, by_rule=without(limits.by_rule, code))
    more = replace(limits, by_rule=fewer.by_rule | {code: data.draw(limit_drawn(code))})
    with_rule, without_rule = (check_orders(**situation | {"limits": each}) for each in (more, fewer))
    assert severity(with_rule) >= severity(without_rule)
    assert set(without_rule.reasons) <= set(with_rule.reasons)


@given(situations(), st.decimals("0", "0.5", places=2))
@settings(max_examples=200, deadline=None)
def test_tighter_limits_never_improve(situation, by):
    limits = situation["limits"]
    moved = {code: tighter(limit, RULES[code], by) for code, limit in limits.by_rule.items()}
    for stricter in (replace(limits, by_rule=moved), replace(limits, short_allowed=False)):
        assert severity(check_orders(**situation | {"limits": stricter})) >= severity(check_orders(**situation))


@given(situations(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_the_order_of_orders_and_names_does_not_matter(situation, chance):
    shuffled = situation | {
        "orders": chance.sample(situation["orders"], len(situation["orders"])),
        "before": dict(chance.sample(sorted(situation["before"].items()), len(situation["before"]))),
    }
    assert check_orders(**shuffled) == check_orders(**situation)


@given(situations())
@settings(max_examples=150, deadline=None)
def test_the_status_is_the_worst_reason_and_each_has_a_sentence(situation):
    found = check_orders(**situation)
    assert severity(found) == max([["OK", "REVIEW", "BLOCK"].index(r.status) for r in found.reasons], default=0)
    assert all(reason.sentence.endswith(".") and "None" not in reason.sentence for reason in found.reasons)
