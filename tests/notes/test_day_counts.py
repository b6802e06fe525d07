"""Day counts against QuantLib, and what notes pay by them: the plain run, the kernel and the formulas."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.basics.day_counts import DayCount, year_ratio
from engine.notes.batch import run_batch
from engine.notes.book import notes_book
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure
from engine.notes.measures import discount_margin_bps, flows_of
from engine.notes.run import run_notes, run_on_flows
from tests.notes.deals import FIVE, FIVE_POOL, three
from tests.notes.test_book import assert_same
from tests.notes.test_run import flows

ORACLES = {
    DayCount.THIRTY: ql.Thirty360(ql.Thirty360.BondBasis),
    DayCount.THIRTY_EUROPEAN: ql.Thirty360(ql.Thirty360.European),
    DayCount.ACTUAL_360: ql.Actual360(),
    DayCount.ACTUAL_365: ql.Actual365Fixed(),
    DayCount.ACTUAL_ACTUAL: ql.ActualActual(ql.ActualActual.ISDA),
}
DAYS = st.dates(date(2020, 1, 1), date(2070, 12, 31))


def of(day):
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("day_count", ORACLES)
@settings(max_examples=200, deadline=None)
@given(start=DAYS, end=DAYS)
def test_a_part_of_a_year_is_quantlibs(day_count, start, end):
    start, end = sorted((start, end))
    assert year_ratio(day_count, start, end) == pytest.approx(
        ORACLES[day_count].yearFraction(of(start), of(end)), abs=1e-12
    )


@pytest.mark.parametrize("day_count", ORACLES)
def test_ends_of_months_are_quantlibs(day_count):
    """Every pair of the last and first days of months about a leap year."""
    ends = {1: 31, 2: 28, 3: 31, 4: 30, 12: 31}
    days = [
        date(year, month, day)
        for year in (2027, 2028)
        for month, end in ends.items()
        for day in (1, 28, 29, end)
        if day <= end
    ]
    days.append(date(2028, 2, 29))
    for start in days:
        for end in (day for day in days if day >= start):
            told = ORACLES[day_count].yearFraction(of(start), of(end))
            assert year_ratio(day_count, start, end) == pytest.approx(told, abs=1e-12), (start, end)


def counted(day_count, closing="2026-01-31"):
    classes = [{**row, "day_count": day_count} for row in three()["classes"]]
    fees = [{**row, "day_count": day_count} for row in three()["fees"]]
    return three(classes=classes, fees=fees, closing_date=closing)


@pytest.mark.parametrize(
    ("day_count", "days", "base"),
    [
        ("equal", [30, 30, 30], 360), ("30/360", [28, 33, 30], 360), ("30E/360", [28, 32, 30], 360),
        ("ACT/360", [28, 31, 30], 360), ("ACT/365F", [28, 31, 30], 365), ("ACT/ACT", [28, 31, 30], 365),
    ],
)  # fmt: skip
def test_interest_and_fees_by_hand(day_count, days, base):
    """31 January, 28 February, 31 March, 30 April 2026: A of 600 at 3.6%, the fee 0.6% of the pool of 1,000."""
    result = run_on_flows(read_structure(counted(day_count)), flows([20.0, 20.0, 20.0]))
    assert_allclose(result.interest_paid[0], [600 * 0.036 * n / base for n in days])
    assert_allclose(result.step_paid[0], [1000 * 0.006 * n / base for n in days])


@pytest.mark.parametrize("day_count", DayCount)
def test_kernel_and_formulas_count_the_same_days(day_count):
    rows = FIVE | {
        "liquidity": {
            "commitment_ratio": 0.02,
            "covers": "A",
            "commitment_fee_rate": 0.01,
            "margin_bps": 100.0,
            "day_count": day_count,
        }
    }
    rows = rows | {
        "classes": [{**row, "day_count": day_count if row["code"] != "B" else "30E/360"} for row in FIVE["classes"]],
        "fees": [{**row, "day_count": day_count} for row in FIVE["fees"]],
        "interest_steps": [
            *FIVE["interest_steps"][:2], {"kind": "fee", "target": "liquidity"}, {"kind": "interest", "target": "liquidity"},
            FIVE["interest_steps"][2], {"kind": "principal", "target": "liquidity"}, *FIVE["interest_steps"][3:],
        ],
    }  # fmt: skip
    structure, pool = read_structure(rows), read_pool(FIVE_POOL)
    behaviour = read_behaviour({"default_kind": "cdr", "default": 0.08, "severity_ratio": 0.6})
    result = run_notes(structure, pool, behaviour)
    batch = run_batch(structure, pool, [behaviour])
    assert_allclose(batch.of("interest")[0], result.interest_paid.sum(axis=1), rtol=1e-9)
    assert_allclose(batch.of("principal")[0], result.principal_paid.sum(axis=1), rtol=1e-9, atol=1e-6)
    assert batch.of("residual")[0] == pytest.approx(result.residual.sum(), rel=1e-9, abs=1e-6)
    assert_same(result, notes_book(structure, result.pool).page())


def test_a_floating_class_at_par_earns_its_margin_by_its_day_count():
    classes = [
        {**three()["classes"][0], "coupon_kind": "floating", "margin_bps": 120.0, "day_count": "ACT/360"},
        *three()["classes"][1:],
    ]
    structure = read_structure(three(classes=classes, index_rate=0.03))
    result = run_on_flows(structure, flows([20.0] * 6, [150.0] * 6))
    assert discount_margin_bps(flows_of(result, "A"), 1.0, (0.03,)) == pytest.approx(120.0, abs=1e-6)


def test_a_rate_for_a_whole_year_is_paid_in_full():
    """Four quarters of a year without a leap day: ACT/365F and ACT/ACT pay 3.6% of 600, ACT/360 365/360 of it."""
    for day_count, whole in (("ACT/365F", 21.6), ("ACT/ACT", 21.6), ("30/360", 21.6), ("ACT/360", 21.6 * 365 / 360)):
        rows = counted(day_count, "2026-01-15") | {"payment_frequency_months": 3}
        result = run_on_flows(read_structure(rows), flows([20.0] * 4))
        assert float(np.sum(result.interest_paid[0])) == pytest.approx(whole)


def test_a_day_count_that_is_none_is_named_with_its_place():
    rows = counted("ACT/ACT")
    rows["classes"][1]["day_count"] = "ACTUAL"
    rows["fees"][0]["day_count"] = ""
    rows["liquidity"] = {"day_count": "30"}
    found = {(each.code, each.place) for each in problems_of(rows)}
    assert {("not_a_choice", "classes.1.day_count"), ("not_a_choice", "liquidity.day_count")} <= found
