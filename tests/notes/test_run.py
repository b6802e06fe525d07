"""Notes paid step by step: sums done by hand, triggers at their limits, the trace, and the compiled twin."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import CalculationError, InputProblems
from engine.notes.collateral import COLUMNS, PoolFlows
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.run import explain, run_notes, run_on_flows
from engine.notes.words import waterfall_words
from tests.notes.deals import FIVE, FIVE_POOL, POOL, three

STILL = read_behaviour({})


def deal(**changes):
    return read_structure(three(**changes))


def scaled(content, factor):
    """Content with every balance times a factor."""
    rows = deepcopy(content)
    for table in ("classes", "loans"):
        for row in rows.get(table, ()):
            row["balance_amount"] *= factor
    return rows


def flows(interest, principal=0.0, loss=0.0, opening=1000.0, scheduled=None):
    """A pool's periods, given what came in and what was lost."""
    size = len(interest)
    table = np.zeros((size, len(COLUMNS)))
    columns = {"interest": interest, "scheduled": principal if scheduled is None else scheduled, "loss": loss}
    for name, values in columns.items():
        table[:, COLUMNS.index(name)] = values
    if scheduled is not None:
        table[:, COLUMNS.index("prepaid")] = np.asarray(principal) - np.asarray(scheduled)
    table[:, COLUMNS.index("defaulted")] = loss
    left = opening - np.cumsum(np.broadcast_to(principal, size) + np.broadcast_to(loss, size))
    table[:, COLUMNS.index("closing")] = left
    table[:, COLUMNS.index("opening")] = np.concatenate(([opening], left[:-1]))
    return PoolFlows(table)


def rounded(values):
    return np.round(values, 9).tolist()


# By hand


def test_three_classes_in_sequence_to_the_cent():
    """700,000 in four straight lines at 7.2%, 300,000 due in month 3 at 6%; fee of 0.6%; coupons 3.6%, 6%, 9.6%.

    Month 1: interest 4,200 + 1,500; fee 500; A 1,800; B 1,500; C 800. Month 4: 1,050 pays fee 87.50, B 375 and 587.50 of C's
    800; the last 175,000 repays B's 75,000 and C's 100,000, so only the 212.50 of interest is lost.
    """
    result = run_notes(read_structure(scaled(three(), 1000.0)), read_pool(scaled(POOL, 1000.0)), STILL)
    to_the_cent = {
        "interest_paid": [[1800, 1275, 750, 0], [1500, 1500, 1500, 375], [800, 800, 800, 587.5]],
        "principal_paid": [[175000, 175000, 250000, 0], [0, 0, 225000, 75000], [0, 0, 0, 100000]],
        "closing": [[425000, 250000, 0, 0], [300000, 300000, 75000, 0], [100000, 100000, 100000, 0]],
        "deferred": [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 212.5]],
        "loss": [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 212.5]],
        "residual": [1100, 662.5, 225, 0],
    }
    for name, expected in to_the_cent.items():
        assert np.abs(getattr(result, name) - np.array(expected)).max() < 0.005, name
    assert result.step_paid[0] == pytest.approx([500, 412.5, 325, 87.5], abs=0.005)
    assert result.periods == (date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15), date(2026, 5, 15))


def test_deferred_interest_bears_interest_and_is_paid_ahead():
    """C is owed 0.8 a month at 0.8%: 0.3 of month 1 stays; month 2 owes 0.5 + 0.004 ahead of 0.8."""
    result = run_on_flows(deal(fees=[], interest_steps=three()["interest_steps"][1:]), flows([3.6, 5.0, 9.0]))
    assert rounded(result.deferred[2]) == [0.5, 0.0, 0.0]
    assert rounded(result.interest_paid[2]) == [0.3, 1.304, 0.8]
    assert rounded(result.interest_due[2]) == [0.8, 1.304, 0.8]
    assert rounded(result.step_paid[2]) == [0.0, 0.504, 0.0]


