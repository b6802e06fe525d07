"""Business days: Monday to Friday, without the holidays given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

NO_HOLIDAYS: frozenset[date] = frozenset()


def business_days_between(one: date, other: date, holidays: Collection[date] = NO_HOLIDAYS) -> int:
    """Business days from the earlier, exclusive, to the later, inclusive; at least 1 for two different days."""
    first, last = sorted((one, other))
    if first == last:
        return 0
    weeks, rest = divmod((last - first).days, 7)
    tail = sum((first + timedelta(days=n + 1)).weekday() < 5 for n in range(rest))
    away = sum(first < day <= last and day.weekday() < 5 for day in holidays)
    return max(1, weeks * 5 + tail - away)
