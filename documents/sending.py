"""Documents as answers: to be saved, or shown in a frame of the portal's own pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from documents.archive import MANIFEST, pack_zip
from documents.manifests import pack_manifest
from documents.models import Pack, PackDocument
from documents.signatures import signature_file
from lib.storage import content_of
from projects.attachments.contents import KINDS

ARCHIVE = "application/zip"
# A frame of this host may show it; nothing in it may run, load or send anything.
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
SAVED = {"Content-Security-Policy": "sandbox; default-src 'none'"}


def archive_of(pack: Pack) -> bytes:
    """The pack's ZIP."""
    return pack_zip(pack_manifest(pack), content_of, signature_file(pack.manifest_hash))


def archive_name(pack: Pack) -> str:
    """What the ZIP is called: by its number, or as a draft by its code."""
    return f"pack-{pack.number or f'draft-{str(pack.code)[:8]}'}.zip"


def send_archive(pack: Pack) -> HttpResponse:
    """The ZIP, to be saved."""
    return sent(archive_of(pack), ARCHIVE, archive_name(pack))


def send_manifest(pack: Pack) -> HttpResponse:
    """The manifest, to be saved."""
    return sent(pack_manifest(pack), "application/json", MANIFEST)


def send_document(row: PackDocument) -> HttpResponse:
    """One document, to be saved."""
    return sent(content_of(row.content_hash), content_type_of(row), row.filename)


def show_document(row: PackDocument) -> HttpResponse:
    """One document, for a frame of this host."""
    response = HttpResponse(content_of(row.content_hash), content_type=content_type_of(row))
    response.headers["Content-Disposition"] = _named(row.filename, is_saved=False)
    return _guarded(response, FRAMED)


def sent(content: bytes, content_type: str, name: str) -> HttpResponse:
    """Content to be saved: no browser shows or runs it in the portal's name."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = _named(name, is_saved=True)
    return _guarded(response, SAVED)


def content_type_of(row: PackDocument) -> str:
    """By the end of its name."""
    known = KINDS.get(row.suffix)
    return known.content_type if known else "application/octet-stream"


def _named(name: str, *, is_saved: bool) -> str:
    # Django leaves the header away only where there is neither a name nor anything to save.
    return content_disposition_header(is_saved, name) or ""


def _guarded(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
