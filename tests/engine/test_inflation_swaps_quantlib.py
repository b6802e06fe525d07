"""Zero-coupon inflation swaps against QuantLib: flat and linear fixings, quoted and unquoted tenors, days before and behind
the middle of months of unequal length."""

from datetime import date

import pytest
import QuantLib as ql

from engine.errors import CalculationError
from engine.hedges.valuation import InflationMarket, InflationSide, SwapValue, ZeroCouponInflationSwap, value_zcis

LEVELS = {1: 402.1, 2: 403.9, 3: 405.6, 4: 407.8, 5: 408.9, 6: 410.2}
QUOTES = {1: 0.0345, 2: 0.034, 3: 0.0336, 5: 0.033, 7: 0.0327, 10: 0.0322}
DISCOUNT_RATE, NOTIONAL, FIXED_RATE, LAG = 0.042, 50e6, 0.031, 2
DAYS = (date(2026, 6, 15), date(2026, 4, 20), date(2026, 7, 1))


def ours(day: date, tenor: int, is_interpolated: bool) -> SwapValue:
    market = InflationMarket(
        valuation_date=day,
        observation_lag_months=LAG,
        fixings={date(2026, month, 1): level for month, level in LEVELS.items()},
        breakevens=QUOTES,
        discount_rate=DISCOUNT_RATE,
        is_interpolated=is_interpolated,
    )
    return value_zcis(ZeroCouponInflationSwap(NOTIONAL, FIXED_RATE, tenor, InflationSide.RECEIVE_INFLATION), market)


def quantlib(day: date, tenor: int, is_interpolated: bool) -> tuple[float, float, float]:
    """Fair rate, present value and base index; years are counted in whole ones, as quotes are."""
    start = ql.Date(day.day, day.month, day.year)
    ql.Settings.instance().evaluationDate = start
    counter, calendar, lag = ql.Thirty360(ql.Thirty360.BondBasis), ql.WeekendsOnly(), ql.Period(LAG, ql.Months)
    interpolation = ql.CPI.Linear if is_interpolated else ql.CPI.Flat
    handle = ql.RelinkableZeroInflationTermStructureHandle()
    index = ql.UKRPI(handle)
    for month, level in LEVELS.items():
        index.addFixing(ql.Date(1, month, 2026), level, True)

    def on(years: int) -> ql.Date:
        return ql.Date(day.day, day.month, day.year + years)

    helpers = [
        ql.ZeroCouponInflationSwapHelper(
            ql.QuoteHandle(ql.SimpleQuote(rate)),
            lag,
            on(years),
            calendar,
            ql.ModifiedFollowing,
            counter,
            index,
            interpolation,
        )
        for years, rate in QUOTES.items()
    ]
    base = ql.Date(1, day.month - LAG, 2026)
    handle.linkTo(ql.PiecewiseZeroInflation(start, base, ql.Monthly, counter, helpers))
    swap = ql.ZeroCouponInflationSwap(
        ql.Swap.Receiver, NOTIONAL, start, on(tenor), calendar, ql.ModifiedFollowing, counter, FIXED_RATE, index, lag, interpolation
    )  # fmt: skip
    discount = ql.FlatForward(start, DISCOUNT_RATE, ql.Actual365Fixed(), ql.Compounded, ql.Annual)
    swap.setPricingEngine(ql.DiscountingSwapEngine(ql.YieldTermStructureHandle(discount)))
    return swap.fairRate(), swap.NPV(), ql.CPI.laggedFixing(index, start, lag, interpolation)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("is_interpolated", [False, True])
@pytest.mark.parametrize("tenor", list(QUOTES))
def test_a_quoted_tenor(day: date, is_interpolated: bool, tenor: int):
    rate, worth, base = quantlib(day, tenor, is_interpolated)
    value = ours(day, tenor, is_interpolated)
    assert value.base_index == pytest.approx(base, rel=1e-12)
    assert value.breakeven_rate == pytest.approx(rate, rel=1e-8)
    assert value.value_amount == pytest.approx(worth, rel=1e-6, abs=1.0)


@pytest.mark.parametrize("tenor", [4, 6, 8, 9])
def test_a_tenor_between_two_quoted_ones(tenor: int):
    rate, worth, _ = quantlib(DAYS[0], tenor, is_interpolated=False)
    value = ours(DAYS[0], tenor, is_interpolated=False)
    assert value.breakeven_rate == pytest.approx(rate, rel=1e-9)
    assert value.value_amount == pytest.approx(worth, rel=1e-9)


@pytest.mark.parametrize("tenor", [4, 6, 8, 9])
def test_between_quoted_tenors_linear_fixings_differ_by_the_curve_between_two_months(tenor: int):
    """QuantLib projects both months and reads between them; the zero rate of the whole year is ours: less than a tenth of a basis point."""
    rate, _, _ = quantlib(DAYS[0], tenor, is_interpolated=True)
    assert ours(DAYS[0], tenor, is_interpolated=True).breakeven_rate == pytest.approx(rate, abs=1e-5)


def test_a_day_whose_next_fixing_is_not_out_yet_is_refused():
    market = InflationMarket(date(2026, 6, 15), LAG, {date(2026, 4, 1): 407.8}, QUOTES, DISCOUNT_RATE, True)
    with pytest.raises(CalculationError, match="2026-05"):
        market.base_index()
