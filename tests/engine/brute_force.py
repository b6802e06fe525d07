"""The comparison the walk's tests make: every figure of every permutation against its plain twin."""

from __future__ import annotations

import math

import numpy as np

from engine.permutations import RESULT_COLUMNS, Case, Evaluated, evaluate
from engine.permutations.levers import Indices
from tests.engine.book import Priced, price

# A rate found by bisection, and sums of hundreds of months, agree to so many digits.
RELATIVE = 1e-8
MONEY = tuple(spec.name for spec in RESULT_COLUMNS if spec.unit == "amount")
WHOLE = tuple(spec.name for spec in RESULT_COLUMNS if spec.dtype != "float64")


def assert_same(got: float, expected: float, scale: float, where: object) -> None:
    """Equal to nine digits, or to nine digits of the deal's size near zero; empty where empty."""
    if math.isnan(expected) or math.isnan(got):
        assert math.isnan(expected) == math.isnan(got), f"{where}: expected {expected!r}, got {got!r}"
        return
    close = math.isclose(got, expected, rel_tol=RELATIVE, abs_tol=RELATIVE * scale)
    assert close, f"{where}: expected {expected!r}, got {got!r}"


def alive(found: Evaluated) -> Indices:
    """Positions of the permutations that passed or nearly did."""
    columns = found.columns
    return np.flatnonzero((columns["gate"] == 2) | (columns["near_miss"] == 1))


def picked(case: Case, alive_count: int, stopped_count: int) -> Indices:
    """Some permutations of a small space, evenly spread: so many that live, so many that were stopped."""
    found = evaluate(case, np.arange(case.levers.size, dtype=np.int64))
    living = alive(found)
    stopped = np.setdiff1d(np.arange(case.levers.size), living)
    return np.union1d(_spread(living, alive_count), _spread(stopped, stopped_count)).astype(np.int64)


def _spread(positions: Indices, count: int) -> Indices:
    return (
        positions[np.unique(np.linspace(0, positions.size - 1, count).astype(np.int64))]
        if positions.size
        else positions
    )


def assert_walk_is_brute_force(case: Case, indices: Indices | None = None) -> Evaluated:
    """What the walk found, after holding each row of it and of the stress table to the twin."""
    indices = np.arange(case.levers.size, dtype=np.int64) if indices is None else indices
    found = evaluate(case, indices)
    priced = {index: price(case, index) for index in indices.tolist()}
    for k, index in enumerate(indices.tolist()):
        row = {spec.name: float(found.columns[spec.name][k]) for spec in RESULT_COLUMNS}
        _assert_row(case, index, row, priced[index].columns)
    _assert_stress(priced, indices, found)
    return found


def _assert_row(case: Case, index: int, got: dict[str, float], expected: dict[str, float]) -> None:
    levers = case.levers.levers_at(index)
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        wanted = -1.0 if name in WHOLE and math.isnan(value) else value
        scale = case.inputs.capex_internal.total_amount if name in MONEY else 1.0
        assert_same(got[name], wanted, scale, (index, name, levers))


def _assert_stress(priced: dict[int, Priced], indices: Indices, found: Evaluated) -> None:
    """Each stress key has the rows of the first permutation that names it, and no key is missing or extra."""
    rows: dict[int, list[dict[str, float]]] = {}
    for k in range(found.stress["scenario"].size):
        row = {name: float(values[k]) for name, values in found.stress.items()}
        rows.setdefault(int(row["stress_key"]), []).append(row)
    first = {int(key): int(indices[k]) for k, key in reversed(list(enumerate(found.columns["stress_key"]))) if key >= 0}
    assert rows.keys() == first.keys()
    for key, index in first.items():
        for got, expected in zip(rows[key], priced[index].stress, strict=True):
            assert got.keys() == expected.keys()
            for name, value in expected.items():
                assert_same(got[name], value, 1.0, (index, expected["scenario"], name))
