"""A further series: the structure and its loans as they stand, the series beside its class, and who is covered worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import InputProblems
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure, write_structure
from engine.notes.run import run_notes
from engine.notes.taps import Series, aged, covers_of, pool_after, with_series, worse_covers
from engine.notes.terms import Pool
from tests.notes.deals import FIVE, FIVE_POOL, POOL, three

STILL = read_behaviour({})
FAST = read_behaviour(
    {"prepayment_kind": "cpr", "prepayment": 0.1, "default_kind": "cdr", "default": 0.002, "severity_ratio": 0.4}
)


def test_a_run_goes_on_where_it_was_taken_up():
    """Three classes aged by two payments are paid what is left of the run that was never cut; a straight line stays straight."""
    structure, pool = read_structure(three()), read_pool(POOL)
    whole = run_notes(structure, pool, STILL)
    rest = run_notes(aged(structure, whole, 2), pool_after(pool, STILL, 2), STILL)
    assert rest.periods == whole.periods[2:]
    for name in ("interest_paid", "principal_paid", "closing"):
        assert_allclose(getattr(rest, name), getattr(whole, name)[:, 2:], atol=1e-9, err_msg=name)


def test_loans_are_taken_up_at_their_expected_balances():
    pool, months = read_pool(FIVE_POOL), 30
    later = pool_after(pool, FAST, months)
    assert later.balance_amount == pytest.approx(
        run_notes(read_structure(FIVE), pool, FAST).pool.of("closing")[months // 3 - 1]
    )
    assert [loan.remaining_months for loan in later.loans] == [90, 54]
    scheduled = read_pool(
        {"loans": [{**POOL["loans"][0], "amortisation": "schedule", "schedule": [600.0, 500.0, 100.0, 0.0]}]}
    )
    assert pool_after(scheduled, STILL, 2).loans[0].schedule == (100.0, 0.0)
    assert not pool_after(scheduled, STILL, 4).loans


def test_a_series_stands_beside_its_class():
    """A2 of 300 beside A of 600 in every line: pro rata by balance, interest side by side."""
    structure = with_series(read_structure(three()), Series("A", "A2", 300.0, 0.036))
    content = write_structure(structure)
    assert not problems_of(content)
    assert structure.ranks == (1, 1, 2, 3)
    assert structure.interest_steps[1].target == "A+A2"
    doubled = Pool(tuple(replace(loan, balance_amount=loan.balance_amount * 1.3) for loan in read_pool(POOL).loans))
    result = run_notes(structure, doubled, STILL)
    assert_allclose(result.principal_paid[0], 2.0 * result.principal_paid[1])
    assert_allclose(result.interest_paid[0], 2.0 * result.interest_paid[1])


def test_cover_by_hand():
    """1,000 over A's 600 and all 1,000; income of 5.70 less 0.50 over 1.80, 3.30 and 4.10."""
    found = covers_of(read_structure(three()), read_pool(POOL), STILL)
    assert [found[code].asset_ratio for code in "ABC"] == pytest.approx([1000 / 600, 1000 / 900, 1.0])
    assert [found[code].interest_ratio for code in "ABC"] == pytest.approx([5.2 / 1.8, 5.2 / 3.3, 5.2 / 4.1])


def test_a_series_on_as_many_loans_again_makes_nobody_worse_and_one_on_none_does():
    structure, pool = read_structure(three()), read_pool(POOL)
    before = covers_of(structure, pool, STILL)
    more = Pool((*pool.loans, *(replace(loan, code=f"{loan.code}b") for loan in pool.loans)))
    tapped = with_series(structure, Series("A", "A2", 600.0, 0.036))
    assert worse_covers(before, covers_of(tapped, more, STILL)) == []
    worse = worse_covers(before, covers_of(tapped, pool, STILL))
    assert {each.message.split(":")[0] for each in worse} == {"Class A", "Class B", "Class C"}
    assert worse[0].message == "Class A: the pool over it and those not junior to it falls from 1.6667x to 0.8333x."


def test_a_junior_series_leaves_the_senior_class_as_it_is():
    structure, pool = read_structure(three()), read_pool(POOL)
    tapped = with_series(structure, Series("C", "C2", 50.0, 0.096))
    worse = worse_covers(covers_of(structure, pool, STILL), covers_of(tapped, pool, STILL))
    assert {each.message.split(":")[0] for each in worse} == {"Class C"}


def test_dates_of_the_terms_are_counted_from_the_series_on():
    rows = three(triggers=[{"code": "late", "kind": "date", "limit": 3}])
    rows["classes"][2]["ard_months"] = 4
    structure, pool = read_structure(rows), read_pool(POOL)
    later = aged(structure, run_notes(structure, pool, STILL), 1)
    assert (later.triggers[0].limit, later.classes[2].ard_months) == (2, 3)
    assert later.closing_date.isoformat() == "2026-02-15"


@pytest.mark.parametrize(
    ("payments", "code", "place"),
    [(0.5, "out_of_range", "payments"), (4, "out_of_range", "payments"), (3, "repaid", "classes.0")],
)
def test_no_series_follows_where_a_class_is_repaid(payments, code, place):
    structure, pool = read_structure(three()), read_pool(POOL)
    with pytest.raises(InputProblems) as refused:
        aged(structure, run_notes(structure, pool, STILL), payments)
    assert (code, place) in {(each.code, each.place) for each in refused.value.problems}


def test_no_series_follows_a_breach_or_unpaid_interest():
    rows = three(triggers=[{"code": "oc", "kind": "oc", "class_code": "C", "limit": 1.0}])
    structure, pool = read_structure(rows), read_pool(POOL)
    bad = read_behaviour({"default_kind": "mdr", "default": 0.2, "severity_ratio": 1.0})
    with pytest.raises(InputProblems) as refused:
        aged(structure, run_notes(structure, pool, bad), 1)
    assert {each.code for each in refused.value.problems} >= {"breached"}


def test_a_series_beside_no_class_or_one_that_accrues_is_refused():
    rows = three()
    rows["classes"][2] |= {"accrues_until": "B", "deferrable": False}
    structure = read_structure(rows)
    for code in ("X", "C"):
        with pytest.raises(InputProblems):
            with_series(structure, Series(code, "A2", 10.0, 0.03))


def test_aged_five_classes_and_a_series_run_to_the_end():
    structure, pool = read_structure(FIVE), read_pool(FIVE_POOL)
    later = aged(structure, run_notes(structure, pool, FAST), 4)
    tapped = read_structure(write_structure(with_series(later, Series("A", "A2", 100.0, 0.03))))
    loans = pool_after(pool, FAST, 12).loans
    further = replace(loans[0], code="M3", balance_amount=150.0)
    result = run_notes(tapped, Pool((*loans, further)), STILL)
    assert_allclose(result.closing[:, -1], 0.0, atol=1e-6)
    assert np.all(result.residual >= -1e-9)
