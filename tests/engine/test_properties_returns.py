"""Returns: the kernel against its plain twin and independent libraries, at every edge, and on random streams."""

from __future__ import annotations

import math
import warnings

import numpy as np
import numpy_financial as npf
import pytest
import pyxirr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import CalculationError
from engine.measures.returns import (
    IrrStatus,
    discounted_payback_years,
    duration,
    effective_rate,
    hold_returns,
    irr,
    irr_at_months,
    irr_monthly,
    irr_plain,
    moic,
    nominal_rate,
    npv,
    payback_periods,
    payback_years,
    running_yield_rate,
    terminal_value_amount,
    tranche_yield_rate,
    wal_years,
)

amounts = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: 0.0 if abs(x) < 1e-3 else x)
streams = st.integers(1, 400).flatmap(lambda n: arrays(np.float64, n, elements=amounts))


@st.composite
def investments(draw):
    """Outlays over some months, then receipts only: exactly one rate exists."""
    outlays = draw(arrays(np.float64, draw(st.integers(1, 40)), elements=st.floats(0.0, 1e8)))
    receipts = draw(arrays(np.float64, draw(st.integers(1, 360)), elements=st.floats(0.0, 1e7)))
    assume(outlays.sum() > 1.0 and receipts.sum() > 1.0)
    return np.concatenate([-outlays, receipts])


@settings(max_examples=150, deadline=None)
@given(investments())
def test_one_change_of_sign_gives_the_one_rate(flows):
    rate, status = irr_monthly(0, flows)
    assume(status != IrrStatus.OUT_OF_RANGE and -0.9 < rate < 1e4)
    assert status == IrrStatus.UNIQUE
    assert rate == pytest.approx(irr_plain(flows, 12), rel=1e-9, abs=1e-11)
    assert npv(rate, flows, 12) == pytest.approx(0.0, abs=1e-9 * np.abs(flows).sum())


@settings(max_examples=150, deadline=None)
@given(streams)
@example(np.array([23.0, -1.0]))
@example(np.array([7.0, -1.0]))
def test_any_stream_gets_a_status_and_a_root_is_a_root(flows):
    rate, status = irr_monthly(0, flows)
    if status in (IrrStatus.UNIQUE, IrrStatus.SEVERAL_POSSIBLE):
        discount = (1 + rate) ** (-1 / 12)
        terms = flows * discount ** np.arange(flows.size)
        assert terms.sum() == pytest.approx(0.0, abs=1e-7 * np.abs(terms).sum())
    else:
        assert math.isnan(rate)


@settings(max_examples=60, deadline=None)
@given(investments(), st.integers(0, 60))
def test_the_rate_does_not_move_with_the_start_or_the_scale(flows, start):
    rate, status = irr_monthly(0, flows)
    assume(status == IrrStatus.UNIQUE)
    assert irr_monthly(start, flows)[0] == rate
    assert irr_monthly(0, flows * 8.0)[0] == pytest.approx(rate, rel=1e-12, abs=1e-14)
    assert irr_monthly(0, -flows)[0] == pytest.approx(rate, rel=1e-12, abs=1e-14)


def test_rates_agree_with_two_independent_libraries():
    stream = np.concatenate([np.full(24, -5.0), np.linspace(1.0, 2.0, 336)])
    rate, _ = irr_monthly(0, stream)
    month_rate = float(npf.irr(stream))
    assert rate == pytest.approx((1 + month_rate) ** 12 - 1, rel=1e-9)
    assert rate == pytest.approx((1 + float(pyxirr.irr(stream) or 0.0)) ** 12 - 1, rel=1e-9)
    assert npv(0.08, stream, 1) == pytest.approx(npf.npv(0.08, stream), rel=1e-12)


@pytest.mark.parametrize(
    ("flows", "rate", "status"),
    [
        ([-100.0, 110.0], 0.10, IrrStatus.UNIQUE),
        ([-100.0, 100.0], 0.0, IrrStatus.UNIQUE),
        ([-100.0, 90.0], -0.10, IrrStatus.UNIQUE),
        ([100.0, -110.0], 0.10, IrrStatus.UNIQUE),
        ([0.0, -100.0, 0.0, 121.0], 0.10, IrrStatus.UNIQUE),
        ([-1.0, 1000.0], 999.0, IrrStatus.UNIQUE),
        ([-1000.0, 1.0], -0.999, IrrStatus.UNIQUE),
        # 25% and 400% both price it at nothing; the one nearer zero is given, and said not to be alone.
        ([-16.0, 100.0, -100.0], 0.25, IrrStatus.SEVERAL_POSSIBLE),
        # Signs change three times, but the running sum only once: no other rate above zero.
        ([-100.0, 60.0, -10.0, 80.0], 0.133961, IrrStatus.UNIQUE),
        ([-1.0, 2.0, -1.5], None, IrrStatus.OUT_OF_RANGE),
        ([-1.0, 1e-7], None, IrrStatus.OUT_OF_RANGE),
        ([-1.0, 1e7], None, IrrStatus.OUT_OF_RANGE),
        ([1.0, 2.0], None, IrrStatus.NO_SIGN_CHANGE),
        ([0.0, 0.0], None, IrrStatus.NO_SIGN_CHANGE),
        ([-5.0], None, IrrStatus.NO_SIGN_CHANGE),
        ([-1.0, math.nan], None, IrrStatus.NOT_FINITE),
        ([-1.0, math.inf], None, IrrStatus.NOT_FINITE),
    ],
)
def test_each_status_has_its_stream(flows, rate, status):
    found = irr(flows)
    assert found.status is status
    if rate is None:
        assert math.isnan(found.rate)
    else:
        assert found.rate == pytest.approx(rate, abs=2e-5)


