"""Other XML and JSON: the records that the mapping's path finds, each field by a path of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.errors import Problem
from reconciliation.reading.door import require_kind
from reconciliation.reading.mapping import Layout, values_of
from reconciliation.reading.outcome import Limits, Reading, Refused
from reconciliation.reading.xml import place

MOST_LEVELS = 50


def read_tree(root: etree._Element, name: str, layout: Layout, limits: Limits) -> Reading:
    """A record for every element that the mapping's XPath finds."""
    find = _compiled(layout.record)
    found = find(root)
    elements = [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []
    paths = {rule.path: _compiled(rule.path) for rule in layout.fields if rule.path}
    paths |= {rule.zone: _compiled(rule.zone) for rule in layout.fields if "@" in rule.zone}
    getters = [(place(each), lambda path, each=each: _text_at(paths[path], each)) for each in elements]
    return _read(getters, name, layout, limits)


def read_json(content: bytes, name: str, layout: Layout, limits: Limits) -> Reading:
    """A record for every object of the list that the mapping's path leads to."""
    require_kind(content, "")
    try:
        tree = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Refused("JSON_ENCODING", f"Byte {error.start + 1} is no UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Refused("JSON_NOT_WELL_FORMED", error.msg, f"line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):
        raise Refused("JSON_TOO_DEEP", f"Expected at most {MOST_LEVELS} levels and plain numbers.") from None
    rows = _down(tree, layout.record)
    if not isinstance(rows, list):
        raise Refused("FORMAT_UNKNOWN", f"Expected a list of records at {layout.record or 'the top'}.")
    getters = [
        (f"record {n}", lambda path, row=row: _json_text(_down(row, path))) for n, row in enumerate(rows, start=1)
    ]
    return _read(getters, name, layout, limits)


def _read(
    getters: Sequence[tuple[str, Callable[[str], str | None]]], name: str, layout: Layout, limits: Limits
) -> Reading:
    if len(getters) > limits.rows:
        raise Refused("TOO_MANY_ROWS", f"Expected at most {limits.rows:,} records.")
    reading = Reading(layout.book)
    for number, (where, get) in enumerate(getters, start=1):
        reading.add(f"{name}#{number}", where, lambda get=get: values_of(layout, get))  # type: ignore[misc]
    if not getters:
        reading.notes.append(Problem("NO_ROWS", "file", f"Nothing stands at {layout.record}: a file without records."))
    return reading


def _compiled(path: str) -> etree.XPath:
    try:
        return etree.XPath(path, regexp=False)
    except etree.XPathSyntaxError:
        raise Refused("MAPPING", f"The mapping's path {path[:80]!r} is no XPath.") from None


def _text_at(find: etree.XPath, element: etree._Element) -> str | None:
    try:
        found: Any = find(element)
    except etree.XPathError:
        return None
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, etree._Element):
        return str(found.text or "")
    return None if found is None else str(found)


def _down(tree: Any, path: str) -> Any:
    for name in _steps(path):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _steps(path: str) -> Iterable[str]:
    return [name for name in path.split(".") if name][:MOST_LEVELS]


def _json_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    return format(value, "f") if isinstance(value, Decimal) else None


def _no_number(name: str) -> Any:
    raise ValueError(name)
