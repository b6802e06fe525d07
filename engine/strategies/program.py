"""Rows as the lines of a cone programme, and the one place that calls Clarabel.

Groups of unknowns: `w` weights; `long` and `short` at least what is held on either side; `turned` at least what is traded; `y` the
portfolio's factors where they are few; `give` by how much each row may be exceeded, where that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import clarabel
import numpy as np
import scipy.sparse as sp

from engine.strategies.constraints import KINDS, RESTRICTED, Facts, Row, Side, places_of
from engine.strategies.dense import Ball, DenseProgram, solve_dense
from engine.strategies.panels import Floats

# With fewer names, or this many lines that tie names together, Clarabel is as quick.
LEAST_DENSE, MOST_FEW = 200, 150
PRECISION, LEAST_PRECISION = 1e-11, 1e-8
ASKED = 1e-10  # by which a value may be off that only tells whether rows can be kept


class Cone(StrEnum):
    """What the slack b - Ax of a block of lines must be."""

    ZERO = "zero"
    POSITIVE = "positive"
    BALL = "ball"  # its first at least the length of the rest


@dataclass(frozen=True, slots=True)
class Block:
    """Lines Ax + s = b with s in a cone. Where they come of a row, `moved` lines go `sign` up with its limit."""

    cone: Cone
    parts: Mapping[str, Any]
    right: Floats
    row: int | None = None
    moved: Floats = field(default_factory=lambda: np.zeros(0))
    sign: float = 1.0


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver says: weights and the multipliers of rows only where it solved."""

    status: str
    weights: Floats
    objective: float  # as minimised
    prices: tuple[float, ...] = ()
    iterations: int = 0

    @property
    def is_solved(self) -> bool:
        """True where the weights may be used."""
        return self.status == "Solved"


def row_blocks(k: int, row: Row, facts: Facts) -> list[Block]:
    """The lines of one row; none where whole numbers decide it."""
    make = _LINES.get(row.kind)
    return make(k, row, facts) if make else []


def _line(k: int, row: Row, parts: Mapping[str, Any]) -> list[Block]:
    """One line, or as many as the parts have, against the limit on the row's side."""
    side = KINDS[row.kind].side
    sign = -1.0 if side is Side.LEAST else 1.0
    height = next(iter(parts.values())).shape[0]
    ones = np.ones(height)
    cone = Cone.ZERO if side is Side.EQUAL else Cone.POSITIVE
    return [Block(cone, {name: sign * part for name, part in parts.items()}, sign * row.limit * ones, k, ones, sign)]


def _total(k: int, row: Row, facts: Facts) -> list[Block]:
    return _line(k, row, {"w": _across(places_of(row, facts), len(facts.names))})


def _each(k: int, row: Row, facts: Facts) -> list[Block]:
    return _line(k, row, {"w": sp.identity(len(facts.names), format="csr")[places_of(row, facts)]})


def _sums(*groups: str) -> Callable[[int, Row, Facts], list[Block]]:
    def lines(k: int, row: Row, facts: Facts) -> list[Block]:
        return _line(k, row, {group: sp.csr_matrix(np.ones((1, len(facts.names)))) for group in groups})

    return lines


def _weighted(fact: str) -> Callable[[int, Row, Facts], list[Block]]:
    def lines(k: int, row: Row, facts: Facts) -> list[Block]:
        return _line(k, row, {"w": sp.csr_matrix(getattr(facts, fact)[None, :])})

    return lines


def _ball(k: int, row: Row, facts: Facts) -> list[Block]:
    """The limit and the portfolio's distance from the benchmark, name by name or factor by factor."""
    assert facts.benchmark is not None
    cov, width = facts.covariance, len(facts.names)
    top = sp.csr_matrix((1, width))
    if cov.is_thin:
        own = sp.diags(np.sqrt(cov.specific))
        count = len(cov.factors)
        parts = {
            "w": -sp.vstack([top, sp.csr_matrix((count, width)), own]),
            "y": -sp.vstack([sp.csr_matrix((1, count)), sp.identity(count), sp.csr_matrix((width, count))]),
        }
    else:
        parts = {"w": -sp.vstack([top, sp.csr_matrix(cov.root())])}
    right = np.concatenate([[row.limit], -(cov.root_times(facts.benchmark))])
    moved = np.zeros(len(right))
    moved[0] = 1.0
    return [Block(Cone.BALL, parts, right, k, moved)]


