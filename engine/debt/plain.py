"""Twins of the sizing kernels in plain Python, by other routes to the same debt.

A schedule is a list of balances: the first opens period 1, the m-th closes period m. Source: model book section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.debt.kinds import ANNUITY, INTEREST_ONLY, SCULPTED, STRAIGHT_LINE

Amounts = Sequence[float]


@dataclass(frozen=True, slots=True)
class DebtTerms:
    """What sizing reads: rates are for one period, periods count from the start of operations."""

    kind: int
    period_rate: float
    maturity: int
    last: int
    refinance_rate: float
    grace: int = 0
    sweeps: bool = False

    @property
    def held(self) -> int:
        """Periods of interest alone before the first repayment; at least one period is left to repay in."""
        return min(self.grace, self.maturity - 1)


def discounted(payments: Amounts, period_rate: float) -> float:
    """Present value of payments at the end of periods 1, 2, ...

    >>> round(discounted([110.0, 121.0], 0.1), 9)
    200.0
    """
    factors = (1.0 + period_rate) ** -np.arange(1.0, len(payments) + 1.0)
    return float(np.dot(np.asarray(payments, dtype=np.float64), factors))


def plain_balance(terms: DebtTerms, capacity: Amounts) -> float:
    """Largest balance the capacity carries; zero if it carries none."""
    sized = min(_repayable(terms, capacity), _bearable(terms, capacity))
    return max(0.0, sized)


def _repayable(terms: DebtTerms, capacity: Amounts) -> float:
    """Balance that is repaid in full, by the schedule or by a refinancing."""
    repaying = capacity[terms.held : terms.maturity]
    if terms.kind == ANNUITY:
        return discounted([min(repaying)] * len(repaying), terms.period_rate)
    if terms.kind == STRAIGHT_LINE:
        unit = unit_straight_line(terms)
        return min(each / service for each, service in zip(repaying, unit, strict=True))
    if terms.kind == SCULPTED:
        return discounted(repaying, terms.period_rate)
    return plain_refinancing(terms, capacity)


def _bearable(terms: DebtTerms, capacity: Amounts) -> float:
    """Balance whose interest is covered while nothing is repaid, and at the first repayment of a sculpted profile."""
    if terms.period_rate == 0.0:
        return float("inf")
    months = {INTEREST_ONLY: terms.maturity, SCULPTED: terms.held + 1}.get(terms.kind, terms.held)
    return min((each / terms.period_rate for each in capacity[:months]), default=float("inf"))


def unit_straight_line(terms: DebtTerms) -> list[float]:
    """Service of one unit of debt in each repaying period, from the table of its balances."""
    count = terms.maturity - terms.held
    opening = [1.0 - t / count for t in range(count)]
    return [1.0 / count + balance * terms.period_rate for balance in opening]


def plain_refinancing(terms: DebtTerms, capacity: Amounts) -> float:
    """What a new annuity on the capacity after maturity would pay for."""
    after = capacity[terms.maturity : terms.last]
    return max(0.0, discounted([min(after)] * len(after), terms.refinance_rate)) if len(after) else 0.0


def plain_schedule(terms: DebtTerms, balance: float, capacity: Amounts) -> list[float]:
    """Scheduled balances at 0..last."""
    if terms.kind == INTEREST_ONLY:
        return [balance] * terms.maturity + _after_balloon(terms, balance)
    repaying = range(1, terms.maturity - terms.held + 1)
    if terms.kind == ANNUITY:
        tail = _annuity_balances(balance, terms.period_rate, len(repaying))
    elif terms.kind == STRAIGHT_LINE:
        tail = [balance * (1.0 - t / len(repaying)) for t in repaying]
    else:
        tail = _sculpted_balances(terms, balance, capacity[terms.held : terms.maturity])
    return [balance] * (terms.held + 1) + tail + [0.0] * (terms.last - terms.maturity)


def _annuity_balances(balance: float, period_rate: float, count: int) -> list[float]:
    """Closing balances seen from ahead: each is the value of the payments still to come."""
    level = balance / discounted([1.0] * count, period_rate)
    return [discounted([level] * (count - t), period_rate) for t in range(1, count + 1)]


def _sculpted_balances(terms: DebtTerms, balance: float, capacity: Amounts) -> list[float]:
    """Closing balances when all capacity goes to debt: never rising, nothing left at maturity."""
    closing = []
    for each in capacity:
        interest = balance * terms.period_rate
        balance -= min(max(each - interest, 0.0), balance)
        closing.append(balance)
    return [*closing[:-1], 0.0]


def _after_balloon(terms: DebtTerms, balance: float) -> list[float]:
    """Balances at maturity..last of a balloon: refinanced as an annuity, or left for the sweep."""
    tail = terms.last - terms.maturity
    if tail == 0:
        return [0.0]
    if terms.sweeps:
        return [balance] * tail + [0.0]
    return [balance, *_annuity_balances(balance, terms.refinance_rate, tail)]


def plain_service(schedule: Amounts, rates: Amounts) -> list[float]:
    """Interest at each period's rate and principal, by period, of a schedule."""
    return [
        opening * rate + opening - closing
        for opening, closing, rate in zip(schedule[:-1], schedule[1:], rates, strict=True)
    ]
