"""The book computed: numbers alone, each when it is first asked for, columns whole where no row needs the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.book.algebra import Expr, Floats
from engine.book.rows import Book, Grid


class _Found(dict[str, Any]):
    """Values by key, worked out on first use."""

    def __init__(self, given: Mapping[str, Any], compute: Callable[[str], Any]) -> None:
        super().__init__(given)
        self.compute = compute

    def __missing__(self, key: str) -> Any:
        value = self[key] = self.compute(key)
        return value


class _Place:
    """Where one formula stands: on all rows at once, or on one."""

    __slots__ = ("back", "cells", "columns", "now", "period", "rows")

    def __init__(self, page: Page, rows: Mapping[str, Any], now: Any, back: Any, period: Any) -> None:
        self.cells, self.columns = page.cells, page.columns
        self.rows, self.now, self.back, self.period = rows, now, back, period


class Page:
    """The book under some inputs; `sizes` is the number of the last row of each grid. Anything may be given."""

    def __init__(self, book: Book, given: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self.book, self.sizes = book, sizes
        self.cells = _Found({key: value for key, value in given.items() if "." not in key}, self._cell)
        self.columns = _Found({key: value for key, value in given.items() if "." in key}, self._column)

    def __getitem__(self, name: str) -> Any:
        """A figure by its name."""
        return self.cells[name]

    def column(self, key: str) -> Floats:
        """A column by grid and name, from the grid's first row on; NaN where there is no number."""
        found: Floats = self.columns[key]
        return found

    def value_of(self, formula: Expr) -> Any:
        """What a formula over figures and whole columns comes to."""
        value = formula.value(_Place(self, self.columns, None, None, None))
        return value.item() if isinstance(value, np.generic) else value

    def under(self, changes: Mapping[str, Any]) -> Page:
        """The page with other inputs; what does not follow from them is not computed again."""
        moved = self.book.followers(frozenset(changes))
        kept = {key: value for key, value in {**self.cells, **self.columns}.items() if key not in moved}
        return Page(self.book, {**kept, **changes}, self.sizes)

    def _cell(self, name: str) -> Any:
        return self.value_of(self.book.rows[name].formula)

    def _column(self, key: str) -> Floats:
        grid = self.book.grids[key.partition(".")[0]]
        return self._by_row(key, grid) if key in self.book.circles else self._whole(key, grid)

    def _whole(self, key: str, grid: Grid) -> Floats:
        start, count = int(grid.opens), self.sizes[grid.code] + 1 - grid.first
        row, found = self.book.rows[key], np.full(count, np.nan)
        periods = np.arange(grid.first + start, grid.first + count, dtype=np.float64)
        found[start:] = row.formula.value(_Place(self, self.columns, slice(start, None), slice(0, -1), periods))
        if row.opening is not None:
            found[0] = row.opening.value(_Place(self, self.columns, 0, None, float(grid.first)))
        return found

    def _by_row(self, key: str, grid: Grid) -> Floats:
        """All columns of a circle, row by row; the others are remembered for when they are asked for."""
        circle = self.book.circles[key]
        count = self.sizes[grid.code] + 1 - grid.first
        lists: dict[str, list[float]] = _Found({}, lambda other: self.columns[other].tolist())
        lists |= {one: [np.nan] * count for one in circle if one not in self.columns}
        steps = [(self.book.rows[one].formula.value, lists[one]) for one in circle if one not in self.columns]
        place = _Place(self, lists, 0, None, float(grid.first))
        for one in circle:
            opening = self.book.rows[one].opening
            if opening is not None and one not in self.columns:
                lists[one][0] = opening.value(place)
        for at in range(1, count):
            place.now, place.back, place.period = at, at - 1, float(grid.first + at)
            for compute, out in steps:
                out[at] = compute(place)
        for one in circle:
            self.columns.setdefault(one, np.array(lists[one]))
        found: Floats = self.columns[key]
        return found
