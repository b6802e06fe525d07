"""Takes, comments, resolves breaks; many at once in one transaction, each with its entry on the trail."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.policies import may
from engine.reconciliation.ranking import TITLES
from lib.text import has_unprintable
from lib.verbs import refuse
from notifications.services import notify
from reconciliation.access import APPROVE, WORK, needs_second, require_may, require_second
from reconciliation.models import Break, BreakState, Comment

LONGEST_RESOLUTION, LONGEST_COMMENT = 500, 2_000


def assign_breaks(*, by: User, breaks: Iterable[Break], to: User | None) -> list[Break]:
    """The breaks with their new owner; None for nobody. Invalid for somebody who does not work on breaks."""
    require_may(by, WORK)
    if to is not None and not may(to, WORK):
        raise refuse("owner", "owner", f"Owner: {to} does not work on breaks.")
    with transaction.atomic():
        rows = _unsettled(breaks)
        for row in rows:
            before, row.owner = row.owner, to
            row.save(update_fields=["owner"])
            told = {"owner": str(before) if before else None}
            audit.record(
                by=by, action="break.assigned", target=row, before=told, after={"owner": str(to) if to else None}
            )
    return rows


def comment_break(*, by: User, row: Break, text: str) -> Comment:
    """The comment; Invalid without a word."""
    require_may(by, WORK)
    text = _said(text, "text", LONGEST_COMMENT)
    with transaction.atomic():
        comment = Comment.objects.create(of=row, by=by, text=text)
        audit.record(by=by, action="break.commented", target=row, after={"text": text})
    return comment


def resolve_breaks(*, by: User, breaks: Iterable[Break], reason: str, cause: str = "") -> list[Break]:
    """The breaks, resolved; those from a size on wait for a second person. `cause` is what they came from, if known."""
    require_may(by, WORK)
    reason = _said(reason, "reason", LONGEST_RESOLUTION)
    if cause and cause not in TITLES:
        raise refuse("cause", "cause", f"Cause: expected one of {', '.join(TITLES)}, or none.")
    with transaction.atomic():
        rows = [row for row in _unsettled(breaks) if row.state == BreakState.OPEN]
        for row in rows:
            _resolve(by, row, reason, cause)
        waiting = [row for row in rows if row.state == BreakState.PROPOSED]
        if waiting:
            _ask(by, waiting)
    return rows


def _resolve(by: User, row: Break, reason: str, cause: str) -> None:
    row.resolution, row.found_cause, row.proposed_by = reason, cause, by
    row.state = BreakState.PROPOSED if needs_second(row) else BreakState.RESOLVED
    if row.state == BreakState.RESOLVED:
        row.settled_by, row.settled_at = by, timezone.now()
    row.save()
    action = "break.proposed" if row.state == BreakState.PROPOSED else "break.resolved"
    audit.record(
        by=by,
        action=action,
        target=row,
        before={"state": BreakState.OPEN},
        after={"state": row.state, "reason": reason, "cause": cause},
    )


def _ask(by: User, rows: list[Break]) -> None:
    people = [each for each in User.objects.filter(is_active=True) if each != by and may(each, APPROVE)]
    title = f"{len(rows)} resolutions to approve" if len(rows) > 1 else f"To approve: {rows[0]}"
    notify(to=people, kind="break_proposed", title=title, url="/reconciliation/breaks/?state=proposed")


def decide_resolution(*, by: User, row: Break, approve: bool, comment: str = "") -> Break:
    """The break resolved or open again; Forbidden for whoever proposed it."""
    with transaction.atomic():
        row = Break.objects.select_for_update().get(pk=row.pk)
        require_second(by, row)
        if approve:
            row.state, row.settled_by, row.settled_at = BreakState.RESOLVED, by, timezone.now()
        else:
            row.state = BreakState.OPEN
        row.save()
        if comment.strip():
            Comment.objects.create(of=row, by=by, text=_said(comment, "comment", LONGEST_COMMENT))
        action = "break.approved" if approve else "break.rejected"
        audit.record(
            by=by, action=action, target=row, before={"state": BreakState.PROPOSED}, after={"state": row.state}
        )
    return row


def _unsettled(breaks: Iterable[Break]) -> list[Break]:
    """The breaks again, under lock; those that are settled are left as they are."""
    pks = [each.pk for each in breaks]
    return [row for row in Break.objects.select_for_update().filter(pk__in=pks) if row.is_unsettled]


def _said(text: str, place: str, longest: int) -> str:
    text = " ".join(text.split())
    if not text or len(text) > longest or has_unprintable(text):
        raise refuse("text", place, f"{place.capitalize()}: expected 1 to {longest:,} printable characters.")
    return text
