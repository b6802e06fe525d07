"""Measures how soon the portal answers while people read: first byte of start page, lists and project pages.

`python benchmarks/portal.py` starts the product's own processes, as `make serve` does, on loopback and in a data folder that is
gone afterwards, fills it with 1,000 projects, and lets 20 people read at once. Bounded: some 400 requests with a pause after each,
as people make it, then 200 without any.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from atlasnexus.lib.kernel_cache import kernel_cache_dir

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = 1_000
PEOPLE = {"sponsor": 8, "internal": 8, "admin": 4}
READ_REQUESTS, RUSH_REQUESTS = 20, 10
PAUSE_SECONDS = (0.3, 1.3)
TARGET_SECONDS = 0.2
READY_SECONDS = 300
SEED = 2026


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads: the cookie of a session, and the addresses they go to, by page."""

    cookie: str
    addresses: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """How long the first byte of a page took."""

    page: str
    seconds: float


def main() -> None:
    """Both tables, then everything is stopped and removed."""
    with tempfile.TemporaryDirectory(prefix="atlasnexus-portal-") as folder, _port() as port:
        environment = _environment(Path(folder), port)
        with _platform(environment, port):
            people = _fill(environment)
            _read(people, port, 2, (0.0, 0.0))  # every page once or twice, so that templates are compiled
            pause = sum(PAUSE_SECONDS) / 2
            _print(
                f"{len(people)} people, a pause of {pause:g} s after each page",
                _read(people, port, READ_REQUESTS, PAUSE_SECONDS),
            )
            _print(f"{len(people)} people without a pause", _read(people, port, RUSH_REQUESTS, (0.0, 0.0)))


def fill() -> None:
    """Prints the people as JSON, once the rows are there; runs in a process of its own, with the product's settings."""
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User
    from tests.projects.shelf import fill as fill_shelf

    people, rng = [], random.Random(SEED)
    for role, count in PEOPLE.items():
        for number in range(count):
            email = f"{role}{number}@bench.example"
            user = User.objects.create_user(email, None, full_name=f"{role} {number}", role=role, is_approved=True)
            if role == "sponsor":
                fill_shelf(user, PROJECTS // count)
            people.append(user)
    told = []
    for user in people:
        client = Client()
        client.force_login(user)
        told.append({"cookie": client.cookies["sessionid"].value, "addresses": _addresses(user, rng)})
    print(json.dumps(told))


def _addresses(user: object, rng: random.Random) -> dict[str, list[str]]:
    from projects.access import visible_projects

    codes = list(visible_projects(user).values_list("code", flat=True))  # type: ignore[arg-type]
    return {
        "start": ["/"],
        "list": ["/projects/", "/projects/?page=3"],
        "list, searched": ["/projects/?search=quay+1&country=UK", "/projects/?search=quay&status=active&page=2"],
        "list, sorted": ["/projects/?sort=-mw", "/projects/?sort=title&page=2"],
        "project": [f"/projects/{code}/" for code in rng.sample(codes, 25)],
    }


def _read(people: list[Person], port: int, count: int, pause: tuple[float, float]) -> list[Answer]:
    start = Barrier(len(people))

    def sit(number: int) -> list[Answer]:
        rng = random.Random(SEED + number)
        start.wait()
        return list(_visits(people[number], port, count, pause, rng))

    with ThreadPoolExecutor(len(people)) as pool:
        return [answer for answers in pool.map(sit, range(len(people))) for answer in answers]


def _visits(person: Person, port: int, count: int, pause: tuple[float, float], rng: random.Random) -> Iterator[Answer]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    pages = list(person.addresses)
    for visit in range(count):
        time.sleep(rng.uniform(*pause))
        page = pages[(visit + rng.randrange(len(pages))) % len(pages)]
        address = rng.choice(person.addresses[page])
        began = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": f"sessionid={person.cookie}"})
        response = connection.getresponse()
        seconds = time.perf_counter() - began
        response.read()
        if response.status != http.HTTPStatus.OK:
            raise SystemExit(f"{address}: expected 200, got {response.status}")
        yield Answer(page, seconds)


def _print(title: str, answers: list[Answer]) -> None:
    print(f"\nFirst byte, {PROJECTS:,} projects, {title}")
    print(f"{'page':<16}{'requests':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for page in dict.fromkeys(["all", *sorted(answer.page for answer in answers)]):
        seconds = sorted(answer.seconds for answer in answers if page in ("all", answer.page))
        print(
            f"{page:<16}{len(seconds):>10}{_quantile(seconds, 0.5) * 1e3:>10.0f}{_quantile(seconds, 0.95) * 1e3:>10.0f}"
        )
    slowest = _quantile(sorted(answer.seconds for answer in answers), 0.95)
    print(f"p95 {'within' if slowest < TARGET_SECONDS else 'over'} the target of {TARGET_SECONDS * 1e3:.0f} ms")


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@contextmanager
def _port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield port


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "ATLASNEXUS_DATA_DIR": str(folder),
        "NUMBA_CACHE_DIR": str(kernel_cache_dir(ROOT / ".var")),
        "DATABASE_URL": f"sqlite:///{folder}/atlasnexus.sqlite3",
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings",
        "ATLASNEXUS_ADMIN_OTP": "optional",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


@contextmanager
def _platform(environment: dict[str, str], port: int) -> Iterator[None]:
    log = Path(environment["ATLASNEXUS_DATA_DIR"]) / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "atlasnexus.supervisor", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(server, port, log)
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"The platform did not start:\n{log.read_text()[-2000:]}")


def _fill(environment: dict[str, str]) -> list[Person]:
    done = subprocess.run(
        [sys.executable, __file__, "fill"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
    )
    return [Person(**told) for told in json.loads(done.stdout.splitlines()[-1])]


if __name__ == "__main__":
    fill() if sys.argv[1:] == ["fill"] else main()
