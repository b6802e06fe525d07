"""What of runs is on start pages."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.models import ACTIVE_STATES, JobState
from lib.panels import Line, Panel, first_rows
from permutations.access import visible_runs
from permutations.models import Run

RUN_COLUMNS = (
    *("code", "state", "error", "done_count", "evaluated_count", "created_at", "finished_at"),
    "project__title",
)


def finished_runs(user: User) -> Panel:
    """Runs that have results."""
    runs, count = first_rows(_runs(user).filter(state=JobState.DONE).order_by("-finished_at"))
    return Panel(
        "Finished runs",
        tuple(_run_line(run) for run in runs),
        "No run has finished yet. Administrators start runs on approved projects.",
        count,
        "All runs",
        f"{reverse('runs-list')}?state=done",
    )


def latest_runs(user: User) -> Panel:
    """Runs of whatever state."""
    runs, count = first_rows(_runs(user).order_by("-created_at"))
    return Panel(
        "Latest runs",
        tuple(_run_line(run) for run in runs),
        "No run has been started yet.",
        count,
        "All runs",
        reverse("runs-list"),
    )


def running_and_failed(user: User) -> Panel:
    """Runs that are under way, and those that failed."""
    found = _runs(user).filter(state__in=[*ACTIVE_STATES, JobState.FAILED])
    runs, count = first_rows(found.order_by("-created_at"))
    return Panel(
        "Running and failed",
        tuple(_run_line(run) for run in runs),
        "Nothing is running, nothing failed.",
        count,
        "All runs",
        reverse("runs-list"),
        is_urgent=True,
    )


def _runs(user: User) -> QuerySet[Run]:
    return visible_runs(user).select_related(None).select_related("project").only(*RUN_COLUMNS)


def _run_line(run: Run) -> Line:
    state = JobState(run.state)
    share = f"{run.done_count:,} of {run.evaluated_count:,}" if run.is_active else f"{run.evaluated_count:,}"
    note = run.error.splitlines()[0] if run.error else f"{share} permutations"
    address = reverse("run-detail", kwargs={"code": run.code})
    return Line(run.project.title, address, note, state.value, str(state.label), run.finished_at or run.created_at)
