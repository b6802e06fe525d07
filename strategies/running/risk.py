"""Risk of what a version holds now, over its names' past: tails side by side, factors, names, the rolling VaR's record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.risk.attribution import FactorModel, FactorRisk, against_benchmark, factor_risk, fitted_model
from engine.risk.tails import moments, rolling_var, side_by_side, smallest_slope
from engine.strategies.panels import Floats
from engine.strategies.returns import held_returns, name_returns
from engine.strategies.tear_sheet import YEAR_DAYS
from jobs.registry import Answer
from jobs.work import Held
from strategies.benchmarks import index_returns, label_of, weights_of
from strategies.models import DatasetKind, StrategyRun
from strategies.run_terms import RISK_FIELDS, RiskAsked, read_terms
from strategies.targets import Inputs, Weights, equal_weights, inputs_of, vector, weights_now

LEAST_DAYS = 60
SHOWN_NAMES = 50


@dataclass(frozen=True, slots=True)
class Book:
    """What is held now and its names' past: weights over `names`, the benchmark's, none of an index, and the universe's in
    equal weights; returns (days, names) and the benchmark's (days), NaN where not known; factors (days, k)."""

    names: tuple[str, ...]
    weights: Floats
    benchmark: Floats | None
    returns: Floats
    days: tuple[str, ...]
    factors: tuple[str, ...]
    factor_returns: Floats
    left_out: tuple[str, ...]
    equal: Floats
    benchmark_returns: Floats

    @property
    def model(self) -> FactorModel:
        """Exposures by least squares over the days."""
        return fitted_model(self.returns, self.factor_returns)


def book_of(inputs: Inputs, held: Weights) -> Book:
    """Names held or in the benchmark with enough days; CalculationError where what is held has none."""
    prices = inputs.prices
    equal = equal_weights(inputs, prices)(prices.days.size - 1)
    returns = name_returns(prices)
    known = np.isfinite(returns).sum(axis=0) >= LEAST_DAYS
    against = weights_of(inputs.benchmark, equal)
    in_any = {name for each in (held, equal, against or {}) for name, weight in each.items() if weight}
    wanted = [k for k, name in enumerate(prices.names) if name in in_any]
    kept = [k for k in wanted if known[k]]
    names = tuple(prices.names[k] for k in kept)
    left_out = tuple(prices.names[k] for k in wanted if not known[k])
    if not any(held.get(name) for name in names):
        raise CalculationError(f"risk: no name that is held has {LEAST_DAYS} days of returns")
    days, rows, factors, moves = _factors(inputs, prices.days[1:])
    benchmark, past = None if against is None else vector(names, against), returns[rows][:, kept]
    if benchmark is None:
        series = index_returns(inputs.panel(DatasetKind.INDICES), inputs.benchmark, prices.days)[rows]
    else:
        series = held_returns(past, benchmark)
    return Book(
        names, vector(names, held), benchmark, past, days, factors, moves, left_out, vector(names, equal), series
    )  # fmt: skip


def _factors(inputs: Inputs, days: Any) -> tuple[tuple[str, ...], Any, tuple[str, ...], Floats]:
    """Days with prices and with every factor; without a panel of factors all days, and no factor."""
    panel = inputs.panel(DatasetKind.RISK_MODEL)
    if panel is None:
        return tuple(map(str, days)), np.arange(days.size), (), np.zeros((days.size, 0))
    values = next(iter(panel.fields.values()))
    whole = np.isfinite(values).all(axis=1)
    common, rows, theirs = np.intersect1d(days, panel.days[whole], return_indices=True)
    return tuple(map(str, common)), rows, panel.names, values[whole][theirs]


def work(run: StrategyRun, held: Held) -> Answer:
    """The answer of a risk run."""
    asked = RiskAsked(**read_terms(RISK_FIELDS, run.terms.get("asked", {})))
    inputs = inputs_of(run)
    held.report(0, total=3)
    book = book_of(inputs, weights_now(inputs, run.terms))
    returns, known = held_returns(book.returns, book.weights), np.isfinite(book.benchmark_returns)
    held.report(1)
    answer = {
        "day": str(inputs.prices.days[-1]),
        "first_day": book.days[0],
        "day_count": len(book.days),
        "value_amount": float(inputs.content["initial_cash_amount"]),
        "left_out": list(book.left_out),
        "tails": _tails(returns, asked.confidence),
        "benchmark": label_of(inputs.benchmark),
        "against": against_benchmark(returns[known], book.benchmark_returns[known])._asdict(),
        "record": _record(book, returns, asked),
    }
    held.report(2)
    return {**answer, "factors": _by_factor(book, asked.confidence)}


def _tails(returns: Floats, confidence: float) -> dict[str, Any]:
    found = moments(returns)
    return {
        "methods": [
            {"label": each.method.label, "var": each.risk.var, "es": each.risk.es, "note": each.note}
            for each in side_by_side(returns, confidence)
        ],
        "moments": found._asdict(),
        "slope": smallest_slope(found.skew, found.excess_kurtosis),
    }


def _record(book: Book, returns: Floats, asked: RiskAsked) -> dict[str, Any] | None:
    """The rolling VaR and its exceptions; None where the days do not reach beyond the window."""
    if returns.size <= asked.window_days + 1:
        return None
    found = rolling_var(returns, asked.window_days, asked.confidence)
    return {
        "days": list(book.days[found.first :]),
        "var": found.var.tolist(),
        "returns": returns[found.first :].tolist(),
        "exceptions": [{"day": book.days[row], "loss": -float(returns[row]), "var": float(found.var[row - found.first])} for row in found.exceptions],
        "expected": found.expected_count,
        "kupiec_ratio": found.kupiec_ratio,
        "kupiec_probability": found.kupiec_probability,
        "transitions": found.transitions._asdict(),
    }  # fmt: skip


def _by_factor(book: Book, confidence: float) -> dict[str, Any] | None:
    """A year's normal VaR by factor and by name, of the weights and of the active ones, which against an index there are
    none of; None without factors."""
    if not book.factors:
        return None
    model = book.model
    whole = _contributions(book, factor_risk(model, book.weights, confidence))
    active = None
    if book.benchmark is not None:
        active = _contributions(book, factor_risk(model, book.weights - book.benchmark, confidence))
    return {"names": list(book.factors), "whole": whole, "active": active}


def _contributions(book: Book, found: FactorRisk) -> dict[str, Any]:
    year = YEAR_DAYS**0.5
    names = sorted(zip(book.names, found.asset_contributions * year, strict=True), key=lambda pair: -abs(pair[1]))
    return {
        "exposures": found.exposures.tolist(),
        "volatility": found.volatility * year,
        "var": found.var * year,
        "factor_share": found.factor_share,
        "by_factor": (found.factor_contributions * year).tolist(),
        "specific": found.specific_contribution * year,
        "by_name": [{"ident": name, "contribution": float(each)} for name, each in names[:SHOWN_NAMES]],
        "name_count": len(names),
    }
