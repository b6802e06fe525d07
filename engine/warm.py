"""Every kernel compiled, or loaded from the cache, by using each once on a small project."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from engine.notes import batch as notes_batch
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.losses import unit_pmf
from engine.permutations import Case, LeverSet, evaluate, evaluate_permutation
from engine.portfolios import batch as portfolios_batch
from engine.portfolios.papers import STANDARD, Note, Papers, steps_of
from engine.portfolios.payments import Opening, Period
from engine.project.inputs import ProjectInputs
from engine.ratings.criteria import RuleSet
from engine.risk import SimulationTerms, simulate
from engine.strategies.budgets import equal_risk
from engine.strategies.covariance import positive_definite
from engine.stress import BASE, run_scenarios
from engine.terms import StructuringTerms


def warm_up() -> None:
    """Compile every kernel, or load it from the cache, by walking one permutation and looking at it in full."""
    case = _small_case()
    deal = case.deal_of(0)
    evaluate(case, np.zeros(1, dtype=np.int64))
    evaluate_permutation(case, 0)
    run_scenarios(deal, (BASE,))
    simulate(deal, SimulationTerms.from_dict({"paths": 100}))


def warm_up_further() -> None:
    """The same for the kernels that the main job does without: those of notes, of portfolios and of strategies."""
    _warm_notes()
    _warm_portfolios()
    equal_risk(positive_definite(np.eye(2)))


def _warm_notes() -> None:
    """A class on one loan for two months, in a batch and by itself; losses of one loan."""
    loan = {"code": "L", "currency": "EUR", "balance_amount": 1.0, "remaining_months": 2}
    content = {
        "code": "N", "name": "N", "currency": "EUR", "closing_date": "2026-01-01", "payment_frequency_months": 1,
        "classes": [{"code": "A", "name": "A", "balance_amount": 1.0}],
        "interest_steps": [{"kind": "interest", "target": "A"}, {"kind": "residual"}],
        "principal_steps": [{"kind": "principal"}],
    }  # fmt: skip
    structure, pool, behaviour = read_structure(content), read_pool({"loans": [loan]}), read_behaviour({})
    notes_batch.run_batch(structure, pool, [behaviour])
    notes_batch.losses_by_class(structure, pool, behaviour)
    unit_pmf(np.ones(1, dtype=np.int64), np.ones(1))


def _warm_portfolios() -> None:
    """One payment date of one class."""
    notes = (Note("A", "A", Decimal(80)),)
    interest, principal = steps_of(STANDARD, notes, {})
    papers = Papers(date(2026, 1, 15), notes, {}, interest, principal)
    day = date(2026, 4, 15)
    portfolios_batch.run_batch(papers, Opening(Decimal(100), Decimal(0)), [[Period(day, day, Decimal(0))]])


def _small_case() -> Case:
    """One permutation whose debt passes nothing less than is needed to run all of the engine."""
    row = {
        "jurisdiction": "UK", "rating": "BBB", "dscr_minimum": 1.15, "dscr_average": 1.15, "stressed_dscr": 1.0,
        "max_advance_ratio": 1.0, "max_tenor_years": 30, "llcr": 1.15, "icr": 1.15, "amortisations": ["annuity"],
    }  # fmt: skip
    capex = {"lines": {"build": 1e6}}
    inputs = {
        "country": "UK", "currency": "GBP", "power": {"gross_facility_mw": 5, "pue": 1.2},
        "revenue": {"rent_amount": 100, "opex_ratio": 0.1}, "lease": {"term_years": 20},
        "capex": {"internal": capex, "market": capex}, "construction": {"months": 1}, "credit": {"tenant_rating": "A"},
    }  # fmt: skip
    return Case(
        ProjectInputs.from_dict(inputs),
        StructuringTerms.from_dict(),
        RuleSet.from_dict({"criteria": [row]}),
        LeverSet.from_dict({"axes": {}}),
    )
