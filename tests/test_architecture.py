"""The house keeps its floors: imports go down only, also inside functions, and the engine is pure."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver

from accounts.audit import is_declared
from lib import slots

ROOT = Path(__file__).resolve().parent.parent

# From the ground up: a room may import itself and what stands before it.
ROOMS = (
    "engine",
    "lib",
    "accounts",
    "jobs",
    "notifications",
    "tables",
    "records",
    "projects",
    "ratings",
    "financings",
    "reconciliation",
    "permutations",
    "documents",
    "portfolios",
    "securitisation",
    "strategies",
    "operations",
    "api",
    "portal",
    "atlasnexus",
)
DOMAINS = {"permutations", "reconciliation"}  # one floor: neither imports another
ENGINE_ROOMS = (
    "errors",
    "basics",
    "terms",
    "project",
    "debt",
    "hedges",
    "waterfall",
    "measures",
    "ratings",
    "market",
    "book",
    "deal",
    "stress",
    "risk",
    "permutations",
    "reconciliation",
    "portfolios",
    "notes",
    "strategies",
    "warm",
)
ENGINE_NEIGHBOURS = {("hedges", "debt")}  # one floor, two rooms
ENGINE_MAY_USE = {
    *("__future__", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"),
    *("hashlib", "heapq", "itertools", "json", "math", "operator", "typing", "types", "uuid"),
    *("clarabel", "llvmlite", "numba", "numpy", "QuantLib", "rapidfuzz", "re", "scipy", "engine"),
}
CLOCKS_AND_DOORS = {"now", "today", "utcnow", "open", "input", "print", "uuid1", "uuid4", "default_rng", "RandomState"}

Import = tuple[Path, int, str]


@cache
def sources(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Every module a file imports, wherever in the file."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((path, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def places(found: list[Import]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line} imports {name}" for path, line, name in found]


def test_the_plan_names_every_room():
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms == set(ROOMS)
    engine = {path.stem for path in (ROOT / "engine").iterdir() if path.stem not in {"__init__", "__pycache__"}}
    assert engine <= set(ENGINE_ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_downwards_only(room: str):
    above = set(ROOMS[ROOMS.index(room) + 1 :]) | (DOMAINS - {room} if room in DOMAINS else set())
    found = [each for path in sources(room) for each in imports(path) if each[2].split(".")[0] in above]
    assert not places(found)


@pytest.mark.parametrize("room", ENGINE_ROOMS)
def test_the_engine_imports_downwards_only(room: str):
    above = {f"engine.{name}" for name in ENGINE_ROOMS[ENGINE_ROOMS.index(room) + 1 :]}
    above |= {f"engine.{one}" for other, one in ENGINE_NEIGHBOURS if other == room}
    files = sources(f"engine/{room}") or [ROOT / "engine" / f"{room}.py"]
    found = [
        each for path in files if path.exists() for each in imports(path) if ".".join(each[2].split(".")[:2]) in above
    ]
    assert not places(found)


def test_the_engine_needs_numbers_only():
    """No Django, disk, network, process or log: `engine` is arithmetic."""
    found = [
        each for path in sources("engine") for each in imports(path) if each[2].split(".")[0] not in ENGINE_MAY_USE
    ]
    assert not places(found)


def called_names(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            has_seed = bool(node.args or node.keywords)
            if not (has_seed and name in {"default_rng", "RandomState"}):
                yield node.lineno, name


def test_the_engine_reads_no_clock_and_draws_nothing_without_a_seed():
    found = [
        f"{path.relative_to(ROOT)}:{line} calls {name}"
        for path in sources("engine")
        for line, name in called_names(path)
        if name in CLOCKS_AND_DOORS
    ]
    assert not found


def test_nothing_but_the_wiring_knows_who_serves():
    """Apps read `settings`, never the settings module, the supervisor or the servers."""
    served = ("atlasnexus.settings", "atlasnexus.supervisor", "atlasnexus.asgi", "atlasnexus.web", "atlasnexus.worker")
    found = [
        each for room in ROOMS[:-1] for path in sources(room) for each in imports(path) if each[2].startswith(served)
    ]
    assert not places(found)


CLIENT = "clients/python/src/atlasnexus_client"


def test_the_client_and_the_house_know_each_other_by_the_api_only():
    """A client is another's program: it imports nothing of the house but what it brings, the house nothing of it."""
    brings = {"atlasnexus_client", "httpx", "pandas", "polars", "pyarrow", "tqdm"}
    found = [
        each
        for path in sources(CLIENT)
        for each in imports(path)
        if each[2].split(".")[0] not in brings | sys.stdlib_module_names
    ]
    found += [
        each
        for room in ROOMS
        for path in sources(room)
        for each in imports(path)
        if each[2].split(".")[0] in {"atlasnexus_client", "clients"}
    ]
    assert sources(CLIENT)
    assert not places(found)


