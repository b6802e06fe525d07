"""Many scenarios compiled: the plain run's figures, any order, any blocks; and what must hold of any deal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import InputProblems
from engine.notes.batch import losses_by_class, price_grid, run_batch
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure, write_structure
from engine.notes.losses import CopulaTerms, Exposures, class_risks, drawn_losses
from engine.notes.measures import flows_of, life_years, price_ratio
from engine.notes.run import explain, run_notes
from engine.notes.terms import Pool
from engine.notes.through import behaviours_of, simulate_notes
from tests.notes.deals import FIVE, FIVE_POOL, three
from tests.notes.test_collateral import behaviours, pools

RULES = ("sequential", "pro_rata", "turbo", "reverse_turbo")
CODES = "ABCD"


@st.composite
def enforcements(draw, codes, defers):
    """None, or by losses: class by class with its principal, or all interest first."""
    if draw(st.booleans()):
        return {}
    class_by_class = draw(st.booleans())
    steps: list[dict[str, Any]] = [{"kind": "fee", "target": "fee"}]
    for code in codes:
        steps.append({"kind": "interest", "target": code})
        if defers[code]:
            steps.append({"kind": "deferred_interest", "target": code})
        if class_by_class:
            steps.append({"kind": "principal", "target": code})
    steps += [] if class_by_class else [{"kind": "principal"}]
    return {"enforcement_trigger": "loss", "enforcement_steps": [*steps, {"kind": "residual"}]}


@st.composite
def structures(draw, pool_amount=1000.0, count=None):
    """One to four classes, any rule and switch, tests, reserve, ledgers, caps, cures, a call."""
    count = count or draw(st.integers(1, 4))
    codes = CODES[:count]
    shares = np.array([draw(st.floats(0.1, 1.0)) for _ in codes])
    amounts = shares / shares.sum() * pool_amount * draw(st.floats(0.6, 1.1))
    defers = {code: code > "A" and draw(st.booleans()) for code in codes}
    triggers = [
        {"code": "oc", "kind": "oc", "class_code": codes[-1], "limit": draw(st.floats(0.8, 1.3)), "cures": draw(st.booleans())},
        {"code": "ic", "kind": draw(st.sampled_from(["ic", "ic_owed"])), "class_code": codes[0], "limit": draw(st.floats(0.5, 3.0))},
        {"code": "dscr", "kind": "dscr", "class_code": codes[-1], "limit": draw(st.floats(0.5, 2.0))},
        {"code": "loss", "kind": "cumulative_loss", "limit": draw(st.floats(0.0, 0.2)), "cures": False},
        {"code": "late", "kind": "date", "limit": draw(st.integers(1, 30))},
        {"code": "either", "kind": "any", "of": draw(st.lists(st.sampled_from(["oc", "ic", "loss", "late"]), min_size=1, unique=True))},
    ]  # fmt: skip
    trigger = st.sampled_from([each["code"] for each in triggers])
    accrues = count > 1 and draw(st.booleans())
    plan = draw(
        st.sampled_from(
            [
                {},
                {"plan_kind": "cpr", "plan_low": 0.05, "plan_high": 0.3},
                {"plan_kind": "psa", "plan_low": 1.0, "plan_high": 4.0},
            ]
        )
    )
    rule: dict[str, Any] = {"kind": draw(st.sampled_from(RULES))}
    if draw(st.booleans()):
        rule |= {"switch_trigger": draw(trigger), "switch_kind": draw(st.sampled_from(RULES))}
    steps: list[dict[str, Any]] = [{"kind": "fee", "target": "fee"}]
    for code in codes:
        steps.append({"kind": "interest", "target": code})
        if defers[code]:
            steps.append({"kind": "deferred_interest", "target": code})
        if draw(st.booleans()):
            steps.append({"kind": "ledger", "target": code})
        if draw(st.integers(0, 3)) == 0:
            steps.append(
                {"kind": "principal", "target": codes[0], "when": "breached:oc", "to_cure": draw(st.booleans())}
            )
    if draw(st.booleans()):
        steps.append({"kind": "principal", "target": codes[-1], "when": f"holds:{draw(trigger)}", "cap_ratio": 0.25})
    steps += [{"kind": "reserve"}, {"kind": "residual"}]
    content = {
        "code": "X", "name": "Any deal", "currency": "EUR", "closing_date": "2026-03-31",
        "payment_frequency_months": draw(st.sampled_from([1, 3])),
        "classes": [
            {"code": code, "name": code, "balance_amount": float(amount), "coupon_rate": draw(st.floats(0.0, 0.1)),
             "deferrable": defers[code], "ard_months": draw(st.sampled_from([None, 6])), "step_up_bps": 200.0,
             "accrues_until": codes[-2] if accrues and code == codes[-1] else "", **(plan if code == codes[0] else {})}
            for code, amount in zip(codes, amounts, strict=True)
        ],
        "fees": [{"code": "fee", "name": "Fee", "annual_rate": draw(st.floats(0.0, 0.02)), "annual_amount": draw(st.floats(0.0, 20.0))}],
        "reserve": {"target_ratio": draw(st.floats(0.0, 0.05)), "floor_amount": 1.0, "initial_amount": draw(st.floats(0.0, 30.0))},
        "triggers": triggers, "principal_rule": rule, "clean_up_ratio": draw(st.sampled_from([0.0, 0.1])),
        "interest_steps": steps,
        "principal_steps": [*([{"kind": "planned", "target": codes[0]}] if plan else []), {"kind": "principal"}, {"kind": "residual"}],
        **draw(enforcements(codes, defers)),
    }  # fmt: skip
    assert not problems_of(content)
    return read_structure(content)


@st.composite
def cases(draw, count=None):
    pool = draw(pools())
    return draw(structures(pool.balance_amount, count)), pool, draw(behaviours())


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_compiled_run_is_the_plain_run(case):
    structure, pool, behaviour = case
    plain = run_notes(structure, pool, behaviour)
    yields = {each.code: 0.05 for each in structure.classes}
    batch = run_batch(structure, pool, [behaviour], yields)
    scale = pool.balance_amount
    loss = plain.loss[:, -1]
    for measure, expected in (
        ("interest", plain.interest_paid.sum(axis=1)), ("principal", plain.principal_paid.sum(axis=1)), ("loss", loss),
    ):  # fmt: skip
        assert_allclose(batch.of(measure)[0], expected, rtol=1e-8, atol=1e-9 * scale, err_msg=measure)
    assert_allclose(batch.of("residual")[0], plain.residual.sum(), rtol=1e-8, atol=1e-9 * scale)
    assert_allclose(batch.of("pool_loss")[0], plain.pool.of("loss").sum(), rtol=1e-9, atol=1e-9 * scale)
    assert_allclose(losses_by_class(structure, pool, behaviour), loss, rtol=1e-8, atol=1e-9 * scale)
    for k, each in enumerate(structure.classes):
        flows = flows_of(plain, each.code)
        assert batch.of("value")[0, k] == pytest.approx(price_ratio(flows, 0.05), rel=1e-8, abs=1e-9)
        if flows.principal.sum() > 1e-9 * scale:  # the life of a rounding error is none
            assert batch.of("wal_years")[0, k] == pytest.approx(life_years(flows), rel=1e-8)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_cash_is_conserved_and_a_traces_parts_add_to_each_payment(case):
    structure, pool, behaviour = case
    found = run_notes(structure, pool, behaviour)
    scale, places = pool.balance_amount, list(found.steps)
    allowed = {"rtol": 1e-9, "atol": 1e-9 * scale}
    live = np.concatenate(([1.0], np.where(np.cumsum(found.call_proceeds)[:-1] > 0.0, 0.0, 1.0)))
    came_in = live * (found.pool.of("interest") + found.pool.principal) + found.call_proceeds
    fee = sum(found.step_paid[k] for k, place in enumerate(places) if kind_of(structure, place) == "fee")
    out = fee + found.interest_paid.sum(axis=0) + found.principal_paid.sum(axis=0) + found.residual
    held = found.reserve + found.principal_held
    opening = np.concatenate(([structure.reserve.initial_amount], held[:-1]))
    assert_allclose(came_in + opening, out + held, **allowed)
    assert_allclose(found.opening - found.principal_paid + found.added, found.closing, **allowed)
    accruing = found.added.sum(axis=0) > 0.0
    assert_allclose(found.opening[:, 1:], found.closing[:, :-1], **allowed)
    owed = {"interest": 0.0, "principal": 0.0, "residual": 0.0}
    for k, place in enumerate(places):
        kind, paid = kind_of(structure, place), found.step_paid[k]
        if is_accrual(structure, place):  # while it accrues its money goes to principal, not to the class
            paid = np.where(accruing, 0.0, paid)
        owed[kind] = owed.get(kind, 0.0) + paid
    assert_allclose(owed["interest"], found.interest_paid.sum(axis=0), **allowed)
    assert_allclose(owed["principal"], found.principal_paid.sum(axis=0), **allowed)
    assert_allclose(owed["residual"], found.residual, **allowed)
    assert (found.step_paid <= found.step_due + 1e-9 * scale).all()
    assert (found.step_paid <= found.step_available + 1e-9 * scale).all()
    assert not found.step_paid[~found.step_taken].any()
    assert [p.paid_amount for p in explain(found, 1)] == found.step_paid[:, 0].tolist()


def is_accrual(structure, place):
    table, _, rest = place.partition(".")
    accrues = {each.code for each in structure.classes if each.accrues_until}
    step = None if table in {"implied", "enforcement_steps"} else getattr(structure, table)[int(rest)]
    return step is not None and step.kind == "interest" and bool(accrues & set(step.targets))


def kind_of(structure, place):
    table, _, rest = place.partition(".")
    if table == "implied":
        return {"turbo": "principal", "ard": "principal", "final": "principal"}.get(rest, rest)
    kind = str(getattr(structure, table)[int(rest)].kind)
    return {"deferred_interest": "interest", "planned": "principal"}.get(kind, kind)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_nobody_is_paid_out_of_turn(case):
    """An uncapped line that is taken and not paid in full leaves nothing to those after it."""
    structure, pool, behaviour = case
    found = run_notes(structure, pool, behaviour)
    dust = 1e-9 * pool.balance_amount
    for table in ("interest_steps", "enforcement_steps"):
        places = [place for place in found.steps if place.startswith(table)]
        for number, place in enumerate(places):
            step, k = getattr(structure, table)[int(place.partition(".")[2])], found.steps.index(place)
            if step.kind == "residual" or step.when != "always" or step.cap_ratio is not None:
                continue
            short = found.step_due[k] - found.step_paid[k] > dust
            for later in places[number + 1 :]:
                assert (found.step_paid[found.steps.index(later)][short] <= dust).all(), (place, later)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_after_enforcement_equity_waits_for_every_class(case):
    structure, pool, behaviour = case
    found, dust = run_notes(structure, pool, behaviour), 1e-9 * pool.balance_amount
    enforced = enforced_on(found)
    assert not (enforced & (found.residual > dust) & (owed_to_all(found) > dust)).any()
    assert not found.principal_held[enforced].any()
    taken = found.step_taken[[place.startswith("enforcement_steps") for place in found.steps]]
    assert (taken == enforced).all()


def owed_to_all(found):
    return (found.closing + found.deferred).sum(axis=0)


def enforced_on(found):
    """The payment dates on and after enforcement."""
    codes = [each.code for each in found.structure.triggers]
    if not found.structure.enforcement_trigger:
        return np.zeros(len(found.periods), dtype=bool)
    return found.trigger_breached[codes.index(found.structure.enforcement_trigger)]


@settings(max_examples=40, deadline=None)
@given(cases())
def test_a_condition_lets_a_line_pay_only_as_it_says(case):
    structure, pool, behaviour = case
    found = run_notes(structure, pool, behaviour)
    codes = [each.code for each in structure.triggers]
    for k, place in enumerate(found.steps):
        table, _, rest = place.partition(".")
        if table != "interest_steps" or not structure.interest_steps[int(rest)].trigger:
            continue
        step = structure.interest_steps[int(rest)]
        breached = found.trigger_breached[codes.index(step.trigger)]
        meant = breached if step.when.startswith("breached:") else ~breached
        assert_array_equal(found.step_taken[k], meant & ~enforced_on(found))


@settings(max_examples=30, deadline=None)
@given(cases(count=1), st.sampled_from(["pro_rata", "sequential"]))
def test_pro_rata_is_sequential_with_one_class(case, kind):
    structure, pool, behaviour = case
    content = write_structure(structure) | {"principal_rule": {"kind": kind}}
    other = write_structure(structure) | {"principal_rule": {"kind": "sequential"}}
    one, two = (run_notes(read_structure(each), pool, behaviour) for each in (content, other))
    assert_array_equal(one.principal_paid, two.principal_paid)
    assert_array_equal(one.residual, two.residual)


@settings(max_examples=30, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_loans_does_not_matter_to_notes(case, random):
    structure, pool, behaviour = case
    mixed = list(pool.loans)
    random.shuffle(mixed)
    one, other = (run_batch(structure, each, [behaviour]).of("principal") for each in (pool, Pool(tuple(mixed))))
    assert_allclose(one, other, rtol=1e-6, atol=1e-6 * pool.balance_amount)


def harsh(count):
    rng = np.random.default_rng(7)
    return [
        read_behaviour({"prepayment_kind": "cpr", "prepayment": cpr, "default_kind": "cdr", "default": cdr,
                        "severity_ratio": severity, "recovery_lag_months": int(lag)})
        for cpr, cdr, severity, lag in rng.uniform((0.0, 0.0, 0.2, 0.0), (0.2, 0.1, 0.8, 12.0), (count, 4)).tolist()
    ]  # fmt: skip


def test_blocks_and_order_change_nothing(monkeypatch):
    structure, pool, scenarios = read_structure(FIVE), read_pool(FIVE_POOL), harsh(23)
    whole = run_batch(structure, pool, scenarios)
    monkeypatch.setattr("engine.notes.batch.BLOCK", 5)
    asked = []

    def backwards(work, starts):
        for start in reversed(list(starts)):
            asked.append(start)
            yield work(start)

    parts = run_batch(structure, pool, scenarios, spread=backwards)
    assert asked == [20, 15, 10, 5, 0]
    assert_array_equal(parts.by_class, whole.by_class)
    turned = run_batch(structure, pool, scenarios[::-1])
    assert_array_equal(turned.by_deal[::-1], whole.by_deal)


def test_a_harsher_pool_is_worth_less_to_the_last_class():
    structure, pool = read_structure(FIVE), read_pool(FIVE_POOL)
    mild = read_behaviour({"default_kind": "cdr", "default": 0.01, "severity_ratio": 0.4})
    scenarios = [replace(mild, default=rate) for rate in (0.0, 0.01, 0.03, 0.06, 0.12)]
    losses = run_batch(structure, pool, scenarios).of("loss")
    assert (np.diff(losses.sum(axis=1)) >= -1e-9).all()
    assert losses[0].sum() == pytest.approx(0.0, abs=1e-6)
    assert losses[-1, 4] > 0.0
    assert losses[-1, 0] == pytest.approx(0.0, abs=1e-6)


def test_a_grid_of_prices_is_the_runs_prices():
    """At its coupon's yield a class that loses nothing is worth par whatever the speed; the last loses with defaults."""
    structure, pool = read_structure(FIVE), read_pool(FIVE_POOL)
    yields = {each.code: each.coupon_rate for each in structure.classes}
    base = read_behaviour({"severity_ratio": 0.5, "recovery_lag_months": 6})
    grid = price_grid(structure, pool, base, (0.0, 0.1, 0.3), (0.0, 0.08), yields)
    assert grid.shape == (3, 2, 5)
    assert_allclose(grid[:, 0], 1.0, rtol=1e-9)
    assert_allclose(grid[:, :, 0], 1.0, rtol=1e-9)
    assert (grid[:, 1, 4] < 0.9).all()
    told = {
        "prepayment_kind": "cpr",
        "prepayment": 0.1,
        "default_kind": "cdr",
        "default": 0.08,
        "severity_ratio": 0.5,
        "recovery_lag_months": 6,
    }
    single = run_notes(structure, pool, read_behaviour(told))
    assert grid[1, 1, 2] == pytest.approx(price_ratio(flows_of(single, "C"), 0.05), rel=1e-6)


