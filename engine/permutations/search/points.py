"""Results of any points of the space, not only of those on a grid: each batch is walked as a grid of its own values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.axes import AXES, Lever
from engine.permutations.case import Case
from engine.permutations.evaluate import evaluate
from engine.permutations.levers import MAX_SPACE, LeverSet

Columns = dict[str, NDArray[Any]]


def evaluate_points(case: Case, levers: Mapping[str, Sequence[Lever]]) -> Columns:
    """Result columns of points, of which `levers` gives the values by lever; other levers stand as the case has them."""
    codes = [code for code in AXES if code in levers]
    count = len(levers[codes[0]])
    axes = [list(dict.fromkeys(levers[code])) for code in codes]
    if math.prod(len(values) for values in axes) >= MAX_SPACE:
        halves = (slice(None, count // 2), slice(count // 2, None))
        parts = [evaluate_points(case, {code: levers[code][half] for code in codes}) for half in halves]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    space = LeverSet(
        tuple((code, tuple(values)) for code, values in zip(codes, axes, strict=True)), case.levers.filters
    )
    index = _indices(space, levers, count)
    visited, place = np.unique(index, return_inverse=True)
    columns = evaluate(replace(case, levers=space), visited).columns
    return {name: values[place] for name, values in columns.items()}


def _indices(space: LeverSet, levers: Mapping[str, Sequence[Lever]], count: int) -> NDArray[np.int64]:
    index, strides = np.zeros(count, dtype=np.int64), space.strides()
    for code, values in space.axes:
        place = {value: n for n, value in enumerate(values)}
        index += strides[code][0] * np.array([place[value] for value in levers[code]], dtype=np.int64)
    return index