def _kept(k: int, row: Row, facts: Facts) -> list[Block]:
    places = places_of(row, facts)
    lines = sp.identity(len(facts.names), format="csr")[places]
    return [Block(Cone.ZERO, {"w": lines}, facts.held[places], k, np.ones(len(places)))]


_LINES: dict[str, Callable[[int, Row, Facts], list[Block]]] = {
    "sum_equal": _total, "sum_most": _total, "sum_least": _total,
    "weight_least": _each, "weight_most": _each,
    "sector_least": _total, "sector_most": _total,
    "gross_most": _sums("long", "short"), "long_most": _sums("long"), "short_most": _sums("short"),
    "beta_least": _weighted("betas"), "beta_most": _weighted("betas"), "return_least": _weighted("expected"),
    "turnover_most": _sums("turned"),
    "tracking_error_most": _ball,
    RESTRICTED: _kept,
}  # fmt: skip


def _across(places: Any, width: int) -> Any:
    line = np.zeros((1, width))
    line[0, places] = 1.0
    return sp.csr_matrix(line)


def joining(groups: Iterable[str], facts: Facts) -> list[Block]:
    """What ties the further groups of unknowns to the weights."""
    width, found, asked = len(facts.names), [], set(groups)
    one, none = sp.identity(width, format="csr"), np.zeros(width)
    if asked & {"long", "short"}:
        # At least the weight's part on that side: every limit on them is from above, so no more is needed.
        for group, sign in (("long", 1.0), ("short", -1.0)):
            if group in asked:
                found.append(Block(Cone.POSITIVE, {"w": sign * one, group: -one}, none))
                found.append(Block(Cone.POSITIVE, {group: -one}, none))
    if "turned" in asked:
        found.append(Block(Cone.POSITIVE, {"w": one, "turned": -one}, facts.held))
        found.append(Block(Cone.POSITIVE, {"w": -one, "turned": -one}, -facts.held))
    if "y" in asked:
        factors = facts.covariance.factors
        count = len(factors)
        found.append(Block(Cone.ZERO, {"w": sp.csr_matrix(factors), "y": -sp.identity(count)}, np.zeros(count)))
    return found


def giving(blocks: Sequence[Block], may_give: Iterable[int]) -> list[Block]:
    """The blocks with an allowance above each of the rows told: equations become two inequalities."""
    columns = {row: k for k, row in enumerate(may_give)}
    found: list[Block] = []
    for block in blocks:
        if block.row not in columns:
            found.append(block)
            continue
        for sign in (1.0, -1.0) if block.cone is Cone.ZERO else (1.0,):
            given = np.zeros((len(block.right), len(columns)))
            given[:, columns[block.row]] = -block.moved
            parts = {name: sign * part for name, part in block.parts.items()}
            cone = Cone.BALL if block.cone is Cone.BALL else Cone.POSITIVE
            found.append(Block(cone, {**parts, "give": sp.csr_matrix(given)}, sign * block.right, block.row))
    count = len(columns)
    return [*found, Block(Cone.POSITIVE, {"give": -sp.identity(count)}, np.zeros(count))]


@dataclass(frozen=True, slots=True)
class Lines:
    """Blocks put together: cone by cone, the groups of unknowns side by side."""

    blocks: tuple[Block, ...]
    starts: Mapping[str, int]
    width: int

    @classmethod
    def of(cls, blocks: Sequence[Block], facts: Facts, further: Iterable[str] = ()) -> Lines:
        """The blocks with what joins their groups."""
        groups = {group for block in blocks for group in block.parts} | {*further}
        every = (*blocks, *joining(groups, facts))
        widths: dict[str, int] = {"w": len(facts.names)}
        for block in every:
            widths |= {group: part.shape[1] for group, part in block.parts.items()}
        starts, at = {}, 0
        for group, width in widths.items():
            starts[group] = at
            at += width
        return cls(every, starts, at)

    def placed(self, block: Block) -> Any:
        """A block's lines over all unknowns."""
        height = len(block.right)
        parts, at = [], 0
        for group, start in sorted(self.starts.items(), key=lambda item: item[1]):
            if group in block.parts:
                parts += [sp.csr_matrix((height, start - at)), block.parts[group]]
                at = start + block.parts[group].shape[1]
        return sp.hstack([*parts, sp.csr_matrix((height, self.width - at))], format="csr")

    def vector(self, parts: Mapping[str, Floats]) -> Floats:
        """A vector over all unknowns, zero where nothing is said."""
        found = np.zeros(self.width)
        for group, part in parts.items():
            found[self.starts[group] : self.starts[group] + len(part)] = part
        return found


