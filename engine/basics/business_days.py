"""Business days of the places where notes are paid, and dates moved to them.

Holidays follow the rules in force from 2024 on; days that a government adds once are data a caller holds (`holidays`). Sources: the
Federal Reserve's holiday schedule; TARGET's long-term calendar of closing days; bank holidays of England and Wales.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
_ONE = timedelta(days=1)


class Calendar(StrEnum):
    """Whose holidays are kept beside weekends."""

    WEEKENDS = "weekends"
    NEW_YORK = "new_york"
    LONDON = "london"
    TARGET = "target"


PLACES = {
    Calendar.WEEKENDS: "weekends",
    Calendar.NEW_YORK: "United States bank holidays",
    Calendar.LONDON: "English bank holidays",
    Calendar.TARGET: "closing days of TARGET",
}


class BusinessDays(StrEnum):
    """Where a date goes that is no business day: nowhere, to the next one, or to the next one in its month, else the last before it."""

    UNADJUSTED = "unadjusted"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"


def is_open(day: date, calendar: Calendar, holidays: Collection[date] = ()) -> bool:
    """True where banks of the calendar work."""
    return day.weekday() < SATURDAY and day not in holidays_of(calendar, day.year) and day not in holidays


def moved(day: date, convention: BusinessDays, calendar: Calendar, holidays: Collection[date] = ()) -> date:
    """The day as a convention pays it.

    >>> moved(date(2027, 1, 31), BusinessDays.FOLLOWING, Calendar.TARGET)
    datetime.date(2027, 2, 1)
    >>> moved(date(2027, 1, 31), BusinessDays.MODIFIED_FOLLOWING, Calendar.TARGET)
    datetime.date(2027, 1, 29)
    """
    if convention == BusinessDays.UNADJUSTED:
        return day
    found = day
    while not is_open(found, calendar, holidays):
        found += _ONE
    if convention == BusinessDays.MODIFIED_FOLLOWING and found.month != day.month:
        found = day
        while not is_open(found, calendar, holidays):
            found -= _ONE
    return found


@lru_cache(maxsize=1024)
def holidays_of(calendar: Calendar, year: int) -> frozenset[date]:
    """A year's holidays, weekends left out."""
    if calendar == Calendar.WEEKENDS:
        return frozenset()
    if calendar == Calendar.NEW_YORK:
        return federal_holidays(year)
    return _london(year) if calendar == Calendar.LONDON else _target(year)


@lru_cache(maxsize=256)
def federal_holidays(year: int) -> frozenset[date]:
    """The Federal Reserve's holidays: one on a Sunday is kept on Monday, one on a Saturday is not moved."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2022:
        fixed.append(date(year, 6, 19))
    kept = [day + _ONE if day.weekday() == SUNDAY else day for day in fixed]
    floating = [nth_weekday(year, 1, MONDAY, 3), nth_weekday(year, 2, MONDAY, 3), nth_weekday(year, 9, MONDAY, 1), nth_weekday(year, 10, MONDAY, 2),
                nth_weekday(year, 11, THURSDAY, 4), last_monday(year, 5)]  # fmt: skip
    return frozenset((*kept, *floating))


def _target(year: int) -> frozenset[date]:
    easter = easter_sunday(year)
    fixed = (date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26))
    return frozenset((*fixed, easter - 2 * _ONE, easter + _ONE))


def _london(year: int) -> frozenset[date]:
    """New Year, Christmas and Boxing Day on a weekend are kept on the next weekday that is no holiday."""
    easter = easter_sunday(year)
    kept = {
        easter - 2 * _ONE,
        easter + _ONE,
        nth_weekday(year, 5, MONDAY, 1),
        last_monday(year, 5),
        last_monday(year, 8),
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        found = day
        while found.weekday() >= SATURDAY or found in kept:
            found += _ONE
        kept.add(found)
    return frozenset(kept)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The first, second, ... such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def last_monday(year: int, month: int) -> date:
    """The last Monday of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=last.weekday())


def easter_sunday(year: int) -> date:
    """Easter of the Gregorian calendar (Meeus, Jones, Butcher).

    >>> easter_sunday(2027)
    datetime.date(2027, 3, 28)
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l_ = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * l_) // 433
    month = (h + l_ - 7 * m + 90) // 25
    return date(year, month, (h + l_ - 7 * m + 33 * month + 19) % 32)
