"""Redis down, the database locked, the disk full, a worker gone: said in words on pages and by the API, and gone by itself.

All real: a Redis that is stopped and started, a lock held by another process, a file system without room, a worker killed.
"""

import os
import pickle
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from rq.job import Job as Entry

from accounts.models import User
from atlasnexus.worker import WarmWorker
from financings.models import Simulation
from financings.services.request_simulation import request_simulation
from jobs import registry
from jobs import work as working
from jobs.models import Job, JobState, Part
from jobs.queue import enqueue_job, work_on
from jobs.registry import kind_named
from jobs.work import work
from permutations.models import Run
from projects.models import Project
from tests.api.cast import Program
from tests.financings.cast import opened
from tests.permutations.cast import empty_queue, redis_process, wait_until, worker_processes

pytestmark = pytest.mark.django_db(transaction=True)

SignedIn = Callable[[User], Client]
HOLD_THE_LOCK = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""


@pytest.fixture
def simulation(admin: User, done: Run) -> Simulation:
    return request_simulation(by=admin, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)


@contextmanager
def locked(seconds: float) -> Iterator[None]:
    """The database's only writer is another process, for so long; here nobody waits longer than a tenth of a second."""
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, name, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


needs_sqlite = pytest.mark.skipif(
    "sqlite" not in str(configured.DATABASES["default"]["ENGINE"]), reason="a lock of SQLite"
)


@needs_sqlite
def test_a_locked_database_is_said_and_the_same_works_afterwards(sponsor: User, signed_in: SignedIn, project: Project):
    client, program = signed_in(sponsor), Program(sponsor)
    client.raise_request_exception = False
    new, title = reverse("project-duplicate", args=[project.code]), Project.objects.count()
    with locked(60):
        assert client.get(reverse("project-detail", args=[project.code])).status_code == 200, (
            "pages are read all the same"
        )
        page = client.post(new)
        assert page.status_code == 503
        assert "The database does not answer just now: nothing was changed." in page.content.decode()
        assert page.headers["Retry-After"] == "60"
        answer = program.post("projects", {"title": "Quay"})
        assert (answer.status_code, answer.json()["code"]) == (503, "not_just_now")
        assert "Try again in a minute" in answer.json()["detail"]
    assert Project.objects.count() == title
    assert client.post(new).status_code == 302
    assert program.post("projects", {"title": "Quay"}).status_code == 201


