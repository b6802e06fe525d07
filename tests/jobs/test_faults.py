"""What may go wrong under a run and on its files: it ends as the undisturbed one, or in a state from which it goes on.

Killed workers, Redis gone and back, lost queues: `test_workers.py`. Damaged and missing shards: `tests/permutations/test_integrity.py`.
A bucket cut off: `tests/permutations/test_bucket.py`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from jobs import claims
from jobs.models import Job, JobState, Part, PartState
from jobs.queue import enqueue_job
from jobs.work import work
from permutations import kept, ranking
from permutations.aside import OUTCOMES, PLACES, shelf_file
from permutations.files import RANKING_FILE, RunFiles
from permutations.models import Run, TopResult
from permutations.ranking import rank_run
from permutations.services.resume_run import resume_run
from permutations.translate import run_case
from tests.permutations.cast import fingerprints, redis_process, wait_for_state, wait_until, worker_processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def smallest_chunk() -> int:
    """Many chunks, so that a run is still under way when something is done to it."""
    return 100


def answer_of(run: Run) -> tuple[dict[str, str], dict[str, Any], list[Any]]:
    """What a run came to: its files, its summary, its best."""
    best = TopResult.objects.filter(run=run).order_by("rank")
    return (
        fingerprints(run),
        run.summary,
        list(best.values_list("rank", "permutation_index", "tier", "score", "metrics")),
    )


def test_a_killed_watcher_costs_nothing(requested: Callable[..., Run], done: Run):
    run = requested()
    with redis_process(), worker_processes(1, watcher=True) as group:
        os.kill(group.pids()["watcher"], signal.SIGKILL)
        enqueue_job(run, 1)
        wait_until(lambda: Part.objects.filter(job=run.code, state=PartState.DONE).exists(), "a chunk to be done")
        os.kill(group.pids()["worker-1"], signal.SIGKILL)
        # Both are started again: the new watcher frees what the worker had, and invites the new one.
        wait_until(lambda: looked_at(group, run), "the run to be done", seconds=180)
    assert answer_of(run) == answer_of(done)


def looked_at(group: Any, run: Run) -> bool:
    group.look()
    run.refresh_from_db()
    assert run.state != JobState.FAILED, run.error
    return run.state == JobState.DONE


def test_redis_stopped_and_going_on_with_its_data(requested: Callable[..., Run], done: Run):
    run = requested()
    with redis_process() as redis, worker_processes(1) as workers:
        enqueue_job(run, 1)
        wait_until(lambda: Part.objects.filter(job=run.code, state=PartState.DONE).exists(), "a chunk to be done")
        (pid,) = redis.pids().values()
        os.kill(pid, signal.SIGSTOP)
        try:
            finished = Part.objects.filter(job=run.code, state=PartState.DONE).count()
            wait_until(
                lambda: Part.objects.filter(job=run.code, state=PartState.DONE).count() > finished,
                "the worker to go on without Redis",
            )
        finally:
            os.kill(pid, signal.SIGCONT)
        workers.look()
        wait_for_state(run, JobState.DONE, seconds=180)
    assert answer_of(run) == answer_of(done)


def test_two_who_rank_one_run_come_to_one_answer(requested: Callable[..., Run], done: Run):
    """The first is taken for dead while it ranks, and a second does the same: the files are the same, and one answer is kept."""
    run = requested()
    while run.chunk_count != Part.objects.filter(job=run.code, state=PartState.DONE).count():
        work(run.code, gives_way=lambda: True)
    run.refresh_from_db()
    first = claims.claim_part(run, "first")
    assert first is not None
    assert first.is_closing
    slow = rank_run(run, run_case(run))
    Part.objects.filter(pk=first.pk).update(state=PartState.PENDING, claimed_by="")
    second = claims.claim_part(run, "second")
    assert second is not None
    quick = rank_run(run, run_case(run))
    assert claims.finish_part(run, second, "second", quick)
    assert not claims.finish_part(run, first, "first", slow)
    run.refresh_from_db()
    assert slow == quick == run.summary
    assert answer_of(run) == answer_of(done)


def test_a_disk_that_fills_up_stops_the_run_in_words_and_it_goes_on_once_there_is_room(
    requested: Callable[..., Run], done: Run, admin: User
):
    """No file may grow beyond so many bytes in a process of its own, as a full disk or a quota has it."""
    run, most = requested(), 20_000
    assert max(path.stat().st_size for path in RunFiles(done.code).folder.iterdir()) > most
    source = f"import django; django.setup(); from jobs.work import work; work('{run.code}')"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings_test",
        "ATLASNEXUS_TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    limited = f"""
