import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import claims, workers
from jobs.models import Job, JobState, Part, PartState
from jobs.recovery import free_lost_parts, recover
from jobs.work import work
from permutations.models import Run

COUNTS = {"gate_a_alive": 40, "gate_b_alive": 20, "near_misses": 1, "reasons": {}}
EMPTY = {"counts": {"evaluated": 100, "gate_b_alive": 0}, "tiers": {}, "best": None}


@pytest.fixture(scope="module")
def smallest_chunk() -> int:
    """Many chunks, to be taken one by one."""
    return 100


@pytest.mark.django_db
def test_two_workers_never_hold_one_chunk(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    first, second = claims.claim_part(run, "a"), claims.claim_part(run, "b")
    assert first is not None
    assert second is not None
    assert first.number != second.number


@pytest.mark.django_db(transaction=True)
def test_many_threads_share_out_every_chunk_once(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)

    def take(worker: int) -> list[int]:
        taken = []
        while (chunk := claims.claim_part(run, f"worker {worker}")) is not None:
            taken.append(chunk.number)
        connection.close()
        return taken

    with ThreadPoolExecutor(6) as pool:
        numbers = Counter(number for taken in pool.map(take, range(6)) for number in taken)
    assert numbers == Counter(range(run.chunk_count))  # and nobody ranks before they are done


@pytest.mark.django_db
def test_a_chunk_counts_once_however_often_it_is_finished(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    chunk = claims.claim_part(run, "a")
    assert chunk is not None
    assert claims.finish_part(run, chunk, "a", COUNTS)
    assert not claims.finish_part(run, chunk, "a", COUNTS)
    run.refresh_from_db()
    assert (run.chunks_done, run.done_count, run.gate_a_alive, run.gate_b_alive) == (
        1,
        chunk.stop - chunk.start,
        40,
        20,
    )


@pytest.mark.django_db
def test_a_worker_taken_for_dead_cannot_finish_what_another_has_now(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    chunk = claims.claim_part(run, "slow")
    assert chunk is not None
    Part.objects.filter(pk=chunk.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert free_lost_parts() == 1
    again = claims.claim_part(run, "quick")
    assert again is not None
    assert again.number == chunk.number
    assert not claims.finish_part(run, chunk, "slow", COUNTS)
    assert claims.finish_part(run, again, "quick", COUNTS)


@pytest.mark.django_db
def test_a_cancelled_run_gives_out_no_chunk(requested: Callable[..., Run]):
    run = requested()
    Job.objects.filter(code=run.code).update(state=JobState.CANCELLED)
    assert claims.claim_part(run, "a") is None
    assert not claims.begin(run)


@pytest.mark.django_db
def test_one_worker_ranks_and_only_when_every_chunk_is_done(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    chunks = run.parts.filter(is_closing=False)
    first = chunks[0]
    chunks.exclude(pk=first.pk).update(state=PartState.DONE)
    assert claims.claim_part(run, "slow") == first
    assert claims.claim_part(run, "a") is None
    assert claims.finish_part(run, first, "slow", COUNTS)
    ranking = claims.claim_part(run, "a")
    assert ranking is not None
    assert ranking.is_closing
    assert claims.claim_part(run, "b") is None
    assert not claims.finish_part(run, ranking, "b", {})
    assert claims.finish_part(run, ranking, "a", EMPTY)


@pytest.mark.django_db
def test_a_heartbeat_keeps_a_chunk_with_its_worker(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    chunk = claims.claim_part(run, "alive")
    assert chunk is not None
    Part.objects.filter(pk=chunk.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    claims.keep_alive(run, "alive")
    assert free_lost_parts() == 0


@pytest.mark.django_db
def test_a_dead_process_on_this_host_is_known_at_once(requested: Callable[..., Run]):
    source = "from jobs.workers import worker_name; print(worker_name())"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "atlasnexus.settings_test"}
    script = [sys.executable, "-c", f"import django; django.setup(); {source}"]
    name = subprocess.run(script, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert workers.is_gone(name)
    assert not workers.is_gone(workers.worker_name())
    assert not workers.is_gone("elsewhere:1:1")
    assert not workers.is_gone("no such form")


@pytest.mark.django_db
def test_a_number_given_to_another_process_does_not_keep_the_dead_alive():
    host, number, ticks = workers.worker_name().rsplit(":", 2)
    assert workers.is_gone(f"{host}:{number}:{int(ticks) - 1}")


@pytest.mark.django_db
def test_a_chunk_that_kills_its_workers_ends_the_run_in_words(requested: Callable[..., Run]):
    run = requested()
    claims.begin(run)
    run.parts.filter(number=3).update(attempts=workers.MAX_ATTEMPTS)
    recover()
    run.refresh_from_db()
    assert run.state == JobState.WORKING
    assert run.parts.get(number=3).state == PartState.ASIDE
    assert work(run.code) == run.chunk_count - 1
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert run.error == "Chunk 3 (permutations 324 to 431 of the run) lost its worker 3 times."
