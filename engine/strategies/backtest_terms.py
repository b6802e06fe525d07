"""What a backtest assumes of trading: lag, cap, slippage, commission, borrow; typed with the reader of all fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems

_N, _I = FieldKind.NUMBER, FieldKind.INTEGER
BPS = 10_000
CENTS = 100
TICKS = 1_000_000  # of a price: six decimals
RATIO_DENOMINATOR = 1_000  # a split of 0.333333 is one for three

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("initial_cash_amount", "Cash at the start", _N, "amount", 1_000_000.0, minimum=1, maximum=1e10),
    FieldSpec("commission_bps", "Commission", _N, "bps", 5.0, minimum=0, maximum=1_000, help="Of the amount traded."),
    FieldSpec("slippage_bps", "Slippage at the whole day's volume", _N, "bps", 120.0, minimum=0, maximum=5_000,
              help="Times the share of the day's volume that is traded."),
    FieldSpec("participation_cap_ratio", "Most of a day's volume traded", _N, "share", 0.10, minimum=0, maximum=1,
              exclusive_minimum=True, help="What is above waits for the next day."),
    FieldSpec("borrow_rate", "Borrow on shorts a year", _N, "rate", 0.03, minimum=0, maximum=1),
    FieldSpec("borrow_basis_days", "Days of the borrow year", _I, "count", 360, minimum=360, maximum=366,
              help="Calendar days are charged."),
    FieldSpec("lag_days", "Trading days from target to trade", _I, "count", 1, minimum=1, maximum=20),
    FieldSpec("risk_free_rate", "Risk-free rate a year", _N, "rate", 0.0, minimum=-0.05, maximum=0.5,
              help="Taken off in the Sharpe and Sortino ratios; cash earns nothing."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BacktestTerms:
    """The assumptions of one backtest; build from a mapping with `from_dict`."""

    initial_cash_amount: float = 1_000_000.0
    commission_bps: float = 5.0
    slippage_bps: float = 120.0
    participation_cap_ratio: float = 0.10
    borrow_rate: float = 0.03
    borrow_basis_days: int = 360
    lag_days: int = 1
    risk_free_rate: float = 0.0

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any] | None = None) -> BacktestTerms:
        """Terms with the defaults for whatever is not given; raises InputProblems."""
        reader = Reader(FIELDS, payload or {})
        values = reader.read()
        if reader.problems:
            raise InputProblems(reader.problems)
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def exact(number: float) -> Fraction:
    """The decimal number that a float is written as: 0.1 is one tenth."""
    return Fraction(Decimal(repr(float(number))))


def split_of(ratio: float) -> Fraction:
    """New shares for one old, as a fraction of small numbers."""
    return exact(ratio).limit_denominator(RATIO_DENOMINATOR)


def half_up(number: Fraction) -> int:
    """The nearest whole number, halves away from nil."""
    found = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return found if number >= 0 else -found


def cut(number: Fraction) -> int:
    """The whole number towards nil."""
    found = abs(number.numerator) // number.denominator
    return found if number >= 0 else -found
