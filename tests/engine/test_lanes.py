"""Lanes against numbers: a kernel on eight at a time gives each what it gives it alone, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numba.core.errors import TypingError

from engine.basics.lanes import LANES, any_of, each, over, pick, put, take, take_lanes, width_of
from engine.measures.cover import COVER_SIZE, fill_cover

ANY = st.floats() | st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0])
MONTHS = 36


@njit
def _worked(a, b, out):
    width = width_of(a)
    near = (a < b) | (a >= 2.0 * b) & (b == 2.0)
    put(out, 0, a + b - 1.0)
    put(out, width, -a * b)
    put(out, 2 * width, over(a, b))
    put(out, 3 * width, min(a, b))
    put(out, 4 * width, max(a, b))
    put(out, 5 * width, pick(near, a, b))
    put(out, 6 * width, each(1.0 if any_of(near) else 0.0, a))


@njit
def _worked_abreast(a, b, out):
    _worked(take_lanes(a, 0), take_lanes(b, 0), out)


@given(st.lists(ANY, min_size=2 * LANES, max_size=2 * LANES))
def test_each_lane_is_worked_out_as_a_number_is(drawn):
    a, b = np.array(drawn[:LANES]), np.array(drawn[LANES:])
    abreast, alone = np.empty((7, LANES)), np.empty((7, LANES))
    _worked_abreast(a, b, abreast.reshape(-1))
    for lane in range(LANES):
        one = np.empty(7)
        _worked(a[lane], b[lane], one)
        alone[:, lane] = one
    np.testing.assert_array_equal(abreast[:6], alone[:6])
    zeros = abreast[:6] == 0.0
    assert (np.signbit(abreast[:6][zeros]) == np.signbit(alone[:6][zeros])).all()
    assert (abreast[6] == alone[6].max()).all()


@njit
def _covers(cash, swaps, balances, carries, rates, maturity, notional, out):
    fill_cover(
        cash, swaps, 2.0, balances, take_lanes(carries, 0), take_lanes(rates, 0), maturity, MONTHS, notional, out
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, MONTHS), st.sampled_from([0.0, 3.0]), st.booleans())
def test_covers_of_eight_paths_are_those_of_each(seed, maturity, notional, balloons):
    draw = np.random.default_rng(seed)
    cash, swaps = draw.normal(4.0, 3.0, (MONTHS, LANES)), draw.normal(0.0, 0.5, (MONTHS, LANES))
    balances = np.sort(draw.uniform(0.0, 100.0, MONTHS + 1))[::-1].copy()
    balances[maturity if not balloons else maturity + 1 :] = 0.0
    carries, rates = draw.normal(0.0, 0.01, LANES), draw.uniform(-0.001, 0.02, LANES)
    abreast = np.empty((COVER_SIZE, LANES))
    _covers(cash.reshape(-1), swaps.reshape(-1), balances, carries, rates, maturity, notional, abreast.reshape(-1))
    for lane in range(LANES):
        alone = np.empty(COVER_SIZE)
        path, swap = np.ascontiguousarray(cash[:, lane]), np.ascontiguousarray(swaps[:, lane])
        fill_cover(path, swap, 2.0, balances, carries[lane], rates[lane], maturity, MONTHS, notional, alone)
        np.testing.assert_array_equal(abreast[:, lane], alone)


@njit
def _taken(numbers):
    return take(numbers, 0, 1.0)


def test_lanes_are_only_taken_from_numbers_that_stand_side_by_side():
    with pytest.raises(TypingError, match="side by side"):
        _taken(np.zeros((4, 4))[:, 0])
