"""The priority of payments as data: sums done by hand, published vectors, bad terms, and the words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import InputProblems
from engine.waterfall.classes import (
    Account,
    Cash,
    Cost,
    DealTerms,
    Kind,
    LockUp,
    Measure,
    NoteClass,
    Reserve,
    Sharing,
    Step,
    Trigger,
    Unpaid,
)
from engine.waterfall.steps import run_deal
from engine.waterfall.terms import BALLOON, DEFERRED, DRAW, SHORTFALL
from engine.waterfall.two_tranche import TWO_TRANCHE_STEPS
from engine.waterfall.words import describe, ordinal
from tests.engine.test_steps import checked
from tests.engine.vectors import DATA, load

ABC = ("A", "B", "C")
EQUITY = Step(Kind.EQUITY)


def three(months, rates=(0.0, 0.0, 0.0), amounts=(60.0, 30.0, 10.0), **changes):
    """Classes of 60, 30 and 10 that repay as cash allows."""
    return tuple(
        NoteClass(name, k + 1, amount, rate, months, **changes)
        for k, (name, amount, rate) in enumerate(zip(ABC, amounts, rates, strict=True))
    )


def of(result, column):
    return np.round(result.of(column), 9).tolist()


# Sums done by hand


@pytest.mark.parametrize(
    ("sharing", "paid"),
    [(Sharing.PRO_RATA, (3.0, 1.5, 0.5)), (Sharing.SEQUENTIAL, (3.0, 2.0, 0.0))],
)
@pytest.mark.parametrize("cash", [5.0, 10.0, 12.0])
def test_a_cost_beside_classes_is_paid_their_share(sharing: Sharing, paid, cash):
    """A fee of 6 beside interest of 3 and 1: half of all three from 5; whole from 10 on."""
    classes = three(1, (0.05, 1 / 30, 0.0))
    steps = (
        Step(Kind.INTEREST, ABC, sharing=sharing, beside="fee"), Step(Kind.SWEEP, ABC), EQUITY,
    )  # fmt: skip
    terms = DealTerms(1, classes, steps, costs=(Cost("fee"),))
    result = checked(terms, Cash(np.array([cash]), costs={"fee": np.array([6.0])}))
    expected = paid if cash < 10.0 else (6.0, 3.0, 1.0)
    found = [result.of(name)[0] for name in ("fee.paid", "A.interest_paid", "B.interest_paid")]
    assert found == pytest.approx(expected, abs=1e-12)
    assert result.of("A.principal_paid")[0] == pytest.approx(max(cash - 10.0, 0.0), abs=1e-12)


def test_three_classes_in_sequence_with_deferral():
    """Interest 0.6 + 0.6 + 0.3; month 2 pays 0.4 + 0.6 and 0.1 of 0.3; month 3 owes C 0.3 + 0.206."""
    classes = three(4, (0.01, 0.02, 0.03))
    classes = (*classes[:2], replace(classes[2], unpaid_interest=Unpaid.DEFERS))
    steps = (*(Step(Kind.INTEREST, (name,)) for name in ABC), Step(Kind.SWEEP, ABC), EQUITY)
    result = checked(DealTerms(4, classes, steps), Cash(np.array([21.5, 1.1, 51.106, 40.0])))
    assert of(result, "A.interest_paid") == [0.6, 0.4, 0.4, 0.0]
    assert of(result, "B.interest_paid") == [0.6, 0.6, 0.6, 0.408]
    assert of(result, "C.interest_paid") == [0.3, 0.1, 0.506, 0.3]
    assert of(result, "C.deferred") == [0.0, 0.2, 0.0, 0.0]
    assert of(result, "A.balance") == [40.0, 40.0, 0.0, 0.0]
    assert of(result, "B.balance") == [30.0, 30.0, 20.4, 0.0]
    assert of(result, "C.balance") == [10.0, 10.0, 10.0, 0.0]
    assert of(result, "equity_distribution") == [0.0, 0.0, 0.0, 8.892]
    assert of(result, "C.flags") == [0, DEFERRED, 0, 0]
    assert result.flags.tolist() == [0, 0, 0, DEFERRED]


def test_pro_rata_turns_sequential_on_a_trigger_and_back_once_cured():
    """OC 110/100, 90/90, 88/80, 78/70, 70/60 against 1.05: breached in month 2, passed twice by month 4."""
    trigger = Trigger("thin", Measure.OC, 1.05, ("C",), cure_months=2)
    steps = (
        Step(Kind.INTEREST, ABC),
        Step(Kind.SWEEP, ABC, Account.PRINCIPAL, sharing=Sharing.PRO_RATA, unless="thin"),
        Step(Kind.SWEEP, ABC, Account.PRINCIPAL, when="thin"),
        EQUITY,
    )
    cash = Cash(np.zeros(5), np.full(5, 10.0), collateral=np.array([110.0, 100.0, 80.0, 78.0, 68.0, 60.0]))
    result = checked(DealTerms(5, three(5), steps, triggers=(trigger,)), cash)
    assert of(result, "A.principal_paid") == [6.0, 10.0, 10.0, 4.857142857, 4.857142857]
    assert of(result, "B.principal_paid") == [3.0, 0.0, 0.0, 3.857142857, 3.857142857]
    assert of(result, "C.principal_paid") == [1.0, 0.0, 0.0, 1.285714286, 1.285714286]


def test_a_trigger_that_is_never_cured_stays_breached():
    """Losses of 2 and 0 on 100: above 1% from month 1 for good, so B waits although month 2 loses nothing."""
    trigger = Trigger("loss", Measure.CUMULATIVE_LOSS, 0.01, cure_months=0)
    steps = (
        Step(Kind.INTEREST, ABC), Step(Kind.SWEEP, ABC, sharing=Sharing.PRO_RATA, unless="loss"),
        Step(Kind.SWEEP, ABC, when="loss"), EQUITY,
    )  # fmt: skip
    cash = Cash(np.full(2, 10.0), losses=np.array([2.0, 0.0]), collateral=np.array([100.0, 90.0, 80.0]))
    result = checked(DealTerms(2, three(2), steps, triggers=(trigger,)), cash)
    assert of(result, "A.balance") == [50.0, 40.0]
    assert of(result, "C.deficiency") == [2.0, 2.0]


def test_a_reverse_turbo_repays_the_last_class_first():
    """From month 2 what is left goes C, B, A: 5 to A; then 10 to C and 2 to B."""
    late = Trigger("late", Measure.MONTH, 2)
    steps = (
        Step(Kind.INTEREST, ABC), Step(Kind.SWEEP, ABC, unless="late"), Step(Kind.SWEEP, ABC[::-1], when="late"), EQUITY,
    )  # fmt: skip
    result = checked(DealTerms(3, three(3), steps, triggers=(late,)), Cash(np.array([5.0, 12.0, 0.0])))
    assert [of(result, f"{name}.balance")[1] for name in ABC] == [55.0, 28.0, 0.0]


def test_income_makes_good_a_loss_through_the_deficiency_ledgers():
    """A loss of 5 stands against B. Income 3 pays 0.8 + 0.2 of interest, then 2 of the 5, which repays A."""
    classes = (NoteClass("A", 1, 80.0, 0.01, 2), NoteClass("B", 2, 20.0, 0.01, 2))
    steps = (
        Step(Kind.INTEREST, ("A",)), Step(Kind.DEFICIENCY, ("A",)), Step(Kind.INTEREST, ("B",)),
        Step(Kind.DEFICIENCY, ("B",)), EQUITY, Step(Kind.SWEEP, ("A", "B"), Account.PRINCIPAL),
    )  # fmt: skip
    cash = Cash(np.array([3.0, 6.0]), np.array([10.0, 10.0]), losses=np.array([5.0, 0.0]))
    result = checked(DealTerms(2, classes, steps), cash)
    assert of(result, "deficiency_cured") == [2.0, 3.0]
    assert of(result, "B.deficiency") == [3.0, 0.0]
    assert of(result, "A.principal_paid") == [12.0, 13.0]
    assert of(result, "equity_distribution") == [0.0, 2.12]


def test_a_loss_beyond_the_last_class_stands_against_the_next():
    steps = (Step(Kind.INTEREST, ABC), Step(Kind.DEFICIENCY, ABC), Step(Kind.SWEEP, ABC, Account.PRINCIPAL), EQUITY)
    result = checked(DealTerms(1, three(1), steps), Cash(np.zeros(1), losses=np.array([25.0])))
    assert [of(result, f"{name}.deficiency")[0] for name in ABC] == [0.0, 15.0, 10.0]


def test_the_reserve_pays_what_is_missing_and_is_filled_again():
    """Month 2 has 6 of the 10 due: 4 of the reserve's 5 pay the rest. Month 3 pays 10, and the 1 still held is free."""
    schedule = (30.0, 20.0, 10.0, 0.0)
    a = NoteClass("A", 1, 30.0, 0.0, 3, schedule=schedule)
    steps = (
        Step(Kind.INTEREST, ("A",)), Step(Kind.PRINCIPAL, ("A",)), Step(Kind.PRINCIPAL, ("A",), Account.RESERVE),
        Step(Kind.RELEASE), Step(Kind.TOP_UP), EQUITY,
    )  # fmt: skip
    cash = Cash(np.array([12.0, 6.0, 15.0]), reserve_targets=np.array([5.0, 5.0, 5.0, 0.0]))
    result = checked(DealTerms(3, (a,), steps, reserve=Reserve(5.0)), cash)
    assert of(result, "reserve_drawn") == [0.0, 4.0, 0.0]
    assert of(result, "reserve_balance") == [5.0, 1.0, 0.0]
    assert of(result, "reserve_released") == [0.0, 0.0, 1.0]
    assert of(result, "equity_distribution") == [2.0, 0.0, 6.0]
    assert result.flags.tolist() == [DRAW, 0]


