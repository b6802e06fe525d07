"""Values of a table as cells: their words, and what the template draws around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib import figures
from lib.units import Unit
from tables.catalogue import Column

EXACT = frozenset({Unit.RATE, Unit.SHARE, Unit.TIMES, Unit.BPS})
UNIT_HEADS = {Unit.YEARS: "years", Unit.MONTHS: "months"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table; `template` draws it where its words alone would not do."""

    name: str
    text: str
    is_number: bool = False
    is_negative: bool = False
    template: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    key: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a table."""

    name: str
    label: str
    unit: str
    is_number: bool
    help: str
    is_place: bool = False


def head(column: Column, currency: str) -> Head:
    """The head of a column; amounts are in the table's currency."""
    unit = currency if column.unit == Unit.AMOUNT else UNIT_HEADS.get(column.unit, "")
    return Head(column.name, column.title, unit, column.is_number, column.help, column.is_place)


def table_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], columns: Sequence[Column]) -> list[Row]:
    """Rows of a table from their keys and values by column."""
    return [Row(key, tuple(cell_in(column, values) for column in columns)) for key, values in rows]


def cell_in(column: Column, values: Mapping[str, Any]) -> Cell:
    """The column's value among those of a row; in words where there is none for want of another's."""
    value = values.get(column.name)
    if value is None and column.without is not None:
        other = values.get(column.without[0])
        if other is not None and other <= 0:
            return Cell(column.name, column.without[1], column.is_number)
    return cell(column, value)


def cell(column: Column, value: Any) -> Cell:
    """A value of a column as it is shown."""
    if not column.is_number:
        return Cell(column.name, words(column, value), template=column.template)
    shown = figures.amount(value, column.decimals) if column.decimals is not None else _text(column, value)
    return Cell(column.name, shown, True, isinstance(value, (int, float)) and value < 0)


def _text(column: Column, value: Any) -> str:
    return (
        figures.agreed(value, column.unit)
        if column.is_agreed and column.unit in EXACT
        else number_text(value, column.unit)
    )


def words(column: Column, value: Any) -> str:
    """A code or a word as pages spell it."""
    if value is None:
        return figures.DASH
    if column.is_sum:
        return ", ".join(column.spell(word) for bit, word in column.words.items() if int(value) & bit) or "None"
    return column.spell(column.word(value))


def number_text(value: Any, unit: str) -> str:
    """A figure in its unit; heads name years and months, so their cells do not."""
    show = _BY_UNIT.get(str(unit))
    return show(value) if show else figures.in_unit(value, unit)


def _years(value: Any) -> str:
    return figures.amount(value, 0 if value is None or float(value) == int(value) else 1)


_BY_UNIT: dict[str, Callable[[Any], str]] = {"years": _years, "months": figures.amount}
