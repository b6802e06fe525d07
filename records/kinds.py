"""What a room declares: each table of its data once, and each kind of versions once. Everything else follows from it.

A table is one of four: rows that say once where they come from; rows or, without keys, one row whose cells each say so
(`by_cell`); and, without fields, a nested group that is kept and shown but not edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.policies import Policy
from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import Problem
from lib.text import words_of_name

Content = Mapping[str, Any]
Row = Mapping[str, Any]
Path = tuple[str, ...]
Named = tuple[Path, Any]

SAID = ("provenance", "source")
NUMBERS = (FieldKind.NUMBER, FieldKind.INTEGER)


def words(name: str) -> str:
    """A name as words: "straight_line" is "straight line"."""
    return words_of_name(name)


def words_of_row(name: Sequence[str]) -> str:
    """What a row is about, in words."""
    return " ".join(words(part) for part in name if part)


def is_list(spec: FieldSpec | None) -> bool:
    """True for a field that holds several of its choices."""
    return bool(spec and spec.kind is FieldKind.TEXT and spec.choices)


@dataclass(frozen=True, slots=True)
class Split:
    """How a table is shown as several grids, one for each value of its first key."""

    values: Callable[[Content], Sequence[str]]
    title: Callable[[Content, str], str]
    part: Callable[[Content, str], str]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its columns in order, which of them name a row, and where and how it is shown.

    `words` are columns about the row, which need no source and are not edited; `across` is the key whose values stand
    across the grid; `within` is the table whose rows hold this one; versions made before a later table do not have it.
    """

    name: str
    title: str
    part: str = ""
    fields: tuple[FieldSpec, ...] = ()
    keys: tuple[str, ...] = ()
    by_cell: bool = False
    words: tuple[str, ...] = ()
    within: str = ""
    across: str = ""
    split: Split | None = None
    sheet: str = ""
    label: Callable[[Sequence[str]], str] = words_of_row
    head: Callable[[Row], str] | None = None
    order: Callable[[Path], Any] | None = None
    is_required: bool = False
    is_later: bool = False

    @property
    def is_group(self) -> bool:
        """True for nested values that are kept and shown but not edited."""
        return not self.fields

    @property
    def is_one_row(self) -> bool:
        """True where the table is one row of named values."""
        return self.by_cell and not self.keys

    @property
    def is_rows(self) -> bool:
        """True where the table stands row by row, and each says once where it comes from."""
        return not self.by_cell and not self.is_group

    @property
    def sheet_title(self) -> str:
        """The name of its sheet in a workbook."""
        return self.sheet or self.title

    @property
    def columns(self) -> dict[str, FieldSpec | None]:
        """Every column of a row by name, in order; nothing declared for where it comes from."""
        told = {spec.path: spec for spec in self.fields if spec.path not in SAID}
        return {**told, **dict.fromkeys(SAID)}

    @property
    def editable(self) -> dict[str, FieldSpec]:
        """The columns that can be typed over: not what names the row, nor where it is from."""
        fixed = {*self.keys, *self.words, *SAID}
        return {spec.path: spec for spec in self.fields if spec.path not in fixed}

    def field(self, name: str) -> FieldSpec | None:
        """The declared field of a column; None where anything goes."""
        return next((spec for spec in self.fields if spec.path == name), None)

    def named(self, rows: Iterable[Any]) -> Iterator[Named]:
        """Each row with what it is about; rows about the same are told apart by their number."""
        seen: dict[Path, int] = {}
        for number, row in enumerate(rows, start=1):
            named = tuple(_key_text(row.get(key)) for key in self.keys) or (str(number),)
            seen[named] = seen.get(named, 0) + 1
            again = (f"#{seen[named]}",) if seen[named] > 1 else ()
            yield (*named, *again), row

    def head_of(self, name: Path, row: Row) -> str:
        """What stands above the row's column."""
        return self.head(row) if self.head else self.label(name)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of versioned data: its words, its tables, and what is wrong with its content.

    `write` says who works on versions; `read` gives the content as the engine takes it, raising InputProblems; `checks` look across rows, once each column
    holds what it should; `parts` are the tabs of the editing page; `head` are columns that its model has besides.
    """

    name: str
    noun: str
    title: str
    about: str
    form: str
    pages: str
    tables: tuple[TableSpec, ...]
    write: Policy
    read: Callable[[Content], object]
    checks: tuple[Callable[[Content], Iterable[Problem]], ...] = ()
    parts: Callable[[Content], Mapping[str, str]] | None = None
    completed: Callable[[dict[str, Any]], dict[str, Any]] = dict
    head: tuple[str, ...] = ()
    scope_noun: str = ""
    load_hint: str = ""

    @property
    def waiting(self) -> str:
        """The kind of news that a version waits for approval."""
        return f"{self.name}_waiting"

    @property
    def decided(self) -> str:
        """The kind of news that a version was approved or sent back."""
        return f"{self.name}_decided"

    def table(self, name: str) -> TableSpec | None:
        """The table of that name."""
        return next((table for table in self.tables if table.name == name), None)

    def table_at(self, path: Sequence[str]) -> TableSpec | None:
        """The table that a place is in: one that stands within another's rows before that one."""
        inner = (table for table in self.tables if table.within == path[0] and table.name in path[1:])
        return next(inner, None) or self.table(path[0])

    def spec_at(self, path: Sequence[str]) -> FieldSpec | None:
        """The declared field of a cell; None where anything goes."""
        table = self.table_at(path)
        return table.editable.get(path[-1]) if table else None

    def parts_of(self, content: Content) -> dict[str, str]:
        """The parts of the editing page with their labels."""
        if self.parts:
            return dict(self.parts(content))
        parts = dict.fromkeys(group.part for group in groups(self, content))
        return {part: words(part)[:1].upper() + words(part)[1:] for part in parts}

    def within(self, parent: str) -> list[TableSpec]:
        """The tables that stand within the rows of another."""
        return [table for table in self.tables if parent and table.within == parent]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one table that are shown as one grid; `ahead` stands before a row's name in a place."""

    table: TableSpec
    part: str
    title: str
    key: str
    ahead: Path
    named: tuple[Named, ...]

    def place(self, name: Path) -> str:
        """Where the row stands."""
        return ".".join((*self.ahead, *name))


