"""Loans bought with what variable funding notes are drawn by: which, when, and whether a run has bought them.

A draw that buys loans is made in full or not at all: the pool's flows are worked out with every purchase, and once more without those
that the run did not make, enforced by then. What came before them is the same in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.notes.collateral import PoolFlows, months_of, pool_flows
from engine.notes.hedges import date_number
from engine.notes.terms import Behaviour, Bought, DrawUse, Loan, NoteStructure, Pool

Floats = NDArray[np.float64]
NEARLY = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class Purchase:
    """A loan bought by a draw, by its number in the papers, on a payment date counted from 1."""

    draw: int
    date: int
    loan: Loan

    @property
    def name(self) -> str:
        """What is paid for it, as the waterfall calls it."""
        return loans_name(self.draw)


def loans_name(draw: int) -> str:
    """The loans that a draw buys, as the waterfall calls what is paid for them."""
    return f"loans of draw {draw + 1}"


def purchases_of(structure: NoteStructure) -> tuple[Purchase, ...]:
    """Every loan that the papers' draws buy."""
    kinds = {each.code: each for each in structure.further_loans}
    found = []
    for k, draw in enumerate(structure.draws):
        if draw.use == DrawUse.LOANS and draw.loans in kinds:
            kind, date = kinds[draw.loans], max(date_number(draw.after_months, structure.payment_frequency_months), 1)
            amount, code = draw.amount or 0.0, f"{kind.code}-{k + 1}"
            loan = Loan(code, structure.currency, amount, kind.coupon_rate, kind.remaining_months, kind.amortisation)
            found.append(Purchase(k, date, loan))
    return tuple(found)


def pool_with(structure: NoteStructure, pool: Pool, until: int | None = None) -> Pool:
    """The pool with what is bought on payment dates before `until`."""
    frequency = structure.payment_frequency_months
    kept = [each for each in purchases_of(structure) if until is None or each.date < until]
    return replace(pool, bought=tuple(Bought(each.date * frequency, each.loan) for each in kept))


def flows_with(structure: NoteStructure, pool: Pool, behaviour: Behaviour, until: int | None = None) -> PoolFlows:
    """What the pool pays by period with what is bought before `until`, over the horizon of all purchases."""
    frequency = structure.payment_frequency_months
    months = months_of(pool_with(structure, pool), behaviour, frequency)
    return pool_flows(pool_with(structure, pool, until), behaviour, frequency, months)


def first_unmade(structure: NoteStructure, paid: Callable[[str], Floats]) -> int | None:
    """The first payment date on which a run did not pay for a loan; `paid` by what the waterfall calls it. None where all are bought."""
    unmade = [
        each.date
        for each in purchases_of(structure)
        if paid(each.name)[each.date - 1] < NEARLY * each.loan.balance_amount
    ]
    return min(unmade, default=None)
