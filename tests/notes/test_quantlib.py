"""Notes against QuantLib's bonds and swaps: bullets under every day count, an amortising class, floaters, and a swap as two classes."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from numpy.testing import assert_allclose

from engine.basics.dates import add_months
from engine.basics.day_counts import DayCount
from engine.market.curves import Curve
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.measures import (
    discount_margin_bps,
    flows_of,
    measures_of,
    price_at_margin,
    price_at_spread,
    price_ratio,
    yield_rate,
    z_spread_bps,
)
from engine.notes.run import run_notes
from tests.notes.test_day_counts import ORACLES, of

CLOSING, YEARS = date(2027, 1, 31), 5
ZEROS = ((1.0, 0.021), (2.0, 0.026), (3.0, 0.029), (5.0, 0.033))
# The ISDA count looks at the last day of all.
BONDS = {**ORACLES, DayCount.THIRTY_ISDA: ql.Thirty360(ql.Thirty360.ISDA, of(add_months(CLOSING, 12 * YEARS)))}
# Days by which whole periods are whole parts of a year, as yields and zero rates count them here.
EQUAL = ql.Thirty360(ql.Thirty360.BondBasis)


def run(classes, months=3, amortisation="interest_only", index_rates=(), closing=CLOSING, behaviour=None):
    """Classes of one loan that pays enough, every `months` for five years."""
    total = sum(each["balance_amount"] for each in classes)
    loan = {
        "code": "L", "currency": "EUR", "balance_amount": total, "coupon_rate": 0.2, "remaining_months": 12 * YEARS,
        "amortisation": amortisation,
    }  # fmt: skip
    content = {
        "code": "Q", "name": "Q", "currency": "EUR", "closing_date": closing.isoformat(), "payment_frequency_months": months,
        "classes": [{"name": each["code"], **each} for each in classes],
        "interest_steps": [*({"kind": "interest", "target": each["code"]} for each in classes), {"kind": "residual"}],
        "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
    }  # fmt: skip
    return run_notes(
        read_structure(content), read_pool({"loans": [loan]}), read_behaviour(behaviour or {}), index_rates
    )


def schedule(months, closing=CLOSING, periods=None):
    """The day of the closing, months later, unadjusted."""
    end = add_months(closing, months * (periods or 12 * YEARS // months))
    return ql.Schedule(
        of(closing), of(end), ql.Period(months, ql.Months), ql.NullCalendar(), ql.Unadjusted, ql.Unadjusted,
        ql.DateGeneration.Forward, False,
    )  # fmt: skip


def amounts(bond):
    """Its cash flows, those of one date added up."""
    found: dict[ql.Date, float] = {}
    for flow in bond.cashflows():
        found[flow.date()] = found.get(flow.date(), 0.0) + flow.amount()
    return [found[day] for day in sorted(found)]


def quantlibs_curve(closing):
    """The discount factors of `ZEROS` at every end of a month, in QuantLib."""
    ql.Settings.instance().evaluationDate = of(closing)
    months, curve = range(12 * YEARS + 1), Curve(ZEROS)
    factors = [(1.0 + curve.at(k / 12)) ** (-k / 12) for k in months]
    return ql.YieldTermStructureHandle(ql.DiscountCurve([of(add_months(closing, k)) for k in months], factors, EQUAL))


@pytest.mark.parametrize("months", [1, 3, 6, 12])
@pytest.mark.parametrize("day_count", BONDS)
def test_a_bullet_pays_what_quantlibs_bond_pays(day_count, months):
    result = run([{"code": "A", "balance_amount": 100.0, "coupon_rate": 0.0475, "day_count": day_count}], months)
    bond = ql.FixedRateBond(0, 100.0, schedule(months), [0.0475], BONDS[day_count])
    assert_allclose(flows_of(result, "A").service, amounts(bond), rtol=1e-12)


@pytest.mark.parametrize(
    ("months", "frequency"), [(1, ql.Monthly), (3, ql.Quarterly), (6, ql.Semiannual), (12, ql.Annual)]
)
@pytest.mark.parametrize("earned", [0.02, 0.0475, 0.09])
def test_price_yield_duration_and_convexity_of_a_bullet(months, frequency, earned):
    """Equal periods; 15 January, so that 30/360 counts whole months."""
    closing = date(2027, 1, 15)
    flows = flows_of(run([{"code": "A", "balance_amount": 100.0, "coupon_rate": 0.0475}], months, closing=closing), "A")
    ql.Settings.instance().evaluationDate = of(closing)
    bond = ql.FixedRateBond(0, 100.0, schedule(months, closing), [0.0475], EQUAL)
    rate, at = ql.InterestRate(earned, EQUAL, ql.Compounded, frequency), (False, of(closing), of(closing))
    paid, price = bond.cashflows(), price_ratio(flows, earned)
    assert 100.0 * price == pytest.approx(ql.CashFlows.npv(paid, rate, *at), rel=1e-12)
    told = ql.CashFlows.yieldRate(paid, 100.0 * price, EQUAL, ql.Compounded, frequency, *at, 1e-12)
    assert yield_rate(flows, price) == pytest.approx(told, abs=1e-8)
    found = measures_of(flows, price)
    assert found.modified_duration_years == pytest.approx(
        ql.CashFlows.duration(paid, rate, ql.Duration.Modified, *at[:2]), rel=1e-8
    )
    assert found.convexity == pytest.approx(ql.CashFlows.convexity(paid, rate, *at[:2]), rel=1e-7)


def test_an_amortising_class_behind_another():
    """B of a level loan that prepays: notionals are ours, interest and price QuantLib's."""
    closing = date(2027, 1, 15)
    behaviour = {"prepayment_kind": "cpr", "prepayment": 0.1}
    classes: list[dict[str, Any]] = [
        {"code": "A", "balance_amount": 60.0, "coupon_rate": 0.03, "day_count": "ACT/360"},
        {"code": "B", "balance_amount": 40.0, "coupon_rate": 0.06, "day_count": "ACT/360"},
    ]
    result = run(classes, 3, "annuity", closing=closing, behaviour=behaviour)
    for k, each in enumerate(classes):
        flows = flows_of(result, each["code"])
        lasts = int(np.argmax(result.closing[k] < 1e-9)) + 1
        notionals = [*result.opening[k, :lasts]]
        dates = schedule(3, closing, lasts)
        bond = ql.AmortizingFixedRateBond(0, notionals, dates, [each["coupon_rate"]], ql.Actual360())
        assert_allclose(flows.service[:lasts], amounts(bond), rtol=1e-9)
        rate = ql.InterestRate(0.05, EQUAL, ql.Compounded, ql.Quarterly)
        told = ql.CashFlows.npv(bond.cashflows(), rate, False, of(closing), of(closing))
        assert price_ratio(flows, 0.05) * each["balance_amount"] == pytest.approx(told, rel=1e-9)


