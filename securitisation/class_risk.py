"""How the pool's losses fall on the classes under one common factor, rated by the matrix behind the loans' own rates.

Pools of few loans are worked out exactly, so that a draw's noise moves no rating; larger ones are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.notes.capital import sec_sa
from engine.notes.losses import (
    ClassRisk,
    CopulaTerms,
    class_risks,
    drawn_losses,
    exact_losses,
    exact_risks,
    exposures_of,
    indicated_rating,
)
from engine.notes.measures import enhancement_of
from engine.notes.terms import Pool
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


def risk_of(deal: Deal, correlation_ratio: float) -> dict[str, Any] | None:
    """By class default probability, expected loss and indicated rating; None where a loan has no rating."""
    years = horizon_years(deal.pool)
    rates = {rating: default_probability(rating, years) for rating in {loan.rating for loan in deal.pool.loans}}
    known = {rating: rate for rating, rate in rates.items() if rate is not None}
    if len(known) < len(rates):
        return None
    terms = CopulaTerms(
        correlation_ratio=correlation_ratio, severity_ratio=deal.behaviour.severity_ratio, paths=PATHS, seed=SEED
    )
    expected_loss_amount, paths, risks = _risks(deal, known, terms)
    return {
        "years": years,
        "paths": paths,
        "correlation_ratio": correlation_ratio,
        "pool_loss_ratio": expected_loss_amount / deal.pool.balance_amount,
        "classes": {each.code: _class_risk(each, years) for each in risks},
    }


def _risks(deal: Deal, known: Mapping[str, float], terms: CopulaTerms) -> tuple[float, int, list[ClassRisk]]:
    """The pool's expected loss, the paths drawn (nil where exact), and each class."""
    exposures, pool_amount = exposures_of(deal.pool, known), deal.pool.balance_amount
    if len(deal.pool.loans) <= MOST_LOANS_EXACT and terms.severity_ratio > 0.0:
        exact = exact_losses(exposures, terms, pool_amount * terms.severity_ratio / UNITS)
        return exact.mean, 0, exact_risks(deal.structure, exact, pool_amount)
    losses = drawn_losses(exposures, terms)
    return float(losses.mean()), PATHS, class_risks(deal.structure, losses, pool_amount)


def _class_risk(risk: ClassRisk, years: int) -> dict[str, Any]:
    rated = indicated_rating(risk.default_probability, years, cumulative_rates())
    return {**risk._asdict(), "indicated_rating": rated.smoothed}


def capital_of(deal: Deal) -> dict[str, float | None]:
    """The standardised risk weight of each class; None for one that stands on more than the pool."""
    found: dict[str, float | None] = {}
    for each in enhancement_of(deal.structure.balances, deal.pool.balance_amount):
        stands = each.attachment_ratio >= 0.0 and each.detachment_ratio <= 1.0 + 1e-12
        weight = sec_sa(each.attachment_ratio, min(each.detachment_ratio, 1.0)).risk_weight_ratio if stands else None
        found[each.code] = weight
    return found