def test_a_shortfall_of_a_class_that_may_not_defer_is_owed_with_its_interest():
    """B is owed 1.5; of month 1 it gets 0.2; month 2 owes 1.5 + 1.3 x 1.005."""
    result = run_on_flows(deal(fees=[], interest_steps=three()["interest_steps"][1:]), flows([2.0, 9.0]))
    assert rounded(result.interest_paid[1]) == [0.2, 2.8065]


FLOATING = [{**three()["classes"][0], "coupon_kind": "floating", "margin_bps": 120.0}, *three()["classes"][1:]]


def test_a_floating_class_pays_index_and_margin_never_below_nil():
    """600 at 2.4% + 1.2% is 1.8 a month; at -3% + 1.2% nothing; the last index is carried on."""
    structure = deal(classes=FLOATING, index_rate=0.024)
    assert rounded(run_on_flows(structure, flows([9.0])).interest_paid[0]) == [1.8]
    given = run_on_flows(structure, flows([9.0, 9.0, 9.0]), (-0.03, 0.036))
    assert rounded(given.interest_paid[0]) == [0.0, 2.4, 2.4]


def test_after_its_ard_a_class_steps_up_and_what_is_left_repays_it():
    """Interest only to month 2: 1.8 a month; from month 3 2.4% more is 3.0, and 10 - 3 - 1.5 - 0.8 = 4.7 repays A."""
    classes = deepcopy(three()["classes"])
    classes[0] |= {"ard_months": 2, "step_up_bps": 240.0}
    structure = deal(classes=classes, fees=[], interest_steps=three()["interest_steps"][1:])
    result = run_on_flows(structure, flows([10.0, 10.0, 10.0, 0.0]))
    assert rounded(result.interest_paid[0, :3]) == [1.8, 1.8, 3.0]
    assert rounded(result.principal_paid[0, :3]) == [0.0, 0.0, 4.7]
    assert rounded(result.residual[:3]) == [5.9, 5.9, 0.0]


@pytest.mark.parametrize(
    ("rule", "a", "b", "c", "residual"),
    [
        ("sequential", [100.0, 100.0], [0.0, 0.0], [0.0, 0.0], 5.9),
        ("pro_rata", [60.0, 60.0], [30.0, 30.0], [10.0, 10.0], 5.9),
        ("turbo", [105.9, 100.0], [0.0, 0.0], [0.0, 0.0], 0.0),
        ("reverse_turbo", [100.0, 100.0], [0.0, 0.0], [5.9, 0.0], 0.0),
    ],
)
def test_each_rule_shares_principal_as_it_says(rule, a, b, c, residual):
    """100 of principal a month; month 1 leaves 10 - 1.8 - 1.5 - 0.8 of income, month 2 nothing."""
    structure = deal(fees=[], interest_steps=three()["interest_steps"][1:], principal_rule={"kind": rule})
    result = run_on_flows(structure, flows([10.0, 0.0, 0.0], [100.0, 100.0, 0.0]))
    assert [rounded(row[:2]) for row in result.principal_paid] == [a, b, c]
    assert result.residual[0] == pytest.approx(residual)


def test_classes_of_one_rank_share_what_their_rank_is_paid():
    classes = deepcopy(three()["classes"])
    for row, rank in zip(classes, (1, 1, 2), strict=True):
        row["rank"] = rank
    steps = [{"kind": "interest", "target": "A+B"}, *three()["interest_steps"][3:]]
    result = run_on_flows(deal(classes=classes, fees=[], interest_steps=steps), flows([1.1, 0.0], [90.0, 0.0]))
    assert rounded(result.interest_paid[:2, 0]) == [0.6, 0.5]
    assert rounded(result.principal_paid[:, 0]) == [60.0, 30.0, 0.0]


# Triggers


SWITCH = {"kind": "pro_rata", "switch_trigger": "test", "switch_kind": "sequential"}


def switched(trigger, given, periods=1):
    """Whether principal goes by the second rule on each date."""
    structure = deal(
        fees=[], interest_steps=three()["interest_steps"][1:], principal_rule=SWITCH,
        triggers=[{"code": "test", **trigger}],
    )  # fmt: skip
    result = run_on_flows(structure, given)
    told = result.trigger_breached[0, :periods].tolist()
    for m in range(periods):
        assert (result.principal_paid[1, m] == 0.0) == told[m] or result.principal_paid[:, m].sum() == 0.0
    return told


