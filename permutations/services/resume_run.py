"""Takes a cancelled or failed run up again from its finished chunks."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import Problem
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.models import RESUMABLE_STATES, Chunk, ChunkState, Run, RunState
from permutations.progress import publish
from permutations.tickets import enqueue_tickets, workers_wanted


def resume_run(*, by: User, run: Run, enqueue: bool = True) -> Run:
    """The run, queued again; finished chunks are kept, the others are evaluated."""
    require_can_run(by)
    _require_same_engine(run)
    with transaction.atomic():
        before = Run.objects.values("state", "error").get(pk=run.pk)
        resumable = Run.objects.filter(pk=run.pk, state__in=RESUMABLE_STATES)
        if not resumable.update(state=RunState.QUEUED, error="", finished_at=None, ranked_by="", rank_attempts=0):
            label = RunState(before["state"]).label.lower()
            raise Invalid(
                [Problem("not_resumable", "run", f"The run is {label}: only a cancelled or failed run resumes.")]
            )
        # A worker still busy with a claimed chunk keeps it; the watcher frees those whose worker is gone.
        Chunk.objects.filter(run=run).exclude(state=ChunkState.DONE).update(attempts=0)
        audit.record(by=by, action="run.resumed", target=run, before=before, after={"state": RunState.QUEUED})
        if enqueue:
            transaction.on_commit(lambda: enqueue_tickets(run, workers_wanted()))
    run.refresh_from_db()
    publish(run)
    return run


def _require_same_engine(run: Run) -> None:
    if run.engine_version != ENGINE_VERSION:
        message = f"The run began under engine {run.engine_version}; this is {ENGINE_VERSION}: start a new run."
        raise Invalid([Problem("engine_changed", "run", message)])
