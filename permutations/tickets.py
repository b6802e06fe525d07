"""Tickets: rq jobs that each invite one worker to a run or a task. A ticket too many finds nothing to do and ends."""

from __future__ import annotations

import uuid

import structlog
from django.conf import settings
from django_rq import get_queue
from redis.exceptions import RedisError

from permutations.models import Run, Task

QUEUE_NAME = "runs"
FAILED_TICKET_SECONDS = 24 * 60 * 60

log = structlog.get_logger(__name__)


def workers_wanted() -> int:
    """How many workers a run invites."""
    return int(settings.ATLASNEXUS_WORKERS)


def enqueue_tickets(run: Run, count: int) -> int:
    """How many tickets reached the queue; 0 when Redis is away, which the watcher makes good later."""
    try:
        # The caller's transaction is over: the ticket must be there now, not after another commit.
        queue = get_queue(QUEUE_NAME, commit_mode="auto")
        for _ in range(count):
            queue.enqueue(
                "permutations.jobs.work_on_run",
                str(run.code),
                job_id=f"{_prefix(run)}{uuid.uuid4().hex[:12]}",
                job_timeout=-1,
                result_ttl=0,
                failure_ttl=FAILED_TICKET_SECONDS,
            )
    except (RedisError, OSError) as error:
        log.warning("tickets_not_queued", run=str(run.code), reason=str(error))
        return 0
    return count


def queued_tickets(run: Run) -> int | None:
    """How many of the run's tickets wait in the queue; None when Redis is away."""
    try:
        waiting = get_queue(QUEUE_NAME).get_job_ids()
    except (RedisError, OSError):
        return None
    return sum(1 for job_id in waiting if job_id.startswith(_prefix(run)))


def enqueue_task(task: Task) -> int:
    """1 when the task's ticket reached its queue, ahead of the runs': it takes moments, they take minutes; else 0."""
    try:
        get_queue(task.queue, commit_mode="auto").enqueue(
            "permutations.jobs.work_on_task",
            task.ticket,
            str(task.code),
            job_id=_ticket(task),
            at_front=task.queue == QUEUE_NAME,
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=FAILED_TICKET_SECONDS,
        )
    except (RedisError, OSError) as error:
        log.warning("ticket_not_queued", task=str(task), reason=str(error))
        return 0
    return 1


def task_is_queued(task: Task) -> bool | None:
    """True while the task's ticket waits in the queue; None when Redis is away."""
    try:
        return _ticket(task) in get_queue(task.queue).get_job_ids()
    except (RedisError, OSError):
        return None


def _ticket(task: Task) -> str:
    return f"{task.ticket}-{task.code}"


def _prefix(run: Run) -> str:
    return f"run-{run.code}-"
