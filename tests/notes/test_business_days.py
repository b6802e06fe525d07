"""Payment dates moved to business days, and the ISDA count of thirty: against QuantLib's calendars, schedules and coupons."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.basics.business_days import BusinessDays, Calendar, is_open, moved
from engine.basics.day_counts import DayCount, year_ratio
from engine.notes.batch import run_batch
from engine.notes.book import notes_book
from engine.notes.content import problems_of, read_behaviour, read_pool, read_structure, write_structure
from engine.notes.papers import dates_of, year_ratios
from engine.notes.run import run_notes, run_on_flows
from engine.notes.taps import aged
from tests.notes.deals import FIVE, FIVE_POOL, three
from tests.notes.test_book import assert_same
from tests.notes.test_run import flows

CALENDARS = {
    Calendar.WEEKENDS: ql.WeekendsOnly(), Calendar.NEW_YORK: ql.UnitedStates(ql.UnitedStates.FederalReserve),
    Calendar.LONDON: ql.UnitedKingdom(ql.UnitedKingdom.Settlement), Calendar.TARGET: ql.TARGET(),
}  # fmt: skip
CONVENTIONS = {
    BusinessDays.UNADJUSTED: ql.Unadjusted, BusinessDays.FOLLOWING: ql.Following,
    BusinessDays.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
}  # fmt: skip
COUNTS = {DayCount.ACTUAL_360: ql.Actual360(), DayCount.THIRTY_EUROPEAN: ql.Thirty360(ql.Thirty360.European)}
DAYS = st.dates(date(2024, 1, 1), date(2070, 12, 31))


def of(day):
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("calendar", Calendar)
def test_every_day_of_fifty_years_is_quantlibs(calendar):
    day, oracle = date(2024, 1, 1), CALENDARS[calendar]
    while day.year < 2074:
        assert is_open(day, calendar) == oracle.isBusinessDay(of(day)), day
        day += timedelta(days=1)


def scheduled(closing, frequency, convention, calendar, **changes):
    return read_structure(
        three(
            closing_date=closing.isoformat(),
            payment_frequency_months=frequency,
            business_days=convention,
            calendar=calendar,
            **changes,
        )
    )


@settings(max_examples=150, deadline=None)
@given(
    DAYS, st.sampled_from([1, 3, 6, 12]), st.sampled_from(BusinessDays), st.sampled_from(Calendar), st.integers(1, 40)
)
def test_payment_dates_are_quantlibs_schedule(closing, frequency, convention, calendar, periods):
    structure = scheduled(closing, frequency, convention, calendar)
    tenor, rule = ql.Period(frequency, ql.Months), CONVENTIONS[convention]
    end = of(closing) + ql.Period(frequency * periods, ql.Months)
    oracle = ql.Schedule(of(closing), end, tenor, CALENDARS[calendar], rule, rule, ql.DateGeneration.Forward, False)
    assert [of(day) for day in dates_of(structure, periods)] == list(oracle)[1:]


@settings(max_examples=60, deadline=None)
@given(DAYS, st.sampled_from([1, 3, 6]), st.sampled_from(BusinessDays), st.sampled_from(list(COUNTS)), st.booleans())
def test_interest_accrues_as_quantlibs_coupons_do(closing, frequency, convention, count, accrues):
    """QuantLib's coupons of a schedule that is adjusted, or unadjusted and paid by the convention."""
    structure = scheduled(closing, frequency, convention, Calendar.TARGET, accrues_to_payment=accrues)
    rule = CONVENTIONS[convention]
    accrual = rule if accrues else ql.Unadjusted
    end = of(closing) + ql.Period(frequency * 8, ql.Months)
    schedule = ql.Schedule(
        of(closing),
        end,
        ql.Period(frequency, ql.Months),
        ql.TARGET(),
        accrual,
        accrual,
        ql.DateGeneration.Forward,
        False,
    )
    told = [ql.as_coupon(each) for each in ql.FixedRateLeg(schedule, COUNTS[count], [1.0], [1.0], rule)]
    found = year_ratios(structure, count, 8)
    # A closing on a holiday is the first day of interest as it is: QuantLib moves it.
    first = 1 if accrues and not CALENDARS[Calendar.TARGET].isBusinessDay(of(closing)) else 0
    assert_allclose(found[first:], [each.accrualPeriod() for each in told][first:], atol=1e-12)
    assert [of(day) for day in dates_of(structure, 8)] == [each.date() for each in told]


def test_interest_by_hand():
    """15 January, 15 February (Presidents' Day, so the 16th), 15 March 2027: A of 600 at 3.6% on ACT/360."""
    classes = [{**row, "day_count": "ACT/360"} for row in three()["classes"]]
    for accrues, days in ((True, [32, 27]), (False, [31, 28])):
        structure = scheduled(
            date(2027, 1, 15), 1, "following", "new_york", accrues_to_payment=accrues, classes=classes
        )
        result = run_on_flows(structure, flows([20.0, 20.0, 20.0]))
        assert result.periods[:2] == (date(2027, 2, 16), date(2027, 3, 15))
        assert_allclose(result.interest_paid[0, :2], [600 * 0.036 * n / 360 for n in days])


