"""Tells of breaks that nobody settled in their hours: once each."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.policies import people_of
from notifications.services import notify
from reconciliation.access import WORK
from reconciliation.models import UNSETTLED, Break

MOST_AT_ONCE = 200


@transaction.atomic
def escalate_breaks() -> int:
    """How many breaks were escalated now; those who work on breaks are told once of all of them."""
    late = Break.objects.filter(state__in=UNSETTLED, escalated_at=None, resolve_by__lt=timezone.now())
    rows = list(late.order_by("-score")[:MOST_AT_ONCE])
    if not rows:
        return 0
    for row in rows:
        row.escalated_at = timezone.now()
        audit.record(by=None, action="break.escalated", target=row, after={"resolve_by": row.resolve_by.isoformat()})
    Break.objects.bulk_update(rows, ["escalated_at"])
    people = {row.owner for row in rows if row.owner} or set(people_of(WORK))
    title = f"{len(rows)} breaks are past their time" if len(rows) > 1 else f"Past its time: {rows[0]}"
    notify(to=people, kind="break_escalated", title=title, url="/reconciliation/breaks/")
    return len(rows)
