"""A liquidity facility and a variable funding note: by hand, in three readings, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.notes.batch import run_batch, run_compiled
from engine.notes.book import notes_book
from engine.notes.content import problems_of, read_behaviour, read_structure, write_structure
from engine.notes.measures import flows_of, life_years, price_ratio
from engine.notes.run import explain, run_notes, run_on_flows
from engine.notes.words import facility_words, waterfall_words
from tests.notes.deals import three
from tests.notes.test_book import assert_same
from tests.notes.test_collateral import behaviours, pools
from tests.notes.test_run import flows

FACILITY = {
    "commitment_amount": 4.0, "covers": "servicing+A+B", "commitment_fee_rate": 0.012, "margin_bps": 120.0,
}  # fmt: skip
STEPS = three()["interest_steps"]
PAID = [
    STEPS[0], {"kind": "fee", "target": "liquidity"}, {"kind": "interest", "target": "liquidity"}, STEPS[1], STEPS[2],
    {"kind": "principal", "target": "liquidity"}, *STEPS[3:],
]  # fmt: skip


def with_facility(facility=FACILITY, steps=PAID, **changes):
    return three(liquidity=dict(facility), interest_steps=steps, **changes)


def funding(**changes):
    """A of 600 beside V, drawn by 100 of 200 at closing."""
    classes = [
        {"code": "A", "name": "Class A", "balance_amount": 600.0, "coupon_rate": 0.036, "rank": 1},
        {"code": "V", "name": "Class V", "balance_amount": 100.0, "coupon_rate": 0.036, "rank": 1,
         "commitment_amount": 200.0, "commitment_fee_rate": 0.006},
        {"code": "B", "name": "Class B", "balance_amount": 300.0, "coupon_rate": 0.06, "rank": 2},
    ]  # fmt: skip
    return three(
        classes=classes,
        fees=[],
        interest_steps=[
            {"kind": "fee", "target": "V"}, {"kind": "interest", "target": "A+V"}, {"kind": "interest", "target": "B"},
            {"kind": "reserve"}, {"kind": "residual"},
        ],
        reserve={"target_ratio": 0.0, "floor_amount": 5.0, "initial_amount": 0.0},
        draws=[
            {"class_code": "V", "after_months": 2, "amount": 60.0, "use": "principal"},
            {"class_code": "V", "after_months": 3, "use": "reserve"},
        ],
    ) | changes  # fmt: skip


def test_a_facility_by_hand():
    """Pool of 1,000. Fee 0.50, A 1.80, B 1.50; 4.00 committed costs 0.004 a date undrawn, 0.1% drawn.

    Month 1 has 2.000: the fee of 0.500, 0.004; A lacks 1.80 - 1.496 = 0.304; B all 1.500: drawn 1.804. Month 2 has 9.000:
    0.500, 0.002196, 0.001804 of interest, 1.80, 1.50; then 1.804 back; C its 0.80 + 0.8064.
    """
    result = run_on_flows(read_structure(with_facility()), flows([2.0, 9.0, 6.0]))
    assert_allclose(result.liquidity_drawn, [1.804, 0.0, 0.0], atol=1e-12)
    assert_allclose(result.liquidity_balance, [1.804, 0.0, 0.0], atol=1e-12)
    assert_allclose(result.interest_paid[:2, :2], [[1.8, 1.8], [1.5, 1.5]])
    paid = {each.place: each.paid_amount for each in explain(result, 2)}
    assert paid["interest_steps.1"] == pytest.approx(0.012 / 12 * (4.0 - 1.804))
    assert paid["interest_steps.2"] == pytest.approx(0.001804)
    assert paid["interest_steps.5"] == pytest.approx(1.804)
    drawn = next(each for each in explain(result, 1) if each.place == "implied.liquidity")
    assert (drawn.due_amount, drawn.available_amount, drawn.paid_amount) == pytest.approx((1.804, 4.0, 1.804))


def test_no_more_is_drawn_than_is_committed():
    """1.00 committed: A lacks 1.80 - (2.0 - 0.5 - 0.001) = 0.301, of B's 1.50 only 0.699 comes."""
    result = run_on_flows(read_structure(with_facility(FACILITY | {"commitment_amount": 1.0})), flows([2.0, 2.0]))
    assert result.liquidity_balance[0] == pytest.approx(1.0)
    assert_allclose(result.interest_paid[:2, 0], [1.8, 0.699])


