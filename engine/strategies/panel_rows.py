"""Panels in long form: one row a value date and name, with the day from which it was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.strategies.panels import Days, Floats, Panel

Indices = NDArray[np.int64]
FOREVER = np.datetime64("9999-12-31")


@dataclass(frozen=True, slots=True)
class PanelRows:
    """Columns of equal length: value date, ident, day known since, and figures (NaN: not known).

    A row without a day known since was known on its value date. A later row for the same date and ident restates it.
    """

    dates: Days
    idents: NDArray[np.object_]
    known_since: Days
    values: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.dates)

    def at(self, rows: NDArray[np.bool_] | Indices) -> Self:
        """These rows alone, in the order given; where that is all as they lie, the same, for a panel is large to copy."""
        if _is_all(rows, len(self)):
            return self
        values = {name: column[rows] for name, column in self.values.items()}
        return replace(self, dates=self.dates[rows], idents=self.idents[rows],
                       known_since=self.known_since[rows], values=values)  # fmt: skip


def _is_all(rows: NDArray[np.bool_] | Indices, count: int) -> bool:
    if len(rows) != count:
        return False
    return bool(rows.all()) if rows.dtype == bool else bool((rows == np.arange(count)).all())


def rows_of(
    dates: Days,
    idents: Sequence[str] | NDArray[np.object_],
    values: Mapping[str, Floats],
    known_since: Days | None = None,
) -> PanelRows:
    """Rows from plain columns; what has no day known since was known on its date."""
    since = dates if known_since is None else np.where(np.isnat(known_since), dates, known_since)
    return PanelRows(dates, np.asarray(idents, object), since, values)


def numbers_of(idents: NDArray[np.object_]) -> tuple[Indices, tuple[str, ...]]:
    """The number of each row's ident in the sorted list of them, and the list."""
    seen: dict[str, int] = {}
    met = np.fromiter((seen.setdefault(each, len(seen)) for each in idents), np.int64, len(idents))
    names = sorted(seen)
    place = np.empty(len(names), np.int64)
    place[[seen[name] for name in names]] = np.arange(len(names))
    return place[met], tuple(names)


def known(rows: PanelRows, as_of: np.datetime64) -> PanelRows:
    """What was known on a day: of each date and ident the row that came last, in order of ident and date.

    The day itself counts: what was known since `as_of` was known on it.
    """
    then = rows.at(rows.known_since <= as_of)
    numbers, _ = numbers_of(then.idents)
    order = np.lexsort((then.known_since, then.dates, numbers))
    last = np.ones(len(order), bool)
    last[:-1] = (np.diff(numbers[order]) != 0) | (np.diff(then.dates[order]).astype(np.int64) != 0)
    return then.at(order[last])


def grid_of(rows: PanelRows, names: Sequence[str] | None = None) -> Panel:
    """The rows by day and name as they were last told, nothing carried on: for prices, where no close means no trade."""
    last = known(rows, FOREVER)
    found, idents = numbers_of(last.idents)
    columns = idents if names is None else tuple(names)
    place = {name: number for number, name in enumerate(columns)}
    column = np.array([place.get(name, -1) for name in idents], np.int64)[found]
    days, row = np.unique(last.dates, return_inverse=True)
    kept = column >= 0
    fields = {}
    for name, figures in last.values.items():
        grid = np.full((len(days), len(columns)), np.nan)
        grid[row[kept], column[kept]] = figures[kept]
        fields[name] = grid
    return Panel(days, columns, fields)


def point_in_time(rows: PanelRows, days: Days, names: Sequence[str], most_age_days: int | None = None) -> Panel:
    """The newest figure known on each day, by name: (days, names) a field.

    A figure is carried on until a newer value date is known, at most `most_age_days` after it became known; an older
    value date that becomes known later changes nothing.
    """
    place = {name: number for number, name in enumerate(names)}
    column = np.array([place.get(each, -1) for each in rows.idents], np.int64)
    row = np.searchsorted(days, rows.known_since, side="left")
    heard = (column >= 0) & (row < len(days))
    fields = {
        field: _carried(rows, figures, heard & np.isfinite(figures), column, row, days, len(names), most_age_days)
        for field, figures in rows.values.items()
    }
    return Panel(days, tuple(names), fields)


def _carried(
    rows: PanelRows, figures: Floats, heard: NDArray[np.bool_], column: Indices, row: Indices,
    days: Days, width: int, most_age_days: int | None,
) -> Floats:  # fmt: skip
    told = np.flatnonzero(heard)
    order = told[np.lexsort((rows.dates[told], rows.known_since[told], column[told]))]
    order = order[_is_newest(rows.dates[order].astype(np.int64), column[order])]
    source = np.full((len(days), width), -1, np.int64)
    source[row[order], column[order]] = order  # a later one of the same day takes the place of an earlier one
    day = np.where(source >= 0, np.arange(len(days))[:, None], -1)
    last = np.maximum.accumulate(day, axis=0)
    carried = np.take_along_axis(source, np.maximum(last, 0), axis=0)
    there = last >= 0
    if most_age_days is not None:
        since = rows.known_since[np.maximum(carried, 0)]
        there &= (days[:, None] - since) <= np.timedelta64(most_age_days, "D")
    return np.where(there, figures[np.maximum(carried, 0)], np.nan) if len(figures) else np.full(there.shape, np.nan)


def _is_newest(dates: Indices, column: Indices) -> NDArray[np.bool_]:
    """Whether a row's value date is no older than all before it of the same column; rows lie column by column."""
    if not len(dates):
        return np.zeros(0, bool)
    span = int(dates.max() - dates.min()) + 1
    level = dates - dates.min() + span * column
    newest: NDArray[np.bool_] = np.maximum.accumulate(level) == level
    return newest
