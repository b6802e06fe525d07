"""Results of a set of permutations as typed columns, with what happened at each gate."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.permutations.axes import AXES
from engine.permutations.columns import GATE_A_REASONS, RESULT_COLUMNS, STRESS_COLUMNS
from engine.permutations.layers import MATH_ERROR
from engine.permutations.levers import HardFilter, Indices, LeverSet
from engine.permutations.resolve import AXIS_ORDER, Case
from engine.permutations.walk import RESULT_SIZE, STRESS_SIZE, walk

Columns = dict[str, NDArray[Any]]
HARD_FILTER = 20
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NEVER_EMPTY = frozenset({"gate", "reason", "near_miss"})


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
    resolved = case.resolved
    out = np.full((RESULT_SIZE, indices.size), np.nan)
    stress_out = np.empty((_stress_bound(case, indices), STRESS_SIZE))
    used = walk(resolved, indices, out, stress_out)
    raw = {spec.name: out[k] for k, spec in enumerate(RESULT_COLUMNS)}
    _drop_unsound(raw)
    for hard_filter in case.levers.filters:
        _apply_filter(raw, case.levers, indices, hard_filter)
    columns = {"index": indices, **lever_columns(case.levers, indices), **_typed(raw)}
    return Evaluated(columns, _stress_columns(stress_out[:used]), _counts(columns))


def lever_columns(levers: LeverSet, indices: Indices) -> Columns:
    """Lever values by open axis in catalogue order; words stay words."""
    return {code: values for code, values in levers.decode(indices).items() if code in AXES}


def _stress_bound(case: Case, indices: Indices) -> int:
    """Most stress rows the indices can need: one grid for each senior structure and pair of swaps."""
    axes = case.resolved.axes
    seniors = 1 + int(np.count_nonzero(np.diff(indices // axes.below_senior)))
    pairs = int(axes.lengths[AXIS_ORDER.index("zcis_tenor_years")] * axes.lengths[AXIS_ORDER.index("trs_share")])
    return min(seniors * pairs, indices.size) * len(case.scenarios)


def _drop_unsound(raw: Columns) -> None:
    """Permutations with an infinite result become math errors: counted, and without any figure."""
    unsound = np.zeros(raw["gate"].size, dtype=bool)
    for values in raw.values():
        unsound |= np.isinf(values)
    unsound |= (raw["gate"] == 2) & ~np.isfinite(raw["day_one_value"])
    unsound |= raw["reason"] == MATH_ERROR
    if not unsound.any():
        return
    for name, values in raw.items():
        values[unsound] = 0.0 if name in _NEVER_EMPTY else np.nan
    raw["reason"][unsound] = MATH_ERROR


def _apply_filter(raw: Columns, levers: LeverSet, indices: Indices, limit: HardFilter) -> None:
    tested = raw.get(limit.column)
    if tested is None:
        tested = levers.decode(indices).get(limit.column)
    if tested is None:
        tested = np.full(indices.size, AXES[limit.column].default, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        failed = ~_OPERATORS[limit.operator](tested, limit.value)
    alive = (raw["gate"] == 2) | (raw["near_miss"] == 1.0)
    pruned = failed & alive
    raw["gate"][pruned] = 1.0
    raw["near_miss"][pruned] = 0.0
    raw["reason"][pruned] = HARD_FILTER


def _typed(raw: Columns) -> Columns:
    return {spec.name: as_dtype(raw[spec.name], spec.dtype) for spec in RESULT_COLUMNS}


def as_dtype(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Floats as they are; whole numbers with -1 where nothing was computed."""
    if dtype == "float64":
        return values
    return np.where(np.isnan(values), -1.0, values).astype(dtype)


def _stress_columns(rows: NDArray[np.float64]) -> Columns:
    """Stress rows by column; cover has no number (NaN) where a shock leaves no service to cover."""
    rows = np.where(np.isinf(rows), np.nan, rows)
    return {spec.name: rows[:, k].astype(spec.dtype) for k, spec in enumerate(STRESS_COLUMNS.values())}


def _counts(columns: Columns) -> GateCounts:
    gate, reason = columns["gate"], columns["reason"]
    codes, counts = np.unique(reason, return_counts=True)
    stopped_early = np.isin(reason, (*GATE_A_REASONS, MATH_ERROR))
    return GateCounts(
        evaluated=int(gate.size),
        gate_a_alive=int(np.count_nonzero(~stopped_early)),
        gate_b_alive=int(np.count_nonzero(gate == 2)),
        near_misses=int(np.count_nonzero(columns["near_miss"] == 1)),
        by_reason={int(code): int(count) for code, count in zip(codes, counts, strict=True) if code != 0},
    )
