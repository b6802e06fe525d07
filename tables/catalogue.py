"""What the columns of a table mean: declared by the room whose table it is, an argument of everything here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.units import Unit, words_of
from tables.query import Filter, Query, Sort

WORD_UNITS = frozenset({Unit.CODE, Unit.FLAG, Unit.NAME})
YES_NO: Mapping[Any, str] = {0: "No", 1: "Yes"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `words` are what its codes stand for, or the sum of them where `is_sum`; `spell` writes a word as pages show it.
    `part` names the joined file the column lies in, and `missing` what it holds where that file has no row.
    `decimals` are those of a plain number, which has no unit; `template` draws its words; `is_place` is a place in an order,
    sorted from the first; `is_agreed` is true of terms, which are shown with every decimal they have. `without` is another
    column and what is said in the place of a value that is missing because that column's is nil or less.
    """

    name: str
    title: str
    unit: Unit
    group: str = ""
    help: str = ""
    dtype: str = "float64"
    words: Mapping[Any, str] = field(default_factory=dict)
    is_sum: bool = False
    spell: Callable[[str], str] = str
    part: str = ""
    missing: int | None = None
    decimals: int | None = None
    template: str = ""
    is_place: bool = False
    is_agreed: bool = False
    without: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if not self.name or '"' in self.name:
            raise ValueError(f"expected a column's name without quotes, got {self.name!r}")

    @property
    def choices(self) -> Mapping[Any, str]:
        """The words its values stand for, by value; empty where values are plain."""
        if self.unit == Unit.FLAG:
            return YES_NO
        return {} if self.is_sum else self.words

    @property
    def is_number(self) -> bool:
        """True where it is read as a number, not as words."""
        return self.unit not in WORD_UNITS

    @property
    def is_text(self) -> bool:
        """True where its values are words themselves, not codes of words."""
        return self.dtype == "str"

    @property
    def is_computed(self) -> bool:
        """True where its values have rounding, so that limits need their slack."""
        return self.dtype.startswith("float")

    @property
    def is_percent(self) -> bool:
        """True where it is shown and typed in percent."""
        return words_of(self.unit).is_percent

    @property
    def sheet_format(self) -> str:
        """The format of its cells in a workbook."""
        return words_of(self.unit).sheet if self.decimals is None else f"0.{'0' * self.decimals}"

    def word(self, value: Any) -> str:
        """A value in the words of exports: its choice, the words of a sum, or itself."""
        if self.is_sum:
            return ", ".join(word for bit, word in self.words.items() if int(value) & bit)
        return str(self.choices.get(value, value))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The columns of one kind of table; `key` is whole numbers, different in each row, and leads every row.

    `default_columns` and `default_sort` are what a reader sees who asks for nothing.
    """

    kind: str
    columns: Mapping[str, Column]
    key: str
    default_columns: tuple[str, ...]
    default_sort: tuple[Sort, ...]

    def filled(self, query: Query) -> Query:
        """The query with this table's columns and order where it names none."""
        return query.with_defaults(self.default_columns, self.default_sort)

    def in_words(self, item: Filter) -> str:
        """The condition as a person reads it: title, operator, values as words where they have some."""
        column = self.columns[item.column]
        values = item.value if isinstance(item.value, tuple | list) else [] if item.value is None else [item.value]
        words = [column.choices.get(value, _plain(value)) for value in values]
        joined = (" and " if item.operator == "between" else ", ").join(words)
        return f"{column.title} {item.operator} {joined}".strip()


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
