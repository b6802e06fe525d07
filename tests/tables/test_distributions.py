"""Values counted in bins, the same for every group."""

import numpy as np
import pytest

from tables.distributions import distribution


@pytest.mark.parametrize("apart", [0.0, 6e-8, 1e-6])
def test_values_that_differ_by_rounding_are_counted(apart: float) -> None:
    """A limit that sizes debt gives one amount from many levers, but for its last digits."""
    values = np.array([395e6, 395e6 + apart, np.nan, 395e6 - apart])
    found = distribution(values, np.array([1, 2, 1, 1]), {1: "one", 2: "two"})
    assert (sum(found.counts["one"]), sum(found.counts["two"]), found.missing) == (2, 1, 1)
    assert found.edges == sorted(set(found.edges))


def test_bins_span_what_is_known() -> None:
    found = distribution(np.array([0.0, 1.0, 4.0]), np.array([1, 1, 1]), {1: "one"})
    assert (found.edges[0], found.edges[-1], sum(found.counts["one"])) == (0.0, 4.0, 3)
