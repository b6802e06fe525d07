"""Targets traded at daily closes, to the cent: a lag, part of each day's volume, slippage, borrow, dividends, splits, halts.

Each day in this order: split, dividend, borrow charge, names that have left, trades at the close, valuation, new target.
Money is whole cents, prices are millionths, so every result is exact: whole columns are worked in floats, and an entry that
stands so near a boundary of rounding that a float could miss it is worked again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputProblems, Problem
from engine.strategies.backtest_terms import BPS, CENTS, TICKS, BacktestTerms, cut, exact, half_up, split_of
from engine.strategies.panels import Days, Floats, Panel

Ints = NDArray[np.int64]
CENT_TICKS = TICKS // CENTS
MOST_WEIGHT = 100
# Flows of a day, in the order of the ledger.
FLOWS = ("split_cents", "dividend_cents", "borrow_cents", "left_cents", "trade_cents", "commission_cents")
# A float of this size is off by less than this share of it, and by less than this near nil.
_DOUBT, _LEAST_DOUBT = 1e-14, 1e-6
Report = Callable[[int, float], None]
Target = tuple[int, Mapping[str, float]]


class Trades(NamedTuple):
    """One entry a trade: row of the panel, number of the name, signed shares, what the day still leaves to do.

    `amount_cents` is what is paid or received without commission; slippage is its difference from shares at the close.
    """

    row: Ints
    name: Ints
    shares: Ints
    close: Floats
    amount_cents: Ints
    commission_cents: Ints
    slippage_cents: Ints
    slippage_bps: Floats
    left: Ints


@dataclass(frozen=True, slots=True)
class Backtest:
    """A run by day: `flows` has the signed cents of each of FLOWS, which take the opening cash to the closing.

    `shares` (days, names) is held at the close; long and short are values there, short with its sign.
    """

    days: Days
    names: tuple[str, ...]
    terms: BacktestTerms
    cash_cents: Ints
    equity_cents: Ints
    long_cents: Ints
    short_cents: Ints
    flows: Mapping[str, Ints]
    shares: Ints
    trades: Trades
    problems: tuple[Problem, ...]

    @property
    def equity(self) -> Floats:
        """Worth of the account at each close, an amount."""
        found: Floats = self.equity_cents / CENTS
        return found

    @property
    def totals(self) -> dict[str, float]:
        """What the run paid, received and traded, amounts."""
        cents = {
            "commission": -self.flows["commission_cents"].sum(),
            "slippage": self.trades.slippage_cents.sum(),
            "borrow": -self.flows["borrow_cents"].sum(),
            "dividends": self.flows["dividend_cents"].sum(),
            "traded": self.trades.amount_cents.sum(),
        }
        return {name: float(amount) / CENTS for name, amount in cents.items()}


def run_backtest(
    prices: Panel,
    targets: Sequence[Target],
    terms: BacktestTerms,
    left_on: Mapping[str, np.datetime64] | None = None,
    report: Report = lambda days, equity: None,
) -> Backtest:
    """The targets (row of the panel, weight by name) traded from cash; `left_on` has the days on which names leave.

    Raises InputProblems where prices or targets cannot be used; what can be gone on with is among the result's problems.
    `report` is told the days done and the equity of the last.
    """
    refuse_unusable(prices, targets)
    account = _Account(prices, terms, dict(left_on or {}))
    by_row = dict(targets)
    for row in range(prices.days.size):
        account.live(row, by_row.get(row))
        report(row + 1, account.net[row] / CENTS)
    return account.result()


# What cannot be used


def refuse_unusable(prices: Panel, targets: Sequence[Target]) -> None:
    """Raises InputProblems: fields missing, days unsorted, prices, splits or volumes that are none, targets out of place."""
    missing = [name for name in ("close", "adv_shares") if name not in prices.fields]
    problems = [Problem("missing", name, f"Prices: the field {name} is missing.") for name in missing]
    if not problems:
        problems = [*_price_problems(prices), *_target_problems(prices, targets)]
    if problems:
        raise InputProblems(problems)


def _price_problems(prices: Panel) -> Iterable[Problem]:
    if prices.days.size == 0:
        yield Problem("no_days", "prices", "Prices: there is no day.")
    if (np.diff(prices.days.astype("datetime64[D]").astype(np.int64)) <= 0).any():
        yield Problem("unsorted_days", "prices", "Prices: expected each day once and in order.")
    wrong = {"close": 0.0, "split_ratio": 0.0, "adv_shares": -np.finfo(float).tiny}
    for name, above in wrong.items():
        for row, column in _first_bad(prices, name, above):
            day, value = prices.days[row], prices[name][row, column]
            place = f"{prices.names[column]} {day}"
            yield Problem("not_positive", place, f"{prices.names[column]} on {day}: {name} is {value:g}, expected more than nil.")  # fmt: skip


def _first_bad(prices: Panel, field: str, above: float) -> list[tuple[int, int]]:
    """Row and column of the first bad entry of each name, for ten names at most."""
    if field not in prices.fields:
        return []
    values = prices[field]
    bad = (values <= above) | np.isinf(values)
    return [(int(bad[:, column].argmax()), int(column)) for column in np.flatnonzero(bad.any(axis=0))[:10]]


def _target_problems(prices: Panel, targets: Sequence[Target]) -> Iterable[Problem]:
    known, rows = set(prices.names), [row for row, _ in targets]
    if rows != sorted(set(rows)):
        yield Problem("unsorted_targets", "targets", "Targets: expected each day once and in order.")
    for row, weights in targets:
        if not 0 <= row < prices.days.size:
            yield Problem("no_such_day", "targets", f"Targets: day {row + 1} is not among the {prices.days.size} days of prices.")  # fmt: skip
            continue
        for name, weight in weights.items():
            place = f"{name} {prices.days[row]}"
            if name not in known:
                yield Problem("unknown_name", place, f"Target of {prices.days[row]}: {name} has no prices.")
            elif not abs(weight) <= MOST_WEIGHT:
                yield Problem("no_weight", place, f"Target of {prices.days[row]}: expected a weight of {name} between -{MOST_WEIGHT} and {MOST_WEIGHT}, got {weight}.")  # fmt: skip


# The account


def _joined(parts: Sequence[Sequence[NDArray[Any]]]) -> Trades:
    """Trades that came a part a day."""

    def column(place: int, kind: type) -> NDArray[Any]:
        return np.concatenate([part[place] for part in parts] or [np.empty(0)]).astype(kind)

    kinds = (np.float64 if name in {"close", "slippage_bps"} else np.int64 for name in Trades._fields)
    return Trades(*(column(place, kind) for place, kind in enumerate(kinds)))


class _Account:
    """Cash, shares and what is wanted, lived through day by day."""

    def __init__(self, prices: Panel, terms: BacktestTerms, left_on: dict[str, np.datetime64]) -> None:
        days, count = prices.days.size, len(prices.names)
        self.prices, self.terms = prices, terms
        self.place = {name: column for column, name in enumerate(prices.names)}
        self.ticks = np.rint(np.nan_to_num(prices["close"]) * TICKS).astype(np.int64)
        self.volumes = np.rint(np.nan_to_num(prices["adv_shares"])).astype(np.int64)
        self.caps = _caps(self.volumes, terms)
        self.calendar = prices.days.astype("datetime64[D]").astype(np.int64)
        self.leaving = _leaving(prices, left_on)
        self.cash = half_up(exact(terms.initial_cash_amount) * CENTS)
        self.held, self.wanted = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.last = np.zeros(count, dtype=np.int64)
        self.gone = np.zeros(count, dtype=np.bool_)
        self.ahead: list[tuple[int, Ints]] = []
        self.flows = {name: np.zeros(days, np.int64) for name in FLOWS}
        self.cash_by_day, self.long, self.short, self.net = (np.zeros(days, np.int64) for _ in range(4))
        self.shares = np.zeros((days, count), np.int64)
        self.halted_days, self.dry_days = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.parts: list[tuple[NDArray[Any], ...]] = []
        self.problems: list[Problem] = []

    def live(self, row: int, target: Mapping[str, float] | None) -> None:
        """One day."""
        flows = {
            "split_cents": self._split(row),
            "dividend_cents": self._dividend(row),
            "borrow_cents": -self._borrow(row),
            "left_cents": self._leave(row),
        }
        flows["trade_cents"], flows["commission_cents"] = self._trade(row)
        for name, cents in flows.items():
            self.flows[name][row] = cents
        self.cash += sum(flows.values())
        self._value(row)
        if target is not None:
            self._aim(row, target)

    def result(self) -> Backtest:
        """All days."""
        return Backtest(
            self.prices.days, self.prices.names, self.terms, self.cash_by_day, self.net, self.long, self.short,
            self.flows, self.shares, _joined(self.parts), (*self.problems, *self._said_at_the_end()),
        )  # fmt: skip

    def _split(self, row: int) -> int:
        """Shares held and wanted times the ratio, cut towards nil; what is cut off a position is paid at its last value."""
        paid = 0
        for column in _apart_from(self.prices, "split_ratio", row, 1.0):
            ratio = split_of(self.prices["split_ratio"][row, column])
            whole = ratio * int(self.held[column])
            price = Fraction(int(self.last[column])) / ratio
            paid += half_up((whole - cut(whole)) * price / CENT_TICKS)
            self.last[column] = half_up(price)
            for shares in (self.held, self.wanted, *(wanted for _, wanted in self.ahead)):
                shares[column] = cut(ratio * int(shares[column]))
        return paid

    def _dividend(self, row: int) -> int:
        """Shares held times the amount, to the cent: received on longs, paid on shorts."""
        paying = [column for column in _apart_from(self.prices, "dividend_amount", row, 0.0) if self.held[column]]
        amounts = self.prices.fields.get("dividend_amount")
        return (
            sum(half_up(exact(amounts[row, k]) * int(self.held[k]) * CENTS) for k in paying)
            if amounts is not None
            else 0
        )

    def _borrow(self, row: int) -> int:
        """Each short held overnight: value at its last price, by calendar days since the day before, to the cent."""
        if row == 0:
            return 0
        short = np.flatnonzero(self.held < 0)
        days = int(self.calendar[row] - self.calendar[row - 1])
        rate = exact(self.terms.borrow_rate) * days / self.terms.borrow_basis_days / CENT_TICKS
        value = -self.held[short] * self.last[short]
        return int(_rounded(value * float(rate), lambda k: rate * int(value[k])).sum())

    def _leave(self, row: int) -> int:
        """Names that have left: the position closed at its last price without cost, and said."""
        paid = 0
        for column in self.leaving.get(row, ()):
            self.gone[column], self.wanted[column] = True, 0
            for _, wanted in self.ahead:
                wanted[column] = 0
            if self.held[column]:
                paid += half_up(Fraction(int(self.held[column] * self.last[column]), CENT_TICKS))
                self._say(row, column, "left", f"has left: {int(self.held[column])} shares were closed at the last price, {self.last[column] / TICKS:g}.")  # fmt: skip
                self.held[column] = 0
        return paid

    def _trade(self, row: int) -> tuple[int, int]:
        """What is open and can be traded today: cash from trades and from commission, signed."""
        while self.ahead and self.ahead[0][0] <= row:
            self.wanted = self.ahead.pop(0)[1]
        close, open_shares = self.ticks[row], self.wanted - self.held
        is_open = (open_shares != 0) & ~self.gone
        self.halted_days += is_open & (close == 0)
        self.dry_days += is_open & (close > 0) & (self.caps[row] == 0)
        now = np.flatnonzero(is_open & (close > 0) & (self.caps[row] > 0))
        size = np.minimum(np.abs(open_shares[now]), self.caps[row][now])
        shares = np.sign(open_shares[now]) * size
        amount = _amounts(size, np.sign(shares), close[now], self.volumes[row][now], self.terms)
        plain = _rounded(size * close[now] / CENT_TICKS, lambda k: Fraction(int(size[k] * close[now][k]), CENT_TICKS))
        bps = exact(self.terms.commission_bps) / BPS
        commission = _rounded(amount * float(bps), lambda k: bps * int(amount[k]))
        self.held[now] += shares
        if now.size:
            self.parts.append((
                np.full(now.size, row), now, shares, close[now] / TICKS, amount, commission, np.abs(amount - plain),
                self.terms.slippage_bps * size / self.volumes[row][now], self.wanted[now] - self.held[now],
            ))  # fmt: skip
        return -int((np.sign(shares) * amount).sum()), -int(commission.sum())

    def _value(self, row: int) -> None:
        """The positions at the close, or at the last one."""
        close = self.ticks[row]
        self.last = np.where(close > 0, close, self.last)
        value = self.held * self.last
        self.long[row] = half_up(Fraction(int(value[value > 0].sum()), CENT_TICKS))
        self.short[row] = half_up(Fraction(int(value[value < 0].sum()), CENT_TICKS))
        self.net[row] = half_up(Fraction(self.cash * CENT_TICKS + int(value.sum()), CENT_TICKS))
        self.cash_by_day[row], self.shares[row] = self.cash, self.held

    def _aim(self, row: int, target: Mapping[str, float]) -> None:
        """Shares wanted from this close's equity, to be traded after the lag; a later target replaces them."""
        wanted = np.zeros_like(self.held)
        equity = int(self.net[row])
        if equity <= 0:
            self._say(
                row, None, "no_equity", "the account is worth nothing: no target is set, and what is held is sold."
            )
            target = {}
        columns, weights = [], []
        for name, weight in target.items():
            column = self.place[name]
            if weight and self._can_hold(row, column):
                columns.append(column)
                weights.append(weight)
        price, equity_ticks = self.last[columns], equity * CENT_TICKS
        guess = np.array(weights) * equity_ticks / price
        wanted[columns] = _cut(guess, lambda k: exact(weights[k]) * equity_ticks / int(price[k]))
        self.ahead.append((row + self.terms.lag_days, wanted))

    def _can_hold(self, row: int, column: int) -> bool:
        """False, and said, for a name that has left or was never priced yet."""
        if self.gone[column]:
            self._say(row, column, "has_left", "has left: its target is not set.")
        elif self.last[column] == 0:
            self._say(row, column, "no_price", "has no price yet: its target is not set.")
        return not self.gone[column] and self.last[column] > 0

    def _say(self, row: int, column: int | None, code: str, words: str) -> None:
        day = str(self.prices.days[row])
        name = "" if column is None else self.prices.names[column]
        self.problems.append(Problem(code, f"{name} {day}".strip(), f"{f'{name} on {day}' if name else day}: {words}"))

    def _said_at_the_end(self) -> Iterable[Problem]:
        yield from self._silent_names()
        yield from self._waits()
        below = int((self.cash_by_day < 0).sum())
        if below:
            yield Problem("cash_below_nil", "cash", f"Cash was below nil on {below} of {self.net.size} days; nothing is charged for it.")  # fmt: skip

    def _silent_names(self) -> Iterable[Problem]:
        """Positions valued at an old price at the end."""
        row = self.prices.days.size - 1
        for column in np.flatnonzero((self.held != 0) & (self.ticks[row] == 0)):
            seen = int(np.flatnonzero(self.ticks[:, column])[-1])
            name = self.prices.names[column]
            yield Problem("no_close", name, f"{name}: no close since {self.prices.days[seen]}; {int(self.held[column])} shares are valued at that price to the end.")  # fmt: skip

    def _waits(self) -> Iterable[Problem]:
        """Orders that stood still, by name."""
        for column in np.flatnonzero(self.halted_days + self.dry_days):
            name, halted, dry = self.prices.names[column], int(self.halted_days[column]), int(self.dry_days[column])
            reasons = [f"{halted} without a close"] * (halted > 0) + [f"{dry} without enough volume for one share"] * (
                dry > 0
            )
            yield Problem("waited", name, f"{name}: orders waited on days: {', '.join(reasons)}.")


