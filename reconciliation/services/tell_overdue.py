"""Tells of files that did not come: once when they are late, once when their whole day passed without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone

from accounts.policies import people_of
from engine.basics.dates import is_business_day
from notifications.services import notify
from reconciliation.access import LOAD
from reconciliation.models import Overdue, OverdueState, Source
from reconciliation.queries import statements, terms_in_force
from reconciliation.translate import terms_of


def tell_overdue(now: datetime | None = None) -> int:
    """How many files people were told of now."""
    moment = timezone.localtime(now)
    today = moment.date()
    if not Source.objects.filter(is_active=True, due_at__isnull=False).exists():
        return 0
    found = [(OverdueState.LATE, today, source) for source in _late(today, moment)]
    day = next(each for each in _days_before(today) if _is_worked_on(each))
    found += [(OverdueState.MISSING, day, source) for source in _late(day, moment) if _was_there(source, day)]
    return sum(_told(*each) for each in found)


def _late(day: date, moment: datetime) -> list[Source]:
    late = [each["source"] for each in statements(day, moment) if each["state"] == "late"]
    return late if late and _is_worked_on(day) else []


def _was_there(source: Source, day: date) -> bool:
    """True of a source that was set up before its day was over."""
    return timezone.localtime(source.created_at).date() <= day


def _days_before(today: date) -> Iterator[date]:
    return (today - timedelta(days=number) for number in count(1))


def _is_worked_on(day: date) -> bool:
    terms = terms_in_force(day)
    return is_business_day(day) and not (terms and day in terms_of(terms.content).holidays)


@transaction.atomic
def _told(state: OverdueState, day: date, source: Source) -> bool:
    _, is_new = Overdue.objects.get_or_create(source=source, business_date=day, state=state)
    if is_new:
        title = (
            f"{source}: no file of {day}" if state == OverdueState.MISSING else f"{source}: its file of {day} is late"
        )
        due = f"It was due at {source.due_at:%H:%M}." if source.due_at else ""
        notify(
            to=people_of(LOAD),
            kind="statement_late",
            title=title,
            body=due,
            url=f"/reconciliation/sources/{source.code}/",
        )
    return is_new
