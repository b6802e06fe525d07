"""Limits that cannot all be kept: the smallest set of them, why, and how far one of them would have to give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.strategies.constraints import KINDS, Facts, Row, Side, label, outcome, places_of, share_shown, value_shown
from engine.strategies.panels import Floats
from engine.strategies.program import Cone, Given, is_heavy, least_given, least_within, nearest, row_blocks
from engine.strategies.whole import all_blocks, least_given_whole

# Giving less than this in all is the noise of a solver.
NOTHING = 1e-7
MOST_TRIALS = 60
BALL = "tracking_error_most"
WIDE = 10.0  # a tracking error that is no limit


@dataclass(frozen=True, slots=True)
class Loosening:
    """A row of the conflict and the limit at which every limit can be kept, the others as they are."""

    row: Row
    label: str
    limit: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows that cannot all be kept, any of which left out could; `is_smallest` where no smaller set conflicts."""

    rows: tuple[int, ...]
    labels: tuple[str, ...]
    why: str
    loosenings: tuple[Loosening, ...]
    is_smallest: bool


def find_conflict(rows: Sequence[Row], facts: Facts) -> Conflict | None:
    """The smallest conflict among rows; None where they can all be kept."""
    asked = _question(rows, facts)
    if asked.fits(range(len(rows))):
        return None
    found = _smallest(asked)
    places = found or _deleted(asked)
    picked = [rows[k] for k in places]
    labels = tuple(label(row, facts) for row in picked)
    loosenings = tuple(_loosenings(places, asked))
    return Conflict(places, labels, _why(picked, facts), loosenings, found is not None)


def _question(rows: Sequence[Row], facts: Facts) -> _Question:
    balls = [k for k, row in enumerate(rows) if row.kind == BALL]
    has_whole = any(KINDS[row.kind].is_whole for row in rows)
    if len(balls) == 1 and len(rows) > 1 and not has_whole and is_heavy(facts):
        return _QuestionWithBall(rows, facts, balls[0])
    return _Question(rows, facts)


class _Question:
    """What some of the rows leave of the others; each set is asked of once."""

    def __init__(self, rows: Sequence[Row], facts: Facts) -> None:
        self.rows, self.facts = rows, facts
        self.known: dict[frozenset[int], bool] = {}

    def fits(self, some: Iterable[int]) -> bool:
        """Whether these rows can be kept together."""
        key = frozenset(some)
        if key not in self.known:
            picked = [self.rows[k] for k in sorted(key)]
            given = given_by(picked, range(len(picked)), self.facts) if picked else None
            self.known[key] = not picked or (given is not None and given.total <= NOTHING)
        return self.known[key]

    def left_out(self, some: frozenset[int]) -> frozenset[int]:
        """Rows outside these, which can be kept, that have to give way to them: all others can be kept too."""
        others = [k for k in range(len(self.rows)) if k not in some and self.rows[k].kind != "lots"]
        lots = frozenset(range(len(self.rows))) - some - frozenset(others)
        given = given_by(self.rows, others, self.facts) if others and not lots else None
        if given is None:
            return self._left_out_one_by_one(some)
        return frozenset(k for k, give in zip(others, given.gives, strict=True) if give > NOTHING)

    def given_alone(self, k: int) -> Given | None:
        """By how much this row would have to give for all others to be kept; None where that does not help."""
        return given_by(self.rows, [k], self.facts)

    def _left_out_one_by_one(self, some: frozenset[int]) -> frozenset[int]:
        kept = set(some)
        for row in range(len(self.rows)):
            if row not in kept and self.fits({*kept, row}):
                kept.add(row)
        return frozenset(range(len(self.rows))) - kept