def test_a_clean_up_call_sells_the_pool_and_ends_the_deal():
    """Pool of 8 is below 10% of 100 in month 2: it pays 3 + 2 of notes, 3.1 is left; month 3 brings nothing."""
    classes = (NoteClass("A", 1, 4.0, 0.0, 3), NoteClass("B", 2, 2.0, 0.0, 3))
    small = Trigger("small", Measure.POOL_FACTOR, 0.1)
    steps = (
        Step(Kind.CALL, when="small"), Step(Kind.INTEREST, ("A", "B")), Step(Kind.PRINCIPAL, ("A", "B")),
        Step(Kind.SWEEP, ("A",), share=1.0, limit="one"), EQUITY,
    )  # fmt: skip
    cash = Cash(
        np.array([1.0, 0.1, 9.0]),
        collateral=np.array([100.0, 50.0, 8.0, 5.0]),
        limits={"one": np.array([1.0, 1.0, 1.0])},
    )
    result = checked(DealTerms(3, classes, steps, triggers=(small,)), cash)
    assert of(result, "call_proceeds") == [0.0, 8.0, 0.0]
    assert of(result, "A.principal_paid") == [1.0, 3.0, 0.0]
    assert of(result, "B.principal_paid") == [0.0, 2.0, 0.0]
    assert of(result, "equity_distribution") == [0.0, 3.1, 0.0]


