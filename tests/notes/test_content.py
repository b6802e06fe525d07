"""Notes deals as content: read, written back, and every fault named with its place."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from engine.errors import InputProblems
from engine.notes.content import (
    good_loans,
    problems_between,
    problems_of,
    problems_of_behaviour,
    problems_of_pool,
    read_behaviour,
    read_pool,
    read_structure,
    write_behaviour,
    write_pool,
    write_structure,
)
from engine.notes.terms import BREACHED, HOLDS
from tests.notes.deals import FIVE, POOL, steps_with, three

OC = {"code": "oc", "kind": "oc", "class_code": "B", "limit": 1.1}
LATE = {"code": "late", "kind": "date", "limit": 24}


def found(problems):
    return {(problem.code, problem.place) for problem in problems}


@pytest.mark.parametrize("content", [three(), FIVE, three(triggers=[OC], payment_frequency_months=3)])
def test_a_structure_is_read_as_it_was_written(content):
    structure = read_structure(content)
    written = json.loads(json.dumps(write_structure(structure)))
    assert read_structure(written) == structure
    assert write_structure(read_structure(written)) == written


def test_pools_and_behaviours_are_read_as_they_were_written():
    scheduled = {**POOL["loans"][0], "code": "L3", "amortisation": "schedule", "schedule": [400.0, 400.0, 100.0, 0.0]}
    pool = read_pool({"loans": [*POOL["loans"], scheduled]})
    assert read_pool(json.loads(json.dumps(write_pool(pool)))) == pool
    behaviour = read_behaviour(
        {"prepayment_kind": "vector", "prepayment": [0.1, 0.2], "default_kind": "sda", "default": 2}
    )
    assert read_behaviour(json.loads(json.dumps(write_behaviour(behaviour)))) == behaviour


def enforced(**changes):
    """The three-class deal enforced for good by overcollateralisation, with some parts replaced."""
    steps = [*three()["interest_steps"][:5], {"kind": "principal"}, {"kind": "residual"}]
    return {
        "triggers": [{**OC, "cures": False}], "enforcement_trigger": "oc", "enforcement_steps": steps
    } | changes  # fmt: skip


def enforced_step(number, **changes):
    steps = enforced()["enforcement_steps"]
    steps[number] |= changes
    return enforced(enforcement_steps=steps)


def one_class(number, **changes):
    rows = deepcopy(three()["classes"])
    rows[number] |= changes
    return {"classes": rows}


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        (steps_with("interest_steps", 1, target="Z"), "unknown", "interest_steps.1.target"),
        (steps_with("interest_steps", 0, target="Z"), "unknown", "interest_steps.0.target"),
        (steps_with("interest_steps", 1, target="A+A"), "duplicate", "interest_steps.1.target"),
        (steps_with("interest_steps", 1, when="holds:oc"), "unknown", "interest_steps.1.when"),
        (steps_with("interest_steps", 1, when="sometimes"), "not_a_condition", "interest_steps.1.when"),
        (steps_with("interest_steps", 1, cap_ratio=1.2), "out_of_range", "interest_steps.1.cap_ratio"),
        (steps_with("interest_steps", 3, cap_amount=1.0), "not_a_cap", "interest_steps.3.cap_amount"),
        (steps_with("interest_steps", 5, target="A"), "unknown", "interest_steps.5.target"),
        (steps_with("interest_steps", 1, kind="dividend"), "not_a_choice", "interest_steps.1.kind"),
        (steps_with("interest_steps", 1, kind="residual", target=""), "order", "interest_steps.1"),
        (steps_with("interest_steps", 4, kind="interest", target="B"), "never_paid", "classes.2"),
        (steps_with("interest_steps", 2, kind="principal", target=""), "missing", "interest_steps.2.target"),
        (steps_with("interest_steps", 5, kind="interest", target="C"), "missing", "interest_steps"),
        (steps_with("principal_steps", 0, kind="fee", target="servicing"), "not_a_choice", "principal_steps.0.kind"),
        (one_class(1, balance_amount=-300.0), "out_of_range", "classes.1.balance_amount"),
        (one_class(1, balance_amount="much"), "not_a_number", "classes.1.balance_amount"),
        (one_class(1, code="A"), "duplicate", "classes.1.code"),
        (one_class(1, code="B+C"), "not_a_code", "classes.1.code"),
        (one_class(1, target_rating="Ba1"), "unknown", "classes.1.target_rating"),
        (one_class(2, rank=1), "order", "classes.2.rank"),
        ({"classes": []}, "missing", "classes"),
        ({"classes": "A"}, "not_rows", "classes"),
        ({"classes": ["A"]}, "not_a_row", "classes.0"),
        ({"currency": "eur"}, "not_a_code", "currency"),
        ({"closing_date": "2026-02-30"}, "not_a_date", "closing_date"),
        ({"payment_frequency_months": 4}, "out_of_range", "payment_frequency_months"),
        ({"reserve": {"target_ratio": -0.01}}, "out_of_range", "reserve.target_ratio"),
        ({"fees": [*three()["fees"], {"code": "x", "name": "X"}]}, "never_paid", "fees.1"),
        ({"triggers": [{**OC, "class_code": "Z"}]}, "unknown", "triggers.0.class_code"),
        ({"triggers": [{**OC, "class_code": None}]}, "missing", "triggers.0.class_code"),
        ({"triggers": [{**OC, "limit": 0.0}]}, "out_of_range", "triggers.0.limit"),
        ({"triggers": [{"code": "any", "kind": "any"}]}, "missing", "triggers.0.of"),
        ({"triggers": [{"code": "any", "kind": "any", "of": ["oc"]}]}, "unknown", "triggers.0.of"),
        ({"triggers": [OC, {**LATE, "of": ["oc"]}]}, "unknown", "triggers.1.of"),
        ({"triggers": [OC], "principal_rule": {"switch_trigger": "oc"}}, "missing", "principal_rule"),
        ({"principal_rule": {"switch_trigger": "z", "switch_kind": "turbo"}}, "unknown", "principal_rule.switch_trigger"),
        ({"swap": 1}, "unknown", "swap"),
        (enforced(enforcement_trigger=""), "missing", "enforcement_steps"),
        (enforced(enforcement_steps=[]), "missing", "enforcement_steps"),
        (enforced(enforcement_trigger="z"), "unknown", "enforcement_trigger"),
        (enforced(triggers=[OC]), "not_a_choice", "enforcement_trigger"),
        (enforced_step(1, when="holds:oc"), "not_a_condition", "enforcement_steps.1.when"),
        (enforced_step(1, kind="ledger"), "not_a_choice", "enforcement_steps.1.kind"),
        (enforced_step(1, target="Z"), "unknown", "enforcement_steps.1.target"),
        (enforced_step(5, kind="principal", target="A"), "never_paid", "enforcement_steps"),
        (enforced_step(5, kind="principal", target="A+B+C", cap_amount=5.0), "never_paid", "enforcement_steps"),
        (enforced_step(1, target="B"), "never_paid", "classes.0"),
        (enforced_step(2, kind="principal", target="C"), "order", "enforcement_steps.4"),
        (enforced_step(0, kind="interest", target="C"), "order", "enforcement_steps.1"),
        (enforced_step(6, kind="principal"), "missing", "enforcement_steps"),
    ],
)  # fmt: skip
def test_faults_are_named_with_their_place(changes, code, place):
    assert (code, place) in found(problems_of(three(**changes)))
    with pytest.raises(InputProblems):
        read_structure(three(**changes))


def test_triggers_that_wait_for_themselves_are_circular():
    """a -> b -> c -> a; d only looks at the ring."""
    ring = [{"code": code, "kind": "any", "of": [of]} for code, of in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))]
    problems = problems_of(three(triggers=ring))
    assert found(problems) == {("circular", f"triggers.{k}.of") for k in range(3)}
    assert problems[0].message == "a waits for itself: a -> b -> c -> a."


@pytest.mark.parametrize(
    ("when", "code", "place"),
    [(HOLDS, "circular", "interest_steps.3.when"), (BREACHED, "", "")],
)
def test_a_cure_that_waits_for_its_own_test_to_hold_is_circular(when, code, place):
    steps = deepcopy(three()["interest_steps"])
    steps.insert(3, {"kind": "principal", "target": "A", "when": f"{when}oc", "to_cure": True})
    problems = found(problems_of(three(triggers=[OC], interest_steps=steps)))
    assert problems == ({(code, place)} if code else set())


def test_only_coverage_tests_are_cured():
    steps = deepcopy(three()["interest_steps"])
    steps.insert(3, {"kind": "principal", "target": "A", "when": "breached:late", "to_cure": True})
    problems = found(problems_of(three(triggers=[LATE], interest_steps=steps)))
    assert problems == {("not_a_cure", "interest_steps.3.to_cure")}


def test_a_rule_that_switches_takes_no_other_condition():
    rule = {"kind": "pro_rata", "switch_trigger": "oc", "switch_kind": "sequential"}
    changes = steps_with("principal_steps", 0, when="holds:oc") | {"triggers": [OC], "principal_rule": rule}
    assert ("order", "principal_steps.0.when") in found(problems_of(three(**changes)))


# Pools


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"currency": "USD"}, "mixed_currencies", "loans.1.currency"),
        ({"code": "L1"}, "duplicate", "loans.1.code"),
        ({"balance_amount": 0.0}, "out_of_range", "loans.1.balance_amount"),
        ({"remaining_months": 2.5}, "not_whole", "loans.1.remaining_months"),
        ({"remaining_months": 0}, "out_of_range", "loans.1.remaining_months"),
        ({"coupon_rate": 6.0}, "out_of_range", "loans.1.coupon_rate"),
        ({"schedule": [1.0]}, "unknown", "loans.1.schedule"),
        ({"amortisation": "schedule"}, "length", "loans.1.schedule"),
        ({"amortisation": "schedule", "schedule": [100.0, 200.0, 0.0]}, "order", "loans.1.schedule.1"),
        ({"amortisation": "schedule", "schedule": [200.0, 100.0, 1.0]}, "order", "loans.1.schedule.2"),
    ],
)
def test_faults_of_loans_are_named_with_their_place(changes, code, place):
    rows = deepcopy(POOL["loans"])
    rows[1] |= changes
    assert found(problems_of_pool({"loans": rows})) == {(code, place)}
    kept = good_loans({"loans": rows})
    assert [loan.code for loan in kept.loans] == ["L1"]


def test_a_tape_of_ten_thousand_rows_names_its_forty_bad_cells_and_keeps_the_rest():
    loan = POOL["loans"][0]
    rows = [{**loan, "code": f"L{k}"} for k in range(10_000)]
    bad = {k: ("balance_amount", "coupon_rate", "remaining_months", "currency")[k % 4] for k in range(7, 10_000, 250)}
    for k, field in bad.items():
        rows[k][field] = "USD" if field == "currency" else -1
    assert len(bad) == 40
    problems = problems_of_pool({"loans": rows})
    assert {problem.place for problem in problems} == {f"loans.{k}.{field}" for k, field in bad.items()}
    assert len(good_loans({"loans": rows}).loans) == 9_960


def test_a_pool_in_another_currency_pays_no_notes():
    rows = [{**loan, "currency": "USD"} for loan in POOL["loans"]]
    problems = problems_between(read_structure(three()), read_pool({"loans": rows}))
    assert found(problems) == {("mixed_currencies", "loans.0.currency"), ("mixed_currencies", "loans.1.currency")}


@pytest.mark.parametrize("content", [{}, {"loans": []}, {"loans": "L1"}, 3])
def test_a_pool_without_loans_is_refused(content):
    assert problems_of_pool(content)[0].place == "loans"


# Behaviour


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ({"prepayment_kind": "cpr"}, "missing", "prepayment"),
        ({"prepayment_kind": "cpr", "prepayment": 1.1}, "out_of_range", "prepayment"),
        ({"prepayment_kind": "psa", "prepayment": 21}, "out_of_range", "prepayment"),
        ({"prepayment_kind": "cpr", "prepayment": [0.1]}, "not_a_number", "prepayment"),
        ({"default_kind": "vector", "default": 0.1}, "not_a_list", "default"),
        ({"default_kind": "vector", "default": []}, "missing", "default"),
        ({"default_kind": "vector", "default": [0.1, -0.1]}, "out_of_range", "default"),
        ({"default_kind": "pd"}, "not_a_choice", "default_kind"),
        ({"severity_ratio": 1.01}, "out_of_range", "severity_ratio"),
        ({"recovery_lag_months": -1}, "out_of_range", "recovery_lag_months"),
        ({"lag": 1}, "unknown", "lag"),
        ([], "not_a_row", ""),
    ],
)
def test_faults_of_behaviour_are_named_with_their_place(content, code, place):
    assert (code, place) in found(problems_of_behaviour(content))


@pytest.mark.parametrize(
    "content", [{}, {"prepayment_kind": "psa", "prepayment": 20}, {"default_kind": "cdr", "default": 1.0}]
)
def test_behaviour_at_its_limits_is_read(content):
    assert not problems_of_behaviour(content)
