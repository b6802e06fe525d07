"""The priority of payments as data: the general kernel against the fast path, its twin, and its own laws."""

from __future__ import annotations

import functools
import operator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

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
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.steps import run_deal
from engine.waterfall.steps_plain import plain_steps
from engine.waterfall.terms import COLUMNS, DRAW
from engine.waterfall.two_tranche import two_tranche_deal
from tests.engine.test_waterfall import deals
from tests.engine.two_tranche import as_two_tranche

CASH_IN = ("income", "collections", "receipts", "call_proceeds")
ACCOUNTS = ("cash_balance", "principal_balance", "reserve_balance", "trap_balance")
NOT_NEGATIVE = ("interest_paid", "principal_paid", "balance", "deferred", "shortfall", "deficiency")


def checked(terms, cash):
    """The run, after holding it to its twin and to the conservation of cash."""
    result, months = run_deal(terms, cash), plain_steps(terms, cash)
    scale = max(1.0, float(np.max(cash.income)), *(each.amount for each in terms.classes))
    known = set(result.columns)
    for k, column in enumerate(result.columns):
        expected = [month.get(column, 0.0) for month in months]
        assert_allclose(result.periods[:, k], expected, rtol=1e-9, atol=1e-11 * scale, err_msg=column)
    assert all(set(month) <= known for month in months)
    assert_flags(result, terms)
    assert_cash_is_conserved(result, terms, scale)
    return result


def assert_flags(result, terms):
    places = ["flags", *(f"{each.name}.flags" for each in terms.classes)]
    raised = [functools.reduce(operator.or_, result.of(place).astype(int).tolist()) for place in places]
    assert result.flags.tolist() == raised


def assert_cash_is_conserved(result, terms, scale):
    """In, plus held at the opening, is out plus held at the close, each month; and so for every account and class."""
    allowed = 1e-6 * min(scale, 1.0) + 1e-12 * scale
    into = sum(result.of(name) for name in CASH_IN)
    out = result.of("equity_distribution") + sum(result.of(f"{cost.name}.paid") for cost in terms.costs)
    held = sum(result.of(name) for name in ACCOUNTS)
    opening = np.concatenate(([terms.reserve.initial_amount], held[:-1]))
    for each in terms.classes:
        out = out + result.of(f"{each.name}.interest_paid") + result.of(f"{each.name}.principal_paid")
        balances = np.concatenate(([each.amount], result.of(f"{each.name}.balance")))
        assert_allclose(-np.diff(balances), result.of(f"{each.name}.principal_paid"), rtol=0, atol=allowed)
        for column in NOT_NEGATIVE:
            assert (result.of(f"{each.name}.{column}") >= -1e-12 * scale).all(), (each.name, column)
    assert_allclose(into + opening, out + held, rtol=0.0, atol=allowed)
    assert (held >= -1e-11 * scale).all()
    assert (result.of("equity_distribution") >= -1e-12 * scale).all()


# The fast path


@settings(max_examples=150, deadline=None)
@given(deals())
def test_the_steps_of_two_tranches_are_the_fast_path(deal):
    """To the last bit while the reserve pays interest or principal alone; where it pays both, the sum rounds once more."""
    paths, terms, targets = deal
    out = np.full((terms.months, len(COLUMNS)), np.nan)
    raised = run_waterfall(paths, terms, targets, out)
    found = as_two_tranche(checked(*two_tranche_deal(paths, terms, targets)))
    assert set(found) == set(COLUMNS) - {"dscr", "trailing_dscr"}
    scale = max(1.0, paths.gross_income.max(), paths.senior_schedule[0])
    for name, got in found.items():
        expected = out[:, COLUMNS.index(name)]
        if raised & DRAW:
            assert_allclose(got, expected, rtol=1e-12, atol=1e-13 * scale, err_msg=name)
        else:
            assert_array_equal(got, expected, err_msg=name)
    assert functools.reduce(operator.or_, found["flags"].tolist()) == raised


# Any deal of any number of classes


def names_of(count):
    return tuple("ABCDE"[:count])


def interest_steps(names):
    return tuple(Step(Kind.INTEREST, (name,)) for name in names)