def test_a_balloon_stands_where_the_steps_put_it():
    """A step-up from month 3, a balloon of 50 at month 2 of which 30 is carried on: 20 due, 12 there."""
    a = NoteClass(
        "A", 1, 50.0, 0.01, 2, schedule=(50.0, 50.0, 50.0, 0.0), later_from_month=3, later_monthly_rate=0.03,
        refinance_capacity_amount=30.0,
    )  # fmt: skip
    steps = (Step(Kind.INTEREST, ("A",)), Step(Kind.PRINCIPAL, ("A",)), EQUITY)
    result = checked(DealTerms(3, (a,), steps), Cash(np.array([1.0, 12.5, 60.0])))
    assert of(result, "A.interest_paid") == [0.5, 0.5, 1.14]
    assert of(result, "A.principal_paid") == [0.0, 12.0, 38.0]
    assert of(result, "A.shortfall") == [0.0, 8.0, 0.0]
    assert of(result, "A.flags") == [0, BALLOON | SHORTFALL, 0]


def test_interest_that_lapses_is_not_owed_again():
    a = NoteClass("A", 1, 100.0, 0.01, 2, unpaid_interest=Unpaid.LAPSES)
    steps = (Step(Kind.CURRENT_INTEREST, ("A",)), Step(Kind.SWEEP, ("A",), Account.PRINCIPAL), EQUITY)
    result = checked(DealTerms(2, (a,), steps), Cash(np.array([0.4, 5.0]), np.zeros(2)))
    assert of(result, "A.interest_paid") == [0.4, 1.0]
    assert of(result, "A.shortfall") == [0.6, 100.0]


