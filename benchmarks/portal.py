"""Measures how soon the portal answers while people read: first byte of start page, lists and project pages.

`python benchmarks/portal.py` starts the product's own processes, as `make serve` does, on loopback and in a data folder that is
gone afterwards, fills it with 1,000 projects, and lets 20 people read at once: some 200 requests of people who read a page for
seconds, 400 of people who hardly look, and 200 without any pause, which only tells how much the machine does. Beside the times stands
the processor time of the web servers for one answer, which does not depend on who else uses the machine.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.served import Visitor, await_workers, quantile, served, told_by, web_seconds

PROJECTS = 1_000
PEOPLE = {"sponsor": 8, "internal": 8, "admin": 4}
# Requests of each person, and the pause before each.
PACES = {
    "reading for 1 to 5 s": (10, (1.0, 5.0)),
    "looking for 0.3 to 1.3 s": (20, (0.3, 1.3)),
    "without a pause, for information": (10, (0.0, 0.0)),
}
TARGET_SECONDS = 0.2
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
    with tempfile.TemporaryDirectory(prefix="atlasnexus-portal-") as folder:
        with served(Path(folder)) as (server, port, environment):
            people = [Person(**told) for told in told_by(__file__, "fill", environment)]
            asyncio.run(_read(people, port, 2, (0.0, 0.0)))  # every page once or twice, so that templates are compiled
            for pace, (count, pause) in PACES.items():
                used = web_seconds(server)
                answers = asyncio.run(_read(people, port, count, pause))
                _print(f"{len(people)} people {pace}", answers, (web_seconds(server) - used) / len(answers))


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
    await_workers()
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


async def _read(people: list[Person], port: int, count: int, pause: tuple[float, float]) -> list[Answer]:
    """All answers, from one event loop on plain sockets: what it needs itself is little of what it measures."""

    async def sit(number: int) -> list[Answer]:
        return [answer async for answer in _visits(people[number], port, count, pause, random.Random(SEED + number))]

    return [answer for answers in await asyncio.gather(*map(sit, range(len(people)))) for answer in answers]


async def _visits(
    person: Person, port: int, count: int, pause: tuple[float, float], rng: random.Random
) -> AsyncIterator[Answer]:
    pages, visitor = list(person.addresses), Visitor(port, {"sessionid": person.cookie})
    for visit in range(count):
        await asyncio.sleep(rng.uniform(*pause))
        page = pages[(visit + rng.randrange(len(pages))) % len(pages)]
        address = rng.choice(person.addresses[page])
        reply = await visitor.get(address)
        if reply.status != 200:
            raise SystemExit(f"{address}: expected 200, got {reply.status}")
        yield Answer(page, reply.seconds)


def _print(title: str, answers: list[Answer], seconds_an_answer: float) -> None:
    print(
        f"\nFirst byte, {PROJECTS:,} projects, {title}; web servers {seconds_an_answer * 1e3:.0f} ms of a core an answer"
    )
    print(f"{'page':<16}{'requests':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for page in dict.fromkeys(["all", *sorted(answer.page for answer in answers)]):
        seconds = sorted(answer.seconds for answer in answers if page in ("all", answer.page))
        print(
            f"{page:<16}{len(seconds):>10}{quantile(seconds, 0.5) * 1e3:>10.0f}{quantile(seconds, 0.95) * 1e3:>10.0f}"
        )
    slowest = quantile(sorted(answer.seconds for answer in answers), 0.95)
    print(f"p95 {'within' if slowest < TARGET_SECONDS else 'over'} the target of {TARGET_SECONDS * 1e3:.0f} ms")


if __name__ == "__main__":
    fill() if sys.argv[1:] == ["fill"] else main()
