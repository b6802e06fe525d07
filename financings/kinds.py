"""The kind of long job of this room, for the workers, the pages that follow it, and everybody's list of jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from financings.access import visible_financings
from financings.models import Simulation
from financings.simulating import simulate_paths
from jobs.registry import Kind, register


def register_kinds() -> None:
    """Simulations are known to the jobs."""
    register(
        Kind(
            model=Simulation,
            label="Simulation",
            queue="tasks",
            work=simulate_paths,
            visible=_visible_simulations,
            address=lambda simulation: reverse("simulation", args=[simulation.code]),
            related=("financing__snapshot", "financing__rule_set"),
            unit="paths",
            most_active=3,
        )
    )


def _visible_simulations(user: User) -> QuerySet[Simulation]:
    return Simulation.objects.filter(financing__in=visible_financings(user))
