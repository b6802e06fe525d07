"""Loans bought with what a variable funding note is drawn by: by hand, conserved, and the same in every reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.notes.batch import run_batch, run_compiled
from engine.notes.book import notes_book
from engine.notes.collateral import pool_flows
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure, write_pool, write_structure
from engine.notes.purchases import pool_with
from engine.notes.run import explain, run_notes
from engine.notes.solving import Trial
from engine.notes.taps import pool_after
from engine.notes.terms import Bought, Loan, Pool
from tests.notes.deals import POOL, three
from tests.notes.test_book import assert_same
from tests.notes.test_collateral import behaviours, pools
from tests.notes.test_drawn import funding

STILL = read_behaviour({})
KIND = {"code": "N", "name": "New loans", "coupon_rate": 0.06, "remaining_months": 2, "amortisation": "interest_only"}
BUYS = {"class_code": "V", "after_months": 1, "amount": 60.0, "use": "loans", "loans": "N"}


def buying(**changes):
    """A of 600, V of 100 drawn of 200, B of 300; 60 of V buy new loans on the first date."""
    return funding(
        draws=[dict(BUYS)], further_loans=[dict(KIND)], reserve={"target_ratio": 0.0},
        interest_steps=[
            {"kind": "fee", "target": "V"}, {"kind": "interest", "target": "A+V"}, {"kind": "interest", "target": "B"}, {"kind": "residual"},
        ],
    ) | changes  # fmt: skip


def test_a_purchase_by_hand():
    """V is drawn by 60 on date 1, after 175 repaid A and V as 600 : 100. From month 2 the loan pays 0.30, in month 3 its 60."""
    result = run_notes(read_structure(buying()), read_pool(POOL), STILL)
    v = result.class_index("V")
    assert_allclose(result.drawn[v], [60.0, 0.0, 0.0, 0.0])
    assert result.closing[v, 0] == pytest.approx(100.0 - 175.0 / 7 + 60.0)
    assert_allclose(result.pool.bought, [60.0, 0.0, 0.0, 0.0])
    without = pool_flows(read_pool(POOL), STILL)
    assert_allclose(result.pool.of("interest") - without.of("interest"), [0.0, 0.3, 0.3, 0.0], atol=1e-12)
    assert_allclose(result.pool.principal - without.principal, [0.0, 0.0, 60.0, 0.0], atol=1e-12)
    assert_allclose(result.pool.opening - without.opening, [0.0, 60.0, 60.0, 0.0], atol=1e-12)
    lines = {each.place: each for each in explain(result, 1)}
    bought = lines["purchases.0"]
    assert (bought.due_amount, bought.available_amount, bought.paid_amount) == pytest.approx((60.0, 60.0, 60.0))
    assert bought.words == "what is drawn buys New loans (6%, 2 months, interest only)"
    assert (
        lines["draws.0"].words
        == "60.00 of Class V is drawn 1 months after closing, to buy New loans (6%, 2 months, interest only)"
    )
    assert [each.paid_amount for each in explain(result, 2) if each.place == "purchases.0"] == [0.0]


def test_a_fee_and_a_trigger_read_what_was_bought():
    fee = [{"code": "servicing", "name": "Servicing", "annual_rate": 0.006}]
    steps = [{"kind": "fee", "target": "servicing"}, *buying()["interest_steps"]]
    tests = [{"code": "oc", "kind": "oc", "class_code": "B", "limit": 1.0}]
    result = run_notes(read_structure(buying(fees=fee, interest_steps=steps, triggers=tests)), read_pool(POOL), STILL)
    assert_allclose(result.step_paid[result.steps.index("interest_steps.0")][:2], [0.5, 0.0005 * (825.0 + 60.0)])
    standing = 1000.0 - 175.0 + 60.0  # of the notes, and of the pool
    assert result.trigger_value[0, 1] == pytest.approx((standing - 175.0 + 175.0) / standing)


def test_once_enforced_nothing_is_bought():
    """Losses enforce on date 1: the draw of date 2 is not made, and the pool is as it would be without it."""
    steps = [*buying()["interest_steps"][:-1], {"kind": "principal"}, {"kind": "residual"}]
    enforced = {
        "triggers": [{"code": "loss", "kind": "cumulative_loss", "limit": 0.01, "cures": False}], "enforcement_trigger": "loss", "enforcement_steps": steps,
    }  # fmt: skip
    losing = read_behaviour({"default_kind": "mdr", "default": 0.05, "severity_ratio": 0.5})
    late = [{**BUYS, "after_months": 2}]
    structure, pool = read_structure(buying(draws=late, **enforced)), read_pool(POOL)
    result = run_notes(structure, pool, losing)
    assert not result.drawn.any()
    assert not result.pool.bought.any()
    plain = run_notes(read_structure(buying(draws=[], **enforced)), pool, losing)
    assert_allclose(result.pool.of("interest"), plain.pool.of("interest"))
    assert_allclose(result.principal_paid, plain.principal_paid)
    batch = run_batch(structure, pool, [STILL, losing, STILL])
    assert_allclose(batch.of("principal")[1], result.principal_paid.sum(axis=1), atol=1e-9)
    assert_allclose(batch.of("principal")[0], batch.of("principal")[2])
    assert batch.of("principal")[0].sum() > batch.of("principal")[1].sum()


def test_a_loan_bought_ages_as_one_of_the_pool():
    """What is left after three months of a loan bought after one is what two months leave of it."""
    pool = pool_with(
        read_structure(buying(further_loans=[{**KIND, "remaining_months": 12, "amortisation": "annuity"}])),
        read_pool(POOL),
    )
    fast = read_behaviour({"prepayment_kind": "vector", "prepayment": [0.0, 0.1, 0.3]})
    later = pool_after(pool, fast, 3).loans[-1]
    months = pool_flows(pool, fast).of("closing") - pool_flows(Pool(pool.loans), fast, months=13).of("closing")
    assert later.code == "N-1"
    assert later.balance_amount == pytest.approx(months[2])
    assert (later.remaining_months, later.age_months) == (10, 2)
    assert write_pool(pool) == write_pool(read_pool(POOL))


def test_faults_of_a_purchase():
    def places(**changes):
        return {(each.code, each.place) for each in problems_of(buying(**changes))}

    assert places() == set()
    assert ("unknown", "draws.0.loans") in places(draws=[{**BUYS, "loans": "X"}])
    assert ("missing", "draws.0.amount") in places(draws=[{**BUYS, "amount": None}])
    assert ("out_of_range", "draws.0.amount") in places(draws=[{**BUYS, "amount": 101.0}])
    assert ("out_of_range", "draws.1.amount") in places(draws=[BUYS, {**BUYS, "after_months": 2}])
    assert ("unknown", "draws.0.loans") in places(draws=[{**BUYS, "use": "principal"}])
    reserve = {"class_code": "V", "after_months": 2, "use": "reserve"}
    assert ("not_a_choice", "draws.0.class_code") in places(draws=[BUYS, reserve], reserve={"floor_amount": 1.0})
    classes = buying()["classes"]
    classes[1]["available_months"] = 1
    assert ("order", "draws.0.after_months") in places(classes=classes)
    assert ("duplicate", "further_loans.1.code") in places(further_loans=[KIND, KIND])
    assert ("missing", "further_loans.0.remaining_months") in places(further_loans=[{"code": "N", "name": "New"}])


@st.composite
def buying_deals(draw):
    """Any pool, one to three purchases, perhaps a call, perhaps enforcement."""
    pool = draw(pools())
    scale = pool.balance_amount / 1000.0
    count = draw(st.integers(1, 3))
    content = buying()
    for row in content["classes"]:
        row["balance_amount"] *= scale * draw(st.floats(0.8, 1.0))
        row["commitment_amount"] = row.get("commitment_amount", 0.0) * scale
    kinds = [
        {**KIND, "code": f"K{k}", "remaining_months": draw(st.integers(1, 30)), "coupon_rate": draw(st.floats(0.0, 0.15)),
         "amortisation": draw(st.sampled_from(["annuity", "straight_line", "interest_only"]))}
        for k in range(2)
    ]  # fmt: skip
    content |= {
        "fees": [{"code": "fee", "name": "Fee", "annual_rate": draw(st.floats(0.0, 0.03))}], "further_loans": kinds,
        "clean_up_ratio": draw(st.sampled_from([0.0, 0.3])), "payment_frequency_months": draw(st.sampled_from([1, 3])),
        "draws": [
            {"class_code": "V", "after_months": draw(st.integers(0, 25)), "amount": draw(st.floats(1.0, 33.0)) * scale,
             "use": draw(st.sampled_from(["loans", "loans", "principal"])), "loans": draw(st.sampled_from(["K0", "K1"]))}
            for _ in range(count)
        ],
        "triggers": [{"code": "loss", "kind": "cumulative_loss", "limit": draw(st.sampled_from([0.02, 0.1])), "cures": False},
                     {"code": "oc", "kind": "oc", "class_code": "V", "limit": draw(st.floats(0.9, 1.6))}],
    }  # fmt: skip
    for each in content["draws"]:
        each["loans"] = each["loans"] if each["use"] == "loans" else ""
    cure = {"kind": "principal", "target": "A", "when": "breached:oc", "to_cure": True}
    paid = [{"kind": "fee", "target": "fee"}, *content["interest_steps"][:-1]]
    content["interest_steps"] = [*paid, *([cure] if draw(st.booleans()) else []), {"kind": "residual"}]
    if draw(st.booleans()):
        content |= {
            "enforcement_trigger": "loss",
            "enforcement_steps": [*paid, {"kind": "principal"}, {"kind": "residual"}],
        }
    assert not problems_of(content), problems_of(content)
    structure = read_structure(content)
    assert read_structure(write_structure(structure)) == structure
    return structure, pool, draw(behaviours())


@settings(max_examples=60, deadline=None)
@given(buying_deals())
def test_compiled_and_plain_runs_agree(case):
    structure, pool, behaviour = case
    plain, batch = run_notes(structure, pool, behaviour), run_batch(structure, pool, [STILL, behaviour])
    compiled, trial = run_compiled(structure, pool, behaviour), Trial(structure, pool, behaviour).run(structure)
    allowed = {"rtol": 1e-8, "atol": 1e-9 * pool.balance_amount}
    for measure, told in (("interest", plain.interest_paid), ("principal", plain.principal_paid)):
        assert_allclose(batch.of(measure)[1], told.sum(axis=1), err_msg=measure, **allowed)
    for column, told in (("balance", plain.closing), ("drawn", plain.drawn)):
        for k, each in enumerate(structure.classes):
            assert_allclose(compiled.of(f"{each.code}.{column}"), told[k], **allowed)
    assert_allclose(batch.of("pool_loss")[1], plain.pool.of("loss").sum(), **allowed)
    losses = plain.closing[:, -1] + plain.deferred[:, -1]
    assert_allclose([trial.loss_amounts[each.code] for each in structure.classes], losses, **allowed)


@settings(max_examples=60, deadline=None)
@given(buying_deals())
def test_cash_and_loans_are_conserved(case):
    structure, pool, behaviour = case
    found, scale = run_notes(structure, pool, behaviour), pool.balance_amount
    allowed = {"rtol": 1e-9, "atol": 1e-9 * scale}
    live = np.concatenate(([1.0], np.where(np.cumsum(found.call_proceeds)[:-1] > 0.0, 0.0, 1.0)))
    came_in = live * (found.pool.of("interest") + found.pool.principal) + found.call_proceeds + found.drawn.sum(axis=0)
    out = found.interest_paid.sum(axis=0) + found.principal_paid.sum(axis=0) + found.residual
    spent = np.zeros(len(found.periods))
    for k, place in enumerate(found.steps):
        table, _, rest = place.partition(".")
        if table in {"interest_steps", "enforcement_steps"} and getattr(structure, table)[int(rest)].kind == "fee":
            out = out + found.step_paid[k]
        spent = spent + (found.step_paid[k] if table == "purchases" else 0.0)
    held = found.reserve + found.principal_held
    assert_allclose(came_in + np.concatenate(([0.0], held[:-1])), out + spent + held, **allowed)
    collateral = found.pool.collateral
    assert_allclose(
        collateral[:-1]
        + np.concatenate(([0.0], found.pool.bought[:-1]))
        - found.pool.principal
        - found.pool.of("loss"),
        collateral[1:],
        **allowed,
    )
    assert_allclose(spent, live * np.where(np.cumsum(found.call_proceeds) > 0.0, spent, found.pool.bought), **allowed)
    assert (found.step_paid <= found.step_due + 1e-9 * scale).all()
    assert (found.step_paid <= found.step_available + 1e-9 * scale).all()


@settings(max_examples=6, deadline=None)
@given(buying_deals())
def test_the_book_reads_the_same(case):
    structure, pool, behaviour = case
    result = run_notes(structure, pool, behaviour)
    assert_same(result, notes_book(structure, result.pool).page())


def test_a_loan_bought_pays_as_one_that_began_then():
    """Bought after four months: the same flows four months later, whatever the loan; by age its speeds start at its own age."""
    new = Loan("N", "EUR", 100.0, 0.06, 8, age_months=3)
    psa = read_behaviour(
        {
            "prepayment_kind": "psa",
            "prepayment": 4.0,
            "default_kind": "sda",
            "default": 5.0,
            "severity_ratio": 0.5,
            "recovery_lag_months": 2,
        }
    )
    empty = Loan("E", "EUR", 1e-12, 0.0, 1)
    both = pool_flows(Pool((empty,), (Bought(4, new),)), psa).table
    alone = pool_flows(Pool((new,)), psa).table
    assert_allclose(both[4:], alone, atol=1e-9)
    assert_allclose(both[:4], 0.0, atol=1e-9)


def test_a_class_without_purchases_is_as_before():
    structure, pool = read_structure(three()), read_pool(POOL)
    assert pool_with(structure, pool) == pool
    assert not run_notes(structure, pool, STILL).pool.bought.any()
