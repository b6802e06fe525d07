"""Portfolios of 1,000 names on five years of days, drawn with one seed, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.strategies.budgets import equal_risk
from engine.strategies.constraints import Facts, Row
from engine.strategies.covariance import ledoit_wolf, principal_factors
from engine.strategies.optimise import Goal, OptimiserTask, Optimum, solve
from engine.strategies.views import View, black_litterman

DAYS, NAMES, FACTORS, SECTORS = 1_250, 1_000, 20, "ABCDEFGHIJ"
FULL, LONG, CAP = Row("sum_equal", 1.0), Row("weight_least", 0.0), Row("weight_most", 0.02)
ROWS = (
    FULL, Row("weight_least", -0.005), CAP, Row("long_most", 1.3), Row("short_most", 0.3), Row("turnover_most", 0.5),
    Row("tracking_error_most", 0.03), Row("beta_most", 1.1), *(Row("sector_most", 0.2, sector=s) for s in SECTORS),
)  # fmt: skip


def portfolio_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds (best of three), and the aim."""
    draw = np.random.default_rng(25)
    common = draw.normal(size=(DAYS, FACTORS)) @ draw.normal(size=(FACTORS, NAMES)) * 0.003
    returns = common + draw.normal(size=(DAYS, NAMES)) * 0.02
    names, even = tuple(f"N{number:04}" for number in range(NAMES)), np.full(NAMES, 1 / NAMES)
    full = ledoit_wolf(returns, names).covariance
    sectors = tuple(SECTORS[number % len(SECTORS)] for number in range(NAMES))
    facts = Facts(names, principal_factors(full, FACTORS), draw.normal(0.05, 0.05, NAMES), even, even,
                  np.ones(NAMES), sectors)  # fmt: skip
    view = View({names[0]: 1.0, names[1]: -1.0}, 0.02)
    thin = OptimiserTask(facts, Goal.MEAN_VARIANCE, ROWS, 3.0)
    dense = OptimiserTask(replace(facts, covariance=full), Goal.MINIMUM_VARIANCE, (FULL, LONG, CAP))
    full_facts = dense.facts
    whole = replace(thin, facts=full_facts)
    conflicting = replace(thin, rows=(*ROWS, Row("return_least", 0.9)))
    return [
        (f"Ledoit-Wolf and its {FACTORS} factors", _best(lambda: principal_factors(ledoit_wolf(returns, names).covariance, FACTORS)), "1 s"),
        (f"mean-variance, {len(ROWS)} limits, {FACTORS} factors", _best(lambda: _solved(thin)), "1 s"),
        ("least variance, the whole covariance", _best(lambda: _solved(dense)), "1 s"),
        (f"mean-variance, {len(ROWS)} limits, the whole covariance", _best(lambda: _solved(whole)), "1 s"),
        ("equal risk", _best(lambda: equal_risk(full)), "1 s"),
        ("a view's posterior", _best(lambda: black_litterman(full, names, even, [view], risk_aversion=3.0)), "1 s"),
        ("the smallest of conflicting limits", _best(lambda: solve(conflicting)), "10 s"),
        ("the same beside the whole covariance", _best(lambda: solve(replace(conflicting, facts=full_facts))), "10 s"),
    ]  # fmt: skip


def _solved(task: OptimiserTask) -> None:
    assert isinstance(solve(task), Optimum)


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
