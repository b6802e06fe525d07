"""A run that reads tomorrow is caught, one that does not is left alone; walk-forward reads its windows only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.errors import InputProblems
from engine.strategies.backtest import Target, run_backtest
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.look_ahead import LookAhead, check_look_ahead, with_another_future
from engine.strategies.panels import Panel
from engine.strategies.walk_forward import Window, rows_of, walk_forward, windows_of
from tests.strategies.market import backtest_case, market, reference_prices, reference_targets

TERMS = BacktestTerms()


def checked(prices: Panel, make) -> LookAhead:
    targets = make(prices, prices.days.size)
    return check_look_ahead(prices, make, TERMS, run_backtest(prices, targets, TERMS), targets)


def ranked(prices: Panel, ahead: int) -> Sequence[Target]:
    """Long what rises most over the five days that end `ahead` days after the target."""
    close, found = prices["close"], []
    for row in range(5, prices.days.size - ahead, 10):
        moved = close[row + ahead] / close[row + ahead - 5]
        best = np.argsort(-np.nan_to_num(moved))[:2]
        found.append((row, {prices.names[k]: 0.5 for k in best}))
    return found


def test_the_reference_case_is_clean_and_moves_by_the_lag():
    found = checked(reference_prices(), lambda prices, last: reference_targets())
    assert found.is_clean
    assert f"{found.later_final_amount:.2f}" == backtest_case()["look_ahead_check"]["final_equity_lag_2"]
    assert found.cut_days == ("2026-05-13", "2026-06-01")  # the second and the fourth of five targets


def test_targets_of_the_past_are_clean():
    assert checked(market(80, 8, 3), lambda prices, last: ranked(prices, 0)).is_clean


def test_targets_that_read_the_next_close_are_caught_on_both_days():
    found = checked(market(80, 8, 3), lambda prices, last: ranked(prices, 1))
    assert not found.is_clean
    assert found.moved_days == found.cut_days
    assert "the targets read later prices" in found.words[1]


def test_a_market_of_the_whole_panel_is_caught():
    """Weights by the mean of all days, as a survivors' or a fitted-once signal would have them."""

    def make(prices: Panel, last: int) -> Sequence[Target]:
        mean = np.nanmean(prices["close"], axis=0)
        weights = dict(zip(prices.names, (mean / mean.sum()).tolist(), strict=True))
        return [(row, weights) for row in range(0, prices.days.size, 7)]

    assert not checked(market(60, 4, 5), make).is_clean


def test_a_run_without_a_trade_proves_nothing():
    found = checked(market(20, 2, 1), lambda prices, last: [])
    assert not found.is_clean
    assert found.words == ("Nothing was traded, so nothing could be checked.",)


def test_a_result_that_a_delay_does_not_change_is_not_clean():
    """Prices that stand still say nothing about the lag."""
    prices = market(10, 1, 1, halts=0.0, splits=0.0, dividends=0.0)
    still = Panel(prices.days, prices.names, {**prices.fields, "close": np.full((10, 1), 20.0), "adv_shares": np.full((10, 1), 1e9)})  # fmt: skip
    found = checked(still, lambda prices, last: [(2, {prices.names[0]: 1e-6})])
    assert not found.is_moved_by_lag
    assert not found.is_clean


def test_another_future_keeps_the_past():
    prices = market(20, 3, 1)
    other = with_another_future(prices, 9)
    for name in prices.fields:
        np.testing.assert_array_equal(other[name][:10], prices[name][:10])
    assert not np.array_equal(other["close"][10:], prices["close"][10:], equal_nan=True)
    np.testing.assert_array_equal(np.isnan(other["close"]), np.isnan(prices["close"]))


# Walk-forward


@pytest.mark.parametrize(
    ("days", "anchored", "windows"),
    [
        (10, False, [Window(0, 4, 7), Window(3, 7, 10)]),
        (11, False, [Window(0, 4, 7), Window(3, 7, 10), Window(6, 10, 11)]),
        (10, True, [Window(0, 4, 7), Window(0, 7, 10)]),
        (5, False, [Window(0, 4, 5)]),
    ],
)
def test_windows_follow_each_other(days, anchored, windows):
    assert list(windows_of(days, 4, 3, anchored)) == windows


@pytest.mark.parametrize(("days", "estimation", "test", "place"), [(4, 4, 1, "estimation_days"), (9, 1, 1, "estimation_days"), (9, 4, 0, "test_days")])  # fmt: skip
def test_windows_that_cannot_be_are_refused(days, estimation, test, place):
    with pytest.raises(InputProblems) as refused:
        windows_of(days, estimation, test)
    assert [problem.place for problem in refused.value.problems] == [place]


def momentum(past: Panel) -> dict[str, float]:
    moved = np.nan_to_num(past["close"][-1] / past["close"][0])
    return {past.names[int(moved.argmax())]: 0.9}


def test_weights_come_from_the_estimation_window_alone():
    prices, seen = market(40, 4, 7, halts=0.0), []

    def choose(past: Panel) -> dict[str, float]:
        seen.append((past.days[0], past.days[-1]))
        return momentum(past)

    found = walk_forward(prices, choose, TERMS, windows_of(40, 15, 10))
    assert seen == [(prices.days[first], prices.days[last]) for first, last in ((0, 14), (10, 24), (20, 34))]
    assert found.run.days[0] == prices.days[14]
    assert found.run.days[-1] == prices.days[39]
    assert np.prod([1 + each for each in found.returns]) == pytest.approx(found.run.equity[-1] / found.run.equity[0], rel=1e-12)  # fmt: skip


def test_it_is_the_plain_backtest_of_the_chosen_weights():
    prices, windows = market(40, 4, 7), windows_of(40, 15, 10)
    found = walk_forward(prices, momentum, TERMS, windows)
    targets = [(w.split - 1 - 14, momentum(rows_of(prices, w.first, w.split))) for w in windows]
    plain = run_backtest(rows_of(prices, 14, 40), targets, TERMS)
    assert (found.run.equity_cents == plain.equity_cents).all()


def test_nothing_outside_the_windows_matters():
    """The days before the first window and after the last are other ones: the result is the same."""
    prices = market(60, 4, 9)
    windows = tuple(Window(w.first + 10, w.split + 10, w.end + 10) for w in windows_of(40, 15, 10))
    other = with_another_future(prices, windows[-1].end - 1)
    other.fields["close"][:10] *= 3.0
    one, two = (walk_forward(each, momentum, TERMS, windows) for each in (prices, other))
    assert one.returns == two.returns
    assert (one.run.equity_cents == two.run.equity_cents).all()
