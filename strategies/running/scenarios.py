"""Shocks on what a version holds now: a set of scenarios, tornado, grid, days to sell under stress, what would hedge it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.risk.liquidity import HORIZONS, STRESSES, liquidity
from engine.risk.shocks import Book as ShockBook
from engine.risk.shocks import Scenario, grid, hedge_suggestions, shocked, tornado
from engine.strategies.returns import held_returns
from engine.strategies.tear_sheet import YEAR_DAYS
from jobs.registry import Answer
from jobs.work import Held
from lib.numbers import finite_or_none
from strategies.models import StrategyRun
from strategies.run_terms import SCENARIO_FIELDS, ScenariosAsked, read_terms
from strategies.running.risk import Book, book_of
from strategies.targets import Inputs, inputs_of, weights_now

MONTHS = 12
GRID_STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
SHOWN_NAMES = 10
BENCHMARK = "Universe in equal weights"


def work(run: StrategyRun, held: Held) -> Answer:
    """The answer of a scenario run; the terms hold the set as it was when asked."""
    asked = ScenariosAsked(**read_terms(SCENARIO_FIELDS, run.terms.get("asked", {})))
    inputs = inputs_of(run)
    held.report(0, total=4)
    book = book_of(inputs, weights_now(inputs, run.terms))
    if not book.factors:
        raise CalculationError("scenarios: the universe has no risk factors yet: take such a panel in first")
    value = float(inputs.content["initial_cash_amount"])
    shock_book = ShockBook(book.names, book.factors, book.model.exposures, book.weights, value, book.benchmark)
    held.report(1)
    found = [_shocked(shock_book, row) for row in run.terms["scenarios"]]
    held.report(2)
    sizes = factor_sizes(book, asked.deviations)
    bars = tornado(shock_book, sizes)
    answer = {
        "day": str(inputs.prices.days[-1]),
        "value_amount": value,
        "set_name": run.terms["set_name"],
        "left_out": list(book.left_out),
        "scenarios": found,
        "tornado": [bar._asdict() for bar in bars],
        "grid": _grid(shock_book, [bar.factor for bar in bars], sizes),
    }
    held.report(3)
    return {**answer, "liquidity": _liquidity(inputs, book, value, asked), "hedges": _hedges(book, value)}


def factor_sizes(book: Book, deviations: float) -> dict[str, float]:
    """So many deviations of a month of each factor."""
    monthly = book.factor_returns.std(axis=0, ddof=1) * np.sqrt(YEAR_DAYS / MONTHS)
    return {name: float(deviations * each) for name, each in zip(book.factors, monthly, strict=True)}


def _shocked(book: ShockBook, row: Mapping[str, Any]) -> dict[str, Any]:
    """One scenario and the names that move the portfolio most in it."""
    found = shocked(book, Scenario(row["name"], row["factors"], row["specific"]))
    moved = book.weights * found.asset_returns * book.value_amount
    order = np.argsort(-np.abs(moved), kind="stable")[:SHOWN_NAMES]
    return {
        "name": found.name,
        "return": found.portfolio_return,
        "pnl_amount": found.pnl_amount,
        "active_return": found.active_return,
        "names": [
            {"ident": book.names[k], "return": float(found.asset_returns[k]), "pnl_amount": float(moved[k])}
            for k in order
            if moved[k]
        ],
    }


def _grid(book: ShockBook, factors: list[str], sizes: Mapping[str, float]) -> dict[str, Any] | None:
    """The two factors with the widest bars moved together; None with one factor."""
    if len(factors) < 2:
        return None
    down, across = factors[:2]
    down_shocks, across_shocks = ([step * sizes[name] for step in GRID_STEPS] for name in (down, across))
    amounts = grid(book, (down, down_shocks), (across, across_shocks))
    return {"down": down, "across": across, "down_shocks": down_shocks, "across_shocks": across_shocks, "amounts": amounts.tolist()}  # fmt: skip


def _liquidity(inputs: Inputs, book: Book, value: float, asked: ScenariosAsked) -> dict[str, Any]:
    """Days to sell by position and stress, on the average volume of the last days."""
    prices = inputs.prices
    places = [prices.names.index(name) for name, weight in zip(book.names, book.weights, strict=True) if weight]
    weights = book.weights[book.weights != 0.0]
    close = prices["close"][-1, places]
    volumes = np.nan_to_num(prices["adv_shares"][-asked.volume_days :, places]).mean(axis=0)
    shares = np.trunc(weights * value / close)
    found = liquidity(shares, volumes, close, asked.participation_ratio)
    rows = [
        {
            "ident": prices.names[place],
            "shares": int(shares[k]),
            "volume": float(volumes[k]),
            "amount": float(abs(shares[k]) * close[k]),
            "days": [finite_or_none(found.stressed_days[stress][k]) for stress in STRESSES],
        }
        for k, place in enumerate(places)
    ]
    by_stress = {
        stress: liquidity(shares, volumes / stress, close, asked.participation_ratio).liquidated_ratio
        for stress in STRESSES
    }
    return {
        "stresses": list(STRESSES),
        "horizons": list(HORIZONS),
        "rows": sorted(rows, key=lambda row: -(row["days"][0] if row["days"][0] is not None else float("inf"))),
        "gross_amount": found.gross_amount,
        "liquidated": [[by_stress[stress][horizon] for horizon in HORIZONS] for stress in STRESSES],
        "longest": [finite_or_none(found.longest_days * stress) for stress in STRESSES],
        "not_assessable_ratio": found.not_assessable_ratio,
    }


def _hedges(book: Book, value: float) -> list[dict[str, Any]]:
    """Each factor and the universe as instruments, least squares over the past days."""
    instruments = np.column_stack((book.factor_returns, held_returns(book.returns, book.equal)))
    found = hedge_suggestions(held_returns(book.returns, book.weights), (*book.factors, BENCHMARK), instruments, value)
    return [
        {
            "instruments": list(each.instruments),
            "amounts": list(each.hedge.amounts),
            "before": each.hedge.before_deviation * YEAR_DAYS**0.5,
            "after": each.hedge.after_deviation * YEAR_DAYS**0.5,
            "reduction": each.hedge.reduction_ratio,
        }
        for each in found
    ]
