"""Results of a set of permutations as typed columns, with what happened at each gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.limits import keeps
from engine.deal.axes import AXES
from engine.deal.columns import RESULT_COLUMNS, STRESS_COLUMNS
from engine.deal.numbers import A_DSRA, A_TRS, A_ZCIS
from engine.deal.reasons import GATE_A, HARD_FILTER, MATH_ERROR, PASSED_BOTH, STOPPED_AT_B, is_alive
from engine.deal.row import drop_unsound, typed
from engine.permutations.case import Case
from engine.permutations.levers import HardFilter, Indices, LeverSet
from engine.permutations.walk import RESULT_SIZE, STRESS_SIZE, walk

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class GateCounts:
    """How many permutations were evaluated, are alive after each gate, and why the others stopped."""

    evaluated: int
    gate_a_alive: int
    gate_b_alive: int
    near_misses: int
    by_reason: dict[int, int]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Result columns by name (integer columns use -1 for "not computed", floats NaN), stress rows, counts."""

    columns: Columns
    stress: Columns
    counts: GateCounts


def evaluate(case: Case, indices: Indices) -> Evaluated:
    """Results of sorted permutation `indices` of the case's space."""
    out = np.full((RESULT_SIZE, indices.size), np.nan)
    stress_out = np.empty((_stress_bound(case, indices), STRESS_SIZE))
    used = walk(case.resolved, case.axes, indices, out, stress_out)
    raw = {spec.name: out[k] for k, spec in enumerate(RESULT_COLUMNS)}
    drop_unsound(raw)
    for hard_filter in case.levers.filters:
        _apply_filter(raw, case, indices, hard_filter)
    columns = {"index": indices, **lever_columns(case.levers, indices), **typed(raw)}
    return Evaluated(columns, _stress_columns(stress_out[:used]), _counts(columns))


def lever_columns(levers: LeverSet, indices: Indices) -> Columns:
    """Lever values by open axis in catalogue order; words stay words."""
    return {code: values for code, values in levers.decode(indices).items() if code in AXES}


def _stress_bound(case: Case, indices: Indices) -> int:
    """Most stress rows the indices can need: one grid for each senior structure and choice of swaps and reserve."""
    axes = case.axes
    seniors = 1 + int(np.count_nonzero(np.diff(indices // axes.below_senior)))
    slots = int(axes.lengths[A_ZCIS] * axes.lengths[A_TRS] * axes.lengths[A_DSRA])
    return min(seniors * slots, indices.size) * len(case.scenarios)


def _apply_filter(raw: Columns, case: Case, indices: Indices, limit: HardFilter) -> None:
    tested = raw.get(limit.column)
    if tested is None:
        tested = case.levers.decode(indices).get(limit.column)
    if tested is None:
        tested = np.full(indices.size, getattr(case.choice, limit.column), dtype=np.float64)
    with np.errstate(invalid="ignore"):
        failed = ~keeps(tested, limit.operator, limit.value)
    pruned = failed & is_alive(raw["gate"], raw["near_miss"])
    raw["gate"][pruned] = STOPPED_AT_B
    raw["near_miss"][pruned] = 0.0
    raw["reason"][pruned] = HARD_FILTER


def _stress_columns(rows: NDArray[np.float64]) -> Columns:
    """Stress rows by column; cover has no number (NaN) where a shock leaves no service to cover."""
    rows = np.where(np.isinf(rows), np.nan, rows)
    return {spec.name: rows[:, k].astype(spec.dtype) for k, spec in enumerate(STRESS_COLUMNS.values())}


def _counts(columns: Columns) -> GateCounts:
    gate, reason = columns["gate"], columns["reason"]
    codes, counts = np.unique(reason, return_counts=True)
    stopped_early = np.isin(reason, (*GATE_A, MATH_ERROR))
    return GateCounts(
        evaluated=int(gate.size),
        gate_a_alive=int(np.count_nonzero(~stopped_early)),
        gate_b_alive=int(np.count_nonzero(gate == PASSED_BOTH)),
        near_misses=int(np.count_nonzero(columns["near_miss"] == 1)),
        by_reason={int(code): int(count) for code, count in zip(codes, counts, strict=True) if code != 0},
    )
