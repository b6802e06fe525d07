"""Parts of a year between two days, by the day counts of bonds and notes.

Source: 2006 ISDA Definitions, 4.16: (b) actual/actual, (d) actual/365 (fixed), (e) actual/360, (f) 30/360, (g) 30E/360,
(h) 30E/360 (ISDA).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

DAYS_OF_MONTH, DAYS_OF_YEAR = 30, 360
FEBRUARY = 2


class DayCount(StrEnum):
    """How days of a period are counted; equal periods are the same part of a year, whatever their days."""

    EQUAL = "equal"
    THIRTY = "30/360"
    THIRTY_EUROPEAN = "30E/360"
    THIRTY_ISDA = "30E/360 ISDA"
    ACTUAL_360 = "ACT/360"
    ACTUAL_365 = "ACT/365F"
    ACTUAL_ACTUAL = "ACT/ACT"


def days_30_360(start: date, end: date, *, european: bool = False) -> int:
    """Days between two dates of months of thirty days; the European count ends every 31st on the 30th."""
    first = min(start.day, DAYS_OF_MONTH)
    last = min(end.day, DAYS_OF_MONTH) if european or first == DAYS_OF_MONTH else end.day
    return DAYS_OF_YEAR * (end.year - start.year) + DAYS_OF_MONTH * (end.month - start.month) + last - first


def days_30e_360_isda(start: date, end: date, last: date | None) -> int:
    """Days between two dates of months of thirty days, where every last day of a month is the 30th; not `last`, the termination date, in February."""
    first = DAYS_OF_MONTH if _ends_month(start) else start.day
    keeps = end == last and end.month == FEBRUARY
    second = DAYS_OF_MONTH if _ends_month(end) and not keeps else end.day
    return DAYS_OF_YEAR * (end.year - start.year) + DAYS_OF_MONTH * (end.month - start.month) + second - first


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def year_ratio(day_count: DayCount, start: date, end: date, last: date | None = None) -> float:
    """The part of a year from one day to a later one; equal periods count whole months. `last` is the termination date, which 30E/360 ISDA reads.

    >>> year_ratio(DayCount.ACTUAL_360, date(2026, 1, 15), date(2026, 4, 15))
    0.25
    >>> year_ratio(DayCount.THIRTY, date(2026, 1, 30), date(2026, 3, 31)) * 360
    60.0
    """
    days = (end - start).days
    if day_count == DayCount.EQUAL:
        return ((end.year - start.year) * 12 + end.month - start.month) / 12
    if day_count == DayCount.ACTUAL_ACTUAL:
        return _by_calendar_year(start, end)
    if day_count in {DayCount.ACTUAL_360, DayCount.ACTUAL_365}:
        return days / (360 if day_count == DayCount.ACTUAL_360 else 365)
    if day_count == DayCount.THIRTY_ISDA:
        return days_30e_360_isda(start, end, last) / DAYS_OF_YEAR
    return days_30_360(start, end, european=day_count == DayCount.THIRTY_EUROPEAN) / DAYS_OF_YEAR


def _by_calendar_year(start: date, end: date) -> float:
    """Days in each year over that year's days."""
    whole = 0.0
    while start.year < end.year:
        turn = date(start.year + 1, 1, 1)
        whole, start = whole + (turn - start).days / _days_of(start.year), turn
    return whole + (end - start).days / _days_of(start.year)


def _days_of(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
