"""A structure of notes: made of a pool with a proposal to begin from, changed by adding a version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from securitisation.access import get_structure, require_prepare
from securitisation.models import LoanPool, NoteStructure, StructureVersion
from securitisation.proposal import BASE_BEHAVIOUR, proposed
from securitisation.queries import latest_version
from securitisation.translate import content_problems, version_hash

CODE_LENGTH = 40


@transaction.atomic
def make_structure(
    *,
    by: User,
    name: str,
    pool: LoanPool,
    content: Mapping[str, Any] | None = None,
    behaviour: Mapping[str, Any] | None = None,
) -> NoteStructure:
    """The structure with its first version: what is given, else a proposal for the pool."""
    require_prepare(by)
    structure = NoteStructure(name=" ".join(name.split()), owner=by)
    save_checked(structure)
    audit.record(by=by, action="note_structure.made", target=structure, after={"name": structure.name})
    given = content or proposed(pool, code=code_of(structure.name), name=structure.name, today=timezone.localdate())
    _add(by, structure, pool, given, behaviour or BASE_BEHAVIOUR, note="", number=1)
    return structure


@transaction.atomic
def change_structure(
    *,
    by: User,
    structure: NoteStructure,
    content: Mapping[str, Any],
    behaviour: Mapping[str, Any],
    pool: LoanPool | None = None,
    note: str = "",
    based_on: int | None = None,
) -> StructureVersion:
    """The next version; Invalid with every problem, where nothing differs, or where `based_on` is not the last any more."""
    require_prepare(by)
    get_structure(by, structure.code)
    held = NoteStructure.objects.select_for_update().get(pk=structure.pk)
    before = latest_version(held)
    if based_on is not None and based_on != before.number:
        sentence = f"Somebody saved version {before.number} meanwhile: open it, and make your change there."
        raise refuse("changed_meanwhile", "version", sentence)
    backing = pool or before.pool
    if version_hash(content, behaviour, backing) == before.content_hash:
        raise refuse("nothing_new", "version", f"Nothing differs from version {before.number}.")
    return _add(by, held, backing, content, behaviour, note=note, number=before.number + 1)


def _add(
    by: User,
    structure: NoteStructure,
    pool: LoanPool,
    content: Mapping[str, Any],
    behaviour: Mapping[str, Any],
    *,
    note: str,
    number: int,
) -> StructureVersion:
    problems = content_problems(content, behaviour)
    if problems:
        raise Invalid(problems)
    if content["currency"] != pool.currency:
        sentence = f"Currency: the notes are in {content['currency']}, their pool in {pool.currency}."
        raise refuse("mixed_currencies", "currency", sentence)
    version = StructureVersion(
        structure=structure,
        number=number,
        pool=pool,
        content=dict(content),
        behaviour=dict(behaviour),
        content_hash=version_hash(content, behaviour, pool),
        note=" ".join(note.split()),
        made_by=by,
    )
    save_checked(version, exclude=("content_hash",))
    after = {"version": number, "hash": version.content_hash, "pool": pool.content_hash, "note": version.note}
    audit.record(by=by, action="note_structure.changed", target=structure, after=after)
    return version


def code_of(name: str) -> str:
    """A code of letters, digits and dashes.

    >>> code_of("Harbour 2027-1")
    'harbour-2027-1'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:CODE_LENGTH] or "notes"
