"""The shared walk gives what one permutation at a time gives, straight from the paper."""

from __future__ import annotations

import math

import numpy as np

from engine.permutations import RESULT_COLUMNS, evaluate
from engine.permutations.plain import plain_permutation, plain_stress
from tests.engine.deals import deal

RELATIVE = 1e-9
NAMES = [spec.name for spec in RESULT_COLUMNS]
WHOLE = {spec.name for spec in RESULT_COLUMNS if spec.dtype != "float64"}


def assert_same(got, expected, scale, where):
    """Equal to nine digits of the larger, or of the deal's size for amounts near zero; empty where empty."""
    if math.isnan(expected) or math.isnan(got):
        assert math.isnan(expected) == math.isnan(got), f"{where}: expected {expected}, got {got}"
    else:
        assert math.isclose(got, expected, rel_tol=RELATIVE, abs_tol=1e-9 * scale), (
            f"{where}: expected {expected!r}, got {got!r}"
        )


def assert_walk_is_brute_force(case, indices=None):
    indices = np.arange(case.levers.size, dtype=np.int64) if indices is None else indices
    found = evaluate(case, indices)
    for k, index in enumerate(indices.tolist()):
        expected = plain_permutation(case, index)
        for name in NAMES:
            got = float(found.columns[name][k])
            if name in WHOLE:
                expected[name] = -1.0 if math.isnan(expected[name]) else expected[name]
            scale = case.inputs.capex_internal.total_amount if name.endswith(("_amount", "_value")) else 1.0
            assert_same(got, expected[name], scale, (index, case.levers.levers_at(index), name))
    assert_stress_is_brute_force(case, indices, found)
    return found


def assert_stress_is_brute_force(case, indices, found):
    rows = {}
    for k in range(found.stress["scenario"].size):
        row = {name: float(values[k]) for name, values in found.stress.items()}
        rows[int(row["stress_key"]), int(row["scenario"])] = row
    expected = {(r["stress_key"], r["scenario"]): r for index in indices.tolist() for r in plain_stress(case, index)}
    assert rows.keys() == expected.keys()
    for key, row in expected.items():
        for name, value in row.items():
            assert_same(rows[key][name], value, 1.0, (key, name))


SMALL = {
    "senior_tenor_years": [10, 15, 19],
    "senior_amortisation": ["annuity", "straight_line", "sculpted", "interest_only"],
    "senior_coupon_rate": [0.045, 0.06],
    "senior_dscr": [1.2, 1.35],
    "mezz_dscr": [1.1, 1.2],
    "mezz_coupon_rate": [0.06, 0.1],
    "zcis_tenor_years": [0, 10],
    "trs_share": [0.0, 0.25],
}


def test_small_space():
    case = deal(SMALL)
    sampled = np.arange(0, case.levers.size, 5, dtype=np.int64)
    found = assert_walk_is_brute_force(case, sampled)
    assert {0, 1, 2} <= set(found.columns["gate"].tolist())
