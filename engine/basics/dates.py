"""Days and months of a calendar without public holidays, which are data a caller holds."""

from __future__ import annotations

from datetime import date, timedelta

SATURDAY = 5


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def is_business_day(day: date) -> bool:
    """True from Monday to Friday; public holidays are not known.

    >>> is_business_day(date(2027, 1, 29)), is_business_day(date(2027, 1, 30))
    (True, False)
    """
    return day.weekday() < SATURDAY


def next_business_day(day: date) -> date:
    """The day itself, or the Monday after a weekend, unless that leaves the month: then the Friday before.

    Modified following without public holidays: a calendar of holidays is data the caller holds.
    """
    following = day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
    if following.month == day.month:
        return following
    return day - timedelta(days=day.weekday() - 4)


def nearest_months(start: date, end: date) -> int:
    """Whole months from one day to a later one, to the nearest; half a month or less counts as none.

    >>> nearest_months(date(2027, 3, 31), date(2027, 6, 1)), nearest_months(date(2027, 3, 31), date(2027, 4, 15))
    (2, 0)
    """
    whole = max((end.year - start.year) * 12 + end.month - start.month, 0)
    if whole and add_months(start, whole) > end:
        whole -= 1
    return whole + ((end - add_months(start, whole)).days > 15)
