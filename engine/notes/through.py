"""Losses drawn by a copula, paid through the waterfall: what each class loses with its interest, tests and timing.

A path's share of the pool that defaults over the horizon becomes the constant default rate that gives it by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.notes.batch import BatchResult, run_batch
from engine.notes.losses import ClassRisk, CopulaTerms, Exposures, drawn, risk_of
from engine.notes.terms import Behaviour, DefaultKind, NoteStructure, Pool

Floats = NDArray[np.float64]
SMALLEST_LOSS = 1e-9
MOST_RATE = 1.0 - 1e-9


def behaviours_of(
    exposures: Exposures, terms: CopulaTerms, behaviour: Behaviour, horizon_years: float
) -> list[Behaviour]:
    """One behaviour a path: the base with the path's default rate and severity."""
    found = drawn(exposures, terms)
    shares = np.minimum(found.default_amounts / exposures.pool_amount, MOST_RATE)
    rates = 1.0 - (1.0 - shares) ** (1.0 / horizon_years)
    return [
        replace(behaviour, default_kind=DefaultKind.CDR, default=float(rate), severity_ratio=float(severity))
        for rate, severity in zip(rates, found.severities, strict=True)
    ]


def simulate_notes(
    structure: NoteStructure,
    pool: Pool,
    exposures: Exposures,
    terms: CopulaTerms,
    behaviour: Behaviour,
    horizon_years: float,
    index_rates: Sequence[float] = (),
    spread: Callable[[Callable[[int], None], Iterable[int]], Iterable[None]] = map,
) -> tuple[BatchResult, list[ClassRisk]]:
    """Every path's figures, and each class's probability of a loss and expected loss."""
    paths = behaviours_of(exposures, terms, behaviour, horizon_years)
    result = run_batch(structure, pool, paths, index_rates=index_rates, spread=spread)
    losses = result.of("loss")
    return result, [
        risk_of(
            each.code,
            np.where(losses[:, k] > SMALLEST_LOSS * each.balance_amount, losses[:, k], 0.0),
            each.balance_amount,
        )
        for k, each in enumerate(structure.classes)
    ]
