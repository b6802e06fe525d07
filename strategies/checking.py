"""A version's orders judged by the limits and lists in force: the check's inputs as plain data, and what the rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from engine.strategies.compliance import Check, Instrument, Lists, Order, check_orders, orders_to, plain
from lib.canonical import canonical_hash
from records.queries import current_version
from strategies.answers import wanted_weights
from strategies.benchmarks import benchmark_in
from strategies.limit_sets import limits_of
from strategies.models import Desk, DeskLimits, ListEntry, ListKind, StrategyVersion
from strategies.portfolio_facts import amount_of, held_weights, instruments_of, market_of


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of a version now, with all that went in."""

    limit_set: DeskLimits
    inputs: dict[str, Any]
    found: Check

    @property
    def inputs_hash(self) -> str:
        """One name for the inputs and the limits."""
        return canonical_hash({"limits": self.limit_set.content_hash, **self.inputs})

    @property
    def reasons(self) -> list[dict[str, str | None]]:
        """The reasons as plain data, each with its sentence."""
        return [{**reason.as_row(), "sentence": reason.sentence} for reason in self.found.reasons]


def judged(version: StrategyVersion, weights: Mapping[str, Decimal] | None = None) -> Judged:
    """The version's orders, or those that lead to other weights, under the limits in force today."""
    strategy = version.strategy
    limit_set = current_version(DeskLimits, strategy.limits_family)
    inputs = _inputs(version, wanted_weights(version) if weights is None else weights)
    return Judged(limit_set, inputs, verdict_of(limit_set, inputs))


def _inputs(version: StrategyVersion, wanted: Mapping[str, Decimal]) -> dict[str, Any]:
    strategy, amount = version.strategy, amount_of(version)
    benchmark = benchmark_in(version.content)
    market = market_of(strategy.universe, benchmark)
    before = held_weights(strategy, market, amount)
    changes = {ident: wanted.get(ident, Decimal(0)) - before.get(ident, Decimal(0)) for ident in {*wanted, *before}}
    shares = {ident: market.share_of_volume(ident, change * amount) for ident, change in changes.items()}
    orders = orders_to(before, wanted, shares)
    facts = instruments_of(strategy.universe, market, wanted, amount, changes)
    return {
        "before": _plain(before),
        "orders": [_plain(asdict(order)) for order in orders],
        "facts": {ident: _plain(asdict(fact)) for ident, fact in facts.items()},
        "risk": _plain(market.risk(wanted)),
        "risk_before": _plain(market.risk(before)) if before else {},
        "lists": lists_on(strategy.desk, timezone.localdate()),
        "prices": {"day": str(market.day), "hash": market.file_hash},
        "benchmark": {"held_against": benchmark, "hash": market.index_hash},
    }


def lists_on(desk: Desk, day: date) -> dict[str, list[str]]:
    """The names on each list of the desk on a day."""
    on: dict[str, list[str]] = {kind.value: [] for kind in ListKind}
    for entry in ListEntry.objects.filter(desk=desk).order_by("ident"):
        if entry.is_on(day) and entry.ident not in on[entry.list]:
            on[entry.list].append(entry.ident)
    return on


def verdict_of(limit_set: DeskLimits, inputs: Mapping[str, Any]) -> Check:
    """What the limits say of kept inputs: the same, whenever it is asked."""
    lists = inputs["lists"]
    return check_orders(
        limits_of(limit_set.content),
        {ident: Decimal(weight) for ident, weight in inputs["before"].items()},
        [Order(row["ident"], Decimal(row["weight_change"]), _decimal(row["share_of_adv"])) for row in inputs["orders"]],
        {ident: _fact(row) for ident, row in inputs["facts"].items()},
        {name: _decimal(value) for name, value in inputs["risk"].items()},
        Lists(frozenset(lists[ListKind.RESTRICTED]), frozenset(lists[ListKind.WATCH])),
        {name: _decimal(value) for name, value in inputs["risk_before"].items()},
    )


def _fact(row: Mapping[str, Any]) -> Instrument:
    return Instrument(row["sector"], _decimal(row["beta"]), _decimal(row["esg"]), _decimal(row["days"]))


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain(value) if isinstance(value, Decimal) else value for key, value in row.items()}
