"""Two people's changes to one project, field by field, and the inputs that follow from what was chosen.

Pure: what the project was, what it is, what is wanted; changes that do not collide are both kept.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from engine.basics.fields import lookup
from projects.differences import Row, compare_inputs

MINE, THEIRS = "mine", "theirs"
TITLE = "title"
_FOLLOWS = frozenset({"land.stamp_duty_bands"})  # worked out anew from what was chosen


@dataclass(frozen=True, slots=True)
class Version:
    """A project's title and inputs at one time."""

    title: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field on which mine and theirs differ; `choice` is empty where both changed it and somebody must choose."""

    path: str
    label: str
    unit: str
    base: str
    mine: str
    theirs: str
    choice: str

    @property
    def is_collision(self) -> bool:
        """True where both sides changed the field."""
        return not self.choice


def clashes(base: Version | None, mine: Version, theirs: Version) -> list[Clash]:
    """Every field on which mine and theirs differ; without a base each of them is a collision."""
    by_me = _changes(base, mine) if base else None
    by_them = _changes(base, theirs) if base else None
    return [_clash(path, row, by_me, by_them) for path, row in _changes(theirs, mine).items()]


def merged(mine: Version, theirs: Version, choices: Mapping[str, str]) -> Version:
    """Theirs, with mine where that was chosen."""
    inputs = deepcopy(dict(theirs.inputs))
    for path, choice in choices.items():
        if choice == MINE and path != TITLE:
            _put(inputs, path, lookup(mine.inputs, path))
    return Version(mine.title if choices.get(TITLE) == MINE else theirs.title, inputs)


def _changes(old: Version, new: Version) -> dict[str, Row]:
    groups = compare_inputs(old.inputs, new.inputs).only_changed().inputs
    rows = {row.path: _sided(row) for group in groups for row in group.rows if row.path not in _FOLLOWS}
    if old.title != new.title:
        rows = {TITLE: Row(TITLE, "Title", "", old.title, new.title, "", is_changed=True), **rows}
    return rows


def _sided(row: Row) -> Row:
    """The row with the side of a capex line in its label: both sides have lines of the same name."""
    side = next((side for side in ("internal", "market") if row.path.startswith(f"capex.{side}.lines.")), "")
    return replace(row, label=f"{row.label}, {side}") if side else row


def _clash(path: str, row: Row, by_me: dict[str, Row] | None, by_them: dict[str, Row] | None) -> Clash:
    if by_me is None or by_them is None:
        return Clash(path, row.label, row.unit, "", row.new, row.old, "")
    is_mine, is_theirs = path in by_me, path in by_them
    base = by_me[path].old if is_mine else by_them[path].old if is_theirs else row.old
    choice = "" if is_mine and is_theirs else MINE if is_mine else THEIRS
    return Clash(path, row.label, row.unit, base, row.new, row.old, choice)


def _put(inputs: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    node = inputs
    for part in parents:
        node = node.setdefault(part, {})
    if value is None:
        node.pop(leaf, None)
    else:
        node[leaf] = value
