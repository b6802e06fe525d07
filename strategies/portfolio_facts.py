"""What compliance and paper orders need: amounts, what is held, facts of names and risk of weights at the last close.

Numbers of the engine become Decimals of ten decimals, so that a solver's last digit passes no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.risk.attribution import against_benchmark
from engine.risk.liquidity import days_to_sell
from engine.risk.tails import Risk, side_by_side
from engine.strategies.compliance import Instrument
from engine.strategies.limits import decimal_of
from engine.strategies.panels import Floats, Panel
from engine.strategies.returns import held_returns, name_returns
from lib.verbs import refuse
from strategies.benchmarks import EQUAL, index_returns, weights_of
from strategies.members import stays_of
from strategies.models import (
    DatasetKind,
    OrderState,
    PaperOrder,
    Strategy,
    StrategyVersion,
    Universe,
)
from strategies.queries import latest_dataset
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


@dataclass(frozen=True)
class Market:
    """The panel in force at its last day: closes, volumes, betas, risk of weights; what is not known is None.

    `benchmark_returns` are what betas and tracking errors are against, day by day, as on the pages of risk; `index_hash` is
    the SHA-256 of the panel they come from, where that is not the prices.
    """

    prices: Panel
    file_hash: str
    benchmark_returns: Floats
    index_hash: str = ""

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
    def returns(self) -> Floats:
        """Daily returns of the names."""
        return name_returns(self.prices)

    @cached_property
    def is_measurable(self) -> dict[str, bool]:
        """Whether a name has a close on the last day and enough days before it."""
        days, quoted = np.isfinite(self.returns).sum(axis=0), np.isfinite(self.prices["close"][-1])
        return {name: bool(quoted[place] and days[place] >= LEAST_DAYS) for place, name in enumerate(self.prices.names)}

    def beta(self, ident: str) -> Decimal | None:
        """The name's beta over the days on which it traded."""
        if not self.is_measurable.get(ident):
            return None
        own = self.returns[:, self.prices.names.index(ident)]
        known = np.isfinite(own) & np.isfinite(self.benchmark_returns)
        try:
            return exact(round(against_benchmark(own[known], self.benchmark_returns[known]).beta, 6))
        except CalculationError:
            return None

    def portfolio_returns(self, weights: Mapping[str, Decimal]) -> Floats | None:
        """Daily returns of fixed weights; None where a name that is held cannot be measured."""
        held = {ident: float(weight) for ident, weight in weights.items() if weight}
        if not all(self.is_measurable.get(ident) for ident in held):
            return None
        return held_returns(self.returns, _vector(self.prices.names, held))

    def tail(self, weights: Mapping[str, Decimal], level: float) -> Risk | None:
        """The most cautious of the five conventions for one day: the largest value at risk, the largest shortfall."""
        returns = self.portfolio_returns(weights)
        if returns is None:
            return None
        found = side_by_side(returns, level)
        return Risk(max(each.risk.var for each in found), max(each.risk.es for each in found))

    def risk(self, weights: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
        """Tracking error and value at risk of the weights, as the limits name them."""
        returns, tail = self.portfolio_returns(weights), self.tail(weights, 0.95)
        if returns is None or tail is None:
            return dict.fromkeys(RISK)
        known = np.isfinite(self.benchmark_returns)
        error = against_benchmark(returns[known], self.benchmark_returns[known]).tracking_error
        return dict(zip(RISK, (exact(error), exact(tail.var)), strict=True))

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


def market_of(universe: Universe, benchmark: str = EQUAL) -> Market:
    """The prices in force, held against a benchmark; Invalid where one of them is not there."""
    dataset = latest_dataset(universe, DatasetKind.PRICES)
    if dataset is None:
        raise refuse("no_prices", "datasets", f"{universe} has no prices yet: take a panel in first.")
    prices = panel_of(dataset.file_hash)
    weights = weights_of(benchmark, _equal_weights(universe, prices))
    if weights is not None:
        return Market(prices, dataset.file_hash, held_returns(name_returns(prices), _vector(prices.names, weights)))
    held = latest_dataset(universe, DatasetKind.INDICES)
    try:
        returns = index_returns(panel_of(held.file_hash) if held else None, benchmark, prices.days)
    except CalculationError as refused:
        raise refuse("no_index", "benchmark", str(refused)) from refused
    return Market(prices, dataset.file_hash, returns, held.file_hash if held else "")


def _equal_weights(universe: Universe, prices: Panel) -> dict[str, float]:
    """The members that trade on the last day, each with the same."""
    inside = {stay.ident for stay in stays_of(universe.members) if stay.on(prices.days[-1])}
    traded = np.isfinite(prices["close"][-1])
    names = [name for name, has_close in zip(prices.names, traded, strict=True) if has_close and name in inside]
    return dict.fromkeys(names, 1.0 / len(names)) if names else {}


def _vector(names: Sequence[str], weights: Mapping[str, float]) -> Floats:
    return np.array([weights.get(name, 0.0) for name in names])


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
        beta=market.beta(ident),
        esg=exact(member.get("esg_score")),
        days=market.days_to_sell(ident, held_amount),
    )
