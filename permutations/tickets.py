"""Tickets: rq jobs that each invite one worker to a run. A ticket too many finds nothing to do and ends."""

from __future__ import annotations

import uuid

from django.conf import settings

from jobs.queue import put, waiting
from permutations.models import Run

QUEUE_NAME = "runs"


def workers_wanted() -> int:
    """How many workers a run invites."""
    return int(settings.ATLASNEXUS_WORKERS)


def enqueue_tickets(run: Run, count: int) -> int:
    """How many tickets reached the queue; 0 when Redis is away, which the watcher makes good later."""
    names = (f"{_prefix(run)}{uuid.uuid4().hex[:12]}" for _ in range(count))
    return sum(put(QUEUE_NAME, "permutations.jobs.work_on_run", str(run.code), entry=name) for name in names)


def queued_tickets(run: Run) -> int | None:
    """How many of the run's tickets wait in the queue; None when Redis is away."""
    return waiting(QUEUE_NAME, _prefix(run))


def _prefix(run: Run) -> str:
    return f"run-{run.code}-"
