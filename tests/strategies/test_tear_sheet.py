"""The figures of a run against the reference case, hand computations and sums that must hold."""

from __future__ import annotations

import json
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.strategies.backtest import run_backtest
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.tear_sheet import (
    daily_returns,
    longest_below_peak,
    monthly_returns,
    tear_sheet,
    worst_drawdown,
    yearly_return,
)
from tests.strategies.market import (
    backtest_case,
    business_days,
    market,
    random_targets,
    reference_prices,
    reference_targets,
)


@pytest.fixture(scope="module")
def sheet():
    return tear_sheet(run_backtest(reference_prices(), reference_targets(), BacktestTerms()))


def test_figures_of_the_reference_case(sheet):
    expected = backtest_case()["expected"]
    assert sheet.total_return == pytest.approx(float(expected["total_return"]), abs=1e-11)
    assert sheet.drawdown.depth_ratio == pytest.approx(float(expected["max_drawdown"]), abs=1e-11)
    assert sheet.daily_mean == pytest.approx(float(expected["daily_mean"]), rel=1e-9)
    assert sheet.daily_deviation == pytest.approx(float(expected["daily_sd_ddof1"]), rel=1e-9)
    assert sheet.sharpe_ratio == pytest.approx(float(expected["sharpe_252_no_rf"]), rel=1e-9)
    assert sheet.volatility == pytest.approx(float(expected["daily_sd_ddof1"]) * sqrt(252), rel=1e-9)


def test_the_waterfall_of_the_reference_case(sheet):
    """Prices lost 103,166.35 - 2,734.00 + 3,507.15 + 1,871.08 + 474.59 less: -100,047.53."""
    assert sheet.waterfall == pytest.approx(
        {
            "start": 1_000_000.0, "prices": -100_047.53, "dividends": 2_734.0, "slippage": -3_507.15,
            "commission": -1_871.08, "borrow": -474.59, "end": 896_833.65,
        },
        abs=1e-6,
    )  # fmt: skip


def test_months_and_turnover_of_the_reference_case(sheet):
    """May ends at 934,897.39, June at 896,833.65; 3,742,146.75 traded over the mean equity and 30 of 252 days."""
    assert sheet.months[2026] == pytest.approx({5: 934_897.39 / 1e6 - 1, 6: 896_833.65 / 934_897.39 - 1}, rel=1e-12)
    mean = np.mean([float(line["equity"]) for line in backtest_case()["expected"]["ledger"]])
    assert sheet.turnover_ratio == pytest.approx(3_742_146.75 / mean / (30 / 252), rel=1e-12)


def test_drawdown_from_peak_to_recovery():
    days = business_days(7, "2026-01-05")
    equity = np.array([100.0, 110.0, 99.0, 88.0, 120.0, 114.0, 118.0])
    found = worst_drawdown(equity, days)
    assert found.depth_ratio == pytest.approx(-0.2)
    assert found[1:] == ("2026-01-06", "2026-01-08", "2026-01-09", 3)
    assert longest_below_peak(equity) == 3
    assert worst_drawdown(equity[4:], days[4:])[1:] == ("2026-01-09", "2026-01-12", None, 2)
    assert longest_below_peak(equity[4:]) == 2
    assert longest_below_peak(np.array([1.0, 2.0, 3.0])) == 0
    assert worst_drawdown(np.array([1.0, 2.0]), days[:2]).depth_ratio == 0.0


def test_sortino_by_hand():
    """Returns 0, +10%, -10%, +10%, over a downside of sqrt(0.01 / 4)."""
    prices = reference_prices()
    run = run_backtest(prices, [], BacktestTerms(initial_cash_amount=100.0))
    object.__setattr__(run, "equity_cents", np.array([10_000, 11_000, 9_900, 10_890]))
    object.__setattr__(run, "days", prices.days[:4])
    for name in ("long_cents", "short_cents"):
        object.__setattr__(run, name, np.zeros(4, dtype=np.int64))
    found = tear_sheet(run)
    assert found.sortino_ratio == pytest.approx((0.1 / 4) / sqrt(0.01 / 4) * sqrt(252), rel=1e-12)
    assert found.hit_ratio == pytest.approx(2 / 4)


def test_a_year_of_days_is_its_own_yearly_return():
    assert yearly_return(np.array([1.0] * 251 + [110.0]), 100.0) == pytest.approx(0.10, rel=1e-12)
    assert yearly_return(np.array([1.0] * 125 + [110.0]), 100.0) == pytest.approx(0.21, rel=1e-12)
    assert yearly_return(np.array([100.0, 0.0]), 100.0) is None


def test_what_has_no_answer_is_none():
    prices = reference_prices()
    idle = tear_sheet(run_backtest(prices, [], BacktestTerms()))
    assert (idle.total_return, idle.volatility, idle.sharpe_ratio, idle.sortino_ratio) == (0.0, 0.0, None, None)
    assert idle.hit_ratio == 0.0
    assert idle.drawdown.depth_ratio == 0.0


def test_it_is_json(sheet):
    assert json.loads(json.dumps(sheet.to_dict(), allow_nan=False))["drawdown"]["recovered"] is None


def test_months_over_a_year_end():
    days = np.array(["2025-12-30", "2025-12-31", "2026-01-02", "2026-02-27"], dtype="datetime64[D]")
    found = monthly_returns(np.array([100.0, 110.0, 99.0, 198.0]), days, 100.0)
    assert found == {2025: {12: pytest.approx(0.1)}, 2026: {1: pytest.approx(-0.1), 2: pytest.approx(1.0)}}


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_sums_that_hold_on_any_market(seed):
    panel = market(60, 4, seed, halts=0.05, splits=0.02, dividends=0.05)
    run = run_backtest(panel, random_targets(panel, 15, seed, gross=0.8), BacktestTerms())
    found = tear_sheet(run)
    parts = [amount for name, amount in found.waterfall.items() if name != "end"]
    assert sum(parts) == pytest.approx(found.waterfall["end"], abs=0.005)
    joined = np.prod([1 + each for year in found.months.values() for each in year.values()])
    assert joined == pytest.approx(1 + found.total_return, rel=1e-9)
    assert np.prod(1 + daily_returns(run.equity, 1e6)) == pytest.approx(1 + found.total_return, rel=1e-9)
    means = {name: each.mean_ratio for name, each in found.exposures.items()}
    assert means["gross"] == pytest.approx(means["long"] - means["short"], abs=1e-12)
    assert means["net"] == pytest.approx(means["long"] + means["short"], abs=1e-12)
    assert -1.0 <= found.drawdown.depth_ratio <= 0.0