def test_a_share_of_the_classes_falls_with_them_and_the_facility_ends():
    """1% of A and B: 9.00, of which 0.50 + 1.80 + 1.50 are drawn; 8.00 once 100 of A is repaid; nothing from month 3 on."""
    shares = FACILITY | {"commitment_amount": 0.0, "commitment_ratio": 0.01, "ends_months": 3}
    result = run_on_flows(read_structure(with_facility(shares)), flows([0.0, 0.0, 0.0, 9.0], [100.0, 0.0, 0.0, 0.0]))
    at = [next(each for each in explain(result, k) if each.place == "implied.liquidity") for k in (1, 2, 3)]
    assert [each.available_amount for each in at] == pytest.approx([9.0, 8.0 - 3.8, 0.0])
    assert result.liquidity_drawn[2] == 0.0


def test_words_of_the_facility():
    structure = read_structure(with_facility())
    said = waterfall_words(structure, "interest_steps")
    assert said[1] == "Second, commitment fee of the liquidity facility, with what is unpaid of it."
    assert said[2] == "Third, interest due on the liquidity facility."
    assert said[5] == "Sixth, principal of the liquidity facility."
    assert facility_words(structure) == (
        "4.00 for servicing and A and B; 120 bps on what is undrawn, 120 bps over the index on what is drawn"
    )


def test_a_funding_note_by_hand():
    """Month 2 draws 60: V stands at 160 beside A's 600; B then takes nothing, principal of 100 + 60 goes 600 : 160 by balance.

    The fee of month 1 is 0.05% of 100, of month 3 on what month 2 left undrawn; month 3 draws what the reserve of 5 lacks.
    """
    result = run_on_flows(read_structure(funding()), flows([3.65, 4.0, 3.0, 4.0], [0.0, 100.0, 0.0, 0.0]))
    v = result.class_index("V")
    assert_allclose(result.drawn[v, :2], [0.0, 60.0])
    assert_allclose(result.principal_paid[:2, 1], [160.0 * 600 / 760, 160.0 * 160 / 760])
    fee = [next(each.paid_amount for each in explain(result, k) if each.place == "interest_steps.0") for k in (1, 2, 3)]
    left = 200.0 - (160.0 - 160.0 * 160 / 760)
    assert fee == pytest.approx([0.05, 0.05, 0.0005 * left])
    assert result.drawn[v, 2] > 0.0
    assert result.reserve[2] == pytest.approx(5.0)
    flow = flows_of(result, "V")
    assert flow.principal[1] == pytest.approx(160.0 * 160 / 760 - 60.0)


@st.composite
def drawn_deals(draw):
    pool = draw(pools())
    scale = pool.balance_amount / 1000.0
    facility = {
        "commitment_amount": draw(st.sampled_from([0.0, 10.0])) * scale, "commitment_ratio": draw(st.sampled_from([0.01, 0.05])),
        "covers": draw(st.sampled_from(["A", "fee+A+V", "A+V+B", "fee+A+V+B"])), "commitment_fee_rate": draw(st.sampled_from([0.0, 0.01])),
        "margin_bps": draw(st.floats(0.0, 500.0)), "ends_months": draw(st.sampled_from([None, 6, 24])),
    }  # fmt: skip
    has_fee = facility["commitment_fee_rate"] > 0.0
    separate = facility["covers"] == "A"
    interest = [{"kind": "interest", "target": code} for code in (("A", "V") if separate else ("A+V",))]
    content = funding()
    for row in content["classes"]:
        row["balance_amount"] *= scale * draw(st.floats(0.8, 1.05))
        row["commitment_amount"] = row.get("commitment_amount", 0.0) * scale * 1.2
    content |= {
        "fees": [{"code": "fee", "name": "Fee", "annual_rate": draw(st.floats(0.0, 0.03))}],
        "reserve": {"target_ratio": 0.01, "floor_amount": 0.0, "initial_amount": 0.0},
        "liquidity": facility, "clean_up_ratio": draw(st.sampled_from([0.0, 0.2])),
        "payment_frequency_months": draw(st.sampled_from([1, 3])),
        "draws": [
            {"class_code": "V", "after_months": draw(st.integers(0, 20)), "amount": draw(st.floats(0.0, 200.0)) * scale},
            {"class_code": "V", "after_months": draw(st.integers(0, 20)), "use": "reserve"},
        ],
        "triggers": [{"code": "loss", "kind": "cumulative_loss", "limit": draw(st.sampled_from([0.02, 0.1])), "cures": False}],
    }  # fmt: skip
    paid = [{"kind": "fee", "target": "fee"}, {"kind": "fee", "target": "V"}]
    paid += [{"kind": "fee", "target": "liquidity"}] if has_fee else []
    paid += [{"kind": "interest", "target": "liquidity"}, *interest, {"kind": "interest", "target": "B"}]
    repaid = {"kind": "principal", "target": "liquidity"}
    content["interest_steps"] = [*paid, repaid, {"kind": "reserve"}, {"kind": "residual"}]
    if draw(st.booleans()):
        content |= {
            "enforcement_trigger": "loss",
            "enforcement_steps": [*paid, repaid, {"kind": "principal"}, {"kind": "residual"}],
        }
    assert not problems_of(content), problems_of(content)
    structure = read_structure(content)
    assert read_structure(write_structure(structure)) == structure
    return structure, pool, draw(behaviours())


