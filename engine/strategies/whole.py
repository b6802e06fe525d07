"""Whole numbers: at most so many names, weights in lots.

Linear aims go to HiGHS and are exact. Quadratic ones are searched by branch and bound over Clarabel's relaxations;
what is left between the best found and the lowest possible is told as the gap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import scipy.sparse as sp

from engine.strategies.constraints import KINDS, NO_WEIGHT, RESTRICTED, Facts, Row, places_of
from engine.strategies.panels import Floats
from engine.strategies.program import Aim, Block, Cone, Given, Lines, Solution, giving, row_blocks, solve_cone

# Where rows bound no weight, counting names takes 1,000% for its bound.
WIDEST = 10.0
MOST_NODES, LEAST_NODES, NODES_BY_NAME = 1_000, 50, 100_000
CLOSED_RATIO = 1e-6  # of the objective
MOST_CUTS = 300
LOT_NOISE = 1e-6  # of a lot


@dataclass(frozen=True, slots=True)
class Whole:
    """The best portfolio found, and the lowest that the aim could be."""

    solution: Solution
    bound: float
    nodes: int


def is_whole(rows: Iterable[Row]) -> bool:
    """True where whole numbers decide."""
    return any(KINDS[row.kind].is_whole for row in rows)


def bounds_of(rows: Iterable[Row], facts: Facts) -> tuple[Floats, Floats]:
    """The least and the most that rows allow each weight by itself."""
    low, high = np.full(len(facts.names), -np.inf), np.full(len(facts.names), np.inf)
    for row in rows:
        places = places_of(row, facts) if row.kind in {"weight_least", "weight_most", RESTRICTED} else []
        if row.kind == RESTRICTED:
            low[places] = high[places] = facts.held[places]
        elif row.kind == "weight_least":
            low[places] = np.maximum(low[places], row.limit)
        elif row.kind == "weight_most":
            high[places] = np.minimum(high[places], row.limit)
    return low, high


def whole_blocks(rows: Sequence[Row], facts: Facts, firm: Sequence[Row] | None = None) -> list[Block]:
    """The lines of rows that whole numbers decide: `z` is one where a name is held, `m` counts lots.

    A name held weighs no more than `firm` rows (all, if not told) allow.
    """
    low, high = bounds_of(rows if firm is None else firm, facts)
    widest = np.maximum(np.where(np.isfinite(low), np.abs(low), WIDEST), np.where(np.isfinite(high), high, WIDEST))
    found: list[Block] = []
    for k, row in enumerate(rows):
        if not KINDS[row.kind].is_whole:
            continue
        places = places_of(row, facts)
        picked, none = sp.identity(len(facts.names), format="csr")[places], np.zeros(len(places))
        if row.kind == "lots":
            found.append(Block(Cone.ZERO, {"w": picked, f"m{k}": -row.limit * sp.identity(len(places))}, none))
            continue
        big = -sp.diags(widest[places])
        found += [Block(Cone.POSITIVE, {"w": sign * picked, f"z{k}": big}, none) for sign in (1.0, -1.0)]
        ones = sp.csr_matrix(np.ones((1, len(places))))
        found.append(Block(Cone.POSITIVE, {f"z{k}": ones}, np.array([row.limit]), k, np.ones(1)))
    return found


def all_blocks(rows: Sequence[Row], facts: Facts, firm: Sequence[Row] | None = None) -> list[Block]:
    """The lines of every row."""
    plain = [block for k, row in enumerate(rows) for block in row_blocks(k, row, facts)]
    return plain + whole_blocks(rows, facts, firm)


@dataclass(frozen=True, slots=True)
class Linear:
    """HiGHS's answer: unknowns by group, or none where nothing keeps every line."""

    unknowns: Mapping[str, Floats] | None
    value: float = np.nan


