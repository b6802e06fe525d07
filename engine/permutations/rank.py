"""Score, tier, merge and rank of the permutations that passed or nearly did.

Source: model book section 11. Everything is exact and independent of the order rows arrive in and of the blocks they
arrive by: rows are read block by block, sorted bucket by bucket, and what does not fit in between lies on a shelf, so
that memory does not follow their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.reasons import PASSED_BOTH
from engine.deal.result import ABOVE_MARKET
from engine.permutations.order import Keys, Merge, NewShelf, Order, grouped, in_memory, key_of
from engine.ratings.scale import NOT_RATED
from engine.terms import Objective, StructuringTerms

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]
Scale = Mapping[str, tuple[float, float]]

NOT_VIABLE, BRONZE, SILVER, GOLD, DIAMOND = range(5)
POSSIBLE_INSTRUMENTS = 4
ROUNDING = 1e-12
OUTCOME_DIGITS = 10
SAMPLE = 100_000
_OUTCOME = (
    "senior_amount", "mezz_amount", "equity_proceeds_amount", "day_one_value", "wacc_rate", "sponsor_irr_rate",
    "dscr_minimum", "dscr_average", "worst_stressed_dscr", "rating_notch", "stability_ratio", "gate", "flags",
)  # fmt: skip


# What a block of rows is ranked by once equal outcomes within it are known.
RANKED_BY = (
    "index", "gate", "stress_passed", "instruments", "flags", "rating_notch", "senior_amount", "day_one_value",
    "wacc_rate", "sponsor_irr_rate", "dscr_minimum", "worst_stressed_dscr", "stability_ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alive:
    """Rows that passed or nearly did, in index order, with what can be told of them before any others are known.

    `rows` has RANKED_BY and for each row its `outcome`, the place of its outcome among `outcomes` (n, 5): two marks, then the
    fewest instruments, the lowest index of those and the number of rows. `scale` has each measure's limits where it passed.
    """

    rows: Columns
    outcomes: Keys
    scale: Scale

    @classmethod
    def of(cls, columns: Columns) -> Alive:
        """From RANK_COLUMNS of rows in index order."""
        outcomes, place = grouped(_outcome_marks(columns), columns["instruments"], columns["index"])
        rows = {name: columns[name] for name in RANKED_BY} | {"outcome": place}
        return cls(rows, outcomes, _limits(columns))

    @property
    def count(self) -> int:
        """How many rows."""
        return int(self.rows["index"].size)


Blocks = Callable[[], Iterable[Alive]]


@dataclass(frozen=True, slots=True)
class RankedBlock:
    """One row a permutation that passed or nearly did, in index order; all arrays have the same length.

    `rank` is 0 where an identical, simpler outcome stands for the permutation; `representative` is its index.
    """

    index: Indices
    score: Floats
    percentile: Floats
    tier: NDArray[np.int8]
    rank: Indices
    merged_count: Indices
    representative: Indices

    def of(self, rows: NDArray[np.bool_]) -> RankedBlock:
        """Some of its rows."""
        return RankedBlock(**{each.name: getattr(self, each.name)[rows] for each in fields(RankedBlock)})


@dataclass(frozen=True, slots=True)
class Ranking(RankedBlock):
    """All rows, and how many of what was evaluated are in each tier."""

    tier_counts: dict[int, int]


def rank(columns: Columns, terms: StructuringTerms, evaluated_count: int) -> Ranking:
    """Ranking of alive rows, given RANK_COLUMNS of them and how many permutations the run evaluated."""
    order = np.argsort(columns["index"], kind="stable")
    alive = Alive.of({name: values[order] for name, values in columns.items()})
    block = next(Ranked(lambda: [alive], terms, evaluated_count).blocks())
    found = {each.name: getattr(block, each.name) for each in fields(RankedBlock)}
    return Ranking(**found, tier_counts=tier_counts_of([block.tier], evaluated_count))


class Scores:
    """Where rows that come in blocks of rising index stand by their score."""

    def __init__(self, blocks: Blocks, terms: StructuringTerms, survey: Survey, new_shelf: NewShelf) -> None:
        self._read, self._terms, self._scale = blocks, terms, survey.scale
        self._order = Order(self._keys(survey.sample), survey.count, new_shelf)
        for alive in blocks():
            self._order.add(self._keys(alive.rows))
        self._order.settle()

    def places(self) -> Iterator[Indices]:
        """The 0-based place of each row of each block; whole only when read to its end, and then again from the start."""
        self._order.rewind()
        for alive in self._read():
            yield self._order.take(self._keys(alive.rows))

    def _keys(self, rows: Columns) -> Keys:
        return key_of(~_passed(rows), -_score(rows, self._scale, self._terms))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of each row of a block its rank, 0 where another stands for the same outcome, that one's index, and how many share it."""

    rank: Indices
    representative: Indices
    merged_count: Indices


