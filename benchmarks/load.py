"""A working day in ten minutes: 200 people read, 20 edit, programs ask, 4 runs and 2 packs are made beside them.

`python benchmarks/load.py [--minutes 10]` starts the product's own processes on loopback, in a data folder that is gone afterwards
(on the database of DATABASE_URL where one is set: an empty one). People read a page for 5 to 25 seconds; who edits types a figure
every 2 to 5, each sent to be worked out and to be kept, as the form does, and saves every sixth; programs ask once a second, and two
of them write. Afterwards every save that was acknowledged must stand in the database. Anything but the expected status is an error;
with an error or a lost write the exit code is 1. Times are told, not judged: they are the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.served import Reply, Visitor, await_workers, quantile, served, told_by, web_seconds

PROJECTS = 1_000
READERS = {"internal": 120, "sponsor": 60, "admin": 20}
EDITORS = 20
READING_PROGRAMS, WRITING_PROGRAMS = 4, 2
READ_SECONDS, TYPE_SECONDS, ASK_SECONDS = (5.0, 25.0), (2.0, 5.0), (0.5, 1.5)
FIGURES_A_SAVE = 6
# When each begins, as a share of the whole; a pack is made of the best financing there is by then.
RUNS_AT, PACKS_AT = (0.02, 0.25, 0.5, 0.75), (0.35, 0.85)
RENT = "rent_amount"
AIM_SECONDS = 0.2
SEED = 2026


@dataclass
class Day:
    """What happened: times by what was asked, errors, and every write that was acknowledged."""

    port: int
    until: float
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    saves: Counter[str] = field(default_factory=Counter)  # by project
    last: dict[str, float] = field(default_factory=dict)  # the rent that was saved last, by project
    jobs: list[str] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    async def pause(self, bounds: tuple[float, float], rng: random.Random) -> bool:
        """Waits as a person does; whether there is still time afterwards."""
        await asyncio.sleep(rng.uniform(*bounds))
        return self.goes_on

    def note(self, what: str, reply: Reply, expected: tuple[int, ...] = (200,)) -> bool:
        """Whether the answer is what it should be; its time and trouble are kept."""
        self.seconds[what].append(reply.seconds)
        if reply.status in expected:
            return True
        self.errors[f"{what}: {reply.status} {reply.body[:120].decode(errors='replace')!r}"] += 1
        return False


def main() -> int:
    """Tables of times, then the errors and the lost writes; 1 where there are any."""
    parser = argparse.ArgumentParser(description="Measures the portal and the API under a working day's load.")
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="atlasnexus-load-") as folder:
        with served(Path(folder)) as (server, port, environment):
            world = told_by(__file__, "fill", environment)
            used, began = web_seconds(server), time.monotonic()
            day = Day(port, began + 60 * minutes)
            asyncio.run(_day(day, world, 60 * minutes))
            share = (web_seconds(server) - used) / (time.monotonic() - began)
            lost = _lost(day, told_by(__file__, "saved", environment))
    _print(day, minutes, share)
    for trouble, count in day.errors.most_common():
        print(f"ERROR {count} x {trouble}")
    for line in lost:
        print(f"LOST {line}")
    print(
        f"{sum(day.errors.values())} errors, {len(lost)} projects with lost writes of {sum(day.saves.values())} saves"
    )
    return 1 if day.errors or lost else 0


async def _day(day: Day, world: dict[str, Any], seconds: float) -> None:
    rng = random.Random(SEED)
    async with asyncio.TaskGroup() as tasks:

        def begin(doing: Callable[..., Awaitable[None]], *told: Any) -> None:
            tasks.create_task(doing(day, *told, random.Random(rng.random())))  # type: ignore[arg-type]

        for person in world["readers"]:
            begin(_read, person)
        for person in world["editors"]:
            begin(_edit, person)
        for number in range(READING_PROGRAMS):
            begin(_ask, world["tokens"]["internal"], number)
        for person in world["writers"]:
            begin(_put, person)
        for share in RUNS_AT:
            begin(_run, world, share * seconds)
        for share in PACKS_AT:
            begin(_pack, world, share * seconds)


async def _read(day: Day, person: dict[str, Any], rng: random.Random) -> None:
    """One who reads, from page to page."""
    visitor, pages = Visitor(day.port, {"sessionid": person["cookie"]}), person["addresses"]
    await asyncio.sleep(rng.uniform(0, READ_SECONDS[1]))
    while day.goes_on:
        page = rng.choice(list(pages))
        day.note(page, await visitor.get(rng.choice(pages[page])))
        await day.pause(READ_SECONDS, rng)


async def _edit(day: Day, person: dict[str, Any], rng: random.Random) -> None:
    """One who types into the form of a project, and saves it now and then."""
    visitor, code = Visitor(day.port, {"sessionid": person["cookie"]}), person["project"]
    address, htmx = f"/projects/{code}/edit/", {"HX-Request": "true"}
    while day.goes_on:
        page = await visitor.get(address)
        if not day.note("form opened", page):
            await asyncio.sleep(5)
            continue
        typed = _typed(page.body)
        for _ in range(FIGURES_A_SAVE):
            if not await day.pause(TYPE_SECONDS, rng):
                return
            rent = round(rng.uniform(100, 200), 2)
            typed[person["rent_field"]] = f"{rent:.2f}"
            day.note("figures", await visitor.post("/projects/figures/", typed, **htmx))
            day.note("draft kept", await visitor.post("/projects/draft/", typed, **htmx))
        if day.note("form saved", await visitor.post(address, {**typed, "action": "save"}), (302,)):
            day.saves[code] += 1
            day.last[code] = rent


def _typed(page: bytes) -> dict[str, str]:
    """What a browser would send of the project's form."""
    from lxml.html import document_fromstring

    form = next(form for form in document_fromstring(page).forms if form.get("data-draft-url"))
    return {name: value for name, value in form.form_values() if name != "action"}


