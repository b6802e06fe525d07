"""Three structures of AbsBox's documentation rebuilt by hand; each difference is stated and explained.

AbsBox cuts every amount to whole cents, so a balance drifts from ours by up to a cent a month. Our papers know no odd first period:
what A1 bears in one is told as that period's rate (`path`). More in docs/notes-rebuilt.md, provenance in tests/notes/data.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.notes.collateral import COLUMNS, SUMMED, PoolFlows, pool_flows
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.run import run_on_flows

PUBLISHED = json.loads((Path(__file__).parent / "data/absbox_documentation.json").read_text())
CENT = 0.01
# An amount is cut, and so was what it is a share of.
CUT = 2 * CENT
OPENING, INTEREST, SCHEDULED = (COLUMNS.index(name) for name in ("opening", "interest", "scheduled"))


def published(deal, column):
    """One column of a deal's table as printed."""
    table = PUBLISHED[deal]
    return np.array([row[table["columns"].index(column)] for row in table["rows"]])


def days_of(deal):
    """Its payment dates."""
    return [date.fromisoformat(row[0]) for row in PUBLISHED[deal]["rows"]]


def collected(coupon_rate, months):
    """The mortgage of 2,200; the first payment date has four months of it, as all three deals do."""
    loan = {
        "code": "M",
        "currency": "USD",
        "balance_amount": 2200.0,
        "coupon_rate": coupon_rate,
        "remaining_months": months,
    }
    monthly = pool_flows(read_pool({"loans": [loan]}), read_behaviour({})).table
    table = monthly[3:].copy()
    table[0, OPENING], table[0, SUMMED] = monthly[0, OPENING], monthly[:4, SUMMED].sum(axis=0)
    return table


def path(coupon_rate, *periods):
    """A1's yearly rate by period; (days there are, days ours has) for those that differ."""
    return (*(coupon_rate * there / here for there, here in periods), coupon_rate)


def run(table, closing, rates, interest_steps, **parts):
    a1 = {
        "code": "A1",
        "name": "Class A1",
        "balance_amount": 1000.0,
        "coupon_kind": "floating",
        "day_count": "ACT/365F",
    }
    content = {
        "code": "ABS", "name": "Rebuilt", "currency": "USD", "closing_date": closing, "payment_frequency_months": 1,
        "classes": [a1], "interest_steps": [*interest_steps, {"kind": "residual"}],
        "principal_steps": [{"kind": "principal", "target": "A1"}, {"kind": "residual"}],
    }  # fmt: skip
    return run_on_flows(read_structure(content | parts), PoolFlows(table), rates)


def assert_drifts(found, deal, column):
    """Within a cent for each month collected so far, of which the first date has four."""
    told = published(deal, column)
    assert np.all(np.abs(found[: told.size] - told) <= CENT * np.arange(4, told.size + 4)), found[: told.size] - told


def unpaid(result, factor, dates):
    """A1's unpaid interest from its own balances and payments, bearing `factor` times its coupon."""
    owed = np.concatenate(([0.0], result.deferred[0, :-1]))
    rates = (result.interest_due[0] - owed)[:dates] / (result.opening[0] + owed)[:dates]
    carried, found = 0.0, []
    for k, rate in enumerate(rates):
        carried = carried * (1.0 + factor * rate) + result.opening[0, k] * rate - result.interest_paid[0, k]
        found.append(carried)
    return np.array(found)


# Interest due


def interest_due():
    """Closing on 1 April and first paid on 20 June: 80 days, where ours has the 31 since 20 May."""
    steps = [{"kind": "interest", "target": "A1"}]
    return run(collected(0.08, 20), "2021-05-20", path(0.3, (80, 31)), steps)


def test_interest_due_line_by_line():
    """Every balance and payment, but for the last interest: what is unpaid bears A1's coupon with us, nothing with them."""
    result = interest_due()
    told = published("interest_due", "interest")
    assert list(result.periods[: told.size]) == days_of("interest_due")
    assert_drifts(result.closing[0], "interest_due", "balance")
    assert_drifts(result.principal_paid[0], "interest_due", "principal")
    assert result.interest_paid[0, 0] == pytest.approx(told[0], abs=4 * CENT)
    assert_allclose(result.interest_paid[0, 1:6], told[1:6], rtol=0, atol=CUT)
    plain = unpaid(result, 0.0, 6)
    assert np.all(np.abs(plain - published("interest_due", "unpaid")[:6]) <= CENT * np.arange(4, 10))
    assert result.interest_paid[0, 6] - told[6] == pytest.approx(1.84, abs=0.01)
    owed_without = plain[5] + result.opening[0, 6] * 0.3 * 30 / 365
    assert owed_without == pytest.approx(told[6], abs=0.05)


def test_interest_on_interest_is_at_the_coupon_with_us():
    """Our unpaid interest is the recursion at the coupon; at 1.2 times the coupon it is the documentation's second table."""
    result, extra = interest_due(), PUBLISHED["interest_due"]["with_interest_on_interest"]
    assert_allclose(unpaid(result, 1.0, 6), result.deferred[0, :6], atol=1e-9)
    assert_allclose(unpaid(result, extra["factor"], 6)[1:3], [row[1] for row in extra["rows"]], atol=5 * CENT)


# Coverage test

LIMIT = 1.1
FEE_RATE = 0.003


def month_end_before(day):
    return day.replace(day=1) - timedelta(days=1)


