"""An amount of 0 in stored inputs: entered, or the mark of a field that stood empty.

Stored inputs say 0.0 of an amount that is empty and follows from nothing. Until an entered 0 held, they said so of
amounts that do follow from other fields as well.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from engine.basics.fields import lookup
from engine.project.inputs import FOLLOWERS


def entered_value(stored: Mapping[str, Any], path: str) -> Any:
    """What was entered in a field; None for the 0.0 of an amount that stands empty."""
    value = lookup(stored, path)
    is_empty = path in FOLLOWERS and value == 0 and not _has_sources(stored, path)
    return None if is_empty else value


def without_old_noughts(content: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs kept before an entered 0 held, in which a 0 beside what it follows from was an empty field."""
    result = deepcopy(dict(content))
    for path in FOLLOWERS:
        group, _, leaf = path.partition(".")
        if lookup(result, path) == 0 and _has_sources(result, path):
            del result[group][leaf]
    return result


def _has_sources(stored: Mapping[str, Any], path: str) -> bool:
    return any(lookup(stored, source) is not None for source in FOLLOWERS[path])
