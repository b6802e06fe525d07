"""The page of operations and its twin of the API: what they show, what can be done there, and what they say without Redis."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rq import Queue, Worker

from accounts.models import AuditEntry, Scope, User
from accounts.services import issue_token
from financings.models import Simulation
from financings.services.request_simulation import request_simulation
from jobs import watching
from jobs.models import Job, JobState, Part
from jobs.queue import enqueue_job
from jobs.services.retry_job import retry_job
from lib.errors import Forbidden, Invalid
from notifications.models import Notification
from operations import alerts, sizes, standing
from permutations.models import Run
from tests.financings.cast import opened
from tests.jobs.cast import in_hands

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simulation(admin: User, done: Run) -> Simulation:
    """Ada's simulation, waiting."""
    return request_simulation(by=admin, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)


def fail(job: Job, error: str = "The market set has no curve.") -> None:
    Job.objects.filter(code=job.code).update(state=JobState.FAILED, error=error, finished_at=timezone.now())


@contextmanager
def born(name: str) -> Iterator[Worker]:
    """A worker that Redis knows: this process."""
    worker = Worker(["runs"], connection=django_rq.get_connection("runs"), name=name)
    worker.register_birth()
    try:
        yield worker
    finally:
        worker.register_death()


def page_of(client: Client) -> str:
    answer = client.get(reverse("operations"))
    assert answer.status_code == 200
    return str(answer.content.decode())


def read(admin: User, client: Client) -> dict[str, Any]:
    _, text = issue_token(by=admin, name="watch", scopes=[Scope.READ], days=1)
    answer = client.get("/api/v1/operations", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_queues_and_workers_are_seen(
    admin: User, simulation: Simulation, signed_in: SignedIn, redis_queue: Queue, client: Client
):
    enqueue_job(simulation)
    part = in_hands(simulation, worker=f"{os.uname().nodename}:{os.getpid()}:1")
    with born("a-worker"):
        page, told = page_of(signed_in(admin)), read(admin, client)
    queue = next(each for each in told["queues"] if each["name"] == "tasks")
    (worker,) = told["workers"]
    assert (queue["depth"], told["redis_problem"]) == (1, "")
    assert worker["name"].endswith(f":{os.getpid()}")
    assert worker["job"] == str(part.job_id) == told["running"][0]["code"]
    assert worker["memory_bytes"] > 10_000_000
    assert worker["name"] in page
    assert "AtlasNoWorkers" not in {each["name"] for each in told["alerts"]}


def test_without_redis_it_says_so_and_shows_the_rest(
    admin: User, simulation: Simulation, signed_in: SignedIn, settings: Any, client: Client
):
    in_hands(simulation)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    began = time.monotonic()
    page, told = page_of(signed_in(admin)), read(admin, client)
    assert time.monotonic() - began < 5
    assert "Redis is away" in page
    assert "elsewhere:1" in page
    assert told["redis_problem"] == standing.REDIS_AWAY
    assert {each["depth"] for each in told["queues"]} == {None}
    assert [each["state"] for each in told["workers"]] == ["at a part"]


def test_an_empty_platform_says_what_is_not_there(admin: User, signed_in: SignedIn, redis_queue: Queue, settings: Any):
    settings.ATLASNEXUS_BACKUP_DIR = ""
    cache.clear()
    page = page_of(signed_in(admin))
    for words in (
        "Nothing is under way.",
        "No job failed.",
        "No worker lives",
        "Not measured yet",
        "No backups are made",
    ):
        assert words in page
    assert "none" in page.split("Migrations missing")[1][:120]


def test_failed_jobs_are_taken_up_again_together(
    admin: User, done: Run, simulation: Simulation, signed_in: SignedIn, redis_queue: Queue,
    django_capture_on_commit_callbacks: Any,
):  # fmt: skip
    Part.objects.filter(job=done.code, is_closing=True).update(state="pending")
    fail(done)
    fail(simulation)
    client = signed_in(admin)
    assert "The market set has no curve." in page_of(client)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("operations-retry"), {"job": [str(done.code), str(simulation.code)]}, follow=True)
    assert "Taken up again: 2." in answer.content.decode()
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.QUEUED}
    # The run by its room's own verb, the other by the jobs'.
    for action in ("run.resumed", "job.retried"):
        assert AuditEntry.objects.get(action=action).actor == admin
    assert sum(each["depth"] or 0 for each in read(admin, client)["queues"]) >= 2


def test_one_that_does_not_stand_still_is_refused_in_words(admin: User, simulation: Simulation, signed_in: SignedIn):
    with pytest.raises(Invalid, match="is queued: only one that stopped"):
        retry_job(by=admin, job=simulation)
    client = signed_in(admin)
    answer = client.post(reverse("operations-retry"), {"job": [str(simulation.code), "no code"]}, follow=True)
    assert "only one that stopped is tried again" in answer.content.decode()
    assert "No job was chosen" in client.post(reverse("operations-retry"), follow=True).content.decode()


def test_only_administrators_retry(sponsor: User, simulation: Simulation):
    fail(simulation)
    with pytest.raises(Forbidden):
        retry_job(by=sponsor, job=simulation)


def test_prometheus_rules_are_written_from_the_same_limits():
    assert (ROOT / "deploy/prometheus/atlasnexus-rules.yml").read_text() == alerts.rules_text()


