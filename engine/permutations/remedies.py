"""What would cure a failure: the smallest move of one lever that passes, and the cheapest pair of moves.

Both are found by solving and proved by re-evaluating: every value proposed was itself evaluated and passed. A move is
measured in steps of its lever's form (`AxisSpec.step`); a changed word counts `WORD_STEPS`. Source: model book section 10.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.deal.axes import AXES, Lever
from engine.deal.choice import Choice
from engine.deal.columns import STRESS_RESULTS
from engine.deal.detail import gate_a_checks, rating_checks
from engine.deal.reasons import PASSED_BOTH
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal
from engine.permutations.case import Case
from engine.permutations.evaluate import evaluate
from engine.permutations.levers import HardFilter, LeverSet
from engine.ratings.scale import notch_of, rating_label

Notches = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SearchedLever:
    """How one numeric lever is searched: scanned at `coarse`, then narrowed down to `tolerance`.

    A window of passing values narrower than the scan may be missed.
    """

    coarse: float
    tolerance: float

    @property
    def decimals(self) -> int:
        """Decimals at which a value is proposed."""
        return round(-math.log10(self.tolerance))


SEARCHED: dict[str, SearchedLever] = {
    "senior_dscr": SearchedLever(0.005, 1e-6),
    "senior_coupon_rate": SearchedLever(0.00025, 1e-8),
    "senior_tenor_years": SearchedLever(1.0, 1.0),
    "mezz_dscr": SearchedLever(0.005, 1e-6),
    "mezz_coupon_rate": SearchedLever(0.00025, 1e-8),
    "over_raise_ratio": SearchedLever(0.005, 1e-6),
}
NAMED = ("senior_amortisation", "wrap")
WORD_STEPS = 4.0
# A pair is scanned this finely each way up to the cost of the cheapest single move (or `WIDEST_STEPS`), then around
# the cheapest point in ever smaller squares until their side is below `PAIR_TOLERANCE_STEPS`.
PAIR_SCAN = 12
WIDEST_STEPS = 24.0
PAIR_TOLERANCE_STEPS = 0.001
_SECTIONS = 32


@dataclass(frozen=True, slots=True)
class Remedy:
    """One lever moved alone from `current` to `proposed`, after which the financing passes at `rating`.

    `cures` names what failed before; `move_steps` is the size of the move in steps of the lever's form.
    """

    lever: str
    label: str
    unit: str
    current: Lever | None
    proposed: Lever
    rating: str
    move_steps: float
    cures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairRemedy:
    """Two levers moved together; each part names what its own move cures alone, `cures` all that failed."""

    parts: tuple[Remedy, Remedy]
    rating: str
    cost_steps: float
    cures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedies:
    """The smallest move of each lever that cures alone, and the cheapest pair if it costs less than any of them.

    Both are empty where nothing needs curing. Words that cure alone are left out of pairs: a second move adds nothing.
    """

    singles: tuple[Remedy, ...] = ()
    pair: PairRemedy | None = None


def find_remedies(deal: Deal, target_rating: str | None = None, filters: tuple[HardFilter, ...] = ()) -> Remedies:
    """Moves that make the financing pass both gates, and a run's limits, at `target_rating` (default: its minimum)."""
    search = _Search(_light(deal, filters), notch_of(target_rating or deal.terms.minimum_rating), price(deal))
    if search.notches([])[0]:
        return Remedies()
    return Remedies(search.singles, _cheapest_pair(search))


@dataclass(frozen=True)
class _Move:
    """Values one lever may be moved to, and what each costs in steps."""

    code: str
    values: tuple[Lever, ...]
    costs: tuple[float, ...]


@dataclass(frozen=True)
class _Point:
    """A pair of values that passes."""

    cost: float
    values: tuple[Lever, Lever]
    notch: int


