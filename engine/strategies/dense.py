"""An interior point for a whole covariance: each step factors one matrix of the names' size, whatever the limits.

A general solver sees a tracking error as a cone over as many lines as there are names, and factors them all. But the
variance and the tracking error are of the same covariance S: under the scaling of Nesterov and Todd a step's matrix is
a multiple of S, plus a diagonal, plus a few lines of rank one. What does not come out precise is left to Clarabel.

No root of S is needed: a vector of the ball, first and R u, is kept as first, u and S u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import LinAlgError, cho_factor, cho_solve, pinvh

from engine.strategies.panels import Floats

MOST_STEPS, PRECISION, RELATIVE_PRECISION = 60, 1e-10, 1e-9
LOST_RATIO = 1e4
STEP_RATIO = 0.995  # of the way to the edge of the cones
REFINEMENTS, REFINED, LEAST_PIVOT = 10, 1e-13, 1e-14


@dataclass(frozen=True, slots=True)
class Ball:
    """limit >= volatility of w - centre."""

    centre: Floats
    limit: float


@dataclass(frozen=True, slots=True)
class DenseProgram:
    """The least of line'x + x'Px / 2 with P aversion x covariance over the first unknowns, the names' weights.

    `single` are inequalities of one weight, or of one weight and one unknown beside it; `few` are all others.
    """

    covariance: Floats
    aversion: float
    line: Floats
    single: Any  # sparse (rows, unknowns)
    single_right: Floats
    few: Floats  # (rows, unknowns)
    few_right: Floats
    equal: Floats
    equal_right: Floats
    ball: Ball
    gap: float = PRECISION / 10  # that the value may be off by
    gap_ratio: float = RELATIVE_PRECISION


@dataclass(frozen=True, slots=True)
class DenseAnswer:
    """Unknowns and multipliers of each kind of row, the ball's first alone."""

    unknowns: Floats
    single: Floats
    few: Floats
    equal: Floats
    ball: float
    value: float
    steps: int


def solve_dense(program: DenseProgram) -> DenseAnswer | None:
    """The answer, each row kept to a ten-billionth, or None where that is not reached: nothing is then said of the programme."""
    try:
        # Rows that nothing keeps run to infinity before the steps are out.
        with np.errstate(all="ignore"):
            return _Search(program).answer()
    except (LinAlgError, ValueError):
        return None