@pytest.mark.parametrize(("limit", "breached"), [(0.99, False), (1.0, False), (1.01, True)])
def test_overcollateralisation_at_below_and_above_its_limit(limit, breached):
    """900 of pool and 100 of cash on 1,000 of notes are 1.0 times; on A alone much more."""
    given = flows([9.0, 0.0], [100.0, 0.0])
    assert switched({"kind": "oc", "class_code": "C", "limit": limit}, given) == [breached]
    assert switched({"kind": "oc", "class_code": "A", "limit": limit}, given) == [False]


@pytest.mark.parametrize(("limit", "breached"), [(1.99, False), (2.0, False), (2.01, True)])
def test_interest_coverage_at_below_and_above_its_limit(limit, breached):
    """6.6 over 1.8 + 1.5."""
    given = flows([6.6, 0.0], [100.0, 0.0])
    assert switched({"kind": "ic", "class_code": "B", "limit": limit}, given) == [breached]


@pytest.mark.parametrize(("kind", "told"), [("ic", [True, False]), ("ic_owed", [True, True])])
def test_interest_coverage_with_what_is_unpaid(kind, told):
    """2.0 on 3.3 leaves 1.3 unpaid; then 4.2 are 1.27 times the 3.3 of the month, but 0.91 times the 4.6 owed in all."""
    given = flows([2.0, 4.2, 0.0], [0.0, 0.0, 0.0])
    assert switched({"kind": kind, "class_code": "B", "limit": 1.2}, given, 2) == told


@pytest.mark.parametrize(("limit", "breached"), [(1.14, False), (1.15, False), (1.16, True)])
def test_debt_service_cover_at_below_and_above_its_limit(limit, breached):
    """6.75 + 16.2 scheduled over 3.3... of A and B: 3.7546 + 16.2; what is prepaid is on neither side."""
    interest = 1.15 * (3.3 + 16.2) - 16.2
    given = flows([interest, 0.0], [116.2, 0.0], scheduled=[16.2, 0.0])
    assert switched({"kind": "dscr", "class_code": "B", "limit": limit}, given) == [breached]


@pytest.mark.parametrize(("limit", "breached"), [(0.011, False), (0.01, False), (0.009, True)])
def test_cumulative_losses_at_below_and_above_their_limit(limit, breached):
    given = flows([9.0, 0.0], [100.0, 0.0], loss=[10.0, 0.0])
    assert switched({"kind": "cumulative_loss", "limit": limit}, given) == [breached]


def test_a_date_comes_on_the_first_payment_at_or_after_it():
    given = flows([9.0] * 4, [50.0] * 4)
    assert switched({"kind": "date", "limit": 3}, given, 4) == [False, False, True, True]
    assert switched({"kind": "date", "limit": 2.5}, given, 4) == [False, False, True, True]


@pytest.mark.parametrize(("cures", "third"), [(True, False), (False, True)])
def test_a_breach_is_cured_or_is_for_good(cures, third):
    """Income of 2 on dues of 3.3 breaches once."""
    given = flows([9.0, 2.0, 9.0, 0.0], [50.0] * 4)
    told = switched({"kind": "ic", "class_code": "B", "limit": 1.5, "cures": cures}, given, 3)
    assert told == [False, True, third]


def test_any_joins_triggers_wherever_they_stand():
    """Losses of 1.5% in month 1 pass; the date comes in month 3: the join listed first is breached with it."""
    triggers = [
        {"code": "either", "kind": "any", "of": ["loss", "late"]},
        {"code": "loss", "kind": "cumulative_loss", "limit": 0.02},
        {"code": "late", "kind": "date", "limit": 3},
    ]
    rule = {**SWITCH, "switch_trigger": "either"}
    structure = deal(fees=[], interest_steps=three()["interest_steps"][1:], triggers=triggers, principal_rule=rule)
    result = run_on_flows(structure, flows([9.0] * 4, [50.0] * 4, loss=[15.0, 0.0, 0.0, 0.0]))
    assert result.trigger_breached.tolist() == [[False, False, True, True], [False] * 4, [False, False, True, True]]
    assert rounded(result.principal_paid[0, :3]) == [30.0, 30.0, 50.0]


