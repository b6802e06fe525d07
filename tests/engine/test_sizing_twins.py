"""Sizing and schedules: the kernels against their plain twins, and against what they promise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from engine.debt.kinds import AMORTISATIONS, ANNUITY, CASH_SWEEP, INTEREST_ONLY, PARTIAL, SCULPTED, STRAIGHT_LINE
from engine.debt.sizing import (
    annuity_factor,
    balloon_share,
    fill_schedule,
    fill_service,
    partial_payment,
    refinance_capacity,
    size_debt,
)
from tests.engine import book

KINDS = range(len(AMORTISATIONS))


class DebtTerms(NamedTuple):
    """What sizing reads: rates are for one period, periods count from the start of operations."""

    kind: int
    period_rate: float
    maturity: int
    last: int
    refinance_rate: float
    grace: int = 0
    sweeps: bool = False
    balloon_ratio: float = 0.5

    @property
    def name(self) -> str:
        return AMORTISATIONS[self.kind]


def plain_balance(terms, capacity):
    """The plain twin's balance."""
    capacity = np.asarray(capacity, dtype=np.float64)
    return book.size(
        terms.name, capacity, terms.period_rate, terms.maturity, terms.grace, terms.refinance_rate,
        book.Leases(terms.last, terms.last, terms.last), terms.balloon_ratio,
    )  # fmt: skip


def plain_schedule(terms, balance, capacity):
    """The plain twin's balances at 0..last."""
    after = None if terms.sweeps else terms.refinance_rate
    return book.schedule(terms.name, balance, capacity, terms.period_rate, terms.maturity, terms.grace, after,
                         terms.last, terms.balloon_ratio)  # fmt: skip


def plain_service(terms, schedule):
    """Interest and principal by period: the later rate is the refinancing's."""
    rates = np.where(np.arange(terms.last) < terms.maturity, terms.period_rate, terms.refinance_rate)
    return schedule[:-1] * rates - np.diff(schedule)


NAMED = pytest.mark.parametrize("kind", KINDS, ids=AMORTISATIONS)


@st.composite
def loans(draw):
    """Terms of any profile and a capacity that may swing, shrink, or fall below zero."""
    last = draw(st.integers(2, 120))
    maturity = draw(st.integers(1, last))
    terms = DebtTerms(
        kind=draw(st.sampled_from(KINDS)),
        period_rate=draw(st.one_of(st.just(0.0), st.floats(1e-5, 0.02))),
        maturity=maturity,
        last=last,
        refinance_rate=draw(st.one_of(st.just(0.0), st.floats(1e-5, 0.03))),
        grace=draw(st.integers(0, 30)),
        sweeps=draw(st.booleans()),
        balloon_ratio=draw(st.sampled_from([0.0, 0.2, 0.5, 1.0])),
    )
    low = draw(st.sampled_from([-10.0, 0.5, 50.0]))
    return terms, draw(arrays(np.float64, last, elements=st.floats(low, 100.0)))


def sized(terms, capacity):
    return float(
        size_debt(
            terms.kind, capacity, terms.period_rate, terms.maturity, terms.grace, terms.refinance_rate, terms.last,
            terms.balloon_ratio,
        )
    )  # fmt: skip


def scheduled(terms, balance, capacity):
    out = np.full(terms.last + 1, np.nan)
    fill_schedule(
        terms.kind, balance, capacity, terms.period_rate, terms.maturity, terms.grace, terms.refinance_rate, terms.last,
        terms.sweeps, out, terms.balloon_ratio,
    )  # fmt: skip
    return out


def served(terms, schedule, later_rate):
    out = np.full(terms.last, np.nan)
    fill_service(schedule, terms.period_rate, terms.maturity, later_rate, terms.last, out)
    return out


@settings(max_examples=150, deadline=None)
@given(loans())
def test_twins_size_the_same_debt(loan):
    terms, capacity = loan
    assert sized(terms, capacity) == pytest.approx(plain_balance(terms, capacity), rel=1e-10, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(loans(), st.floats(0.1, 1.0))
def test_twins_repay_it_alike(loan, share):
    """At the sized balance, and at less of it (a cap on what is raised)."""
    terms, capacity = loan
    balance = share * sized(terms, capacity)
    if balance < 1e-6:
        return
    got, expected = (
        scheduled(terms, balance, share * capacity),
        plain_schedule(terms, balance, share * capacity),
    )
    assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * balance)
    later = terms.refinance_rate
    assert_allclose(served(terms, got, later), plain_service(terms, expected), rtol=1e-9, atol=1e-9 * balance)