class _Search:
    """The state of a search. Cone rows lie in the order single, few, ball."""

    def __init__(self, program: DenseProgram) -> None:
        self.p = p = program
        self.names, self.width = len(p.covariance), len(p.line)
        self.flat = len(p.single_right) + len(p.few_right)
        self.right = np.concatenate([p.single_right, p.few_right, *_ball_right(p)])
        self.degree = self.flat + 1
        self.pairs = _Pairs(p.single, self.names)
        self.rows = _Rows(p.single, p.few, self.names)
        self.x = self.y = self.s = self.z = np.zeros(0)

    def answer(self) -> DenseAnswer | None:
        self._start()
        least = np.inf
        for step in range(MOST_STEPS):
            risk = self.risk(self.x)
            curved = self.curved(risk)
            rx = curved + self.p.line + self.p.equal.T @ self.y + self.rows.transposed(self.z)
            ry = self.p.equal @ self.x - self.p.equal_right
            rz = self.rows.times(self.x, risk) + self.s - self.right
            gap = self.dot(self.s, self.z)
            value = float(self.p.line @ self.x + self.x @ curved / 2)
            off = max(_most(rx) / (1 + _most(self.p.line)), _most(ry), _most(rz))
            if off <= PRECISION and gap <= min(self.p.gap, abs(value) * self.p.gap_ratio):
                return self._found(value, step)
            # Digits once lost do not come back.
            if not np.isfinite(gap) or off > LOST_RATIO * max(least, PRECISION):
                return None
            least = min(least, off)
            self._step(rx, ry, rz, gap)
        return None

    def _found(self, value: float, step: int) -> DenseAnswer:
        one, two = len(self.p.single_right), self.flat
        return DenseAnswer(self.x, self.z[:one], self.z[one:two], self.y, float(self.z[two]), value, step)

    def _start(self) -> None:
        """Where every row counts alike, moved into the cones."""
        scaling = _Scaling(np.ones(self.flat), 1.0, _axis(len(self.right) - self.flat))
        kkt = _Factored(self, scaling)
        self.x, self.y, z = kkt.solve(-self.p.line, self.p.equal_right, self.right)
        self.s, self.z = self._inside(-z), self._inside(z)

    def _inside(self, given: Floats) -> Floats:
        flat, ball = given[: self.flat], given[self.flat :]
        least = min(float(flat.min(initial=np.inf)), float(ball[0]) - _length(ball))
        moved = given.copy()
        if least < 1e-8 * max(1.0, float(np.linalg.norm(given))):
            moved[: self.flat] += 1.0 - least
            moved[self.flat : self.flat + 1] += 1.0 - least
        return moved

    def _step(self, rx: Floats, ry: Floats, rz: Floats, gap: float) -> None:
        """Mehrotra's predictor, then his corrector."""
        scaling = _Scaling.of(self.s, self.z, self.flat)
        level = scaling.times(self.z)
        kkt = _Factored(self, scaling)
        squared = self._product(level, level)

        def direction(wanted: Floats) -> tuple[Floats, Floats, Floats, Floats]:
            shared = self._divided(level, wanted)
            dx, dy, dz = kkt.solve(-rx, -ry, -scaling.times(rz, inverse=True) - shared)
            return dx, dy, dz, shared - dz

        *_, dz, ds = direction(-squared)
        length = min(1.0, self._reach(level, dz), self._reach(level, ds))
        after = self.dot(level + length * ds, level + length * dz)
        centring = min(1.0, max(0.0, after / gap)) ** 3
        middle = self._middle(centring * gap / self.degree)
        dx, dy, dz, ds = direction(middle - squared - self._product(ds, dz))
        length = min(1.0, STEP_RATIO * min(self._reach(level, dz), self._reach(level, ds)))
        self.x, self.y = self.x + length * dx, self.y + length * dy
        self.s, self.z = self.s + length * scaling.times(ds), self.z + length * scaling.times(dz, inverse=True)

    # The programme's matrices

    def risk(self, x: Floats) -> Floats:
        """The covariance times the weights."""
        return np.asarray(self.p.covariance @ x[: self.names])

    def curved(self, risk: Floats) -> Floats:
        """The objective's matrix times unknowns of this risk."""
        return np.concatenate([self.p.aversion * risk, np.zeros(self.width - self.names)])

    def dot(self, one: Floats, other: Floats) -> float:
        """The product of two vectors of the cones."""
        a, b = one[self.flat :], other[self.flat :]
        return float(one[: self.flat] @ other[: self.flat] + a[0] * b[0] + _along(a, b))

    # The algebra of the cones

    def _middle(self, size: float) -> Floats:
        found = np.zeros(len(self.right))
        found[: self.degree] = size
        return found

    def _product(self, one: Floats, other: Floats) -> Floats:
        found, a, b = one * other, one[self.flat :], other[self.flat :]
        found[self.flat] = a[0] * b[0] + _along(a, b)
        found[self.flat + 1 :] = a[0] * b[1:] + b[0] * a[1:]
        return found

    def _divided(self, level: Floats, given: Floats) -> Floats:
        found, a, b = given.copy(), level[self.flat :], given[self.flat :]
        found[: self.flat] /= level[: self.flat]
        first = (a[0] * b[0] - _along(a, b)) / _depth(a)
        found[self.flat] = first
        found[self.flat + 1 :] = (b[1:] - first * a[1:]) / a[0]
        return found

    def _reach(self, level: Floats, way: Floats) -> float:
        """How far one may go before leaving the cones."""
        falling = way[: self.flat] < 0
        found = float(np.min(-level[: self.flat][falling] / way[: self.flat][falling], initial=np.inf))
        a, d = level[self.flat :], way[self.flat :]
        square, cross, depth = d[0] ** 2 - _along(d, d), a[0] * d[0] - _along(a, d), _depth(a)
        root = cross**2 - square * depth
        # The smaller root above zero of depth + 2 cross t + square t^2.
        if root >= 0 and (square < 0 or cross < 0):
            found = min(found, float(depth / (-cross + np.sqrt(root))))
        return found


