"""Who may see, make and send packs: administrators make and issue, internal people read all, sponsors what was issued."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from accounts.policies import declare, may, require
from documents.models import Pack, PackDocument, PackStatus
from lib.errors import NotFound
from projects.access import visible_projects

MAKE = declare(
    "documents.make",
    refusal="Only administrators make, issue and send execution packs and replace their templates.",
)


def can_make(user: User) -> bool:
    """True for those who make, issue and send packs, and replace templates."""
    return may(user, MAKE)


def require_can_make(user: User) -> None:
    """Raises Forbidden unless `user` may make packs."""
    require(user, MAKE)


def visible_packs(user: User) -> QuerySet[Pack]:
    """The packs of the projects this person may see; to a sponsor those that were issued."""
    related = (
        "financing__project",
        "financing__snapshot",
        "financing__rule_set",
        "financing__market_set",
        "requested_by",
        "issued_by",
        "supersedes",
        "superseded_by",
    )
    packs = Pack.objects.filter(financing__project__in=visible_projects(user)).select_related(*related)
    return packs.filter(status=PackStatus.ISSUED) if user.is_sponsor else packs


def get_pack(user: User, code: UUID | str) -> Pack:
    """The pack of this code; NotFound where there is none this person may see."""
    found = visible_packs(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such pack.")
    return found


def get_document(user: User, code: UUID | str) -> PackDocument:
    """The document of this code; NotFound where there is none this person may see."""
    rows = PackDocument.objects.filter(pack__in=visible_packs(user)).select_related(
        "pack__financing__project", "template"
    )
    found = rows.filter(code=code).first()
    if found is None:
        raise NotFound("There is no such document.")
    return found