# Published vectors


def pool_deal(steps, flows):
    """The notes of 70, 20 and 10 million of the vectors on a pool's flows."""
    deal = json.loads((DATA / "structured_finance_vectors.json").read_text())["meta"]["deal"]
    classes = tuple(
        NoteClass(name, k + 1, amount, deal["rates"][name], deal["periods"], unpaid_interest=Unpaid.LAPSES)
        for k, (name, amount) in enumerate(deal["balances"].items())
    )
    interest, principal, losses, opening = np.array(flows).T
    cash = Cash(interest, principal, costs={"servicing": deal["servicing_rate"] * opening}, limits={"the loss": losses})
    return checked(DealTerms(deal["periods"], classes, steps, costs=(Cost("servicing"),)), cash)


def test_pro_rata_principal_of_the_vectors():
    """SF-07: a level-pay pool of 100 million at 7% over eight years."""
    expected = load("structured_finance_vectors.json")["SF-07"]["expected"]
    level, flows, opening = 100e6 * 0.07 / (1.0 - 1.07**-8), [], 100e6
    for _ in range(8):
        flows.append((opening * 0.07, level - opening * 0.07, 0.0, opening))
        opening -= level - opening * 0.07
    steps = (
        Step(Kind.COST, ("servicing",)), Step(Kind.CURRENT_INTEREST, ABC), EQUITY,
        Step(Kind.SWEEP, ABC, Account.PRINCIPAL, sharing=Sharing.PRO_RATA),
    )  # fmt: skip
    result = pool_deal(steps, flows)
    for name in ABC:
        paid = result.of(f"{name}.principal_paid")
        assert_allclose(paid, [row[f"prin_{name}"] for row in expected["rows"]], rtol=1e-9)
        assert np.dot(paid, np.arange(1, 9)) / paid.sum() == pytest.approx(expected["wal"][name], rel=1e-9)
    assert_allclose(result.of("equity_distribution"), [row["excess_spread"] for row in expected["rows"]], rtol=1e-8)
    assert result.of("equity_distribution").sum() == pytest.approx(expected["total_excess_spread"], rel=1e-9)


