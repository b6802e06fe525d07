"""Restricted and watch lists of a desk: names put on and taken off, each with its days and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import Action, actions_of, get_desk, get_visible, require_on
from strategies.models import Desk, ListEntry, ListKind
from strategies.services.lists import end_entry, put_on_list
from strategies.views.shown import SECTION


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: PersonRequest, code: UUID) -> HttpResponse:
    """Both lists with what was on them, and putting a name on one."""
    desk = get_desk(request.user, code)
    if request.method != "POST":
        return _page(request, desk)
    require_on(request.user, desk, Action.COMPLY)
    try:
        entry = put_on_list(
            by=request.user,
            desk=desk,
            kind=request.POST.get("list", ""),
            ident=request.POST.get("ident", ""),
            reason=request.POST.get("reason", ""),
            from_date=typed_day(request.POST.get("from_date", ""), "from_date", "From") or timezone.localdate(),
            until_date=typed_day(request.POST.get("until_date", ""), "until_date", "Until"),
        )
    except Invalid as error:
        return _page(request, desk, error.problems)
    messages.success(request, f"{entry}.")
    return redirect("desk-lists", desk.code)


@signed_in
@require_POST
def end(request: PersonRequest, code: UUID) -> HttpResponse:
    """A name's last day on its list."""
    entry = get_visible(request.user, ListEntry, code)
    require_on(request.user, entry.desk, Action.COMPLY)
    try:
        day = typed_day(request.POST.get("until_date", ""), "until_date", "Last day") or timezone.localdate()
        end_entry(by=request.user, entry=entry, until_date=day, reason=request.POST.get("reason", ""))
    except Invalid as error:
        return _page(request, entry.desk, error.problems)
    messages.success(request, f"{entry.ident} leaves the list after {day:%-d %b %Y}.")
    return redirect("desk-lists", entry.desk.code)


def typed_day(text: str, place: str, label: str) -> date | None:
    """The day in a field; None where it is empty."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise refuse("not_a_date", place, f"{label}: expected a day as YYYY-MM-DD.") from None


def _page(request: PersonRequest, desk: Desk, problems: Sequence[Problem] = ()) -> HttpResponse:
    today = timezone.localdate()
    entries = ListEntry.objects.filter(desk=desk).select_related("made_by", "ended_by")
    rows = [(entry, entry.is_on(today), entry.until_date is None or entry.until_date >= today) for entry in entries]
    context = {
        "section": SECTION,
        "desk": desk,
        "lists": [(kind, [row for row in rows if row[0].list == kind]) for kind in ListKind],
        "kinds": ListKind.choices,
        "today": today,
        "idents": sorted({str(row["ident"]) for universe in desk.universes.all() for row in universe.members}),
        "may_comply": Action.COMPLY in actions_of(request.user, desk),
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "strategies/lists.html", context, status=422 if problems else 200)
