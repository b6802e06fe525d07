"""Payment dates: the day of the month, moved to the next New York business day (federal holidays and the deal's own)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
_ONE = timedelta(days=1)


@lru_cache(maxsize=256)
def federal_holidays(year: int) -> frozenset[date]:
    """The Federal Reserve's holidays: one on a Sunday is kept on Monday, one on a Saturday is not moved."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2022:
        fixed.append(date(year, 6, 19))
    moved = [day + _ONE if day.weekday() == SUNDAY else day for day in fixed]
    floating = [_nth(year, 1, MONDAY, 3), _nth(year, 2, MONDAY, 3), _nth(year, 9, MONDAY, 1), _nth(year, 10, MONDAY, 2),
                _nth(year, 11, THURSDAY, 4), _last_monday_of_may(year)]  # fmt: skip
    return frozenset((*moved, *floating))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


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
