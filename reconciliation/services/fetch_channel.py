"""Takes in what lies at a channel's place: each file once, whatever goes wrong in between."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.policies import people_of
from lib.errors import AtlasError
from lib.reach import Unreachable
from notifications.services import notify
from reconciliation.access import LOAD
from reconciliation.channels import Changed, Found, Place, is_wanted
from reconciliation.channels.opening import open_place
from reconciliation.models import Channel, Fetch, FetchedFile, FileState
from reconciliation.reading.outcome import MEGABYTE
from reconciliation.services.receive_file import receive_file
from reconciliation.services.save_channel import ERROR_LENGTH

# More of them wait a minute.
MOST_AT_ONCE = 100
MOST_LEFT_TOLD, FETCHES_KEPT = 50, 100
LONGEST_WAIT = timedelta(hours=6)
# So many failures in a row people are told of.
FAILURES_TOLD = 3

log = structlog.get_logger(__name__)


def fetch_channel(code: str) -> Fetch:
    """What was taken, left, or why nothing could be; whatever was taken stays so where the rest fails."""
    channel = Channel.objects.select_related("source").get(code=code)
    fetch, has_more = Fetch(channel=channel), False
    try:
        with open_place(channel) as place:
            has_more = _take_all(place, fetch)
    except (Unreachable, AtlasError) as error:
        fetch.error = str(error)[:ERROR_LENGTH]
    _end(channel, fetch, has_more)
    log.info("channel_fetched", source=channel.source.name, taken=fetch.taken_count, error=fetch.error)
    return fetch


def _take_all(place: Place, fetch: Fetch) -> bool:
    """True where more files wait than are taken at once."""
    channel = fetch.channel
    wanted = [found for found in place.files() if is_wanted(found.name, channel.pattern)]
    fetch.found_count = len(wanted)
    known = {row.name: row for row in channel.fetched.filter(name__in=[found.name for found in wanted])}
    for found in wanted:
        row = known.get(found.name)
        if row is None or row.stamp != found.stamp:
            if fetch.taken_count >= MOST_AT_ONCE:
                return True
            row = _taken(place, found, fetch)
        if row is not None and channel.done_folder:
            _put_aside(place, found, f"{row.sha256[:12]}-{found.name}", fetch)
    return False


def _taken(place: Place, found: Found, fetch: Fetch) -> FetchedFile | None:
    channel = fetch.channel
    if found.size_bytes > channel.source.most_megabytes * MEGABYTE:
        _left(fetch, found, f"larger than {channel.source.most_megabytes} MB")
        return None
    try:
        content = place.read(found)
    except Changed:
        _left(fetch, found, "still being written")
        return None
    day = timezone.localdate()
    rows = receive_file(
        by=None, source=channel.source, name=found.name, content=content, business_date=day, channel=channel.kind
    )
    # Whoever dies before this line takes the same bytes again: they are the same file.
    told = {"stamp": found.stamp, "sha256": sha256(content).hexdigest(), "at": timezone.now()}
    row, _ = FetchedFile.objects.update_or_create(channel=channel, name=found.name, defaults=told)
    fetch.taken_count += 1
    fetch.refused_count += any(each.state == FileState.REFUSED for each in rows)
    return row


def _put_aside(place: Place, found: Found, name: str, fetch: Fetch) -> None:
    try:
        place.put_aside(found, name)
    except Changed:
        _left(fetch, found, "written since it was taken")


def _left(fetch: Fetch, found: Found, why: str) -> None:
    if len(fetch.left) < MOST_LEFT_TOLD:
        fetch.left.append({"name": found.name, "why": why})


@transaction.atomic
def _end(channel: Channel, fetch: Fetch, has_more: bool) -> None:
    fetch.save()
    kept = channel.fetches.order_by("-pk").values_list("pk", flat=True)[:FETCHES_KEPT]
    channel.fetches.exclude(pk__in=list(kept)).delete()
    failed = channel.failed_count + 1 if fetch.error else 0
    wait = waiting(failed) if failed else timedelta(minutes=1 if has_more else channel.every_minutes)
    Channel.objects.filter(pk=channel.pk).update(failed_count=failed, next_at=timezone.now() + wait)
    if failed == FAILURES_TOLD:
        url = f"/reconciliation/sources/{channel.source.code}/"
        title = f"{channel.source}: files could not be fetched {failed} times"
        notify(to=people_of(LOAD), kind="channel_failed", title=title, body=fetch.error, url=url)


def waiting(failed: int) -> timedelta:
    """How long after so many failures in a row it is tried again: 1, 2, 4 minutes and so on.

    >>> [str(waiting(failed)) for failed in (1, 4, 40)]
    ['0:01:00', '0:08:00', '6:00:00']
    """
    return min(timedelta(minutes=2 ** min(failed - 1, 20)), LONGEST_WAIT)
