"""The one calendar of a project: which day each month of the model is. Source: model book section 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.basics.business_days import BusinessDays, moved
from engine.basics.business_days import Calendar as Holidays
from engine.basics.dates import add_months
from engine.project.inputs import Country, ProjectInputs

HOLIDAYS = {Country.UK: Holidays.LONDON, Country.EU: Holidays.TARGET, Country.US: Holidays.NEW_YORK}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Month 0 is financial close; operating months count from the end of construction."""

    close: date
    months_from_close: int
    lease_months: int
    holidays: Holidays

    def month_date(self, month: int) -> date:
        """The end of an operating month, 0 being the start of operations."""
        return add_months(self.close, self.months_from_close + month)

    def payment_date(self, month: int) -> date:
        """When what is due for an operating month is paid: a business day, modified following."""
        return moved(self.month_date(month), BusinessDays.MODIFIED_FOLLOWING, self.holidays)

    @property
    def operations(self) -> date:
        """The first day of operations."""
        return self.month_date(0)

    @property
    def lease_end(self) -> date:
        """The end of the lease, which runs from the start of operations."""
        return self.month_date(self.lease_months)


def own_close(inputs: ProjectInputs) -> date | None:
    """Financial close as entered, else construction start moved to a business day; None where neither is known."""
    built = inputs.construction
    if built.close_date is not None:
        return date.fromisoformat(built.close_date)
    if built.start_date is None:
        return None
    return moved(date.fromisoformat(built.start_date), BusinessDays.MODIFIED_FOLLOWING, HOLIDAYS[inputs.country])


def calendar_of(inputs: ProjectInputs, close: date) -> Calendar:
    """The calendar that begins on a close."""
    return Calendar(
        close, inputs.construction.months_from_close, 12 * inputs.lease.term_years, HOLIDAYS[inputs.country]
    )
