"""Entries in the queue: each invites one worker to look at a row. One too many finds nothing to do; a lost one is made good."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections
from django_rq import get_queue
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.worker import BaseWorker

from jobs.claims import open_stage
from jobs.models import ACTIVE_STATES, Job, Part, PartState
from jobs.registry import kind_of
from jobs.work import work
from jobs.workers import lives

FAILED_ENTRY_SECONDS = 24 * 60 * 60
# So long a worker stays with a job of many parts while others wait; then it goes to the end of its queue.
TURN_SECONDS = 10.0

log = structlog.get_logger(__name__)


def put(queue: str, function: str, *args: Any, entry: str | None = None) -> bool:
    """True when the entry reached the queue; False while Redis is away, which the watcher makes good later."""
    try:
        # The caller's transaction is over: the entry must be there now, not after another commit.
        get_queue(queue, commit_mode="auto").enqueue(
            function, *args, job_id=entry, job_timeout=-1, result_ttl=0, failure_ttl=FAILED_ENTRY_SECONDS
        )
    except (RedisError, OSError) as error:
        log.warning("not_queued", function=function, reason=str(error))
        return False
    return True


def workers_wanted() -> int:
    """How many workers a job of many parts invites."""
    return int(settings.ATLASNEXUS_WORKERS)


def enqueue_job(job: Job, count: int | None = None) -> int:
    """How many entries reached the job's queue: one, or as many as it has parts and there are workers."""
    if count is None:
        parts = Part.objects.filter(job=job.code, state=PartState.PENDING, is_closing=False).count()
        count = max(1, min(workers_wanted(), parts))
    names = (f"{_prefix(job)}{uuid.uuid4().hex[:12]}" for _ in range(count))
    return sum(put(kind_of(job).queue, "jobs.queue.work_on", str(job.code), entry=name) for name in names)


def queued_entries(job: Job) -> int | None:
    """How many of the job's entries wait in the queue; None while Redis is away."""
    try:
        waiting = get_queue(kind_of(job).queue).get_job_ids()
    except (RedisError, OSError):
        return None
    return sum(name.startswith(_prefix(job)) for name in waiting)


def living_workers(server: Redis) -> list[BaseWorker]:
    """The workers that Redis names and that have not ended."""
    return [each for each in Worker.all(connection=server) if lives(each.hostname or "", each.pid or 0)]


def work_on(code: str) -> int:
    """How many parts this worker finished before the job had none left for it, or others' turn had come."""
    turn_ends_at = time.monotonic() + TURN_SECONDS
    with own_connection():
        job = Job.objects.only("code", "kind").get(code=code)
        stage = [open_stage(job)]

        def invite(job: Job) -> None:
            """Whoever found nothing more in the stage before is wanted again in one that has begun."""
            before, stage[0] = stage[0], open_stage(job)
            if stage[0] not in (None, before):
                enqueue_job(job, workers_wanted() - 1)

        finished = work(
            code, after_part=invite, gives_way=lambda: time.monotonic() >= turn_ends_at and _others_wait(job)
        )
        if time.monotonic() >= turn_ends_at and _has_work(job):
            enqueue_job(job, 1)
    return finished


@contextmanager
def own_connection() -> Iterator[None]:
    """A worker lives long: a connection that broke while it waited must not fail the work."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def _others_wait(job: Job) -> bool:
    try:
        waiting = [name for queue in settings.RQ_QUEUES for name in get_queue(queue).get_job_ids()]
    except (RedisError, OSError):
        return False
    return any(not name.startswith(_prefix(job)) for name in waiting)


def _has_work(job: Job) -> bool:
    pending = Part.objects.filter(job=job.code, state=PartState.PENDING)
    return pending.filter(job__state__in=ACTIVE_STATES).exists()


def _prefix(job: Job) -> str:
    return f"{job.kind}-{job.code}-"
