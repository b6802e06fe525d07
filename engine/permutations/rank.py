"""Score, tier, merge and rank of the permutations that passed or nearly did.

Source: model book section 11. Everything is exact and independent of the order rows arrive in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.reasons import PASSED_BOTH
from engine.deal.result import ABOVE_MARKET
from engine.ratings.scale import NOT_RATED
from engine.terms import Objective, StructuringTerms

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]

NOT_VIABLE, BRONZE, SILVER, GOLD, DIAMOND = range(5)
POSSIBLE_INSTRUMENTS = 4
ROUNDING = 1e-12
OUTCOME_DIGITS = 10
_OUTCOME = (
    "senior_amount", "mezz_amount", "equity_proceeds_amount", "day_one_value", "wacc_rate", "sponsor_irr_rate",
    "dscr_minimum", "dscr_average", "worst_stressed_dscr", "rating_notch", "stability_ratio", "gate", "flags",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranking:
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
    tier_counts: dict[int, int]


def rank(columns: Columns, terms: StructuringTerms, evaluated_count: int) -> Ranking:
    """Ranking of alive rows, given RANK_COLUMNS of them and how many permutations the run evaluated."""
    order = np.argsort(columns["index"], kind="stable")
    rows = {name: values[order] for name, values in columns.items()}
    index = rows["index"].astype(np.int64)
    passed = rows["gate"] == PASSED_BOTH
    score = _score(rows, passed, terms)
    place = _places(~passed, -score)
    tier = _tiers(rows, passed, place, terms, evaluated_count)
    representative, merged = _merge(rows, index)
    stands = representative == index
    ranks = np.zeros(index.size, dtype=np.int64)
    goal = _goal(rows, passed, terms)
    ranks[stands] = 1 + _places(_class_of(rows, passed)[stands], -goal[stands], -score[stands])
    counts = {t: int(np.count_nonzero(tier == t)) for t in (BRONZE, SILVER, GOLD, DIAMOND)}
    counts[NOT_VIABLE] = evaluated_count - sum(counts.values())
    percentile = (place + 1) / max(evaluated_count, 1)
    return Ranking(index, score, percentile, tier, ranks, merged, representative, counts)


def _class_of(rows: Columns, passed: NDArray[np.bool_]) -> NDArray[np.int8]:
    """0 where every constraint is met, stresses included, 1 where both gates are passed, 2 for a near miss."""
    return np.where(passed, np.where(rows["stress_passed"] == 1, 0, 1), 2).astype(np.int8)


def _places(*keys: NDArray[Any]) -> Indices:
    """0-based position of each row when sorted by the keys, the first weighing most; ties keep index order."""
    order = np.lexsort(keys[::-1])
    places = np.empty(order.size, dtype=np.int64)
    places[order] = np.arange(order.size)
    return places


def scaled(values: Floats, over: NDArray[np.bool_]) -> Floats:
    """Values mapped to 0..1 between the lowest and highest where `over`; 1 if those are equal.

    >>> scaled(np.array([1.0, 2.0, 5.0]), np.array([True, True, False])).tolist()
    [0.0, 1.0, 1.0]
    """
    if not over.any():
        return np.zeros(values.size)
    low, high = float(np.min(values[over])), float(np.max(values[over]))
    if high == low:
        return np.ones(values.size)
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0))


def _score(rows: Columns, passed: NDArray[np.bool_], terms: StructuringTerms) -> Floats:
    simplicity = 1.0 - rows["instruments"] / POSSIBLE_INSTRUMENTS
    parts = (
        (terms.score_day_one_weight, rows["day_one_value"]),
        (terms.score_stability_weight, rows["stability_ratio"]),
        (terms.score_rating_weight, _rating_strength(rows)),
        (terms.score_simplicity_weight, simplicity),
    )
    return np.asarray(sum(weight * scaled(values, passed) for weight, values in parts))


def _rating_strength(rows: Columns) -> Floats:
    return np.asarray(NOT_RATED - rows["rating_notch"].astype(np.float64))


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


def _goal(rows: Columns, passed: NDArray[np.bool_], terms: StructuringTerms) -> Floats:
    """What the ranking maximises."""
    wacc, irr = -rows["wacc_rate"], np.nan_to_num(rows["sponsor_irr_rate"], nan=-np.inf)
    match Objective(terms.objective):
        case Objective.SENIOR_RAISE:
            return rows["senior_amount"]
        case Objective.WACC:
            return np.asarray(wacc)
        case Objective.EQUITY_IRR:
            return np.asarray(irr)
        case Objective.COMPOSITE:
            parts = (rows["senior_amount"], wacc, rows["day_one_value"], rows["dscr_minimum"], _rating_strength(rows))
            weighted = zip(terms.composite_weights, parts, strict=True)
            return np.asarray(sum(weight * scaled(values, passed) for weight, values in weighted))
        case _:
            return rows["day_one_value"]


def _merge(rows: Columns, index: Indices) -> tuple[Indices, Indices]:
    """For each row the index that stands for its outcome, and how many share it; simplest first.

    A limit that sizes the debt gives the same amount from different levers, but for its last digits.
    """
    outcome = [np.nan_to_num(_to_digits(rows[name].astype(np.float64)), nan=-1.0) for name in _OUTCOME]
    digest = _digest(outcome)
    order = np.lexsort((index, rows["instruments"], digest))
    starts = np.ones(order.size, dtype=bool)
    if order.size > 1:
        ahead, behind = order[1:], order[:-1]
        starts[1:] = np.any([values[ahead] != values[behind] for values in outcome], axis=0)
    group = np.cumsum(starts) - 1
    counts = np.bincount(group, minlength=0)
    representative, merged = np.empty_like(index), np.empty_like(index)
    representative[order] = index[order][np.flatnonzero(starts)][group]
    merged[order] = counts[group]
    return representative, merged


def _to_digits(values: Floats) -> Floats:
    """Values to OUTCOME_DIGITS significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(values))) - OUTCOME_DIGITS + 1)
        return np.where(np.isfinite(unit) & (unit > 0.0), np.round(values / unit) * unit, values)


def _digest(columns: list[Floats]) -> NDArray[np.uint64]:
    """A 64-bit mix of each row, so that equal rows sort together."""
    mixed = np.zeros(columns[0].size, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for values in columns:
            bits = np.ascontiguousarray(values + 0.0).view(np.uint64)
            mixed = (mixed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(32)
    return mixed