async def _ask(day: Day, token: str, number: int, rng: random.Random) -> None:
    """A program that reads lists and what stands in them."""
    visitor = Visitor(day.port, headers={"Authorization": f"Bearer {token}"})
    found: list[str] = []
    while day.goes_on:
        if not found:
            reply = await visitor.get("/api/v1/projects?limit=20")
            if day.note("API list", reply):
                found = [f"/api/v1/projects/{item['code']}" for item in reply.json()["items"]]
                runs = await visitor.get("/api/v1/runs?state=done&limit=5")
                if day.note("API list", runs):
                    for item in runs.json()["items"]:
                        found.append(f"/api/v1/runs/{item['code']}/results?sort=rank&limit=50")
        else:
            address = found.pop(rng.randrange(len(found)))
            day.note("API results" if "results" in address else "API project", await visitor.get(address))
        await day.pause(ASK_SECONDS, rng)


async def _put(day: Day, person: dict[str, Any], rng: random.Random) -> None:
    """A program that changes a project, each time what it read just before."""
    visitor = Visitor(day.port, headers={"Authorization": f"Bearer {person['token']}"})
    address = f"/api/v1/projects/{person['project']}"
    while day.goes_on:
        read = await visitor.get(address)
        if day.note("API project", read):
            shown = read.json()
            rent = round(rng.uniform(100, 200), 2)
            shown["inputs"]["revenue"][RENT] = rent
            body = {"title": shown["title"], "inputs": shown["inputs"]}
            headers = {"If-Match": read.headers["etag"], "Idempotency-Key": str(uuid.UUID(int=rng.getrandbits(128)))}
            if day.note("API write", await visitor.send("PUT", address, body, headers)):
                day.saves[person["project"]] += 1
                day.last[person["project"]] = rent
        await day.pause(ASK_SECONDS, rng)


async def _run(day: Day, world: dict[str, Any], after_seconds: float, rng: random.Random) -> None:
    await asyncio.sleep(after_seconds)
    await _made(day, world, "run", f"projects/{world['demo']}/runs", {"seed": rng.randrange(1_000)})


async def _pack(day: Day, world: dict[str, Any], after_seconds: float, rng: random.Random) -> None:
    await asyncio.sleep(after_seconds)
    terms = {"close_date": world["close_date"], "organisation": "Atlas Nexus", "confidentiality": "Private"}
    await _made(day, world, "pack", f"financings/{world['financing']}/packs", terms)


async def _made(day: Day, world: dict[str, Any], what: str, path: str, body: dict[str, Any]) -> None:
    """Asked for by a program of the administrator, and followed until it is done."""
    visitor, began = (
        Visitor(day.port, headers={"Authorization": f"Bearer {world['tokens']['admin']}"}),
        time.monotonic(),
    )
    reply = await visitor.send("POST", f"/api/v1/{path}", body, {"Idempotency-Key": str(uuid.uuid4())})
    if not day.note(f"{what} asked for", reply, (201,)):
        return
    code, progress = reply.json()["code"], {"is_finished": False, "state": ""}
    while not progress["is_finished"]:
        await asyncio.sleep(1.0)
        reply = await visitor.get(f"/api/v1/jobs/{code}/progress")
        if day.note("API progress", reply):
            progress = reply.json()
    day.jobs.append(f"{what} {progress['state']} in {time.monotonic() - began:.0f} s")
    if progress["state"] != "done":
        day.errors[f"{what}: {progress['state']} {progress.get('error')}"] += 1


def _lost(day: Day, saved: dict[str, Any]) -> list[str]:
    """Projects whose versions or last rent are not what was acknowledged."""
    lines = []
    for code, count in sorted(day.saves.items()):
        version, rent = saved[code]["version"], saved[code]["rent"]
        # The last answer may not have come before the end: one save more may stand than was acknowledged.
        if not count <= version - 1 <= count + 1 or (version - 1 == count and rent != day.last[code]):
            lines.append(f"{code}: {count} saves acknowledged, {version - 1} stand; rent {rent}, sent {day.last[code]}")
    return lines