class _QuestionWithBall(_Question):
    """The same where one tracking error ties many names together by a whole covariance.

    The other rows are linear, and quick to ask. The tracking error can be kept beside some of them where the nearest
    portfolio to the benchmark that keeps them is near enough.
    """

    def __init__(self, rows: Sequence[Row], facts: Facts, ball: int) -> None:
        super().__init__(rows, facts)
        self.ball = ball
        self.points: dict[frozenset[int], Floats | None] = {}

    def fits(self, some: Iterable[int]) -> bool:
        key = frozenset(some)
        if self.ball not in key:
            return super().fits(key)
        if key not in self.known:
            self.known[key] = self._error(key - {self.ball}) <= self.rows[self.ball].limit + NOTHING
        return self.known[key]

    def left_out(self, some: frozenset[int]) -> frozenset[int]:
        everything = range(len(self.rows))
        if self.ball in some:
            point = self._nearest(some - {self.ball})
            assert point is not None
            return frozenset(k for k in everything if k not in some and self._breaks(k, point))
        linear = [k for k in everything if k != self.ball]
        others = [place for place, k in enumerate(linear) if k not in some]
        given = given_by([self.rows[k] for k in linear], others, self.facts) if others else None
        if given is None:
            return self._left_out_one_by_one(some)
        left = {linear[place] for place, give in zip(others, given.gives, strict=True) if give > NOTHING}
        return frozenset({*left, self.ball} if self._breaks(self.ball, given.weights) else left)

    def given_alone(self, k: int) -> Given | None:
        others = frozenset(range(len(self.rows))) - {k}
        limit = self.rows[self.ball].limit
        if k == self.ball:
            point = self._nearest(others)
            return None if point is None else _moved(self._distance(point) - limit, point)
        if not self.fits(others):
            return None
        linear = [row for row in self.rows if row.kind != BALL]
        given = given_by(linear, [linear.index(self.rows[k])], self.facts)
        if given is None or not self._breaks(self.ball, given.weights):
            return given
        blocks = row_blocks(k, self.rows[k], self.facts)
        if len(blocks) == 1 and len(blocks[0].right) == 1:
            kept = [block for place in others for block in row_blocks(place, self.rows[place], self.facts)]
            least = least_within(blocks[0], kept, self.facts)
            if least is not None:
                return _moved(least - float(blocks[0].right[0]), given.weights)
        return super().given_alone(k)

    def _error(self, some: frozenset[int]) -> float:
        point = self._nearest(some)
        return np.inf if point is None else self._distance(point)

    def _nearest(self, some: frozenset[int]) -> Floats | None:
        """The nearest weights to the benchmark that keep these rows; None where they cannot all be kept."""
        if some not in self.points:
            self.points[some] = self._found_nearest(some)
        return self.points[some]

    def _found_nearest(self, some: frozenset[int]) -> Floats | None:
        benchmark = self.facts.benchmark
        assert benchmark is not None
        if not any(self._breaks(k, benchmark) for k in some):
            return benchmark
        if not super().fits(some):
            return None
        rows = [*(self.rows[k] for k in sorted(some)), Row(BALL, WIDE)]
        blocks = [block for k, row in enumerate(rows) for block in row_blocks(k, row, self.facts)]
        found = nearest(blocks, self.facts)
        if found is not None:
            return found
        # The general solver: by how much a tracking error of nothing has to give.
        rows[-1] = Row(BALL, 0.0)
        given = given_by(rows, [len(rows) - 1], self.facts)
        return None if given is None else given.weights

    def _breaks(self, k: int, weights: Floats) -> bool:
        return outcome(self.rows[k], self.facts, weights).slack < -NOTHING

    def _distance(self, weights: Floats) -> float:
        return KINDS[BALL].measure(self.rows[self.ball], self.facts, weights)


def _moved(far: float, weights: Floats) -> Given:
    far = max(0.0, far)
    return Given(far, (far,), weights)


def given_by(rows: Sequence[Row], may_give: Iterable[int], facts: Facts) -> Given | None:
    """The least that some rows must give, in all, for all to be kept; None where that does not help.

    Of rows of whole numbers a count may give, lots may not.
    """
    soft = [k for k in may_give if rows[k].kind != "lots"]
    # Where every row may give, the question is whether none must: caps then hold as they stand.
    firm = [row for k, row in enumerate(rows) if len(soft) != 1 or k not in soft]
    blocks = all_blocks(rows, facts, firm)
    has_whole = any(KINDS[row.kind].is_whole for row in rows)
    if has_whole or all(block.cone is not Cone.BALL for block in blocks):
        return least_given_whole(blocks, soft, facts)
    return least_given(blocks, soft, facts)


def _smallest(asked: _Question) -> tuple[int, ...] | None:
    """The conflict with the fewest rows; None where that takes too long.

    What can be kept together leaves out a row of every conflict. The smallest set with one of each such remainder
    either conflicts, and is then the smallest that does, or gives one more remainder.
    """
    remainders: list[frozenset[int]] = []
    for _ in range(MOST_TRIALS):
        trial = _hitting(remainders)
        if not asked.fits(trial):
            return tuple(sorted(trial))
        left = asked.left_out(trial)
        if not left:
            return None
        remainders.append(left)
    return None


def _deleted(asked: _Question) -> tuple[int, ...]:
    """The deletion filter: rows are left out as long as the rest still conflicts."""
    kept = list(range(len(asked.rows)))
    for row in tuple(kept):
        rest = [other for other in kept if other != row]
        if rest and not asked.fits(rest):
            kept = rest
    return tuple(kept)