def solve_linear(line: Mapping[str, Floats], blocks: Sequence[Block], facts: Facts) -> Linear:
    """The least of a linear aim under whole numbers; a ball is cut to its surface until it is kept."""
    flat = [block for block in blocks if block.cone is not Cone.BALL]
    balls = [block for block in blocks if block.cone is Cone.BALL]
    for _ in range(MOST_CUTS):
        found = _highs(line, flat, facts)
        cuts = [] if found.unknowns is None else [cut for ball in balls for cut in _cut(ball, found.unknowns)]
        if not cuts:
            return found
        flat += cuts
    return Linear(None)


def least_given_whole(blocks: Sequence[Block], may_give: Sequence[int], facts: Facts) -> Given | None:
    """The least that the rows told must give in all, whole numbers kept; None where no giving helps."""
    found = solve_linear({"give": np.ones(len(may_give))}, giving(blocks, may_give), facts)
    if found.unknowns is None:
        return None
    return Given(found.value, tuple(found.unknowns["give"].tolist()), found.unknowns["w"])


def _cut(ball: Block, unknowns: Mapping[str, Floats]) -> list[Block]:
    """The tangent that an unkept ball has where it is left."""
    slack = ball.right - sum(part @ unknowns[group] for group, part in ball.parts.items())
    length = float(np.linalg.norm(slack[1:]))
    if length - slack[0] <= 1e-8:
        return []
    across = np.concatenate([[1.0], -slack[1:] / length])[None, :]
    parts = {group: sp.csr_matrix(across @ part) for group, part in ball.parts.items()}
    return [Block(Cone.POSITIVE, parts, across @ ball.right, ball.row)]


def _highs(line: Mapping[str, Floats], blocks: Sequence[Block], facts: Facts) -> Linear:
    from scipy.optimize import Bounds, LinearConstraint, milp

    lines = Lines.of(blocks, facts, line)
    widths = {group: end - start for group, (start, end) in _spans(lines).items()}
    whole = {group: float(group[0] in "zm" and group[1:].isdigit()) for group in widths}
    most = {group: np.full(width, 1.0 if group[0] == "z" else np.inf) for group, width in widths.items()}
    least = {group: np.full(width, 0.0 if group[0] == "z" else -np.inf) for group, width in widths.items()}
    right = np.concatenate([block.right for block in lines.blocks])
    low = np.concatenate(
        [block.right if block.cone is Cone.ZERO else np.full(len(block.right), -np.inf) for block in lines.blocks]
    )
    matrix = sp.vstack([lines.placed(block) for block in lines.blocks], format="csc")
    found = milp(
        lines.vector(line),
        integrality=lines.vector({group: np.full(width, whole[group]) for group, width in widths.items()}),
        bounds=Bounds(lines.vector(least), lines.vector(most)),
        constraints=LinearConstraint(matrix, low, right),
        options={"mip_rel_gap": 1e-9},
    )
    if found.x is None or found.status != 0:
        return Linear(None)
    return Linear({group: found.x[start:end] for group, (start, end) in _spans(lines).items()}, float(found.fun))


def _spans(lines: Lines) -> dict[str, tuple[int, int]]:
    order = sorted(lines.starts.items(), key=lambda item: item[1])
    ends = [start for _, start in order[1:]] + [lines.width]
    return {group: (start, end) for (group, start), end in zip(order, ends, strict=True)}


# Branch and bound


@dataclass(slots=True)
class _Node:
    """A part of the search: bounds of each weight, and which counted names are in for good."""

    low: Floats
    high: Floats
    chosen: Any


