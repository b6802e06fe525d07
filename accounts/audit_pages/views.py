"""Pages of the audit trail; for administrators, and to others not there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import in_words
from accounts.audit_pages.changes import changes
from accounts.audit_pages.exports import EXPORTS
from accounts.audit_pages.search import Search, known_actions, known_targets, page_of
from accounts.audit_pages.targets import page_of as target_page
from accounts.audit_pages.targets import type_words
from accounts.models import AuditEntry, User
from accounts.requests import PersonRequest, makes_nothing, signed_in
from lib.errors import NotFound
from lib.streams import in_background

CHANGES_SHOWN = 4


@makes_nothing
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def trail(request: PersonRequest) -> HttpResponse:
    """A page of the entries asked for, newest first. The form is posted: its address has nobody's e-mail in it."""
    _require_administrator(request.user)
    search = Search.from_params(request.POST if request.method == "POST" else request.GET)
    address = f"{reverse('audit')}?{search.query}"
    if request.method == "POST" and not request.htmx:
        return redirect(address)
    page = page_of(search, older_than=request.GET.get("older", ""), newer_than=request.GET.get("newer", ""))
    context: dict[str, Any] = {
        "section": "audit",
        "search": search,
        "page": page,
        "rows": [shown(entry) for entry in page.entries],
    }
    if request.htmx and not request.htmx.history_restore_request:
        fragment = render(request, "accounts/audit/rows.html", context)
        fragment.headers["HX-Push-Url"] = request.get_full_path() if request.method == "GET" else address
        return fragment
    lists = {"actions": known_actions(), "targets": known_targets()}
    return render(request, "accounts/audit/list.html", {**context, **lists})


@signed_in
@require_safe
def entry(request: PersonRequest, sequence: int) -> HttpResponse:
    """One entry in full, with its links."""
    _require_administrator(request.user)
    found = AuditEntry.shown.filter(sequence=min(sequence, 2**63 - 1)).first()
    if found is None:
        raise NotFound("There is no such entry.")
    neighbours = AuditEntry.shown.filter(sequence__in=(sequence - 1, sequence + 1)).values_list("sequence", flat=True)
    context = {
        "section": "audit",
        "entry": found,
        "words": in_words(found.action),
        "type": type_words(found.target_type),
        "changes": changes(found.before, found.after),
        "target_page": target_page(found.target_type, found.target_code),
        "previous": sequence - 1 if sequence - 1 in neighbours else None,
        "following": sequence + 1 if sequence + 1 in neighbours else None,
    }
    return render(request, "accounts/audit/entry.html", context)


async def export(request: HttpRequest) -> HttpResponseBase:
    """Every entry asked for, as a file; never cut short."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse("Sign in to take the trail away.", status=401)
    _require_administrator(user)
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    kind, search = request.GET.get("format", "csv"), Search.from_params(request.GET)
    if kind not in EXPORTS or search.problems:
        raise NotFound("The trail comes as csv or jsonl, of a search that can be read.")
    pieces, content_type = EXPORTS[kind]
    response = StreamingHttpResponse(in_background(pieces(search), on_one_thread=True), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="atlas-audit.{kind}"'
    return response


def shown(entry: AuditEntry) -> dict[str, Any]:
    """An entry as a line of a list: itself, where its thing is seen, the first of its changes."""
    found = changes(entry.before, entry.after)
    return {
        "entry": entry,
        "words": in_words(entry.action),
        "type": type_words(entry.target_type),
        "page": target_page(entry.target_type, entry.target_code),
        "changes": found[:CHANGES_SHOWN],
        "more": len(found) - CHANGES_SHOWN,
    }


def _require_administrator(user: User) -> None:
    if not user.is_staff:
        raise NotFound("Page not found.")
