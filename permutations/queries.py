"""Reading runs: the lists and rows that pages and commands show."""

from __future__ import annotations

from django.db.models import QuerySet

from permutations.models import Run, TopResult
from projects.models import Project


def runs_of_project(project: Project) -> QuerySet[Run]:
    """The project's runs, newest first."""
    return Run.objects.filter(project=project).select_related("requested_by", "snapshot", "rule_set")


def top_results(run: Run, count: int = 10) -> QuerySet[TopResult]:
    """The run's best permutations, best first."""
    return TopResult.objects.filter(run=run).order_by("rank")[:count]
