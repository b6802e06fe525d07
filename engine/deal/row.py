"""A financing's result columns as they are kept: typed, and without any figure where one is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.columns import RESULT_COLUMNS
from engine.deal.flow import equity_proceeds
from engine.deal.reasons import MATH_ERROR, NOT_COMPUTED, PASSED_BOTH
from engine.deal.result import (
    C_COVERAGE,
    C_SPONSOR_EQUITY,
    RESULT_SIZE,
    STRESS_SIZE,
    fill_price,
    fill_result,
    fill_stopped,
)
from engine.deal.structure import Structure
from engine.waterfall.kernel import whole_sheet

Columns = dict[str, NDArray[Any]]
Value = float | int | str | None
_NEVER_EMPTY = frozenset({"gate", "reason", "near_miss"})


def result_row(structure: Structure) -> dict[str, Value]:
    """The financing's result columns; None where nothing was computed."""
    deal = structure.deal
    resolved, levers, work = deal.resolved, deal.levers, structure.work
    out, stress_out = np.full(RESULT_SIZE, np.nan), np.empty((len(deal.scenarios), STRESS_SIZE))
    senior, mezz, stack = structure.senior, structure.mezz, structure.stack
    discount = resolved.paths.equity_discount[0]
    coverage, reason = structure.gate_a
    if reason:
        fill_stopped(resolved.project, senior, mezz, stack, reason, out)
    else:
        fill_result(resolved, levers.flow, structure.cash, senior, mezz, stack, work, structure.bench, out, stress_out)
        if not np.isnan(out[C_SPONSOR_EQUITY]):
            sheet = whole_sheet(work.periods)
            proceeds = equity_proceeds(resolved.project, work.contributions, sheet, discount, 1.0)
            fill_price(senior, mezz, proceeds, levers.equity_irr_rate, out)
    out[C_COVERAGE] = coverage
    raw = {spec.name: out[k : k + 1] for k, spec in enumerate(RESULT_COLUMNS)}
    drop_unsound(raw)
    return plain_row(typed(raw))


def plain_row(columns: Columns) -> dict[str, Value]:
    """The first row of the columns; None where nothing was computed."""
    return {spec.name: _plain(columns[spec.name][0], spec.dtype) for spec in RESULT_COLUMNS}


def _plain(value: Any, dtype: str) -> Value:
    if dtype == "float64":
        return None if np.isnan(value) else float(value)
    return None if value == NOT_COMPUTED else int(value)


def drop_unsound(raw: Columns) -> None:
    """Permutations with an infinite result become math errors: counted, and without any figure."""
    unsound = np.zeros(raw["gate"].size, dtype=bool)
    for values in raw.values():
        unsound |= np.isinf(values)
    unsound |= (raw["gate"] == PASSED_BOTH) & ~np.isfinite(raw["day_one_value"])
    unsound |= raw["reason"] == MATH_ERROR
    if not unsound.any():
        return
    for name, values in raw.items():
        values[unsound] = 0.0 if name in _NEVER_EMPTY else np.nan
    raw["reason"][unsound] = MATH_ERROR


def typed(raw: Columns) -> Columns:
    """Result columns as they are kept."""
    return {spec.name: as_dtype(raw[spec.name], spec.dtype) for spec in RESULT_COLUMNS}


def as_dtype(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Floats as they are; whole numbers with -1 where nothing was computed."""
    if dtype == "float64":
        return values
    return np.where(np.isnan(values), float(NOT_COMPUTED), values).astype(dtype)
