"""How far a job is: written to a Redis stream as it goes, streamed to pages, never needed by the job itself."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from jobs.models import Job, JobState
from jobs.registry import kind_of

STREAM_LENGTH = 500
STREAM_SECONDS = 24 * 60 * 60
WAIT_SECONDS = 2.0
REFUSED_LOG_SECONDS = 10.0
FIRST_ID = "0-0"
STREAM_ID = re.compile(r"\d{1,20}-\d{1,20}")
KEEP_ALIVE = ": still here\n\n"

log = structlog.get_logger(__name__)
_last_refused = {"at": -REFUSED_LOG_SECONDS}


def job_progress(job: Any) -> dict[str, Any]:
    """How far a job is, JSON-able: units done, pace, time left, state and error, and what its kind shows besides."""
    rate = _rate_per_second(job)
    left = job.total_count - job.done_count
    return {
        "job": str(job.code),
        "state": job.state,
        "state_label": state_label(job),
        "sentence": _sentence(job),
        "is_finished": not job.is_active,
        "total_count": job.total_count,
        "done_count": job.done_count,
        "done_ratio": job.done_count / max(1, job.total_count),
        "rate_per_second": rate,
        "seconds_left": left / rate if rate and job.is_active else None,
        "seconds_elapsed": _seconds_elapsed(job),
        "error": job.error,
        **kind_of(job).progress(job),
    }


def state_label(job: Job) -> str:
    """The state in a word; a cancelled job whose workers have not let go yet is cancelling."""
    return "Cancelling" if job.state == JobState.CANCELLED and job.is_held else JobState(job.state).label


def _sentence(job: Job) -> str:
    if job.state == JobState.QUEUED:
        return "Waiting for a worker"
    if job.state == JobState.WORKING and job.error:
        return job.error
    if job.state == JobState.WORKING and job.total_count > 1:
        return f"{job.done_count:,} of {job.total_count:,} {kind_of(job).unit}"
    return "A worker is at it" if job.state == JobState.WORKING else ""


def publish(job: Job, told: Mapping[str, Any] | None = None) -> None:
    """Adds the job's progress, and what its work tells this once, to its stream; with Redis away it only says so in
    the log, at most every few seconds."""
    payload = json.dumps({**job_progress(job), **(told or {})}, allow_nan=False)
    try:
        with _connection(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            if job.state == JobState.QUEUED:
                pipe.delete(stream_key(job.code))  # what was told before it waits again would end its pages' streams
            pipe.xadd(stream_key(job.code), {"progress": payload}, maxlen=STREAM_LENGTH, approximate=True)
            pipe.expire(stream_key(job.code), STREAM_SECONDS)
            pipe.execute()
    except (RedisError, OSError) as error:
        _say_refused(job, error)


def stream_key(code: UUID | str) -> str:
    """Name of the job's Redis stream."""
    return f"job:{code}"


async def events(code: UUID | str, last_id: str = "") -> AsyncIterator[str]:
    """Server-sent events of a job from `last_id` on: `progress`, then one `done`; comments while nothing happens.

    With Redis away, or its stream lost, the row is read instead, so the stream always ends when the job does.
    """
    position = last_id if STREAM_ID.fullmatch(last_id) else FIRST_ID
    latest = await _progress_from_row(code)
    yield _event("progress", latest)
    connection = _async_connection()
    try:
        while not latest["is_finished"]:
            entries = await _read(connection, code, position)
            for position, latest in entries:
                yield _event("progress", latest, position)
            if not entries:
                row = await _progress_from_row(code)
                yield _event("progress", row) if _moved(latest, row) else KEEP_ALIVE
                latest = row
    finally:
        await connection.aclose()
    yield _event("done", latest)


@cache
def _connection(url: str) -> redis.Redis:
    # Kept for the life of the process; no retry and short waits, because a part must not wait for Redis.
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=2)


def _async_connection() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(settings.REDIS_URL)


async def _read(connection: redis.asyncio.Redis, code: UUID | str, position: str) -> list[tuple[str, dict[str, Any]]]:
    began = time.monotonic()
    try:
        reply: Any = await connection.xread({stream_key(code): position}, block=int(WAIT_SECONDS * 1000))
    except (RedisError, OSError):
        await asyncio.sleep(max(0.0, WAIT_SECONDS - (time.monotonic() - began)))
        return []
    entries = reply[0][1] if reply else []
    return [(entry_id.decode(), json.loads(fields[b"progress"])) for entry_id, fields in entries]


@sync_to_async
def _progress_from_row(code: UUID | str) -> dict[str, Any]:
    return job_progress(kind_of(Job.objects.only("kind").get(code=code)).row(code))


def _moved(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return any(before[key] != after[key] for key in ("state", "done_count"))


def _event(name: str, data: dict[str, Any], event_id: str = "") -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n"


def _rate_per_second(job: Job) -> float | None:
    if job.resumed_at is None:
        return None
    seconds = ((job.finished_at or timezone.now()) - job.resumed_at).total_seconds()
    done = job.done_count - job.resumed_done_count
    return done / seconds if seconds > 0 and done > 0 else None


def _seconds_elapsed(job: Job) -> float:
    if job.started_at is None:
        return 0.0
    return ((job.finished_at or timezone.now()) - job.started_at).total_seconds()


def _say_refused(job: Job, error: Exception) -> None:
    if time.monotonic() - _last_refused["at"] > REFUSED_LOG_SECONDS:
        _last_refused["at"] = time.monotonic()
        log.warning("progress_not_published", job=str(job.code), reason=str(error))
