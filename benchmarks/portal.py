"""Measures how soon the portal answers while people read: first byte of start page, lists and project pages.

`python benchmarks/portal.py` starts the product's own processes, as `make serve` does, on loopback and in a data folder that is
gone afterwards, fills it with 1,000 projects, and lets 20 people read at once: some 200 requests of people who read a page for
seconds, 400 of people who hardly look, and 200 without any pause, which only tells how much the machine does. Beside the times stands
the processor time of the web servers for one answer, which does not depend on who else uses the machine.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lib.kernel_cache import kernel_cache_dir

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = 1_000
PEOPLE = {"sponsor": 8, "internal": 8, "admin": 4}
# Requests of each person, and the pause before each.
PACES = {
    "reading for 1 to 5 s": (10, (1.0, 5.0)),
    "looking for 0.3 to 1.3 s": (20, (0.3, 1.3)),
    "without a pause, for information": (10, (0.0, 0.0)),
}
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
    """A table for each pace, then everything is stopped and removed."""
    with tempfile.TemporaryDirectory(prefix="atlasnexus-portal-") as folder, _port() as port:
        environment = _environment(Path(folder), port)
        with _platform(environment, port) as server:
            people = _fill(environment)
            asyncio.run(_read(people, port, 2, (0.0, 0.0)))  # every page once or twice, so that templates are compiled
            for pace, (count, pause) in PACES.items():
                used = _web_seconds(server)
                answers = asyncio.run(_read(people, port, count, pause))
                _print(f"{len(people)} people {pace}", answers, (_web_seconds(server) - used) / len(answers))


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
    _await_workers()
    print(json.dumps(told))


def _await_workers() -> None:
    """Returns once every worker has loaded its kernels and waits for work."""
    import django_rq
    from django.conf import settings
    from rq import Worker

    until = time.monotonic() + READY_SECONDS
    while Worker.count(connection=django_rq.get_connection("default")) < settings.ATLASNEXUS_WORKERS:
        if time.monotonic() > until:
            raise SystemExit(f"Expected {settings.ATLASNEXUS_WORKERS} workers within {READY_SECONDS} s.")
        time.sleep(0.5)


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


async def _read(people: list[Person], port: int, count: int, pause: tuple[float, float]) -> list[Answer]:
    """All answers, from one event loop on plain sockets: what it needs itself is little of what it measures."""

    async def sit(number: int) -> list[Answer]:
        return [answer async for answer in _visits(people[number], port, count, pause, random.Random(SEED + number))]

    return [answer for answers in await asyncio.gather(*map(sit, range(len(people)))) for answer in answers]


async def _visits(
    person: Person, port: int, count: int, pause: tuple[float, float], rng: random.Random
) -> AsyncIterator[Answer]:
    pages, streams = list(person.addresses), None
    for visit in range(count):
        await asyncio.sleep(rng.uniform(*pause))
        page = pages[(visit + rng.randrange(len(pages))) % len(pages)]
        address = rng.choice(person.addresses[page])
        began = time.perf_counter()
        if streams is None or streams[0].at_eof():
            streams = await asyncio.open_connection("127.0.0.1", port)
        seconds, stays = await _first_byte(*streams, address, person.cookie, began)
        if not stays:
            streams[1].close()
            streams = None
        yield Answer(page, seconds)


async def _first_byte(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, cookie: str, began: float
) -> tuple[float, bool]:
    """How long it took, and whether the connection stays open; the answer is read to its end."""
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n".encode())
    status = await reader.readline()
    seconds = time.perf_counter() - began
    if status.split()[1:2] != [b"200"]:
        raise SystemExit(f"{address}: expected 200, got {status.decode()}")
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().splitlines()
    headers = dict(line.split(": ", 1) for line in lines if line)
    await reader.readexactly(int(headers["content-length"]))
    return seconds, headers.get("connection") != "close"


def _print(title: str, answers: list[Answer], web_seconds: float) -> None:
    print(f"\nFirst byte, {PROJECTS:,} projects, {title}; web servers {web_seconds * 1e3:.0f} ms of a core an answer")
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


def _web_seconds(server: subprocess.Popen[bytes]) -> float:
    """Processor time of the web servers so far, as Linux tells it; not a number elsewhere."""
    if not Path("/proc/self/stat").exists():
        return math.nan
    seconds = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            is_web = int(fields[1]) == server.pid and b"atlasnexus.web" in (folder / "cmdline").read_bytes()
        except OSError:  # ended meanwhile
            continue
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if is_web else 0.0
    return seconds


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
def _platform(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    log = Path(environment["ATLASNEXUS_DATA_DIR"]) / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "atlasnexus.supervisor", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(server, port, log)
            yield server
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
