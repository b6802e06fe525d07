"""When channels are fetched: the rows say when, a worker does it. An entry that is lost is made good after its lease."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from jobs.queue import own_connection, put
from lib.verbs import refuse
from reconciliation.access import LOAD, require_may
from reconciliation.models import Channel
from reconciliation.services.fetch_channel import fetch_channel
from reconciliation.services.save_channel import require_rest

QUEUE_NAME = "tasks"
# So long a worker has it to himself; then it is taken for lost.
LEASE = timedelta(minutes=15)
# Redis is away.
PATIENCE = timedelta(minutes=1)
MOST_AT_ONCE = 20


def fetch_due() -> int:
    """How many channels whose time has come were given to workers."""
    due = Channel.objects.filter(is_active=True, source__is_active=True, next_at__lte=timezone.now())
    return sum(_started(channel) for channel in due.order_by("next_at")[:MOST_AT_ONCE])


def fetch_now(*, by: User, channel: Channel) -> None:
    """The channel is given to a worker; Invalid where it is not active, or was looked at just now."""
    require_may(by, LOAD)
    if not (channel.is_active and channel.source.is_active):
        raise refuse("inactive", "channel", f"{channel} is not active.")
    require_rest(channel)
    with transaction.atomic():
        audit.record(by=by, action="reconciliation.fetch_asked", target=channel, after={"source": channel.source.name})
        transaction.on_commit(lambda: _started(channel))


def fetch_queued(code: str) -> bool:
    """True when nothing went wrong; a worker calls it."""
    with own_connection():
        return not fetch_channel(code).error


def _started(channel: Channel) -> bool:
    """True when a worker has it: of several watchers one wins."""
    now = timezone.now()
    mine = Channel.objects.filter(pk=channel.pk, next_at=channel.next_at).update(next_at=now + LEASE)
    if not mine:
        return False
    if put(QUEUE_NAME, "reconciliation.fetching.fetch_queued", str(channel.code)):
        return True
    Channel.objects.filter(pk=channel.pk).update(next_at=now + PATIENCE)
    return False
