"""Lanes against numbers: a kernel on eight at a time gives each what it gives it alone, to the last bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numba.core.errors import TypingError

from engine.basics.lanes import LANES, any_of, each, over, pick, put, take, take_lanes, width_of
from engine.measures.cover import COVER_SIZE, fill_cover
from engine.measures.returns import IrrStatus, Stream, irr_monthly, irr_of_sides
from engine.waterfall.kernel import fill_tests, pay, run_waterfall
from engine.waterfall.terms import (
    COLUMNS,
    FLAG_BITS,
    SENIOR_BALANCE,
    SENIOR_UNPAID,
    Sheet,
    WaterfallPaths,
    WaterfallTerms,
)

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
    put(out, 6 * width, math.exp(a))
    put(out, 7 * width, math.log(b))
    put(out, 8 * width, math.expm1(a))
    put(out, 9 * width, each(1.0 if any_of(near) else 0.0, a))


@njit
def _worked_abreast(a, b, out):
    _worked(take_lanes(a, 0), take_lanes(b, 0), out)


@given(st.lists(ANY, min_size=2 * LANES, max_size=2 * LANES))
def test_each_lane_is_worked_out_as_a_number_is(drawn):
    a, b = np.array(drawn[:LANES]), np.array(drawn[LANES:])
    abreast, alone = np.empty((10, LANES)), np.empty((10, LANES))
    _worked_abreast(a, b, abreast.reshape(-1))
    for lane in range(LANES):
        one = np.empty(10)
        _worked(a[lane], b[lane], one)
        alone[:, lane] = one
    np.testing.assert_array_equal(abreast[:9], alone[:9])
    zeros = abreast[:9] == 0.0
    assert (np.signbit(abreast[:9][zeros]) == np.signbit(alone[:9][zeros])).all()
    assert (abreast[9] == alone[9].max()).all()


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
def _waterfalls(paths, terms, figures, targets, sheet, raised):
    maturity: Any = take_lanes(figures[3], 0)
    own = WaterfallTerms(
        terms.months, terms.senior_maturity, take_lanes(figures[0], 0), take_lanes(figures[1], 0),
        take_lanes(figures[2], 0), maturity, take_lanes(figures[4], 0), take_lanes(figures[5], 0),
        take_lanes(figures[6], 0), take_lanes(figures[7], 0), take_lanes(figures[8], 0), terms.dsra_months,
        take_lanes(figures[9], 0), terms.window_months, terms.sweeps, terms.mezz_sweeps, take_lanes(figures[10], 0),
        terms.sweep_ratio,
    )  # fmt: skip
    fill_tests(paths, own, sheet)
    paid = pay(paths, own, targets, terms.months, sheet)
    put(raised, 0, paid.flags)
    put(raised, LANES, paid.unpaid_amount)
    put(raised, 2 * LANES, paid.senior_amount)


@given(
    st.integers(0, 2**32 - 1), st.integers(2, MONTHS - 1), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.4]),
    st.booleans(),
)  # fmt: skip
def test_waterfalls_of_eight_deals_are_those_of_each(seed, maturity, sweeps, mezz_sweeps, sweep_ratio, is_relet):
    draw, columns = np.random.default_rng(seed), len(COLUMNS)
    income, costs = draw.normal(6.0, 3.0, (MONTHS, LANES)), draw.uniform(0.0, 2.0, (MONTHS, LANES))
    swap = draw.normal(0.0, 0.5, (MONTHS, LANES))
    schedules = [np.sort(draw.uniform(0.0, 100.0, (MONTHS + 1, LANES)), axis=0)[::-1].copy() for _ in range(2)]
    if is_relet:
        schedules[0][maturity + 1 :] *= draw.uniform(0.9, 1.3, (MONTHS - maturity, LANES))
    targets = draw.uniform(0.0, 20.0, (MONTHS + 1, LANES))
    rates = (
        draw.uniform(0.0, 0.01, (3, LANES)),
        draw.integers(1, MONTHS + 1, LANES)[None],
        draw.uniform(0.0, 0.02, (2, LANES)),
    )
    figures = np.concatenate((*rates, draw.normal(0.0, 0.002, (1, LANES)), draw.uniform(0.0, 40.0, (4, LANES))))
    levels, shares = np.array([1.2, 1.1]), np.array([0.5, 1.0])
    places, raised = np.arange(columns) * MONTHS * LANES, np.empty((3, LANES))
    sheet = Sheet(np.empty(columns * MONTHS * LANES), places, LANES)
    paths = WaterfallPaths._make([*(path.reshape(-1) for path in (income, costs, swap, *schedules)), levels, shares])

    def terms_of(lane):
        own = figures[:, lane].tolist()
        sized = (*own[:3], int(own[3]), *own[4:9], 6, own[9], 6)
        return WaterfallTerms._make((MONTHS, maturity, *sized, sweeps, mezz_sweeps, own[10], sweep_ratio))

    _waterfalls(paths, terms_of(0), figures, targets.reshape(-1), sheet, raised.reshape(-1))
    abreast = sheet.cells.reshape(columns, MONTHS, LANES)
    for lane in range(LANES):
        own = [np.ascontiguousarray(path[:, lane]) for path in (income, costs, swap, *schedules, targets)]
        alone = np.empty((MONTHS, columns))
        flags = run_waterfall(WaterfallPaths._make([*own[:5], levels, shares]), terms_of(lane), own[5], alone)
        np.testing.assert_array_equal(abreast[:, :, lane].T, alone)
        assert raised[0, lane] == flags == np.bitwise_or.reduce(alone[:, FLAG_BITS].astype(int))
        assert raised[1, lane] == max(alone[:, SENIOR_UNPAID].max(), 0.0)
        assert raised[2, lane] == alone[-1, SENIOR_BALANCE]


@njit
def _rates(flows, before, asked, out):
    after = flows.size // LANES - before
    sides = Stream(flows, 0, LANES, before), Stream(flows, before * LANES, LANES, after)
    put(out, 0, irr_of_sides(sides[0], sides[1], take_lanes(asked, 0) > 0.0))


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 40))
def test_rates_of_return_of_eight_streams_are_those_of_each(seed, before, after):
    draw = np.random.default_rng(seed)
    flows = draw.uniform(0.0, 10.0, (before + after, LANES))
    flows[:before] *= -draw.uniform(0.1, 4.0, LANES)
    # Streams that change sign more than once, never, or not where the sides meet; one nobody asks for.
    flows[:, 1] = draw.normal(0.0, 1.0, before + after)
    flows[:, 2] = np.abs(flows[:, 2])
    flows[-1, 3] = -5.0
    flows[before:, 4] = 0.0
    flows[before // 2 : before, 5] *= -1.0
    asked = np.ones(LANES)
    asked[6] = 0.0
    abreast = np.empty(LANES)
    _rates(flows.reshape(-1), before, asked, abreast)
    for lane in range(LANES):
        own = np.ascontiguousarray(flows[:, lane])
        alone = irr_of_sides(Stream(own, 0, 1, before), Stream(own, before, 1, after), bool(asked[lane]))
        np.testing.assert_array_equal(abreast[lane], alone)
        found, status = irr_monthly(0, own)
        known = found if asked[lane] and status <= IrrStatus.SEVERAL_POSSIBLE else math.nan
        assert alone == pytest.approx(known, rel=1e-9, abs=1e-12, nan_ok=True)


@njit
def _taken(numbers):
    return take(numbers, 0, 1.0)


def test_lanes_are_only_taken_from_numbers_that_stand_side_by_side():
    with pytest.raises(TypingError, match="side by side"):
        _taken(np.zeros((4, 4))[:, 0])
