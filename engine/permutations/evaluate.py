"""Results of a set of permutations as typed columns, with what happened at each gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.limits import keeps
from engine.deal.axes import AXES
from engine.deal.columns import RESULT_COLUMNS, STRESS_COLUMNS
from engine.deal.numbers import A_DSRA, A_TRS, A_ZCIS
from engine.deal.reasons import GATE_A, HARD_FILTER, MATH_ERROR, PASSED_BOTH, REASONS, STOPPED_AT_B, is_alive
from engine.deal.row import drop_unsound, typed
from engine.permutations.case import Case
from engine.permutations.levers import HardFilter, Indices, LeverSet
from engine.permutations.walk import RESULT_SIZE, STRESS_SIZE, walk

Columns = dict[str, NDArray[Any]]
Counts = NDArray[np.int64]
# How many permutations are worked out before those that stopped are let go of, and the axes that are counted value by value.
BLOCK, MOST_VALUES_COUNTED = 65_536, 100
_REASON_CODES = max(REASONS) + 1


@dataclass(frozen=True, slots=True)
class GateCounts:
    """How many permutations were evaluated, are alive after each gate, and why the others stopped.

    `by_lever` has for each open axis of at most MOST_VALUES_COUNTED values their number by value and reason; 0 is passed.
    """

    evaluated: int
    gate_a_alive: int
    gate_b_alive: int
    near_misses: int
    by_reason: dict[int, int]
    by_lever: dict[str, Counts]

    @classmethod
    def total(cls, parts: Sequence[GateCounts]) -> GateCounts:
        """The counts of all parts together; of at least one."""
        reasons = Counter[int]()
        for part in parts:
            reasons.update(part.by_reason)
        return cls(
            evaluated=sum(part.evaluated for part in parts),
            gate_a_alive=sum(part.gate_a_alive for part in parts),
            gate_b_alive=sum(part.gate_b_alive for part in parts),
            near_misses=sum(part.near_misses for part in parts),
            by_reason={code: reasons[code] for code in sorted(reasons)},
            by_lever={code: np.sum([part.by_lever[code] for part in parts], axis=0) for code in parts[0].by_lever},
        )


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Result columns by name (integer columns use -1 for "not computed", floats NaN), stress rows, counts."""

    columns: Columns
    stress: Columns
    counts: GateCounts


def evaluate(case: Case, indices: Indices) -> Evaluated:
    """Results of sorted permutation `indices` of the case's space."""
    return _evaluate(case, indices, alive_only=False)


def evaluate_alive(case: Case, indices: Indices) -> Iterator[Evaluated]:
    """Block by block the results of those that passed or nearly did, and the counts of all.

    Memory follows what is alive, not what is visited.
    """
    for at in range(0, max(indices.size, 1), BLOCK):
        yield _evaluate(case, indices[at : at + BLOCK], alive_only=True)


def _evaluate(case: Case, indices: Indices, *, alive_only: bool) -> Evaluated:
    out = np.full((RESULT_SIZE, indices.size), np.nan)
    stress_out = np.empty((_stress_bound(case, indices), STRESS_SIZE))
    used = walk(case.resolved, case.axes, indices, out, stress_out)
    raw = {spec.name: out[k] for k, spec in enumerate(RESULT_COLUMNS)}
    drop_unsound(raw)
    for hard_filter in case.levers.filters:
        _apply_filter(raw, case, indices, hard_filter)
    counts = _counts(raw, case.levers, indices)
    if alive_only:
        alive = np.flatnonzero(is_alive(raw["gate"], raw["near_miss"]))
        indices, raw = indices[alive], {name: values[alive] for name, values in raw.items()}
    columns = {"index": indices, **lever_columns(case.levers, indices), **typed(raw)}
    return Evaluated(columns, _stress_columns(stress_out[:used]), counts)


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


def _counts(raw: Columns, levers: LeverSet, indices: Indices) -> GateCounts:
    gate, reason = raw["gate"], raw["reason"].astype(np.int64)
    by_reason = np.bincount(reason, minlength=_REASON_CODES)
    return GateCounts(
        evaluated=int(gate.size),
        gate_a_alive=int(gate.size - by_reason[[*GATE_A, MATH_ERROR]].sum()),
        gate_b_alive=int(np.count_nonzero(gate == PASSED_BOTH)),
        near_misses=int(np.count_nonzero(raw["near_miss"] == 1)),
        by_reason={int(code): int(by_reason[code]) for code in np.flatnonzero(by_reason) if code != 0},
        by_lever={
            code: _by_value(indices // stride % length, length, reason)
            for code, (stride, length) in levers.strides().items()
            if length <= MOST_VALUES_COUNTED
        },
    )


def _by_value(position: NDArray[np.int64], length: int, reason: NDArray[np.int64]) -> Counts:
    found = np.bincount(position * _REASON_CODES + reason, minlength=length * _REASON_CODES)
    return found.reshape(length, _REASON_CODES)
