"""The issuer's own swaps: by hand, in three readings, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.errors import InputProblems
from engine.notes.batch import run_batch, run_compiled
from engine.notes.book import notes_book
from engine.notes.content import problems_of, read_structure, write_structure
from engine.notes.run import explain, run_notes, run_on_flows
from engine.notes.taps import aged
from engine.notes.words import waterfall_words
from tests.notes.deals import three
from tests.notes.test_batch import structures
from tests.notes.test_book import assert_same
from tests.notes.test_collateral import behaviours, pools
from tests.notes.test_run import flows

STEPS = three()["interest_steps"]
SWAP = {
    "code": "S",
    "name": "Rate swap",
    "kind": "rate",
    "ends_months": 3,
    "notional_amount": 600.0,
    "fixed_rate": 0.036,
}


def hedged(*swaps, **changes):
    """The three-class deal with swaps, each paid after the fee; terminations after all interest."""
    net = [{"kind": "hedge", "target": each["code"]} for each in swaps]
    ends = [
        {"kind": "termination", "target": each["code"]} for each in swaps if each.get("termination_amount", 0.0) > 0.0
    ]
    steps = [STEPS[0], *net, *STEPS[1:-1], *ends, STEPS[-1]]
    return three(hedges=[dict(each) for each in swaps], interest_steps=steps, **changes)


def paid_on(result, code="S"):
    return result.hedge_paid[[each.code for each in result.structure.hedges].index(code)]


def test_a_rate_swap_by_hand():
    """600 at 3.6% less 1.2% of the index is 1.20 a month, three times; at an index of 6% 1.20 is received, ahead of the fee."""
    structure = read_structure(hedged(SWAP, index_rate=0.012))
    result = run_on_flows(structure, flows([9.0] * 4))
    assert_allclose(paid_on(result), [1.2, 1.2, 1.2, 0.0])
    high = run_on_flows(structure, flows([0.5] * 4), (0.06,))
    assert_allclose(paid_on(high), [-1.2, -1.2, -1.2, 0.0])
    lines = {each.place: each for each in explain(high, 1)}
    got = lines["implied.hedges"]
    assert (got.due_amount, got.available_amount, got.paid_amount) == pytest.approx((1.2, 1.2, 1.2))
    assert got.words == "what the counterparties of hedges pay net is added to the income available"
    assert lines["interest_steps.0"].available_amount == pytest.approx(1.7)
    assert_allclose(high.interest_paid[0, 0], 1.2)


def test_what_is_not_paid_is_owed_again():
    """Income of 1.00: fee 0.50, swap 0.50 of 1.20; month 2 owes 0.70 + 1.20."""
    result = run_on_flows(read_structure(hedged(SWAP, index_rate=0.012)), flows([1.0, 9.0]))
    assert_allclose(paid_on(result), [0.5, 1.9])
    assert_allclose(result.hedge_unpaid[0], [0.7, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"side": "receive"}, [-1.2, -1.2, -1.2]),
        ({"margin_bps": 120.0}, [0.6, 0.6, 0.6]),
        ({"starts_months": 1}, [0.0, 1.2, 1.2]),
        ({"kind": "basis", "basis_bps": 60.0}, [0.3, 0.3, 0.3]),
        ({"day_count": "ACT/360"}, [600 * 0.024 * days / 360 for days in (31, 28, 31)]),
    ],
)
def test_sides_margins_starts_bases_and_days(changes, expected):
    result = run_on_flows(read_structure(hedged(SWAP | changes, index_rate=0.012)), flows([9.0] * 4))
    assert_allclose(paid_on(result)[:3], expected, atol=1e-12)


def test_a_notional_follows_its_class_or_the_pool():
    """A falls from 600 by 100 a month, the pool from 1,000; half of either at 2.4% net."""
    on_class = SWAP | {"notional_kind": "class", "notional_class": "A", "notional_ratio": 0.5, "notional_amount": 0.0}
    on_pool = SWAP | {"code": "P", "notional_kind": "pool", "notional_ratio": 0.5, "notional_amount": 0.0}
    result = run_on_flows(read_structure(hedged(on_class, on_pool, index_rate=0.012)), flows([9.0] * 4, [100.0] * 4))
    assert_allclose(paid_on(result, "S"), [0.6, 0.5, 0.4, 0.0])
    assert_allclose(paid_on(result, "P"), [1.0, 0.9, 0.8, 0.0])


def test_an_inflation_swap_is_exchanged_once():
    """100 for a year: 3% fixed paid, 5% of inflation received on the twelfth date: 2.00 comes in."""
    swap = {
        "code": "I",
        "name": "ZCIS",
        "kind": "zcis",
        "ends_months": 12,
        "notional_amount": 100.0,
        "fixed_rate": 0.03,
        "inflation_rate": 0.05,
    }
    result = run_on_flows(read_structure(hedged(swap)), flows([9.0] * 13))
    expected = np.zeros(13)
    expected[11] = -2.0
    assert_allclose(paid_on(result, "I"), expected, atol=1e-12)
    two = run_on_flows(read_structure(hedged(swap | {"ends_months": 24, "side": "receive"})), flows([9.0] * 25))
    assert paid_on(two, "I")[23] == pytest.approx(100.0 * (1.05**2 - 1.03**2))


def test_a_return_swap_by_hand():
    """Half of a pool of 1,000 that earns 9.00 and loses 4.00: 2.50 is paid, 500 at 2.4% + 1.2% = 1.50 received: 1.00 net."""
    swap = {
        "code": "T",
        "name": "TRS",
        "kind": "trs",
        "ends_months": 2,
        "notional_kind": "pool",
        "notional_ratio": 0.5,
        "margin_bps": 120.0,
    }
    result = run_on_flows(read_structure(hedged(swap, index_rate=0.024)), flows([9.0] * 3, 0.0, [4.0, 0.0, 0.0]))
    assert_allclose(paid_on(result, "T"), [1.0, 4.5 - 498.0 * 0.003, 0.0])


def test_a_termination_is_paid_after_the_classes_interest():
    """The counterparty defaults in month 2: nothing more is exchanged, 5.00 is owed then, below C's interest, and again."""
    swap = SWAP | {"default_months": 2, "termination_amount": 5.0}
    structure = read_structure(hedged(swap, index_rate=0.012))
    result = run_on_flows(structure, flows([9.0, 6.0, 9.0, 9.0]))
    left = 6.0 - 0.5 - 1.8 - 1.5 - 0.8
    assert_allclose(paid_on(result), [1.2, left, 5.0 - left, 0.0])
    assert_allclose(result.hedge_unpaid[0], [0.0, 5.0 - left, 0.0, 0.0], atol=1e-12)
    assert waterfall_words(structure, "interest_steps")[-2] == (
        "Seventh, what the issuer owes at the termination, by its counterparty's default, of Rate swap, with what is unpaid of it."
    )
    owed_to = read_structure(hedged(swap | {"termination_amount": -5.0}, index_rate=0.012))
    assert_allclose(paid_on(run_on_flows(owed_to, flows([9.0] * 4))), [1.2, -5.0, 0.0, 0.0])


