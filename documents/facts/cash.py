"""Where the cash of a structure goes over its life: the priority of payments with its sums, and years that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Columns of the waterfall in the order of payment; hedges stand on either side, month by month.
RECEIPTS = (
    ("gross_income", "Gross income"),
    ("hedge_received", "Hedge receipts"),
    ("trap_released", "Released from lock-up"),
    ("margin_returned", "Total return swap margin returned"),
    ("dsra_draw", "Drawn from the debt service reserve"),
    ("dsra_released", "Debt service reserve released"),
)
PAYMENTS = (
    ("opex", "Operating costs and asset management fee"),
    ("wrap_premium", "Insurance premium"),
    ("hedge_paid", "Hedge payments, pari passu with senior interest"),
    ("senior_interest", "Senior interest"),
    ("senior_principal", "Senior principal"),
    ("dsra_top_up", "Debt service reserve top-up"),
    ("mezz_interest", "Mezzanine interest"),
    ("mezz_principal", "Mezzanine principal"),
    ("cash_trapped", "Trapped in lock-up"),
    ("equity_distribution", "Distributions to equity"),
)


@dataclass(frozen=True, slots=True)
class CashLine:
    """One rank of the priority of payments, summed over the life of the lease."""

    rank: int
    label: str
    amount: float


@dataclass(frozen=True, slots=True)
class CashLife:
    """All that comes in and all that goes out; the two are equal, in each month and so in sum."""

    receipts: tuple[CashLine, ...]
    payments: tuple[CashLine, ...]
    received_amount: float
    paid_amount: float


def cash_life(periods: Mapping[str, Floats]) -> CashLife:
    """The sums of the base case's months."""
    hedge = periods["hedge_net"]
    columns = {**periods, "hedge_received": np.maximum(hedge, 0.0), "hedge_paid": np.maximum(-hedge, 0.0)}
    receipts = tuple(
        CashLine(n, label, float(columns[name].sum())) for n, (name, label) in enumerate(RECEIPTS, start=1)
    )
    payments = tuple(
        CashLine(n, label, float(columns[name].sum())) for n, (name, label) in enumerate(PAYMENTS, start=1)
    )
    received, paid = (sum(line.amount for line in lines) for lines in (receipts, payments))
    return CashLife(receipts, payments, received, paid)
