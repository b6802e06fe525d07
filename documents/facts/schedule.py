"""What a class of notes is to repay, payment date by payment date, as its conditions schedule it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.facts.debt import MonthDate
from engine.deal.structure import Structure

# Less than a cent of principal is the rounding of a float.
SMALLEST_AMOUNT = 0.005


@dataclass(frozen=True, slots=True)
class ScheduledPayment:
    """Principal due on a payment date, and what is owed after it."""

    payment_date: date
    principal_amount: float
    balance_amount: float


def payments_of(structure: Structure, tranche: str, month_date: MonthDate) -> tuple[ScheduledPayment, ...]:
    """Every month's principal to maturity that is not nil, the balloon in the last one; they add up to the amount."""
    work, is_senior = structure.work, tranche == "senior"
    last = structure.senior.maturity if is_senior else structure.mezz.maturity
    schedule = work.schedule if is_senior else work.mezz_schedule
    balances = [*(float(schedule[month]) for month in range(last)), 0.0]
    due = ((month, balances[month - 1] - balances[month]) for month in range(1, last + 1))
    return tuple(
        ScheduledPayment(month_date(month), amount, balances[month])
        for month, amount in due
        if amount >= SMALLEST_AMOUNT
    )