def _hitting(sets: Sequence[frozenset[int]]) -> frozenset[int]:
    """The smallest set with a member in each of the sets."""
    members = sorted(set().union(*sets))
    trials = (frozenset(trial) for size in range(len(members) + 1) for trial in combinations(members, size))
    return next(trial for trial in trials if all(not each.isdisjoint(trial) for each in sets))


def _loosenings(places: Sequence[int], asked: _Question) -> Iterator[Loosening]:
    """For each row of the conflict that could give alone, the limit that would do; equations are not advised on."""
    for k in places:
        row = asked.rows[k]
        if row.kind not in KINDS or KINDS[row.kind].side is Side.EQUAL:
            continue
        given = asked.given_alone(k)
        if given is not None:
            sign = 1.0 if KINDS[row.kind].side is Side.MOST else -1.0
            limit = row.limit + sign * given.total
            yield Loosening(
                row, label(row, asked.facts), float(np.ceil(limit - NOTHING)) if KINDS[row.kind].counts else limit
            )


# Why, in a sentence


def _why(rows: Sequence[Row], facts: Facts) -> str:
    for explain in (_caps, _sectors, _sector_floor):
        sentence = explain(rows, facts)
        if sentence:
            return sentence
    return _reach(rows, facts)


def _asked_sum(rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if row.kind in {"sum_equal", "sum_least"}), None)


def _caps(rows: Sequence[Row], facts: Facts) -> str:
    """n names x cap < the sum asked."""
    total, caps = _asked_sum(rows), [row for row in rows if row.kind == "weight_most" and not row.names]
    if total is None or len(caps) != 1 or len(rows) != 2:
        return ""
    width, cap = len(facts.names), caps[0].limit
    return f"{width} x {share_shown(cap)} = {share_shown(width * cap)}, less than {share_shown(total.limit)}."


def _sectors(rows: Sequence[Row], facts: Facts) -> str:
    """Sector caps that add to less than the sum asked."""
    total, caps = _asked_sum(rows), [row for row in rows if row.kind == "sector_most"]
    if total is None or len(caps) != len(rows) - 1 or {row.sector for row in caps} != set(facts.sectors):
        return ""
    parts = " + ".join(share_shown(row.limit) for row in caps)
    return f"{parts} = {share_shown(sum(row.limit for row in caps))}, less than {share_shown(total.limit)}."


def _sector_floor(rows: Sequence[Row], facts: Facts) -> str:
    """Names of a sector that must weigh more than the sector may."""
    caps = [row for row in rows if row.kind == "sector_most"]
    floors = [row for row in rows if row.kind == "weight_least"]
    if len(caps) != 1 or len(floors) != len(rows) - 1:
        return ""
    members = places_of(caps[0], facts)
    least = np.full(len(facts.names), -np.inf)
    for row in floors:
        places = places_of(row, facts)
        least[places] = np.maximum(least[places], row.limit)
    total = float(least[members].sum())
    if not total > caps[0].limit:
        return ""
    parts = " + ".join(f"{facts.names[k]} {share_shown(float(least[k]))}" for k in members)
    return f"Sector {caps[0].sector} holds at least {parts} = {share_shown(total)}, more than {share_shown(caps[0].limit)}."


def _reach(rows: Sequence[Row], facts: Facts) -> str:
    """How near to a row the others of the conflict let a portfolio come."""
    asked = _question(rows, facts)
    order = sorted(range(len(rows)), key=lambda k: _TOLD_FIRST.get(rows[k].kind, 9))
    for k in order:
        side, given = KINDS[rows[k].kind].side, None
        if side is not Side.EQUAL:
            given = asked.given_alone(k)
        if given is None:
            continue
        reached = rows[k].limit + (given.total if side is Side.MOST else -given.total)
        reached = float(np.ceil(reached - NOTHING)) if KINDS[rows[k].kind].counts else round(reached, 7)
        end = "no less than" if side is Side.MOST else "no more than"
        return (
            f"Where the other limits of this set are kept, the figure of “{label(rows[k], facts)}” can be "
            f"{end} {value_shown(rows[k], reached)}."
        )
    return ""


_TOLD_FIRST = {
    "return_least": 0, "turnover_most": 1, "tracking_error_most": 2, "names_most": 3, "beta_most": 4, "beta_least": 4,
    "short_most": 5, "long_most": 5, "gross_most": 5, "sector_least": 6, "sector_most": 6,
}  # fmt: skip
