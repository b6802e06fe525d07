"""The largest balance of a class, solved: at the classes' target ratings, at equity's yield, repaid in the base case and beyond.

The coupons, fees and reserve stay as the version has them: a solved balance is run and priced like one typed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.notes.solving import Outcome, Trial, largest, resized, room_of
from engine.notes.terms import DefaultKind, NoteClass, NoteStructure
from engine.ratings import notch_of
from lib import figures
from lib.numbers import finite_or_none
from securitisation.class_risk import PoolLosses, losses_of
from securitisation.translate import NIL, Deal

EQUITY = "equity"
CENT = 0.01


def fields_for(structure: NoteStructure) -> tuple[FieldSpec, ...]:
    """What is asked of a solved size, for the classes of this structure."""
    codes = tuple(each.code for each in structure.classes)
    return (
        FieldSpec("class_code", "Class", FieldKind.CHOICE, default=codes[-1], choices=codes, help="Whose balance is looked for: the largest at which all that is asked below holds."),
        FieldSpec("taken_from", "The difference is", FieldKind.CHOICE, default=EQUITY, choices=(EQUITY, *codes), help="Less or more of equity, or of another class: then the notes together stay as they are."),
        FieldSpec("keeps_ratings", "Every class keeps its target rating", FieldKind.FLAG, default=True),
        FieldSpec("is_repaid", "In the base case every class is repaid, and interest that may not wait is paid", FieldKind.FLAG, default=True),
        FieldSpec("equity_yield_rate", "Equity earns, in the base case, at least", FieldKind.NUMBER, "rate", minimum=-0.5, maximum=10, help="A year, effective, on the pool and the first reserve less the notes. Empty: not asked."),
        FieldSpec("repaid_at_cdr_rate", "Repaid too at a default rate (CDR) of", FieldKind.NUMBER, "rate", minimum=0, maximum=0.95, help="The rest of the base case as it is. Empty: not asked."),
        FieldSpec("correlation_ratio", "Correlation of every two loans", FieldKind.NUMBER, "share", 0.2, minimum=0, maximum=0.95, help="Of the losses behind the ratings, as in a run."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SizeTerms:
    """What is looked for, and what must hold."""

    class_code: str
    taken_from: str
    keeps_ratings: bool
    is_repaid: bool
    equity_yield_rate: float | None
    repaid_at_cdr_rate: float | None
    correlation_ratio: float

    @classmethod
    def from_dict(cls, structure: NoteStructure, payload: Mapping[str, Any]) -> SizeTerms:
        """The terms, defaults for what is not given; raises InputProblems."""
        reader = Reader(fields_for(structure), payload)
        values = reader.read()
        if reader.problems:
            raise InputProblems(reader.problems)
        terms = cls(**values)
        problems = terms._problems()
        if problems:
            raise InputProblems(problems)
        return terms

    @property
    def giver(self) -> str:
        """The class that gives or takes the difference; nothing where equity does."""
        return "" if self.taken_from == EQUITY else self.taken_from

    def _problems(self) -> list[Problem]:
        if self.giver == self.class_code:
            sentence = "The difference is: choose equity or another class than the one that is sized."
            return [Problem("same_class", "taken_from", sentence)]
        asked = (
            self.keeps_ratings,
            self.is_repaid,
            self.equity_yield_rate is not None,
            self.repaid_at_cdr_rate is not None,
        )
        if not any(asked):
            return [Problem("nothing_asked", "keeps_ratings", "Say what must hold: a tick, a yield or a default rate.")]
        return []


@dataclass(frozen=True, slots=True)
class Tried:
    """One balance: what equity and the classes come to, and what does not hold there, in words."""

    balance_amount: float
    equity_amount: float
    equity_yield_rate: float | None
    ratings: Mapping[str, str]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """The answer: None where nothing holds. `bound_by` says what keeps it from being larger."""

    terms: SizeTerms
    classes_before: Mapping[str, float]
    before: Tried
    found: Tried | None
    structure: NoteStructure | None
    bound_by: tuple[str, ...]
    tried: tuple[Tried, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON."""
        shown = {"before": self.before, "found": self.found}
        return {
            **{name: each and _tried_dict(each) for name, each in shown.items()},
            "balances": self.structure and self.structure.balances,
            "bound_by": list(self.bound_by),
            "tried": [_tried_dict(each) for each in self.tried],
        }


