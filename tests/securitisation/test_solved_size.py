"""A class's largest balance: what is found holds, a cent more does not, and it can be kept as the next version."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from engine.errors import InputProblems
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.run import run_notes
from engine.notes.solving import Trial, equity_amount, largest, resized, room_of
from engine.notes.terms import DefaultKind
from engine.ratings import notch_of
from lib.errors import Forbidden, Invalid
from securitisation.class_risk import losses_of
from securitisation.models import NoteStructure
from securitisation.queries import latest_version
from securitisation.services.size_class import size_class, solve_size
from securitisation.solved import SizeTerms, solved_size
from securitisation.translate import Deal, engine_deal
from tests.notes.deals import three
from tests.securitisation.cast import tape_structure

LOANS: list[dict[str, Any]] = [
    {"code": f"L{k}", "currency": "EUR", "balance_amount": 10.0, "coupon_rate": 0.07, "remaining_months": 60, "rating": "BB" if k % 2 else "BBB"}
    for k in range(100)
]  # fmt: skip


def deal_of(**targets: str) -> Deal:
    content = three()
    content["classes"][2]["balance_amount"] = 20.0
    content["reserve"] = {"target_ratio": 0.01, "initial_amount": 9.2}
    content["interest_steps"].insert(-1, {"kind": "reserve"})
    for each in content["classes"]:
        each["target_rating"] = targets.get(each["code"], "")
    behaviour = {"default_kind": "cdr", "default": 0.01, "severity_ratio": 0.4, "recovery_lag_months": 6}
    return Deal(read_structure(content), read_pool({"loans": LOANS}), read_behaviour(behaviour))


def size(deal: Deal, **asked: Any):
    return solved_size(deal, SizeTerms.from_dict(deal.structure, asked))


# The search


@given(edge=st.integers(1, 10**7), most=st.integers(1, 10**7))
def test_the_edge_is_found_to_the_cent(edge: int, most: int):
    found, _ = largest(most / 100, lambda balance: round(balance * 100) <= edge)
    smallest = max(1, most // 40)
    assert found == (min(edge, most) / 100 if edge >= smallest else None)


def test_where_it_holds_between_two_balances_the_upper_edge_is_found():
    found, tried = largest(100.0, lambda balance: 40.0 <= balance <= 61.37)
    assert found == 61.37
    assert len(tried) == 40


def test_no_room_is_no_balance():
    assert largest(0.0, lambda balance: True) == (None, ())


# What a balance comes to


@given(balance=st.floats(1.0, 100.0), cdr=st.floats(0.0, 0.2))
def test_the_outcome_is_that_of_a_run(balance: float, cdr: float):
    deal = deal_of()
    structure = resized(deal.structure, "C", round(balance, 2))
    behaviour = replace(deal.behaviour, default_kind=DefaultKind.CDR, default=cdr)
    found = Trial(deal.structure, deal.pool, behaviour).run(structure)
    whole = run_notes(structure, deal.pool, behaviour)
    assert found.equity_amount == pytest.approx(1000.0 + 9.2 - 900.0 - round(balance, 2), abs=1e-9)
    for k, each in enumerate(structure.classes):
        assert found.loss_amounts[each.code] == pytest.approx(float(whole.loss[k].sum()), abs=1e-7)
    expected = npf.irr(np.concatenate(([-found.equity_amount], whole.residual)))
    if np.isfinite(expected) and whole.residual.sum() > 1.0:
        assert (1.0 + expected) ** 12 - 1.0 == pytest.approx(found.equity_yield_rate, abs=1e-6)


def test_without_equity_there_is_no_yield():
    deal = deal_of()
    structure = resized(deal.structure, "C", 200.0)
    assert np.isnan(Trial(deal.structure, deal.pool, deal.behaviour).run(structure).equity_yield_rate)


def test_another_class_gives_the_difference():
    deal = deal_of()
    structure = resized(deal.structure, "A", 650.0, "B")
    assert structure.balances == {"A": 650.0, "B": 250.0, "C": 20.0}
    assert room_of(deal.structure, "A", deal.pool.balance_amount, "B") == pytest.approx(899.99)
    assert room_of(deal.structure, "A", deal.pool.balance_amount) == pytest.approx(680.0)


# What is asked


@pytest.mark.parametrize("giver", ["equity", "B"])
def test_the_largest_senior_class_keeps_every_target(giver: str):
    deal = deal_of(A="AA", B="BBB")
    solved = size(deal, class_code="A", taken_from=giver)
    assert solved.found is not None
    assert solved.found.failed == ()
    above = resized(deal.structure, "A", round(solved.found.balance_amount + 0.01, 2), "" if giver == "equity" else "B")
    losses = losses_of(deal, 0.2)
    assert losses is not None
    rated = losses.classes(above)
    worse = [
        c for c, wanted in (("A", "AA"), ("B", "BBB")) if notch_of(rated[c]["indicated_rating"]) > notch_of(wanted)
    ]
    assert worse
    assert any("asked" in said for said in solved.bound_by)


def test_the_smallest_equity_at_a_yield_is_the_largest_last_class_that_is_repaid():
    deal = deal_of()
    solved = size(deal, class_code="C", equity_yield_rate=0.12, keeps_ratings=False)
    assert solved.found is not None
    assert solved.structure is not None
    assert solved.found.equity_yield_rate is not None
    assert solved.found.equity_yield_rate >= 0.12
    assert solved.found.equity_amount == pytest.approx(equity_amount(solved.structure, 1000.0))
    cent_more = resized(deal.structure, "C", round(solved.found.balance_amount + 0.01, 2))
    outcome = Trial(deal.structure, deal.pool, deal.behaviour).run(cent_more)
    assert outcome.loss_amounts["C"] > 0.005
    assert solved.bound_by[0].startswith("Class C is not repaid in the base case")


def test_a_harder_stress_leaves_a_smaller_class():
    deal = deal_of()
    found = [
        size(deal, class_code="C", keeps_ratings=False, repaid_at_cdr_rate=cdr).found for cdr in (0.02, 0.04, 0.06)
    ]
    balances = [each.balance_amount for each in found if each]
    assert len(balances) == 3
    assert balances == sorted(balances, reverse=True)
    assert balances[0] > balances[-1]


def test_where_nothing_holds_it_is_said_what_fails():
    deal = deal_of()
    lost = replace(deal, behaviour=replace(deal.behaviour, severity_ratio=1.0))
    solved = size(lost, class_code="A", keeps_ratings=False, repaid_at_cdr_rate=0.95)
    assert solved.found is None
    assert solved.to_dict()["balances"] is None
    assert any(said.startswith("Class B is not repaid at a CDR of 95.00%") for said in solved.tried[0].failed)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"class_code": "A", "taken_from": "A"}, "same_class"),
        ({"class_code": "X"}, "not_a_choice"),
        ({"class_code": "A", "keeps_ratings": False, "is_repaid": False}, "nothing_asked"),
        ({"class_code": "A", "equity_yield_rate": 50.0}, "out_of_range"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], code: str):
    with pytest.raises(InputProblems) as error:
        size(deal_of(), **asked)
    assert {problem.code for problem in error.value.problems} == {code}


def test_ratings_of_a_pool_without_any_are_refused():
    deal = deal_of(A="AA")
    loans = tuple(replace(loan, rating="") for loan in deal.pool.loans)
    with pytest.raises(InputProblems, match="no rating"):
        size(replace(deal, pool=replace(deal.pool, loans=loans)), class_code="A")


# The room


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    return tape_structure(admin)


@pytest.mark.django_db
def test_a_solved_size_is_the_next_version(structure: NoteStructure, admin: User, internal: User):
    asked = {"class_code": "B", "keeps_ratings": False}
    before = latest_version(structure)
    solved = solve_size(engine_deal(before), asked)
    assert solved.found is not None
    with pytest.raises(Forbidden):
        size_class(by=internal, structure=structure, terms=asked, based_on=1)
    made = size_class(by=admin, structure=structure, terms=asked, based_on=1)
    assert engine_deal(made).structure.balances["B"] == solved.found.balance_amount
    assert made.note == "Class B sized: the largest with repaid in the base case."
    assert AuditEntry.objects.filter(action="note_structure.changed").last()
    with pytest.raises(Invalid, match="Somebody saved version 2"):
        size_class(by=admin, structure=structure, terms={**asked, "repaid_at_cdr_rate": 0.03}, based_on=1)


@pytest.mark.django_db
def test_the_page_solves_by_its_address_and_saves_by_a_button(
    structure: NoteStructure, admin: User, internal: User, client: Client
):
    url = reverse("structure-size", args=[structure.code])
    client.force_login(internal)
    assert "Solve" in client.get(url).content.decode()
    typed = {
        "class_code": "B",
        "taken_from": "equity",
        "is_repaid": "yes",
        "equity_yield_rate": "1%",
        "correlation_ratio": "0.2",
    }
    page = client.get(url, typed).content.decode()
    assert "What keeps it from being larger" in page
    assert "Save as the next version" not in page
    assert client.post(url, {**typed, "based_on": "1"}).status_code == 403
    wrong = client.get(url, {**typed, "equity_yield_rate": "much"})
    assert wrong.status_code == 422
    assert "much" in wrong.content.decode()

    client.force_login(admin)
    assert "Save as the next version" in client.get(url, typed).content.decode()
    saved = client.post(url, {**typed, "based_on": "1"}, follow=True).content.decode()
    assert "Saved as version 2" in saved