def forwards(handle, months, closing, counter):
    """Simple forward rates of each period, which the index fixes at."""
    dates = list(schedule(months, closing))
    return tuple(handle.forwardRate(a, b, counter, ql.Simple).rate() for a, b in pairwise(dates))


def floater(handle, months, closing, margin):
    """QuantLib's floater on an index that is set in advance without a lag and forecast off the curve."""
    index = ql.IborIndex(
        "X", ql.Period(months, ql.Months), 0, ql.EURCurrency(), ql.NullCalendar(), ql.Unadjusted, False, ql.Actual360(), handle
    )  # fmt: skip
    return index, ql.FloatingRateBond(
        0, 100.0, schedule(months, closing), index, ql.Actual360(), ql.Unadjusted, 0, [1.0], [margin]
    )


@pytest.mark.parametrize("months", [1, 3, 6])
def test_a_floater_pays_and_is_worth_what_quantlibs_is(months):
    """Fixings are the curve's forwards; the same price over the curve, the same Z-spread, and its margin at par."""
    closing, margin = date(2027, 1, 15), 0.0125
    handle = quantlibs_curve(closing)
    index_rates = forwards(handle, months, closing, ql.Actual360())
    classes = [
        {"code": "A", "balance_amount": 100.0, "coupon_kind": "floating", "margin_bps": 125.0, "day_count": "ACT/360"}
    ]
    flows = flows_of(run(classes, months, index_rates=index_rates, closing=closing), "A")
    _, bond = floater(handle, months, closing, margin)
    assert_allclose(flows.service, amounts(bond), rtol=1e-9)
    bond.setPricingEngine(ql.DiscountingBondEngine(handle))
    price = price_at_spread(flows, 0.0, Curve(ZEROS))
    assert 100.0 * price == pytest.approx(bond.NPV(), rel=1e-9)
    spread = ql.CashFlows.zSpread(
        bond.cashflows(), 100.0, handle.currentLink(), EQUAL, ql.Compounded, ql.Annual, False, of(closing), of(closing)
    )
    assert z_spread_bps(flows, 1.0, Curve(ZEROS)) == pytest.approx(1e4 * spread, abs=1e-4)
    assert discount_margin_bps(flows, 1.0, index_rates) == pytest.approx(125.0, abs=1e-6)