@settings(max_examples=100, deadline=None)
@given(loans())
def test_twins_refinance_alike(loan):
    terms, capacity = loan
    got = refinance_capacity(capacity, terms.refinance_rate, terms.maturity, terms.last)
    lease = book.Leases(terms.last, terms.last, terms.last)
    plain = book.refinanced(capacity, terms.refinance_rate, terms.maturity, lease)
    assert got == pytest.approx(plain, rel=1e-10, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(loans())
def test_sized_debt_is_borne_and_repaid(loan):
    """Balances never rise or fall below zero, end at zero, and no period owes more than its capacity."""
    terms, capacity = loan
    balance = sized(terms, capacity)
    assert balance >= 0.0
    if balance < 1e-6:
        return
    schedule = scheduled(terms, balance, capacity)
    assert (np.diff(schedule) <= 1e-9 * balance).all()
    assert (schedule >= 0.0).all()
    assert schedule[-1] == 0.0
    service = served(terms, schedule, terms.refinance_rate)[: terms.maturity]
    assert (service <= np.maximum(capacity[: terms.maturity], 0.0) + 1e-8 * balance).all()


@settings(max_examples=100, deadline=None)
@given(loans())
def test_no_larger_debt_would_be_borne(loan):
    """Some limit is reached: one more per cent of the balance and a period, or the refinancing, fails."""
    terms, capacity = loan
    balance = 1.01 * sized(terms, capacity)
    if balance < 1e-6 or terms.kind == SCULPTED:
        return
    schedule = scheduled(terms, balance, capacity)
    service = served(terms, schedule, terms.refinance_rate)[: terms.maturity]
    too_much = (service > capacity[: terms.maturity]).any()
    left = balance * balloon_share(terms.kind, terms.balloon_ratio)
    if left > 0.0:
        too_much = too_much or left > refinance_capacity(capacity, terms.refinance_rate, terms.maturity, terms.last)
    assert too_much


# Cases by hand


def test_the_annuity_of_the_model_book():
    """10,721,700 a year over 1.35x at 5.5% for 17 years carries about 87.6m monthly, not the source's 143.58m."""
    capacity = np.full(204, 10_721_700 / 12 / 1.35)
    terms = DebtTerms(ANNUITY, 0.055 / 12, 204, 204, 0.0)
    by_hand = 10_721_700 / 12 / 1.35 * (1 - (1 + 0.055 / 12) ** -204) / (0.055 / 12)
    assert sized(terms, capacity) == pytest.approx(by_hand, rel=1e-12)
    assert plain_balance(terms, capacity) == pytest.approx(by_hand, rel=1e-12)


def test_the_annual_annuity_of_the_public_figures():
    terms = DebtTerms(ANNUITY, 0.055, 25, 25, 0.0)
    assert sized(terms, np.full(25, 22.5 / 1.35)) == pytest.approx(223.6, abs=0.05)


def test_straight_line_by_table():
    """300 over three years at 10%: service 130, 120, 110; capacities 130, 100, 110 allow 5/6 of it."""
    terms = DebtTerms(STRAIGHT_LINE, 0.10, 3, 3, 0.0)
    capacity = np.array([130.0, 100.0, 110.0])
    assert sized(terms, capacity) == pytest.approx(250.0, rel=1e-12)
    assert plain_balance(terms, capacity) == pytest.approx(250.0, rel=1e-12)


def test_sculpted_debt_pays_out_all_its_capacity():
    capacity = np.array([110.0, 121.0])
    terms = DebtTerms(SCULPTED, 0.10, 2, 2, 0.0)
    assert sized(terms, capacity) == pytest.approx(200.0, rel=1e-12)
    assert_allclose(served(terms, scheduled(terms, 200.0, capacity), 0.0), capacity, rtol=1e-12)


def test_sculpted_debt_never_grows():
    """First capacity 10 at 10% bears 100, though later capacity is worth far more."""
    terms = DebtTerms(SCULPTED, 0.10, 3, 3, 0.0)
    capacity = np.array([10.0, 300.0, 300.0])
    assert sized(terms, capacity) == pytest.approx(100.0, rel=1e-12)
    assert_allclose(scheduled(terms, 100.0, capacity), [100.0, 100.0, 0.0, 0.0], atol=1e-9)


def test_a_balloon_is_held_to_what_refinances_it():
    """Interest bears 1,000; two periods at 10% on 50 refinance 86.78."""
    terms = DebtTerms(INTEREST_ONLY, 0.05, 3, 5, 0.10)
    capacity = np.full(5, 50.0)
    refinanced = 50.0 / 1.1 + 50.0 / 1.21
    assert sized(terms, capacity) == pytest.approx(refinanced, rel=1e-12)
    schedule = scheduled(terms, refinanced, capacity)
    assert_allclose(schedule, [refinanced] * 4 + [refinanced * 1.1 - 50.0, 0.0], atol=1e-9)


def test_a_swept_balloon_stands_to_the_end():
    terms = DebtTerms(INTEREST_ONLY, 0.05, 3, 5, 0.10, sweeps=True)
    assert_allclose(scheduled(terms, 80.0, np.full(5, 50.0)), [80.0] * 5 + [0.0])


def test_a_balloon_due_with_the_lease_cannot_be_refinanced():
    terms = DebtTerms(INTEREST_ONLY, 0.05, 5, 5, 0.10)
    assert sized(terms, np.full(5, 50.0)) == 0.0
    assert plain_balance(terms, [50.0] * 5) == 0.0


def test_half_of_a_hundred_is_left_after_seven_years():
    """100 at 6% a year over 84 months: half repaid as 50 x 0.5% / (1.005^84 - 1) plus 0.5% of 100 a month."""
    by_hand = 100 * 0.005 + 50 * 0.005 / (1.005**84 - 1)
    assert by_hand == pytest.approx(0.980428, abs=5e-7)
    assert 100 * partial_payment(0.005, 84, 0.5) == pytest.approx(by_hand, rel=1e-12)
    terms = DebtTerms(PARTIAL, 0.005, 84, 240, 0.006)
    capacity = np.concatenate([np.full(84, by_hand), np.full(156, 99.0)])
    assert sized(terms, capacity) == pytest.approx(100.0, rel=1e-12)
    schedule = scheduled(terms, 100.0, capacity)
    assert schedule[1] == pytest.approx(100.5 - by_hand, rel=1e-12)
    assert_allclose(served(terms, schedule, 0.006)[:84], by_hand, rtol=1e-9)
    assert (schedule[84], schedule[240]) == (50.0, 0.0)
    assert_allclose(served(terms, schedule, 0.006)[84:], 50 * 0.006 / (1 - 1.006**-156), rtol=1e-9)
    assert_allclose(scheduled(terms._replace(sweeps=True), 100.0, capacity)[84:240], 50.0)


@pytest.mark.parametrize(("after", "expected"), [(52.0, 100.0), (50.0, 100.0), (49.0, 98.0), (25.0, 50.0), (0.0, 0.0)])
def test_the_balloon_of_a_partial_amortisation_must_be_refinanced(after, expected):
    """Two level payments repay half of 100 at 10%; one period at no interest refinances what it pays."""
    payment = 100 * 0.10 + 50 * 0.10 / (1.1**2 - 1)
    terms = DebtTerms(PARTIAL, 0.10, 2, 3, 0.0)
    capacity = np.array([payment, payment, after])
    assert sized(terms, capacity) == pytest.approx(expected, rel=1e-5)
    assert plain_balance(terms, capacity) == pytest.approx(sized(terms, capacity), rel=1e-12)


def test_a_balloon_of_nothing_is_an_annuity_and_of_all_interest_only():
    capacity = np.array([9.0, 8.0, 10.0, 30.0, 40.0, 30.0])
    for ratio, kind in ((0.0, ANNUITY), (1.0, INTEREST_ONLY)):
        partial = DebtTerms(PARTIAL, 0.05, 3, 6, 0.06, balloon_ratio=ratio)
        same = partial._replace(kind=kind)
        assert sized(partial, capacity) == pytest.approx(sized(same, capacity), rel=1e-12)
        assert_allclose(scheduled(partial, 20.0, capacity), scheduled(same, 20.0, capacity), atol=1e-12)


@NAMED
def test_no_capacity_no_debt(kind):
    terms = DebtTerms(kind, 0.05, 3, 6, 0.10)
    for capacity in (np.zeros(6), np.full(6, -1.0), np.array([10.0, -1.0, 10.0, 10.0, 10.0, 10.0])):
        assert plain_balance(terms, capacity) == pytest.approx(sized(terms, capacity), abs=1e-12)
    assert sized(terms, np.zeros(6)) == 0.0


@NAMED
@pytest.mark.parametrize("grace", [0, 1, 2, 3, 9])
def test_grace_leaves_at_least_one_repayment(kind, grace):
    terms = DebtTerms(kind, 0.01, 3, 6, 0.02, grace=grace)
    capacity = np.array([30.0, 40.0, 50.0, 60.0, 60.0, 60.0])
    balance = sized(terms, capacity)
    assert balance == pytest.approx(plain_balance(terms, capacity), rel=1e-12)
    schedule = scheduled(terms, balance, capacity)
    held = min(grace, 2)
    assert_allclose(schedule[: held + 1], balance)
    if kind != INTEREST_ONLY:
        assert schedule[held + 1] < balance
        assert schedule[3] == (balance / 2 if kind == PARTIAL else 0.0)


@NAMED
def test_debt_without_interest(kind):
    terms = DebtTerms(kind, 0.0, 4, 6, 0.0, grace=1)
    capacity = np.array([10.0, 10.0, 20.0, 10.0, 15.0, 15.0])
    # Three level payments of 10 and a balloon of 30, which two of 15 refinance.
    annuities = {ANNUITY: 30.0, CASH_SWEEP: 30.0, PARTIAL: 60.0}
    expected = {**annuities, STRAIGHT_LINE: 30.0, SCULPTED: 40.0, INTEREST_ONLY: 30.0}[kind]
    assert sized(terms, capacity) == pytest.approx(expected, rel=1e-12)
    assert plain_balance(terms, capacity) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("rate", "periods"), [(0.0, 12), (1e-9, 12), (0.005, 1), (0.0125, 360), (0.005, 0)])
def test_the_annuity_factor_discounts_ones(rate, periods):
    expected = book.annuity_factor(rate, periods)
    assert annuity_factor(rate, periods) == pytest.approx(expected, rel=1e-6 if rate == 1e-9 else 1e-12)
    assert math.isfinite(annuity_factor(rate, periods))
