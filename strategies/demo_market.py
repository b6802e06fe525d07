"""A market that never was: names, prices, fundamentals and factor returns drawn with one seed, for the demo and tests.

Real prices belong to their vendors. Drawn: one market, one value and one momentum factor, sectors, specific noise;
volumes; two dividends a year; one split; one name that leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from engine.strategies.panels import Panel
from strategies.translate import rows_of_panel

SECTORS = ("Utilities", "Data centres", "Towers", "Logistics", "Offices")
FACTORS = ("market", "rates", "momentum")
INDEX = "Broad market"
FIRST_DAY = "2022-01-03"


@dataclass(frozen=True, slots=True)
class Market:
    """Members of a universe, and its panels as rows."""

    members: list[dict[str, Any]]
    prices: pa.Table
    factors: pa.Table
    risk_factors: pa.Table
    indices: pa.Table


def market(names: int = 20, days: int = 756, seed: int = 20261127) -> Market:
    """The market of so many names and weekdays; equal arguments draw equal bytes."""
    draw = np.random.default_rng(seed)
    calendar = np.busday_offset(np.datetime64(FIRST_DAY), np.arange(days))
    idents = tuple(f"RA{number:02d}" for number in range(1, names + 1))
    factor_returns = draw.normal((0.0003, 0.0, 0.0001), (0.009, 0.004, 0.004), (days, len(FACTORS)))
    loadings = draw.normal((1.0, -0.4, 0.0), (0.2, 0.3, 0.5), (names, len(FACTORS)))
    quality = draw.normal(0.0, 1.0, names)
    returns = factor_returns @ loadings.T + draw.normal(0.0001 * quality, 0.011, (days, names))
    close = np.asarray(draw.uniform(15, 140, names) * np.cumprod(1 + returns, axis=0), np.float64).round(2)
    volume = np.asarray(np.exp(draw.normal(13.2, 0.3, (days, names))), np.float64).round()
    splits, dividends = np.ones_like(close), np.zeros_like(close)
    splits[days // 2, 0] = 2.0
    close[days // 2 :, 0] = np.round(close[days // 2 :, 0] / 2, 2)
    dividends[63::126] = np.round(close[63::126] * 0.012, 2)
    gone = days - days // 6
    for field in (close, volume):
        field[gone:, names - 1] = np.nan
    members = [
        {
            "ident": ident,
            "name": f"Real Asset {place + 1}",
            "sector": SECTORS[place % len(SECTORS)],
            "currency": "USD",
            "esg_score": int(45 + 3 * (place % 12)),
            "from_date": FIRST_DAY,
            "until_date": str(calendar[gone - 1]) if place == names - 1 else None,
        }
        for place, ident in enumerate(idents)
    ]
    prices = Panel(
        calendar,
        idents,
        {"close": close, "adv_shares": volume, "dividend_amount": dividends, "split_ratio": splits},
    )
    return Market(
        members,
        rows_of_panel(prices),
        _fundamentals(draw, prices, quality),
        _risk(calendar, factor_returns),
        _index(calendar, factor_returns[:, :1]),
    )


def _fundamentals(draw: np.random.Generator, prices: Panel, quality: Any) -> pa.Table:
    """Month-end values, known ten days later."""
    months = prices.days.astype("datetime64[M]")
    ends = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    names = len(prices.names)
    close = prices["close"][ends]
    panel = Panel(
        prices.days[ends],
        prices.names,
        {
            "market_cap_amount": close * np.exp(draw.normal(18, 0.8, names)),
            "roe": np.where(np.isnan(close), np.nan, 0.09 + 0.03 * quality + draw.normal(0, 0.01, close.shape)),
            "ev_ebitda": np.where(np.isnan(close), np.nan, 14 - 2 * quality + draw.normal(0, 1.5, close.shape)),
        },
    )
    rows = rows_of_panel(panel)
    known = rows["date"].to_numpy() + np.timedelta64(10, "D")
    return rows.append_column("known_since", pa.array(known))


def _risk(calendar: Any, returns: Any) -> pa.Table:
    return rows_of_panel(Panel(calendar, FACTORS, {"return_ratio": returns}))


def _index(calendar: Any, returns: Any) -> pa.Table:
    """The market factor as an index of 1,000 on the eve of the first day."""
    return rows_of_panel(Panel(calendar, (INDEX,), {"close": np.round(1_000 * np.cumprod(1 + returns, axis=0), 2)}))
