"""Who may read and who may work on rating rules: everybody reads what is active, administrators write."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import AuditEntry, User
from accounts.policies import declare, may, require
from lib.errors import Forbidden, NotFound
from ratings.models import RuleSet, RuleSetStatus

WRITE = declare("ratings.write", refusal="Only administrators work on rating rules.")
WRITING = ("rule_set.copied", "rule_set.edited", "rule_set.imported", "rule_set.submitted")


def visible_rule_sets(user: User) -> QuerySet[RuleSet]:
    """The versions `user` may read: administrators all, others those in force, to come and past."""
    found = RuleSet.objects.select_related("created_by", "submitted_by", "decided_by", "based_on")
    return found if can_write(user) else found.filter(status=RuleSetStatus.ACTIVE)


def get_rule_set(user: User, code: UUID | str) -> RuleSet:
    """The version, or NotFound for whoever may not know of it."""
    found = visible_rule_sets(user).filter(code=code).first()
    if found is None:
        raise NotFound("There are no such rating rules.")
    return found


def can_write(user: User) -> bool:
    """True for those who work on rules."""
    return may(user, WRITE)


def require_can_write(user: User) -> None:
    """Raises Forbidden unless `user` may work on rules."""
    require(user, WRITE)


def authors(rule_set: RuleSet) -> set[int]:
    """Keys of everybody who wrote the version: copied, imported, edited or submitted it."""
    wrote = AuditEntry.objects.filter(target_code=rule_set.code, action__in=WRITING).values_list("actor_id", flat=True)
    return {key for key in (*wrote, rule_set.created_by_id, rule_set.submitted_by_id) if key is not None}


def can_decide(user: User, rule_set: RuleSet) -> bool:
    """True for an administrator who wrote no part of the version."""
    return can_write(user) and user.pk not in authors(rule_set)


def require_can_decide(user: User, rule_set: RuleSet) -> None:
    """Raises Forbidden unless `user` is a second administrator."""
    require_can_write(user)
    if user.pk in authors(rule_set):
        raise Forbidden("A second administrator decides: you wrote a part of this version.")
