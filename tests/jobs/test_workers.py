"""Runs on real worker processes, with a real Redis: what is killed, stopped and restarted here is the real thing."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from engine.permutations import DEFAULT_LEVERS
from jobs.models import Job, JobState, Part, PartState
from jobs.queue import enqueue_job, queued_entries
from jobs.services.cancel_job import cancel_job
from jobs.work import work
from jobs.workers import worker_name
from permutations.models import Run
from permutations.services import request_run as requesting
from permutations.services.resume_run import resume_run
from tests.permutations.cast import (
    empty_queue,
    fingerprints,
    redis_process,
    wait_for_state,
    wait_until,
    worker_processes,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Enough chunks that a run is still under way when something is done to it.
LEVERS: dict[str, Any] = DEFAULT_LEVERS.to_dict()
BUDGET, CHUNKS = 60_000, 80


@pytest.fixture
def asked(requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """A run long enough to be disturbed."""
    monkeypatch.setattr(requesting, "WANTED_CHUNKS", CHUNKS)
    return lambda **options: requested(levers=LEVERS, budget=BUDGET, seed=5, **options)


@dataclass(frozen=True)
class Answer:
    """What a run came to."""

    files: dict[str, str]
    summary: dict[str, Any]

    @classmethod
    def of(cls, run: Run) -> "Answer":
        return cls(fingerprints(run), run.summary)


_UNDISTURBED: list[Answer] = []


@pytest.fixture
def evaluated(asked: Callable[[], Run]) -> Run:
    """The same run, evaluated in this process from first chunk to last."""
    run = asked()
    work(run.code)
    run.refresh_from_db()
    return run


@pytest.fixture
def undisturbed(request: pytest.FixtureRequest) -> Answer:
    """Its answer, which is the same for every test here: evaluated once."""
    if not _UNDISTURBED:
        _UNDISTURBED.append(Answer.of(request.getfixturevalue("evaluated")))
    return _UNDISTURBED[0]


@pytest.fixture
def redis_here() -> Iterator[Any]:
    """A Redis that a test may stop."""
    with redis_process() as group:
        empty_queue()
        yield group


def under_way(run: Run, chunks: int = 3) -> None:
    def reached() -> bool:
        run.refresh_from_db()
        return run.chunks_done >= chunks

    wait_until(reached, f"{chunks} chunks of the run to be done")
    assert run.state == JobState.WORKING


def test_one_worker_or_three_the_bytes_are_the_same(asked: Callable[[], Run], undisturbed: Answer, redis_here: Any):
    with worker_processes(3):
        for entries in (1, 3):  # as many workers take part
            run = asked()
            enqueue_job(run, entries)
            wait_for_state(run, JobState.DONE)
            assert Answer.of(run) == undisturbed


def test_a_ranking_in_parts_is_the_same_by_one_worker_two_or_three(asked: Callable[..., Run], redis_here: Any):
    alone = asked(all_rows=False)
    work(alone.code)
    alone.refresh_from_db()
    for workers in (1, 2, 3):
        with worker_processes(workers):
            run = asked(all_rows=False)
            enqueue_job(run, workers)
            wait_for_state(run, JobState.DONE)
        assert Answer.of(run) == Answer.of(alone)


def test_a_killed_worker_costs_its_chunk_a_second_try_and_nothing_else(
    asked: Callable[[], Run], undisturbed: Answer, redis_here: Any
):
    run = asked()
    with worker_processes(2, watcher=True) as group:
        enqueue_job(run, 2)
        under_way(run)
        wait_until(lambda: holds_a_chunk(group.pids()["worker-1"]), "worker 1 to hold a chunk")
        os.kill(group.pids()["worker-1"], signal.SIGKILL)
        wait_for_state(run, JobState.DONE)
    assert Answer.of(run) == undisturbed


def holds_a_chunk(pid: int) -> bool:
    return Part.objects.filter(state=PartState.CLAIMED, claimed_by__contains=f":{pid}:").exists()


def test_all_workers_killed_and_started_again(asked: Callable[[], Run], undisturbed: Answer, redis_here: Any):
    run = asked()
    with worker_processes(2) as group:
        enqueue_job(run, 2)
        under_way(run)
        for pid in group.pids().values():
            os.kill(pid, signal.SIGKILL)
    run.refresh_from_db()
    done_before = run.chunks_done
    with worker_processes(1):
        call_command("watch_jobs", "--once")
        wait_for_state(run, JobState.DONE)
    assert done_before >= 3
    assert fingerprints(run) == undisturbed.files


def test_redis_may_go_and_come_back_empty(asked: Callable[[], Run], undisturbed: Answer, redis_here: Any):
    run = asked()
    with worker_processes(1, watcher=True) as group:
        enqueue_job(run, 1)
        under_way(run)
        redis_here.stop()
        with redis_process():
            group.look()
            wait_until(lambda: alive_again(group, run), "the run to be done", seconds=120)
    assert fingerprints(run) == undisturbed.files


def alive_again(group: Any, run: Run) -> bool:
    group.look()
    run.refresh_from_db()
    assert run.state != JobState.FAILED, run.error
    return run.state == JobState.DONE


def test_a_lost_queue_is_filled_again(asked: Callable[[], Run], redis_here: Any):
    run = asked()
    enqueue_job(run, 2)
    empty_queue()
    Job.objects.filter(code=run.code).update(created_at=timezone.now() - timedelta(minutes=1))
    call_command("watch_jobs", "--once")
    assert queued_entries(run) == 2
    call_command("watch_jobs", "--once")
    assert queued_entries(run) == 2


def test_cancelled_and_resumed_on_the_workers(
    asked: Callable[[], Run], undisturbed: Answer, redis_here: Any, admin: User
):
    run = asked()
    with worker_processes(2, watcher=True):
        enqueue_job(run, 2)
        under_way(run)
        cancel_job(by=admin, job=run)
        wait_until(lambda: not run.parts.filter(state=PartState.CLAIMED).exists(), "chunks under way to end")
        run.refresh_from_db()
        assert run.state == JobState.CANCELLED
        assert 3 <= run.chunks_done < run.chunk_count
        resume_run(by=admin, run=run)
        wait_for_state(run, JobState.DONE)
    assert Answer.of(run) == undisturbed


def test_a_ranking_whose_worker_died_is_done_by_another(asked: Callable[[], Run], evaluated: Run, redis_here: Any):
    host, _, _ = worker_name().rsplit(":", 2)
    Job.objects.filter(code=evaluated.code).update(state=JobState.WORKING)
    ranking = evaluated.parts.filter(is_closing=True)
    ranking.update(state=PartState.CLAIMED, claimed_by=f"{host}:999999999:1")
    before = fingerprints(evaluated)
    with worker_processes(1):
        call_command("watch_jobs", "--once")
        wait_for_state(evaluated, JobState.DONE)
    assert fingerprints(evaluated) == before
