"""The book's rows: figures one a line, columns of years, months and flows; and what of them depends on what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.book.algebra import Expr

# What a figure shows where there is no such number.
NOT_COMPUTED = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """One named figure or column: what it is called, its unit, and how it follows from others.

    `opening` is what a column holds before its first period, `without` the words it shows where there is no number
    (None: there must be one); `group` heads the columns that begin with it.
    """

    name: str
    label: str
    formula: Expr
    unit: str = "amount"
    note: str = ""
    opening: Expr | None = None
    group: str = ""
    without: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Figures under a heading."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A sheet of figures, one a line, each known by its name in the whole book."""

    name: str
    title: str
    sections: tuple[Section, ...]

    def keyed(self) -> Iterator[tuple[str, Row]]:
        """Every figure by its key."""
        return ((row.name, row) for section in self.sections for row in section.rows)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet of periods, one a row, counted from `first`; where it opens, row 0 holds openings alone."""

    code: str
    name: str
    title: str
    first: int
    opens: bool
    rows: tuple[Row, ...]

    def keyed(self) -> Iterator[tuple[str, Row]]:
        """Every column by its key."""
        return ((f"{self.code}.{row.name}", row) for row in self.rows)


Sheet = Lines | Grid


def read_key(read: str) -> str:
    """The key of what a formula names, without the place in it."""
    return read.partition(":")[0].rstrip("<@!$")


@dataclass(frozen=True)
class Book:
    """All sheets in their order, figures that stand on the sheets of inputs, and every row by its key."""

    sheets: tuple[Sheet, ...]
    beside: tuple[Row, ...] = ()

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Every figure and column by its key."""
        laid_out = {key: row for sheet in self.sheets for key, row in sheet.keyed()}
        return {**{row.name: row for row in self.beside}, **laid_out}

    @cached_property
    def grids(self) -> dict[str, Grid]:
        """The grids by code."""
        return {sheet.code: sheet for sheet in self.sheets if isinstance(sheet, Grid)}

    @cached_property
    def _reads(self) -> dict[str, frozenset[str]]:
        return {key: frozenset(map(read_key, _named(row))) for key, row in self.rows.items()}

    @cached_property
    def _sources(self) -> dict[str, frozenset[str]]:
        return {key: frozenset(_reach(key, self._reads)) for key in self.rows}

    @cached_property
    def circles(self) -> dict[str, tuple[str, ...]]:
        """For each column that needs its own row before: all columns computed with it, in the order within a row."""
        return {key: self._ordered(key) for key in self.rows if key in self._sources[key]}

    def followers(self, names: frozenset[str]) -> frozenset[str]:
        """What changes with any of these."""
        found = self._followers.get(names)
        if found is None:
            found = frozenset(key for key, sources in self._sources.items() if key in names or sources & names)
            self._followers[names] = found
        return found

    @cached_property
    def _followers(self) -> dict[frozenset[str], frozenset[str]]:
        return {}

    def _ordered(self, key: str) -> tuple[str, ...]:
        circle = [other for other in self.rows if key in self._sources[other] and other in self._sources[key]]
        found: list[str] = []

        def place(one: str) -> None:
            for read in self.rows[one].formula.reads:
                if read in circle and read not in found:
                    place(read)
            if one not in found:
                found.append(one)

        for one in circle:
            place(one)
        return tuple(found)


def _named(row: Row) -> tuple[str, ...]:
    return row.formula.reads + (row.opening.reads if row.opening else ())


def _reach(key: str, reads: dict[str, frozenset[str]]) -> Iterable[str]:
    found: set[str] = set()
    ahead = [key]
    while ahead:
        new = reads.get(ahead.pop(), frozenset()) - found
        found |= new
        ahead += new
    return found
