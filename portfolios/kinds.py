"""The kind of long job of this room."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.registry import Kind, register
from portfolios.access import visible_deals
from portfolios.models import PoolSimulation
from portfolios.simulating import simulate_pool


def register_kinds() -> None:
    """Simulations of pools are known to the jobs."""
    register(
        Kind(
            model=PoolSimulation,
            label="Simulation of a pool",
            queue="tasks",
            work=simulate_pool,
            visible=_visible,
            address=lambda simulation: reverse("clo-simulation", args=[simulation.code]),
            related=("snapshot__deal",),
            unit="paths",
            most_active=3,
        )
    )


def _visible(user: User) -> QuerySet[PoolSimulation]:
    return PoolSimulation.objects.filter(snapshot__deal__in=visible_deals(user))
