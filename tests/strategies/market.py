"""Prices for the strategy tests: the reference case, and random markets with everything that can happen in one."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.strategies.panels import Panel

REFERENCE = Path(__file__).parent / "reference"


@cache
def backtest_case() -> dict[str, Any]:
    return dict(json.loads((REFERENCE / "backtest_case.json").read_text()))


def reference_prices() -> Panel:
    with (REFERENCE / "backtest_prices.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    days = sorted({row["date"] for row in rows})
    names = tuple(sorted({row["asset"] for row in rows}))
    fields = empty_fields(len(days), len(names))
    for row in rows:
        place = days.index(row["date"]), names.index(row["asset"])
        fields["close"][place] = float(row["close"] or "nan")
        fields["adv_shares"][place] = float(row["adv_shares"])
    given = backtest_case()["parameters"]
    dividend, split = given["dividend"], given["split"]
    fields["dividend_amount"][dividend["day"] - 1, names.index(dividend["asset"])] = float(dividend["per_share"])
    fields["split_ratio"][split["day"] - 1, names.index(split["asset"])] = split["ratio"]
    return Panel(np.array(days, dtype="datetime64[D]"), names, fields)


def empty_fields(days: int, names: int) -> dict[str, Any]:
    shape = (days, names)
    return {
        "close": np.full(shape, np.nan),
        "adv_shares": np.full(shape, np.nan),
        "dividend_amount": np.zeros(shape),
        "split_ratio": np.ones(shape),
    }


def reference_targets() -> list[tuple[int, dict[str, float]]]:
    return [(day - 1, {name: float(w) for name, w in weights.items()}) for day, weights in backtest_case()["targets"]]


def business_days(count: int, first: str = "2021-01-04") -> Any:
    return np.busday_offset(np.datetime64(first), np.arange(count, dtype=np.int64))


def market(
    days: int,
    names: int,
    seed: int,
    halts: float = 0.02,
    splits: float = 0.002,
    dividends: float = 0.004,
    decimals: int = 2,
) -> Panel:
    """A random walk with halts, splits, dividends, thin and empty volumes."""
    rng, shape = np.random.default_rng(seed), (days, names)
    close = rng.uniform(5, 300, names) * np.exp(np.cumsum(rng.normal(0.0002, 0.02, shape), axis=0))
    ratios = np.where(rng.random(shape) < splits, rng.choice([2.0, 1.5, 0.1, 3.0, 1 / 3], shape), 1.0)
    close = np.maximum(np.round(close / np.cumprod(ratios, axis=0), decimals), 0.01)
    fields = {
        "close": np.where(rng.random(shape) < halts, np.nan, close),
        "adv_shares": np.floor(rng.lognormal(11, 1, shape)) * (rng.random(shape) > 0.01),
        "dividend_amount": np.where(rng.random(shape) < dividends, np.round(rng.uniform(0.01, 2, shape), 3), 0.0),
        "split_ratio": ratios,
    }
    return Panel(business_days(days), tuple(f"N{k:04d}" for k in range(names)), fields)


def random_targets(panel: Panel, every: int, seed: int, gross: float = 1.4) -> list[tuple[int, dict[str, float]]]:
    """Long and short weights every so many days."""
    rng, found = np.random.default_rng(seed), []
    for row in range(0, panel.days.size, every):
        weights = rng.normal(0.3, 1.0, len(panel.names))
        weights *= gross / np.abs(weights).sum()
        found.append((row, dict(zip(panel.names, weights.tolist(), strict=True))))
    return found
