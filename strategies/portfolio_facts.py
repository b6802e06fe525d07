"""What compliance and paper orders need of a version: wanted weights, what is held, facts of names at the last close.

Weights come from the version's last portfolio run, risk from its last risk run: answers are read here and nowhere else.
Numbers of the engine become Decimals of ten decimals, so that a solver's last digit passes no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.risk.attribution import YEAR_DAYS, against_benchmark
from engine.risk.liquidity import days_to_sell
from engine.strategies.compliance import Instrument
from engine.strategies.limits import decimal_of
from engine.strategies.panels import Floats, Panel
from engine.strategies.price_factors import total_return_index
from jobs.models import JobState
from lib.verbs import refuse
from strategies.models import (
    DatasetKind,
    OrderState,
    PaperOrder,
    Strategy,
    StrategyRun,
    StrategyVersion,
    Task,
    Universe,
)
from strategies.queries import last_done, latest_dataset
from strategies.translate import panel_of

DECIMALS = Decimal("1e-10")
PARTICIPATION_RATIO = 0.2
LEAST_DAYS = 60  # of returns, for a beta
RISK = ("tracking_error", "var95_one_day")


def exact(value: Any) -> Decimal | None:
    """The number at ten decimals, without closing zeros; None for what is none."""
    number = decimal_of(float(value)) if isinstance(value, np.floating) else decimal_of(value)
    return None if number is None else (number.quantize(DECIMALS) + 0).normalize() + 0


def amount_of(version: StrategyVersion) -> Decimal:
    """What the strategy invests, in the desk's currency."""
    amount = decimal_of(version.content.get("initial_cash_amount"))
    if amount is None or amount <= 0:
        raise refuse("no_amount", "initial_cash_amount", "The strategy does not say which amount it invests.")
    return amount


def portfolio_run(version: StrategyVersion) -> StrategyRun:
    """The run that the version's weights come from."""
    run = last_done(version, Task.OPTIMISE)
    if run is None or not run.summary.get("weights"):
        raise refuse("no_portfolio", "version", f"{version} has no portfolio yet: run the optimiser first.")
    return run


def wanted_weights(version: StrategyVersion) -> dict[str, Decimal]:
    """The weights of the version's portfolio, by name."""
    weights = (portfolio_run(version).summary)["weights"]
    rows = weights.items() if isinstance(weights, Mapping) else ((row["ident"], row["weight"]) for row in weights)
    found = {str(ident): exact(weight) for ident, weight in rows}
    return {ident: weight for ident, weight in sorted(found.items()) if weight}


def risk_of(version: StrategyVersion) -> dict[str, Decimal | None]:
    """Tracking error and value at risk of the version's last risk run; None for what was not measured."""
    run = last_done(version, Task.RISK)
    answer = run.summary if run else {}
    return {name: exact(answer.get(name)) for name in RISK}


def scenarios_run(version: StrategyVersion) -> list[str]:
    """The names of the scenarios that the version was put through."""
    runs = StrategyRun.objects.filter(version=version, task=Task.SCENARIOS, state=JobState.DONE)
    rows = [row for run in runs for row in run.summary.get("scenarios", [])]
    return sorted({str(row["name"]) for row in rows})