@dataclass(frozen=True, slots=True)
class _Scaling:
    """Nesterov and Todd's W: diagonal, and for the ball eta (2 vv' - J) to the half."""

    flat: Floats
    eta: float
    v: Floats

    @classmethod
    def of(cls, s: Floats, z: Floats, flat: int) -> _Scaling:
        diagonal = np.sqrt(s[:flat] / z[:flat])
        a, b = s[flat:], z[flat:]
        depth_a, depth_b = _depth(a), _depth(b)
        if not (depth_a > 0 and depth_b > 0):
            raise LinAlgError("outside the ball")
        a, b = a / np.sqrt(depth_a), b / np.sqrt(depth_b)
        half = np.sqrt((1 + a[0] * b[0] + _along(a, b)) / 2)
        return cls(diagonal, float((depth_a / depth_b) ** 0.25), (a + _mirrored(b)) / (2 * half))

    def times(self, given: Floats, *, inverse: bool = False) -> Floats:
        """W, or its inverse, times what is given."""
        flat, power = len(self.flat), -1 if inverse else 1
        v = _mirrored(self.v) if inverse else self.v
        found = np.empty(len(given))
        found[:flat] = self.flat**power * given[:flat]
        a = given[flat:]
        along, eta = _along(v, a), self.eta**power
        found[flat] = eta * (v[0] * a[0] + along)
        found[flat + 1 :] = eta * (a[1:] + (a[0] + along / (1 + v[0])) * v[1:])
        return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cone rows' left sides."""

    single: Any
    few: Floats
    names: int

    def times(self, x: Floats, risk: Floats) -> Floats:
        """Of unknowns whose weights have this risk."""
        return np.concatenate([self.single @ x, self.few @ x, np.zeros(1), -x[: self.names], -risk])

    def transposed(self, z: Floats) -> Floats:
        """Transposed, times multipliers."""
        one, two = self.single.shape[0], self.single.shape[0] + len(self.few)
        found: Floats = self.single.T @ z[:one] + self.few.T @ z[one:two]
        found[: self.names] -= z[two + 1 + self.names :]
        return found


