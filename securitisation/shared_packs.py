"""Packs of notes as links show them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse

from documents.sharing import Shareable, SharedFile, declare
from lib.errors import NotFound
from lib.numbers import whole_or_none
from securitisation.access import get_notes_pack, require_issue
from securitisation.models import NotesPack, NotesPackLink
from securitisation.sending import files_of, send_archive, send_file


def register_packs() -> None:
    """Packs of notes are sent by link and withdrawn."""
    declare(
        Shareable(
            words="Notes",
            model=NotesPack,
            links=NotesPackLink,
            page="notes-pack",
            get=get_notes_pack,
            require=require_issue,
            opening=_opening,
            subject=lambda pack: pack.run.version.structure.name,
            close_date=lambda pack: date.fromisoformat(pack.run.version.content["closing_date"]),
            files=_files,
            send_archive=send_archive,
            send_file=_send_file,
        )
    )


def _opening() -> QuerySet[NotesPackLink]:
    return NotesPackLink.objects.select_related("pack__run__version__structure")


def _files(pack: NotesPack) -> list[SharedFile]:
    return [
        SharedFile(str(number), each["title"], each["file"], each["size_bytes"], each["sha256"])
        for number, each in enumerate(files_of(pack), start=1)
    ]


def _send_file(pack: NotesPack, key: str) -> HttpResponse:
    number = whole_or_none(key, 5)
    if number is None:
        raise NotFound("There is no such file in this pack.")
    return send_file(pack, number)