class Standing:
    """Where the outcomes of rows that come in blocks of rising index stand by the objective."""

    def __init__(self, blocks: Blocks, terms: StructuringTerms, survey: Survey, new_shelf: NewShelf) -> None:
        self._read, self._terms, self._scale = blocks, terms, survey.scale
        self._merge = Merge(survey.count, new_shelf)
        for alive in blocks():
            self._merge.add(alive.outcomes)
        self._merge.settle()
        self._order = Order(self._keys(survey.sample), survey.count, new_shelf)
        for alive in blocks():
            stands = self._merge.take(alive.rows["outcome"])[0] == alive.rows["index"]
            self._order.add(self._keys({name: alive.rows[name][stands] for name in RANKED_BY}))
        self._order.settle()

    @property
    def distinct_count(self) -> int:
        """How many outcomes there are; the last rank."""
        return self._order.count

    def outcomes(self) -> Iterator[Outcomes]:
        """The outcomes of each block; whole only when read to its end, and then again from the start."""
        self._order.rewind()
        self._merge.rewind()
        for alive in self._read():
            representative, merged = self._merge.take(alive.rows["outcome"])
            stands = representative == alive.rows["index"]
            rank = np.zeros(stands.size, dtype=np.int64)
            rank[stands] = 1 + self._order.take(self._keys({name: alive.rows[name][stands] for name in RANKED_BY}))
            yield Outcomes(rank, representative, merged)

    def _keys(self, rows: Columns) -> Keys:
        goal, score = _goal(rows, self._scale, self._terms), _score(rows, self._scale, self._terms)
        return key_of(_class_of(rows), -goal, -score)


def ranked_block(
    alive: Alive, place: Indices, outcomes: Outcomes, scale: Scale, terms: StructuringTerms, evaluated_count: int
) -> RankedBlock:
    """The ranking of a block whose places by score and outcomes are known."""
    rows = alive.rows
    return RankedBlock(
        index=rows["index"].astype(np.int64),
        score=_score(rows, scale, terms),
        percentile=(place + 1) / max(evaluated_count, 1),
        tier=_tiers(rows, _passed(rows), place, terms, evaluated_count),
        rank=outcomes.rank,
        merged_count=outcomes.merged_count,
        representative=outcomes.representative,
    )


class Ranked:
    """The ranking of rows that come in blocks of rising index, each time `blocks` is called; read several times."""

    def __init__(
        self, blocks: Blocks, terms: StructuringTerms, evaluated_count: int, new_shelf: NewShelf = in_memory
    ) -> None:
        self._read, self._terms, self.evaluated_count = blocks, terms, evaluated_count
        survey = Survey.of(blocks(), evaluated_count)
        self.alive_count, self._scale = survey.count, survey.scale
        self._scores = Scores(blocks, terms, survey, new_shelf)
        self._standing = Standing(blocks, terms, survey, new_shelf)

    @property
    def distinct_count(self) -> int:
        """How many outcomes there are; the last rank."""
        return self._standing.distinct_count

    def blocks(self) -> Iterator[RankedBlock]:
        """The ranking of each block in turn; whole only when read to its end, and then again from the start."""
        for alive, place, outcomes in zip(self._read(), self._scores.places(), self._standing.outcomes(), strict=True):
            yield ranked_block(alive, place, outcomes, self._scale, self._terms, self.evaluated_count)


def tier_counts_of(tiers: Iterable[NDArray[np.int8]], evaluated_count: int) -> dict[int, int]:
    """How many of all that were evaluated are in each tier; those without a row are not viable."""
    found = sum((np.bincount(tier, minlength=DIAMOND + 1) for tier in tiers), np.zeros(DIAMOND + 1, dtype=np.int64))
    counts = {t: int(found[t]) for t in (BRONZE, SILVER, GOLD, DIAMOND)}
    return {**counts, NOT_VIABLE: evaluated_count - sum(counts.values())}


@dataclass(frozen=True, slots=True)
class Survey:
    """A first look at the rows: how many, each measure's lowest and highest where they passed, and some of them."""

    count: int
    scale: Scale
    sample: Columns

    @classmethod
    def of(cls, blocks: Iterable[Alive], evaluated_count: int) -> Survey:
        """Of all blocks; the sample is the same however rows are read, for it follows their number alone."""
        count, step, found, sample = 0, max(1, evaluated_count // SAMPLE), dict[str, tuple[float, float]](), []
        for alive in blocks:
            count += alive.count
            # Copied: a slice would keep the whole block.
            sample.append({name: alive.rows[name][::step].copy() for name in RANKED_BY})
            for name, limits in alive.scale.items():
                low, high = found.get(name, limits)
                found[name] = (min(low, limits[0]), max(high, limits[1]))
        return cls(count, found, {name: np.concatenate([part[name] for part in sample]) for name in RANKED_BY})


def _limits(rows: Columns) -> Scale:
    passed = _passed(rows)
    if not passed.any():
        return {}
    values = {name: read(rows)[passed] for name, read in _MEASURES.items()}
    return {name: (float(np.min(each)), float(np.max(each))) for name, each in values.items()}


def _passed(rows: Columns) -> NDArray[np.bool_]:
    return np.asarray(rows["gate"] == PASSED_BOTH)


def _class_of(rows: Columns) -> NDArray[np.int8]:
    """0 where every constraint is met, stresses included, 1 where both gates are passed, 2 for a near miss."""
    return np.where(_passed(rows), np.where(rows["stress_passed"] == 1, 0, 1), 2).astype(np.int8)


def scaled(values: Floats, limits: tuple[float, float] | None) -> Floats:
    """Values mapped to 0..1 between the lowest and highest of what passed; 1 if those are equal, 0 if nothing did.

    >>> scaled(np.array([1.0, 2.0, 5.0]), (1.0, 2.0)).tolist()
    [0.0, 1.0, 1.0]
    """
    if limits is None:
        return np.zeros(values.size)
    low, high = limits
    if high == low:
        return np.ones(values.size)
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0))


