"""Who may read and who may work on versions: everybody reads what is active, those write whom the kind names."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.four_eyes import may_be_second, require_second
from accounts.models import AuditEntry, User
from accounts.policies import may, require
from lib.errors import NotFound
from records.kinds import RecordKind
from records.models import Status, V, Version

WRITING = ("copied", "edited", "imported", "submitted")


def visible_versions(user: User, model: type[V]) -> QuerySet[V]:
    """The versions `user` may read: writers all, others those in force, to come and past."""
    found = model._default_manager.select_related("created_by", "submitted_by", "decided_by", "based_on")
    return found if can_write(user, model.kind) else found.filter(status=Status.ACTIVE)


def get_version(user: User, model: type[V], code: UUID | str) -> V:
    """The version, or NotFound for whoever may not know of it."""
    found = visible_versions(user, model).filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no such {model.kind.noun}.")
    return found


def can_write(user: User, kind: RecordKind) -> bool:
    """True for those who work on the kind's versions."""
    return may(user, kind.write)


def require_can_write(user: User, kind: RecordKind) -> None:
    """Raises Forbidden unless `user` may work on the kind's versions."""
    require(user, kind.write)


def authors(version: Version) -> set[int]:
    """Keys of everybody who wrote the version: copied, imported, edited or submitted it."""
    actions = [f"{version.kind.name}.{verb}" for verb in WRITING]
    wrote = AuditEntry.objects.filter(target_code=version.code, action__in=actions).values_list("actor_id", flat=True)
    return {key for key in (*wrote, version.created_by_id, version.submitted_by_id) if key is not None}


def can_decide(user: User, version: Version) -> bool:
    """True for a writer who wrote no part of the version and is another person than who did."""
    return can_write(user, version.kind) and may_be_second(user, authors(version))


def require_can_decide(user: User, version: Version) -> None:
    """Raises Forbidden unless `user` is a second administrator."""
    require_can_write(user, version.kind)
    require_second(user, authors(version), who="administrator")
