"""Every verb of every room leaves its entry: found in the source, so that a new verb is caught on the day it is written."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a person has read is theirs alone; the rest tells of writes that are recorded where they happen.
EXCUSED = {
    "mark_read": "reading is not recorded",
    "close_news": "likewise",
    "notify": "tells of a recorded write",
    "send_mail": "likewise",
    "deliver": "the delivery's row is the record",
    "keep_fields": "what a file said is kept by receiving it, which is recorded",
    "tell_overdue": "tells of a file that did not come",
    "keep_draft": "scratch paper: what is saved from it is recorded",
}
WRITES = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
READERS = ("views", "admin", "forms", "queries", "access", "urls")


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.parse(path.read_text(), str(path)).body if isinstance(node, ast.FunctionDef))


def service_files() -> list[Path]:
    return sorted(path for path in ROOT.glob("*/services/*.py") if path.name != "__init__.py")


def called(function: ast.FunctionDef) -> set[str]:
    """Names of what a function calls, or hands to others to call."""
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute | ast.Name)
    }


def test_every_verb_records_or_calls_a_verb_that_does():
    calls = {each.name: called(each) for path in service_files() for each in functions(path)}

    def records(name: str, seen: frozenset[str] = frozenset()) -> bool:
        reached = calls.get(name, set()) - seen
        return "record" in reached or any(records(other, seen | reached) for other in reached if other in calls)

    verbs = {
        each.name
        for path in service_files()
        if not path.name.startswith("_")
        for each in functions(path)
        if each.name == path.stem
    }
    assert len(verbs) > 20
    assert {verb for verb in verbs - EXCUSED.keys() if not records(verb)} == set()
    assert EXCUSED.keys() <= verbs


def test_pages_and_the_administration_write_through_verbs_only():
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {node.func.attr}"
        for room in (
            "accounts",
            "notifications",
            "tables",
            "projects",
            "ratings",
            "financings",
            "permutations",
            "documents",
        )
        for path in sorted((ROOT / room).rglob("*.py"))
        if any(part.removesuffix(".py") in READERS for part in path.relative_to(ROOT).parts)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    ]
    assert wrong == []