def test_a_breach_diverts_income_as_far_as_it_cures():
    """Notes of 900 above the test, pool of 980: 980 / 900 < 1.1, so 980 / 1.1 must stand: 9.0909... repays A, C waits."""
    steps = deepcopy(three()["interest_steps"][1:])
    steps.insert(2, {"kind": "principal", "target": "A", "when": "breached:oc", "to_cure": True})
    triggers = [{"code": "oc", "kind": "oc", "class_code": "B", "limit": 1.1}]
    structure = deal(fees=[], interest_steps=steps, triggers=triggers)
    rich, poor = (run_on_flows(structure, flows([income, 0.0], loss=[20.0, 0.0])) for income in (20.0, 6.0))
    cure = 900.0 - 980.0 / 1.1
    assert rich.step_paid[2, 0] == pytest.approx(cure)
    assert rich.interest_paid[2, 0] == pytest.approx(0.8)
    assert rich.residual[0] == pytest.approx(20.0 - 3.3 - cure - 0.8)
    assert poor.step_paid[2, 0] == pytest.approx(2.7)
    assert poor.deferred[2, 0] == pytest.approx(0.8)
    sound = run_on_flows(structure, flows([20.0, 0.0], loss=[10.0, 0.0]))
    assert sound.step_paid[2, 0] == 0.0
    assert not sound.step_taken[2, 0]


# Reserve, ledgers, caps, call


def test_the_reserve_pays_what_income_lacks_and_is_filled_at_its_place():
    """Target 1% of notes, no less than 9.5: 10 held; month 1 lacks 1.1 of 4.1, month 2 brings 6 and fills it up again."""
    steps = [*three()["interest_steps"][1:-1], {"kind": "reserve"}, {"kind": "residual"}]
    reserve = {"target_ratio": 0.01, "floor_amount": 9.5, "initial_amount": 10.0}
    structure = deal(fees=[], interest_steps=steps, reserve=reserve)
    result = run_on_flows(structure, flows([3.0, 6.0, 4.1, 4.1], [0.0, 60.0, 0.0, 0.0]))
    assert rounded(result.reserve) == [8.9, 10.0, 9.5, 0.0]
    assert rounded(result.residual) == [0.0, 0.8, 0.68, 0.0]
    assert result.principal_paid[0, 3] == pytest.approx(9.5 + 0.18)


def test_income_makes_good_a_loss_through_the_ledger():
    """A loss of 5 stands against C: 8 less 4.1 of interest cures 3.9 of it, which repays A."""
    steps = [*three()["interest_steps"][1:-1], {"kind": "ledger", "target": "C"}, {"kind": "residual"}]
    result = run_on_flows(deal(fees=[], interest_steps=steps), flows([8.0, 8.0, 0.0], loss=[5.0, 0.0, 0.0]))
    assert rounded(result.deficiency[2, :2]) == [1.1, 0.0]
    assert rounded(result.principal_paid[0, :2]) == [3.9, 1.1]


def test_caps_hold_back_what_is_above_them():
    """A fee of 5 is capped at 3 and owed again; half of what is left is the most that pays A."""
    fees = [{"code": "servicing", "name": "Servicing fee", "annual_amount": 60.0}]
    steps = deepcopy(three()["interest_steps"])
    steps[0]["cap_amount"], steps[1]["cap_ratio"] = 3.0, 0.5
    result = run_on_flows(deal(fees=fees, interest_steps=steps), flows([6.0, 12.0]))
    assert rounded(result.step_paid[0]) == [3.0, 3.0]
    assert rounded(result.step_due[0]) == [5.0, 7.0]
    assert rounded(result.interest_paid[0, :1]) == [1.5]