@dataclass(frozen=True, slots=True)
class Aim:
    """What is minimised: line'w + half x aversion x variance."""

    line: Floats
    aversion: float = 0.0


def solve_cone(aim: Aim, blocks: Sequence[Block], facts: Facts, row_count: int) -> Solution:
    """The answer with each row's price: the change of what is minimised for a limit higher by one."""
    return solve_quick(aim, blocks, facts, row_count) or solve_general(aim, blocks, facts, row_count)


def solve_quick(aim: Aim, blocks: Sequence[Block], facts: Facts, row_count: int) -> Solution | None:
    """The answer under one tracking error of many names; None where that is not asked, or not found this way."""
    if not (is_heavy(facts) and any(block.cone is Cone.BALL for block in blocks)):
        return None
    lines = Lines.of(blocks, facts)
    return _of_whole_covariance(aim.aversion, lines.vector({"w": aim.line}), lines, facts, row_count)


def solve_general(aim: Aim, blocks: Sequence[Block], facts: Facts, row_count: int) -> Solution:
    """Clarabel's own answer, which may take seconds beside a whole covariance."""
    thin = aim.aversion > 0 and facts.covariance.is_thin
    lines = Lines.of(blocks, facts, ("y",) if thin else ())
    found = _clarabel(_squares(aim, lines, facts), lines.vector({"w": aim.line}), lines)
    if str(found.status) not in {"Solved", "AlmostSolved"}:
        return Solution(str(found.status), np.zeros(0), np.nan)
    weights = np.array(found.x[: len(facts.names)])
    prices = _prices(np.array(found.z), lines, row_count)
    return Solution("Solved", _settled(weights), float(found.obj_val), prices, found.iterations)


def is_heavy(facts: Facts) -> bool:
    """Whether a tracking error ties so many names together that a general solver is slow."""
    return not facts.covariance.is_thin and len(facts.names) >= LEAST_DENSE


def nearest(blocks: Sequence[Block], facts: Facts) -> Floats | None:
    """The weights with the least tracking error that keep the blocks, among them one wide ball; None where the quick way
    does not find them."""
    assert facts.benchmark is not None
    lines = Lines.of(blocks, facts)
    towards = -2.0 * (facts.covariance.matrix() @ facts.benchmark)
    found = _of_whole_covariance(2.0, lines.vector({"w": towards}), lines, facts, 0, ASKED)
    return None if found is None else found.weights


def least_within(block: Block, blocks: Sequence[Block], facts: Facts) -> float | None:
    """The least of a block's one line, kept the other blocks, among them a ball; None where the quick way does not find it."""
    lines = Lines.of(blocks, facts, block.parts)
    line = lines.vector({group: part.toarray()[0] for group, part in block.parts.items()})
    found = _of_whole_covariance(0.0, line, lines, facts, 0, ASKED)
    return None if found is None else found.objective