@dataclass(slots=True)
class _Search:
    """What stays the same over the nodes, and the best found."""

    aim: Aim
    rows: Sequence[Row]
    facts: Facts
    blocks: list[Block]
    best: Solution | None = None
    tried: set[bytes] = field(default_factory=set)

    @property
    def most(self) -> float:
        return np.inf if self.best is None else self.best.objective

    def relaxed(self, node: _Node) -> Solution:
        further = [*_node_bounds(node), *self._counts(node)]
        return solve_cone(self.aim, [*self.blocks, *further], self.facts, len(self.rows))

    def _counts(self, node: _Node) -> Iterable[Block]:
        """Each weight held is a share of its cap, so shares of caps add to no more than the names left to choose."""
        low, high = bounds_of(self.rows, self.facts)
        for row in _counted(self.rows):
            places = places_of(row, self.facts)
            free = places[~node.chosen[places] & (node.high[places] != 0)]
            if len(free) and (low[free] >= 0).all() and np.isfinite(high[free]).all() and (high[free] > 0).all():
                line = np.zeros((1, len(high)))
                line[0, free] = 1.0 / high[free]
                left = row.limit - node.chosen[places].sum()
                yield Block(Cone.POSITIVE, {"w": sp.csr_matrix(line)}, np.array([left]))

    def keep(self, found: Solution) -> None:
        if found.is_solved and found.objective < self.most and _branch(found.weights, self, None) is None:
            self.best = found

    def round(self, node: _Node, weights: Floats) -> None:
        """Try the largest names of a relaxation alone."""
        tried = _Node(node.low.copy(), node.high.copy(), node.chosen)
        for row in _counted(self.rows):
            places = places_of(row, self.facts)
            order = places[np.argsort(-(np.abs(weights[places]) + 1e3 * node.chosen[places]), kind="stable")]
            tried.low[order[int(row.limit) :]] = tried.high[order[int(row.limit) :]] = 0.0
        key = tried.high.tobytes() + tried.low.tobytes()
        if key not in self.tried:
            self.tried.add(key)
            self.keep(self.relaxed(tried))