@settings(max_examples=60, deadline=None)
@given(drawn_deals())
def test_the_three_readings_agree_and_no_more_is_drawn_than_committed(case):
    structure, pool, behaviour = case
    result, scale = run_notes(structure, pool, behaviour), pool.balance_amount
    allowed = {"rtol": 1e-8, "atol": 1e-9 * scale}
    compiled = run_compiled(structure, pool, behaviour)
    for name, told in (("drawn", result.liquidity_drawn), ("balance", result.liquidity_balance)):
        assert_allclose(compiled.of(f"liquidity.{name}"), told, **allowed)
    batch = run_batch(structure, pool, [behaviour], {each.code: 0.05 for each in structure.classes})
    for measure, told in (("interest", result.interest_paid), ("principal", result.principal_paid)):
        assert_allclose(batch.of(measure)[0], told.sum(axis=1), err_msg=measure, **allowed)
    for k, each in enumerate(structure.classes):
        paid = flows_of(result, each.code)
        assert batch.of("value")[0, k] == pytest.approx(price_ratio(paid, 0.05), rel=1e-8, abs=1e-9)
        if paid.principal.sum() > 1e-6 * scale:
            assert batch.of("wal_years")[0, k] == pytest.approx(life_years(paid), rel=1e-6)
    most = structure.liquidity.commitment_amount + structure.liquidity.commitment_ratio * structure.notes_amount * 1.5
    assert (result.liquidity_drawn <= most + 1e-9 * scale).all()
    v = result.class_index("V")
    assert result.drawn[v].max() <= structure.classes[v].commitment_amount - 0.0 + 1e-9 * scale
    assert (result.closing[v][result.drawn[v] > 0.0] <= structure.classes[v].commitment_amount + 1e-9 * scale).all()
    assert not (result.liquidity_drawn[:-1][result.residual[:-1] > 1e-9 * scale] > 1e-9 * scale).any()


@settings(max_examples=60, deadline=None)
@given(drawn_deals())
def test_money_drawn_is_conserved(case):
    structure, pool, behaviour = case
    found, scale = run_notes(structure, pool, behaviour), pool.balance_amount
    live = np.concatenate(([1.0], np.where(np.cumsum(found.call_proceeds)[:-1] > 0.0, 0.0, 1.0)))
    came_in = live * (found.pool.of("interest") + found.pool.principal) + found.call_proceeds
    came_in = came_in + found.drawn.sum(axis=0) + found.liquidity_drawn
    balance = np.concatenate(([0.0], found.liquidity_balance))
    out = found.interest_paid.sum(axis=0) + found.principal_paid.sum(axis=0) + found.residual
    out = out - np.diff(balance) + found.liquidity_drawn  # what is repaid of the facility
    for k, place in enumerate(found.steps):
        table, _, rest = place.partition(".")
        if table in {"interest_steps", "enforcement_steps"}:
            step = getattr(structure, table)[int(rest)]
            if step.kind == "fee" or (step.kind == "interest" and step.target == "liquidity"):
                out = out + found.step_paid[k]
    held = found.reserve + found.principal_held
    opening = np.concatenate(([0.0], held[:-1]))
    assert_allclose(came_in + opening, out + held, rtol=1e-9, atol=1e-9 * scale)
    assert_allclose(found.opening - found.principal_paid + found.drawn, found.closing, rtol=1e-9, atol=1e-9 * scale)
    assert (found.step_paid <= found.step_due + 1e-9 * scale).all()
    assert (found.step_paid <= found.step_available + 1e-9 * scale).all()


