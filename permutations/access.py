"""Who may see and steer a run: those who see its project see it; those who may run may steer it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from accounts.policies import declare, may, require
from lib.columns import of_codes
from lib.errors import NotFound
from permutations.models import Run, RunComparison, Search
from projects.access import visible_projects

RUN = declare("permutations.run", refusal="Only administrators may start, cancel or resume runs.")


def visible_runs(user: User) -> QuerySet[Run]:
    """Runs of the projects that `user` may see."""
    return Run.objects.filter(project__in=visible_projects(user)).select_related(
        "project", "snapshot", "rule_set", "market_set"
    )


def get_run(user: User, code: UUID | str) -> Run:
    """The run, or NotFound for whoever may not know of it."""
    run = visible_runs(user).filter(code=code).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def runs_of_codes(user: User, codes: Sequence[str]) -> list[Run]:
    """The runs of these codes in their order, or NotFound where `user` may not know of one."""
    found = of_codes(visible_runs(user), codes)
    if len(found) < len(codes):
        raise NotFound("There is no such run.")
    return found


def get_comparison(user: User, code: UUID | str) -> RunComparison:
    """The comparison, or NotFound for whoever may not see every run of it."""
    kept = RunComparison.objects.select_related("owner").filter(code=code).first()
    if kept is None:
        raise NotFound("There is no such comparison.")
    runs_of_codes(user, kept.codes)
    return kept


def visible_searches(user: User) -> QuerySet[Search]:
    """Searches of the runs that `user` may see."""
    found = Search.objects.filter(run__in=visible_runs(user))
    return found.select_related("run__project", "run__snapshot", "run__rule_set")


def get_search(user: User, code: UUID | str) -> Search:
    """The search, or NotFound for whoever may not know of it."""
    search = visible_searches(user).filter(code=code).first()
    if search is None:
        raise NotFound("There is no such search.")
    return search


def can_run(user: User) -> bool:
    """True for those who may start, cancel and resume runs."""
    return may(user, RUN)


def require_can_run(user: User) -> None:
    """Raises Forbidden unless `user` may start, cancel and resume runs."""
    require(user, RUN)
