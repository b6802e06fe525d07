"""Who may read and change stress scenario sets: the owner both, everybody else reads what is shared."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from lib.errors import Forbidden, NotFound
from ratings.models import ScenarioSet


def visible_scenario_sets(user: User) -> QuerySet[ScenarioSet]:
    """The sets `user` owns and those that are shared, by name."""
    return ScenarioSet.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")


def get_scenario_set(user: User, code: UUID | str) -> ScenarioSet:
    """The set, or NotFound for whoever may not know of it."""
    found = visible_scenario_sets(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such set of scenarios.")
    return found


def can_change(user: User, scenario_set: ScenarioSet) -> bool:
    """True for the owner."""
    return user.may_sign_in and scenario_set.owner_id == user.pk


def require_can_change(user: User, scenario_set: ScenarioSet) -> None:
    """Raises Forbidden unless `user` owns the set."""
    if not can_change(user, scenario_set):
        raise Forbidden("Only its owner changes a set of scenarios: save a copy of your own instead.")
