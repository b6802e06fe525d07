"""A version's signal worked out, and what it was worth: the work of a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.strategies.panels import Floats, Panel
from engine.strategies.signal_measures import (
    Distribution,
    Series,
    distribution,
    forward_returns,
    information_coefficient,
    quantile_returns,
    turnover,
)
from engine.strategies.signals import FactorSteps, Signal
from jobs.registry import Answer
from jobs.work import Held
from lib.numbers import finite_or_none
from strategies.frames import keep_frame
from strategies.models import StrategyRun
from strategies.signal_panel import signal_of
from strategies.signal_terms import read_run_terms
from strategies.translate import rows_of_panel

STEPS = 3
BINS = np.arange(-4.0, 4.01, 0.5)
SHOWN_NAMES = 10


def work(run: StrategyRun, held: Held) -> Answer:
    """Each step's distribution, what came after the scores, how fast they change; the scores as a table by hash."""
    terms = read_run_terms(run.terms)
    prices, signal = signal_of(run.version, run.datasets)
    held.report(1)
    rows = np.searchsorted(signal.days, signal.dates)
    window = terms["horizon_days"]
    forward = forward_returns(prices, rows, window, terms["lag_days"])
    answer = {
        "dates": [str(day) for day in signal.dates],
        "names": len(signal.names),
        "factors": [_factor(each, forward, rows, window) for each in signal.factors],
        "score": _spread(distribution(signal.at_dates)),
        "rank_ic": _series(information_coefficient(signal.at_dates, forward, rows, window)),
        "pearson_ic": _series(information_coefficient(signal.at_dates, forward, rows, window, by_rank=False)),
        **_groups(signal, forward, rows, terms),
        "left_out": [problem.message for problem in signal.left_out],
        "latest": _latest(signal),
    }
    held.report(2)
    scores = Panel(signal.dates, signal.names, {"score": signal.at_dates, "z": signal.combined_z})
    answer["scores"] = keep_frame(rows_of_panel(scores))
    return answer


def _factor(steps: FactorSteps, forward: Floats, rows: Any, window: int) -> dict[str, Any]:
    ic = information_coefficient(steps.neutral, forward, rows, window)
    return {
        "field": steps.factor.field,
        "weight": steps.factor.weight,
        "sign": steps.factor.sign,
        "steps": [{"step": name, **_spread(distribution(grid))} for name, grid in steps.steps().items()],
        "histogram": _histogram(steps),
        "rank_ic": {**_series(ic), "by_date": []},
    }


def _histogram(steps: FactorSteps) -> dict[str, list[float | None]]:
    """Shares of figures by half standard deviation: the first two steps in those of the figures as they came."""
    as_came = distribution(steps.raw)
    scale = as_came.sd if as_came.count > 1 and as_came.sd > 0 else np.nan
    return {
        "raw": _shares((steps.raw - as_came.mean) / scale),
        "winsorised": _shares((steps.winsorised - as_came.mean) / scale),
        "z": _shares(steps.z),
        "neutral": _shares(steps.neutral),
    }


def _shares(values: Floats) -> list[float | None]:
    there = values[np.isfinite(values)]
    if not len(there):
        return [None] * (len(BINS) - 1)
    counted, _ = np.histogram(np.clip(there, BINS[0], BINS[-1]), BINS)
    return [float(share) for share in counted / len(there)]


def _groups(signal: Signal, forward: Floats, rows: Any, terms: dict[str, Any]) -> dict[str, Any]:
    groups = quantile_returns(signal.at_dates, forward, rows, terms["horizon_days"], terms["buckets"])
    changes = turnover(signal.at_dates, terms["buckets"])
    return {
        "groups": _plain(groups.means),
        "spread": _series(groups.spread),
        "turnover": {
            "autocorrelation": finite_or_none(changes.mean_autocorrelation),
            "replaced_share": finite_or_none(changes.mean_replaced_share),
        },
    }


def _latest(signal: Signal) -> dict[str, Any]:
    """The highest and lowest scores of the last date that has any."""
    scored = np.flatnonzero(np.isfinite(signal.at_dates).any(axis=1))
    if not len(scored):
        return {"date": None, "count": 0, "high": [], "low": []}
    row = signal.at_dates[scored[-1]]
    there = np.flatnonzero(np.isfinite(row))
    order = there[np.argsort(-row[there], kind="stable")]
    named = [[signal.names[place], float(row[place])] for place in order]
    half = min(SHOWN_NAMES, (len(named) + 1) // 2)
    low = named[max(half, len(named) - SHOWN_NAMES) :]
    return {"date": str(signal.dates[scored[-1]]), "count": len(named), "high": named[:half], "low": low}


def _spread(found: Distribution) -> dict[str, Any]:
    return {
        "count": found.count,
        "missing": found.missing,
        **{name: finite_or_none(getattr(found, name)) for name in ("mean", "sd", "skew", "low", "high")},
        "quantiles": _plain(found.quantiles),
    }


def _series(found: Series) -> dict[str, Any]:
    return {
        "mean": finite_or_none(found.mean),
        "t_statistic": finite_or_none(found.t_statistic),
        "apart": found.apart,
        "by_date": _plain(found.by_date),
    }


def _plain(values: Sequence[float] | Floats) -> list[float | None]:
    return [finite_or_none(value) for value in values]