def groups(kind: RecordKind, content: Content) -> list[Group]:
    """Every grid's rows, in the order of the tables."""
    return [group for table in kind.tables if not table.is_group for group in _groups(kind, table, content)]


def _groups(kind: RecordKind, table: TableSpec, content: Content) -> Iterator[Group]:
    if table.is_one_row:
        row = content.get(table.name, {})
        yield Group(table, table.part, table.title, table.name, (table.name,), (((), row),))
    elif table.within:
        yield from _groups_within(kind, table, content)
    elif table.split:
        yield from _groups_split(table, table.split, content)
    elif rows := content.get(table.name, []):
        yield Group(table, table.part, table.title, table.name, (table.name,), _sorted(table, table.named(rows)))


def _groups_within(kind: RecordKind, table: TableSpec, content: Content) -> Iterator[Group]:
    parent = kind.table(table.within)
    for name, row in parent.named(content.get(parent.name, [])) if parent else ():
        named = _sorted(table, table.named(row.get(table.name, [])))
        title = f"{table.title}, {parent.head_of(name, row) if parent else ''}"
        ahead = (table.within, *name, table.name)
        yield Group(table, table.part, title, "-".join((*name, table.name)), ahead, named)


def _groups_split(table: TableSpec, split: Split, content: Content) -> Iterator[Group]:
    named = _sorted(table, table.named(content.get(table.name, [])))
    for value in split.values(content):
        mine = tuple(each for each in named if each[0][0] == value)
        part = split.part(content, value) or table.part
        yield Group(table, part, split.title(content, value), f"{table.name}-{value}", (table.name,), mine)


def _sorted(table: TableSpec, named: Iterable[Named]) -> tuple[Named, ...]:
    order = table.order
    return tuple(sorted(named, key=lambda each: order(each[0])) if order else named)


def _key_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
