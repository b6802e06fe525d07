"""What a delivery holds, and its ways out of the house: a folder, the channel of a source, a link by e-mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from engine.basics.dates import is_business_day
from jobs.models import JobState
from jobs.registry import Answer
from jobs.work import Held
from lib.reach import Unreachable
from lib.storage import keep_content
from lib.text import has_unprintable
from lib.verbs import refuse
from notifications.services.notify import notify
from reconciliation import exports, regulatory
from reconciliation.channels.opening import open_place
from reconciliation.encryption import locked
from reconciliation.lineage import RELATED
from reconciliation.models import (
    OF_BREAKS,
    Break,
    BreakPack,
    Delivered,
    DeliveryTry,
    ReconciliationRun,
    ScheduledDelivery,
    Way,
)
from reconciliation.packs import open_pack
from reconciliation.queries import queue, terms_in_force
from reconciliation.services.fetch_channel import waiting
from reconciliation.services.request_break_pack import MOST_PACKED
from reconciliation.translate import terms_of


def deliver(row: DeliveryTry, held: Held) -> Answer:
    """Name, hash and size of what was sent; done again it is the same file under the same name."""
    delivery = row.delivery
    name, content = locked(*made(row), delivery.recipient)
    digest = keep_content(content)
    told = {"name": name, "sha256": digest, "size_bytes": len(content)}
    DeliveryTry.objects.filter(code=row.code).update(**told)
    held.report(0)
    WAYS[Way(delivery.way)](row, name, content)
    return told


def made(row: DeliveryTry) -> tuple[str, bytes]:
    """The file as it is before it is locked; Invalid where there is nothing to deliver."""
    delivery = row.delivery
    stem = f"{delivery.what}-{timezone.localdate(row.created_at)}-{str(delivery.code)[:8]}"
    if delivery.what in OF_BREAKS:
        rows = breaks_of(delivery)
        if delivery.what == Delivered.BREAKS:
            return f"{stem}.{delivery.format}", exports.export_breaks(rows, delivery.format)[0]
        pack = BreakPack(
            requested_by=row.requested_by,
            created_at=row.created_at,
            filters=delivery.filters,
            format=delivery.format,
            with_files=False,
            title=delivery.name,
        )
        return f"{stem}.zip", open_pack(pack, rows)
    run = last_run(delivery)
    if delivery.what in regulatory.REGIMES:
        return f"{stem}.csv", regulatory.extract(run, delivery.what)
    return f"{stem}.{delivery.format}", exports.export(run, delivery.format)[0]


def breaks_of(delivery: ScheduledDelivery) -> list[Break]:
    """The breaks of its view; Invalid for more than one file should hold."""
    filters = dict(delivery.filters)
    if delivery.definition:
        filters["definition"] = str(delivery.definition.code)
    rows = list(queue(filters).select_related(*RELATED)[: MOST_PACKED + 1])
    if len(rows) > MOST_PACKED:
        raise refuse("many", "filters", f"Its view holds more than {MOST_PACKED:,} breaks: narrow it.")
    return rows


def last_run(delivery: ScheduledDelivery) -> ReconciliationRun:
    """The last run of its definition that is done; Invalid where there is none."""
    done = ReconciliationRun.objects.filter(definition=delivery.definition, state=JobState.DONE)
    run = done.order_by("-business_date", "-created_at").first()
    if run is None:
        raise refuse("run", "definition", f"No run of {delivery.definition} is done yet.")
    return run


def _into_folder(row: DeliveryTry, name: str, content: bytes) -> None:
    root = settings.ATLASNEXUS_OUTGOING_FOLDER
    if not root:
        raise refuse(
            "folder", "folder", "No outgoing folder: the administrator names one in ATLASNEXUS_OUTGOING_FOLDER."
        )
    folder = Path(root) / row.delivery.folder
    if not folder.is_dir() or not folder.resolve().is_relative_to(Path(root).resolve()):
        raise refuse(
            "folder", "folder", f"There is no folder {row.delivery.folder} in the outgoing one: make it first."
        )
    part = folder / f"{name}.part"
    try:
        part.write_bytes(content)
        part.replace(folder / name)
    except OSError as error:
        raise refuse("folder", "folder", f"The folder cannot be written: {error.strerror}.") from error


def _through_channel(row: DeliveryTry, name: str, content: bytes) -> None:
    channel = row.delivery.channel
    if channel is None:
        raise refuse("channel", "channel", "Its channel has ended: choose another one.")
    try:
        with open_place(channel, row.delivery.folder) as place:
            place.write(name, content)
    except Unreachable as error:
        raise refuse("unreachable", "channel", str(error)) from error


def _by_link(row: DeliveryTry, name: str, content: bytes) -> None:
    url = reverse("recon-delivery-content", args=[row.code])
    digest = sha256(content).hexdigest()
    notify(
        to=row.delivery.people.all(),
        kind="delivery_ready",
        title=f"{row.delivery}: {name}",
        body=f"SHA-256 {digest}",
        url=url,
    )


WAYS = {Way.FOLDER: _into_folder, Way.CHANNEL: _through_channel, Way.LINK: _by_link}


def delivery_ended(row: DeliveryTry) -> None:
    """When it is tried again or leaves next, and who is told; in the transaction of the try's end."""
    if row.state == JobState.CANCELLED:
        return
    delivery, is_done = row.delivery, row.state == JobState.DONE
    failed = 0 if is_done else delivery.failed_count + 1
    next_at = next_time(delivery) if is_done else timezone.now() + waiting(failed)
    ScheduledDelivery.objects.filter(pk=delivery.pk).update(failed_count=failed, next_at=next_at)
    said = {"url": reverse("recon-delivery", args=[delivery.code])}
    if is_done:
        notify(to=[delivery.saved_by], kind="delivery_sent", title=f"{delivery} was delivered", body=row.name, **said)
    elif failed == 1:
        title = f"{delivery} could not be delivered; it is tried again"
        notify(to=[delivery.saved_by], kind="delivery_failed", title=title, body=row.error, **said)


def next_time(delivery: ScheduledDelivery, now: datetime | None = None) -> datetime:
    """The next business day's time after now."""
    moment = timezone.localtime(now)
    day = moment.date()
    while True:
        found = timezone.make_aware(datetime.combine(day, delivery.at))
        terms = terms_in_force(day)
        is_holiday = terms is not None and day in terms_of(terms.content).holidays
        if found > moment and is_business_day(day) and not is_holiday:
            return found
        day += timedelta(days=1)


def require_plain(folder: str) -> None:
    """Raises Invalid for a folder that leads out of its place."""
    if ".." in folder.split("/") or has_unprintable(folder):
        raise refuse("folder", "folder", "Folder: expected a path without '..'.")
