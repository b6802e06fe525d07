"""The files of a pack of notes as answers, to be saved."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

from documents.archive import pack_zip
from documents.sending import ARCHIVE, sent
from documents.signatures import signature_file
from lib.errors import NotFound
from lib.storage import content_of
from projects.attachments.contents import KINDS
from securitisation.models import NotesPack


def files_of(pack: NotesPack) -> list[dict[str, Any]]:
    """Every file that the manifest names; none before it is made."""
    found: list[dict[str, Any]] = json.loads(pack.manifest)["files"] if pack.manifest else []
    return found


def there(pack: NotesPack) -> NotesPack:
    """The pack; NotFound while its papers are not made."""
    if not pack.is_there:
        raise NotFound("The papers of this pack are not made yet.")
    return pack


def send_archive(pack: NotesPack) -> HttpResponse:
    """The ZIP."""
    name = pack.number or f"draft-{str(pack.code)[:8]}"
    content = pack_zip(there(pack).manifest.encode(), content_of, signature_file(pack.manifest_hash))
    return sent(content, ARCHIVE, f"notes-{name}.zip")


def send_file(pack: NotesPack, number: int) -> HttpResponse:
    """One file, by its place in the manifest from 1."""
    files = files_of(there(pack))
    if not 1 <= number <= len(files):
        raise NotFound("There is no such file in this pack.")
    return send_content(content_of(files[number - 1]["sha256"]), files[number - 1]["file"].rpartition("/")[2])


def send_content(content: bytes, name: str) -> HttpResponse:
    """Content under a name whose end says what it is."""
    known = KINDS.get(name.rpartition(".")[2].lower())
    return sent(content, known.content_type if known else "application/octet-stream", name)
