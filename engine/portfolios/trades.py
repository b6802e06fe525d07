"""Trades tried on a pool: what each does to assets and cash, and every test before and after.

A sale brings par x price into principal cash, a purchase takes it; a sale of part of a position leaves the rest as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from engine.errors import InputProblems, Problem
from engine.portfolios.assets import Asset, Pool
from engine.portfolios.compliance import Compliance, Result, Status, check, with_previous
from engine.portfolios.measure import NIL, cents
from engine.portfolios.terms import DealTerms

HUNDRED = Decimal(100)


class Side(StrEnum):
    """Which way a trade goes."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade: par in the asset's currency, price in percent of par."""

    side: Side
    asset: Asset
    par: Decimal
    price_pct: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One test before and after."""

    before: Result
    after: Result

    @property
    def change(self) -> Decimal | None:
        """By how much the value moved."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def is_worse(self) -> bool:
        """True where the test fails after and is not maintained or improved."""
        return self.after.status is Status.FAIL or (
            self.after.status is Status.NOT_ASSESSED and self.before.status is not Status.NOT_ASSESSED
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """All tests before and after a basket."""

    before: Compliance
    after: Compliance
    changes: tuple[Change, ...]
    pool: Pool

    @property
    def holds(self) -> bool:
        """True where every test passes or is no worse than before, and cash suffices."""
        return self.pool.principal_cash >= NIL and not any(change.is_worse for change in self.changes)


def traded(pool: Pool, trades: Sequence[Trade], terms: DealTerms) -> Pool:
    """The pool after the trades; raises InputProblems for what cannot be traded."""
    assets: dict[str, Asset] = {asset.blkrockid: asset for asset in pool.assets}
    cash, problems = pool.principal_cash, list(trade_problems(assets, trades, terms))
    if problems:
        raise InputProblems(problems)
    for trade in trades:
        sign = 1 if trade.side is Side.BUY else -1
        held = assets.get(trade.asset.blkrockid)
        par = (held.deal_par_amount if held else NIL) + sign * trade.par
        cash -= sign * cents(trade.par * trade.price_pct / HUNDRED * terms.fx[trade.asset.currency])
        if par <= NIL:
            del assets[trade.asset.blkrockid]
        else:
            assets[trade.asset.blkrockid] = _held(held, trade, par, terms)
    return Pool(tuple(assets.values()), cash)


def _held(held: Asset | None, trade: Trade, par: Decimal, terms: DealTerms) -> Asset:
    """The position with its new par; unfunded commitments go with the par, a purchase averages the price."""
    base = held or trade.asset
    unfunded = base.unfunded_amount
    if unfunded and base.deal_par_amount:
        unfunded = cents(unfunded * par / base.deal_par_amount)
    if trade.side is Side.SELL:
        return replace(base, deal_par_amount=par, unfunded_amount=unfunded)
    price = trade.price_pct
    if held and held.purchase_price_pct is not None:
        price = (held.purchase_price_pct * held.deal_par_amount + trade.price_pct * trade.par) / par
    day = held.purchase_date if held and held.purchase_date else terms.determination_date
    return replace(base, deal_par_amount=par, unfunded_amount=unfunded, purchase_price_pct=price, purchase_date=day)


def trade_problems(held: Mapping[str, Asset], trades: Sequence[Trade], terms: DealTerms) -> Iterator[Problem]:
    """What is wrong with each trade, by its place in the basket."""
    left = {name: asset.deal_par_amount for name, asset in held.items()}
    for number, trade in enumerate(trades, start=1):
        name, place = trade.asset.blkrockid, f"trades.{number}"
        if trade.par <= NIL:
            yield Problem("no_par", place, f"Trade {number}: expected a par above nought.")
            continue
        if not NIL < trade.price_pct <= 200:
            yield Problem("price", place, f"Trade {number}: expected a price in percent of par, got {trade.price_pct}.")
        if trade.asset.currency not in terms.fx:
            yield Problem(
                "no_rate", place, f"Trade {number}: the deal has no exchange rate for {trade.asset.currency}."
            )
        if trade.side is Side.SELL:
            if trade.par > left.get(name, NIL):
                yield Problem(
                    "oversold",
                    place,
                    f"Trade {number}: {left.get(name, NIL):,} of {name} can be sold, not {trade.par:,}.",
                )
            left[name] = left.get(name, NIL) - trade.par
        else:
            left[name] = left.get(name, NIL) + trade.par


def try_trades(pool: Pool, trades: Sequence[Trade], terms: DealTerms, before: Compliance | None = None) -> Tried:
    """Every test before and after; a test that failed before must be maintained or improved."""
    before = before or check(pool, terms)
    after_pool = traded(pool, trades, terms)
    after = check(after_pool, with_previous(terms, before))
    changes = tuple(Change(one, other) for one, other in zip(before.results, after.results, strict=True))
    return Tried(before, after, changes, after_pool)