@pytest.mark.parametrize(("held", "called"), [(100.0, True), (101.0, True), (99.0, False)])
def test_a_clean_up_call_is_made_where_it_pays_every_class(held, called):
    """Notes of 100 are left; the pool of 99, 100 or 101 is below 11% of 1,000."""
    given = flows([9.0, 0.0, 0.0], [900.0, 0.0, 0.0])
    given.table[:, COLUMNS.index("closing")] = held
    result = run_on_flows(deal(clean_up_ratio=0.11), given)
    assert result.is_called == called
    assert result.closing[:, 0].sum() == pytest.approx(0.0 if called else 100.0)
    if called:
        assert rounded(result.call_proceeds) == [held, 0.0, 0.0]
        assert rounded(result.step_paid[-1]) == [held - 100.0, 0.0, 0.0]


# The trace


def test_every_payment_is_told_with_its_reason():
    triggers = [{"code": "oc", "kind": "oc", "class_code": "C", "limit": 1.05}]
    rule = {"kind": "pro_rata", "switch_trigger": "oc", "switch_kind": "sequential"}
    result = run_notes(deal(triggers=triggers, principal_rule=rule), read_pool(POOL), STILL)
    told = {payment.place: payment for payment in explain(result, 2)}
    fee, interest, principal = (told[place] for place in ("interest_steps.0", "interest_steps.1", "principal_steps.0"))
    assert fee.words == "Servicing fee, with what is unpaid of it"
    assert (round(interest.due_amount, 9), round(interest.available_amount, 9)) == (1.275, 4.2375)
    below = "the overcollateralisation ratio of Class C is below 105.00%"
    assert (
        principal.words
        == f"principal of all classes, pro rata to their balances, but in the order of their rank if {below}"
    )
    assert principal.condition == f"unless {below}"
    assert principal.condition_value == pytest.approx(1.0)
    assert principal.margin == pytest.approx(-0.05)
    assert principal.paid_amount == pytest.approx(175.0)
    assert not told["implied.final"].was_taken
    assert told["implied.final"].condition == "if the last payment date has come"


@pytest.mark.parametrize("period", [0, 5])
def test_a_date_that_is_none_is_refused(period):
    with pytest.raises(CalculationError, match="1 to 4"):
        explain(run_notes(deal(), read_pool(POOL), STILL), period)


def test_a_pool_in_another_currency_is_refused():
    with pytest.raises(InputProblems):
        run_notes(deal(currency="USD"), read_pool(POOL), STILL)


def test_the_priorities_are_told_as_a_prospectus_tells_them():
    said = waterfall_words(read_structure(FIVE), "interest_steps")
    assert said[0] == "First, Trustee fee, with what is unpaid of it."
    assert said[2] == "Third, interest due on Class A."
    assert said[-2:] == (
        "Sixteenth, to the reserve, until it stands at its target.", "Lastly, all that is left, to the residual holder.",
    )  # fmt: skip
    assert waterfall_words(read_structure(FIVE), "principal_steps")[0] == (
        "First, principal of all classes, pro rata to their balances, but in the order of their rank if any of oc, loss is breached."
    )


def test_a_whole_deal_conserves_cash_through_its_life():
    """Five classes for ten years and a year of recoveries, half-way through a switch."""
    behaviour = read_behaviour(
        {"prepayment_kind": "cpr", "prepayment": 0.05, "default_kind": "cdr", "default": 0.05, "severity_ratio": 0.5,
         "recovery_lag_months": 12}
    )  # fmt: skip
    result = run_notes(read_structure(FIVE), read_pool(FIVE_POOL), behaviour)
    live = np.where(np.cumsum(result.call_proceeds) > 0.0, 0.0, 1.0)
    live = np.concatenate(([1.0], live[:-1]))
    income = (live * (result.pool.of("interest") + result.pool.principal)).sum() + result.call_proceeds.sum() + 19.6
    paid = (
        result.interest_paid.sum() + result.principal_paid.sum() + result.residual.sum() + result.step_paid[2:4].sum()
    )
    assert_allclose(paid + result.reserve[-1] + result.principal_held[-1], income, rtol=1e-10)
    assert result.trigger_breached[0].any()
    assert not result.trigger_breached[0].all()