@dataclass(frozen=True)
class _Search:
    """One financing as a space with no axis open, the rating it should reach, and the moves that bring it there."""

    case: Case
    target: int
    base: Structure

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """Every lever that has a value."""
        return self.case.choice.to_dict()

    @cached_property
    def starts(self) -> dict[str, float]:
        """Where each numeric lever stands; a closed cap on debt starts where it would begin to bind."""
        found = {c: float(v) for c, v in self.levers.items() if c in SEARCHED and not isinstance(v, str)}
        if "over_raise_ratio" not in found:
            headroom = self.base.senior.amount / self.base.deal.resolved.project.internal_cost_amount - 1.0
            if headroom > 0.0:
                found["over_raise_ratio"] = min(headroom, float(AXES["over_raise_ratio"].maximum or 0.0))
        return found

    @cached_property
    def cures(self) -> tuple[str, ...]:
        """What fails as things stand."""
        return _failures(self.base, self.target)

    @cached_property
    def singles(self) -> tuple[Remedy, ...]:
        found = [_numeric_remedy(self, code) for code in SEARCHED if code in self.starts]
        found += [_named_remedy(self, code) for code in NAMED]
        return tuple(remedy for remedy in found if remedy is not None)

    def notches(self, moves: Sequence[_Move], chosen: Notches | None = None) -> Notches:
        """Rating notch at each point of the moves' product (or the `chosen` ones), 0 where it misses the target."""
        axes = LeverSet.from_dict({"axes": {m.code: list(m.values) for m in moves}}).axes
        moved = LeverSet(axes, self.case.levers.filters)
        points = np.arange(moved.size) if chosen is None else chosen
        columns = evaluate(replace(self.case, levers=moved), points).columns
        good = (columns["gate"] == PASSED_BOTH) & (columns["rating_notch"] <= self.target)
        return np.where(good, columns["rating_notch"], 0).astype(np.int64)

    def remedy(self, code: str, proposed: Lever, notch: int, cures: tuple[str, ...]) -> Remedy:
        spec, steps = AXES[code], self.steps(code, proposed)
        whole = spec.unit in {"years", "months"} and not isinstance(proposed, str)
        value: Lever = int(proposed) if whole else proposed
        return Remedy(code, spec.label, spec.unit, self.levers.get(code), value, rating_label(notch), steps, cures)

    def steps(self, code: str, value: Lever) -> float:
        """Size of a move in steps of the lever's form."""
        if isinstance(value, str):
            return 0.0 if value == self.levers.get(code) else WORD_STEPS
        return abs(value - self.starts[code]) / float(AXES[code].step or 1.0)


def _light(deal: Deal, filters: tuple[HardFilter, ...]) -> Case:
    """The financing without its stress grid, which decides nothing here unless a hard filter reads it."""
    terms = deal.terms
    if not any(f.column in STRESS_RESULTS for f in filters):
        terms = replace(terms, stress_cpi_rates=(), stress_rate_shifts_bps=(), stress_default_ratios=())
    return Case(deal.inputs, terms, deal.rules, LeverSet((), filters), deal.choice, market=deal.market)


def _failures(structure: Structure, target: int) -> tuple[str, ...]:
    """Names of what keeps a structure from a rating: Gate A's checks that fail, then those of the rating's row."""
    failed = [check.label for check in gate_a_checks(structure) if not check.passed]
    if not structure.runs:
        return tuple(failed)
    rows = structure.deal.rules.rows_for(structure.deal.inputs.country)
    at = max((n for n, row in enumerate(rows) if row.notch <= target), default=0)
    return (*failed, *(check.label for check in rating_checks(structure)[at].checks if not check.passed))


# One lever


def _numeric_remedy(search: _Search, code: str) -> Remedy | None:
    """The nearest passing value of one numeric lever, on either side, to the lever's tolerance."""
    sides = [_nearest_pass(search, code, side) for side in (-1.0, 1.0)]
    found = [hit for hit in sides if hit is not None]
    if not found:
        return None
    value, notch = min(found, key=lambda hit: abs(hit[0] - search.starts[code]))
    return search.remedy(code, value, notch, search.cures)


def _nearest_pass(search: _Search, code: str, side: float) -> tuple[float, int] | None:
    """(value, notch) of the nearest pass on one side: the first of the coarse scan, narrowed against its last failure."""
    how, start, spec = SEARCHED[code], search.starts[code], AXES[code]
    end = float((spec.minimum if side < 0.0 else spec.maximum) or 0.0)
    scan = start + side * np.arange(how.coarse, abs(end - start) + how.coarse / 2, how.coarse)
    failed, width, hit = start, how.coarse, None
    values = [v for v in _rounded(scan, how.decimals) if float(spec.minimum or 0.0) <= v <= float(spec.maximum or 0.0)]
    while values:
        notches = search.notches([_Move(code, tuple(values), ())])
        passed = np.flatnonzero(notches)
        if passed.size == 0:
            break
        at = int(passed[0])
        hit = values[at], int(notches[at])
        failed = values[at - 1] if at else failed
        width = abs(hit[0] - failed)
        if width <= how.tolerance * 1.5:
            break
        inside = np.linspace(failed, hit[0], _SECTIONS + 1)[1:]
        values = [v for v in _rounded(inside, how.decimals) if v != failed]
    return hit


def _rounded(values: NDArray[np.float64], decimals: int) -> list[float]:
    """Values at their decimals in the order given, each once."""
    return list(dict.fromkeys(round(float(v), decimals) for v in values))