import resource, signal
import permutations.shards
from permutations import files
from permutations.files import RunFiles
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
write = RunFiles.write
def within(self, name, writer):
    def limited(path):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, hard))
        try:
            return writer(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    return write(self, name, limited)
RunFiles.write = within
"""
    script = source.replace("django.setup();", "django.setup(); exec(compile(LIMITED, 'limited', 'exec'));")
    ended = subprocess.run(
        [sys.executable, "-c", f"LIMITED = {limited!r}\n{script}"], env=environment, check=False, timeout=300
    )
    assert ended.returncode == 0
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert "File too large" in run.error
    assert not [path for path in RunFiles(run.code).folder.iterdir() if path.name.startswith(".")]
    resume_run(by=admin, run=run, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    assert answer_of(run) == answer_of(done)


@pytest.mark.parametrize("name", [PLACES, OUTCOMES, shelf_file(1), RANKING_FILE])
def test_a_worker_killed_in_any_part_of_a_ranking_costs_that_part_alone(requested: Callable[..., Run], name: str):
    """kill -9 with the part's file half written: what is done stays done, and another worker does that part again."""
    whole, run = requested(all_rows=False), requested(all_rows=False)
    work(whole.code)
    whole.refresh_from_db()
    script = f"""
import django; django.setup()
import os, signal
from jobs.work import work
from permutations.files import RunFiles
write = RunFiles.write
def killed(files, name, writer):
    def half(path):
        writer(path)
        os.truncate(path, path.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)
    return write(files, name, half if name == {name!r} else writer)
RunFiles.write = killed
work('{run.code}')
"""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings_test",
        "ATLASNEXUS_TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    ended = subprocess.run([sys.executable, "-c", script], env=environment, check=False, timeout=300)
    assert ended.returncode == -signal.SIGKILL
    done = run.parts.filter(state=PartState.DONE).count()
    held = run.parts.get(state=PartState.CLAIMED)
    assert held.stage or held.is_closing
    call_command("watch_jobs", "--once")
    assert work(run.code) == run.parts.count() - done
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    assert answer_of(run) == answer_of(whole)


def test_a_worker_killed_while_the_best_are_written_leaves_nothing_that_shows(
    requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
):
    """Chunks give way to the best of them only once the run is done: until then each try begins with all of them."""
    for module in (kept, ranking):
        monkeypatch.setattr(module, "MOST_KEPT", 40)
    whole = requested(all_rows=False)
    work(whole.code)
    whole.refresh_from_db()
    run, write, written = requested(all_rows=False), RunFiles.write, list[str]()

    def killed(files: RunFiles, name: str, writer: Any) -> str:
        if name == RANKING_FILE and not written:
            written.append(name)
            raise SystemExit("killed")
        return write(files, name, writer)

    with monkeypatch.context() as broken:
        broken.setattr(RunFiles, "write", killed)
        with pytest.raises(SystemExit):
            work(run.code)
    Job.objects.filter(code=run.code).update(heartbeat_at=None)
    Part.objects.filter(job=run.code, state=PartState.CLAIMED).update(
        claimed_by="host:999999999:1", heartbeat_at="2020-01-01T00:00Z"
    )
    call_command("watch_jobs", "--once")
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    assert answer_of(run) == answer_of(whole)
    assert not any(name.startswith("chunk-") for name in fingerprints(run))
