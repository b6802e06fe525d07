"""What the issuer's swaps are worth under a market, by QuantLib: present value by leg, fair terms, and what a basis point moves.

Valued at the closing or on a later day, as contracts: without the counterparty's default. What is exchanged after the day counts; notionals
of classes and the pool are those of a run, and so is what is fixed by then: the index of the period under way, inflation up to the day. Index and
discount factors come from one zero curve (yearly compounded over actual days / 365, linear between its tenors, flat beyond
them); inflation from zero-coupon breakevens read the same way. Nothing of QuantLib's global state is read or set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import QuantLib as ql
from numpy.typing import NDArray

from engine.market import CurrencyMarket, Curve
from engine.notes.hedges import BPS, date_number, growth_years, open_periods
from engine.notes.papers import accrual_dates_of, dates_of, index_path, year_ratios
from engine.notes.run import NotesResult
from engine.notes.terms import Hedge, HedgeKind, NoteStructure, Notional

Floats = NDArray[np.float64]
DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange as the market projects it: what the issuer pays and receives on a notional; legs are signed by who holds them."""

    payment_date: date
    notional_amount: float
    named_leg_amount: float
    other_leg_amount: float

    @property
    def net_amount(self) -> float:
        """What the issuer is paid net."""
        return self.named_leg_amount + self.other_leg_amount


@dataclass(frozen=True, slots=True)
class Bump:
    """What the value moves by where a market's rates are higher: all of them, or the one of a tenor."""

    of: str
    tenor_years: float | None
    change_amount: float


@dataclass(frozen=True, slots=True)
class HedgeValue:
    """A swap's worth to the issuer. `fair_rate` is the fixed rate, `fair_margin_bps` the margin, at which it is worth nothing."""

    code: str
    value_amount: float
    named_leg_value_amount: float
    other_leg_value_amount: float
    fair_rate: float | None
    fair_margin_bps: float | None
    bumps: tuple[Bump, ...]
    exchanges: tuple[Exchange, ...]


def value_hedges(
    result: NotesResult,
    market: CurrencyMarket,
    bump_bps: float = 1.0,
    on: date | None = None,
    index_rates: Sequence[float] = (),
) -> list[HedgeValue]:
    """Every swap of the structure, in its order, on a day from the closing on, by default the closing; `index_rates` are the run's."""
    swaps = [_Swap(result, each, on, index_rates) for each in result.structure.hedges]
    return [_valued(each, market, bump_bps) for each in swaps]


def _valued(swap: _Swap, market: CurrencyMarket, bump_bps: float) -> HedgeValue:
    hedge = swap.hedge
    worth = swap.worth(market)
    base = sum(worth)
    bumps = [Bump(of, tenor, sum(swap.worth(moved)) - base) for of, tenor, moved in _bumped(market, hedge, bump_bps)]
    fair_rate, fair_margin_bps = swap.fair(market, *worth)
    return HedgeValue(hedge.code, base, *worth, fair_rate, fair_margin_bps, tuple(bumps), tuple(swap.exchanges(market)))


def _bumped(market: CurrencyMarket, hedge: Hedge, bump_bps: float) -> list[tuple[str, float | None, CurrencyMarket]]:
    """The market with its zero rates higher, all and one by one; breakevens too where they matter."""
    step, found = bump_bps * BPS, []
    curves: dict[str, tuple[Curve, Callable[[Curve], CurrencyMarket]]] = {
        "zero rates": (market.zero_curve, lambda curve: replace(market, zero_curve=curve))
    }
    if hedge.kind == HedgeKind.INFLATION:
        curves["breakevens"] = market.breakeven_curve, lambda curve: replace(market, breakeven_curve=curve)
    for of, (curve, put) in curves.items():
        for moved in (None, *(tenor for tenor, _ in curve.points)):
            points = ((tenor, rate + step * (moved in (None, tenor))) for tenor, rate in curve.points)
            found.append((of, moved, put(Curve.of(points))))
    return found


