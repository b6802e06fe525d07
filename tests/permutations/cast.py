"""What the tests of runs share: a small lever set, worker processes, and a run's files as bytes."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django_rq
from django.conf import settings
from django.db import connection

from atlasnexus.supervisor import platform as supervised
from atlasnexus.supervisor.processes import Group
from jobs.models import JobState
from lib.datadir import redis_socket
from permutations.files import RunFiles
from permutations.models import Run

SMALL_LEVERS: dict[str, Any] = {
    "axes": {
        "senior_tenor_years": [10, 15, 20],
        "senior_amortisation": ["annuity", "straight_line", "sculpted", "interest_only"],
        "senior_coupon_rate": [0.05, 0.0625, 0.07],
        "senior_dscr": [1.2, 1.35, 1.5],
        "mezz_dscr": [1.1, 1.25],
        "mezz_coupon_rate": [0.08, 0.1],
        "zcis_tenor_years": [0, 10],
        "trs_share": [0.05, 0.25],
        "equity_irr_rate": [0.12, 0.18],
    }
}
SMALL_SIZE = 3_456


def fingerprints(run: Run) -> dict[str, str]:
    """SHA-256 of each file of the run, by name."""
    folder = RunFiles(run.code).folder
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Returns once it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)


def wait_for_state(run: Run, *states: JobState, seconds: float = 120.0) -> Run:
    """The run, once it is in one of the states; a failure says why."""

    def arrived() -> bool:
        run.refresh_from_db()
        assert run.state in states or run.state != JobState.FAILED, run.error
        return run.state in states

    wait_until(arrived, f"run {run.code} to be {' or '.join(states)}", seconds)
    return run


@contextmanager
def redis_process() -> Iterator[Group]:
    """A Redis at the address of the settings, ended on leaving."""
    with Group(Path(settings.ATLASNEXUS_DATA_DIR) / "logs") as group:
        supervised.start_redis(group, settings.REDIS_URL, redis_socket(settings.ATLASNEXUS_DATA_DIR))
        yield group


@contextmanager
def worker_processes(count: int, watcher: bool = False) -> Iterator[Group]:
    """Real worker processes on the test's database and queue, kept alive as the supervisor keeps them."""
    os.environ["ATLASNEXUS_TEST_DATABASE"] = str(connection.settings_dict["NAME"])
    with Group(Path(settings.ATLASNEXUS_DATA_DIR) / "logs") as group:
        supervised.start_workers(group, count)
        if watcher:
            supervised.start_watcher(group)
        yield group


def empty_queue() -> None:
    """No entry is left from another test."""
    for name in settings.RQ_QUEUES:
        django_rq.get_queue(name).empty()
