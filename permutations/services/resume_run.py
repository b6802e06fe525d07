"""Takes a cancelled or failed run up again from its finished chunks."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import Problem
from jobs.access import require_quota
from jobs.claims import queue_again
from jobs.models import JobState
from jobs.queue import enqueue_job
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.models import Run


def resume_run(*, by: User, run: Run, enqueue: bool = True) -> Run:
    """The run, queued again; finished chunks are kept, the others are evaluated."""
    require_can_run(by)
    _require_same_engine(run)
    with transaction.atomic():
        require_quota(by, run)
        before = Run.objects.values("state", "error").get(id=run.pk)
        if not queue_again(run):
            label = JobState(before["state"]).label.lower()
            raise Invalid(
                [Problem("not_resumable", "run", f"The run is {label}: only a cancelled or failed run resumes.")]
            )
        audit.record(by=by, action="run.resumed", target=run, before=before, after={"state": JobState.QUEUED})
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(run))
    return run


def _require_same_engine(run: Run) -> None:
    if run.engine_version != ENGINE_VERSION:
        message = f"The run began under engine {run.engine_version}; this is {ENGINE_VERSION}: start a new run."
        raise Invalid([Problem("engine_changed", "run", message)])
