"""The issuer's swaps under a market: QuantLib's own instruments as the oracle, fair terms worth nothing, a basis point by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import QuantLib as ql
from numpy.testing import assert_allclose

from engine.market import Curve, MarketSet
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.hedge_values import value_hedges
from engine.notes.run import run_notes
from tests.engine.test_market import content
from tests.notes.deals import FIVE, FIVE_POOL

RATE = {
    "code": "R",
    "name": "Rate swap",
    "kind": "rate",
    "ends_months": 60,
    "notional_amount": 600.0,
    "fixed_rate": 0.03,
}
BASIS = {
    "code": "B",
    "name": "Basis swap",
    "kind": "basis",
    "ends_months": 24,
    "notional_amount": 100.0,
    "basis_bps": 20.0,
    "margin_bps": 5.0,
}
INFLATION = {
    "code": "I",
    "name": "ZCIS",
    "kind": "zcis",
    "ends_months": 60,
    "notional_amount": 100.0,
    "fixed_rate": 0.03,
}
RETURN = {
    "code": "T",
    "name": "TRS",
    "kind": "trs",
    "ends_months": 36,
    "notional_kind": "pool",
    "notional_ratio": 0.5,
    "margin_bps": 150.0,
}
MARKET = MarketSet.from_dict(content()).market_for("GBP")
CLOSING = date(2026, 1, 15)


def run_with(*swaps, **changes):
    steps = [{"kind": "hedge", "target": "+".join(each["code"] for each in swaps)}, *FIVE["interest_steps"]]
    rows = (
        FIVE
        | {"closing_date": CLOSING.isoformat(), "hedges": [dict(each) for each in swaps], "interest_steps": steps}
        | changes
    )
    losing = read_behaviour({"default_kind": "cdr", "default": 0.02, "severity_ratio": 0.4})
    return run_notes(read_structure(rows), read_pool(FIVE_POOL), losing)


def quantlibs_curve(market, last=date(2046, 1, 15)):
    """Daily nodes of the market set's own reading."""
    start = ql.Date(CLOSING.day, CLOSING.month, CLOSING.year)
    days = [start + k for k in range((last - CLOSING).days + 1)]
    rates = [market.zero_rate(k / 365.0) for k in range(len(days))]
    return ql.YieldTermStructureHandle(
        ql.ZeroCurve(days, rates, ql.Actual365Fixed(), ql.NullCalendar(), ql.Linear(), ql.Compounded, ql.Annual)
    )


@pytest.mark.parametrize("side", ["pay", "receive"])
def test_a_rate_swap_is_quantlibs_swap(side):
    """Quarterly legs on ACT/360, unadjusted, forecast and discounted on one curve: a VanillaSwap to a ten-millionth."""
    swap = RATE | {"side": side, "day_count": "ACT/360", "margin_bps": 25.0}
    [found] = value_hedges(run_with(swap), MARKET)
    curve = quantlibs_curve(MARKET)
    start = ql.Date(CLOSING.day, CLOSING.month, CLOSING.year)
    ql.Settings.instance().evaluationDate = start
    index = ql.IborIndex(
        "Any3M",
        ql.Period(3, ql.Months),
        0,
        ql.GBPCurrency(),
        ql.NullCalendar(),
        ql.Unadjusted,
        False,
        ql.Actual360(),
        curve,
    )
    schedule = ql.Schedule(
        start,
        start + ql.Period(5, ql.Years),
        ql.Period(3, ql.Months),
        ql.NullCalendar(),
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Forward,
        False,
    )
    kind = ql.Swap.Payer if side == "pay" else ql.Swap.Receiver
    oracle = ql.VanillaSwap(kind, 600.0, schedule, 0.03, ql.Actual360(), schedule, index, 0.0025, ql.Actual360())
    oracle.setPricingEngine(ql.DiscountingSwapEngine(curve))
    assert found.value_amount == pytest.approx(oracle.NPV(), abs=1e-7 * 600)
    assert found.fair_rate == pytest.approx(oracle.fairRate(), abs=1e-9)
    legs = (oracle.fixedLegNPV(), oracle.floatingLegNPV())
    assert (found.named_leg_value_amount, found.other_leg_value_amount) == pytest.approx(legs, abs=1e-7 * 600)


