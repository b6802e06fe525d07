"""A version traded through its prices: trades, ledger, tear sheet, look-ahead check, walk-forward; equity told as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from engine.errors import CalculationError, EngineError
from engine.risk.attribution import against_benchmark
from engine.strategies.backtest import FLOWS, Backtest, Target, run_backtest
from engine.strategies.backtest_terms import CENTS, BacktestTerms
from engine.strategies.look_ahead import check_look_ahead
from engine.strategies.panels import Panel
from engine.strategies.tear_sheet import daily_returns, drawdowns, exposure_paths, tear_sheet
from engine.strategies.walk_forward import Window, walk_forward, windows_of
from jobs.registry import Answer
from jobs.work import Held
from strategies.benchmarks import daily_returns as benchmark_returns
from strategies.benchmarks import index_of, label_of
from strategies.frames import keep_frame
from strategies.models import DatasetKind, StrategyRun
from strategies.run_terms import BACKTEST_FIELDS, BacktestAsked, read_terms, trading_terms
from strategies.targets import Inputs, Weights, construction, inputs_of, make_targets, rebalance_rows

CHUNKS = 40  # of an equity curve while it grows
SHOWN_PROBLEMS = 200


class _Told:
    """Progress by day, and the equity of the days since it was last told."""

    def __init__(self, held: Held, prices: Panel, done_before: int) -> None:
        self.held, self.days, self.before = held, prices.days, done_before
        self.every = max(1, prices.days.size // CHUNKS)
        self.waiting: list[tuple[str, float]] = []

    def __call__(self, done: int, equity: float) -> None:
        self.waiting.append((str(self.days[done - 1]), equity))
        if done % self.every == 0 or done == self.days.size:
            self.held.report(self.before + done, told={"equity": self.waiting})
            self.waiting = []


def work(run: StrategyRun, held: Held) -> Answer:
    """The answer of a backtest; its trades and its ledger lie as tables under their hashes."""
    asked = BacktestAsked(**read_terms(BACKTEST_FIELDS, run.terms.get("asked", {})))
    inputs, terms = inputs_of(run), trading_terms(run.version.content)
    prices, first = inputs.prices, asked.known_days - 1
    rows = rebalance_rows(prices.days, inputs.content["rebalance"], first)
    if not rows:
        raise CalculationError(
            f"backtest: {prices.days.size} days leave no day to set a target after {asked.known_days}"
        )
    held.report(0, total=len(rows) + prices.days.size + 1)
    targets = make_targets(inputs, prices, first, held.report)
    found = run_backtest(prices, targets, terms, inputs.left_on, _Told(held, prices, len(rows)))

    def make(other: Panel, last: int) -> Sequence[Target]:
        return make_targets(inputs, other, first, last_row=last)

    check = check_look_ahead(prices, make, terms, found, targets, inputs.left_on)
    said = [problem.message for problem in found.problems]
    return {
        "sheet": tear_sheet(found).to_dict(),
        "against": _against(inputs, found, targets[0][0]),
        "look_ahead": {"is_clean": check.is_clean, "words": list(check.words), "final_amount": check.final_amount,
                       "later_final_amount": check.later_final_amount},
        "walk_forward": _walked(inputs, terms, asked),
        "trades": keep_frame(trades_table(found)),
        "ledger": keep_frame(ledger_table(found)),
        "trade_count": int(found.trades.row.size),
        "targets": len(targets),
        "first_target": str(prices.days[targets[0][0]]),
        "positions": last_positions(found),
        "problems": said[:SHOWN_PROBLEMS],
        "problem_count": len(said),
    }  # fmt: skip


def _against(inputs: Inputs, found: Backtest, first: int) -> dict[str, Any] | None:
    """The backtest from its first target on beside the benchmark; None where no more than two days are known of it."""
    indices = inputs.panel(DatasetKind.INDICES) if index_of(inputs.benchmark) else None
    theirs = benchmark_returns(inputs.benchmark, inputs.universe, inputs.prices, indices)[first:]
    ours = daily_returns(found.equity, found.terms.initial_cash_amount)[1:][first:]
    known = np.isfinite(theirs)
    if known.sum() <= 2:
        return None
    measured = against_benchmark(ours[known], theirs[known])
    return {
        "benchmark": label_of(inputs.benchmark),
        "days": int(known.sum()),
        "total_return": float(np.prod(1.0 + ours[known]) - 1.0),
        "benchmark_return": float(np.prod(1.0 + theirs[known]) - 1.0),
        **measured._asdict(),
    }


def _walked(inputs: Inputs, terms: BacktestTerms, asked: BacktestAsked) -> list[dict[str, Any]]:
    """Each window and its return; none where no walk-forward was asked for."""
    if asked.estimation_days is None:
        return []
    prices = inputs.prices
    windows = windows_of(prices.days.size, asked.estimation_days, asked.test_days)

    notes = []

    def choose(past: Panel) -> Weights:
        try:
            weights, note = construction(inputs, past)(past.days.size - 1), ""
        except EngineError as error:
            weights, note = {}, f"Held cash. {error}"
        notes.append(note)
        return weights

    found = walk_forward(prices, choose, terms, windows, inputs.left_on)
    rows = zip(windows, found.returns, notes, strict=True)
    return [_window(prices, window, change, note) for window, change, note in rows]


def _window(prices: Panel, window: Window, change: float, note: str) -> dict[str, Any]:
    days = prices.days
    return {
        "estimated": [str(days[window.first]), str(days[window.split - 1])],
        "tested": [str(days[window.split]), str(days[window.end - 1])],
        "return": change,
        "note": note,
    }


def trades_table(found: Backtest) -> pa.Table:
    """One row a trade, amounts with cents."""
    trades = found.trades
    return pa.table(
        {
            "date": pa.array(found.days[trades.row]),
            "ident": pa.array([found.names[k] for k in trades.name], pa.string()),
            "shares": trades.shares,
            "close": trades.close,
            "slippage_bps": trades.slippage_bps,
            "amount": trades.amount_cents / CENTS,
            "commission": trades.commission_cents / CENTS,
            "slippage": trades.slippage_cents / CENTS,
            "left": trades.left,
        }
    )


def ledger_table(found: Backtest) -> pa.Table:
    """One row a day: cash from opening to closing by flow, what is held, equity and its exposures."""
    opening = np.concatenate(([round(found.terms.initial_cash_amount * CENTS)], found.cash_cents[:-1]))
    return pa.table(
        {
            "date": pa.array(found.days),
            "opening": opening / CENTS,
            **{name.removesuffix("_cents"): found.flows[name] / CENTS for name in FLOWS},
            "cash": found.cash_cents / CENTS,
            "long": found.long_cents / CENTS,
            "short": found.short_cents / CENTS,
            "equity": found.equity,
            "drawdown": drawdowns(found.equity),
            **{f"{name}_ratio": path for name, path in exposure_paths(found).items()},
        }
    )


def last_positions(found: Backtest) -> list[dict[str, Any]]:
    """Shares held at the end by name."""
    return [{"ident": found.names[k], "shares": int(found.shares[-1, k])} for k in np.flatnonzero(found.shares[-1])]
