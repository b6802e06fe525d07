"""Signed links: made, taken back, and opened by whoever holds them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from documents.access import get_pack
from documents.archive import MANIFEST
from documents.forms import LinkForm
from documents.link_pages import link_made
from documents.services.open_link import open_link
from documents.services.revoke_link import revoke_link
from documents.sharing import LinkEnded, get_link, kind_of, link_of, page_of
from documents.views.packs import pack_page


@signed_in
@require_POST
def pack_link_make(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link made; its address stands on the pack's page."""
    found, form = get_pack(request.user, code), LinkForm(request.POST)
    return link_made(request, found, form) or pack_page(request, found, form, status=422)


@signed_in
@require_POST
def pack_link_revoke(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link taken back."""
    link = revoke_link(by=request.user, link=get_link(request.user, code))
    messages.success(request, f"The link for {link.recipient} opens nothing any more.")
    return redirect(page_of(link.pack))


@require_safe
def pack_shared(request: HttpRequest, code: str) -> HttpResponse:
    """The pack, to whoever holds a link to it."""
    try:
        link = open_link(token=code, what="page")
    except LinkEnded as ended:
        return _ended(request, ended)
    pack, kind = link.pack, kind_of(link.pack)
    context = {
        "link": link,
        "token": code,
        "pack": pack,
        "words": kind.words,
        "subject": kind.subject(pack),
        "close_date": kind.close_date(pack),
        "files": kind.files(pack),
        "manifest": MANIFEST,
    }
    return _private(render(request, "documents/shared.html", context))


@require_safe
def pack_shared_archive(request: HttpRequest, code: str) -> HttpResponse:
    """The ZIP, to whoever holds a link."""
    return _opened(request, code, "")


@require_safe
def pack_shared_file(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """One document, to whoever holds a link."""
    return _opened(request, code, document)


def _opened(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """The file, read first: what is not there was not opened."""
    try:
        pack = link_of(token).pack
        kind = kind_of(pack)
        answer = kind.send_file(pack, key) if key else kind.send_archive(pack)
        open_link(token=token, what=key or "archive")
    except LinkEnded as ended:
        return _ended(request, ended)
    return answer


def _ended(request: HttpRequest, ended: LinkEnded) -> HttpResponse:
    return _private(render(request, "documents/link_ended.html", {"reason": str(ended)}, status=410))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
