"""The real processes the tests talk to, started by the platform's own supervisor code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import override_settings

from atlasnexus.supervisor import platform as supervised
from atlasnexus.supervisor.ports import listen
from atlasnexus.supervisor.processes import Group
from lib.datadir import redis_socket

LOGS = "logs"
_COMPILED: list[bool] = []


@dataclass(frozen=True)
class Platform:
    """A running platform."""

    url: str
    group: Group

    def check(self) -> None:
        """Every process lives, or lives again."""
        self.group.look()

    def pid(self, name: str) -> int:
        """The process called `web`, `worker-1`, `watcher`."""
        return self.group.pids()[name]


@contextmanager
def redis_server() -> Iterator[Group]:
    """A Redis at the address of the settings."""
    with Group(Path(settings.ATLASNEXUS_DATA_DIR) / LOGS) as group:
        supervised.start_redis(group, settings.REDIS_URL, redis_socket(settings.ATLASNEXUS_DATA_DIR))
        yield group


@contextmanager
def platform(workers: int) -> Iterator[Platform]:
    """Web server, workers and watcher on the test database; they need its Redis."""
    os.environ["ATLASNEXUS_TEST_DATABASE"] = str(connection.settings_dict["NAME"])
    with listen("127.0.0.1", "0") as listening, Group(Path(settings.ATLASNEXUS_DATA_DIR) / LOGS) as group:
        _compile(group)
        supervised.start_workers(group, workers)
        supervised.start_watcher(group)
        # It clears the counts of the platform before it, not those of this process.
        with override_settings(ATLASNEXUS_METRICS_DIR=str(Path(settings.ATLASNEXUS_DATA_DIR) / "metrics")):
            supervised.start_web(group, listening)
        yield Platform(f"http://127.0.0.1:{listening.getsockname()[1]}", group)


def _compile(group: Group) -> None:
    """Once for this test process, not by every worker at the same time."""
    if not _COMPILED:
        assert group.run([sys.executable, "-m", "atlasnexus.prepare", "kernels"]) == 0
        _COMPILED.append(True)