@pytest.mark.parametrize("months", [3, 6])
@pytest.mark.parametrize("fixed_rate", [0.02, 0.035])
def test_a_swap_is_a_floating_class_less_a_fixed_one(months, fixed_rate):
    """Receiving the index and paying fixed: the two classes' values over one curve, and the coupon at which they are equal."""
    closing = date(2027, 1, 15)
    handle, curve = quantlibs_curve(closing), Curve(ZEROS)
    index, _ = floater(handle, months, closing, 0.0)
    dates = schedule(months, closing)
    swap = ql.VanillaSwap(ql.Swap.Payer, 100.0, dates, fixed_rate, EQUAL, dates, index, 0.0, ql.Actual360())
    swap.setPricingEngine(ql.DiscountingSwapEngine(handle))

    def values(coupon_rate):
        classes = [
            {"code": "X", "balance_amount": 100.0, "coupon_kind": "floating", "day_count": "ACT/360"},
            {"code": "F", "balance_amount": 100.0, "coupon_rate": coupon_rate, "day_count": "30/360"},
        ]
        result = run(classes, months, index_rates=forwards(handle, months, closing, ql.Actual360()), closing=closing)
        return [100.0 * price_at_spread(flows_of(result, code), 0.0, curve) for code in ("X", "F")]

    floating, fixed = values(fixed_rate)
    assert floating - fixed == pytest.approx(swap.NPV(), abs=1e-8)
    floating, fixed = values(swap.fairRate())
    assert floating == pytest.approx(fixed, abs=1e-8)
    assert floating == pytest.approx(100.0, abs=1e-8)


def test_a_discount_margin_is_a_spread_over_simple_forwards():
    """The price at a margin is QuantLib's discounting, period by period, at the fixing and the margin."""
    closing, margin = date(2027, 1, 15), 90.0
    handle = quantlibs_curve(closing)
    index_rates = forwards(handle, 3, closing, ql.Actual360())
    classes = [
        {"code": "A", "balance_amount": 100.0, "coupon_kind": "floating", "margin_bps": 125.0, "day_count": "ACT/360"}
    ]
    flows = flows_of(run(classes, 3, index_rates=index_rates, closing=closing), "A")
    dates, factor, told = list(schedule(3, closing)), 1.0, 0.0
    for k, amount in enumerate(flows.service):
        rate = ql.InterestRate(index_rates[k] + margin / 1e4, ql.Actual360(), ql.Simple, ql.Annual)
        factor *= rate.discountFactor(dates[k], dates[k + 1])
        told += float(amount) * factor
    assert 100.0 * price_at_margin(flows, margin, index_rates) == pytest.approx(told, rel=1e-12)


def test_every_day_count_has_a_bond():
    assert set(BONDS) == set(DayCount) - {DayCount.EQUAL}
