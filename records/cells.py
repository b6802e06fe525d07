"""Content cell by cell: every leaf with its place, provenance and source, and what differs between two versions.

A place names rows by what they are about, not by their number: "criteria.UK.AAA.dscr_minimum".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from records.kinds import SAID, Content, Path, RecordKind, TableSpec

Said = Mapping[str, Any]
SAYING = frozenset({*SAID, "sources"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with where it stands and where it comes from."""

    path: Path
    value: Any
    provenance: str
    source: str

    @property
    def place(self) -> str:
        """The path as one text."""
        return ".".join(self.path)

    @property
    def table(self) -> str:
        """The table the cell is in."""
        return self.path[0]

    @property
    def row(self) -> str:
        """What the cell's row is about: "UK AAA"."""
        return " ".join(self.path[1:-1])

    @property
    def field(self) -> str:
        """The limit's name."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs between two versions; None where a version does not have it."""

    path: Path
    old: Cell | None
    new: Cell | None

    @property
    def place(self) -> str:
        """The path as one text."""
        return ".".join(self.path)

    @property
    def value_differs(self) -> bool:
        """False where only provenance or source were changed."""
        return self.old is None or self.new is None or not same(self.old.value, self.new.value)


def cells(kind: RecordKind, content: Content) -> dict[str, Cell]:
    """Every cell by its place, in the order of the content."""
    tables = {table.name: table for table in kind.tables}
    return {cell.place: cell for cell in _walk(tables, (), content, {}) if cell.path != ("version",)}


def changes(kind: RecordKind, old: Content, new: Content) -> list[Change]:
    """What differs from `old` to `new`, cell by cell: values, provenance and sources."""
    before, after = cells(kind, old), cells(kind, new)
    places = dict.fromkeys([*before, *after])
    found = [_change(before.get(place), after.get(place)) for place in places]
    return [change for change in found if change]


def same(one: Any, other: Any) -> bool:
    """True for equal values of one kind: true is not 1, though 25 is 25.0."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def _change(old: Cell | None, new: Cell | None) -> Change | None:
    if old and new:
        said_alike = (old.provenance, old.source) == (new.provenance, new.source)
        if said_alike and same(old.value, new.value):
            return None
    present = new or old
    return Change(present.path, old, new) if present else None


def _walk(tables: Mapping[str, TableSpec], path: Path, node: Any, said: Said) -> Iterator[Cell]:
    if isinstance(node, Mapping):
        yield from _walk_row(tables, path, node, said, ())
    elif isinstance(node, list) and node and all(isinstance(row, Mapping) for row in node):
        # A table that nobody declared goes by row numbers.
        table = tables.get(path[-1]) or TableSpec(path[-1], path[-1])
        for named, row in table.named(node):
            yield from _walk_row(tables, (*path, *named), row, said, table.keys)
    else:
        yield Cell(path, node, str(said.get("provenance", "")), str(said.get("source", "")))


def _walk_row(
    tables: Mapping[str, TableSpec], path: Path, row: Content, said: Said, keys: tuple[str, ...]
) -> Iterator[Cell]:
    own = {"provenance": row["provenance"], "source": row.get("source", "")} if "provenance" in row else said
    sources = row.get("sources")
    by_name: Said = sources if isinstance(sources, Mapping) else {}
    for name, value in row.items():
        if name not in SAYING and name not in keys:
            given = by_name.get(name, own)
            yield from _walk(tables, (*path, str(name)), value, given if isinstance(given, Mapping) else {})
