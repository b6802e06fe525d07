"""What the inflation swap's terms take from the facts."""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part
from engine.basics.business_days import PLACES


def fields(facts: PackFacts, part: Part) -> Fields:
    """The swap with every leg, and their sums."""
    swap = facts.inflation_swap
    if swap is None:
        raise ValueError("expected a structure with an inflation swap")
    names = ("fixed_amount", "index_amount", "net_amount")
    return {
        "swap": swap,
        "base_cpi_rate": facts.deal.terms.base_cpi_rate,
        "holidays": PLACES[facts.calendar.holidays],
        "operations_date": facts.operations_date,
        "totals": {name: sum(getattr(leg, name) for leg in swap.legs) for name in names},
    }
