"""Exports of an approved strategy, and links to them for people who do not sign in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from documents.sending import sent
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.signed_links import LONGEST_LINK_DAYS, LinkEnded, token_of
from lib.storage import DOCUMENTS, content_of
from lib.verbs import refuse
from strategies.access import Action, get_visible, require_on
from strategies.models import Export, ExportForm, ExportLink, Strategy
from strategies.report import CONTENT_TYPES
from strategies.services.exports import (
    OPEN_TO_EXPORT,
    make_export,
    make_export_link,
    open_export_link,
    revoke_export_link,
)
from strategies.views.shown import strategy_context


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: PersonRequest, code: UUID) -> HttpResponse:
    """The exports of a strategy with their links, and making one."""
    strategy = get_visible(request.user, Strategy, code)
    if request.method != "POST":
        return _page(request, strategy)
    require_on(request.user, strategy.desk, Action.EXPORT)
    try:
        made = make_export(by=request.user, strategy=strategy, form=request.POST.get("form", ""))
    except Invalid as error:
        return _page(request, strategy, error.problems)
    except NotFound as missing:
        return _page(request, strategy, [Problem("missing", "limits", str(missing))])
    messages.success(request, f"{made.file_name} is ready.")
    return redirect("strategy-exports", strategy.code)


@signed_in_file
@require_safe
def export_file(request: PersonRequest, code: UUID) -> HttpResponse:
    """One export, to be saved."""
    return sent_export(get_visible(request.user, Export, code))


@signed_in
@require_POST
def link_make(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link made; its address stands beside the export."""
    export = get_visible(request.user, Export, code)
    require_on(request.user, export.version.strategy.desk, Action.EXPORT)
    typed = request.POST.get("days", "")
    try:
        if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
            raise refuse("days", "days", f"Days: expected a whole number, 1 to {LONGEST_LINK_DAYS}.")
        recipient = request.POST.get("recipient", "")
        link = make_export_link(by=request.user, export=export, recipient=recipient, days=int(typed))
    except Invalid as error:
        return _page(request, export.version.strategy, error.problems)
    messages.success(request, f"The link for {link.recipient} is ready to be copied.")
    return redirect("strategy-exports", export.version.strategy.code)


@signed_in
@require_POST
def link_revoke(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link taken back."""
    link = revoke_export_link(by=request.user, link=get_visible(request.user, ExportLink, code))
    messages.success(request, f"The link for {link.recipient} opens nothing any more.")
    return redirect("strategy-exports", link.export.version.strategy.code)


@require_safe
def shared(request: HttpRequest, code: str) -> HttpResponse:
    """The file, to whoever holds a link to it."""
    try:
        link = open_export_link(token=code)
    except LinkEnded as ended:
        response = render(request, "documents/link_ended.html", {"reason": str(ended)}, status=410)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
    return sent_export(link.export)


def sent_export(export: Export) -> HttpResponse:
    """The file, as something to save."""
    response = sent(content_of(export.file_hash, DOCUMENTS), CONTENT_TYPES[ExportForm(export.form)], export.file_name)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(request: PersonRequest, strategy: Strategy, problems: Sequence[Problem] = ()) -> HttpResponse:
    rows = Export.objects.filter(version__strategy=strategy).select_related("version", "check_made", "made_by")
    context = {
        **strategy_context(request, strategy, "strategy-exports"),
        "exports": [(row, _links(request, row)) for row in rows.prefetch_related("links__made_by")],
        "forms": ExportForm.choices,
        "is_open": strategy.state in OPEN_TO_EXPORT,
        "days": settings.ATLASNEXUS_LINK_DAYS,
        "most_days": LONGEST_LINK_DAYS,
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "strategies/exports.html", context, status=422 if problems else 200)


def _links(request: PersonRequest, export: Export) -> list[tuple[ExportLink, str]]:
    """Each link with its address while it opens something."""
    return [(link, _address(request, link) if link.is_valid else "") for link in export.links.all()]


def _address(request: PersonRequest, link: ExportLink) -> str:
    return request.build_absolute_uri(reverse("strategy-export-shared", args=[token_of(link)]))
