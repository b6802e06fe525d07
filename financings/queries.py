"""Reading financings: the lists that pages show."""

from __future__ import annotations

from django.db.models import QuerySet

from financings.models import Financing
from projects.models import Project


def financing_lines(financings: QuerySet[Financing]) -> QuerySet[Financing]:
    """The financings, newest first, with all that their figures need; the project's own inputs are not read."""
    return financings.select_related("project", "snapshot", "rule_set", "market_set", "made_by").defer(
        "project__inputs"
    )


def financings_of_project(project: Project) -> QuerySet[Financing]:
    """The project's financings, newest first."""
    return financing_lines(Financing.objects.filter(project=project))