class _Factored:
    """A step's equations, reduced to the weights: one Cholesky factor, and a small one of the few lines.

    An unknown beside a weight is written as `share` of that weight and what is more: the rows that tie the two
    then keep their digits where one counts far more than the other.
    """

    def __init__(self, search: _Search, scaling: _Scaling) -> None:
        self.search, self.scaling = search, scaling
        p, n, pairs = search.p, search.names, search.pairs
        one = len(p.single_right)
        within, self.beside, self.share, single = pairs.apart(scaling.flat[:one] ** -2)
        self.rows = _Rows(single, self._together(p.few), n)
        self.equal = self._together(p.equal)
        matrix = (p.aversion + scaling.eta**-2) * p.covariance
        matrix[np.diag_indices(n)] += within
        self.factor = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
        ball = np.zeros((1, search.width))
        ball[0, :n] = scaling.v[1 + n :]
        across = np.vstack([self.rows.few, self.equal, ball])
        corner = [scaling.flat[one:] ** 2, np.zeros(len(p.equal)), np.array([scaling.eta**2 / 2])]
        self.solved = self._inner(across.T)
        small = np.diag(np.concatenate(corner)) + across @ self.solved
        # Lines that depend on one another, as 130% long, 30% short and 100% in all do, leave a line without a pivot.
        size = np.sqrt(np.maximum(np.diag(small), np.finfo(float).tiny))
        self.small = pinvh(small / np.outer(size, size), rtol=LEAST_PIVOT) / np.outer(size, size)

    def _together(self, lines: Floats) -> Floats:
        """Lines over the unknowns as lines over weights and what is more."""
        n, found = self.search.names, lines.copy()
        np.add.at(found.T, self.search.pairs.name, (lines[:, n:] * self.share).T)
        return found

    def _inner(self, given: Floats) -> Floats:
        """By the covariance and the single rows alone."""
        n = self.search.names
        return np.concatenate(
            [cho_solve(self.factor, given[:n], check_finite=False), (given[n:].T / self.beside).T]
        )  # fmt: skip

    def _reduced(self, bx: Floats, by: Floats, bz: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """dx, dy, W dz and the risk of dx."""
        few, equal = len(self.rows.few), len(self.equal)
        given = bx + self.rows.transposed(self.scaling.times(bz, inverse=True))
        within = np.zeros(len(self.small))
        within[few : few + equal] = by
        lines = self.small @ (self.solved.T @ given - within)
        dx = self._inner(given) - self.solved @ lines
        risk = self.search.risk(dx)
        dz = self.scaling.times(self.rows.times(dx, risk), inverse=True) - bz
        return dx, lines[few : few + equal], dz, risk

    def solve(self, bx: Floats, by: Floats, bz: Floats) -> tuple[Floats, Floats, Floats]:
        """dx, dy, W dz of [P E' (G/W)'; E 0 0; G/W 0 -I], made precise by what is left over."""
        search, bx = self.search, self._together(bx[None, :])[0]
        enough, least = REFINED * max(_most(bx), _most(by), _most(bz)), np.inf
        found = trial = self._reduced(bx, by, bz)
        for _ in range(REFINEMENTS):
            dx, dy, dz, risk = trial
            ex = bx - search.curved(risk) - self.equal.T @ dy
            ex -= self.rows.transposed(self.scaling.times(dz, inverse=True))
            ey = by - self.equal @ dx
            ez = bz - self.scaling.times(self.rows.times(dx, risk), inverse=True) + dz
            left = max(_most(ex), _most(ey), _most(ez))
            if not left < least:
                break
            found, least = trial, left
            if left <= enough:
                break
            more = self._reduced(ex, ey, ez)
            trial = dx + more[0], dy + more[1], dz + more[2], risk + more[3]
        dx, dy, dz, _ = found
        n = search.names
        return np.concatenate([dx[:n], dx[n:] + self.share * dx[search.pairs.name]]), dy, dz


class _Pairs:
    """The single rows: those of a weight alone, and two for each unknown beside a weight, which go with it."""

    def __init__(self, single: Any, names: int) -> None:
        weights, others = single[:, :names].tocsr(), single[:, names:].tocsr()
        self.single, self.names, self.count = single, names, single.shape[1] - names
        has_other = np.diff(others.indptr) > 0
        self.alone = np.flatnonzero(~has_other)
        self.squares = weights[self.alone].power(2).T.tocsr()
        self.unpaired = sp.diags((~has_other).astype(float)) @ single
        rows = np.flatnonzero(has_other)
        rows = rows[np.argsort(others.indices, kind="stable")]
        if len(rows) != 2 * self.count or np.any(others.getnnz(axis=0) != 2):
            raise ValueError("an unknown beside the weights needs two rows")
        self.pairs = rows.reshape(-1, 2)
        self.a = np.asarray(weights[rows].sum(axis=1)).reshape(-1, 2)
        self.c = np.asarray(others[rows].sum(axis=1)).reshape(-1, 2)
        self.name = (weights[self.pairs[:, 0]] != 0).indices

    def apart(self, counts: Floats) -> tuple[Floats, Floats, Floats, Any]:
        """With each other unknown a share of its weight and what is more: the diagonal of the weights, of the rest, the
        shares, and the rows.

        All are sums without a difference, which would be lost where one row counts far more.
        """
        within = np.asarray(self.squares @ counts[self.alone])
        d = counts[self.pairs]
        beside = np.asarray((self.c**2 * d).sum(axis=1))
        share = -(self.a * self.c * d).sum(axis=1) / beside
        twisted = self.a[:, 0] * self.c[:, 1] - self.a[:, 1] * self.c[:, 0]
        np.add.at(within, self.name, d[:, 0] * d[:, 1] * twisted**2 / beside)
        # What a row says of its weight once the share is in it.
        left = np.stack([d[:, 1] * self.c[:, 1], -d[:, 0] * self.c[:, 0]], axis=1) * (twisted / beside)[:, None]
        rows = self.pairs.ravel()
        places = np.concatenate([rows, rows])
        columns = np.concatenate([np.repeat(self.name, 2), self.names + np.repeat(np.arange(self.count), 2)])
        paired = sp.csr_matrix((np.concatenate([left.ravel(), self.c.ravel()]), (places, columns)), self.single.shape)
        return within, beside, share, self.unpaired + paired


def _ball_right(program: DenseProgram) -> Sequence[Floats]:
    ball = program.ball
    return [np.array([ball.limit]), -ball.centre, np.asarray(-(program.covariance @ ball.centre))]


def _along(one: Floats, other: Floats) -> float:
    """The product of two vectors of the ball without their firsts."""
    half = len(one) // 2
    return float(one[1 : half + 1] @ other[half + 1 :])


def _length(given: Floats) -> float:
    return float(np.sqrt(max(0.0, _along(given, given))))


def _axis(width: int) -> Floats:
    found = np.zeros(width)
    found[:1] = 1.0
    return found


def _mirrored(given: Floats) -> Floats:
    return np.concatenate([given[:1], -given[1:]])


def _depth(given: Floats) -> float:
    length = _length(given)
    return float((given[0] - length) * (given[0] + length))


def _most(given: Floats) -> float:
    return float(np.abs(given).max(initial=0.0))
