"""Assumptions of a run to the end: defaults, prepayments, recoveries, reinvestment, rates, a call.

A yearly rate r is 1 - (1 - r)^(days / 360) a period, cut at nine decimals; the pool's own principal falls due by the
maturities of its assets. Amounts follow `payments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems
from engine.portfolios.assets import Pool
from engine.portfolios.calendar import following, unadjusted_dates
from engine.portfolios.measure import NIL, par_of, spread_of, total
from engine.portfolios.payments import NINTHS, Opening, Period
from engine.portfolios.ratings import is_caa
from engine.portfolios.terms import DealTerms

_N, _I = FieldKind.NUMBER, FieldKind.INTEGER
ONE, BASIS = Decimal(1), Decimal(360)
FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("cdr", "Defaults a year (CDR)", _N, "rate", 0.02, minimum=0, maximum=1),
    FieldSpec("cpr", "Prepayments a year (CPR)", _N, "rate", 0.20, minimum=0, maximum=1),
    FieldSpec("severity", "Loss on default", _N, "share", 0.35, minimum=0, maximum=1),
    FieldSpec("recovery_lag_payments", "Recovery after", _I, "count", 2, minimum=1, maximum=40, help="In payment dates."),
    FieldSpec("benchmark_rate", "Benchmark", _N, "rate", 0.0405, minimum=-0.05, maximum=0.5),
    FieldSpec("reinvestment_price", "Price of what is bought", _N, "share", 0.99, minimum=0.01, maximum=1.5),
    FieldSpec("reinvestment_spread", "Spread of what is bought", _N, "rate", 0.036, minimum=0, maximum=0.5),
    FieldSpec("ccc_share", "Rated CCC", _N, "share", None, minimum=0, maximum=1, help="Empty: as the pool today."),
    FieldSpec("ccc_price", "Price of CCC", _N, "share", 0.80, minimum=0, maximum=1.5),
    FieldSpec("call_payment", "Called at payment", _I, "count", None, minimum=1, maximum=200, help="Empty: never; the pool is sold at the stated maturity."),
    FieldSpec("sale_price", "Price at the call", _N, "share", 0.98, minimum=0, maximum=1.5),
    FieldSpec("expenses_amount", "Expenses a payment", _N, "amount", 50_000, minimum=0, maximum=1e9),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScenarioTerms:
    """One scenario; build from a mapping with `from_dict`."""

    cdr: float
    cpr: float
    severity: float
    recovery_lag_payments: int
    benchmark_rate: float
    reinvestment_price: float
    reinvestment_spread: float
    ccc_share: float | None
    ccc_price: float
    call_payment: int | None
    sale_price: float
    expenses_amount: float

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any] | None = None) -> ScenarioTerms:
        """Terms with the defaults for whatever is not given; raises InputProblems."""
        reader = Reader(FIELDS, payload or {})
        values = reader.read()
        if reader.problems:
            raise InputProblems(reader.problems)
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        return asdict(self)


def exact(value: float) -> Decimal:
    """The decimal of the digits shown."""
    return Decimal(repr(value))


def period_rate(yearly: Decimal, days: int) -> Decimal:
    """The share that a yearly rate takes in so many days.

    >>> period_rate(Decimal("0.02"), 360)
    Decimal('0.020000000')
    """
    if yearly >= ONE:
        return ONE
    return (ONE - (ONE - yearly) ** (Decimal(days) / BASIS)).quantize(NINTHS, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The payment dates still to come, as they are and before they are moved; `made` were paid before."""

    unadjusted: tuple[date, ...]
    adjusted: tuple[date, ...]
    made: int = 0


def calendar_of(first: date, last: date, months: int, holidays: Sequence[date], after: date) -> Calendar:
    """The deal's payment dates later than a day, to its last."""
    every = [(day, following(day, holidays)) for day in unadjusted_dates(first, last, months)]
    left = [pair for pair in every if pair[1] > after]
    return Calendar(tuple(day for day, _ in left), tuple(day for _, day in left), len(every) - len(left))


def opening_of(pool: Pool, terms: DealTerms, **standing: Any) -> Opening:
    """Par, cash and average spread of a pool; `standing` is what else stands from payments before."""
    performing = pool.performing
    par = total(par_of(asset, terms) for asset in performing)
    earned = total(par_of(a, terms) * _margin(spread_of(a, terms), a.coupon, terms.benchmark_rate) for a in performing)
    spread = (earned / par).quantize(NINTHS, ROUND_HALF_EVEN) if par else NIL
    return Opening(par, pool.principal_cash, spread, **standing)


def _margin(spread: Decimal | None, coupon: Decimal | None, benchmark: Decimal) -> Decimal:
    """What an asset earns over the benchmark; one that says nothing earns none."""
    if spread is not None:
        return spread
    return NIL if coupon is None else coupon - benchmark


def falling_due(pool: Pool, terms: DealTerms, dates: Sequence[date]) -> tuple[Decimal, ...]:
    """The share of the pool still there that matures by each date."""
    left = total(par_of(asset, terms) for asset in pool.performing)
    found, seen = [], terms.determination_date
    for day in dates:
        due = total(par_of(a, terms) for a in pool.performing if a.maturity and seen < a.maturity <= day)
        found.append((due / left).quantize(NINTHS, ROUND_HALF_EVEN) if left else NIL)
        left, seen = left - due, day
    return tuple(found)


def low_rated_share(pool: Pool, terms: DealTerms) -> Decimal:
    """The share of par not in default that Moody's rates Caa1 or lower."""
    par = total(par_of(asset, terms) for asset in pool.performing)
    low = total(par_of(asset, terms) for asset in pool.performing if is_caa(asset.moodys_rating_21))
    return (low / par).quantize(NINTHS, ROUND_HALF_EVEN) if par else NIL


def periods_of(scenario: ScenarioTerms, calendar: Calendar, last: date, pool: Pool, terms: DealTerms) -> list[Period]:
    """What each period brings, to the call or the last payment date, at which the pool is sold.

    `last` is the payment date before the first one here.
    """
    due = falling_due(pool, terms, calendar.adjusted)
    low = low_rated_share(pool, terms) if scenario.ccc_share is None else exact(scenario.ccc_share)
    call = scenario.call_payment or calendar.made + len(calendar.adjusted)
    found = []
    for number, (day, unadjusted) in enumerate(zip(calendar.adjusted, calendar.unadjusted, strict=True)):
        days = (day - last).days
        prepaid = period_rate(exact(scenario.cpr), days)
        is_sold = calendar.made + number + 1 >= call
        found.append(
            Period(
                pay_date=day,
                unadjusted=unadjusted,
                benchmark=exact(scenario.benchmark_rate),
                principal_rate=(ONE - (ONE - prepaid) * (ONE - due[number])).quantize(NINTHS, ROUND_HALF_EVEN),
                default_rate=period_rate(exact(scenario.cdr), days),
                recovery_ratio=ONE - exact(scenario.severity),
                recovery_lag=scenario.recovery_lag_payments,
                carrying_ratio=ONE - exact(scenario.severity),
                administrative_expenses=exact(scenario.expenses_amount),
                reinvestment_price_ratio=exact(scenario.reinvestment_price),
                reinvestment_spread=exact(scenario.reinvestment_spread),
                ccc_rate=low,
                ccc_market_ratio=exact(scenario.ccc_price),
                liquidation_price_ratio=exact(scenario.sale_price) if is_sold else None,
            )
        )
        last = day
        if is_sold:
            break
    return found
