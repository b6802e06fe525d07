"""Asks for one task of one version of a strategy; a worker does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import DatasetKind, StrategyRun, StrategyVersion, Task
from strategies.queries import datasets_in_force


def needed_action(task: Task) -> Action:
    """What somebody must be allowed for a task of a version."""
    return Action.MEASURE if task in {Task.RISK, Task.SCENARIOS, Task.ROLES} else Action.RESEARCH


@transaction.atomic
def request_run(
    *,
    by: User,
    version: StrategyVersion,
    task: Task,
    terms: Mapping[str, Any] | None = None,
    steps: int = 1,
    enqueue: bool = True,
) -> StrategyRun:
    """The run, queued, on the datasets in force now; Invalid where the universe has no prices."""
    strategy = version.strategy
    require_on(by, strategy.desk, needed_action(task))
    datasets = datasets_in_force(strategy.universe)
    if DatasetKind.PRICES not in datasets:
        raise refuse("no_prices", "datasets", f"{strategy.universe} has no prices yet: take a panel in first.")
    run = StrategyRun(
        version=version,
        task=task,
        terms=dict(terms or {}),
        datasets=datasets,
        engine_version=ENGINE_VERSION,
        total_count=steps,
        requested_by=by,
        title=f"{Task(task).label}: {version}",
    )
    require_quota(by, run)
    save_checked(run)
    after = {"version": str(version), "task": task, "terms": run.terms, "datasets": datasets}
    audit.record(by=by, action="strategy_run.requested", target=run, after=after)
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(run))
    return run
