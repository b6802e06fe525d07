"""Who has a review before them, and who alone decides it for a while: a lock that nobody has to lift."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from lib.verbs import refuse
from strategies.models import Attendance, Strategy
from strategies.models.flow import HERE_FOR, LOCKED_FOR
from strategies.queries import locked


def seen(strategy: Strategy, person: User) -> Attendance:
    """The person is here now."""
    found, _ = Attendance.objects.update_or_create(
        strategy=strategy, person=person, defaults={"seen_at": timezone.now()}
    )
    return found


def others_here(strategy: Strategy, person: User) -> QuerySet[Attendance]:
    """Everybody else who was here a moment ago."""
    here = Attendance.objects.filter(strategy=strategy, seen_at__gt=timezone.now() - HERE_FOR)
    return here.exclude(person=person).select_related("person")


def holder(strategy: Strategy) -> Attendance | None:
    """Who works on the review, while the lock has not expired."""
    found = Attendance.objects.filter(strategy=strategy, works_until__gt=timezone.now())
    return found.select_related("person").first()


@transaction.atomic
def take_up(strategy: Strategy, person: User) -> Attendance:
    """The person alone decides for the next minutes; Invalid while somebody else does."""
    held = locked(strategy)
    require_unlocked(held, person)
    mine = seen(held, person)
    mine.works_until = timezone.now() + LOCKED_FOR
    mine.save(update_fields=["works_until"])
    return mine


def lay_down(strategy: Strategy, person: User) -> None:
    """Anybody may decide again."""
    Attendance.objects.filter(strategy=strategy, person=person).update(works_until=None)


def require_unlocked(strategy: Strategy, person: User) -> None:
    """Raises Invalid while somebody else works on the review."""
    found = holder(strategy)
    if found is not None and found.person != person:
        name = found.person.full_name or found.person.email
        until = timezone.localtime(found.works_until)
        raise refuse("locked", "lock", f"{name} works on this until {until:%H:%M}: wait, or ask.")
