"""Every point a search has looked at: the grid's rows first, then what it evaluated itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.axes import AXES, Lever
from engine.deal.choice import Choice
from engine.deal.row import Value, plain_row
from engine.permutations.case import Case
from engine.permutations.search.goal import Columns, Goal, measured
from engine.permutations.search.points import evaluate_points
from engine.permutations.search.terms import EQUITY_RATIO, SearchTerms, Span

Positions = NDArray[np.int64]

# Points of other kinds are looked for among so many of the best.
LOOKED_AT = 4_096


@dataclass(frozen=True, slots=True)
class Found:
    """One structure: every lever that has a value, its figures, and its index where it is a point of the grid."""

    choice: Mapping[str, Lever]
    objective: float
    measure: float | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The values one lever may take; a point holds their positions."""

    code: str
    values: tuple[Lever, ...]

    @property
    def is_named(self) -> bool:
        """True where a neighbour of a value is any other."""
        return bool(AXES[self.code].choices)

    @property
    def sets_apart(self) -> bool:
        """True where structures of different values are of different kinds."""
        return self.is_named or AXES[self.code].unit == "years"


def listed(case: Case, terms: SearchTerms) -> list[Listed]:
    """The levers of a search with all their values; the grid's own are among them."""
    on_grid = dict(case.levers.axes)
    return [
        Listed(code, each.lattice(AXES[code], on_grid.get(code, ())) if isinstance(each, Span) else each)
        for code, each in terms.levers
    ]


@dataclass(slots=True)
class Bench:
    """Points as positions (points, levers) with the columns that goals read."""

    case: Case
    lists: list[Listed]
    kept: tuple[str, ...]
    positions: list[Positions] = field(default_factory=list)
    columns: list[Columns] = field(default_factory=list)
    index: Positions = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    count: int = 0

    @property
    def lengths(self) -> Positions:
        """How many values each lever has."""
        return np.array([len(each.values) for each in self.lists], dtype=np.int64)

    def take(self, grid: Columns) -> None:
        """Nothing; the grid's rows that lie inside what is searched are known, before any other."""
        places = _places(self.case, self.lists, grid["index"])
        inside = (places >= 0).all(axis=1)
        self.positions.append(places[inside])
        self.columns.append(measured({name: grid[name][inside] for name in self.kept}))
        self.index = grid["index"][inside]

    def evaluate(self, points: Positions) -> Columns:
        """What the points come to; they are remembered."""
        levers = {each.code: [each.values[k] for k in points[:, n].tolist()] for n, each in enumerate(self.lists)}
        found = evaluate_points(self.case, levers)
        columns = measured({name: found[name] for name in self.kept})
        self.positions.append(points)
        self.columns.append(columns)
        self.count += len(points)
        return columns

    def best(self, goal: Goal, *, of_grid: bool = False, measure: str = "") -> Found | None:
        """The best point that keeps all; None where none does."""
        points, columns = self._joined()
        among = {name: values[: self.index.size] for name, values in columns.items()} if of_grid else columns
        at = goal.first(among)
        if at is None:
            return None
        return Found(
            self.choice(points[at]),
            float(columns[goal.column][at]),
            float(columns[measure][at]) if measure else None,
            int(self.index[at]) if at < self.index.size else None,
        )

    def nearest(self, goal: Goal, name: str) -> Any:
        """One figure of the point that misses least."""
        _, columns = self._joined()
        return columns[name][int(np.argmin(goal.merits(columns)))]

    def best_apart(self, goal: Goal, count: int) -> Positions:
        """The best points of different kinds, at most so many."""
        points, columns = self._joined()
        order = np.argsort(goal.merits(columns), kind="stable")[:LOOKED_AT]
        apart = [n for n, each in enumerate(self.lists) if each.sets_apart]
        _, first = np.unique(points[order][:, apart], axis=0, return_index=True)
        return points[order][np.sort(first)[:count]]

    def choice(self, point: Positions) -> dict[str, Lever]:
        """Every lever of a point that has a value."""
        own = {each.code: each.values[k] for each, k in zip(self.lists, point.tolist(), strict=True)}
        return Choice.from_dict(self.case.choice.to_dict() | own).to_dict()

    def row(self, choice: Mapping[str, Lever]) -> dict[str, Value]:
        """All result columns of one choice, and its share of equity."""
        columns = measured(evaluate_points(self.case, {each.code: [choice[each.code]] for each in self.lists}))
        share = float(columns[EQUITY_RATIO][0])
        return plain_row(dict(columns)) | {EQUITY_RATIO: None if np.isnan(share) else share}

    def _joined(self) -> tuple[Positions, Columns]:
        """All of it, as one block."""
        if not self.positions:
            empty = {name: np.empty(0) for name in self.kept}
            return np.empty((0, len(self.lists)), dtype=np.int64), measured(empty)
        if len(self.positions) > 1:
            names = self.columns[0]
            self.columns = [{name: np.concatenate([part[name] for part in self.columns]) for name in names}]
            self.positions = [np.concatenate(self.positions)]
        return self.positions[0], self.columns[0]


def _places(case: Case, lists: Sequence[Listed], index: Positions) -> Positions:
    """Positions of the grid's points (rows) by lever, -1 where a lever's value is not searched."""
    codes, axes, closed = case.levers.codes(index), dict(case.levers.axes), case.choice.to_dict()
    places = np.empty((index.size, len(lists)), dtype=np.int64)
    for n, each in enumerate(lists):
        place: dict[Lever, int] = {value: k for k, value in enumerate(each.values)}
        if each.code in axes:
            places[:, n] = np.array([place.get(value, -1) for value in axes[each.code]])[codes[each.code]]
        else:
            places[:, n] = place.get(closed.get(each.code, ""), -1)
    return places
