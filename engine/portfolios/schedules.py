"""Weighted average life from what an asset repays and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from engine.errors import CalculationError
from engine.portfolios.measure import NIL, total

YEAR = Decimal("365.25")


def weighted_average_life(flows: Sequence[tuple[date, Decimal]], on: date) -> Decimal:
    """Years from a day to each repayment, weighted by principal; what should have been paid before counts as paid then.

    >>> weighted_average_life([(date(2030, 6, 30), Decimal(1500000))], date(2026, 6, 30))
    Decimal('4')
    """
    principal = total(amount for _, amount in flows)
    if principal <= NIL:
        raise CalculationError("weighted average life: expected principal above nought")
    return total(max(NIL, Decimal((day - on).days)) / YEAR * amount for day, amount in flows) / principal