class _Swap:
    """A swap on the structure's dates: notionals and parts of a year by period, returns where it exchanges them."""

    def __init__(
        self, result: NotesResult, hedge: Hedge, on: date | None = None, index_rates: Sequence[float] = ()
    ) -> None:
        structure, self.hedge = result.structure, replace(hedge, default_months=None)
        frequency, closing = structure.payment_frequency_months, structure.closing_date
        self.start = max(on or closing, closing)
        self.periods = max(len(result.periods), -(-hedge.ends_months // frequency))
        self.dates = dates_of(structure, self.periods)
        self.accrual_dates = accrual_dates_of(structure, self.periods)
        self.accrual_starts = (closing, *self.accrual_dates[:-1])
        self.fixed_index = index_path(structure, self.periods, index_rates)
        to_come = np.array([day > self.start for day in self.dates], dtype=np.float64)
        self.is_open: Floats = open_periods(self.hedge, self.periods, frequency) * to_come
        self.years = year_ratios(structure, hedge.day_count, self.periods)
        self.notionals = self._notionals(result, structure)
        self.growth_years = growth_years(hedge, frequency)
        begun = (closing, *self.dates)[date_number(hedge.starts_months, frequency)]
        self.grown_years = min(max((self.start - begun).days / DAYS_A_YEAR, 0.0), self.growth_years)
        share = hedge.notional_ratio * (hedge.kind == HedgeKind.RETURN)
        self.returns = self._filled(share * (result.pool.of("interest") - result.pool.of("loss"))) * self.is_open

    def _notionals(self, result: NotesResult, structure: NoteStructure) -> Floats:
        hedge = self.hedge
        if hedge.notional_kind == Notional.AMOUNT:
            return hedge.notional_amount * self.is_open
        on_class = hedge.notional_kind == Notional.CLASS
        opening = result.opening[result.class_index(hedge.notional_class)] if on_class else result.pool.opening
        return hedge.notional_ratio * self._filled(opening) * self.is_open

    def _filled(self, path: Floats) -> Floats:
        """A path of the run, nothing beyond its end."""
        return np.pad(path, (0, self.periods - path.size))

    def exchanges(self, market: CurrencyMarket) -> list[Exchange]:
        """Every exchange that is not nothing."""
        named, other = self._legs(market)
        return [
            Exchange(day, float(self.notionals[k]), float(named[k]), float(other[k]))
            for k, day in enumerate(self.dates)
            if named[k] or other[k]
        ]

    def worth(self, market: CurrencyMarket) -> tuple[float, float]:
        """Present value of both legs to the issuer."""
        named, other = self._legs(market)
        curve = self._curve(market, self.dates)
        return self._present(named, curve), self._present(other, curve)

    def fair(self, market: CurrencyMarket, named_value: float, other_value: float) -> tuple[float | None, float | None]:
        """The fixed rate, or else the margin, that makes it worth nothing; None for what it has not."""
        if not self.is_open.any():
            return None, None
        if self.hedge.kind == HedgeKind.INFLATION:
            return self._growth(market) ** (1.0 / self.growth_years) - 1.0, None
        annuity = self._present(self.notionals * self.years, self._curve(market, self.dates))
        if annuity <= 0.0:
            return None, None
        if self.hedge.kind == HedgeKind.RATE:
            return self.hedge.sign * other_value / annuity, None
        moved = self.hedge.sign * (named_value + other_value) / annuity
        return None, self.hedge.margin_bps - moved / BPS

    def _legs(self, market: CurrencyMarket) -> tuple[Floats, Floats]:
        """Both legs by payment date as the issuer holds them: what it pays is negative."""
        hedge = self.hedge
        if hedge.kind == HedgeKind.INFLATION:
            last = self.is_open * (np.cumsum(self.is_open) == self.is_open.sum())
            agreed = (1.0 + hedge.fixed_rate) ** self.growth_years
            named, other = (self.notionals * last * (grown - 1.0) for grown in (agreed, self._growth(market)))
            return -hedge.sign * named, hedge.sign * other
        index, on = self._index(market), self.notionals * self.years
        named = {
            HedgeKind.RATE: on * hedge.fixed_rate,
            HedgeKind.BASIS: on * (index + hedge.basis_bps * BPS),
            HedgeKind.RETURN: self.returns,
        }[hedge.kind]
        return -hedge.sign * named, hedge.sign * on * (index + hedge.margin_bps * BPS)

    def _growth(self, market: CurrencyMarket) -> float:
        """Inflation's growth over the swap: as the base case has it up to the day, then at the breakeven of what is left."""
        left = self.growth_years - self.grown_years
        return float(
            (1.0 + self.hedge.inflation_rate) ** self.grown_years * (1.0 + market.breakeven_rate(left)) ** left
        )

    def _index(self, market: CurrencyMarket) -> Floats:
        """The forward rate of each period, simple over its part of a year; the run's where it is fixed by the day."""
        curve = self._curve(market, self.accrual_dates)
        days = (self.accrual_starts[0], *self.accrual_dates)
        factors = np.array([curve.discount(_ql(max(day, self.start))) for day in days])
        is_fixed = np.array([day < self.start for day in self.accrual_starts])
        return np.where(is_fixed, self.fixed_index, (factors[:-1] / factors[1:] - 1.0) / self.years)

    def _curve(self, market: CurrencyMarket, dates: Sequence[date]) -> ql.YieldTermStructure:
        return _curve(market, self.start, [day for day in dates if day > self.start])

    def _present(self, amounts: Floats, curve: ql.YieldTermStructure) -> float:
        leg = [ql.SimpleCashFlow(float(amount), _ql(day)) for day, amount in zip(self.dates, amounts, strict=True)]
        start = _ql(self.start)
        return float(ql.CashFlows.npv(ql.Leg(leg), ql.YieldTermStructureHandle(curve), False, start, start))


def _curve(market: CurrencyMarket, start: date, dates: Sequence[date]) -> ql.YieldTermStructure:
    """The market's zero curve with a node at each payment date, so that QuantLib reads it there as the market set is read."""
    nodes = (start, *(dates or (start + timedelta(days=1),)))
    rates = [market.zero_rate((day - start).days / DAYS_A_YEAR) for day in nodes]
    days = [_ql(day) for day in nodes]
    return ql.ZeroCurve(days, rates, ql.Actual365Fixed(), ql.NullCalendar(), ql.Linear(), ql.Compounded, ql.Annual)


def _ql(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)
