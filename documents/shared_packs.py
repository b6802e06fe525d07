"""Packs of a financing as links show them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse

from documents.access import get_pack, require_can_make
from documents.models import Pack, PackLink
from documents.sending import send_archive, send_document
from documents.sharing import Shareable, SharedFile, declare
from lib.errors import NotFound
from projects.models import Status


def register_packs() -> None:
    """Packs of a financing are sent by link and withdrawn."""
    declare(
        Shareable(
            words="Execution pack",
            model=Pack,
            links=PackLink,
            page="pack",
            get=get_pack,
            require=require_can_make,
            opening=_opening,
            subject=lambda pack: pack.financing.project.title,
            close_date=lambda pack: pack.close_date,
            files=_files,
            send_archive=send_archive,
            send_file=_send_file,
        )
    )


def _opening() -> QuerySet[PackLink]:
    """The links, but for those to projects that were deleted."""
    related = ("pack__financing__project", "pack__financing__snapshot", "pack__financing__rule_set", "pack__supersedes")
    return PackLink.objects.exclude(pack__financing__project__status=Status.DELETED).select_related(*related)


def _files(pack: Pack) -> list[SharedFile]:
    return [
        SharedFile(str(row.code), row.title, row.filename, row.size_bytes, row.content_hash)
        for row in pack.documents.order_by("position")
    ]


def _send_file(pack: Pack, key: str) -> HttpResponse:
    try:
        row = pack.documents.filter(code=UUID(key)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotFound("There is no such document in this pack.")
    return send_document(row)