def test_sequential_principal_with_losses_of_the_vectors():
    """SF-08: excess spread makes good the period's loss; the last class is left short."""
    expected = load("structured_finance_vectors.json")["SF-08"]["expected"]
    rows = expected["rows"]
    flows = [
        (row["pool_interest"], row["scheduled"] + row["prepayment"] + row["recovery"], row["loss"], row["opening"])
        for row in rows
    ]
    steps = (
        Step(Kind.COST, ("servicing",)), Step(Kind.CURRENT_INTEREST, ABC),
        Step(Kind.TRANSFER, ("principal",), limit="the loss"), EQUITY, Step(Kind.SWEEP, ABC, Account.PRINCIPAL),
    )  # fmt: skip
    result = pool_deal(steps, flows)
    columns = {"int": "interest_paid", "prin": "principal_paid", "bal": "balance"}
    for name in ABC:
        for short, column in columns.items():
            wanted = [row[f"{short}_{name}"] for row in rows]
            assert_allclose(result.of(f"{name}.{column}"), wanted, rtol=1e-9, atol=1e-6, err_msg=f"{name} {column}")
        unpaid = expected["unpaid_at_end"][name]
        assert result.of(f"{name}.balance")[-1] == pytest.approx(unpaid, rel=1e-9, abs=1e-6)
    assert_allclose(result.of("transferred"), [row["excess_spread_used"] for row in rows], rtol=1e-9, atol=1e-6)
    assert result.of("equity_distribution").sum() == pytest.approx(expected["residual_total"], rel=1e-9)
    assert result.of("C.shortfall")[-1] - unpaid == pytest.approx(rows[-1]["short_C"], rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "source", "key"), [("interest", "cash", "cure_from_interest"), ("principal", "principal", "cure_from_principal")]
)  # fmt: skip
def test_cures_of_the_vectors(kind, source, key):
    """SF-10: notes of 375 million, numerator of 460, trigger of 1.25."""
    case = load("structured_finance_vectors.json")["SF-10"]
    given = case["inputs"]
    a = NoteClass("A", 1, given["notes"], 0.0, 1)
    steps = (
        Step(Kind.INTEREST, ("A",)), Step(Kind.SWEEP, ("A",), Account(source), cures="oc"), EQUITY,
        Step(Kind.TRANSFER, ("trap",), Account.PRINCIPAL, limit="none"),
    )  # fmt: skip
    trigger = Trigger("oc", Measure.OC, given["trigger"], ("A",))
    cash_held = 100e6 if kind == "principal" else 0.0
    cash = Cash(
        np.array([100e6]), np.array([cash_held]), collateral=np.array([0.0, given["numerator"] - cash_held]),
        limits={"none": np.zeros(1)},
    )  # fmt: skip
    result = checked(DealTerms(1, (a,), steps, triggers=(trigger,)), cash)
    assert result.of("A.principal_paid")[0] == pytest.approx(case["expected"][key], rel=1e-10)


CLO = json.loads((DATA / "clo_payment_dates.json").read_text())
CLO_CLASSES = tuple(each["class"] for each in CLO["deal"]["classes"])
FEES = ("trustee", "expenses", "base", "subordinated", "excess")


def note_sequence(source, **bounds):
    """Principal in the CLO's order: A; B-1 and B-2 side by side; then each class's deferred interest and principal."""
    yield Step(Kind.SWEEP, ("A",), source, **bounds)
    yield Step(Kind.SWEEP, ("B-1", "B-2"), source, Sharing.PRO_RATA, **bounds)
    for name in ("C", "D", "E"):
        yield Step(Kind.DEFERRED_INTEREST, (name,), source, **bounds)
        yield Step(Kind.SWEEP, (name,), source, **bounds)


def clo_cures(name, source):
    tests = ("oc",) if name == "E" else ("oc", "ic")
    return [step for test in tests for step in note_sequence(source, cures=f"{name} {test}")]


