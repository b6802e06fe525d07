"""Backtest, risk and scenarios of 1,000 names over five years of days, drawn with one seed, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.risk.attribution import FactorModel, factor_risk, fitted_model
from engine.risk.liquidity import liquidity
from engine.risk.shocks import Book, Scenario, grid, hedge_suggestions, shocked, tornado
from engine.risk.tails import rolling_var, side_by_side
from engine.strategies.backtest import Target, run_backtest
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.panels import Floats, Panel
from engine.strategies.returns import held_returns, name_returns
from engine.strategies.tear_sheet import tear_sheet

DAYS, NAMES, EVERY = 1_250, 1_000, 21
FACTORS = tuple(f"factor {number}" for number in range(20))
SCENARIOS = 20


def backtest_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds (best of three), and the aim."""
    draw = np.random.default_rng(26)
    prices, targets = _market(draw), _targets(draw)
    terms = BacktestTerms(initial_cash_amount=1e8)
    run = run_backtest(prices, targets, terms)
    factors = draw.normal(0, 0.005, (DAYS - 1, len(FACTORS)))
    returns, weights = name_returns(prices), np.full(NAMES, 1.0 / NAMES)
    model = fitted_model(returns, factors)
    return [
        (f"backtest, {run.trades.row.size:,} trades to the cent", _best(lambda: run_backtest(prices, targets, terms)), "5 s"),
        ("its tear sheet", _best(lambda: tear_sheet(run)), "1 s"),
        ("risk: returns, factors, tails, rolling VaR", _best(lambda: _risk(prices, factors, weights)), "2 s"),
        (f"{SCENARIOS} scenarios, tornado, grid, liquidity, hedges", _best(lambda: _shocks(prices, model, returns, factors, weights)), "1 s"),
    ]  # fmt: skip


def _market(draw: np.random.Generator) -> Panel:
    days = np.busday_offset(np.datetime64("2020-01-01"), np.arange(DAYS, dtype=np.int64), roll="forward")
    shape = (DAYS, NAMES)
    close = np.round(draw.uniform(5, 300, NAMES) * np.exp(np.cumsum(draw.normal(0.0002, 0.015, shape), axis=0)), 2)
    fields = {
        "close": np.maximum(close, 0.01),
        "adv_shares": np.floor(draw.lognormal(12, 1, shape)),
        "dividend_amount": np.where(draw.random(shape) < 0.004, 0.25, 0.0),
        "split_ratio": np.where(draw.random(shape) < 0.0002, 2.0, 1.0),
    }
    return Panel(days, tuple(f"N{number:04}" for number in range(NAMES)), fields)


def _targets(draw: np.random.Generator) -> list[Target]:
    found: list[Target] = []
    for row in range(0, DAYS - 1, EVERY):
        weights = draw.normal(0.3, 1.0, NAMES)
        weights *= 1.6 / np.abs(weights).sum()
        found.append((row, {f"N{number:04}": float(weight) for number, weight in enumerate(weights)}))
    return found


def _risk(prices: Panel, factors: Floats, weights: Floats) -> None:
    returns = name_returns(prices)
    held = held_returns(returns, weights)
    side_by_side(held, 0.95)
    rolling_var(held, 250, 0.95)
    factor_risk(fitted_model(returns, factors), weights, 0.95)


def _shocks(prices: Panel, model: FactorModel, returns: Floats, factors: Floats, weights: Floats) -> None:
    book = Book(prices.names, FACTORS, model.exposures, weights, 1e8)
    for number in range(SCENARIOS):
        shocked(book, Scenario(str(number), dict.fromkeys(FACTORS, -0.01 * number)))
    tornado(book, dict.fromkeys(FACTORS, 0.02))
    steps = (-0.02, -0.01, 0.0, 0.01, 0.02)
    grid(book, (FACTORS[0], steps), (FACTORS[1], steps))
    close, volume = prices["close"][-1], prices["adv_shares"][-1]
    liquidity(np.trunc(weights * 1e8 / close), volume, close, 0.2)
    hedge_suggestions(held_returns(returns, weights), FACTORS, factors, 1e8)


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


if __name__ == "__main__":
    for what, seconds, aim in backtest_seconds():
        print(f"{what}: {seconds:.3f} s (aim {aim})")