def fees_told(table):
    """The senior fee by their rule: the pool after the collection, days from the last payment to that collection only."""
    dates = days_of("coverage_test")
    begins = (date(2021, 6, 15), *dates[:-1])
    days = [(month_end_before(day) - begin).days for begin, day in zip(begins, dates, strict=True)]
    closing = table[: len(dates), COLUMNS.index("closing")]
    return FEE_RATE * closing * np.array(days) / 365


def coverage_test(table, fee_rate):
    """First paid on 26 July, 41 days after the closing and 25 before the next; ours counts from 20 June."""
    fees = [{"code": "senior", "name": "Senior fee", "annual_rate": fee_rate, "day_count": "ACT/365F"}]
    triggers = [{"code": "ic", "kind": "ic_owed", "class_code": "A1", "limit": LIMIT}]
    steps = [
        {"kind": "fee", "target": "senior"}, {"kind": "interest", "target": "A1"},
        {"kind": "principal", "target": "A1", "when": "breached:ic"},
    ]  # fmt: skip
    return run(table, "2021-06-20", path(0.07, (41, 30), (25, 31)), steps, fees=fees, triggers=triggers)


def net_of_fees():
    """The deal on collections that are net of the fees as told."""
    table = collected(0.02, 30)
    told = fees_told(table)
    table[: told.size, INTEREST] -= told
    return coverage_test(table, 0.0)


def test_coverage_test_line_by_line():
    """Balances, payments and unpaid interest; the fees of the two dates that are printed."""
    result, told = net_of_fees(), published("coverage_test", "interest")
    assert list(result.periods[1 : told.size]) == days_of("coverage_test")[1:]
    assert_drifts(result.closing[0], "coverage_test", "balance")
    assert_drifts(result.principal_paid[0], "coverage_test", "principal")
    assert_allclose(result.interest_paid[0, :8], told[:8], rtol=0, atol=CUT)
    assert_allclose(result.interest_paid[0, 9:11], told[9:], rtol=0, atol=CUT)
    assert_allclose(unpaid(result, 0.0, 8), published("coverage_test", "unpaid")[:8], atol=3 * CENT)
    # The ninth date pays what is unpaid: 0.44 cents of interest on it, and cents cut on eight dates before.
    assert 0.0 < result.interest_paid[0, 8] - told[8] < 5 * CENT
    fees = [round(fee - CENT / 2, 2) for fee in fees_told(collected(0.02, 30))[:2]]
    assert fees == list(PUBLISHED["coverage_test"]["senior_fee"].values())


def test_readings_of_the_coverage_test():
    """What is unpaid counts as due: the test has their figures, and so has the line that pays it."""
    result, told = net_of_fees(), np.array(PUBLISHED["coverage_test"]["readings"])
    line = result.steps.index("interest_steps.1")
    available, due = result.step_available[line, : told.size], result.step_due[line, : told.size]
    assert_allclose((available / due)[:10], told[:10], atol=0.03)
    assert (available / due)[10] == pytest.approx(told[10], rel=0.02)
    failed = list(PUBLISHED["coverage_test"]["failed"])
    assert list(available / due < LIMIT) == failed
    assert list(result.trigger_breached[0, : told.size]) == failed
    assert_allclose(result.trigger_value[0, :10], told[:10], atol=0.03)


def test_fees_of_whole_periods_are_the_difference():
    """With our own fee, on the pool before the collection for every day: A1 lacks exactly what the fees differ by."""
    told = fees_told(collected(0.02, 30))
    result, net = coverage_test(collected(0.02, 30), FEE_RATE), net_of_fees()
    ours = result.step_paid[0, : told.size]
    assert np.all(ours > told)
    for k in range(1, 8):
        assert net.interest_paid[0, k] - result.interest_paid[0, k] == pytest.approx(ours[k] - told[k])
    assert_allclose(result.closing[0], net.closing[0], atol=1e-9)


# Balance schedule


def test_balance_schedule_line_by_line():
    """One account: all collections are income. Caps by date say the schedule; the 35 days to 20 July are told on ours of 30."""
    table = collected(0.08, 30)
    table[:, INTEREST] += table[:, SCHEDULED]
    table[:, SCHEDULED] = 0.0
    pays = {"kind": "principal", "target": "A1"}
    steps = [
        {"kind": "interest", "target": "A1"},
        pays | {"when": "holds:second", "cap_amount": 190.0}, pays | {"when": "breached:second", "cap_amount": 5.0},
        pays | {"when": "breached:third", "cap_amount": 20.0}, pays | {"when": "breached:fourth"},
    ]  # fmt: skip
    triggers = [{"code": name, "kind": "date", "limit": at} for at, name in enumerate(("second", "third", "fourth"), 2)]
    result = run(table, "2021-06-20", path(0.07, (35, 30)), steps, triggers=triggers)
    dates = days_of("balance_schedule")
    assert list(result.periods[: len(dates)]) == dates
    assert_drifts(result.closing[0], "balance_schedule", "balance")
    assert_drifts(result.principal_paid[0], "balance_schedule", "principal")
    assert_allclose(result.interest_paid[0, : len(dates)], published("balance_schedule", "interest"), atol=CENT)
    assert np.all(np.abs(result.closing[0, : len(dates)] - published("balance_schedule", "balance")) < 2 * CENT)
    assert not result.deferred[0].any()
