"""Correlated yearly paths of CPI, rates, vacancy and tenant defaults, in blocks; the same for a seed everywhere.

They depend on the seed, the terms and the number of years alone, so every structure of a project is tried on the same
paths. A mean-reverting step is x' = a x + s e with a = exp(-k) and s = sigma sqrt((1 - exp(-2k)) / 2k).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from engine.risk.terms import DRIVERS, SimulationTerms

Floats = NDArray[np.float64]
BLOCK = 2_000


class PathBlock(NamedTuple):
    """Paths by operating year, shape (paths, years) each.

    `cpi_rates[:, y]` is the rise from year y + 1 to y + 2; `rate_shifts` are fractions a year on today's rates;
    `vacancies` is the share of the project's own occupancy not let (below nil: more is let); `defaults` is the share
    of tenants that default at the start of the year.
    """

    cpi_rates: Floats
    rate_shifts: Floats
    vacancies: Floats
    defaults: Floats


def path_blocks(terms: SimulationTerms, years: int, cpi_mean_rate: float, default_rate: float) -> Iterator[PathBlock]:
    """All the simulation's paths, `BLOCK` at a time."""
    rng = np.random.default_rng(terms.seed)
    root = np.linalg.cholesky(terms.correlations())
    for start in range(0, terms.paths, BLOCK):
        count = min(BLOCK, terms.paths - start)
        shocks = _shocks(rng, terms, count, years)
        together = shocks[:, :, : len(DRIVERS)] @ root.T
        yield PathBlock(
            cpi_rates=cpi_mean_rate + reverting(together[:, :, 0], terms.cpi_reversion, terms.cpi_volatility),
            rate_shifts=reverting(together[:, :, 1], terms.rate_reversion, terms.rate_volatility_bps / 1e4),
            vacancies=reverting(together[:, :, 2], terms.vacancy_reversion, terms.vacancy_volatility),
            defaults=_defaults(together[:, :, 3], shocks[:, :, len(DRIVERS) :], terms.tenant_correlation, default_rate),
        )


def _shocks(rng: np.random.Generator, terms: SimulationTerms, count: int, years: int) -> Floats:
    """Independent normals (paths, years, drivers + tenants); mirrored pairs stand next to each other."""
    width = len(DRIVERS) + terms.tenant_count
    if not terms.antithetic:
        return rng.standard_normal((count, years, width))
    half = rng.standard_normal((count // 2, years, width))
    return np.stack((half, -half), axis=1).reshape(count, years, width)


def reverting(shocks: Floats, reversion: float, volatility: float) -> Floats:
    """Paths that start at nil before year 1 and are pulled back to it."""
    keep = np.exp(-reversion)
    spread = volatility * (np.sqrt(-np.expm1(-2.0 * reversion) / (2.0 * reversion)) if reversion > 0.0 else 1.0)
    out = np.empty_like(shocks)
    level = np.zeros(shocks.shape[0])
    for year in range(shocks.shape[1]):
        level = keep * level + spread * shocks[:, year]
        out[:, year] = level
    return out


def _defaults(shared: Floats, own: Floats, correlation: float, default_rate: float) -> Floats:
    """Share of tenants whose distress passes the threshold that `default_rate` a year sets."""
    if default_rate <= 0.0:
        return np.zeros_like(shared)
    distress = np.sqrt(correlation) * shared[:, :, None] + np.sqrt(1.0 - correlation) * own
    share: Floats = (distress > -ndtri(-np.expm1(-default_rate))).mean(axis=2)
    return share
