"""A limit below, at and above a computed number, for each comparison."""

import numpy as np
import pytest

from engine.basics.limits import SLACK, bounds, keeps

AT = (1.3, np.nextafter(1.3, 0.0), np.nextafter(1.3, 2.0), 1.3 * (1 - 0.5 * SLACK), 1.3 * (1 + 0.5 * SLACK))
BELOW, ABOVE = 1.3 - 3 * SLACK, 1.3 + 3 * SLACK


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
        ("=", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_a_number_beside_its_limit_by_rounding_is_at_it(operator: str, below: bool, at: bool, above: bool):
    assert bool(keeps(BELOW, operator, 1.3)) is below
    assert bool(keeps(ABOVE, operator, 1.3)) is above
    assert keeps(np.array(AT), operator, 1.3).tolist() == [at] * len(AT)


@pytest.mark.parametrize("limit", [2.5e8, -2.5e8])
def test_the_slack_grows_with_the_limit(limit: float):
    low, high = bounds(limit)
    assert (limit - low, high - limit) == pytest.approx((0.25, 0.25))
    assert keeps(np.array([limit - 0.3, limit - 0.2, limit + 0.2]), ">=", limit).tolist() == [False, True, True]


def test_small_rates_are_told_apart():
    assert not keeps(0.055 - 1e-8, ">=", 0.055)
    assert not keeps(1e-8, "<=", 0.0)


def test_what_was_not_computed_keeps_no_limit():
    for operator in ("<", "<=", ">", ">=", "="):
        assert not keeps(float("nan"), operator, 1.3)