def test_a_batch_of_another_currency_is_refused():
    with pytest.raises(InputProblems):
        run_batch(read_structure(three(currency="USD")), read_pool(FIVE_POOL), harsh(1))


# Losses through the waterfall


def test_drawn_losses_through_a_waterfall_without_income_are_those_below_it():
    """One loan repaid at the end of year 3 without interest: what it lacks is what the classes lose, last first."""
    pool = read_pool(
        {"loans": [{"code": "L", "currency": "EUR", "balance_amount": 1000.0, "coupon_rate": 0.0, "remaining_months": 36, "amortisation": "interest_only"}]}
    )  # fmt: skip
    content = three(
        fees=[], interest_steps=[{"kind": "interest", "target": code} for code in "ABC"] + [{"kind": "residual"}]
    )
    for row in content["classes"]:
        row |= {"coupon_rate": 0.0, "deferrable": False}
    structure = read_structure(content)
    exposures, terms = (
        Exposures(np.full(50, 20.0), np.full(50, 0.05), np.zeros(50, dtype=np.int64)),
        CopulaTerms(paths=512),
    )
    result, risks = simulate_notes(structure, pool, exposures, terms, read_behaviour({}), 3.0)
    losses = drawn_losses(exposures, terms)
    assert_allclose(result.of("loss").sum(axis=1), losses, rtol=1e-8, atol=1e-6)
    for ours, theirs in zip(risks, class_risks(structure, losses, 1000.0), strict=True):
        assert ours.default_probability == pytest.approx(theirs.default_probability)
        assert ours.expected_loss_ratio == pytest.approx(theirs.expected_loss_ratio, abs=1e-8)


def test_a_path_defaults_its_share_by_the_horizon():
    exposures = Exposures(np.array([30.0, 70.0]), np.array([0.5, 0.5]), np.zeros(2, dtype=np.int64))
    found = behaviours_of(exposures, CopulaTerms(paths=64), read_behaviour({}), 2.0)
    shares = {round(1.0 - (1.0 - float(np.max(each.default))) ** 2.0, 6) for each in found}
    assert shares == {0.0, 0.3, 0.7, 1.0}
    assert {each.severity_ratio for each in found} == {0.4}