@pytest.mark.parametrize("alert", [each for each in alerts.ALERTS if each.measure], ids=lambda each: each.name)
def test_a_limit_is_crossed_beyond_it_only(alert: alerts.Alert):
    beyond = {"<": alert.limit - 1, ">": alert.limit + 1, "==": alert.limit}[alert.sign]
    within = {"<": alert.limit, ">": alert.limit, "==": alert.limit + 1}[alert.sign]
    assert alerts.crossed({alert.measure: beyond}) == [alert]
    assert alerts.crossed({alert.measure: within}) == alerts.crossed({alert.measure: None}) == []


def test_what_is_beyond_its_limit_is_marked(
    admin: User, signed_in: SignedIn, redis_queue: Queue, settings: Any, tmp_path: Path
):
    settings.ATLASNEXUS_BACKUP_DIR = str(tmp_path)
    archive = tmp_path / "atlas-20261127T120000Z.tar"
    archive.touch()
    os.utime(archive, (time.time() - 9 * 3600,) * 2)
    Notification.objects.create(
        person=admin, kind="run_done", title="Late", mail_due_at=timezone.now() - timedelta(hours=1)
    )
    page = page_of(signed_in(admin))
    for title in ("The backup is old", "Mails do not leave", "Jobs wait"):
        assert f'<p class="note__title">{title}</p>' in page
    assert not {alert.name for alert in alerts.ALERTS if alert.name in page}, "names are for programs"
    assert all("_" not in look.name for look in watching.looks())


def test_the_verdict_on_the_last_backup_is_shown(admin: User, signed_in: SignedIn, settings: Any, tmp_path: Path):
    settings.ATLASNEXUS_BACKUP_DIR = str(tmp_path)
    archive = tmp_path / "atlas-20261127T120000Z.tar"
    archive.write_bytes(b"no archive")
    with pytest.raises(Exception, match="cannot be read"):
        call_command("verify_backup", str(archive))
    assert "Not whole: It cannot be read" in page_of(signed_in(admin))


def test_a_watcher_survives_what_it_watches_and_keeps_why(admin: User, signed_in: SignedIn):
    def full() -> int:
        raise OSError(28, "No space left on device")

    def locked() -> int:
        raise OperationalError("database is locked")

    assert watching.watched("backups made", full) == 0
    assert watching.watched("stores measured", locked) == 0
    assert watching.watched("expired counters forgotten", lambda: 3) == 3
    told = {each.name: each for each in watching.looks()}
    assert "No space left on device" in told["backups made"].error
    assert (told["expired counters forgotten"].did, told["expired counters forgotten"].error) == (3, "")
    page = page_of(signed_in(admin))
    assert "No space left on device" in page
    watching.watched("backups made", lambda: 1)
    assert "No space left on device" not in page_of(signed_in(admin))


def test_looks_that_find_nothing_do_not_write_every_few_seconds():
    watching._written.clear()
    watching.watched("jobs looked after", lambda: 0)
    with CaptureQueriesContext(connection) as queries:
        watching.watched("jobs looked after", lambda: 0)
    assert len(queries) == 0


def test_stores_are_measured_once_an_hour(admin: User, signed_in: SignedIn, settings: Any, tmp_path: Path):
    settings.ATLASNEXUS_DATA_DIR = tmp_path
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "0.parquet").write_bytes(b"x" * 100_000)
    cache.clear()
    assert [sizes.measure_due(), sizes.measure_due()] == [1, 0]
    _, found = sizes.measured()
    assert [(each.kind, each.files) for each in found] == [("runs", 1)]
    assert found[0].size_bytes >= 100_000
    assert "Results of runs" in page_of(signed_in(admin))


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "the data folder"), ("s3://vault/atlas", "the bucket vault"), ("mongodb://127.0.0.1/atlas", "GridFS")],
)
def test_where_files_lie_is_said(settings: Any, url: str, said: str):
    settings.ATLASNEXUS_FILES_URL = url
    assert standing.storage()["files_in"] == said


def test_personal_data_that_would_go_are_counted(admin: User, settings: Any):
    settings.ATLASNEXUS_KEPT_DAYS = {**settings.ATLASNEXUS_KEPT_DAYS, "NOTIFICATION": 10}
    for days in (20, 11, 4):
        told = Notification.objects.create(person=admin, kind="run_done", title=f"{days}")
        Notification.objects.filter(pk=told.pk).update(created_at=timezone.now() - timedelta(days=days))
    line = next(each for each in standing.personal_data() if each.kept_days == 10)
    assert line.too_old == 2
    assert line.next_at is not None
    assert (line.next_at - timezone.now()).days == 5
    settings.ATLASNEXUS_KEPT_DAYS = {**settings.ATLASNEXUS_KEPT_DAYS, "NOTIFICATION": 0}
    kept = next(each for each in standing.personal_data() if each.label == line.label)
    assert (kept.too_old, kept.next_at) == (0, None)


def test_it_costs_little(admin: User, done: Run, signed_in: SignedIn, redis_queue: Queue):
    client = signed_in(admin)
    page_of(client)
    spent = []
    for _ in range(3):
        began = time.process_time()
        with CaptureQueriesContext(connection) as queries:
            page_of(client)
        spent.append(time.process_time() - began)
    assert len(queries) < 60
    assert min(spent) < 0.2
