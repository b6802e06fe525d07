"""What changed inputs do to the best structures of a run: the same permutations, evaluated before and after.

Rank and tier are places among these permutations, before and after alike; only a run says what else became better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.reasons import NOT_COMPUTED, PASSED_BOTH, is_alive
from engine.permutations import COLUMNS, RANK_COLUMNS, REASONS, TIERS, Case, evaluate, rank
from engine.terms import Objective
from permutations.models import Run
from permutations.summary import plain
from permutations.translate import engine_case

TOP_ROWS = 20
FIGURES = ("day_one_value", "senior_amount", "dscr_minimum", "worst_stressed_dscr", "sponsor_irr_rate", "wacc_rate")
ROW_FIGURES = (*FIGURES, "rating_notch")
OBJECTIVE_FIGURES = {
    Objective.SENIOR_RAISE: "senior_amount",
    Objective.WACC: "wacc_rate",
    Objective.EQUITY_IRR: "sponsor_irr_rate",
}


@dataclass(frozen=True, slots=True)
class Side:
    """The permutations under one set of inputs, in index order: result columns, places among them, tiers."""

    columns: Mapping[str, NDArray[Any]]
    rank: NDArray[np.int64]
    tier: NDArray[np.int8]

    @property
    def passed(self) -> NDArray[np.bool_]:
        """Which passed both gates."""
        return np.asarray(self.columns["gate"] == PASSED_BOTH)


def measure_impact(run: Run, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """How the run's best permutations fare when the inputs change from `old` to `new`; JSON-able, no NaN."""
    indices = np.sort(np.array(run.top_results.values_list("permutation_index", flat=True), dtype=np.int64))
    before, after = (_side(engine_case(run, inputs), indices, run.evaluated_count) for inputs in (old, new))
    both = before.passed & after.passed
    return {
        "count": int(indices.size),
        "passed_before": int(before.passed.sum()),
        "passed_after": int(after.passed.sum()),
        "passed_both": int(both.sum()),
        "reasons": _reasons(before, after),
        "near_misses": int((before.passed & (after.columns["near_miss"] == 1)).sum()),
        "ratings": _rating_moves(before, after),
        "objective": OBJECTIVE_FIGURES.get(Objective(run.objective), "day_one_value"),
        "best": {"before": _best(before), "after": _best(after)},
        "medians": [_median(name, before, after, both) for name in FIGURES],
        "top": [_pair(before, after, row) for row in _first(before)],
    }


def _side(case: Case, indices: NDArray[np.int64], evaluated_count: int) -> Side:
    columns = evaluate(case, indices).columns
    alive = np.flatnonzero(is_alive(columns["gate"], columns["near_miss"]))
    places, tiers = np.zeros(indices.size, dtype=np.int64), np.zeros(indices.size, dtype=np.int8)
    if alive.size:
        ranking = rank({name: columns[name][alive] for name in RANK_COLUMNS}, case.terms, evaluated_count)
        # Of identical outcomes one stands for all: the others share its place.
        standing = np.searchsorted(ranking.index, ranking.representative)
        places[alive], tiers[alive] = ranking.rank[standing], ranking.tier
    return Side(columns, places, tiers)


def _first(side: Side) -> list[int]:
    """Row numbers of the best by rank."""
    ranked = np.flatnonzero(side.rank)
    order = np.argsort(side.rank[ranked], kind="stable")
    return [int(row) for row in ranked[order][:TOP_ROWS]]


def _best(side: Side) -> dict[str, Any] | None:
    rows = [row for row in _first(side)[:1] if side.passed[row]]
    return _row(side, rows[0]) if rows else None


def _pair(before: Side, after: Side, row: int) -> dict[str, Any]:
    return {"before": _row(before, row), "after": _row(after, row)}


def _row(side: Side, row: int) -> dict[str, Any]:
    reason = int(side.columns["reason"][row])
    return {
        "index": int(side.columns["index"][row]),
        "rank": int(side.rank[row]) or None,
        "tier": TIERS[int(side.tier[row])],
        "passed": bool(side.passed[row]),
        "reason": REASONS[reason] if reason else None,
        "figures": {name: _value(side.columns[name][row], name) for name in ROW_FIGURES},
    }


def _value(value: Any, name: str) -> Any:
    known = plain(value)
    return None if known == NOT_COMPUTED and COLUMNS[name].dtype.startswith("int") else known


def _reasons(before: Side, after: Side) -> dict[str, int]:
    """How many stopped passing, by their first reason, the commonest first."""
    lost = before.passed & ~after.passed
    counts = Counter(int(code) for code in after.columns["reason"][lost])
    return {REASONS[code]: number for code, number in counts.most_common()}


def _rating_moves(before: Side, after: Side) -> list[list[int | None]]:
    """Notch before, notch after (None where it no longer passes) and how many, best rating first."""
    rows = np.flatnonzero(before.passed)
    notches = ((int(before.columns["rating_notch"][row]), _notch_after(after, int(row))) for row in rows)
    moves = Counter(notches)
    ordered = sorted(moves, key=lambda move: (move[0], move[1] is None, move[1] or 0))
    return [[old, new, moves[old, new]] for old, new in ordered]


def _notch_after(after: Side, row: int) -> int | None:
    return int(after.columns["rating_notch"][row]) if after.passed[row] else None


def _median(name: str, before: Side, after: Side, both: NDArray[np.bool_]) -> dict[str, Any]:
    old, new = before.columns[name][both], after.columns[name][both]
    known = np.isfinite(old) & np.isfinite(new)
    if not known.any():
        return {"name": name, "before": None, "after": None, "change": None, "count": 0}
    old, new = old[known], new[known]
    return {
        "name": name,
        "before": plain(np.median(old)),
        "after": plain(np.median(new)),
        "change": plain(np.median(new - old)),
        "count": int(known.sum()),
    }
