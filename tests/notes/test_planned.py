"""Classes that accrue and classes with a plan: by hand, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.errors import CalculationError
from engine.notes.batch import run_batch
from engine.notes.book import notes_book
from engine.notes.collateral import pool_flows
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure
from engine.notes.measures import flows_of, yield_rate
from engine.notes.plans import plans_of
from engine.notes.run import explain, run_notes, run_on_flows
from engine.notes.words import waterfall_words
from tests.notes.test_book import assert_same
from tests.notes.test_run import flows

INTEREST = [*({"kind": "interest", "target": code} for code in "PSZ"), {"kind": "residual"}]
PRINCIPAL = [
    {"kind": "planned", "target": "P"}, *({"kind": "principal", "target": code} for code in "SZ"), {"kind": "principal"},
    {"kind": "residual"},
]  # fmt: skip


def content(plan=None, accrues="S", **changes):
    """P planned, S its support, Z that accrues."""
    return {
        "code": "PSZ", "name": "Planned", "currency": "EUR", "closing_date": "2026-01-15", "payment_frequency_months": 1,
        "classes": [
            {"code": "P", "name": "Class P", "balance_amount": 500.0, "coupon_rate": 0.048} | (plan or {}),
            {"code": "S", "name": "Class S", "balance_amount": 300.0, "coupon_rate": 0.06},
            {"code": "Z", "name": "Class Z", "balance_amount": 200.0, "coupon_rate": 0.06, "accrues_until": accrues},
        ],
        "interest_steps": INTEREST,
        "principal_steps": PRINCIPAL if plan else [{"kind": "principal"}, {"kind": "residual"}],
    } | changes  # fmt: skip


COLLAR = {"plan_kind": "cpr", "plan_low": 0.06, "plan_high": 0.24}
POOL = read_pool(
    {"loans": [{"code": "M", "currency": "EUR", "balance_amount": 1000.0, "coupon_rate": 0.066, "remaining_months": 120}]}
)  # fmt: skip


def cpr(speed, **changes):
    return read_behaviour({"prepayment_kind": "cpr", "prepayment": speed} | changes)


def test_an_accruing_class_by_hand():
    """Z is owed 1% x 100 = 1.00; that is added (101.00) and repays A. Month 2 owes 1.01; A's last 97.99 leaves 3.01 for Z."""
    structure = read_structure({
        "code": "AZ", "name": "Accrual", "currency": "EUR", "closing_date": "2026-01-15", "payment_frequency_months": 1,
        "classes": [
            {"code": "A", "name": "Class A", "balance_amount": 200.0, "coupon_rate": 0.06},
            {"code": "Z", "name": "Class Z", "balance_amount": 100.0, "coupon_rate": 0.12, "accrues_until": "A"}],
        "interest_steps": [{"kind": "interest", "target": "A"}, {"kind": "interest", "target": "Z"}, {"kind": "residual"}],
        "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
    })  # fmt: skip
    result = run_on_flows(structure, flows([3.0, 3.0, 3.0], [100.0, 100.0, 100.0], opening=300.0))
    assert_allclose(result.added[1], [1.0, 1.01, 0.0])
    assert_allclose(result.principal_paid, [[101.0, 99.0, 0.0], [0.0, 2.01, 100.0]], atol=1e-12)
    assert_allclose(result.interest_paid, [[1.0, 0.495, 0.0], [0.0, 0.0, 1.0]], atol=1e-12)
    assert_allclose(result.closing[1], [101.0, 100.0, 0.0], atol=1e-12)
    assert_allclose(result.residual, [1.0, 1.495, 2.0], atol=1e-12)
    line = explain(result, 1)[1]
    assert (line.due_amount, line.paid_amount) == pytest.approx((1.0, 1.0))
    assert waterfall_words(structure, "interest_steps")[1] == (
        "Second, interest due on Class Z, which while Class A or a class senior to it stands is added to its balance, "
        "its money to principal collections."
    )


def test_interest_that_income_does_not_bring_is_added_all_the_same():
    structure = read_structure(content())
    result = run_on_flows(structure, flows([4.0, 4.0], [100.0, 100.0]))
    assert_allclose(result.added[2], [1.0, 1.005])
    assert_allclose(result.principal_paid[0], [100.5, 100.0 + 4.0 - 0.004 * 399.5 - 1.5])
    assert not result.deferred[2].any()


def test_an_accruing_class_bought_at_par_yields_its_coupon():
    """What is added bears the coupon, so par earns it, whatever the speed."""
    structure = read_structure(content())
    for speed in (0.0, 0.1, 0.4):
        result = run_notes(structure, POOL, cpr(speed))
        assert yield_rate(flows_of(result, "Z"), 1.0) == pytest.approx(0.06, abs=1e-9)
        priced = run_batch(structure, POOL, [cpr(speed)], {"Z": 0.06, "P": 0.048})
        assert_allclose(priced.of("value")[0, [0, 2]], 1.0, rtol=1e-9)


