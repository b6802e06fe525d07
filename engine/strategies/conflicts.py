"""Limits that cannot all be kept: the smallest set of them, why, and how far one of them would have to give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.strategies.constraints import KINDS, Facts, Row, Side, label, places_of, share_shown, value_shown
from engine.strategies.program import Cone, least_given
from engine.strategies.whole import all_blocks, least_given_whole

# Giving less than this in all is the noise of a solver.
NOTHING = 1e-7
MOST_TRIALS = 60


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
    fits = _fitting(rows, facts)
    every = tuple(range(len(rows)))
    if fits(every):
        return None
    places, is_smallest = _smallest(_deleted(every, fits), every, fits)
    picked = [rows[k] for k in places]
    loosenings = tuple(_loosenings(places, rows, facts))
    return Conflict(
        places, tuple(label(row, facts) for row in picked), _why(picked, facts), loosenings, is_smallest,
    )  # fmt: skip


def _fitting(rows: Sequence[Row], facts: Facts) -> Callable[[Iterable[int]], bool]:
    """Whether some of the rows can be kept together; asked once of each set."""
    known: dict[frozenset[int], bool] = {}

    def fits(some: Iterable[int]) -> bool:
        key = frozenset(some)
        if key not in known:
            picked = [rows[k] for k in sorted(key)]
            given = given_by(picked, range(len(picked)), facts) if picked else 0.0
            known[key] = given is not None and given <= NOTHING
        return known[key]

    return fits


def given_by(rows: Sequence[Row], may_give: Iterable[int], facts: Facts) -> float | None:
    """The least that some rows must give, in all, for all to be kept; None where that does not help.

    Of rows of whole numbers a count may give, lots may not.
    """
    blocks, soft = all_blocks(rows, facts), [k for k in may_give if rows[k].kind != "lots"]
    has_whole = any(KINDS[row.kind].is_whole for row in rows)
    if has_whole or all(block.cone is not Cone.BALL for block in blocks):
        return least_given_whole(blocks, soft, facts)
    return least_given(blocks, soft, facts)


def _deleted(rows: Sequence[int], fits: Callable[[Iterable[int]], bool]) -> tuple[int, ...]:
    """The deletion filter: rows are left out as long as the rest still conflicts."""
    kept = list(rows)
    for row in rows:
        rest = [other for other in kept if other != row]
        if rest and not fits(rest):
            kept = rest
    return tuple(kept)


def _smallest(
    found: tuple[int, ...], every: Sequence[int], fits: Callable[[Iterable[int]], bool]
) -> tuple[tuple[int, ...], bool]:
    """A conflict with the fewest rows, and whether that is proven.

    Any set that can be kept, made as large as it goes, leaves out a row of every conflict: the smallest set that has
    one of each such remainder either conflicts, and is the smallest, or gives one more remainder.
    """
    remainders: list[frozenset[int]] = []
    for _ in range(MOST_TRIALS):
        trial = _hitting(remainders, len(found) - 1)
        if trial is None:
            return found, True
        if not fits(trial):
            return tuple(sorted(trial)), True
        kept = set(trial)
        for row in every:
            if row not in kept and fits({*kept, row}):
                kept.add(row)
        remainders.append(frozenset(every) - kept)
    return found, False


def _hitting(sets: Sequence[frozenset[int]], most: int) -> frozenset[int] | None:
    """The smallest set, of at most so many, with a member in each of the sets."""
    members = sorted(set().union(*sets))
    for size in range(most + 1):
        for trial in combinations(members, size):
            if all(not each.isdisjoint(trial) for each in sets):
                return frozenset(trial)
    return None


def _loosenings(places: Sequence[int], rows: Sequence[Row], facts: Facts) -> Iterator[Loosening]:
    """For each row of the conflict that could give alone, the limit that would do; equations are not advised on."""
    for k in places:
        row = rows[k]
        if row.kind not in KINDS or KINDS[row.kind].side is Side.EQUAL:
            continue
        given = given_by(rows, [k], facts)
        if given is not None:
            sign = 1.0 if KINDS[row.kind].side is Side.MOST else -1.0
            limit = row.limit + sign * given
            yield Loosening(
                row, label(row, facts), float(np.ceil(limit - NOTHING)) if KINDS[row.kind].counts else limit
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
    order = sorted(range(len(rows)), key=lambda k: _TOLD_FIRST.get(rows[k].kind, 9))
    for k in order:
        side, given = KINDS[rows[k].kind].side, None
        if side is not Side.EQUAL:
            given = given_by(rows, [k], facts)
        if given is None:
            continue
        reached = rows[k].limit + (given if side is Side.MOST else -given)
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