def clo_steps(is_reinvesting):
    steps = [Step(Kind.COST, (fee,)) for fee in FEES[:3]]
    steps += [Step(Kind.INTEREST, ("A",)), Step(Kind.INTEREST, ("B-1", "B-2"), sharing=Sharing.PRO_RATA)]
    steps += clo_cures("B", Account.CASH)
    for name in ("C", "D", "E"):
        parts = (Kind.CURRENT_INTEREST, Kind.INTEREST_ON_DEFERRED, Kind.DEFERRED_INTEREST)
        steps += [Step(kind, (name,)) for kind in parts] + clo_cures(name, Account.CASH)
    if is_reinvesting:
        steps.append(Step(Kind.TRANSFER, ("principal",), cures="diversion", share=0.5))
    steps += [Step(Kind.COST, (fee,)) for fee in FEES[3:]] + [EQUITY]
    steps.append(Step(Kind.INTEREST, ("A", "B-1", "B-2"), Account.PRINCIPAL))
    for name in "BCDE":
        steps += clo_cures(name, Account.PRINCIPAL)
    return tuple(steps) + (() if is_reinvesting else tuple(note_sequence(Account.PRINCIPAL)))


def clo_triggers():
    last = {"B": ("A", "B-1", "B-2"), **{name: (name,) for name in "CDE"}}
    for name, levels in CLO["deal"]["triggers"].items():
        yield Trigger(f"{name} oc", Measure.OC, float(levels["oc"]), last[name])
        if levels["ic"]:
            yield Trigger(f"{name} ic", Measure.IC, float(levels["ic"]), last[name])
    yield Trigger("diversion", Measure.OC, float(CLO["deal"]["interest_diversion"]["trigger"]), ("E",))


@pytest.mark.parametrize("date", CLO["payments"], ids=lambda date: f"{date['case']}-{date['payment']}")
def test_a_payment_date_of_a_collateralised_loan_obligation(date):
    """Coverage tests in the order B to E, cured from interest and then from principal, to the cents of the vectors."""
    standing = zip(CLO_CLASSES, (1, 2, 2, 3, 4, 5), date["balances"], date["deferred"], strict=True)
    classes = tuple(
        NoteClass(
            name, rank, balance, 0.0, 1, schedule=(balance, balance), deferred_amount=deferred,
            unpaid_interest=Unpaid.DEFERS if deferred or name in "CDE" else Unpaid.SHORTFALL,
        )
        for name, rank, balance, deferred in standing
    )  # fmt: skip
    rates = np.array(date["interest_due"]) / (np.array(date["balances"]) + np.array(date["deferred"]))
    cash = Cash(
        income=np.array([date["interest_proceeds"]]), principal=np.array([date["principal_cash"]]),
        collateral=np.array([0.0, date["collateral"]]), rates={n: rates[k : k + 1] for k, n in enumerate(CLO_CLASSES)},
        costs={fee: np.array([date["fees_due"][fee]]) for fee in FEES},
    )  # fmt: skip
    terms = DealTerms(
        1, classes, clo_steps(date["payment"] <= 6), costs=tuple(map(Cost, FEES)), triggers=tuple(clo_triggers())
    )
    result, expected = checked(terms, cash), date["expected"]
    closing = {"balances": "balance", "deferred": "deferred", "interest_paid": "interest_paid"}
    for key, column in closing.items():
        got = [result.of(f"{name}.{column}")[0] for name in CLO_CLASSES]
        assert_allclose(got, expected[key], atol=0.1, rtol=0.0, err_msg=key)
    for fee, paid in expected["fees_paid"].items():
        assert result.of(f"{fee}.paid")[0] == pytest.approx(paid, abs=0.1)
    assert result.of("transferred")[0] == pytest.approx(expected["diverted"], abs=0.1)
    assert result.of("principal_balance")[0] == pytest.approx(expected["kept"], abs=0.1)
    assert result.of("equity_distribution")[0] == pytest.approx(expected["equity"], abs=0.1)


# Terms that are no deal

SOUND = DealTerms(
    2, three(2), (Step(Kind.INTEREST, ABC), Step(Kind.SWEEP, ABC), EQUITY), triggers=(Trigger("t", Measure.MONTH, 1),)
)
TWO = Cash(np.ones(2))


def swapped(*steps):
    return replace(SOUND, steps=steps)


INTEREST, SWEEP = SOUND.steps[:2]


