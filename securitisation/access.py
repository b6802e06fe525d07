"""Who may see structures of notes and who prepares them: the house, and a role of the room beside those of the house.

A structure holds figures of several projects, so a sponsor sees none. Whoever prepares one chooses among the financings
that they may see themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.models import Role, User
from accounts.policies import declare, declare_role, may, require
from lib.columns import of_codes
from lib.errors import NotFound
from securitisation.models import LoanPool, LoanTape, NotesPack, NotesRun, NoteStructure, StructureVersion

ANALYST = declare_role("notes.analyst", "Structuring analyst")
VIEW = declare(
    "securitisation.view",
    roles=(ANALYST, Role.ADMIN, Role.INTERNAL),
    refusal="Structures of notes are for the house.",
)
PREPARE = declare(
    "securitisation.prepare",
    roles=(ANALYST, Role.ADMIN),
    refusal="Only structuring analysts and administrators prepare notes.",
)
ISSUE = declare("securitisation.issue", roles=(Role.ADMIN,), refusal="Only administrators issue packs of notes.")
Row = TypeVar("Row", bound=Model)


def _seen(user: User, model: type[Row]) -> QuerySet[Row]:
    rows = model._default_manager.all()
    return rows if may(user, VIEW) else rows.none()


def _get(found: QuerySet[Row], code: UUID | str, sentence: str) -> Row:
    row = found.filter(code=code).first()
    if row is None:
        raise NotFound(sentence)
    return row


def visible_structures(user: User) -> QuerySet[NoteStructure]:
    """The structures that `user` may see: all of them, or none."""
    return _seen(user, NoteStructure)


def visible_pools(user: User) -> QuerySet[LoanPool]:
    """The pools that `user` may see."""
    return _seen(user, LoanPool)


def visible_tapes(user: User) -> QuerySet[LoanTape]:
    """The tapes that `user` may see."""
    return _seen(user, LoanTape)


def visible_runs(user: User) -> QuerySet[NotesRun]:
    """The runs that `user` may see."""
    return _seen(user, NotesRun).select_related("version__structure", "version__pool", "requested_by")


def visible_note_packs(user: User) -> QuerySet[NotesPack]:
    """The packs of papers that `user` may see."""
    related = ("run__version__structure", "run__version__pool", "run__requested_by", "requested_by", "issued_by")
    return _seen(user, NotesPack).select_related(*related)


def get_structure(user: User, code: UUID | str) -> NoteStructure:
    """The structure, or NotFound for whoever may not know of it."""
    return _get(visible_structures(user).select_related("owner"), code, "There is no such structure.")


def versions_of_codes(user: User, codes: Sequence[str]) -> list[StructureVersion]:
    """The versions of these codes in their order, or NotFound where one is not there for `user`."""
    found = of_codes(_seen(user, StructureVersion).select_related("structure", "pool"), codes)
    if len(found) < len(set(codes)):
        raise NotFound("There is no such version of a structure.")
    return found


def get_pool(user: User, code: UUID | str) -> LoanPool:
    """The pool, or NotFound."""
    return _get(visible_pools(user).select_related("made_by"), code, "There is no such pool.")


def get_tape(user: User, code: UUID | str) -> LoanTape:
    """The tape, or NotFound."""
    return _get(visible_tapes(user).select_related("made_by", "pool"), code, "There is no such tape.")


def get_run(user: User, code: UUID | str) -> NotesRun:
    """The run, or NotFound."""
    return _get(visible_runs(user), code, "There is no such run.")


def get_notes_pack(user: User, code: UUID | str) -> NotesPack:
    """The pack of papers, or NotFound."""
    return _get(visible_note_packs(user), code, "There is no such pack.")


def can_prepare(user: User) -> bool:
    """True for those who write structures, take tapes and run."""
    return may(user, PREPARE)


def require_view(user: User) -> None:
    """Raises Forbidden unless `user` may see structures."""
    require(user, VIEW)


def require_prepare(user: User) -> None:
    """Raises Forbidden unless `user` may write structures, take tapes and run."""
    require(user, PREPARE)


def can_issue(user: User) -> bool:
    """True for those who issue packs of notes."""
    return may(user, ISSUE)


def require_issue(user: User) -> None:
    """Raises Forbidden unless `user` may issue packs of notes."""
    require(user, ISSUE)
