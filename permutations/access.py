"""Who may see and steer a run: those who see its project see it; those who may run may steer it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from lib.errors import Forbidden, NotFound
from permutations.models import Run
from projects.access import can_run, visible_projects


def visible_runs(user: User) -> QuerySet[Run]:
    """Runs of the projects that `user` may see."""
    return Run.objects.filter(project__in=visible_projects(user)).select_related("project", "snapshot", "rule_set")


def get_run(user: User, code: UUID | str) -> Run:
    """The run, or NotFound for whoever may not know of it."""
    run = visible_runs(user).filter(code=code).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def require_can_enter_evidence(user: User) -> None:
    """Raises Forbidden unless `user` may say what was shown to whom."""
    if not can_run(user):
        raise Forbidden("Only administrators enter evidence.")


def require_can_run(user: User) -> None:
    """Raises Forbidden unless `user` may request, cancel and resume runs."""
    if not can_run(user):
        raise Forbidden("Only administrators may start, cancel or resume runs.")