@dataclass(frozen=True)
class Market:
    """The panel in force at its last day: closes, volumes, betas; what is not known is None."""

    prices: Panel
    file_hash: str

    @property
    def day(self) -> date:
        """The last day of the panel."""
        last: date = self.prices.days[-1].astype("datetime64[D]").item()
        return last

    def close(self, ident: str) -> Decimal | None:
        """The name's close of the last day."""
        return self._last("close", ident)

    def volume(self, ident: str) -> Decimal | None:
        """Shares a day."""
        return self._last("adv_shares", ident)

    def _last(self, field: str, ident: str) -> Decimal | None:
        if ident not in self.prices.names or field not in self.prices.fields:
            return None
        value = float(self.prices[field][-1, self.prices.names.index(ident)])
        return exact(value) if value > 0 else None

    @cached_property
    def betas(self) -> dict[str, Decimal | None]:
        """Each name's beta to the mean of all over the last year, for names with enough days."""
        index = total_return_index(self.prices)[-YEAR_DAYS - 1 :]
        quoted = np.isfinite(self.prices["close"])[-YEAR_DAYS - 1 :]
        returns = np.where(quoted[1:] & quoted[:-1], index[1:] / index[:-1] - 1, np.nan)
        days = np.isfinite(returns).any(axis=1)
        mean = np.nanmean(returns[days], axis=1)
        return {
            name: _beta(returns[days, place], mean) if quoted[-1, place] else None
            for place, name in enumerate(self.prices.names)
        }

    def share_of_volume(self, ident: str, amount: Decimal) -> Decimal | None:
        """How much of a day's volume the amount is."""
        close, volume = self.close(ident), self.volume(ident)
        return exact(abs(amount) / (close * volume)) if close and volume else None

    def days_to_sell(self, ident: str, amount: Decimal) -> Decimal | None:
        """Days at a fifth of the volume."""
        close, volume = self.close(ident), self.volume(ident)
        if not close or not volume:
            return None
        shares, volumes = np.array([float(amount / close)]), np.array([float(volume)])
        return exact(days_to_sell(shares, volumes, PARTICIPATION_RATIO)[0])


def _beta(returns: Floats, benchmark: Floats) -> Decimal | None:
    known = np.isfinite(returns)
    if known.sum() < LEAST_DAYS:
        return None
    try:
        return exact(round(against_benchmark(returns[known], benchmark[known]).beta, 6))
    except CalculationError:
        return None


def market_of(universe: Universe) -> Market:
    """The prices in force; Invalid where there are none."""
    dataset = latest_dataset(universe, DatasetKind.PRICES)
    if dataset is None:
        raise refuse("no_prices", "datasets", f"{universe} has no prices yet: take a panel in first.")
    return Market(panel_of(dataset.file_hash), dataset.file_hash)


def held_shares(strategy: Strategy) -> dict[str, int]:
    """Shares by name from the paper orders that are done."""
    held: dict[str, int] = {}
    for order in PaperOrder.objects.filter(strategy=strategy, state=OrderState.DONE):
        held[order.ident] = held.get(order.ident, 0) + order.shares
    return {ident: shares for ident, shares in sorted(held.items()) if shares}


def held_weights(strategy: Strategy, market: Market, amount: Decimal) -> dict[str, Decimal]:
    """What is held as weights at the last close; Invalid for a holding without one."""
    weights: dict[str, Decimal] = {}
    for ident, shares in held_shares(strategy).items():
        close = market.close(ident)
        if close is None:
            raise refuse("no_close", "datasets", f"{ident} is held and has no close on {market.day:%-d %b %Y}.")
        weights[ident] = exact(shares * close / amount) or Decimal(0)
    return weights


def instruments_of(
    universe: Universe, market: Market, weights: Mapping[str, Decimal], amount: Decimal, idents: Iterable[str]
) -> dict[str, Instrument]:
    """What the rules need to know of each name at its weight."""
    members = {row["ident"]: row for row in universe.members}
    return {ident: _instrument(ident, members.get(ident, {}), market, weights, amount) for ident in sorted(set(idents))}


def _instrument(
    ident: str, member: Mapping[str, Any], market: Market, weights: Mapping[str, Decimal], amount: Decimal
) -> Instrument:
    held_amount = weights.get(ident, Decimal(0)) * amount
    return Instrument(
        sector=member.get("sector") or None,
        beta=market.betas.get(ident),
        esg=exact(member.get("esg_score")),
        days=market.days_to_sell(ident, held_amount),
    )


def tear_sheet_of(version: StrategyVersion) -> dict[str, Any]:
    """The figures of the version's last backtest; empty where there is none."""
    run = last_done(version, Task.BACKTEST)
    found: dict[str, Any] = run.summary.get("tear_sheet", {}) if run else {}
    return found