def test_a_plan_is_the_lesser_principal_of_two_speeds():
    """By hand: 100 straight over 4 months at no interest, 0 and 1 - 0.5 SMM: 25 a month, and 62.5, 25, 9.375, 3.125."""
    pool = read_pool({"loans": [
        {"code": "L", "currency": "EUR", "balance_amount": 100.0, "coupon_rate": 0.0, "remaining_months": 4,
         "amortisation": "straight_line"}]})  # fmt: skip
    rows = content({"plan_kind": "cpr", "plan_low": 0.0, "plan_high": 1.0 - 0.5**12})
    rows["classes"][0] |= {"balance_amount": 60.0}
    found = pool_flows(pool, read_behaviour({}))
    fast = pool_flows(pool, cpr(1.0 - 0.5**12)).principal
    assert_allclose(fast, [62.5, 25.0, 9.375, 3.125])
    plans = plans_of(read_structure(rows), found)
    assert_allclose(plans["P"], [35.0, 10.0, 0.625, 0.0])


def test_two_plans_share_the_lesser_principal_one_after_the_other():
    rows = content(COLLAR)
    rows["classes"][1] |= COLLAR
    rows["principal_steps"] = [{"kind": "planned", "target": "P"}, {"kind": "planned", "target": "S"}, *PRINCIPAL[2:]]
    structure, found = read_structure(rows), pool_flows(POOL, cpr(0.1))
    least = np.minimum(pool_flows(POOL, cpr(0.06)).principal, pool_flows(POOL, cpr(0.24)).principal)
    plans = plans_of(structure, found)
    assert_allclose(plans["P"] + plans["S"], np.maximum(800.0 - np.cumsum(least), 0.0), atol=1e-9)
    assert plans["S"][plans["P"] > 1e-9].min() == pytest.approx(300.0)
    assert plans["S"][-1] == pytest.approx(800.0 - least.sum())


@settings(max_examples=40, deadline=None)
@given(st.floats(0.06, 0.24))
def test_between_its_speeds_a_planned_class_is_paid_its_plan(speed):
    """The pool of one level loan without defaults: at any one speed within the collar the plan is kept to the cent."""
    structure = read_structure(content(COLLAR))
    result = run_notes(structure, POOL, cpr(speed))
    assert_allclose(result.closing[0], plans_of(structure, result.pool)["P"], atol=1e-7)


def test_beyond_its_speeds_the_support_is_gone_and_the_plan_is_not_kept():
    structure = read_structure(content(COLLAR))
    result = run_notes(structure, POOL, cpr(0.5))
    plan = plans_of(structure, result.pool)["P"]
    assert (result.closing[0] < plan - 1.0).any()
    assert result.closing[1][result.closing[0] < plan - 1.0].max() == pytest.approx(0.0, abs=1e-9)
    slow = run_notes(structure, POOL, cpr(0.0))
    assert (slow.closing[0] > plan + 1.0).any()
    assert slow.principal_paid[1][slow.closing[0] > plan + 1e-9].max() == 0.0


def test_the_plan_in_words_and_as_formulas():
    structure = read_structure(content(COLLAR))
    assert waterfall_words(structure, "principal_steps")[0] == (
        "First, principal of Class P, down to the balance planned for 6% to 24% CPR."
    )
    result = run_notes(structure, POOL, cpr(0.3, default_kind="cdr", default=0.02, severity_ratio=0.4))
    assert_same(result, notes_book(structure, result.pool).page())


def test_a_plan_needs_the_loans():
    with pytest.raises(CalculationError):
        run_on_flows(read_structure(content(COLLAR)), flows([9.0]))


def one(number, **changes):
    rows = content(COLLAR)
    rows["classes"][number] |= changes
    return rows


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        (one(2, accrues_until="X"), "unknown", "classes.2.accrues_until"),
        (one(2, accrues_until="Z"), "order", "classes.2.accrues_until"),
        (one(0, accrues_until="S"), "order", "classes.0.accrues_until"),
        (one(0, plan_high=0.01), "order", "classes.0.plan_high"),
        (one(0, plan_high=1.5), "out_of_range", "classes.0.plan_high"),
        (one(0, plan_kind="none"), "not_a_choice", "principal_steps.0.target"),
        (one(1, **COLLAR), "never_paid", "classes.1.plan_kind"),
        (content(interest_steps=[INTEREST[0], {"kind": "interest", "target": "S+Z"}, INTEREST[3]]), "not_a_choice", "interest_steps.1.target"),
        (content(interest_steps=[*INTEREST[:2], INTEREST[2] | {"cap_amount": 1.0}, INTEREST[3]]), "not_a_cap", "interest_steps.2.cap_amount"),
        (content(interest_steps=[*INTEREST[:2], INTEREST[2] | {"when": "holds:t"}, INTEREST[3]], triggers=[{"code": "t", "kind": "date", "limit": 3}]), "not_a_condition", "interest_steps.2.when"),
    ],
)  # fmt: skip
def test_faults_of_planned_and_accruing_classes_are_named_with_their_place(rows, code, place):
    assert (code, place) in {(each.code, each.place) for each in problems_of(rows)}
