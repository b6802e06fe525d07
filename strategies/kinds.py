"""The kind of long job of this room."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.registry import Kind, register
from strategies.access import visible
from strategies.models import StrategyRun
from strategies.tasks import run_task


def register_kinds() -> None:
    """Runs of strategies are known to the jobs."""
    register(
        Kind(
            model=StrategyRun,
            label="Run of a strategy",
            queue="tasks",
            work=run_task,
            visible=_visible,
            address=lambda run: reverse("strategy-run", args=[run.code]),
            related=("version__strategy__desk",),
            unit="steps",
            most_active=4,
        )
    )


def _visible(user: User) -> QuerySet[StrategyRun]:
    return visible(user, StrategyRun)
