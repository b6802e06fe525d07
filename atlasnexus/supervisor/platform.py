"""The platform's processes, in the order they need each other."""

import http.client
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import redis
from django.conf import settings

from atlasnexus.supervisor.embedded_redis import find_redis_server
from atlasnexus.supervisor.errors import Refused
from atlasnexus.supervisor.processes import Group, Service

PYTHON = sys.executable
READY_SECONDS = 180.0
# Each worker computes on one core: their number is the parallelism. The threading layer is the one that survives
# a worker's own threads.
WORKER_ENVIRONMENT = {"NUMBA_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "workqueue"}


def start_redis(group: Group, url: str, socket_path: Path) -> str:
    """What answers at the address; ours, started here, where it is the private socket's."""
    if not url.startswith(f"unix://{socket_path}"):
        return _foreign_redis(url)
    server = find_redis_server()
    group.start(server.service(socket_path))
    group.wait_for(lambda: answers(url), "Redis", READY_SECONDS)
    return f"{server.path.name} {server.version} on a private socket"


def start_workers(group: Group, count: int) -> None:
    for number in range(1, count + 1):
        group.start(Service(f"worker-{number}", [PYTHON, "-m", "atlasnexus.worker"], WORKER_ENVIRONMENT))


def start_watcher(group: Group) -> None:
    group.start(Service("watcher", [PYTHON, "manage.py", "watch_jobs"]))


def start_web(group: Group, listening: socket.socket, count: int = 1) -> None:
    """So many web servers on one listening socket, the first of them ready: whichever is free takes a connection."""
    for counts in Path(settings.ATLASNEXUS_METRICS_DIR).glob("*.db"):
        counts.unlink(missing_ok=True)  # of processes that have ended
    descriptor = listening.fileno()
    command = [PYTHON, "-m", "atlasnexus.web", str(descriptor)]
    first, *others = ("web", *(f"web-{number}" for number in range(2, count + 1)))
    group.start(Service(first, command, descriptors=(descriptor,), grace_seconds=6.0))
    host, port = listening.getsockname()[:2]
    group.wait_for(lambda: serves(host, port), "The web server", READY_SECONDS)
    # Not all at once: loading costs seconds of a core, and pages are served meanwhile.
    for name in others:
        group.start(Service(name, command, descriptors=(descriptor,), grace_seconds=6.0))


def answers(url: str) -> bool:
    """Whether a Redis is there."""
    try:
        with closing(redis.Redis.from_url(url, socket_connect_timeout=3)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def serves(host: str, port: int) -> bool:
    """Whether pages are served; the health page answers any host name that is allowed, and 400 to others."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(loopback, port, timeout=5)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _foreign_redis(url: str) -> str:
    end = time.monotonic() + 5.0
    while not answers(url):
        if time.monotonic() > end:
            raise Refused("REDIS_URL is set, but nothing answers there. Correct it, or unset it to use our own Redis.")
        time.sleep(0.2)
    return "at REDIS_URL"