@st.composite
def class_deals(draw, plain=False):
    """One to five classes on any income, with costs, reserve, trap, losses, tests and any sharing; plain: sequential."""
    count, months = draw(st.sampled_from([1, 2, 3, 5])), draw(st.integers(2, 14))
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    amount = draw(st.sampled_from([1.0, 1e3, 1e9]))
    names = names_of(count)
    classes = tuple(_any_class(draw, k, name, amount, months, plain) for k, name in enumerate(names))
    total = sum(each.amount for each in classes)
    income = total / months * draw(st.sampled_from([0.1, 0.6, 1.0, 2.0])) * seed.uniform(0.2, 1.6, months)
    if plain:
        steps = interest_steps(names) + tuple(Step(Kind.PRINCIPAL, (name,)) for name in names)
        return DealTerms(months, classes, (*steps, Step(Kind.EQUITY))), Cash(income)
    collateral = total * 1.1 * np.linspace(1.0, draw(st.sampled_from([0.0, 0.5])), months + 1)
    cash = Cash(
        income=income,
        principal=draw(st.sampled_from([0.0, 1.0])) * -np.diff(collateral),
        losses=total * draw(st.sampled_from([0.0, 0.002, 0.05])) * seed.uniform(0.0, 1.0, months),
        collateral=collateral,
        costs={"fees": income * seed.uniform(-0.2, 0.5, months)},
        receipts={"margin": income * seed.uniform(0.0, 0.1, months)},
        limits={"cap": income * 0.1},
        ratios={"given": seed.uniform(0.8, 1.5, months)},
        rates={"A": seed.uniform(0.0, 0.02, months)} if draw(st.booleans()) else {},
    )
    return _wild_terms(draw, months, classes, names, total), cash


def _any_class(draw, k, name, amount, months, plain):
    maturity = draw(st.integers(1, months))
    unpaid = Unpaid.SHORTFALL if plain else draw(st.sampled_from(list(Unpaid)))
    rank = 1 + k - (1 if k == 2 and not plain else 0)
    return NoteClass(
        name, rank, amount * draw(st.sampled_from([0.2, 0.5, 1.0])), draw(st.sampled_from([0.0, 0.004, 0.03])), maturity,
        draw(st.sampled_from(["annuity", "straight_line", "interest_only"])), unpaid_interest=unpaid,
        later_from_month=draw(st.sampled_from([None, maturity + 1])), later_monthly_rate=0.02,
        refinance_capacity_amount=draw(st.sampled_from([np.inf, 0.0])), final_month=draw(st.sampled_from([None, months])),
    )  # fmt: skip


def _wild_terms(draw, months, classes, names, total):
    """Every kind of step, in an order that a deal could have, switched by whatever test."""
    sharing = draw(st.sampled_from(list(Sharing)))
    tests = (
        Trigger("oc", Measure.OC, draw(st.sampled_from([1.05, 1.3])), (names[0],), cure_months=draw(st.integers(0, 2))),
        Trigger(
            "ic", draw(st.sampled_from([Measure.IC, Measure.IC_OWED])), draw(st.sampled_from([1.0, 2.0])), (names[-1],)
        ),
        Trigger("loss", Measure.CUMULATIVE_LOSS, 0.01, cure_months=0),
        Trigger("late", Measure.MONTH, draw(st.integers(1, months + 1))),
        Trigger("pool", Measure.POOL_FACTOR, draw(st.sampled_from([0.0, 0.6]))),
        Trigger("cover", Measure.DSCR, 1.1, (names[0],), window_months=3),
        Trigger("given", Measure.PATH, 1.0, path="given", is_breached_above=draw(st.booleans())),
    )
    switch = draw(st.sampled_from([each.name for each in tests]))
    steps = [
        Step(Kind.COST, ("fees",), share=draw(st.sampled_from([1.0, 0.5]))),
        Step(Kind.TRAP_RELEASE), Step(Kind.RECEIVE, ("margin",)), Step(Kind.CALL, when="pool"),
    ]  # fmt: skip
    for name in names:
        beside = draw(st.sampled_from(["", "fees"]))
        steps += [Step(kind, (name,), beside=beside) for kind in _interest(draw)]
        steps.append(Step(Kind.INTEREST, (name,), Account.RESERVE))
        steps.append(Step(Kind.SWEEP, names, sharing=sharing, cures=draw(st.sampled_from(["oc", "ic"]))))
        steps.append(Step(Kind.DEFICIENCY, (name,)))
    steps += [
        Step(Kind.INTEREST, names, Account.PRINCIPAL),
        Step(Kind.SWEEP, names, Account.PRINCIPAL, cures="oc"),
        Step(Kind.PRINCIPAL, names, Account.PRINCIPAL, sharing=sharing, unless=switch),
        Step(Kind.SWEEP, names[::-1], Account.PRINCIPAL, when=switch, share=0.5),
        Step(Kind.PRINCIPAL, names, sharing=sharing), Step(Kind.PRINCIPAL, names, Account.RESERVE),
        Step(Kind.RELEASE, when=switch), Step(Kind.TOP_UP), Step(Kind.COST, ("fees",)),
        Step(Kind.TRANSFER, ("principal",), cures="oc", share=0.5),
        Step(Kind.SWEEP, names, sharing=Sharing.PRO_RATA, limit="cap"), Step(Kind.TRAP), Step(Kind.EQUITY),
        Step(Kind.TRANSFER, ("cash",), Account.PRINCIPAL, share=draw(st.sampled_from([0.0, 0.3]))),
    ]  # fmt: skip
    return DealTerms(
        months, classes, tuple(step for step in steps if step.kind != Kind.TRANSFER or step.source == Account.CASH),
        costs=(Cost("fees", 0.001, names[0], months - 1, draw(st.sampled_from(["", "fees"])), draw(st.booleans())),),
        reserve=Reserve(total * draw(st.sampled_from([0.0, 0.02])), draw(st.integers(0, 4)), names[:1]),
        lock_up=LockUp(names[:1], draw(st.integers(1, 4)), ((1.5, 0.5), (1.1, 1.0))), triggers=tests,
    )  # fmt: skip


