"""Measures of a score against hand sums, scipy and the prices inside skfolio's wheel."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from engine.strategies.panels import Panel
from engine.strategies.price_factors import PRICE_FACTORS, price_factors, total_return_index, volatility
from engine.strategies.signal_measures import (
    buckets_of,
    correlations,
    distribution,
    forward_returns,
    information_coefficient,
    quantile_returns,
    rank_correlations,
    series,
    turnover,
)
from tests.strategies.panel_cases import REFERENCE, weekdays

NAN = np.nan


def priced(close, **more) -> Panel:
    grid = np.array(close, float)
    return Panel(weekdays(len(grid)), tuple("ABCDEFGH"[: grid.shape[1]]),
                 {"close": grid, **{name: np.array(each, float) for name, each in more.items()}})  # fmt: skip


@pytest.fixture(scope="module")
def stocks() -> Panel:
    """The prices inside skfolio's wheel, up to the end of the reference window."""
    datasets = pytest.importorskip("skfolio.datasets")
    frame = datasets.load_sp500_dataset().loc["2009-12-01":"2014-12-31"]
    days = frame.index.to_numpy().astype("datetime64[D]")
    return Panel(days, tuple(frame.columns), {"close": frame.to_numpy(float)})


def test_momentum_of_real_prices_is_the_reference(stocks):
    wanted = json.loads((REFERENCE / "real_prices_2010_2014.json").read_text())["case"]["momentum_12_1"]
    found = dict(zip(stocks.names, price_factors(stocks)["momentum_12_1"][-1], strict=True))
    assert sorted(found) == sorted(wanted)
    for name, figure in wanted.items():
        assert found[name] == pytest.approx(figure, abs=5.1e-7)  # printed with six decimals


def test_price_factors_of_real_prices_by_slices(stocks):
    close, factors = stocks["close"], price_factors(stocks)
    assert tuple(factors.fields) == tuple(PRICE_FACTORS)
    at = 900
    np.testing.assert_allclose(factors["momentum_6_1"][at], close[at - 21] / close[at - 126] - 1)
    returns = close[at - 251 : at + 1] / close[at - 252 : at] - 1
    np.testing.assert_allclose(factors["low_volatility"][at], -returns.std(axis=0, ddof=1) * np.sqrt(252), rtol=1e-9)
    for name, first in (("momentum_12_1", 252), ("momentum_6_1", 126), ("low_volatility", 252)):
        assert np.isnan(factors[name][first - 1]).all()
        assert np.isfinite(factors[name][first]).all()


def test_price_factors_know_no_later_price(stocks):
    then = Panel(stocks.days[:800], stocks.names, {"close": stocks["close"][:800]})
    for name, grid in price_factors(then).fields.items():
        np.testing.assert_allclose(grid, price_factors(stocks)[name][:800], rtol=1e-9)


def test_total_return_puts_dividends_back_and_takes_splits_out():
    # 10 -> 11; then a split of 2 to 6 each; then 5.5 with 0.5 paid: 1.1, 1.2, 1.2.
    prices = priced(
        [[10], [11], [6], [5.5]], split_ratio=[[1], [1], [2], [NAN]], dividend_amount=[[0], [0], [0], [0.5]]
    )
    np.testing.assert_allclose(total_return_index(prices)[:, 0], [1, 1.1, 1.2, 1.2])


def test_total_return_stands_over_days_without_a_close_and_begins_with_the_first():
    prices = priced([[NAN], [10], [NAN], [NAN], [6]], split_ratio=[[1], [1], [1], [2], [1]])
    np.testing.assert_allclose(total_return_index(prices)[:, 0], [NAN, 1, 1, 1, 1.2])


def test_a_day_without_a_close_has_no_price_factor():
    close = np.cumprod(np.full((300, 2), 1.001), axis=0)
    close[280, 0] = NAN
    factors = price_factors(priced(close))
    assert np.isnan(factors["momentum_12_1"][280]).tolist() == [True, False]
    assert factors["momentum_12_1"][281, 0] == pytest.approx(1.001**231 - 1)


def test_a_volatility_needs_four_fifths_of_its_returns():
    index = np.cumprod(1 + np.tile([0.01, -0.01], 10)[:, None] * np.ones(2), axis=0).astype(np.float64)
    index[:12, 1] = NAN  # seven of the last ten returns are there, with one more level eight
    assert np.isnan(volatility(index, 10)[19]).tolist() == [False, True]
    index[11, 1] = 1.0
    assert np.isfinite(volatility(index, 10)[19]).all()


def test_distribution_by_hand_and_by_scipy():
    values = np.array([[1.0, 2.0, NAN], [3.0, 10.0, 4.0]])
    found = distribution(values)
    assert (found.count, found.missing, found.mean, found.low, found.high) == (5, 1, 4.0, 1.0, 10.0)
    assert found.sd == pytest.approx(np.sqrt(50 / 4))
    assert found.skew == pytest.approx(stats.skew([1, 2, 3, 10, 4]))
    assert found.quantiles == pytest.approx((1.2, 2.0, 3.0, 4.0, 8.8))


def test_a_distribution_of_nothing_says_nothing():
    assert distribution(np.full(3, NAN)).count == 0
    assert np.isnan(distribution(np.full(3, NAN)).mean)
    one = distribution(np.array([2.0]))
    assert (one.mean, one.low) == (2.0, 2.0)
    assert np.isnan([one.sd, one.skew]).all()


