"""A legal final date of a class's own: what stands after it is in default, on the day and not before, in every reading."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.errors import InputProblems
from engine.notes.batch import run_batch
from engine.notes.book import notes_book
from engine.notes.content import problems_of, read_structure, write_structure
from engine.notes.papers import dates_of, final_date
from engine.notes.run import explain, run_notes, run_on_flows
from engine.notes.taps import aged
from engine.notes.words import trigger_words
from tests.notes.deals import three
from tests.notes.test_batch import cases
from tests.notes.test_book import assert_same
from tests.notes.test_run import flows

EVENT = {"code": "final_a", "kind": "legal_final", "class_code": "A", "cures": False}
ENFORCED = [
    {"kind": "fee", "target": "servicing"}, {"kind": "interest", "target": "A"}, {"kind": "interest", "target": "B"},
    {"kind": "deferred_interest", "target": "C"}, {"kind": "interest", "target": "C"}, {"kind": "principal"}, {"kind": "residual"},
]  # fmt: skip


def ending(months, **changes):
    """The three-class deal with a legal final date of A, and the event of its default."""
    classes = three()["classes"]
    classes[0]["legal_final_months"] = months
    return read_structure(three(classes=classes, triggers=[EVENT]) | changes)


def test_what_stands_after_the_date_is_in_default():
    """A of 600 is repaid 250 a month: 100 stands after month 2, its legal final; the event is read in month 3."""
    result = run_on_flows(ending(2), flows([9.0] * 4, [250.0] * 4))
    assert result.unpaid_at_final("A") == pytest.approx(100.0)
    assert result.trigger_breached[0].tolist() == [False, False, True, True]
    assert result.trigger_value[0].tolist() == [0.0, 0.0, 1.0, 0.0]  # repaid in month 3, yet not cured


@pytest.mark.parametrize("months", [3, 4])
def test_repaid_on_the_date_or_before_there_is_no_default(months):
    result = run_on_flows(ending(months), flows([9.0] * 4, [250.0] * 4))
    assert result.unpaid_at_final("A") == 0.0
    assert not result.trigger_breached.any()


def test_the_event_may_enforce():
    """From month 3 on all money is one: C's interest is paid ahead of A's last 100, of which nothing goes to equity."""
    structure = ending(2, enforcement_trigger="final_a", enforcement_steps=ENFORCED)
    result = run_on_flows(structure, flows([9.0] * 4, [250.0] * 4))
    places = {each.place: each for each in explain(result, 3) if each.was_taken}
    assert places["enforcement_steps.5"].paid_amount == pytest.approx(250.0 + 9.0 - 0.25 - 0.3 - 1.5 - 0.8)
    assert result.residual[2] == 0.0
    assert result.residual[1] > 0.0


def test_a_date_beyond_the_run_has_no_answer_and_none_is_none():
    result = run_on_flows(ending(60), flows([9.0] * 4, [250.0] * 4))
    assert result.unpaid_at_final("A") is None
    assert result.unpaid_at_final("B") is None
    assert final_date(result.structure.classes[0], 3) == 20
    assert dates_of(result.structure, 60)[-1] == date(2031, 1, 15)


def test_words_and_faults():
    assert trigger_words(ending(2))["final_a"] == "Class A stands after its legal final date, once and for good"
    found = {(each.code, each.place) for each in problems_of(three(triggers=[EVENT]))}
    assert found == {("missing", "triggers.0.class_code")}
    unnamed = problems_of(three(triggers=[{**EVENT, "class_code": None}]))
    assert [(each.code, each.place, each.message) for each in unnamed] == [
        ("missing", "triggers.0.class_code", "final_a: name the class.")
    ]
    classes = three()["classes"]
    classes[1] |= {"ard_months": 12, "legal_final_months": 12}
    assert [(each.code, each.place) for each in problems_of(three(classes=classes))] == [
        ("order", "classes.1.legal_final_months")
    ]


def test_it_comes_nearer_as_the_structure_ages():
    result = run_on_flows(ending(3, triggers=[]), flows([9.0] * 4, [100.0] * 4))
    assert aged(result.structure, result, 1).classes[0].legal_final_months == 2
    with pytest.raises(InputProblems, match="past its legal final"):
        aged(result.structure, result, 3)


@st.composite
def ending_deals(draw):
    """Any deal with legal final dates, an event of each, and perhaps enforcement by the first."""
    structure, pool, behaviour = draw(cases())
    content = write_structure(structure)
    events = []
    for row in content["classes"]:
        if draw(st.booleans()):
            row["legal_final_months"] = draw(st.integers((row["ard_months"] or 0) + 1, 40))
            events.append(
                {**EVENT, "code": f"final_{row['code']}", "class_code": row["code"], "cures": draw(st.booleans())}
            )
    content["triggers"] = [*content["triggers"], *events]
    if content["enforcement_trigger"] and events and not events[0]["cures"]:
        content["enforcement_trigger"] = events[0]["code"]
    assert not problems_of(content), problems_of(content)
    return read_structure(content), pool, behaviour


@settings(max_examples=60, deadline=None)
@given(ending_deals())
def test_compiled_and_plain_runs_agree(case):
    structure, pool, behaviour = case
    plain, batch = run_notes(structure, pool, behaviour), run_batch(structure, pool, [behaviour])
    allowed = {"rtol": 1e-8, "atol": 1e-9 * pool.balance_amount}
    for measure, told in (("interest", plain.interest_paid), ("principal", plain.principal_paid)):
        assert_allclose(batch.of(measure)[0], told.sum(axis=1), err_msg=measure, **allowed)
    assert_allclose(batch.of("residual")[0], plain.residual.sum(), **allowed)
    for k, each in enumerate(structure.classes):
        assert_allclose(batch.of("unpaid_at_final")[0, k], plain.unpaid_at_final(each.code) or 0.0, **allowed)


@settings(max_examples=6, deadline=None)
@given(ending_deals())
def test_the_book_reads_the_same(case):
    structure, pool, behaviour = case
    result = run_notes(structure, pool, behaviour)
    assert_same(result, notes_book(structure, result.pool).page())
