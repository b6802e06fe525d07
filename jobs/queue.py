"""Entries in the queue: each invites one worker to look at a row. One too many finds nothing to do; a lost one is made good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import close_old_connections
from django.utils.module_loading import import_string
from django_rq import get_queue
from redis.exceptions import RedisError

from jobs.models import Job

FAILED_ENTRY_SECONDS = 24 * 60 * 60

log = structlog.get_logger(__name__)


def put(queue: str, function: str, *args: Any, entry: str | None = None, at_front: bool = False) -> bool:
    """True when the entry reached the queue; False while Redis is away, which the watcher makes good later."""
    try:
        # The caller's transaction is over: the entry must be there now, not after another commit.
        get_queue(queue, commit_mode="auto").enqueue(
            function,
            *args,
            job_id=entry,
            at_front=at_front,
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=FAILED_ENTRY_SECONDS,
        )
    except (RedisError, OSError) as error:
        log.warning("not_queued", function=function, reason=str(error))
        return False
    return True


def waiting(queue: str, prefix: str) -> int | None:
    """How many entries whose names begin so wait in the queue; None while Redis is away."""
    try:
        return sum(name.startswith(prefix) for name in get_queue(queue).get_job_ids())
    except (RedisError, OSError):
        return None


def enqueue_job(job: Job) -> bool:
    """True when the job's entry reached its queue, ahead of the runs': it takes moments, they take minutes."""
    return put(
        job.queue, "jobs.queue.work_on", job.kind, str(job.code), entry=_entry(job), at_front=job.queue == "runs"
    )


def is_queued(job: Job) -> bool | None:
    """True while the job's entry waits in the queue; None while Redis is away."""
    found = waiting(job.queue, _entry(job))
    return None if found is None else found > 0


def work_on(kind: str, code: str) -> bool:
    """True when this worker brought the job to its end."""
    from jobs.work import kind_of

    with own_connection():
        return bool(import_string(kind_of(kind).worker)(code))


@contextmanager
def own_connection() -> Iterator[None]:
    """A worker lives long: a connection that broke while it waited must not fail the work."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def _entry(job: Job) -> str:
    return f"{job.kind}-{job.code}"