def test_interest_cover_counts_what_a_swap_pays():
    """Income 2.00 + 1.20 received less the fee of 0.50, over A's 1.80: 1.50x; without the swap 0.8333x."""
    tests = [{"code": "ic", "kind": "ic", "class_code": "A", "limit": 1.0}]
    with_swap = run_on_flows(read_structure(hedged(SWAP, triggers=tests)), flows([2.0] * 2), (0.06,))
    without = run_on_flows(read_structure(three(triggers=tests)), flows([2.0] * 2))
    assert with_swap.trigger_value[0, 0] == pytest.approx(2.7 / 1.8)
    assert without.trigger_value[0, 0] == pytest.approx(1.5 / 1.8)


@st.composite
def hedged_deals(draw):
    """Any deal with one to three swaps of any kind."""
    pool = draw(pools())
    content = write_structure(draw(structures(pool.balance_amount)))
    swaps = []
    for k in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["rate", "basis", "zcis", "trs"]))
        on = {"zcis": "amount", "trs": "pool"}.get(kind) or draw(st.sampled_from(["amount", "class", "pool"]))
        ends = draw(st.integers(2, 40))
        default = draw(st.one_of(st.none(), st.integers(1, ends)))
        swaps.append({
            "code": f"H{k}", "name": f"Hedge {k}", "kind": kind, "side": draw(st.sampled_from(["pay", "receive"])),
            "notional_kind": on, "notional_amount": 0.5 * pool.balance_amount * (on == "amount"), "notional_ratio": draw(st.floats(0.1, 1.0)),
            "notional_class": "A" if on == "class" else "", "ends_months": ends, "fixed_rate": draw(st.floats(0.0, 0.1)),
            "margin_bps": draw(st.floats(-100.0, 500.0)), "basis_bps": draw(st.floats(-50.0, 50.0)), "inflation_rate": draw(st.floats(0.0, 0.08)),
            "default_months": default, "termination_amount": 0.0 if default is None else pool.balance_amount * draw(st.floats(-0.05, 0.05)),
        })  # fmt: skip
    content["index_rate"] = draw(st.floats(0.0, 0.08))
    net = [{"kind": "hedge", "target": "+".join(each["code"] for each in swaps)}]
    ends_with = [
        {"kind": "termination", "target": each["code"]}
        for each in swaps
        if each["default_months"] and each["termination_amount"] > 0.0
    ]
    for table in ("interest_steps", "enforcement_steps"):
        if content[table]:
            content[table] = [*net, *content[table][:-1], *ends_with, content[table][-1]]
    content["hedges"] = swaps
    assert not problems_of(content), problems_of(content)
    structure = read_structure(content)
    assert read_structure(write_structure(structure)) == structure
    return structure, pool, draw(behaviours())


