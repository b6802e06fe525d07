"""Days as the cells of a workbook hold them: numbers counted from a first day."""

from __future__ import annotations

from datetime import date, timedelta

FIRST_DAY, FIRST_DAY_1904 = date(1899, 12, 30), date(1904, 1, 1)


def day_number(day: date) -> int:
    """A day as a cell holds it."""
    return (day - FIRST_DAY).days


def day_of(number: float, *, starts_1904: bool = False) -> date:
    """The day that a cell's number is; OverflowError beyond the calendar."""
    return (FIRST_DAY_1904 if starts_1904 else FIRST_DAY) + timedelta(days=int(number))
