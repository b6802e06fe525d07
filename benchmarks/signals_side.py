"""Panels and signals of 1,000 names over five years of days, drawn with one seed, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.strategies.panel_checks import PanelKind, PanelRules, check_panel
from engine.strategies.panel_rows import PanelRows, point_in_time, rows_of
from engine.strategies.panels import Days, Panel
from engine.strategies.price_factors import price_factors
from engine.strategies.recipes import Cadence, Factor, Recipe
from engine.strategies.signal_measures import forward_returns, information_coefficient, quantile_returns, turnover
from engine.strategies.signals import Facts, run_recipe

DAYS, NAMES, SECTORS = 1_250, 1_000, 11
FACTORS = ("value", "quality", "growth")
RECIPE = Recipe(
    tuple(Factor(name) for name in FACTORS), size_field="market_cap", least_factors=2, decay_ratio=0.6,
    cadence=Cadence.DAILY,
)  # fmt: skip


def signal_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds (best of three), and the aim."""
    draw = np.random.default_rng(24)
    days = np.busday_offset("2020-01-01", np.arange(DAYS), roll="forward").astype("datetime64[D]")
    names = tuple(f"N{number:04}" for number in range(NAMES))
    close = np.exp(np.cumsum(draw.normal(0, 0.01, (DAYS, NAMES)), axis=0))
    prices = Panel(days, names, {"close": close})
    grids = {name: np.where(draw.random(close.shape) < 0.05, np.nan, draw.normal(size=close.shape)) for name in FACTORS}
    panel = Panel(days, names, {**grids, "market_cap": np.exp(draw.normal(8, 1, close.shape))})
    facts = Facts({name: str(number % SECTORS) for number, name in enumerate(names)})
    signal = run_recipe(panel, facts, RECIPE)
    reported = _reported(draw, days, names)
    columns = {"date": np.repeat(days, NAMES), "id": np.tile(np.array(names, object), DAYS), "close": close.ravel()}
    rules = PanelRules(PanelKind.PRICES, days[-1])
    return [
        (f"{len(FACTORS)} factors to a score every day", _best(lambda: run_recipe(panel, facts, RECIPE)), "3 s"),
        ("momentum and volatility of prices", _best(lambda: price_factors(prices)), "3 s"),
        ("monthly reports, known later, by day", _best(lambda: point_in_time(reported, days, names)), "3 s"),
        ("measures of a score every day", _best(lambda: _measured(prices, signal.at_dates)), "3 s"),
        (f"{DAYS * NAMES:,} rows of prices checked", _best(lambda: check_panel(columns, rules)), "5 s"),
    ]


def _reported(draw: np.random.Generator, days: Days, names: tuple[str, ...]) -> PanelRows:
    ends = np.unique(days.astype("datetime64[M]")).astype("datetime64[D]")
    dates = np.repeat(ends, len(names))
    idents = np.tile(np.array(names, object), len(ends))
    values = {name: draw.normal(size=len(dates)) for name in FACTORS}
    later = draw.integers(5, 60, len(dates)).astype("timedelta64[D]")
    return rows_of(dates, idents, values, dates + later)


def _measured(prices: Panel, score: np.ndarray) -> None:
    rows = np.arange(len(prices.days))
    forward = forward_returns(prices, rows, 21)
    information_coefficient(score, forward, rows, 21)
    quantile_returns(score, forward, rows, 21)
    turnover(score)


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
