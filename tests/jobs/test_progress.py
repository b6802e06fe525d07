import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone
from django_rq import get_connection

from jobs import progress
from jobs.models import Job, JobState
from jobs.progress import events, job_progress, publish, stream_key
from jobs.work import work
from permutations.models import Run
from tests.permutations.cast import redis_process

Event = dict[str, Any]


def read(text: str) -> Event:
    """One server-sent event as its fields; a comment has none."""
    lines = [line.partition(": ") for line in text.strip().splitlines() if not line.startswith(":")]
    fields: Event = {name: value for name, _, value in lines}
    return {**fields, "data": json.loads(fields["data"])} if fields else {}


def all_events(run: Run, last_id: str = "") -> list[Event]:
    async def gather() -> list[Event]:
        return [read(text) async for text in events(run.code, last_id)]

    return async_to_sync(gather)()


@pytest.mark.django_db
def test_progress_counts_from_nothing_to_all(requested: Callable[..., Run]):
    run = requested()
    at_first = job_progress(run)
    assert (at_first["state"], at_first["done_ratio"], at_first["rate_per_second"]) == ("queued", 0.0, None)
    seen: list[dict[str, Any]] = []
    work(run.code, after_part=lambda seen_run: seen.append(job_progress(seen_run)))
    assert [found["chunks_done"] for found in seen[: run.chunk_count]] == list(range(1, run.chunk_count + 1))
    assert seen[0]["rate_per_second"] > 0
    assert seen[0]["seconds_left"] > 0
    assert (seen[-1]["state"], seen[-1]["done_ratio"], seen[-1]["is_finished"]) == ("done", 1.0, True)
    json.dumps(seen, allow_nan=False)


@pytest.mark.django_db
def test_redis_away_costs_nothing_but_a_line_in_the_log(requested: Callable[..., Run]):
    run = requested()
    publish(run)
    assert work(run.code) == run.chunk_count + 1


@pytest.mark.django_db(transaction=True)
def test_a_page_is_told_of_every_chunk_and_of_the_end(requested: Callable[..., Run], redis_server: str):
    run = requested()
    work(run.code)
    Job.objects.filter(code=run.code).update(state=JobState.WORKING)
    told = all_events(run)
    assert {event["event"] for event in told[:-1]} == {"progress"}
    assert told[-1]["event"] == "done"
    done = [event["data"]["chunks_done"] for event in told if "id" in event]
    assert set(done) == set(range(run.chunk_count + 1))


@pytest.mark.django_db(transaction=True)
def test_a_page_that_comes_back_misses_nothing_and_hears_nothing_twice(
    requested: Callable[..., Run], redis_server: str
):
    run = requested()
    work(run.code)
    Job.objects.filter(code=run.code).update(state=JobState.WORKING)
    first = [event for event in all_events(run) if "id" in event]
    again = [event for event in all_events(run, last_id=first[1]["id"]) if "id" in event]
    assert again == first[2:] != []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last_id", ["$", "x", "0-0; FLUSHALL", "-1", "9" * 50 + "-1"])
def test_an_id_that_is_none_starts_from_the_beginning(requested: Callable[..., Run], redis_server: str, last_id: str):
    run = requested()
    work(run.code)
    Job.objects.filter(code=run.code).update(state=JobState.WORKING)
    assert len(all_events(run, last_id)) == len(all_events(run))


@pytest.mark.django_db(transaction=True)
def test_a_finished_run_ends_its_stream_at_once(requested: Callable[..., Run], redis_server: str):
    run = requested()
    work(run.code)
    get_connection("runs").delete(stream_key(run.code))
    assert [event["event"] for event in all_events(run)] == ["progress", "done"]


@pytest.mark.django_db(transaction=True)
def test_without_redis_the_row_is_followed(requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "WAIT_SECONDS", 0.05)
    run = requested()

    @sync_to_async
    def move(**values: Any) -> None:
        Job.objects.filter(code=run.code).update(**values)

    async def follow() -> list[str]:
        told: list[str] = []
        stream = events(run.code)
        told.append(await anext(stream))
        told.append(await anext(stream))
        await move(state=JobState.WORKING, done_count=100)
        told.append(await anext(stream))
        await move(state=JobState.FAILED, error="why", finished_at=timezone.now())
        return told + [text async for text in stream]

    told = async_to_sync(follow)()
    assert told[1] == progress.KEEP_ALIVE
    found = [read(text) for text in told if text != progress.KEEP_ALIVE]
    assert [event["data"]["state"] for event in found] == ["queued", "working", "failed", "failed"]
    assert (found[-1]["event"], found[-1]["data"]["error"]) == ("done", "why")


@pytest.mark.django_db(transaction=True)
def test_a_stream_outlives_redis(requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "WAIT_SECONDS", 0.2)
    run = requested()
    with redis_process() as group:

        @sync_to_async
        def lose_redis_then_finish() -> None:
            group.stop()
            Job.objects.filter(code=run.code).update(state=JobState.CANCELLED)

        async def follow() -> str:
            stream = events(run.code)
            await anext(stream)
            await lose_redis_then_finish()
            return [text async for text in stream][-1]

        last = async_to_sync(asyncio.wait_for)(follow(), 30)
    assert read(last)["event"] == "done"