@pytest.mark.parametrize(
    ("terms", "code", "place"),
    [
        (replace(SOUND, classes=()), "required", "classes"),
        (replace(SOUND, classes=SOUND.classes[:1] * 2), "duplicate", "classes"),
        (replace(SOUND, classes=SOUND.classes[::-1]), "order", "classes"),
        (replace(SOUND, classes=(replace(SOUND.classes[0], amount=-1.0), *SOUND.classes[1:])), "range", "classes[0]"),
        (
            replace(SOUND, classes=(replace(SOUND.classes[0], maturity_months=3), *SOUND.classes[1:])),
            "range",
            "classes[0].maturity_months",
        ),
        (
            replace(SOUND, classes=(replace(SOUND.classes[0], schedule=(60.0, 0.0)), *SOUND.classes[1:])),
            "range",
            "classes[0].schedule",
        ),
        (
            replace(SOUND, classes=(replace(SOUND.classes[0], amortisation="balloon"), *SOUND.classes[1:])),
            "unknown",
            "classes[0].amortisation",
        ),
        (swapped(), "required", "steps"),
        (swapped(INTEREST, SWEEP), "required", "steps"),
        (swapped(INTEREST, EQUITY, SWEEP), "order", "steps[1]"),
        (swapped(SWEEP, INTEREST, EQUITY), "order", "steps[1]"),
        (swapped(Step(Kind.INTEREST, ABC[::-1]), SWEEP, EQUITY), "order", "steps[0]"),
        (swapped(Step(Kind.INTEREST, ("A", "B")), SWEEP, EQUITY), "never_paid", "classes[2]"),
        (swapped(INTEREST, Step(Kind.SWEEP, ("A", "B")), EQUITY), "never_paid", "classes[2]"),
        (swapped(Step(Kind.CURRENT_INTEREST, ABC), SWEEP, EQUITY), "never_paid", "classes[0]"),
        (swapped(INTEREST, Step(Kind.SWEEP, ("A", "Z")), EQUITY), "unknown", "steps[1].target"),
        (swapped(INTEREST, Step(Kind.SWEEP, ("A", "A")), EQUITY), "duplicate", "steps[1].target"),
        (swapped(INTEREST, Step(Kind.SWEEP), EQUITY), "required", "steps[1].target"),
        (swapped(INTEREST, replace(SWEEP, when="never"), EQUITY), "unknown", "steps[1]"),
        (swapped(INTEREST, replace(SWEEP, limit="never"), EQUITY), "unknown", "steps[1].limit"),
        (swapped(INTEREST, replace(SWEEP, cures="t"), EQUITY), "unknown", "steps[1].cures"),
        (swapped(INTEREST, replace(SWEEP, share=1.5), EQUITY), "range", "steps[1].share"),
        (swapped(INTEREST, SWEEP, Step(Kind.TRAP), EQUITY), "required", "lock_up"),
        (swapped(INTEREST, SWEEP, Step(Kind.COST, ("tax",)), EQUITY), "unknown", "steps[2].target"),
        (swapped(replace(INTEREST, beside="tax"), SWEEP, EQUITY), "unknown", "steps[0].beside"),
        (swapped(INTEREST, SWEEP, replace(EQUITY, beside="tax")), "unknown", "steps[2].beside"),
        (replace(SOUND, costs=(Cost("tax"),)), "never_paid", "costs[0]"),
        (replace(SOUND, costs=(Cost("tax", on_class="Z"),)), "unknown", "costs[0].on_class"),
        (replace(SOUND, reserve=Reserve(1.0)), "never_paid", "steps"),
        (replace(SOUND, reserve=Reserve(covers=("Z",))), "unknown", "reserve.covers"),
        (replace(SOUND, lock_up=LockUp(("Z",), 1, ())), "unknown", "lock_up.covers"),
        (replace(SOUND, triggers=(Trigger("t", Measure.OC, 1.1),)), "required", "triggers[0].classes"),
        (replace(SOUND, triggers=(Trigger("t", Measure.OC, 1.1, ("A",)),)), "required", "collateral"),
        (replace(SOUND, triggers=(Trigger("t", Measure.PATH, 1.1, path="x"),)), "unknown", "triggers[0].path"),
        (replace(SOUND, triggers=(Trigger("t", Measure.MONTH, 1, cure_months=-1),)), "range", "triggers[0]"),
        (replace(SOUND, triggers=(Trigger("t", Measure.ANY, 0.0),)), "required", "triggers[0].of"),
        (replace(SOUND, triggers=(Trigger("t", Measure.ANY, 0.0, of=("t",)),)), "unknown", "triggers[0].of"),
        (replace(SOUND, triggers=(Trigger("t", Measure.SERVICE, 1.0),)), "required", "triggers[0].classes"),
    ],
)  # fmt: skip
def test_terms_that_are_no_deal_are_refused_with_the_place(terms, code, place):
    with pytest.raises(InputProblems) as refused:
        run_deal(terms, TWO)
    assert (code, place) in {(problem.code, problem.place) for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("cash", "code", "place"),
    [
        (Cash(np.ones(3)), "length", "income"),
        (Cash(np.array([1.0, np.nan])), "range", "income"),
        (Cash(np.ones(2), np.ones(2)), "never_paid", "steps"),
        (Cash(np.ones(2), collateral=np.ones(2)), "length", "collateral"),
        (Cash(np.ones(2), rates={"A": np.ones(1)}), "length", "rates.A"),
    ],
)
def test_cash_that_does_not_fit_is_refused_with_the_place(cash, code, place):
    with pytest.raises(InputProblems) as refused:
        run_deal(SOUND, cash)
    assert (code, place) in {(problem.code, problem.place) for problem in refused.value.problems}