def test_an_inflation_swap_is_quantlibs_swap():
    """Fixings flat at 100, breakeven of five years 2.6%: QuantLib's ZeroCouponInflationSwap, paid on the same unadjusted day."""
    [found] = value_hedges(run_with(INFLATION), MARKET)
    start, calendar, lag = ql.Date(15, 1, 2026), ql.NullCalendar(), ql.Period(2, ql.Months)
    ql.Settings.instance().evaluationDate = start
    counter = ql.Thirty360(ql.Thirty360.BondBasis)
    handle = ql.RelinkableZeroInflationTermStructureHandle()
    index = ql.UKRPI(handle)
    for month in (10, 11, 12):
        index.addFixing(ql.Date(1, month, 2025), 100.0, True)
    helpers = [
        ql.ZeroCouponInflationSwapHelper(
            ql.QuoteHandle(ql.SimpleQuote(rate)), lag, start + ql.Period(int(years), ql.Years), calendar, ql.Unadjusted, counter, index, ql.CPI.Flat
        )
        for years, rate in MARKET.breakeven_curve.points
    ]  # fmt: skip
    handle.linkTo(ql.PiecewiseZeroInflation(start, ql.Date(1, 11, 2025), ql.Monthly, counter, helpers))
    oracle = ql.ZeroCouponInflationSwap(
        ql.Swap.Receiver,
        100.0,
        start,
        start + ql.Period(5, ql.Years),
        calendar,
        ql.Unadjusted,
        counter,
        0.03,
        index,
        lag,
        ql.CPI.Flat,
    )
    oracle.setPricingEngine(ql.DiscountingSwapEngine(quantlibs_curve(MARKET)))
    assert abs(found.value_amount) == pytest.approx(abs(oracle.NPV()), abs=1e-6)
    assert found.fair_rate == pytest.approx(oracle.fairRate(), abs=1e-8)
    assert found.value_amount < 0.0  # 3% paid against 2.6% expected


def test_a_basis_and_a_return_swap_by_hand():
    """Of 100 over eight quarters the issuer pays 20 bps and receives 5: 100 x 15 bps / 4 a quarter, discounted."""
    result = run_with(BASIS, RETURN)
    basis, back = value_hedges(result, MARKET)
    days = [(day - CLOSING).days / 365.0 for day in result.periods]
    factors = np.array([(1.0 + MARKET.zero_rate(years)) ** -years for years in days])
    assert basis.value_amount == pytest.approx(-100.0 * 0.0015 / 4 * factors[:8].sum(), abs=1e-9)
    forward = np.concatenate(([1.0], factors[:-1])) / factors - 1.0
    on = 0.5 * result.pool.collateral[:12]
    received = on * (forward[:12] + 0.015 / 4)
    paid = 0.5 * (result.pool.of("interest") - result.pool.of("loss"))[:12]
    assert back.value_amount == pytest.approx(float((received - paid) @ factors[:12]), abs=1e-9)
    assert_allclose([each.net_amount for each in back.exchanges], received - paid, atol=1e-9)
    assert [each.payment_date for each in back.exchanges] == list(result.periods[:12])


def test_at_its_fair_terms_a_swap_is_worth_nothing():
    on_class = RATE | {
        "code": "C",
        "notional_kind": "class",
        "notional_class": "A",
        "notional_ratio": 0.8,
        "side": "receive",
    }
    swaps = (RATE, on_class, BASIS, INFLATION, RETURN)
    result = run_with(*swaps)
    found = value_hedges(result, MARKET)
    moved = []
    for swap, value in zip(swaps, found, strict=True):
        fair = {"fixed_rate": value.fair_rate} if value.fair_rate is not None else {"margin_bps": value.fair_margin_bps}
        moved.append(swap | fair)
        assert abs(value.value_amount) > 1e-3
    fair = replace(result, structure=run_with(*moved).structure)  # the notionals stay those of the run
    assert_allclose([each.value_amount for each in value_hedges(fair, MARKET)], 0.0, atol=1e-9)


def test_a_basis_point_by_hand_and_by_tenor():
    """All rates up by one: revalued; tenor by tenor they add up; breakevens move only the inflation swap, by its delta."""
    result = run_with(RATE, INFLATION)
    rate, inflation = value_hedges(result, MARKET)
    points = Curve.of((tenor, at + 1e-4) for tenor, at in MARKET.zero_curve.points)
    higher = value_hedges(result, replace(MARKET, zero_curve=points))
    for value, after in zip((rate, inflation), higher, strict=True):
        moves = {each.tenor_years: each.change_amount for each in value.bumps if each.of == "zero rates"}
        assert moves[None] == pytest.approx(after.value_amount - value.value_amount, abs=1e-12)
        assert sum(moves[tenor] for tenor in (2.0, 10.0)) == pytest.approx(moves[None], rel=1e-3)
    assert {each.of for each in rate.bumps} == {"zero rates"}
    years = (date(2031, 1, 15) - CLOSING).days / 365.0
    delta = 100.0 * ((1.0261) ** 5 - 1.026**5) * (1.0 + MARKET.zero_rate(years)) ** -years
    moves = {each.tenor_years: each.change_amount for each in inflation.bumps if each.of == "breakevens"}
    assert moves == pytest.approx({None: delta, 5.0: delta, 10.0: 0.0}, abs=1e-9)


