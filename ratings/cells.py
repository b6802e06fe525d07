"""Rules cell by cell: every leaf of a rule set's content with its place, provenance and source, and what differs.

A place names rows by what they are about, not by their number: "criteria.UK.AAA.dscr_minimum".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]
Said = Mapping[str, Any]
Path = tuple[str, ...]

SAYING = frozenset({"provenance", "source", "sources"})
# What tells the rows of a table apart; a table that is not named here goes by row numbers.
ROW_KEYS: dict[str, tuple[str, ...]] = {
    "criteria": ("jurisdiction", "rating"),
    "central_banks": ("jurisdiction",),
    "haircuts": ("asset", "category", "credit_quality", "bucket", "coupon"),
    "wrap_premium_bps": ("rating",),
    "repo_haircuts": ("rating", "max_tenor_years"),
    "agency_bands": ("agency", "reading", "row", "category"),
    "central_bank_rules": ("central_bank", "rule"),
    "rating_scale": ("notch",),
    "collateral_classes": ("code",),
    "collateral_facilities": ("code",),
    "collateral_criteria": ("facility", "code"),
    "collateral_haircuts": ("facility", "asset_class", "rating", "from_years"),
}
# Words about a row or the whole, not limits: they need no source of their own.
WORDS = frozenset({"version", "bank", "note"})


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


def cells(content: Content) -> dict[str, Cell]:
    """Every cell by its place, in the order of the content."""
    return {cell.place: cell for cell in _walk((), content, {}) if cell.path != ("version",)}


def changes(old: Content, new: Content) -> list[Change]:
    """What differs from `old` to `new`, cell by cell: values, provenance and sources."""
    before, after = cells(old), cells(new)
    places = dict.fromkeys([*before, *after])
    found = [_change(before.get(place), after.get(place)) for place in places]
    return [change for change in found if change]


def same(one: Any, other: Any) -> bool:
    """True for equal values of one kind: true is not 1, though 25 is 25.0."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def named_rows(table: str, rows: Iterable[Any]) -> Iterator[tuple[Path, Any]]:
    """Each row of a table with what it is about; rows about the same are told apart by their number."""
    keys = ROW_KEYS.get(table, ())
    seen: dict[Path, int] = {}
    for number, row in enumerate(rows, start=1):
        named = tuple(_key_text(row.get(key)) for key in keys) or (str(number),)
        seen[named] = seen.get(named, 0) + 1
        again = (f"#{seen[named]}",) if seen[named] > 1 else ()
        yield (*named, *again), row


def _change(old: Cell | None, new: Cell | None) -> Change | None:
    if old and new:
        said_alike = (old.provenance, old.source) == (new.provenance, new.source)
        if said_alike and same(old.value, new.value):
            return None
    present = new or old
    return Change(present.path, old, new) if present else None


def _walk(path: Path, node: Any, said: Said) -> Iterator[Cell]:
    if isinstance(node, Mapping):
        yield from _walk_row(path, node, said, ())
    elif isinstance(node, list) and node and all(isinstance(row, Mapping) for row in node):
        yield from _walk_table(path, node, said)
    else:
        yield Cell(path, node, str(said.get("provenance", "")), str(said.get("source", "")))


def _walk_row(path: Path, row: Content, said: Said, keys: tuple[str, ...]) -> Iterator[Cell]:
    own = {"provenance": row["provenance"], "source": row.get("source", "")} if "provenance" in row else said
    sources = row.get("sources")
    by_name: Said = sources if isinstance(sources, Mapping) else {}
    for name, value in row.items():
        if name not in SAYING and name not in keys:
            given = by_name.get(name, own)
            yield from _walk((*path, str(name)), value, given if isinstance(given, Mapping) else {})


def _walk_table(path: Path, rows: list[Content], said: Said) -> Iterator[Cell]:
    keys = ROW_KEYS.get(path[-1], ())
    for named, row in named_rows(path[-1], rows):
        yield from _walk_row((*path, *named), row, said, keys)


def _key_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