# Arrows that no import shows

RELATED = re.compile(r'related_name="([a-z_]+)"')
INCLUDED = re.compile(r"""{%\s*(?:include|extends)\s+['"]([^'"]+)['"]""")
LINKED = re.compile(r"""{%\s*url\s+['"]([^'"]+)['"]""")
SLOT = re.compile(r"""{%\s*slot\s+['"]([^'"]+)['"]""")
# The start page is everybody's way out.
EVERYBODYS = {"home"}


def related_names() -> dict[str, str]:
    """The name by which a lower room's row would reach rows of another room, and that room."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in [*(ROOT / room).glob("models.py"), *(ROOT / room).glob("models/*.py")]:
            for name in RELATED.findall(path.read_text()):
                found.setdefault(name, room)  # the lowest room that uses it
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_rows_are_not_reached_upwards_by_related_names(room: str):
    above = {name for name, owner in related_names().items() if ROOMS.index(owner) > ROOMS.index(room)}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} reads .{node.attr}"
        for path in sources(room)
        if "migrations" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in above and may_be_row(node.value)
    ]
    assert not found


def may_be_row(node: ast.expr) -> bool:
    """True of an expression, and of a plain name that a lower room would give its row; other names are modules."""
    if isinstance(node, ast.Name):
        return node.id in {"project", "snapshot", "rule_set", "submission", "user", "run"}
    return not isinstance(node, ast.Constant)


def pages_of_rooms(resolver: URLResolver, ahead: str = "") -> Iterator[tuple[str, str]]:
    """The full name of each URL and the room that answers it."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages_of_rooms(entry, f"{ahead}{entry.namespace}:" if entry.namespace else ahead)
        elif entry.name:
            yield f"{ahead}{entry.name}", entry.callback.__module__.split(".")[0]


def room_of(path: Path) -> str:
    """The room a template belongs to; the administration's pages lie under their app's name."""
    parts = path.relative_to(ROOT / "templates").parts
    return parts[1] if parts[0] == "admin" and len(parts) > 2 else parts[0]


@pytest.mark.parametrize("room", ROOMS)
def test_templates_look_downwards_only(room: str):
    """What an upper room shows on a page of a lower one fills a slot of it."""
    above, pages, found = set(ROOMS[ROOMS.index(room) + 1 :]), dict(pages_of_rooms(get_resolver())), []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if room_of(path) != room:
            continue
        text = path.read_text()
        found += [f"{path.name} includes {name}" for name in INCLUDED.findall(text) if name.split("/")[0] in above]
        linked = set(LINKED.findall(text)) - EVERYBODYS
        found += [f"{path.name} links to {name} of {pages[name]}" for name in linked if pages.get(name) in above]
    assert not found


def test_slots_that_are_filled_are_there():
    """A fragment for a slot that no page has would never be seen."""
    shown = {name for path in (ROOT / "templates").rglob("*.html") for name in SLOT.findall(path.read_text())}
    asked = {
        str(node.args[0].value)
        for room in ROOMS
        for path in sources(room)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "answers"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert slots.filled() <= shown | asked


def test_every_action_on_the_trail_has_its_words():
    """Declared where its room joins the house (`house.py`): the trail shows words, not codes."""
    missing = {
        keyword.value.value
        for room in ROOMS
        for path in sources(room)
        if "management" not in path.parts and "supervisor" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant) and "." in str(keyword.value.value)
        if not is_declared(str(keyword.value.value))
    }
    assert not missing


def test_rooms_join_the_house_alike():
    """Every app that adds something has it in one place, and its config calls it."""
    for path in ROOT.glob("*/house.py"):
        assert "join()" in (path.parent / "apps.py").read_text(), path.parent.name