def _of_whole_covariance(
    aversion: float, line: Floats, lines: Lines, facts: Facts, row_count: int, gap: float | None = None
) -> Solution | None:
    """The same by the quick way for a whole covariance and one tracking error; None where it is not open, or not precise."""
    balls = [block for block in lines.blocks if block.cone is Cone.BALL]
    places: dict[str, list[int]] = {"single": [], "few": [], "equal": [], "ball": []}
    width, at = len(facts.names), 0
    matrix = sp.vstack([lines.placed(block) for block in lines.blocks], format="csr")
    right = np.concatenate([block.right for block in lines.blocks])
    # A line of one weight and at most one unknown beside it keeps the step's matrix to the names' size.
    is_single = (np.diff(matrix[:, :width].indptr) <= 1) & (np.diff(matrix[:, width:].indptr) <= 1)
    for block in lines.blocks:
        for place in range(at, at + len(block.right)):
            flat = "single" if is_single[place] else "few"
            places["equal" if block.cone is Cone.ZERO else "ball" if block.cone is Cone.BALL else flat].append(place)
        at += len(block.right)
    if len(balls) != 1 or len(places["few"]) + len(places["equal"]) > MOST_FEW:
        return None
    assert facts.benchmark is not None
    ball = Ball(facts.benchmark, float(balls[0].right[0]))
    few, equal = (matrix[places[kind]].toarray() for kind in ("few", "equal"))
    found = solve_dense(
        DenseProgram(
            facts.covariance.matrix(), aversion, line, matrix[places["single"]],
            right[places["single"]], few, right[places["few"]], equal, right[places["equal"]], ball,
            **({} if gap is None else {"gap": gap, "gap_ratio": np.inf}),
        )
    )  # fmt: skip
    if found is None:
        return None
    multipliers = np.zeros(len(right))
    for kind, values in (("single", found.single), ("few", found.few), ("equal", found.equal)):
        multipliers[places[kind]] = values
    multipliers[places["ball"][:1]] = found.ball
    prices = _prices(multipliers, lines, row_count) if row_count else ()
    return Solution("Solved", _settled(found.unknowns[:width]), found.value, prices, found.steps)


@dataclass(frozen=True, slots=True)
class Given:
    """By how much rows have to be exceeded for all to be kept: in all, each of those asked, and where."""

    total: float
    gives: tuple[float, ...]
    weights: Floats


def least_given(blocks: Sequence[Block], may_give: Sequence[int], facts: Facts) -> Given | None:
    """The least that the rows told must give in all for the blocks to hold together; None where that is not found."""
    lines = Lines.of(giving(blocks, may_give), facts)
    empty = sp.csc_matrix((lines.width, lines.width))
    found = _clarabel(empty, lines.vector({"give": np.ones(len(may_give))}), lines)
    if str(found.status) not in {"Solved", "AlmostSolved"}:
        return None
    start = lines.starts["give"]
    gives = tuple(found.x[start : start + len(may_give)])
    return Given(float(found.obj_val), gives, np.array(found.x[: len(facts.names)]))


def _squares(aim: Aim, lines: Lines, facts: Facts) -> Any:
    """The upper half of the objective's matrix."""
    cov, width = facts.covariance, len(facts.names)
    if not aim.aversion:
        return sp.csc_matrix((lines.width, lines.width))
    if not cov.is_thin:
        matrix = sp.csc_matrix(np.triu(aim.aversion * cov.matrix()))
        return sp.block_diag([matrix, sp.csc_matrix((lines.width - width,) * 2)], format="csc")
    diagonal = lines.vector({"w": cov.specific, "y": np.ones(len(cov.factors))})
    return sp.diags(aim.aversion * diagonal, format="csc")


_CONES = {
    Cone.ZERO: clarabel.ZeroConeT,
    Cone.POSITIVE: clarabel.NonnegativeConeT,
    Cone.BALL: clarabel.SecondOrderConeT,
}


def _clarabel(squares: Any, line: Floats, lines: Lines) -> Any:
    none = sp.csr_matrix((0, lines.width))
    matrix = sp.vstack([none, *(lines.placed(block) for block in lines.blocks)], format="csc")
    right = np.concatenate([np.zeros(0), *(block.right for block in lines.blocks)])
    cones = [_CONES[block.cone](len(block.right)) for block in lines.blocks]
    return clarabel.DefaultSolver(squares, line, matrix, right, cones, _settings()).solve()


def _settings() -> Any:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = PRECISION
    # "Almost solved" is then what Clarabel by itself calls solved.
    settings.reduced_tol_gap_abs = settings.reduced_tol_gap_rel = settings.reduced_tol_feas = LEAST_PRECISION
    return settings


def _prices(multipliers: Floats, lines: Lines, row_count: int) -> tuple[float, ...]:
    prices, at = np.zeros(row_count), 0
    for block in lines.blocks:
        end = at + len(block.right)
        if block.row is not None and len(block.moved):
            prices[block.row] -= block.sign * float(block.moved @ multipliers[at:end])
        at = end
    return tuple(prices.tolist())


def _settled(weights: Floats) -> Floats:
    """Weights without the dust of an interior point."""
    return np.where(np.abs(weights) < 1e-9, 0.0, weights)
