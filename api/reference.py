"""The description of the API as its page shows it: operations by room, each with its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.schema import description

Schema = Mapping[str, Any]
DEEPEST = 4
EMPTY: Schema = {}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: its dotted place, what it holds, what it means."""

    name: str
    kind: str
    about: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class OperationLines:
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[FieldLine, ...]
    body: tuple[FieldLine, ...]
    status: str
    answer: tuple[FieldLine, ...]
    media: str


@cache
def reference() -> tuple[tuple[str, tuple[OperationLines, ...]], ...]:
    """Operations by room, in the order of their addresses."""
    rooms: dict[str, list[OperationLines]] = {}
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            rooms.setdefault(told["tags"][0], []).append(_operation(path, method, told))
    return tuple((room, tuple(lines)) for room, lines in sorted(rooms.items()))


def _operation(path: str, method: str, told: Schema) -> OperationLines:
    status, answer = next((code, each) for code, each in told["responses"].items() if code.startswith("2"))
    media, content = next(iter(answer.get("content", {}).items()), ("", EMPTY))
    _, body = next(iter(told.get("requestBody", {}).get("content", {}).items()), ("", EMPTY))
    return OperationLines(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told["description"],
        parameters=tuple(
            FieldLine(each["name"], f"{each['in']}, {_kind(each['schema'])}", each.get("description", ""), each.get("required", False))
            for each in told.get("parameters", ())
        ),
        body=tuple(_fields(body.get("schema", {}))),
        status=status,
        answer=tuple(_fields(content.get("schema", {}))),
        media=media,
    )  # fmt: skip


def _fields(schema: Schema, ahead: str = "", depth: int = 0) -> Iterator[FieldLine]:
    found = _resolved(schema)
    for name, inner in found.get("properties", {}).items():
        place, each = f"{ahead}{name}", _resolved(inner)
        yield FieldLine(place, _kind(inner), _about(inner), name in found.get("required", ()))
        below = _resolved(each.get("items", each))
        if depth < DEEPEST and below.get("properties"):
            yield from _fields(below, f"{place}[]." if "items" in each else f"{place}.", depth + 1)


def _resolved(schema: Schema) -> Schema:
    for way in ("allOf", "oneOf", "anyOf"):
        named = [each for each in schema.get(way, ()) if each.get("type") != "null"]
        if named:
            return _resolved(named[0])
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return description()["components"]["schemas"][name] if name else schema


def _about(schema: Schema) -> str:
    return str(schema.get("description") or _resolved(schema).get("description", "")).partition("\n")[0]


def _kind(schema: Schema) -> str:
    found = _resolved(schema)
    if found.get("enum"):
        return "one of " + ", ".join(str(each) for each in found["enum"] if each is not None)
    kind = found.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if words == "array":
        return f"list of {_kind(found.get('items', {}))}"
    return f"{words}, {found['format']}" if found.get("format") else words
