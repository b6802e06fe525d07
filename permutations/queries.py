"""Reading runs: the lists and rows that pages and commands show."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, F, QuerySet, When

from engine import ENGINE_VERSION
from jobs.models import JobState
from permutations.models import Impact, Run, TopResult
from projects.models import Project, Submission

MOST_TO_REPEAT = 8


def runs_of_project(project: Project) -> QuerySet[Run]:
    """The project's runs, newest first."""
    return Run.objects.filter(project=project).select_related("requested_by", "snapshot", "rule_set")


def run_lines(runs: QuerySet[Run]) -> QuerySet[Run]:
    """The runs, newest first, with what a line of a list shows of their summary; nothing large is read."""
    light = runs.select_related(None).select_related("project", "snapshot", "requested_by").defer(
        "summary", "lever_set", "terms", "project__inputs", "snapshot__content"
    )  # fmt: skip
    best = F("summary__best__metrics__day_one_value")
    return light.annotate(best_amount=best, tier_counts=F("summary__tiers")).order_by("-created_at")


def top_results(run: Run, count: int = 10) -> QuerySet[TopResult]:
    """The run's best permutations, best first."""
    return TopResult.objects.filter(run=run).order_by("rank")[:count]


def latest_finished_run(project: Project) -> Run | None:
    """The run whose results the project's pages speak of: the last one that is done."""
    done = Run.objects.filter(project=project, state=JobState.DONE).defer("summary")
    return done.select_related("snapshot", "rule_set", "market_set").order_by("-finished_at", "-pk").first()


def run_to_repeat(project: Project, code: str) -> Run | None:
    """The project's run of this code, or for "last" its last finished one; None where there is no such run."""
    if code == "last":
        return latest_finished_run(project)
    try:
        return runs_of_project(project).filter(code=UUID(code)).first()
    except ValueError:
        return None


def runs_to_repeat(project: Project) -> QuerySet[Run]:
    """The project's runs whose settings a new one may begin with: starred and named ones first, then the newest."""
    found = runs_of_project(project).select_related(None).defer("summary", "terms", "lever_set")
    return found.order_by("-is_starred", Case(When(given_name="", then=1), default=0), "-created_at")[:MOST_TO_REPEAT]


def impact_to_show(submission: Submission) -> Impact | None:
    """The impact on the latest finished run while the submission waits; afterwards the last one worked out."""
    impacts = submission.impacts.select_related(
        "run__snapshot", "run__project", "submission__snapshot", "submission__base"
    )
    if submission.is_pending:
        run = latest_finished_run(submission.project)
        impacts = impacts.filter(run=run, engine_version=ENGINE_VERSION)
    return impacts.order_by("-pk").first()
