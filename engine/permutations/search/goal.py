"""How good a point is: what it misses of the gates and limits, and of those that miss nothing the objective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.limits import keeps
from engine.deal.columns import RESULT_COLUMNS
from engine.deal.reasons import PASSED_BOTH, STOPPED_AT_A, UNCOVERED
from engine.permutations.levers import HardFilter
from engine.permutations.search.terms import EQUITY_RATIO, GOALS, SearchTerms

Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]

# Machines differ in the last bits of a result: merits are compared to so many decimals, values to so many digits.
DECIMALS, DIGITS = 10, 12
# A point that fails is worse the earlier it is stopped: Gate A, its coverage, Gate B, the limits.
_AT_GATE_A, _UNCOVERED, _AT_GATE_B = 30.0, 20.0, 10.0
_SOUND = 2.0
_OF_GATES = ("gate", "reason", "coverage_ratio", "binding_headroom_ratio", "stress_passed")
_OF_EQUITY = ("sponsor_equity_amount", "senior_proceeds_amount", "mezz_proceeds_amount")
_RESULTS = frozenset(spec.name for spec in RESULT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is looked for: a column to raise (sign 1) or to lower (-1), and the limits that hold.

    `scale` is the size of a large difference in the column. `ranked`: what survives every stress goes before the rest,
    as in the ranking of a run.
    """

    column: str
    sign: float
    limits: tuple[HardFilter, ...]
    scale: float = 1.0
    ranked: bool = False

    def merits(self, columns: Columns) -> Floats:
        """The lower the better: -1 to 1 where all is kept, in the objective's order; above 1 by how much is missed.

        Of a ranked goal -3 to -1 where every stress is survived, too.
        """
        value = self.values(columns)
        missed = _gate_misses(columns)
        for limit in self.limits:
            missed = missed + _limit_misses(columns, limit)
        missed = np.where(np.isnan(value), np.maximum(missed, 1.0), missed)
        kept = -value / (self.scale + np.abs(value))
        if self.ranked:
            kept = kept - _SOUND * (columns["stress_passed"] == 1)
        merits: Floats = np.where(missed > 0.0, 1.0 + missed, np.nan_to_num(kept))
        return np.round(merits, DECIMALS)

    def values(self, columns: Columns) -> Floats:
        """The objective, more of it being better; NaN where there is none."""
        return self.sign * np.asarray(columns[self.column], dtype=np.float64)

    def first(self, columns: Columns) -> int | None:
        """The place of the best point that keeps all, the earliest of equals; None where none does."""
        if not columns["gate"].size:
            return None
        merits = self.merits(columns)
        if merits.min() >= 1.0:
            return None
        ahead = merits < (-1.0 if merits.min() < -1.0 else 1.0)
        value = np.where(ahead, self.values(columns), -np.inf)
        best = value.max()
        digits = abs(best) * 10.0**-DIGITS
        return int(np.argmax(value >= best - digits))


def needed_columns(terms: SearchTerms, measures: Mapping[str, str]) -> tuple[str, ...]:
    """The result columns that goals of these terms and measures read."""
    asked = (GOALS[terms.objective][0], *(limit.column for limit in terms.limits), *measures)
    return tuple(dict.fromkeys(name for name in (*_OF_GATES, *_OF_EQUITY, *asked) if name in _RESULTS))


def measured(columns: Columns) -> Columns:
    """The columns with the share of equity, where the results do not hold it."""
    if EQUITY_RATIO in columns:
        return columns
    equity, senior, mezz = (np.asarray(columns[name], dtype=np.float64) for name in _OF_EQUITY)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = equity / (equity + senior + mezz)
    return {**columns, EQUITY_RATIO: np.where(np.isfinite(share), share, np.nan)}


def _gate_misses(columns: Columns) -> Floats:
    """0 of what passed both gates; else how early it was stopped, and by how much where the engine says."""
    gate = columns["gate"]
    uncovered = (gate == STOPPED_AT_A) & (columns["reason"] == UNCOVERED)
    stopped = np.where(gate == STOPPED_AT_A, _AT_GATE_A, _AT_GATE_B + _within(-columns["binding_headroom_ratio"]))
    stopped = np.where(uncovered, _UNCOVERED + _within(1.0 - columns["coverage_ratio"]), stopped)
    return np.where(gate == PASSED_BOTH, 0.0, stopped)


def _limit_misses(columns: Columns, limit: HardFilter) -> Floats:
    """0 where a limit is kept, else the part of it that is missed, never nil."""
    values = np.asarray(columns[limit.column], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        kept = keeps(values, limit.operator, limit.value)
        far = _within(np.abs(values - limit.value) / max(abs(limit.value), 1.0))
    return np.where(kept, 0.0, np.maximum(far, 1e-6))


def _within(values: Floats) -> Floats:
    """Between 0 and 1; 1 for what is no number."""
    return np.clip(np.nan_to_num(values, nan=1.0), 0.0, 1.0)
