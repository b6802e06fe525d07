"""How the pool's losses fall on the classes under one common factor, rated by the matrix behind the loans' own rates.

Pools of few loans are worked out exactly, so that a draw's noise moves no rating; larger ones are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from engine.notes.capital import sec_sa
from engine.notes.losses import (
    ClassRisk,
    CopulaTerms,
    Distribution,
    Floats,
    class_risks,
    drawn_losses,
    exact_losses,
    exact_risks,
    exposures_of,
    indicated_rating,
)
from engine.notes.measures import enhancement_of
from engine.notes.terms import NoteStructure, Pool
from securitisation.default_rates import cumulative_rates, default_probability
from securitisation.translate import Deal

PATHS = 16_384
SEED = 1
MOST_LOANS_EXACT = 100
UNITS = 10_000  # that the loss of the whole pool is counted in


def horizon_years(pool: Pool) -> int:
    """The pool's average remaining term, in whole years, at least one."""
    months = sum(loan.balance_amount * loan.remaining_months for loan in pool.loans) / pool.balance_amount
    return max(1, math.ceil(months / 12.0 - 1e-9))


@dataclass(frozen=True, slots=True)
class PoolLosses:
    """What a pool loses over its horizon: exactly, or on each path drawn; classes of any structure are held against it."""

    years: int
    pool_amount: float
    lost: Distribution | Floats

    @property
    def mean_amount(self) -> float:
        """Expected loss."""
        return self.lost.mean if isinstance(self.lost, Distribution) else float(self.lost.mean())

    @property
    def paths(self) -> int:
        """How many were drawn: none where they are exact."""
        return 0 if isinstance(self.lost, Distribution) else self.lost.size

    def classes(self, structure: NoteStructure) -> dict[str, dict[str, Any]]:
        """By class default probability, expected loss, their errors, and the indicated rating."""
        return {each.code: self._rated(each) for each in self._risks(structure)}

    def _risks(self, structure: NoteStructure) -> list[ClassRisk]:
        if isinstance(self.lost, Distribution):
            return exact_risks(structure, self.lost, self.pool_amount)
        return class_risks(structure, self.lost, self.pool_amount)

    def _rated(self, risk: ClassRisk) -> dict[str, Any]:
        rated = indicated_rating(risk.default_probability, self.years, cumulative_rates())
        return {**risk._asdict(), "indicated_rating": rated.smoothed}


def losses_of(deal: Deal, correlation_ratio: float) -> PoolLosses | None:
    """The losses of the deal's pool; None where a loan has no rating."""
    years, pool_amount = horizon_years(deal.pool), deal.pool.balance_amount
    rates = {rating: default_probability(rating, years) for rating in {loan.rating for loan in deal.pool.loans}}
    known = {rating: rate for rating, rate in rates.items() if rate is not None}
    if len(known) < len(rates):
        return None
    severity_ratio = deal.behaviour.severity_ratio
    terms = CopulaTerms(correlation_ratio=correlation_ratio, severity_ratio=severity_ratio, paths=PATHS, seed=SEED)
    exposures = exposures_of(deal.pool, known)
    if len(deal.pool.loans) <= MOST_LOANS_EXACT and severity_ratio > 0.0:
        return PoolLosses(years, pool_amount, exact_losses(exposures, terms, pool_amount * severity_ratio / UNITS))
    return PoolLosses(years, pool_amount, drawn_losses(exposures, terms))


def risk_of(deal: Deal, correlation_ratio: float) -> dict[str, Any] | None:
    """By class default probability, expected loss and indicated rating; None where a loan has no rating."""
    losses = losses_of(deal, correlation_ratio)
    if losses is None:
        return None
    return {
        "years": losses.years,
        "paths": losses.paths,
        "correlation_ratio": correlation_ratio,
        "pool_loss_ratio": losses.mean_amount / losses.pool_amount,
        "classes": losses.classes(deal.structure),
    }


def capital_of(deal: Deal) -> dict[str, float | None]:
    """The standardised risk weight of each class; None for one that stands on more than the pool."""
    found: dict[str, float | None] = {}
    for each in enhancement_of(deal.structure.balances, deal.pool.balance_amount):
        stands = each.attachment_ratio >= 0.0 and each.detachment_ratio <= 1.0 + 1e-12
        weight = sec_sa(each.attachment_ratio, min(each.detachment_ratio, 1.0)).risk_weight_ratio if stands else None
        found[each.code] = weight
    return found
