"""Payment dates: the day of the month, moved to the next New York business day (federal holidays and the deal's own)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from engine.basics.business_days import SATURDAY, federal_holidays

_ONE = timedelta(days=1)


def is_business_day(day: date, holidays: Collection[date] = ()) -> bool:
    """True where New York's banks work."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year) and day not in holidays


def following(day: date, holidays: Collection[date] = ()) -> date:
    """The day itself, or the next business day.

    >>> following(date(2028, 1, 15))
    datetime.date(2028, 1, 18)
    """
    while not is_business_day(day, holidays):
        day += _ONE
    return day


def preceding(day: date, business_days: int, holidays: Collection[date] = ()) -> date:
    """So many business days earlier: a determination date."""
    while business_days:
        day -= _ONE
        business_days -= is_business_day(day, holidays)
    return day


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)


def unadjusted_dates(first: date, last: date, months: int) -> tuple[date, ...]:
    """Every payment day from the first to the last, as the papers say it before it is moved."""
    found, number = [], 0
    while (day := add_months(first, months * number)) <= last:
        found.append(day)
        number += 1
    return tuple(found)