# What a score or a composite objective is made of.
_MEASURES: dict[str, Callable[[Columns], Floats]] = {
    "day_one": lambda rows: rows["day_one_value"],
    "stability": lambda rows: rows["stability_ratio"],
    "rating": lambda rows: np.asarray(NOT_RATED - rows["rating_notch"].astype(np.float64)),
    "simplicity": lambda rows: np.asarray(1.0 - rows["instruments"] / POSSIBLE_INSTRUMENTS),
    "senior": lambda rows: rows["senior_amount"],
    "wacc": lambda rows: -rows["wacc_rate"],
    "dscr": lambda rows: rows["dscr_minimum"],
}
_COMPOSITE = ("senior", "wacc", "day_one", "dscr", "rating")


def _weighted(rows: Columns, scale: Scale, weights: Mapping[str, float]) -> Floats:
    parts = (weight * scaled(_MEASURES[name](rows), scale.get(name)) for name, weight in weights.items())
    return np.asarray(sum(parts))


def _score(rows: Columns, scale: Scale, terms: StructuringTerms) -> Floats:
    weights = {
        "day_one": terms.score_day_one_weight,
        "stability": terms.score_stability_weight,
        "rating": terms.score_rating_weight,
        "simplicity": terms.score_simplicity_weight,
    }
    return _weighted(rows, scale, weights)


def _tiers(
    rows: Columns, passed: NDArray[np.bool_], place: Indices, terms: StructuringTerms, evaluated_count: int
) -> NDArray[np.int8]:
    """Tier by position among all evaluated; what passes beyond the Silver share is Bronze, as a near miss is."""
    # 0.07 x 100 is 7.000000000000001 in binary, and still seven.
    diamond, gold, silver = (math.ceil(share * evaluated_count * (1.0 - ROUNDING)) for share in terms.tier_shares)
    # A coupon above the market is dear, not unsound.
    sound = passed & (rows["flags"].astype(np.int64) & ~ABOVE_MARKET == 0)
    tier = np.full(place.size, BRONZE, dtype=np.int8)
    tier[passed & (place < silver)] = SILVER
    tier[sound & (place < gold)] = GOLD
    tier[sound & (place < diamond) & (rows["stress_passed"] == 1)] = DIAMOND
    return tier


def _goal(rows: Columns, scale: Scale, terms: StructuringTerms) -> Floats:
    """What the ranking maximises."""
    match Objective(terms.objective):
        case Objective.SENIOR_RAISE:
            return rows["senior_amount"]
        case Objective.WACC:
            return np.asarray(-rows["wacc_rate"])
        case Objective.EQUITY_IRR:
            return np.asarray(np.nan_to_num(rows["sponsor_irr_rate"], nan=-np.inf))
        case Objective.COMPOSITE:
            return _weighted(rows, scale, dict(zip(_COMPOSITE, terms.composite_weights, strict=True)))
        case _:
            return rows["day_one_value"]


def _outcome_marks(rows: Columns) -> NDArray[np.uint64]:
    """Two 64-bit mixes (n, 2) of each row's outcome, by which equal outcomes are told.

    A limit that sizes the debt gives the same amount from different levers, but for its last digits.
    """
    outcome = [np.nan_to_num(_to_digits(rows[name].astype(np.float64)), nan=-1.0) for name in _OUTCOME]
    return np.column_stack([_digest(outcome, factor) for factor in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)])


def _to_digits(values: Floats) -> Floats:
    """Values to OUTCOME_DIGITS significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(values))) - OUTCOME_DIGITS + 1)
        return np.where(np.isfinite(unit) & (unit > 0.0), np.round(values / unit) * unit, values)


def _digest(columns: list[Floats], factor: int) -> NDArray[np.uint64]:
    mixed = np.zeros(columns[0].size, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for values in columns:
            bits = np.ascontiguousarray(values + 0.0).view(np.uint64)
            mixed = (mixed ^ bits) * np.uint64(factor)
            mixed ^= mixed >> np.uint64(32)
    return mixed