def test_a_value_takes_no_default_of_the_counterparty():
    ends = RATE | {"default_months": 12}
    assert value_hedges(run_with(ends), MARKET)[0].value_amount == value_hedges(run_with(RATE), MARKET)[0].value_amount


# On a later day


def seen_from(market, day, days):
    """The market as its own forwards have it on a later day: zero rates and breakevens of each of `days`."""
    gone = (day - CLOSING).days / 365.0
    tenors = [(each - day).days / 365.0 for each in days]

    def forward(rate_of, tenor):
        whole = (1.0 + rate_of(gone + tenor)) ** (gone + tenor)
        return (whole / (1.0 + rate_of(gone)) ** gone) ** (1.0 / tenor) - 1.0

    return replace(
        market,
        zero_curve=Curve.of((tenor, forward(market.zero_rate, tenor)) for tenor in tenors),
        breakeven_curve=Curve.of((tenor, forward(market.breakeven_rate, tenor)) for tenor in tenors),
    )


@pytest.mark.parametrize("swap", [RATE, BASIS, RETURN], ids=lambda each: each["code"])
def test_on_a_payment_date_it_is_worth_what_is_left_of_it_carried_there(swap):
    """With the forwards come true, today's value of what is exchanged later, over the factor to the day, is its value then."""
    result = run_with(swap)
    day = result.periods[11]
    at_closing = value_hedges(result, MARKET)[0]
    later = value_hedges(result, seen_from(MARKET, day, result.periods[12:]), on=day)[0]
    years = (day - CLOSING).days / 365.0
    factor = (1.0 + MARKET.zero_rate(years)) ** -years
    left = [each for each in at_closing.exchanges if each.payment_date > day]
    assert [each.payment_date for each in later.exchanges] == [each.payment_date for each in left]
    expected = 0.0
    for each in left:
        tenor = (each.payment_date - CLOSING).days / 365.0
        expected += each.net_amount * (1.0 + MARKET.zero_rate(tenor)) ** -tenor / factor
    assert later.value_amount == pytest.approx(expected, abs=1e-9)
    assert abs(later.value_amount - at_closing.value_amount) > 1e-3


def test_between_dates_the_index_of_the_period_under_way_is_the_runs():
    """One exchange left, its index fixed: by hand."""
    result = run_with(RATE, index_rate=0.041)
    last = value_hedges(result, MARKET)[0].exchanges[-1].payment_date
    day = last - timedelta(days=14)
    (found,) = value_hedges(result, MARKET, on=day)
    (left,) = found.exchanges
    assert left.payment_date == last
    tenor = (last - day).days / 365.0
    part = result.structure.payment_frequency_months / 12.0
    by_hand = 600.0 * (0.041 - 0.03) * part * (1.0 + MARKET.zero_rate(tenor)) ** -tenor
    assert found.value_amount == pytest.approx(by_hand, abs=1e-9)


def test_an_inflation_swap_has_grown_by_what_has_passed():
    result = run_with({**INFLATION, "inflation_rate": 0.05})
    day = result.periods[5]
    (found,) = value_hedges(result, MARKET, on=day)
    gone = (day - CLOSING).days / 365.0
    left, tenor = 5.0 - gone, (found.exchanges[0].payment_date - day).days / 365.0
    grown = 1.05**gone * (1.0 + MARKET.breakeven_rate(left)) ** left
    by_hand = 100.0 * (grown - 1.03**5.0) * (1.0 + MARKET.zero_rate(tenor)) ** -tenor
    assert found.value_amount == pytest.approx(by_hand, abs=1e-9)
    fair = run_with({**INFLATION, "inflation_rate": 0.05, "fixed_rate": found.fair_rate})
    assert value_hedges(fair, MARKET, on=day)[0].value_amount == pytest.approx(0.0, abs=1e-9)


def test_after_its_end_nothing_is_left():
    result = run_with(RATE, INFLATION)
    for found in value_hedges(result, MARKET, on=result.periods[-1]):
        assert (found.value_amount, found.fair_rate, found.exchanges) == (0.0, None, ())