def test_days_of_the_deals_own_and_the_end_of_a_month():
    """31 January 2027 is a Sunday: following pays on 1 February, modified following on Friday the 29th; if that is closed, the 28th."""
    sunday = date(2027, 1, 31)
    assert moved(sunday, BusinessDays.FOLLOWING, Calendar.WEEKENDS) == date(2027, 2, 1)
    assert moved(sunday, BusinessDays.MODIFIED_FOLLOWING, Calendar.WEEKENDS) == date(2027, 1, 29)
    assert moved(sunday, BusinessDays.MODIFIED_FOLLOWING, Calendar.WEEKENDS, {date(2027, 1, 29)}) == date(2027, 1, 28)
    structure = scheduled(date(2026, 12, 31), 1, "modified_following", "weekends", holidays=["2027-01-29"])
    assert dates_of(structure, 1) == (date(2027, 1, 28),)
    assert read_structure(write_structure(structure)) == structure


def test_faults_have_their_place():
    wrong = three(business_days="preceding", calendar="paris", holidays=["2027-13-01"])
    assert {(each.code, each.place) for each in problems_of(wrong)} == {
        ("not_a_choice", "business_days"), ("not_a_choice", "calendar"), ("not_a_date", "holidays.0"),
    }  # fmt: skip
    assert [each.place for each in problems_of(three(holidays="2027-12-24"))] == ["holidays"]


def test_a_structure_ages_by_its_unmoved_dates():
    structure = scheduled(date(2026, 12, 31), 1, "following", "weekends")
    result = run_on_flows(structure, flows([9.0] * 3, [100.0] * 3))
    later = aged(structure, result, 1)
    assert later.closing_date == date(2027, 1, 31)
    assert result.periods[0] == date(2027, 2, 1)


# 30E/360 ISDA


@settings(max_examples=300, deadline=None)
@given(DAYS, DAYS, DAYS)
def test_the_isda_count_is_quantlibs(start, end, last):
    start, end, last = sorted((start, end, last))
    oracle = ql.Thirty360(ql.Thirty360.ISDA, of(last))
    assert year_ratio(DayCount.THIRTY_ISDA, start, end, last) == pytest.approx(
        oracle.yearFraction(of(start), of(end)), abs=1e-12
    )


def test_the_isda_count_at_ends_of_february():
    """28 February 2027 counts as the 30th, but not where it is the termination date; in a leap year the 28th is no end."""
    ends = [date(2027, 1, 31), date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 31)]
    for last in (*ends, None):
        oracle = ql.Thirty360(ql.Thirty360.ISDA, of(last)) if last else ql.Thirty360(ql.Thirty360.ISDA)
        for start, end in ((a, b) for k, a in enumerate(ends) for b in ends[k:]):
            told = oracle.yearFraction(of(start), of(end))
            assert year_ratio(DayCount.THIRTY_ISDA, start, end, last) == pytest.approx(told, abs=1e-12), (
                start,
                end,
                last,
            )
    assert year_ratio(DayCount.THIRTY_ISDA, ends[0], ends[1]) * 360 == 30.0
    assert year_ratio(DayCount.THIRTY_ISDA, ends[0], ends[1], ends[1]) * 360 == 28.0


def test_a_class_on_the_isda_count_pays_its_last_february_by_its_days():
    """31 December to 31 January and 28 February, the last date: 30 and 28 days."""
    classes = [{**row, "day_count": "30E/360 ISDA"} for row in three()["classes"]]
    structure = scheduled(date(2026, 12, 31), 1, "unadjusted", "weekends", classes=classes)
    assert_allclose(year_ratios(structure, DayCount.THIRTY_ISDA, 2) * 360, [30.0, 28.0])
    assert_allclose(year_ratios(structure, DayCount.THIRTY_ISDA, 3) * 360, [30.0, 30.0, 30.0])


def test_the_three_readings_agree_on_moved_dates():
    count = "30E/360 ISDA"
    rows = FIVE | {
        "business_days": "following", "calendar": "london", "accrues_to_payment": True,
        "classes": [{**row, "day_count": count if row["code"] != "B" else "ACT/360"} for row in FIVE["classes"]],
        "fees": [{**row, "day_count": "ACT/ACT"} for row in FIVE["fees"]],
    }  # fmt: skip
    structure, pool = read_structure(rows), read_pool(FIVE_POOL)
    behaviour = read_behaviour({"default_kind": "cdr", "default": 0.08, "severity_ratio": 0.6})
    result, batch = run_notes(structure, pool, behaviour), run_batch(structure, pool, [behaviour])
    assert_allclose(batch.of("interest")[0], result.interest_paid.sum(axis=1), rtol=1e-9)
    assert_same(result, notes_book(structure, result.pool).page())
    assert all(is_open(day, Calendar.LONDON) for day in result.periods)
    assert any(later - earlier != timedelta(days=91) for earlier, later in pairwise(result.periods))
