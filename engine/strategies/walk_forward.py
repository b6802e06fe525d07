"""Walk-forward: weights chosen on one window of days, held on the next, over and over; the test days joined into one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.errors import InputProblems, Problem
from engine.strategies.backtest import Backtest, run_backtest
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.panels import Panel

Choose = Callable[[Panel], Mapping[str, float]]


class Window(NamedTuple):
    """Rows of a panel: estimated on first <= row < split, tested on split <= row < end."""

    first: int
    split: int
    end: int


@dataclass(frozen=True, slots=True)
class WalkForward:
    """The windows, the return of each test window, and the run over all of them; its rows start at `offset`."""

    windows: tuple[Window, ...]
    returns: tuple[float, ...]
    run: Backtest
    offset: int


def windows_of(days: int, estimation_days: int, test_days: int, is_anchored: bool = False) -> tuple[Window, ...]:
    """Windows one test apart, the last cut at the end; anchored ones all begin with the first day. InputProblems for none."""
    problems = [
        Problem("too_short", place, f"{label}: expected at least {least} days, got {given}.")
        for place, label, least, given in (
            ("estimation_days", "Estimation window", 2, estimation_days),
            ("test_days", "Test window", 1, test_days),
        )
        if given < least
    ]
    if not problems and days <= estimation_days:
        message = f"Estimation window: {estimation_days} days leave none of the {days} days of prices to test on."
        problems.append(Problem("too_long", "estimation_days", message))
    if problems:
        raise InputProblems(problems)
    splits = range(estimation_days, days, test_days)
    return tuple(Window(0 if is_anchored else at - estimation_days, at, min(at + test_days, days)) for at in splits)


def walk_forward(
    prices: Panel,
    choose: Choose,
    terms: BacktestTerms,
    windows: tuple[Window, ...],
    left_on: Mapping[str, np.datetime64] | None = None,
) -> WalkForward:
    """Each window's weights from its estimation days alone, set at their last close and traded through the test days.

    Nothing but the windows' own days is read: `choose` gets a panel that ends where the estimation does.
    """
    start = windows[0].split - 1
    targets = [
        (window.split - 1 - start, dict(choose(rows_of(prices, window.first, window.split)))) for window in windows
    ]
    run = run_backtest(rows_of(prices, start, windows[-1].end), targets, terms, left_on)
    equity = run.equity
    returns = tuple(float(equity[w.end - 1 - start] / equity[w.split - 1 - start] - 1.0) for w in windows)
    return WalkForward(windows, returns, run, start)


def rows_of(prices: Panel, first: int, end: int) -> Panel:
    """The panel's days first <= row < end."""
    return Panel(prices.days[first:end], prices.names, {name: each[first:end] for name, each in prices.fields.items()})