@settings(max_examples=8, deadline=None)
@given(drawn_deals())
def test_drawn_deals_as_formulas(case):
    structure, pool, behaviour = case
    result = run_notes(structure, pool, behaviour)
    page = notes_book(structure, result.pool).page()
    assert_same(result, page)
    told = page.column("paid.liquidity_closing")[1:]
    assert_allclose(told, result.liquidity_balance, rtol=1e-8, atol=1e-9 * pool.balance_amount)


def test_terms_changed_in_the_book_are_the_run_of_such_terms():
    structure = read_structure(with_facility())
    found = run_on_flows(structure, flows([2.0, 3.0, 9.0, 6.0]))
    page = notes_book(structure, found.pool).page(liquidity_committed=1.0, liquidity_margin=240.0, liquidity_fee=0.006)
    changed = FACILITY | {"commitment_amount": 1.0, "margin_bps": 240.0, "commitment_fee_rate": 0.006}
    assert_same(run_on_flows(read_structure(with_facility(changed)), found.pool), page)


STILL = read_behaviour({})


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        (with_facility(FACILITY | {"covers": "A+X"}), "unknown", "liquidity.covers"),
        (with_facility(FACILITY | {"covers": "servicing"}), "missing", "liquidity.covers"),
        (with_facility(FACILITY | {"covers": "A+C"}), "not_a_choice", "liquidity.covers"),
        (with_facility(FACILITY | {"covers": "A+A"}), "duplicate", "liquidity.covers"),
        (with_facility(FACILITY | {"commitment_amount": 0.0}), "missing", "liquidity.commitment_amount"),
        (with_facility(steps=[each for each in PAID if each != PAID[1]]), "never_paid", "liquidity.commitment_fee_rate"),
        (with_facility(steps=[each for each in PAID if each != PAID[2]]), "never_paid", "liquidity"),
        (with_facility(steps=STEPS, facility={}) | {"interest_steps": PAID}, "unknown", "interest_steps.2.target"),
        (with_facility(steps=[PAID[0] | {"cap_amount": 0.2}, *PAID[1:]]), "not_a_cap", "interest_steps.0.cap_amount"),
        (with_facility(FACILITY | {"covers": "A"}, [*PAID[:3], {"kind": "interest", "target": "A+B"}, *PAID[5:]]), "not_a_choice", "interest_steps.3.target"),
        (funding(draws=[{"class_code": "A", "after_months": 2, "amount": 5.0}]), "missing", "draws.0.class_code"),
        (funding(draws=[{"class_code": "X", "after_months": 2, "amount": 5.0}]), "unknown", "draws.0.class_code"),
        (funding(draws=[{"class_code": "V", "after_months": 2}]), "missing", "draws.0.amount"),
        (funding(interest_steps=funding()["interest_steps"][1:]), "never_paid", "classes.1.commitment_fee_rate"),
        (funding(draws=[{"class_code": "V", "after_months": 2, "use": "reserve"}], reserve={}), "not_a_choice", "draws.0.use"),
    ],
)  # fmt: skip
def test_faults_of_what_is_drawn_are_named_with_their_place(rows, code, place):
    assert (code, place) in {(each.code, each.place) for each in problems_of(rows)}


def test_a_commitment_is_no_less_than_what_is_drawn_at_closing():
    rows = funding()
    rows["classes"][1]["commitment_amount"] = 50.0
    assert ("out_of_range", "classes.1.commitment_amount") in {(each.code, each.place) for each in problems_of(rows)}