def _print(day: Day, minutes: float, share: float) -> None:
    people = (
        f"{sum(READERS.values())} people reading, {EDITORS} editing, {READING_PROGRAMS + WRITING_PROGRAMS} programs"
    )
    print(f"\nFirst byte, {PROJECTS:,} projects, {people}, {minutes:g} minutes; web servers {share:.2f} of a core")
    print(f"{'asked':<18}{'requests':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'most ms':>9}")
    groups = {
        "all": lambda what: True,
        "all pages": lambda what: what.islower(),
        "all of the API": lambda what: what.startswith("API"),
    }
    rows = {
        name: [s for what, found in day.seconds.items() if has(what) for s in found] for name, has in groups.items()
    }
    for what, found in {**rows, **dict(sorted(day.seconds.items()))}.items():
        ordered = sorted(found)
        times = "".join(f"{1e3 * quantile(ordered, share):>9.0f}" for share in (0.5, 0.95, 0.99, 1.0))
        print(f"{what:<18}{len(ordered):>10}{times}")
    print("; ".join(day.jobs) or "no run, no pack")
    reached = quantile(sorted(rows["all"]), 0.95) < AIM_SECONDS
    print(f"p95 {'within' if reached else 'over'} the aim of {AIM_SECONDS * 1e3:.0f} ms")


# In a process of its own, with the product's settings


def fill() -> None:
    """Prints the day's people, addresses and tokens, once the rows are there and a first run is done."""
    import django

    django.setup()
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Role, User
    from accounts.services import issue_token
    from permutations.models import Run
    from permutations.services.open_permutation import open_permutation
    from projects.forms import field_name
    from projects.models import Project
    from tests.projects.shelf import fill as fill_shelf

    rng, quiet = random.Random(SEED), io.StringIO()
    await_workers()
    call_command("load_demo", stdout=quiet)
    demo = Project.objects.get()
    call_command("run_permutations", "--project", str(demo.code), stdout=quiet)
    run = Run.objects.get()
    admin = User.objects.get(email="admin@demo.example")
    financing = open_permutation(by=admin, run=run, index=run.summary["best"]["index"])
    made = {role: [_person(role, number) for number in range(count)] for role, count in READERS.items()}
    for sponsor in made["sponsor"]:
        fill_shelf(sponsor, PROJECTS // len(made["sponsor"]))
    seen = [f"/runs/{run.code}/", f"/runs/{run.code}/results/", f"/financings/{financing.code}/"]
    everybody = [person for people in made.values() for person in people]
    readers = [{"cookie": _cookie(person), "addresses": _addresses(person, seen, rng)} for person in everybody]
    own = [Project.objects.filter(owner=sponsor).order_by("pk").first() for sponsor in made["sponsor"]]
    editors = [{"cookie": _cookie(project.owner), "project": str(project.code), "rent_field": field_name(f"revenue.{RENT}")} for project in own[:EDITORS]]  # fmt: skip
    writers = []
    for project in own[EDITORS : EDITORS + WRITING_PROGRAMS]:
        _, text = issue_token(by=project.owner, name="Day", scopes=["read", "write"], days=1)
        writers.append({"project": str(project.code), "token": text})
    tokens = {
        "admin": issue_token(by=admin, name="Day", scopes=["read", "write", "run", "issue"], days=1)[1],
        "internal": issue_token(by=made[Role.INTERNAL][0], name="Day", scopes=["read"], days=1)[1],
    }
    close = timezone.localdate() + timedelta(days=400)
    told = {"readers": readers, "editors": editors, "writers": writers, "tokens": tokens, "demo": str(demo.code), "financing": str(financing.code), "close_date": close.isoformat()}  # fmt: skip
    print(json.dumps(told))


def saved() -> None:
    """Prints version and rent of every project."""
    import django

    django.setup()
    from projects.models import Project

    rows = Project.objects.values_list("code", "version", "inputs")
    print(
        json.dumps({str(code): {"version": version, "rent": inputs["revenue"][RENT]} for code, version, inputs in rows})
    )


def _person(role: str, number: int) -> Any:
    from accounts.models import User

    email = f"{role}{number}@bench.example"
    return User.objects.create_user(email, None, full_name=f"{role} {number}", role=role, is_approved=True)


def _cookie(person: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(person)
    return str(client.cookies["sessionid"].value)


def _addresses(person: Any, seen: list[str], rng: random.Random) -> dict[str, list[str]]:
    from projects.access import visible_projects

    codes = list(visible_projects(person).values_list("code", flat=True))
    pages = {
        "start": ["/"],
        "list": ["/projects/", "/projects/?page=2", "/projects/?sort=-mw", "/projects/?search=quay+1&country=UK"],
        "project": [f"/projects/{code}/" for code in rng.sample(codes, min(len(codes), 25))],
    }
    if person.role != "sponsor":
        pages |= {"run": seen[:1], "results": seen[1:2], "financing": seen[2:]}
    return pages


if __name__ == "__main__":
    verbs = {"fill": fill, "saved": saved}
    verbs[sys.argv[1]]() if sys.argv[1:2] and sys.argv[1] in verbs else sys.exit(main())