def test_months_are_years_over_twelve():
    assert irr_at_months([0, 18], [-100.0, 100.0 * 1.1**1.5]).rate == pytest.approx(0.10, rel=1e-12)
    assert irr_at_months([18, 0, 0], [121.0, -60.0, -40.0]).rate == pytest.approx(1.21 ** (12 / 18) - 1, rel=1e-12)


def test_payback_before_on_and_after_the_end():
    assert payback_years([-10.0, 4.0, 4.0, 4.0]) == pytest.approx(2.5)
    assert payback_years([-8.0, 4.0, 4.0, 4.0]) == pytest.approx(2.0)
    assert payback_years([-12.0, 4.0, 4.0, 4.0]) == pytest.approx(3.0)
    assert math.isnan(payback_years([-12.1, 4.0, 4.0, 4.0]))
    assert payback_years([0.0, 0.0, 5.0]) == 0.0
    assert payback_periods(np.array([-6.0, 4.0, 4.0]), 0.0) == pytest.approx(1.5)
    assert discounted_payback_years(0.1, [-10.0, 11.0]) == pytest.approx(1.0)
    assert math.isnan(discounted_payback_years(0.1, [-10.0, 10.9]))


def test_average_life_of_level_principal_by_month():
    assert wal_years(np.full(12, 5e6), 12) == pytest.approx(0.541666666666667, rel=1e-12)
    assert math.isnan(wal_years([0.0, 0.0]))


def test_a_loan_at_par_yields_its_coupon():
    coupon, balance = 0.06, 100.0
    service = np.full(240, balance * (coupon / 12) / (1 - (1 + coupon / 12) ** -240))
    assert tranche_yield_rate(balance, service) == pytest.approx(coupon, rel=1e-10)
    assert tranche_yield_rate(0.98 * balance, service) > coupon
    assert nominal_rate(effective_rate(coupon / 12), 12) == pytest.approx(coupon, rel=1e-12)
    assert running_yield_rate(8.0, 100.0) == pytest.approx(0.08)
    assert math.isnan(running_yield_rate(8.0, 0.0))


def test_duration_is_the_slope_of_the_price():
    service = np.concatenate([np.full(119, 0.5), [100.5]])
    at = duration(service, 0.055)
    up, down = duration(service, 0.055 + 1e-6), duration(service, 0.055 - 1e-6)
    slope = -(up.price_amount - down.price_amount) / 2e-6 / at.price_amount
    assert at.modified_years == pytest.approx(slope, rel=1e-7)
    assert at.macaulay_years == pytest.approx(at.modified_years * (1 + 0.055 / 12), rel=1e-12)
    curve = duration(service, 0.055 + 1e-3).price_amount + duration(service, 0.055 - 1e-3).price_amount
    assert at.convexity_years2 == pytest.approx((curve - 2 * at.price_amount) / 1e-6 / at.price_amount, rel=1e-3)
    zero = duration([0.0, 0.0, 100.0], 0.05, 1)
    assert zero.macaulay_years == pytest.approx(3.0)
    assert math.isnan(duration([-1.0], 0.05, 1).macaulay_years)


def test_multiple_and_exit():
    assert moic([-50.0, -50.0, 238.0]) == pytest.approx(2.38)
    assert math.isnan(moic([1.0]))
    assert terminal_value_amount(6.5, 0.065) == pytest.approx(100.0)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: irr([]),
        lambda: irr([[1.0], [2.0]]),
        lambda: irr_at_months([-1, 2], [1.0, 2.0]),
        lambda: npv(-1.0, [1.0]),
        lambda: duration([1.0], -2.0, 1),
        lambda: terminal_value_amount(1.0, 0.0),
        lambda: hold_returns(100.0, [1.0, 1.0], [1.0, 1.0], 50.0, 0.06),
    ],
)
def test_what_has_no_answer_is_refused_with_a_sentence(refused):
    with pytest.raises(CalculationError, match="expected"):
        refused()


def test_the_kernel_is_silent_on_extremes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for flows in ([-1.0, 1e-300], [-1e-300, 1.0], [1e300, -1e300, 1e300], [-1e-320, 1e308, -1.0]):
            irr(flows)
        irr(np.concatenate([[-1.0], np.zeros(2000), [1e9]]))