def _tried_dict(tried: Tried) -> dict[str, Any]:
    names = ("balance_amount", "equity_amount", "equity_yield_rate")
    return {
        **{name: getattr(tried, name) for name in names}, "ratings": dict(tried.ratings), "failed": list(tried.failed)
    }  # fmt: skip


def solved_size(deal: Deal, terms: SizeTerms) -> Solved:
    """The largest balance of the class; raises InputProblems where ratings are asked of a pool that has none."""
    losses = losses_of(deal, terms.correlation_ratio)
    if losses is None and terms.keeps_ratings:
        sentence = "A loan of the pool has no rating, so no class has one: take the tick away, or rate the loans."
        raise InputProblems([Problem("unrated", "keeps_ratings", sentence)])
    bench = _Bench(deal, terms, losses)
    code, giver = terms.class_code, terms.giver
    most = room_of(deal.structure, code, deal.pool.balance_amount, giver)
    found, balances = largest(most, lambda balance: not bench.at(balance).failed)
    above = bench.at(found + CENT).failed if found is not None and found + CENT <= most else (_room(terms),)
    return Solved(
        terms,
        deal.structure.balances,
        bench.at(deal.structure.balances[code]),
        None if found is None else bench.at(found),
        None if found is None else resized(deal.structure, code, found, giver),
        () if found is None else above,
        tuple(bench.at(each) for each in balances),
    )


def _room(terms: SizeTerms) -> str:
    return f"Class {terms.giver} has no more to give." if terms.giver else "The notes stand on the whole pool."


class _Bench:
    """Balances tried, each once."""

    def __init__(self, deal: Deal, terms: SizeTerms, losses: PoolLosses | None) -> None:
        self.deal, self.terms, self.losses = deal, terms, losses
        self.base = Trial(deal.structure, deal.pool, deal.behaviour)
        self.stress: Trial | None = None
        if terms.repaid_at_cdr_rate is not None:
            stressed = replace(deal.behaviour, default_kind=DefaultKind.CDR, default=terms.repaid_at_cdr_rate)
            self.stress = Trial(deal.structure, deal.pool, stressed)
        self.known: dict[float, Tried] = {}

    def at(self, balance_amount: float) -> Tried:
        """What the deal comes to with this balance of the class."""
        if balance_amount not in self.known:
            self.known[balance_amount] = self._tried(balance_amount)
        return self.known[balance_amount]

    def _tried(self, balance_amount: float) -> Tried:
        structure = resized(self.deal.structure, self.terms.class_code, balance_amount, self.terms.giver)
        base = self.base.run(structure)
        ratings = self._ratings(structure)
        failed: list[str] = []
        if self.terms.keeps_ratings:
            failed += _below_target(structure.classes, ratings)
        if self.terms.is_repaid:
            failed += _unpaid(base, "in the base case")
        failed += self._below_yield(base)
        if self.stress is not None:
            failed += _unpaid(
                self.stress.run(structure), f"at a CDR of {figures.percent(self.terms.repaid_at_cdr_rate)}"
            )
        earned = finite_or_none(base.equity_yield_rate)
        return Tried(balance_amount, base.equity_amount, earned, ratings, tuple(failed))

    def _ratings(self, structure: NoteStructure) -> dict[str, str]:
        if self.losses is None:
            return {}
        return {code: risk["indicated_rating"] for code, risk in self.losses.classes(structure).items()}

    def _below_yield(self, base: Outcome) -> list[str]:
        wanted, earned = self.terms.equity_yield_rate, base.equity_yield_rate
        if wanted is None or earned >= wanted:
            return []
        said = "has no yield" if math.isnan(earned) else f"earns {figures.percent(earned)}"
        return [f"Equity {said}, {figures.percent(wanted)} asked."]


def _below_target(classes: Sequence[NoteClass], ratings: Mapping[str, str]) -> list[str]:
    return [
        f"{each.name} is indicated {ratings[each.code]}, {each.target_rating} asked."
        for each in classes
        if each.target_rating and notch_of(ratings[each.code]) > notch_of(each.target_rating)
    ]


def _unpaid(outcome: Outcome, where: str) -> list[str]:
    said: list[str] = []
    for each in outcome.structure.classes:
        lost, short = outcome.loss_amounts[each.code], outcome.short_dates[each.code]
        if lost > NIL:
            said.append(f"{each.name} is not repaid {where}: {figures.amount(lost, 2)} is left.")
        elif short and not each.deferrable:
            said.append(f"{each.name} waits for interest {where}, on {figures.count(short)} dates.")
    return said
