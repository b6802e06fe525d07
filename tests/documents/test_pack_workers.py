"""Packs on real worker processes and a real Redis: many at once, and one whose worker is killed."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import django_rq
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from rq import Queue

from documents import kinds
from documents.kinds.kind import DocumentKind
from documents.models import DocumentState, Pack
from jobs.models import JobState, PartState
from tests.permutations.cast import empty_queue, redis_process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("few")]
PACKS = 10


@pytest.fixture
def redis_here() -> Iterator[Any]:
    with redis_process() as group:
        empty_queue()
        packs_queue().empty()
        yield group


def packs_queue() -> Queue:
    return django_rq.get_queue("packs")


def _work_on_the_queue(burst: bool) -> None:
    # The parent's connections stay the parent's.
    for connection in connections.all():
        connection.connection = None
    django_rq.get_worker(*settings.RQ_QUEUES).work(burst=burst, logging_level="ERROR")


def worker(*, burst: bool = True) -> BaseProcess:
    """A worker of its own process, with this test's kinds of document."""
    process = multiprocessing.get_context("fork").Process(target=_work_on_the_queue, args=(burst,))
    process.start()
    return process


def test_ten_packs_at_once_all_finish(ask: Callable[..., Pack], redis_here: Any) -> None:
    packs = [ask(close_date=date(2027, 1, 1) + timedelta(days=day), enqueue=True) for day in range(PACKS)]
    call_command("watch_jobs", "--once")
    assert [name.rpartition("-")[0] for name in packs_queue().get_job_ids()] == [f"pack-{pack.code}" for pack in packs]
    workers = [worker(), worker()]
    for process in workers:
        process.join(timeout=120)
    assert [process.exitcode for process in workers] == [0, 0]
    assert {pack.state for pack in Pack.objects.filter(pk__in=[pack.pk for pack in packs])} == {JobState.DONE}
    for pack in packs:
        assert not pack.documents.exclude(state=DocumentState.DONE).exists()


def test_a_killed_worker_is_found_and_another_goes_on(
    ask: Callable[..., Pack], redis_here: Any, few: tuple[DocumentKind, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watcher finds packs as it finds the tasks of other rooms."""
    pack, wall = ask(), few[-1]

    def wait_for_the_end(*_: object) -> bytes:
        signal.pause()
        return b""

    held = DocumentKind(wall.code, wall.title, wall.parts, wait_for_the_end)
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "KINDS", (*few[:-1], held))
        call_command("watch_jobs", "--once")
        ask(enqueue=True)
        process = worker()
        waiting = pack.documents.filter(kind=wall.code, state=DocumentState.WORKING)
        wait_until(waiting.exists, "the worker to reach the last document")
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    made = dict(pack.documents.filter(state=DocumentState.DONE).values_list("code", "content_hash"))
    assert made
    call_command("watch_jobs", "--once")
    pack.refresh_from_db()
    assert (pack.state, pack.parts.get().state) == (JobState.WORKING, PartState.PENDING)
    call_command("watch_jobs", "--once")
    second = worker()
    second.join(timeout=60)
    pack.refresh_from_db()
    assert (pack.state, pack.parts.get().attempts) == (JobState.DONE, 2)
    assert not pack.documents.exclude(state=DocumentState.DONE).exists()
    assert dict(pack.documents.filter(code__in=made).values_list("code", "content_hash")) == made
