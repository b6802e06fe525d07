"""What the total return swap's terms take from the facts."""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part
from documents.kinds.wording import due_words
from engine.basics.business_days import PLACES


def fields(facts: PackFacts, part: Part) -> Fields:
    """The swap with its carry by year, their sums, and what each rate shock does."""
    swap = facts.return_swap
    if swap is None:
        raise ValueError("expected a structure with a total return swap")
    names = ("receipt_amount", "payment_amount", "net_amount")
    return {
        "swap": swap,
        "notes_due": due_words(facts.tranches[0]),
        "holidays": PLACES[facts.calendar.holidays],
        "operations_date": facts.operations_date,
        "unfixed_ratio": facts.deal.terms.unfixed_ratio,
        "totals": {name: sum(getattr(year, name) for year in swap.years) for name in names},
    }