@needs_sqlite
def test_a_lock_costs_a_worker_time_and_nothing_else(simulation: Simulation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(working, "PAUSES", (0.3,) * 40)
    with locked(3):
        began = time.monotonic()
        assert work(simulation.code) == 1
    assert time.monotonic() - began > 2
    part = Part.objects.get(job=simulation.code)
    assert (Job.objects.get(code=simulation.code).state, part.attempts) == (JobState.DONE, 1)


@contextmanager
def full(folder: Path) -> Iterator[Callable[[], None]]:
    """A file system of a megabyte that is full, at the folder; called, it has room again."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system without room is mounted by root only")
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as stream:
            while True:
                try:
                    stream.write(b"x" * 65_536)
                except OSError:
                    break
        yield filler.unlink
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def upload(client: Client, project: Project) -> Any:
    file = SimpleUploadedFile("letter.txt", b"The bank agrees. " * 2_000)
    return client.post(reverse("attachment-add", args=[project.code]), {"files": file, "purpose": "other"})


def test_a_full_disk_is_said_and_the_same_works_afterwards(
    sponsor: User, signed_in: SignedIn, project: Project, tmp_path: Path
):
    client = signed_in(sponsor)
    client.raise_request_exception = False
    storages = {
        **configured.STORAGES,
        "attachments": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "disk")},
        },
    }
    with full(tmp_path / "disk") as make_room, override_settings(STORAGES=storages):
        answer = upload(client, project)
        assert answer.status_code == 503
        assert "There is no room left on the platform&#x27;s disk: nothing was kept." in answer.content.decode()
        assert project.attachments.count() == 0
        make_room()
        assert upload(client, project).status_code == 302
        assert project.attachments.count() == 1


def test_a_part_without_room_waits_and_goes_on_by_itself(
    simulation: Simulation, admin: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(working, "PAUSES", ())
    kind = kind_named("simulation")
    with full(tmp_path / "disk") as make_room:

        def writes(job: Any, held: Any) -> dict[str, Any]:
            (tmp_path / "disk" / "result").write_bytes(b"x" * 100_000)
            return {"kept": True}

        values = {name: getattr(kind, name) for name in kind.__slots__}
        monkeypatch.setitem(
            registry._kinds,
            "simulation",
            type(kind)(**{**values, "work": writes}),
        )
        for _ in range(4):  # more often than a part may lose its worker
            assert work(simulation.code, gives_way=lambda: True) == 0
        told = signed_in(admin).get(reverse("job-status", args=[simulation.code])).json()
        assert (told["state"], told["sentence"]) == ("working", working.WAITS_FOR_ROOM)
        assert Program(admin).get(f"jobs/{simulation.code}/progress").json()["sentence"] == working.WAITS_FOR_ROOM
        assert Part.objects.get(job=simulation.code).attempts == 0
        make_room()
        assert work(simulation.code) == 1
    job = Job.objects.get(code=simulation.code)
    assert (job.state, job.error, job.summary) == (JobState.DONE, "", {"kept": True})


def test_redis_away_is_said_and_what_was_asked_meanwhile_is_done(
    simulation: Simulation, admin: User, signed_in: SignedIn
):
    client, program = signed_in(admin), Program(admin)
    assert enqueue_job(simulation) == 0, "no Redis runs here"
    assert "Redis is away" in client.get(reverse("operations")).content.decode()
    assert program.get("operations").json()["redis_problem"]
    assert client.get("/readyz").json()["redis"] is False
    assert program.get(f"jobs/{simulation.code}/progress").json()["sentence"] == "Waiting for a worker"
    with redis_process():
        empty_queue()
        Job.objects.filter(code=simulation.code).update(created_at="2026-01-01T00:00:00Z")
        call_command("watch_jobs", "--once")
        with worker_processes(1):
            wait_until(
                lambda: Job.objects.get(code=simulation.code).state == JobState.DONE, "the simulation to be done"
            )
            told = program.get("operations").json()
            assert (told["redis_problem"], len(told["workers"])) == ("", 1)


def test_a_killed_worker_is_seen_to_be_gone_at_once(admin: User, signed_in: SignedIn):
    with redis_process(), worker_processes(1) as group:
        program = Program(admin)
        seen = lambda: program.get("operations").json()["workers"]  # noqa: E731
        wait_until(lambda: len(seen()) == 1, "the worker to be seen")
        (pid,) = group.pids().values()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not seen(), "the worker to be missed", seconds=10)
        assert "AtlasNoWorkers" in {each["name"] for each in program.get("operations").json()["alerts"]}
        assert "No worker lives" in signed_in(admin).get(reverse("operations")).content.decode()
        assert Client().get("/readyz").json()["workers"] is False

        def another() -> bool:
            group.look()  # as the supervisor does
            return len(seen()) == 1

        wait_until(another, "another to take its place", seconds=240)


def test_an_entry_of_the_queue_is_text_and_never_a_program(simulation: Simulation, tmp_path: Path):
    mark = tmp_path / "run"

    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (mark,))

    with redis_process():
        empty_queue()
        enqueue_job(simulation)
        queue = django_rq.get_queue("tasks")
        (name,) = queue.get_job_ids()
        key = Entry.key_for(name)
        data: Any = queue.connection.hget(key, "data")
        assert b"jobs.queue.work_on" in zlib.decompress(data)
        queue.connection.hset(key, "data", zlib.compress(pickle.dumps(Evil())))
        WarmWorker([queue], connection=queue.connection).work(burst=True)
        assert not mark.exists()
        call_command("watch_jobs", "--once")
    assert work_on(str(simulation.code)) == 1
