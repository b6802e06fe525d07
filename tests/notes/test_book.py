"""The waterfall as formulas: the plain run's figures in any deal, and under terms that were changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose

from engine.notes.book import notes_book
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.run import NotesResult, run_notes
from tests.notes.deals import FIVE, FIVE_POOL, POOL, three
from tests.notes.test_batch import cases


def assert_same(result: NotesResult, page) -> None:
    scale = result.structure.notes_amount
    for k, each in enumerate(result.structure.classes):
        for name in ("interest", "principal", "closing", "deferred", "deficiency"):
            field = {"interest": "interest_paid", "principal": "principal_paid"}.get(name, name)
            told = page.column(f"paid.class_{k}_{name}")[1:]
            assert_allclose(
                told, getattr(result, field)[k], rtol=1e-9, atol=1e-9 * scale, err_msg=f"{each.code} {name}"
            )
    for name, field in (("equity", "residual"), ("reserve", "reserve"), ("called_for", "call_proceeds")):
        assert_allclose(
            page.column(f"paid.{name}")[1:], getattr(result, field), rtol=1e-9, atol=1e-9 * scale, err_msg=name
        )
    assert page["check_cash"] == pytest.approx(0.0, abs=1e-8 * scale)


@settings(max_examples=8, deadline=None)
@given(cases())
def test_the_books_figures_are_the_runs(case):
    structure, pool, behaviour = case
    result = run_notes(structure, pool, behaviour)
    assert_same(result, notes_book(structure, result.pool).page())


def test_a_page_of_the_book_by_hand():
    """Month 1: income 0.6% of 700 and 0.5% of 300 is 5.70; fee 0.50, A 1.80, B 1.50, C 0.80, the rest is equity's."""
    structure, pool = read_structure(three()), read_pool(POOL)
    page = notes_book(structure, run_notes(structure, pool, read_behaviour({})).pool).page()
    first = {name: page.column(f"paid.{name}")[1] for name in ("income", "fee_0_paid", "class_0_interest", "equity")}
    assert first == pytest.approx({"income": 5.7, "fee_0_paid": 0.5, "class_0_interest": 1.8, "equity": 1.1})
    assert page["class_2_loss"] == pytest.approx(0.2125)


def test_terms_changed_are_the_run_of_such_terms():
    pool = read_pool(FIVE_POOL)
    behaviour = read_behaviour(
        {"default_kind": "cdr", "default": 0.06, "severity_ratio": 0.5, "recovery_lag_months": 6}
    )
    other = FIVE | {
        "classes": [{**each, "coupon_rate": 0.035} if each["code"] == "A" else each for each in FIVE["classes"]],
        "reserve": {"target_ratio": 0.05, "floor_amount": 8.0, "initial_amount": 10.0},
        "triggers": [{**each, "limit": 1.15} if each["code"] == "oc" else each for each in FIVE["triggers"]],
    }
    wanted = run_notes(read_structure(other), pool, behaviour)
    found = notes_book(read_structure(FIVE), wanted.pool)
    level = next(each.name for each in found.inputs if each.heading == "Trigger oc")
    changed = found.page(
        class_0_coupon=0.035, reserve_ratio=0.05, reserve_floor=8.0, reserve_initial=10.0, **{level: 1.15}
    )
    assert_same(wanted, changed)
    assert abs(changed["class_0_total_interest"] - found.page()["class_0_total_interest"]) > 1.0
