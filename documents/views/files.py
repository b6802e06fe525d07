"""The files of a pack: shown in the page, taken away one by one or all at once."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from documents.access import can_make, get_document, get_pack
from documents.models import DocumentState, Pack, PackDocument
from documents.previews import preview_of
from documents.sending import send_archive, send_document, send_manifest, show_document
from documents.signatures import published_keys
from lib.errors import NotFound


@signed_in
@require_safe
def document(request: PersonRequest, code: UUID) -> HttpResponse:
    """One document: shown where a browser can, else what is in it."""
    row = get_document(request.user, code)
    others = list(row.pack.documents.filter(state=DocumentState.DONE).order_by("position"))
    place = next((at for at, other in enumerate(others) if other.pk == row.pk), None)
    context = {
        "section": "packs",
        "document": row,
        "pack": row.pack,
        "project": row.pack.financing.project,
        "preview": preview_of(row) if row.is_there else None,
        "before": others[place - 1] if place else None,
        "after": others[place + 1] if place is not None and place + 1 < len(others) else None,
        "can_make_again": can_make(request.user) and row.pack.is_open and not row.pack.is_active,
    }
    return render(request, "documents/document.html", context)


@require_safe
@signed_in_file
def document_file(request: PersonRequest, code: UUID) -> HttpResponse:
    """One document, to be saved."""
    return send_document(there(get_document(request.user, code)))


@require_safe
@signed_in_file
def document_view(request: PersonRequest, code: UUID) -> HttpResponse:
    """One PDF, for the frame of its page."""
    row = there(get_document(request.user, code))
    if row.suffix != "pdf":
        raise NotFound("No browser shows this kind of document: take it away instead.")
    return show_document(row)


@require_safe
@signed_in_file
def pack_archive(request: PersonRequest, code: UUID) -> HttpResponse:
    """The whole pack as one ZIP."""
    return send_archive(whole(get_pack(request.user, code)))


@require_safe
@signed_in_file
def pack_manifest_file(request: PersonRequest, code: UUID) -> HttpResponse:
    """What the pack holds, as JSON."""
    return send_manifest(whole(get_pack(request.user, code)))


@require_safe
def signing_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that sign manifests, to whoever checks a pack."""
    return HttpResponse(published_keys(), content_type="application/x-pem-file")


def there(row: PackDocument) -> PackDocument:
    """The document; NotFound while it is not made."""
    if not row.is_there:
        raise NotFound("This document is not made yet.")
    return row


def whole(pack: Pack) -> Pack:
    """The pack; NotFound while a worker is at it."""
    if pack.is_active:
        raise NotFound("This pack is being made: take it away once its documents are done.")
    return pack
