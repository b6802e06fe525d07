"""The backtest's plain twin: one Decimal after the other, by the seven rules of the reference case and nothing else.

Written from the rules, not from the engine's text. Fractions appear only where a Decimal cannot hold a third.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from engine.strategies.backtest import Target
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.panels import Panel

CENT, NIL = Decimal("0.01"), Decimal(0)


def decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


Book = dict[str, int]


def plain_backtest(
    prices: Panel, targets: Sequence[Target], terms: BacktestTerms, left_on: Mapping[str, Any] | None = None
) -> PlainAccount:
    """An account with its trades and its ledger."""
    with localcontext() as context:
        context.prec = 80
        account = PlainAccount(prices, terms, left_on or {})
        for row in range(prices.days.size):
            account.live(row, dict(targets).get(row))
        return account


class PlainAccount:
    def __init__(self, prices: Panel, terms: BacktestTerms, left_on: Mapping[str, Any]) -> None:
        self.prices, self.terms, self.left_on, self.names = prices, terms, left_on, prices.names
        self.cash = cents(decimal(terms.initial_cash_amount))
        self.held: Book = dict.fromkeys(self.names, 0)
        self.wanted: Book = dict.fromkeys(self.names, 0)
        self.last = dict.fromkeys(self.names, NIL)
        self.waiting: list[tuple[int, Book]] = []
        self.gone: set[str] = set()
        self.trades: list[dict[str, Any]] = []
        self.ledger: list[dict[str, Any]] = []

    def live(self, row: int, target: Mapping[str, float] | None) -> None:
        line = dict.fromkeys(("split", "dividend", "borrow", "left", "trade", "commission"), NIL)
        for k, name in enumerate(self.names):
            line["split"] += self.split(name, Fraction(decimal(self.prices["split_ratio"][row, k])))
            line["dividend"] += cents(self.held[name] * decimal(self.prices["dividend_amount"][row, k]))
            line["borrow"] -= self.borrow(row, name)
            line["left"] += self.leave(row, name)
        while self.waiting and self.waiting[0][0] <= row:
            self.wanted = self.waiting.pop(0)[1]
        for k, name in enumerate(self.names):
            if name in self.gone:
                self.wanted[name] = 0
            amount, commission = self.trade(row, k, name)
            line["trade"] += amount
            line["commission"] -= commission
        self.cash += sum(line.values())
        self.value(row, line)
        if target is not None:
            self.waiting.append((row + self.terms.lag_days, self.aim(target)))

    def split(self, name: str, given: Fraction) -> Decimal:
        ratio = given.limit_denominator(1000)
        if ratio == 1:
            return NIL
        over = abs(self.held[name]) * ratio.numerator % ratio.denominator
        price = Fraction(self.last[name]) / ratio
        exact = Decimal(price.numerator) / price.denominator
        paid = cents(Decimal(over) / ratio.denominator * exact) * (1 if self.held[name] > 0 else -1)
        self.last[name] = exact.quantize(Decimal("0.000001"), ROUND_HALF_UP)
        for book in (self.held, self.wanted, *(each for _, each in self.waiting)):
            sign = 1 if book[name] > 0 else -1
            book[name] = sign * (abs(book[name]) * ratio.numerator // ratio.denominator)
        return paid

    def borrow(self, row: int, name: str) -> Decimal:
        if row == 0 or self.held[name] >= 0:
            return NIL
        nights = int((self.prices.days[row] - self.prices.days[row - 1]) / np.timedelta64(1, "D"))
        year = decimal(self.terms.borrow_rate) * nights / self.terms.borrow_basis_days
        return cents(-self.held[name] * self.last[name] * year)

    def leave(self, row: int, name: str) -> Decimal:
        if name not in self.left_on or self.prices.days[row] < self.left_on[name] or name in self.gone:
            return NIL
        self.gone.add(name)
        paid = cents(self.held[name] * self.last[name])
        self.held[name] = 0
        return paid

    def trade(self, row: int, k: int, name: str) -> tuple[Decimal, Decimal]:
        close, volume = self.prices["close"][row, k], self.prices["adv_shares"][row, k]
        share = Fraction(decimal(self.terms.participation_cap_ratio)).limit_denominator(10**6)
        most = 0 if np.isnan(volume) else int(share * int(volume))
        open_shares = self.wanted[name] - self.held[name]
        if np.isnan(close) or not open_shares or not most:
            return NIL, NIL
        size, sign = min(abs(open_shares), most), 1 if open_shares > 0 else -1
        against = decimal(self.terms.slippage_bps) / 10000 * size / decimal(volume)
        amount = cents(size * decimal(close) * (1 + sign * against))
        commission = cents(amount * decimal(self.terms.commission_bps) / 10000)
        self.held[name] += sign * size
        self.trades.append({
            "row": row, "name": k, "shares": sign * size, "amount": amount, "commission": commission,
            "slippage": abs(amount - cents(size * decimal(close))), "left": self.wanted[name] - self.held[name],
        })  # fmt: skip
        return -sign * amount, commission

    def value(self, row: int, line: dict[str, Decimal]) -> None:
        for k, name in enumerate(self.names):
            if not np.isnan(self.prices["close"][row, k]):
                self.last[name] = decimal(self.prices["close"][row, k])
        self.equity = cents(self.cash + sum(self.held[name] * self.last[name] for name in self.names))
        shares = [self.held[name] for name in self.names]
        self.ledger.append({"cash": self.cash, "equity": self.equity, "shares": shares, **line})

    def aim(self, target: Mapping[str, float]) -> Book:
        aimed = dict.fromkeys(self.names, 0)
        for name, weight in target.items():
            if self.equity > 0 and name not in self.gone and self.last[name]:
                aimed[name] = int(decimal(weight) * self.equity // self.last[name])
        return aimed
