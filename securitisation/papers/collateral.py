"""The collateral of an issue in tables: the pool in figures, its stratifications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.notes.terms import Loan
from engine.ratings import notch_of
from lib import figures
from securitisation.papers.facts import NotesFacts
from securitisation.papers.projects import Words
from securitisation.shown import pool_figures

TERM_BANDS = ((60, "up to 5 years"), (120, "5 to 10 years"), (180, "10 to 15 years"), (240, "15 to 20 years"))
LONGEST, UNRATED = "over 20 years", "not rated"
MOST_LOANS, MOST_GROUPS = 20, 12
COUPON_STEP = 0.01


class Group(NamedTuple):
    """Loans alike in something: how many, what they owe and which share of the pool that is."""

    label: str
    loans: int
    amount: float
    share: float


def pool_words(facts: NotesFacts) -> Words:
    """The pool in a few figures, and what stands against it."""
    notes = facts.deal.structure.notes_amount
    return [
        *pool_figures(facts.run.version.pool),
        ("Notes issued", f"{figures.millions(notes, facts.currency)}, {figures.share(notes / facts.pool_amount)} of the pool"),
        ("Equity", f"{figures.millions(facts.equity_amount, facts.currency)}, {figures.share(facts.equity_amount / facts.pool_amount)} of the pool"),
        ("Excess spread at closing", figures.percent(facts.excess_spread)),
    ]  # fmt: skip


def stratifications(facts: NotesFacts) -> list[tuple[str, list[Group]]]:
    """The pool by rating, remaining term, coupon, obligor and sector, each adding up to the whole."""
    by: Sequence[tuple[str, Callable[[Loan], str], Callable[[Group], object] | None]] = (
        ("Rating", lambda loan: loan.rating or UNRATED, lambda group: notch_of(group.label)),
        ("Remaining term", _term, lambda group: _term_place(group.label)),
        ("Coupon", _coupon, lambda group: group.label),
        ("Obligor", lambda loan: loan.obligor or loan.code, None),
        ("Sector", lambda loan: loan.sector or "not named", None),
    )
    return [(title, _grouped(facts, key, order)) for title, key, order in by]


def largest_loans(facts: NotesFacts) -> list[Loan]:
    """The largest loans, as many as a page holds."""
    return list(facts.loans[:MOST_LOANS])


def repaid_at_maturity_ratio(facts: NotesFacts) -> float:
    """The share of the pool that its loans repay with their last instalment: what must be refinanced, or sold."""
    return sum(_balloon(loan) for loan in facts.loans) / facts.pool_amount


def _balloon(loan: Loan) -> float:
    if loan.schedule is not None:
        return loan.schedule[-2] if len(loan.schedule) > 1 else loan.balance_amount
    return loan.balance_amount if loan.amortisation == "interest_only" else 0.0


def _grouped(facts: NotesFacts, key: Callable[[Loan], str], order: Callable[[Group], object] | None) -> list[Group]:
    held: dict[str, list[float]] = {}
    for loan in facts.loans:
        held.setdefault(key(loan), []).append(loan.balance_amount)
    groups = [Group(label, len(each), sum(each), sum(each) / facts.pool_amount) for label, each in held.items()]
    if order is not None:
        return sorted(groups, key=order)  # type: ignore[arg-type]
    groups.sort(key=lambda group: (-group.amount, group.label))
    rest = groups[MOST_GROUPS:]
    if not rest:
        return groups
    amount = sum(group.amount for group in rest)
    other = Group(f"{len(rest)} others", sum(group.loans for group in rest), amount, amount / facts.pool_amount)
    return [*groups[:MOST_GROUPS], other]


def _term(loan: Loan) -> str:
    return next((label for most, label in TERM_BANDS if loan.remaining_months <= most), LONGEST)


def _term_place(label: str) -> int:
    labels = [each for _, each in TERM_BANDS]
    return labels.index(label) if label in labels else len(labels)


def _coupon(loan: Loan) -> str:
    low = int(loan.coupon_rate / COUPON_STEP + 1e-9) * COUPON_STEP
    return f"{figures.percent(low)} to {figures.percent(low + COUPON_STEP)}"