def _named_remedy(search: _Search, code: str) -> Remedy | None:
    current = search.levers.get(code)
    others = tuple(choice for choice in AXES[code].choices if choice != current)
    notches = search.notches([_Move(code, others, ())])
    passed = np.flatnonzero(notches)
    if passed.size == 0:
        return None
    return search.remedy(code, others[int(passed[0])], int(notches[passed[0]]), search.cures)


# Two levers


def _cheapest_pair(search: _Search) -> PairRemedy | None:
    bound = min((r.move_steps for r in search.singles if r.lever in SEARCHED), default=WIDEST_STEPS)
    spacing = bound / PAIR_SCAN
    cured = {remedy.lever for remedy in search.singles} & set(NAMED)
    scans = {code: _scanned(search, code, bound, spacing) for code in (*search.starts, *NAMED) if code not in cured}
    found = [(hit, a, b) for a, b in combinations(scans, 2) if (hit := _cheapest(search, scans[a], scans[b], bound))]
    best: tuple[_Point, str, str] | None = None
    for hit, a, b in sorted(found, key=lambda each: each[0].cost):
        # A square of the scan can hide no more than its two sides.
        if best is not None and hit.cost - 2.0 * spacing >= best[0].cost:
            break
        narrowed = _narrowed(search, hit, (a, b), spacing)
        if best is None or narrowed.cost < best[0].cost:
            best = narrowed, a, b
    return None if best is None else _pair(search, *best)


def _scanned(search: _Search, code: str, bound: float, spacing: float) -> _Move:
    """The values a lever may take within `bound` steps of where it stands, `spacing` apart."""
    if code in NAMED:
        values = [choice for choice in AXES[code].choices if choice != search.levers.get(code)]
        return _Move(code, tuple(values), (WORD_STEPS,) * len(values))
    count = int(bound / spacing + 1e-9)
    return _around(search, code, search.starts[code], spacing, count)


def _around(search: _Search, code: str, centre: float, spacing: float, count: int) -> _Move:
    """Values `spacing` steps apart around `centre`, inside the lever's range and off its present value."""
    spec, how = AXES[code], SEARCHED[code]
    low, high = float(spec.minimum or 0.0), float(spec.maximum or 0.0)
    values = np.asarray(centre + np.arange(-count, count + 1) * spacing * float(spec.step or 1.0), dtype=np.float64)
    kept = [v for v in _rounded(values, how.decimals) if low <= v <= high and search.steps(code, v) > 1e-9]
    return _Move(code, tuple(kept), tuple(search.steps(code, v) for v in kept))


def _cheapest(search: _Search, first: _Move, second: _Move, bound: float) -> _Point | None:
    """The cheapest passing point of two moves below `bound`; the axes' own order decides which counts fastest."""
    order = list(AXES)
    swapped = order.index(first.code) > order.index(second.code)
    outer, inner = (second, first) if swapped else (first, second)
    if not outer.values or not inner.values:
        return None
    costs = np.add.outer(np.array(outer.costs), np.array(inner.costs)).ravel()
    chosen = np.flatnonzero(costs < bound - 1e-9)
    if chosen.size == 0:
        return None
    notches = search.notches([outer, inner], chosen)
    passed = np.flatnonzero(notches)
    if passed.size == 0:
        return None
    at = passed[np.argmin(costs[chosen][passed])]
    row, column = divmod(int(chosen[at]), len(inner.values))
    values = outer.values[row], inner.values[column]
    return _Point(float(costs[chosen[at]]), values[::-1] if swapped else values, int(notches[at]))


def _narrowed(search: _Search, hit: _Point, codes: tuple[str, str], spacing: float) -> _Point:
    """The cheapest point around a hit, in squares a quarter as wide each time."""
    while spacing > PAIR_TOLERANCE_STEPS:
        spacing /= 4.0
        moves = [
            _Move(code, (value,), (WORD_STEPS,)) if isinstance(value, str) else _around(search, code, value, spacing, 4)
            for code, value in zip(codes, hit.values, strict=True)
        ]
        hit = _cheapest(search, moves[0], moves[1], hit.cost) or hit
    return hit


def _pair(search: _Search, hit: _Point, first: str, second: str) -> PairRemedy:
    parts = [
        search.remedy(code, value, hit.notch, tuple(_cured(search, code, value)))
        for code, value in zip((first, second), hit.values, strict=True)
    ]
    return PairRemedy((parts[0], parts[1]), rating_label(hit.notch), hit.cost, search.cures)


def _cured(search: _Search, code: str, value: Lever) -> Iterator[str]:
    """What no longer fails once this lever alone has moved."""
    moved = Choice.from_dict(search.levers | {code: value})
    remaining = _failures(price(replace(search.base.deal, choice=moved)), search.target)
    return (name for name in search.cures if name not in remaining)
