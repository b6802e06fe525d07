"""The whole platform, as the supervisor starts it, on real sockets."""

import os
import signal
import time
import urllib.request
from collections.abc import Callable

from django.conf import settings
from rq import Queue
from rq.job import Job, JobStatus

from tests.stack import Platform


def eventually(is_so: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.1)
    return False


def is_healthy(live: Platform) -> bool:
    with urllib.request.urlopen(f"{live.url}/health/", timeout=30) as answer:  # noqa: S310  # our own address
        return bool(answer.status == 200)


def is_done(job: Job) -> bool:
    return job.get_status(refresh=True) == JobStatus.FINISHED


def is_back(live: Platform, killed: set[int]) -> bool:
    live.check()
    return not killed & set(live.group.pids().values())


def test_no_connection_is_refused_while_the_web_server_is_killed(live: Platform):
    assert is_healthy(live)
    killed = {live.pid("web")}
    os.kill(live.pid("web"), signal.SIGKILL)
    assert eventually(lambda: is_back(live, killed))
    assert is_healthy(live)


def test_killed_workers_are_back_at_work(live: Platform, redis_queue: Queue):
    killed = {live.pid("worker-1"), live.pid("worker-2")}
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: is_back(live, killed))
    job = redis_queue.enqueue("operator.add", 2, 3)
    assert eventually(lambda: is_done(job), 120.0)
    assert job.return_value() == 5


def test_a_worker_forks_nothing(live: Platform, redis_queue: Queue):
    job = redis_queue.enqueue("os.getpid")
    assert eventually(lambda: is_done(job), 120.0)
    assert job.return_value() in live.group.pids().values()


def test_workers_stand_back_for_the_web(live: Platform, redis_queue: Queue):
    job = redis_queue.enqueue("os.getpriority", os.PRIO_PROCESS, 0)
    assert eventually(lambda: is_done(job), 120.0)
    assert job.return_value() == settings.ATLASNEXUS_WORKER_NICENESS
    assert os.getpriority(os.PRIO_PROCESS, live.pid("web")) < settings.ATLASNEXUS_WORKER_NICENESS