def _interest(draw):
    parts = (Kind.CURRENT_INTEREST, Kind.INTEREST_ON_DEFERRED, Kind.DEFERRED_INTEREST)
    return draw(st.sampled_from([(Kind.INTEREST,), parts]))


@settings(max_examples=200, deadline=None)
@given(class_deals())
def test_any_deal_of_classes_runs_the_same_both_ways(deal):
    checked(*deal)


@settings(max_examples=80, deadline=None)
@given(class_deals(plain=True))
def test_no_class_is_paid_before_one_senior_to_it_is_whole(deal):
    terms, cash = deal
    result = checked(terms, cash)
    dust = 1e-11 * max(1.0, *(each.amount for each in terms.classes))
    whole = np.ones(terms.months, dtype=bool)
    for each in terms.classes:
        assert (result.of(f"{each.name}.principal_paid")[~whole] <= dust).all()
        whole &= result.of(f"{each.name}.shortfall") <= dust
    assert (result.of("equity_distribution")[~whole] <= dust).all()


@settings(max_examples=80, deadline=None)
@given(class_deals(plain=True), st.floats(0.0, 1.0))
def test_more_cash_leaves_no_class_worse_off(deal, more):
    """In any month, no class is owed more than with less cash."""
    terms, cash = deal
    poor = run_deal(terms, cash)
    rich = run_deal(terms, replace(cash, income=cash.income * (1.0 + more)))
    scale = max(1.0, *(each.amount for each in terms.classes))
    for each in terms.classes:
        owed = [run.of(f"{each.name}.balance") + run.of(f"{each.name}.deferred") for run in (poor, rich)]
        assert (owed[1] <= owed[0] + 1e-10 * scale).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1.0, 1e9), min_size=2, max_size=5), st.floats(0.01, 2.0))
def test_pro_rata_shares_are_in_proportion_to_balances(amounts, share):
    names = names_of(len(amounts))
    classes = tuple(NoteClass(name, 1, amount, 0.0, 1) for name, amount in zip(names, amounts, strict=True))
    steps = (Step(Kind.INTEREST, names), Step(Kind.SWEEP, names, sharing=Sharing.PRO_RATA), Step(Kind.EQUITY))
    result = checked(DealTerms(1, classes, steps), Cash(np.array([share * sum(amounts)])))
    paid = [result.of(f"{name}.principal_paid")[0] for name in names]
    assert_allclose(paid, min(share, 1.0) * np.array(amounts), rtol=1e-12, atol=1e-14 * sum(amounts))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_equal_classes_in_one_step_are_one_class_in_the_sum(count):
    """Slices of one loan side by side are paid what the whole is paid."""
    income = np.array([20.0, 3.0, 0.0, 60.0, 80.0])
    whole = NoteClass("A", 1, 100.0, 0.01, 5, "straight_line")
    slices = tuple(replace(whole, name=name, amount=100.0 / count) for name in names_of(count))

    def paid(classes):
        names = tuple(each.name for each in classes)
        shares = Sharing.PRO_RATA
        steps = (Step(Kind.INTEREST, names, sharing=shares), Step(Kind.PRINCIPAL, names, sharing=shares))
        result = checked(DealTerms(5, classes, (*steps, Step(Kind.EQUITY))), Cash(income))
        return sum(result.of(f"{name}.{flow}_paid") for name in names for flow in ("interest", "principal"))

    assert_allclose(paid(slices), paid((whole,)), rtol=1e-12)