# Words


def test_steps_are_told_as_a_prospectus_tells_them():
    terms = DealTerms(
        12, three(12),
        (
            Step(Kind.COST, ("trustee fees",), limit="the fee cap"), Step(Kind.INTEREST, ("A",)),
            Step(Kind.SWEEP, ("A", "B"), Account.PRINCIPAL, Sharing.PRO_RATA, unless="thin"),
            Step(Kind.SWEEP, ABC[::-1], when="late", share=0.5), Step(Kind.SWEEP, ("A",), cures="thin"), EQUITY,
        ),
        triggers=(Trigger("thin", Measure.OC, 1.05, ("B",), cure_months=3), Trigger("late", Measure.MONTH, 7)),
    )  # fmt: skip
    thin = "the overcollateralisation ratio of Class B is below 105.00%, until passed 3 months in a row"
    half = "out of no more than 0.5 of what is available"
    assert describe(terms) == (
        "First, trustee fees, with what is unpaid of it, up to the fee cap.",
        "Second, interest due and deferred, with interest on what was deferred, on Class A.",
        f"Third, from principal collections, principal of Classes A and B, pro rata, unless {thin}.",
        f"Fourth, principal of Classes C, B and A, in that order, {half}, if month 7 has come.",
        "Fifth, principal of Class A, as far as it cures the overcollateralisation test of Class B.",
        "Lastly, all that is left, to equity.",
    )


def test_every_kind_of_step_has_its_words():
    sides = {Kind.COST: ("fees",), Kind.RECEIVE: ("margin",), Kind.TRANSFER: ("principal",)}
    steps = tuple(Step(kind, sides.get(kind, ("A",))) for kind in Kind) + TWO_TRANCHE_STEPS[:3]
    said = describe(DealTerms(1, (), steps))
    assert len(set(said)) == len(steps)
    assert said[-2].startswith(f"{ordinal(len(steps) - 1).capitalize()}, what is received of hedge payments")
    beside = Step(Kind.INTEREST, ("A",), beside="hedge payments")
    (told,) = describe(DealTerms(1, (), (beside,)))
    assert told.endswith("on Class A, and hedge payments with what is unpaid of it, pro rata to what each is due.")
