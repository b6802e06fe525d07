"""What pages and verbs ask of the rows."""

from __future__ import annotations

from django.db.models import QuerySet

from jobs.models import ACTIVE_STATES, JobState
from records.queries import in_force
from strategies.models import (
    Dataset,
    Desk,
    DeskLimits,
    ScenarioSet,
    Strategy,
    StrategyRun,
    StrategyVersion,
    Task,
    Universe,
)


def versions_of(strategy: Strategy) -> QuerySet[StrategyVersion]:
    """The versions, the last first."""
    return StrategyVersion.objects.filter(strategy=strategy).select_related("strategy", "made_by")


def latest_version(strategy: Strategy) -> StrategyVersion:
    """The strategy as it is: the approved version once there is one, else the last."""
    if strategy.approved_version is not None:
        return strategy.approved_version
    found = versions_of(strategy).first()
    assert found is not None
    return found


def latest_dataset(universe: Universe, kind: str) -> Dataset | None:
    """The panel of a kind in force."""
    return Dataset.objects.filter(universe=universe, kind=kind).order_by("-number").first()


def datasets_in_force(universe: Universe) -> dict[str, str]:
    """The SHA-256 of the panel in force by kind."""
    rows = Dataset.objects.filter(universe=universe).order_by("kind", "number")
    return {row.kind: row.file_hash for row in rows}


def runs_of(strategy: Strategy) -> QuerySet[StrategyRun]:
    """The runs of every version, the last first."""
    found = StrategyRun.objects.filter(version__strategy=strategy)
    return found.select_related("version__strategy__desk", "requested_by").order_by("-created_at")


def last_done(version: StrategyVersion, task: Task | str) -> StrategyRun | None:
    """The last run of a task of the version that is done."""
    found = StrategyRun.objects.filter(version=version, task=task, state=JobState.DONE)
    return found.order_by("-created_at").first()


def under_way(version: StrategyVersion, task: Task | str) -> StrategyRun | None:
    """The first run of a task of the version that waits or is worked on."""
    found = StrategyRun.objects.filter(version=version, task=task, state__in=ACTIVE_STATES)
    return found.order_by("created_at").first()


def standing_scenarios(desk: Desk) -> ScenarioSet | None:
    """The set that is tried where nobody chose one: the desk's first by name that holds scenarios."""
    return next((each for each in ScenarioSet.objects.filter(desk=desk) if each.scenarios), None)


def families_in_force() -> list[DeskLimits]:
    """The limit set in force of each family."""
    newest: dict[str, DeskLimits] = {}
    for each in in_force(DeskLimits):
        newest.setdefault(each.family, each)
    return list(newest.values())


def locked(strategy: Strategy) -> Strategy:
    """The strategy read again, nobody else's to change until the transaction ends."""
    rows = Strategy.objects.select_for_update(of=("self",))
    return rows.select_related("desk", "universe", "approved_version").get(pk=strategy.pk)