@settings(max_examples=60, deadline=None)
@given(hedged_deals())
def test_the_compiled_run_is_the_plain_run(case):
    structure, pool, behaviour = case
    plain, compiled = run_notes(structure, pool, behaviour), run_compiled(structure, pool, behaviour)
    batch = run_batch(structure, pool, [behaviour, behaviour])
    scale = pool.balance_amount
    allowed = {"rtol": 1e-8, "atol": 1e-9 * scale}
    for k, each in enumerate(structure.hedges):
        told = compiled.of(f"hedge {each.code}.paid")
        told = told + (compiled.of(f"termination of {each.code}.paid") if each.terminates else 0.0)
        assert_allclose(told, plain.hedge_paid[k], **allowed)
    for measure, found in (
        ("interest", plain.interest_paid.sum(axis=1)),
        ("principal", plain.principal_paid.sum(axis=1)),
        ("loss", plain.loss[:, -1]),
    ):
        assert_allclose(batch.of(measure)[1], found, err_msg=measure, **allowed)
    assert_allclose(batch.of("residual")[1], plain.residual.sum(), **allowed)


@settings(max_examples=60, deadline=None)
@given(hedged_deals())
def test_cash_is_conserved_with_what_is_paid_on_hedges(case):
    structure, pool, behaviour = case
    found, scale = run_notes(structure, pool, behaviour), pool.balance_amount
    live = np.concatenate(([1.0], np.where(np.cumsum(found.call_proceeds)[:-1] > 0.0, 0.0, 1.0)))
    came_in = live * (found.pool.of("interest") + found.pool.principal) + found.call_proceeds
    out = (
        found.interest_paid.sum(axis=0)
        + found.principal_paid.sum(axis=0)
        + found.residual
        + found.hedge_paid.sum(axis=0)
    )
    received, paid = 0.0, 0.0
    for k, place in enumerate(found.steps):
        table, _, rest = place.partition(".")
        kind = rest if table == "implied" else str(getattr(structure, table)[int(rest)].kind)
        out = out + (found.step_paid[k] if kind == "fee" else 0.0)
        received = received + (found.step_paid[k] if kind == "hedges" else 0.0)
        paid = paid + (found.step_paid[k] if kind in {"hedge", "termination"} else 0.0)
    held = found.reserve + found.principal_held
    opening = np.concatenate(([structure.reserve.initial_amount], held[:-1]))
    allowed = {"rtol": 1e-9, "atol": 1e-9 * scale}
    assert_allclose(came_in + opening, out + held, **allowed)
    assert_allclose(paid - received, found.hedge_paid.sum(axis=0), **allowed)
    assert (found.step_paid >= -1e-9 * scale).all()
    assert (found.step_paid <= found.step_due + 1e-9 * scale).all()
    assert (found.step_paid <= found.step_available + 1e-9 * scale).all()


@settings(max_examples=8, deadline=None)
@given(hedged_deals())
def test_the_books_figures_are_the_runs(case):
    structure, pool, behaviour = case
    result = run_notes(structure, pool, behaviour)
    page = notes_book(structure, result.pool).page()
    assert_same(result, page)
    for k, each in enumerate(structure.hedges):
        told = page.column(f"paid.hedge_{k}_paid")[1:] - page.column(f"paid.hedge_{k}_receipt")[1:]
        told = told + (page.column(f"paid.termination_{k}_paid")[1:] if each.terminates else 0.0)
        assert_allclose(told, result.hedge_paid[k], rtol=1e-8, atol=1e-9 * pool.balance_amount)


def test_terms_changed_in_the_book_are_the_run_of_such_terms():
    structure = read_structure(hedged(SWAP, index_rate=0.012))
    pool = run_on_flows(structure, flows([9.0] * 4)).pool
    page = notes_book(structure, pool).page(hedge_0_fixed=0.06, hedge_0_notional=300.0, hedge_0_margin=60.0)
    changed = read_structure(
        hedged(SWAP | {"fixed_rate": 0.06, "notional_amount": 300.0, "margin_bps": 60.0}, index_rate=0.012)
    )
    assert_same(run_on_flows(changed, flows([9.0] * 4)), page)