# After enforcement

ENFORCED = {
    "triggers": [{"code": "default", "kind": "cumulative_loss", "limit": 0.1, "cures": False}],
    "enforcement_trigger": "default",
    "enforcement_steps": [
        {"kind": "fee", "target": "servicing"},
        {"kind": "interest", "target": "A"}, {"kind": "principal", "target": "A"},
        {"kind": "interest", "target": "B"}, {"kind": "principal", "target": "B"},
        {"kind": "deferred_interest", "target": "C"}, {"kind": "interest", "target": "C"}, {"kind": "principal", "target": "C"},
        {"kind": "residual"},
    ],
}  # fmt: skip


def test_after_enforcement_all_money_goes_class_by_class():
    """150 of 1,000 are lost in month 2: from then on income and principal are one.

    Month 1: fee 0.5, interest 1.8, 1.5 and 0.8, the rest of 10 to equity; principal 100 to A.
    Month 2: 10 + 100 is 110: fee 0.45 on 900, A's interest 1.5 on 500, and 108.05 repay A; B and C go without.
    Month 3: fee 0.325 on 650, interest 1.17585 on 391.95, and 108.49915 repay A.
    """
    found = run_on_flows(deal(**ENFORCED), flows([10.0, 10.0, 10.0], [100.0, 100.0, 100.0], [0.0, 150.0, 0.0]))
    assert rounded(found.principal_paid[0]) == [100.0, 108.05, 108.49915]
    assert rounded(found.interest_paid[1]) == [1.5, 0.0, 0.0]
    assert rounded(found.residual) == [5.4, 0.0, 0.0]
    assert rounded(found.deferred[1]) == [0.0, 1.5, 3.0075]
    taken = {place: found.step_taken[k].tolist() for k, place in enumerate(found.steps)}
    assert taken["interest_steps.2"] == [True, False, False]
    assert taken["enforcement_steps.3"] == taken["implied.enforced"] == [False, True, True]


def test_there_is_no_way_back_from_enforcement_and_a_condition_stands_beside_it():
    """B's interest waits for a date before it; after enforcement no line of before is taken, whatever its condition."""
    triggers = [*ENFORCED["triggers"], {"code": "late", "kind": "date", "limit": 2}]
    steps = deal().interest_steps
    written = [
        {"kind": s.kind, "target": s.target, **({"when": "holds:late"} if s.target == "B" else {})} for s in steps
    ]
    found = run_on_flows(
        deal(**ENFORCED | {"triggers": triggers, "interest_steps": written}),
        flows([10.0] * 4, 0.0, [0.0, 0.0, 150.0, 0.0]),
    )
    k = found.steps.index("interest_steps.2")
    assert found.step_taken[k].tolist() == [True, False, False, False]
    assert found.step_taken[found.steps.index("interest_steps.1")].tolist() == [True, True, False, False]
    said = explain(found, 3)
    before, after = said[k], said[found.steps.index("enforcement_steps.1")]
    assert before.condition == "unless payment date 2 has come"
    assert after.condition.startswith("if cumulative losses exceed 10.00% of the initial pool")
    assert after.condition_value == pytest.approx(0.15)
    assert after.margin == pytest.approx(-0.05)


def test_the_priority_after_enforcement_is_told():
    steps = [*({"kind": "interest", "target": code} for code in "ABC"), {"kind": "principal"}, {"kind": "residual"}]
    rest = [{"kind": "fee", "target": "servicing"}, {"kind": "deferred_interest", "target": "C"}, *steps]
    told = waterfall_words(
        deal(**ENFORCED | {"enforcement_steps": rest, "principal_rule": {"kind": "pro_rata"}}), "enforcement_steps"
    )
    assert told[-2:] == (
        "Sixth, principal of all classes, in the order of their rank.",
        "Lastly, all that is left, to the residual holder.",
    )