def test_forward_returns_begin_after_the_lag_and_end_with_the_panel():
    prices = priced([[1], [2], [4], [8], [24]])
    np.testing.assert_allclose(forward_returns(prices, np.arange(5), 2)[:, 0], [3, 5, NAN, NAN, NAN])
    np.testing.assert_allclose(forward_returns(prices, np.arange(5), 1, lag_days=0)[:, 0], [1, 1, 1, 2, NAN])


def test_a_name_that_stops_keeps_its_last_close_and_one_without_a_start_has_none():
    prices = priced([[1, 1], [2, NAN], [1, 3], [NAN, 6], [NAN, 6]])
    np.testing.assert_allclose(forward_returns(prices, np.array([0, 1]), 2), [[-0.5, NAN], [0.0, 1.0]])


def test_correlations_are_those_of_scipy():
    rng = np.random.default_rng(5)
    one, other = rng.integers(0, 6, 30).astype(float), rng.normal(size=30)
    assert correlations(one[None], other[None])[0] == pytest.approx(stats.pearsonr(one, other).statistic)
    assert rank_correlations(one[None], other[None])[0] == pytest.approx(stats.spearmanr(one, other).statistic)
    assert np.isnan(correlations(np.full((1, 3), 0.1), np.arange(3.0)[None]))[0]


def test_correlations_of_rows_leave_out_what_one_side_lacks():
    rng = np.random.default_rng(6)
    one, other = (np.where(rng.random((5, 30)) < 0.3, NAN, rng.normal(size=(5, 30)).round(1)) for _ in range(2))
    for row in range(5):
        both = np.isfinite(one[row]) & np.isfinite(other[row])
        wanted = stats.spearmanr(one[row][both], other[row][both]).statistic
        assert rank_correlations(one, other)[row] == pytest.approx(wanted)


def test_information_coefficient_by_date_needs_three_names():
    score = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, NAN], [3.0, 2.0, 1.0]])
    forward = np.array([[0.1, 0.2, 0.9], [0.1, 0.2, 0.3], [0.1, 0.2, 0.9]])
    rank = information_coefficient(score, forward, np.array([0, 1, 2]), 1)
    np.testing.assert_allclose(rank.by_date, [1, NAN, -1])
    assert (rank.mean, rank.apart) == (0.0, 2)
    plain = information_coefficient(score, forward, np.array([0, 1, 2]), 1, by_rank=False)
    assert plain.by_date[0] == pytest.approx(stats.pearsonr([1, 2, 3], [0.1, 0.2, 0.9]).statistic)


@pytest.mark.parametrize(("window", "counted"), [(1, [0, 1, 2, 4]), (2, [0, 2, 4]), (3, [0, 4]), (9, [0])])
def test_the_t_statistic_counts_dates_that_lie_apart(window, counted):
    figures = np.array([1.0, 2.0, 4.0, NAN, 3.0])
    found = series(figures, np.arange(5), window)
    assert (found.mean, found.apart) == (2.5, len(counted))
    if len(counted) > 1:
        assert found.t_statistic == pytest.approx(stats.ttest_1samp(figures[counted], 0).statistic)
    else:
        assert np.isnan(found.t_statistic)


def test_buckets_are_of_equal_size_and_equal_figures_share_one():
    assert buckets_of(np.arange(10.0)[None], 5).tolist() == [[0, 0, 1, 1, 2, 2, 3, 3, 4, 4]]
    assert buckets_of(np.array([[1.0, 1.0, 1.0, 9.0, NAN]]), 2).tolist() == [[0, 0, 0, 1, -1]]
    assert len(set(buckets_of(np.full((1, 6), 2.0), 3)[0].tolist())) == 1
    assert buckets_of(np.array([[1.0, 2.0, NAN]]), 3).tolist() == [[-1, -1, -1]]


def test_quantile_returns_by_hand():
    score = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [NAN, 1.0, NAN, NAN]])
    forward = np.array([[0.0, 0.02, 0.04, 0.08], [0.1, 0.1, 0.0, NAN], [0.5, 0.5, 0.5, 0.5]])
    found = quantile_returns(score, forward, np.array([0, 1, 2]), 1, buckets=2)
    # Date 0: (0, .02) and (.04, .08). Date 1, three names: 0 | .1, .1. Date 2 has one name: too few for two buckets.
    np.testing.assert_allclose(found.by_date, [[0.01, 0.06], [0.0, 0.1], [NAN, NAN]])
    np.testing.assert_allclose(found.means, [0.005, 0.08])
    np.testing.assert_allclose(found.spread.by_date, [0.05, 0.1, NAN])
    assert found.spread.mean == pytest.approx(0.075)


def test_turnover_by_hand():
    score = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 4.0, 3.0], [4.0, 3.0, 2.0, 1.0]])
    found = turnover(score, buckets=2)
    # Tops: {2, 3}, {2, 3}, {0, 1}; rank correlations 1 - 6 x 2 / 60 and 1 - 6 x (9 + 1 + 4 + 4) / 60.
    np.testing.assert_allclose(found.replaced, [NAN, 0.0, 1.0])
    np.testing.assert_allclose(found.autocorrelation, [NAN, 0.8, -0.8])
    assert found.mean_replaced_share == 0.5
    assert found.mean_autocorrelation == pytest.approx(0.0)