@settings(max_examples=30, deadline=None)
@given(hedged_deals())
def test_a_swap_and_its_mirror_leave_the_classes_as_they_were(case):
    """Paid and received, the same swap comes to nothing where it is paid in full: both are on what opens the period."""
    structure, pool, behaviour = case
    first = structure.hedges[0]
    mirrored = read_structure({
        **write_structure(structure), "hedges": [
            {**write_structure(structure)["hedges"][0], "termination_amount": 0.0, "default_months": None},
            {**write_structure(structure)["hedges"][0], "code": "M", "side": "receive" if first.side == "pay" else "pay", "termination_amount": 0.0, "default_months": None},
        ],
        "interest_steps": _swapped(structure, "interest_steps"), "enforcement_steps": _swapped(structure, "enforcement_steps"),
    })  # fmt: skip
    found = run_notes(mirrored, pool, behaviour)
    assert_allclose(found.hedge_paid.sum(axis=0), 0.0, atol=1e-9 * pool.balance_amount)


def _swapped(structure, table):
    steps = write_structure(structure)[table]
    return [
        {**step, "target": f"{structure.hedges[0].code}+M"} if step["kind"] == "hedge" else step
        for step in steps
        if step["kind"] != "termination"
    ]


@pytest.mark.parametrize(
    ("swap", "problem"),
    [
        ({"kind": "swaption"}, ("not_a_choice", "hedges.0.kind")),
        ({"notional_amount": 0.0}, ("missing", "hedges.0.notional_amount")),
        ({"notional_kind": "class", "notional_class": "Z"}, ("unknown", "hedges.0.notional_class")),
        ({"notional_class": "A"}, ("unknown", "hedges.0.notional_class")),
        ({"kind": "zcis", "notional_kind": "pool"}, ("not_a_choice", "hedges.0.notional_kind")),
        ({"kind": "trs"}, ("not_a_choice", "hedges.0.notional_kind")),
        ({"notional_kind": "pool", "notional_ratio": 0.0}, ("missing", "hedges.0.notional_ratio")),
        ({"starts_months": 3}, ("order", "hedges.0.ends_months")),
        ({"default_months": 4}, ("out_of_range", "hedges.0.default_months")),
        ({"termination_amount": 1.0}, ("missing", "hedges.0.default_months")),
    ],
)
def test_a_swap_that_cannot_be_is_named_with_its_place(swap, problem):
    content = hedged(SWAP | swap)
    content["interest_steps"] = [step for step in content["interest_steps"] if step["kind"] != "termination"]
    assert problem in {(each.code, each.place) for each in problems_of(content)}


def test_lines_of_swaps_in_the_wrong_place():
    ends = SWAP | {"default_months": 2, "termination_amount": 5.0}
    sound = hedged(ends)["interest_steps"]
    hedge, termination = sound[1], sound[-2]
    late = [STEPS[0], STEPS[1], hedge, *STEPS[2:-1], termination, STEPS[-1]]
    early = [STEPS[0], hedge, termination, *STEPS[1:]]
    capped = [STEPS[0], hedge | {"cap_amount": 1.0}, *STEPS[1:-1], termination, STEPS[-1]]
    unpaid = [*STEPS[:-1], termination, STEPS[-1]]
    unknown = [STEPS[0], hedge | {"target": "X"}, *sound[2:]]
    for steps, problem in (
        (late, ("order", "interest_steps.2")), (early, ("order", "interest_steps.2")), (capped, ("not_a_condition", "interest_steps.1")),
        (unpaid, ("never_paid", "hedges.0")), (unknown, ("unknown", "interest_steps.1.target")),
    ):  # fmt: skip
        assert problem in {(each.code, each.place) for each in problems_of(hedged(ends) | {"interest_steps": steps})}
    assert not problems_of(hedged(ends))


def test_a_swap_ages_with_the_structure():
    structure = read_structure(hedged(SWAP | {"starts_months": 2}, index_rate=0.012))
    result = run_on_flows(structure, flows([9.0] * 4, [100.0] * 4))
    later = aged(structure, result, 1)
    assert (later.hedges[0].starts_months, later.hedges[0].ends_months) == (1, 2)
    done = aged(structure, result, 3)
    assert not done.hedges
    assert all(step.kind != "hedge" for step in done.interest_steps)
    inflation = {"code": "I", "name": "ZCIS", "kind": "zcis", "ends_months": 12, "notional_amount": 100.0}
    structure = read_structure(hedged(inflation))
    with pytest.raises(InputProblems, match="measured from the first closing"):
        aged(structure, run_on_flows(structure, flows([9.0] * 4, [100.0] * 4)), 1)
