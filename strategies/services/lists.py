"""Restricted and watch lists: a name is put on from a day on with a reason, and ends with one; nothing is deleted."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import Desk, ListEntry


@transaction.atomic
def put_on_list(
    *, by: User, desk: Desk, kind: str, ident: str, reason: str, from_date: date, until_date: date | None = None
) -> ListEntry:
    """The entry; Invalid for a name that is on the list on one of these days already."""
    require_on(by, desk, Action.COMPLY)
    entry = ListEntry(
        desk=desk,
        list=kind,
        ident=" ".join(ident.split()),
        from_date=from_date,
        until_date=until_date,
        reason=" ".join(reason.split()),
        made_by=by,
    )
    if until_date is not None and until_date < from_date:
        raise refuse("ends_before", "until_date", "Until: the last day lies before the first.")
    Desk.objects.select_for_update().get(pk=desk.pk)
    twice = [each for each in _entries(entry) if _meet(each, entry)]
    if twice:
        raise refuse("twice", "ident", f"{entry.ident} is on that list already, from {twice[0].from_date:%-d %b %Y}.")
    save_checked(entry)
    after = {
        "list": kind,
        "ident": entry.ident,
        "from": str(from_date),
        "until": _day(until_date),
        "reason": entry.reason,
    }
    audit.record(by=by, action="list_entry.made", target=entry, after=after)
    return entry


@transaction.atomic
def end_entry(*, by: User, entry: ListEntry, until_date: date, reason: str) -> ListEntry:
    """The entry with its last day; Invalid for one that has ended, or for a day that is over."""
    require_on(by, entry.desk, Action.COMPLY)
    held = ListEntry.objects.select_for_update().select_related("desk").get(pk=entry.pk)
    today, because = timezone.localdate(), " ".join(reason.split())
    if held.until_date is not None and held.until_date < today:
        raise refuse("ended", "until_date", f"{held.ident} left the list on {held.until_date:%-d %b %Y}.")
    if until_date < max(held.from_date, today):
        first = max(held.from_date, today)
        raise refuse(
            "too_early", "until_date", f"Last day: expected {first:%-d %b %Y} or later; what was in force stays known."
        )
    if not because:
        raise refuse("no_reason", "reason", "Say why the name leaves the list.")
    before = {"until": _day(held.until_date)}
    held.until_date, held.ended_by, held.ended_at, held.ended_reason = until_date, by, timezone.now(), because
    save_checked(held)
    after = {"ident": held.ident, "until": str(until_date), "reason": because}
    audit.record(by=by, action="list_entry.ended", target=held, before=before, after=after)
    return held


def _entries(entry: ListEntry) -> list[ListEntry]:
    return list(ListEntry.objects.filter(desk=entry.desk, list=entry.list, ident=entry.ident))


def _meet(one: ListEntry, other: ListEntry) -> bool:
    """Whether there is a day that both are on."""
    return one.from_date <= (other.until_date or date.max) and other.from_date <= (one.until_date or date.max)


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)
