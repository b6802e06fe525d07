"""Sets up what leaves the house by itself; sends it; ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from jobs.models import ACTIVE_STATES
from jobs.queue import enqueue_job
from lib.verbs import refuse, save_checked
from reconciliation.access import DELIVER, may_see, require_may
from reconciliation.delivering import next_time, require_plain
from reconciliation.models import OF_BREAKS, DeliveryTry, ScheduledDelivery, Way
from reconciliation.queries import FILTERS

# So long a try has it to itself; then it is taken for lost.
LEASE = timedelta(minutes=15)
MOST_AT_ONCE = 20
TOLD = ("name", "what", "format", "way", "folder", "filters", "is_active")


@transaction.atomic
def save_delivery(*, by: User, delivery: ScheduledDelivery, people: Sequence[User] = ()) -> ScheduledDelivery:
    """The delivery, which leaves at its next time; Invalid where something is missing by which it could."""
    require_may(by, DELIVER)
    delivery.saved_by, delivery.failed_count = by, 0
    require_plain(delivery.folder)
    if delivery.what not in OF_BREAKS and delivery.definition is None:
        raise refuse("definition", "definition", "Definition: expected the one whose last run is delivered.")
    if delivery.way == Way.CHANNEL and delivery.channel is None:
        raise refuse("channel", "channel", "Channel: expected the channel that it goes to.")
    if delivery.way == Way.LINK and not people:
        raise refuse("people", "people", "People: expected at least one who is sent the link.")
    if outsiders := [str(each) for each in people if not may_see(each)]:
        raise refuse("people", "people", f"People: reconciliation is not there for {', '.join(outsiders)}.")
    if unknown := set(delivery.filters) - set(FILTERS):
        raise refuse("filters", "filters", f"View: expected {', '.join(FILTERS)}, got {', '.join(sorted(unknown))}.")
    delivery.next_at = next_time(delivery)
    save_checked(delivery)
    delivery.people.set(people)
    told = {name: getattr(delivery, name) for name in TOLD}
    told |= {"at": str(delivery.at), "recipient": str(delivery.recipient or ""), "channel": str(delivery.channel or "")}
    told["people"] = [each.email for each in people]
    audit.record(by=by, action="delivery.saved", target=delivery, after=told)
    return delivery


@transaction.atomic
def end_delivery(*, by: User, delivery: ScheduledDelivery) -> None:
    """Nothing leaves by it any more; what left stays in its log."""
    require_may(by, DELIVER)
    delivery.is_active = False
    delivery.save(update_fields=["is_active"])
    audit.record(by=by, action="delivery.ended", target=delivery, before={"name": delivery.name})


def send_now(*, by: User, delivery: ScheduledDelivery, enqueue: bool = True) -> DeliveryTry:
    """A try now; Invalid where one is under way."""
    require_may(by, DELIVER)
    if DeliveryTry.objects.filter(delivery=delivery, state__in=ACTIVE_STATES).exists():
        raise refuse("under_way", "delivery", f"{delivery} is under way: wait until it is done.")
    return _tried(delivery, by, enqueue)


def deliver_due() -> int:
    """How many deliveries whose time has come were given to workers."""
    due = ScheduledDelivery.objects.filter(is_active=True, next_at__lte=timezone.now()).select_related("saved_by")
    return sum(_started(delivery) for delivery in due.order_by("next_at")[:MOST_AT_ONCE])


def _started(delivery: ScheduledDelivery) -> bool:
    """True when it was given to a worker: of several watchers one wins."""
    later = timezone.now() + LEASE
    with transaction.atomic():
        mine = ScheduledDelivery.objects.filter(pk=delivery.pk, next_at=delivery.next_at).update(next_at=later)
        if not mine or DeliveryTry.objects.filter(delivery=delivery, state__in=ACTIVE_STATES).exists():
            return False
        _tried(delivery, None, True)
    return True


@transaction.atomic
def _tried(delivery: ScheduledDelivery, by: User | None, enqueue: bool) -> DeliveryTry:
    row = DeliveryTry(
        delivery=delivery,
        requested_by=by or delivery.saved_by,
        number=delivery.failed_count + 1,
        title=delivery.name,
        total_count=1,
    )
    save_checked(row)
    audit.record(by=by, action="delivery.started", target=delivery, after={"try": row.number})
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(row))
    return row
