"""Asks for a pack of breaks with everything behind them; a worker makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import NotFound
from lib.storage import content_of
from lib.verbs import refuse, save_checked
from reconciliation.access import PACK, require_may
from reconciliation.exports import WRITERS
from reconciliation.models import Break, BreakPack, Recipient
from reconciliation.queries import queue

MOST_PACKED = 2_000


def request_break_pack(
    *,
    by: User,
    breaks: Sequence[Break] = (),
    filters: Mapping[str, str] | None = None,
    format: str = "csv",  # noqa: A002 - as exports name it
    with_files: bool = True,
    recipient: Recipient | None = None,
    enqueue: bool = True,
) -> BreakPack:
    """The pack of these breaks, or of those that the filters of the queue leave, queued; Invalid for none or too many."""
    require_may(by, PACK)
    if format not in WRITERS:
        raise refuse("format", "format", f"Format: expected one of {', '.join(WRITERS)}.")
    rows = list(breaks) or list(queue(dict(filters or {}))[: MOST_PACKED + 1])
    if not 0 < len(rows) <= MOST_PACKED:
        said = "There is no such break" if not rows else "There are more"
        raise refuse("breaks", "breaks", f"{said}: choose 1 to {MOST_PACKED:,} breaks.")
    if recipient is not None and not recipient.is_active:
        raise refuse("recipient", "recipient", f"Recipient: nothing is locked for {recipient} any more.")
    pack = BreakPack(
        requested_by=by,
        breaks=[str(row.code) for row in rows],
        filters=dict(filters or {}),
        format=format,
        with_files=with_files,
        recipient=recipient,
        total_count=len(rows),
        title=f"Pack of {len(rows)} breaks" if len(rows) > 1 else f"Pack of {rows[0]}",
    )
    with transaction.atomic():
        require_quota(by, pack)
        save_checked(pack)
        told: dict[str, Any] = {
            "breaks": len(rows),
            "filters": pack.filters,
            "format": format,
            "with_files": with_files,
        }
        told["recipient"] = recipient.name if recipient else None
        audit.record(by=by, action="break_pack.requested", target=pack, after=told)
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(pack))
    return pack


@transaction.atomic
def take_break_pack(*, by: User, pack: BreakPack) -> bytes:
    """The archive's bytes; NotFound where it is not made yet."""
    require_may(by, PACK)
    if not pack.sha256:
        raise NotFound("This pack is not made yet.")
    audit.record(by=by, action="break_pack.taken", target=pack, after={"sha256": pack.sha256})
    return content_of(pack.sha256)
