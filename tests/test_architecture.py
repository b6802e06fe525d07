"""The house keeps its floors: imports go down only, also inside functions, and the engine is pure."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the ground up: a room may import itself and what stands before it.
ROOMS = (
    "engine",
    "lib",
    "accounts",
    "jobs",
    "notifications",
    "projects",
    "ratings",
    "permutations",
    "documents",
    "portal",
    "atlasnexus",
)
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
    "warm",
)
ENGINE_NEIGHBOURS = {("hedges", "debt")}  # one floor, two rooms
ENGINE_MAY_USE = {
    *("__future__", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib"),
    *("itertools", "json", "math", "operator", "typing", "types", "uuid"),
    *("numba", "numpy", "scipy", "engine"),
}
CLOCKS_AND_DOORS = {"now", "today", "utcnow", "open", "input", "print", "uuid1", "uuid4", "default_rng", "RandomState"}

Import = tuple[Path, int, str]


def sources(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> Iterator[Import]:
    """Every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
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
    above = set(ROOMS[ROOMS.index(room) + 1 :])
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
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
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