def nodes_for(names: int) -> int:
    """How far a search goes: less far among many names, whose every step takes longer.

    >>> nodes_for(20), nodes_for(400), nodes_for(5_000)
    (1000, 250, 50)
    """
    return max(LEAST_NODES, min(MOST_NODES, NODES_BY_NAME // names))


def solve_whole(aim: Aim, rows: Sequence[Row], facts: Facts, most_nodes: int) -> Whole | None:
    """The best portfolio under whole numbers; None where none is found."""
    search = _Search(aim, rows, facts, [block for k, row in enumerate(rows) for block in row_blocks(k, row, facts)])
    if not aim.aversion:
        return _exact(search)
    width = len(facts.names)
    root = _Node(np.full(width, -np.inf), np.full(width, np.inf), np.zeros(width, dtype=bool))
    nodes, bound = _walk(search, root, most_nodes)
    return None if search.best is None else Whole(search.best, min(bound, search.most), nodes)


def _walk(search: _Search, root: _Node, most_nodes: int) -> tuple[int, float]:
    """Nodes looked at, and the lowest that what was not looked at could give."""
    order, nodes = count(), 0
    heap: list[tuple[float, int, _Node]] = [(-np.inf, next(order), root)]
    while heap and nodes < most_nodes:
        bound, _, node = heapq.heappop(heap)
        if bound >= search.most - _closed(search.most):
            return nodes, bound
        nodes += 1
        found = search.relaxed(node)
        if not found.is_solved or found.objective >= search.most - _closed(search.most):
            continue
        if nodes == 1:
            _start(search, found.weights)
        children = _branch(found.weights, search, node)
        if children is None:
            search.keep(found)
            continue
        search.round(node, found.weights)
        for child in children:
            heapq.heappush(heap, (found.objective, next(order), child))
    return nodes, heap[0][0] if heap else search.most


def _closed(value: float) -> float:
    return CLOSED_RATIO * abs(value) if np.isfinite(value) else 0.0


def _branch(weights: Floats, search: _Search, node: _Node | None) -> list[_Node] | None:
    """Two halves of a node between which the weights fall; none where they keep every whole number."""
    width = len(weights)
    node = node or _Node(np.full(width, -np.inf), np.full(width, np.inf), np.zeros(width, dtype=bool))
    for row in _counted(search.rows):
        places = places_of(row, search.facts)
        held = places[np.abs(weights[places]) > NO_WEIGHT]
        if len(held) > row.limit:
            free = held[~node.chosen[held]]
            if not len(free):
                return []
            at = int(free[np.argmax(np.abs(weights[free]))])
            return [_with(node, at, chosen=True), _with(node, at, low=0.0, high=0.0)]
    for row in (row for row in search.rows if row.kind == "lots"):
        places = places_of(row, search.facts)
        lots = weights[places] / row.limit
        off = np.abs(lots - np.round(lots))
        if off.max() > LOT_NOISE:
            worst = int(np.argmax(off))
            at, below = int(places[worst]), float(np.floor(lots[worst]))
            return [_with(node, at, high=below * row.limit), _with(node, at, low=(below + 1) * row.limit)]
    return None


def _with(
    node: _Node, at: int, *, low: float | None = None, high: float | None = None, chosen: bool | None = None
) -> _Node:
    child = _Node(node.low.copy(), node.high.copy(), node.chosen.copy())
    if low is not None:
        child.low[at] = low
    if high is not None:
        child.high[at] = high
    if chosen is not None:
        child.chosen[at] = chosen
    return child


def _counted(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if KINDS[row.kind].counts]


def _node_bounds(node: _Node) -> Iterable[Block]:
    one = sp.identity(len(node.low), format="csr")
    fixed = node.low == node.high
    low, high = np.isfinite(node.low) & ~fixed, np.isfinite(node.high) & ~fixed
    if fixed.any():
        yield Block(Cone.ZERO, {"w": one[fixed]}, node.low[fixed])
    if low.any():
        yield Block(Cone.POSITIVE, {"w": -one[low]}, -node.low[low])
    if high.any():
        yield Block(Cone.POSITIVE, {"w": one[high]}, node.high[high])


def _start(search: _Search, weights: Floats) -> None:
    """The portfolio of whole numbers nearest to a relaxation, as a first best."""
    width, one = len(weights), sp.identity(len(weights), format="csr")
    near = [
        Block(Cone.POSITIVE, {"w": sign * one, "off": -one}, sign * weights) for sign in (1.0, -1.0)
    ]  # fmt: skip
    found = solve_linear({"off": np.ones(width)}, [*search.blocks, *whole_blocks(search.rows, search.facts), *near],
                         search.facts)  # fmt: skip
    if found.unknowns is not None:
        search.keep(_at(search, found.unknowns["w"]))


def _exact(search: _Search) -> Whole | None:
    """A linear aim, by HiGHS."""
    blocks = [*search.blocks, *whole_blocks(search.rows, search.facts)]
    found = solve_linear({"w": search.aim.line}, blocks, search.facts)
    if found.unknowns is None:
        return None
    return Whole(_at(search, found.unknowns["w"]), found.value, 1)


def _at(search: _Search, weights: Floats) -> Solution:
    """The best of the continuous problem that holds the same names and lots."""
    settled = _settled_lots(weights, search)
    node = _Node(np.full(len(weights), -np.inf), np.full(len(weights), np.inf), np.abs(settled) > NO_WEIGHT)
    for row in search.rows:
        places = places_of(row, search.facts)
        if row.kind == "lots":
            node.low[places] = node.high[places] = settled[places]
        elif KINDS[row.kind].counts:
            out = places[np.abs(settled[places]) <= NO_WEIGHT]
            node.low[out] = node.high[out] = 0.0
    further = list(_node_bounds(node))
    return solve_cone(search.aim, [*search.blocks, *further], search.facts, len(search.rows))


def _settled_lots(weights: Floats, search: _Search) -> Floats:
    found = np.array(weights)
    for row in search.rows:
        if row.kind == "lots":
            places = places_of(row, search.facts)
            found[places] = np.round(found[places] / row.limit) * row.limit
    return found
