"""Signed links: made, taken back, and opened by whoever holds them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from documents.access import get_link, get_pack, require_can_make
from documents.archive import MANIFEST
from documents.forms import LinkForm
from documents.links import LinkEnded
from documents.models import PackLink
from documents.sending import archive_name, send_archive, send_document
from documents.services.make_link import make_link
from documents.services.open_link import open_link
from documents.services.revoke_link import revoke_link
from documents.views.packs import pack_page
from lib.errors import Invalid, NotFound


@signed_in
@require_POST
def pack_link_make(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link made; its address stands on the pack's page."""
    found = get_pack(request.user, code)
    require_can_make(request.user)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return pack_page(request, found, form, status=422)
    try:
        link = make_link(by=request.user, pack=found, **form.cleaned_data)
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.place if problem.place in form.fields else None, problem.message)
        return pack_page(request, found, form, status=422)
    messages.success(request, f"The link for {link.recipient} is ready to be copied.")
    return redirect(f"{reverse('pack', args=[found.code])}#links")


@signed_in
@require_POST
def pack_link_revoke(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link taken back."""
    link = revoke_link(by=request.user, link=get_link(request.user, code))
    messages.success(request, f"The link for {link.recipient} opens nothing any more.")
    return redirect("pack", link.pack.code)


@require_safe
def pack_shared(request: HttpRequest, code: str) -> HttpResponse:
    """The pack, to whoever holds a link to it."""
    try:
        link = open_link(token=code, what="page")
    except LinkEnded as ended:
        return _ended(request, ended)
    pack = link.pack
    context = {
        "link": link,
        "token": code,
        "pack": pack,
        "project": pack.financing.project,
        "documents": list(pack.documents.order_by("position")),
        "archive_name": archive_name(pack),
        "manifest": MANIFEST,
    }
    return _private(render(request, "documents/shared.html", context))


@require_safe
def pack_shared_archive(request: HttpRequest, code: str) -> HttpResponse:
    """The ZIP, to whoever holds a link."""
    return _opened(request, code, None)


@require_safe
def pack_shared_file(request: HttpRequest, code: str, document: UUID) -> HttpResponse:
    """One document, to whoever holds a link."""
    return _opened(request, code, document)


def _opened(request: HttpRequest, token: str, document: UUID | None) -> HttpResponse:
    try:
        link = open_link(token=token, what=str(document or "archive"))
    except LinkEnded as ended:
        return _ended(request, ended)
    return send_archive(link.pack) if document is None else _document(link, document)


def _document(link: PackLink, code: UUID) -> HttpResponse:
    row = link.pack.documents.filter(code=code).first()
    if row is None:
        raise NotFound("There is no such document in this pack.")
    return send_document(row)


def _ended(request: HttpRequest, ended: LinkEnded) -> HttpResponse:
    return _private(render(request, "documents/link_ended.html", {"reason": str(ended)}, status=410))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