def _caps(volumes: Ints, terms: BacktestTerms) -> Ints:
    """Most shares of a day: the cap's share of its volume, cut; the share is read to millionths, so that int64 holds it."""
    share = exact(terms.participation_cap_ratio).limit_denominator(1_000_000)
    return volumes * share.numerator // share.denominator


def _leaving(prices: Panel, left_on: Mapping[str, np.datetime64]) -> dict[int, list[int]]:
    """Names by the first row at or after the day they leave."""
    found: dict[int, list[int]] = {}
    for column, name in enumerate(prices.names):
        if name in left_on:
            found.setdefault(int(np.searchsorted(prices.days, left_on[name])), []).append(column)
    return found


def _apart_from(prices: Panel, field: str, row: int, usual: float) -> list[int]:
    """Names whose field says something else than usual on the day; not known is usual."""
    if field not in prices.fields:
        return []
    return [int(k) for k in np.flatnonzero(np.nan_to_num(prices[field][row], nan=usual) != usual)]


def _amounts(size: Ints, side: Ints, close: Ints, volume: Ints, terms: BacktestTerms) -> Ints:
    """Cents of each trade at its close moved by slippage against it."""
    bps = exact(terms.slippage_bps) / BPS
    moved = 1.0 + side * float(bps) * size / volume

    def worked(k: int) -> Fraction:
        factor = 1 + int(side[k]) * bps * int(size[k]) / int(volume[k])
        return factor * int(size[k]) * int(close[k]) / CENT_TICKS

    return _rounded(size * close * moved / CENT_TICKS, worked)


def _doubt(guess: NDArray[Any]) -> Floats:
    return np.asarray(np.abs(guess) * _DOUBT + _LEAST_DOUBT, dtype=np.float64)


def _rounded(guess: NDArray[Any], worked: Callable[[int], Fraction]) -> Ints:
    """Nearest whole numbers, halves away from nil; those in doubt worked in fractions."""
    found: Ints = (np.sign(guess) * np.floor(np.abs(guess) + 0.5)).astype(np.int64)
    past_half = np.abs(guess) + 0.5
    for k in np.flatnonzero(np.abs(past_half - np.rint(past_half)) <= _doubt(guess)):
        found[k] = half_up(worked(int(k)))
    return found


def _cut(guess: NDArray[Any], worked: Callable[[int], Fraction]) -> Ints:
    """Whole numbers towards nil; those in doubt worked in fractions."""
    found: Ints = np.trunc(guess).astype(np.int64)
    for k in np.flatnonzero(np.abs(guess - np.rint(guess)) <= _doubt(guess)):
        found[k] = cut(worked(int(k)))
    return found
