"""A backtest in figures: returns and their spread, drawdown, turnover, exposures, what costs took, returns by month.

A run of n days has n daily returns, the first from the cash at the start; the deviation has the divisor n - 1, a year has 252
days. Figures without an answer (one day, no
spread) are None, never nil.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from engine.strategies.backtest import Backtest
from engine.strategies.backtest_terms import CENTS
from engine.strategies.panels import Days, Floats

YEAR_DAYS = 252


class Drawdown(NamedTuple):
    """The deepest fall: a share of the peak (negative or nil), its days, and trading days from peak to recovery.

    `recovered` is None where the end is still below the peak; the length then runs to the end.
    """

    depth_ratio: float
    peak: str
    trough: str
    recovered: str | None
    length_days: int


class Exposure(NamedTuple):
    """Over equity: on the average day, at most, at the end."""

    mean_ratio: float
    most_ratio: float
    last_ratio: float


@dataclass(frozen=True, slots=True)
class TearSheet:
    """The figures of one run; `waterfall` has signed amounts that add up from the cash at the start to the last equity."""

    days: int
    final_amount: float
    total_return: float
    yearly_return: float | None
    volatility: float | None
    sharpe_ratio: float | None
    sortino_ratio: float | None
    drawdown: Drawdown
    longest_drawdown_days: int
    turnover_ratio: float | None
    hit_ratio: float
    daily_mean: float
    daily_deviation: float | None
    exposures: Mapping[str, Exposure]
    waterfall: Mapping[str, float]
    months: Mapping[int, Mapping[int, float]]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        found = asdict(self)
        found["drawdown"] = self.drawdown._asdict()
        found["exposures"] = {name: each._asdict() for name, each in self.exposures.items()}
        return found


def tear_sheet(run: Backtest) -> TearSheet:
    """Every figure of the run."""
    equity, start = run.equity, run.terms.initial_cash_amount
    returns = daily_returns(equity, start)
    deviation = _deviation(returns)
    return TearSheet(
        days=equity.size,
        final_amount=float(equity[-1]),
        total_return=float(equity[-1] / start - 1.0),
        yearly_return=yearly_return(equity, start),
        volatility=None if deviation is None else deviation * sqrt(YEAR_DAYS),
        sharpe_ratio=_over(returns, run.terms.risk_free_rate, deviation),
        sortino_ratio=_over(returns, run.terms.risk_free_rate, _downside(returns, run.terms.risk_free_rate)),
        drawdown=worst_drawdown(equity, run.days),
        longest_drawdown_days=longest_below_peak(equity),
        turnover_ratio=_turnover(run),
        hit_ratio=float((returns > 0.0).mean()),
        daily_mean=float(returns.mean()),
        daily_deviation=deviation,
        exposures=exposures(run),
        waterfall=waterfall(run),
        months=monthly_returns(equity, run.days, start),
    )


def daily_returns(equity: Floats, start_amount: float) -> Floats:
    """Equity over the day before's, less one."""
    found: Floats = equity / np.concatenate(([start_amount], equity[:-1])) - 1.0
    return found


def yearly_return(equity: Floats, start_amount: float) -> float | None:
    """The total return compounded to 252 days; None where nothing is left."""
    if equity[-1] <= 0.0:
        return None
    return float((equity[-1] / start_amount) ** (YEAR_DAYS / equity.size) - 1.0)


def _deviation(values: Floats) -> float | None:
    return float(values.std(ddof=1)) if values.size > 1 else None


def _downside(returns: Floats, risk_free_rate: float) -> float:
    """Root of the mean square of what falls short of the risk-free day, over all days."""
    short = np.minimum(returns - risk_free_rate / YEAR_DAYS, 0.0)
    return float(np.sqrt((short**2).mean()))


def _over(returns: Floats, risk_free_rate: float, spread: float | None) -> float | None:
    """Mean daily excess over a daily spread, times the root of 252."""
    if not spread:
        return None
    return float((returns.mean() - risk_free_rate / YEAR_DAYS) / spread * sqrt(YEAR_DAYS))


def drawdowns(equity: Floats) -> Floats:
    """Each day's equity over the highest so far, less one."""
    found: Floats = equity / np.maximum.accumulate(equity) - 1.0
    return found


def worst_drawdown(equity: Floats, days: Days) -> Drawdown:
    """The deepest fall from a peak."""
    below = drawdowns(equity)
    trough = int(below.argmin())
    peak = int(equity[: trough + 1].argmax())
    back = np.flatnonzero(equity[trough:] >= equity[peak])
    recovered = trough + int(back[0]) if back.size else None
    end = equity.size - 1 if recovered is None else recovered
    shown = None if recovered is None else str(days[recovered])
    return Drawdown(float(below[trough]), str(days[peak]), str(days[trough]), shown, end - peak)


def longest_below_peak(equity: Floats) -> int:
    """Most trading days from a peak to the day it is reached again, or to the end."""
    below = drawdowns(equity) < 0.0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], below, [False])).astype(np.int8)))
    spans = [min(int(end), equity.size - 1) - int(first) + 1 for first, end in edges.reshape(-1, 2)]
    return max(spans, default=0)


def _turnover(run: Backtest) -> float | None:
    """Amounts bought and sold over average equity, a year."""
    years = run.days.size / YEAR_DAYS
    mean = float(run.equity.mean())
    return float(run.trades.amount_cents.sum() / CENTS / mean / years) if mean > 0.0 else None


def exposure_paths(run: Backtest) -> dict[str, Floats]:
    """Long, short, gross and net over equity by day; NaN where equity is not positive."""
    equity = np.where(run.equity_cents > 0, run.equity_cents, np.nan)
    long, short = run.long_cents / equity, run.short_cents / equity
    return {"long": long, "short": short, "gross": long - short, "net": long + short}


def exposures(run: Backtest) -> dict[str, Exposure]:
    """Each exposure on the average day, at its largest size, at the end."""
    return {name: _exposure(path[np.isfinite(path)]) for name, path in exposure_paths(run).items()}


def _exposure(path: Floats) -> Exposure:
    if path.size == 0:
        return Exposure(0.0, 0.0, 0.0)
    return Exposure(float(path.mean()), float(path[np.abs(path).argmax()]), float(path[-1]))


def waterfall(run: Backtest) -> dict[str, float]:
    """From the cash at the start to the last equity: what prices did, dividends, then each cost with its sign."""
    totals = run.totals
    taken = {
        "dividends": totals["dividends"],
        "slippage": -totals["slippage"],
        "commission": -totals["commission"],
        "borrow": -totals["borrow"],
    }
    first, last = run.terms.initial_cash_amount, float(run.equity[-1])
    return {"start": first, "prices": last - first - sum(taken.values()), **taken, "end": last}


def monthly_returns(equity: Floats, days: Days, start_amount: float) -> dict[int, dict[int, float]]:
    """Return of each month by year and month, from the last close of the month before."""
    months = days.astype("datetime64[M]").astype(np.int64)
    ends = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    found: dict[int, dict[int, float]] = {}
    before = start_amount
    for end in ends:
        year, month = 1970 + int(months[end]) // 12, int(months[end]) % 12 + 1
        found.setdefault(year, {})[month] = float(equity[end]) / before - 1.0
        before = float(equity[end])
    return found
