"""How far a run is: written to a Redis stream after each chunk, streamed to pages, never needed by the run itself."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
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

from permutations.models import Run, RunState

STREAM_LENGTH = 500
STREAM_SECONDS = 24 * 60 * 60
WAIT_SECONDS = 2.0
REFUSED_LOG_SECONDS = 10.0
FIRST_ID = "0-0"
STREAM_ID = re.compile(r"\d{1,20}-\d{1,20}")
KEEP_ALIVE = ": still here\n\n"

log = structlog.get_logger(__name__)
_last_refused = {"at": -REFUSED_LOG_SECONDS}


def run_progress(run: Run) -> dict[str, Any]:
    """How far `run` is, JSON-able: counts at each gate, share done, rate a second, seconds left, state and error."""
    rate = _rate_per_second(run)
    left = run.evaluated_count - run.done_count
    return {
        "run": str(run.code),
        "state": run.state,
        "state_label": RunState(run.state).label,
        "is_finished": not run.is_active,
        "evaluated_count": run.evaluated_count,
        "done_count": run.done_count,
        "done_ratio": run.done_count / run.evaluated_count,
        "gate_a_alive": run.gate_a_alive,
        "gate_b_alive": run.gate_b_alive,
        "chunks_done": run.chunks_done,
        "chunk_count": run.chunk_count,
        "rate_per_second": rate,
        "seconds_left": left / rate if rate and run.is_active else None,
        "seconds_elapsed": _seconds_elapsed(run),
        "error": run.error,
    }


def publish(run: Run) -> None:
    """Adds the run's progress to its stream; with Redis away it only says so in the log, at most every few seconds."""
    payload = json.dumps(run_progress(run), allow_nan=False)
    try:
        with _connection(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.xadd(stream_key(run.code), {"progress": payload}, maxlen=STREAM_LENGTH, approximate=True)
            pipe.expire(stream_key(run.code), STREAM_SECONDS)
            pipe.execute()
    except (RedisError, OSError) as error:
        _say_refused(run, error)


def stream_key(run_code: UUID | str) -> str:
    """Name of the run's Redis stream."""
    return f"run:{run_code}"


async def events(run_code: UUID | str, last_id: str = "") -> AsyncIterator[str]:
    """Server-sent events of a run from `last_id` on: `progress`, then one `done`; comments while nothing happens.

    With Redis away, or its stream lost, the run's row is read instead, so the stream always ends when the run does.
    """
    position = last_id if STREAM_ID.fullmatch(last_id) else FIRST_ID
    latest = await _progress_from_row(run_code)
    yield _event("progress", latest)
    connection = _async_connection()
    try:
        while not latest["is_finished"]:
            entries = await _read(connection, run_code, position)
            for position, latest in entries:
                yield _event("progress", latest, position)
            if not entries:
                row = await _progress_from_row(run_code)
                yield _event("progress", row) if _moved(latest, row) else KEEP_ALIVE
                latest = row
    finally:
        await connection.aclose()
    yield _event("done", latest)


@cache
def _connection(url: str) -> redis.Redis:
    # Kept for the life of the process; no retry and short waits, because a chunk must not wait for Redis.
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=2)


def _async_connection() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(settings.REDIS_URL)


async def _read(
    connection: redis.asyncio.Redis, run_code: UUID | str, position: str
) -> list[tuple[str, dict[str, Any]]]:
    began = time.monotonic()
    try:
        reply: Any = await connection.xread({stream_key(run_code): position}, block=int(WAIT_SECONDS * 1000))
    except (RedisError, OSError):
        await asyncio.sleep(max(0.0, WAIT_SECONDS - (time.monotonic() - began)))
        return []
    entries = reply[0][1] if reply else []
    return [(entry_id.decode(), json.loads(fields[b"progress"])) for entry_id, fields in entries]


@sync_to_async
def _progress_from_row(run_code: UUID | str) -> dict[str, Any]:
    return run_progress(Run.objects.get(code=run_code))


def _moved(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return any(before[key] != after[key] for key in ("state", "done_count"))


def _event(name: str, data: dict[str, Any], event_id: str = "") -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n"


def _rate_per_second(run: Run) -> float | None:
    if run.stretch_started_at is None:
        return None
    seconds = ((run.finished_at or timezone.now()) - run.stretch_started_at).total_seconds()
    done = run.done_count - run.stretch_done_count
    return done / seconds if seconds > 0 and done > 0 else None


def _seconds_elapsed(run: Run) -> float:
    if run.started_at is None:
        return 0.0
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def _say_refused(run: Run, error: Exception) -> None:
    if time.monotonic() - _last_refused["at"] > REFUSED_LOG_SECONDS:
        _last_refused["at"] = time.monotonic()
        log.warning("progress_not_published", run=str(run.code), reason=str(error))
