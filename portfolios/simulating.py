"""A pool on random paths, as a job of a worker: defaults, losses by class, tails, migrations, the exact figures beside."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from engine.portfolios.assets import Asset
from engine.portfolios.defaults import (
    DEFAULT,
    Matrix,
    class_losses,
    count_pmf,
    draw,
    expected_counts,
    matrix_of,
    migrated,
    quantile,
)
from engine.portfolios.measure import par_of
from engine.portfolios.terms import DealTerms
from engine.risk.tails import simulated_tail
from jobs.registry import Answer
from jobs.work import Held
from portfolios.baskets import run_of
from portfolios.models import PoolSimulation
from portfolios.queries import checked
from portfolios.services.scenarios import SimulationTerms
from portfolios.tape import DATA

LEVELS = (0.95, 0.99, 0.999)
SHOWN_COUNTS = 60


@cache
def notch_matrix() -> Matrix:
    """S&P's one-year matrix by modifier, withdrawn ratings removed."""
    with (DATA / "rating_migration_sp_notch.csv").open(newline="") as file:
        return matrix_of(list(csv.DictReader(file)))


def simulated_rating(asset: Asset) -> str:
    """The row of the matrix an issuer stands in: CCC+ and below are one, an unrated issuer stands at CCC."""
    rating = asset.s_p_issuer_rating
    return rating if rating in notch_matrix().ratings and rating != DEFAULT else "CCC"


def simulate_pool(simulation: PoolSimulation, held: Held) -> Answer:
    """What the paths found, by the simulation's own terms."""
    terms = SimulationTerms(**simulation.terms)
    pool, deal, found = checked(run_of(simulation.snapshot))
    issuers, pars, losses = _issuers(pool.performing, deal)
    ratings = [simulated_rating(asset) for asset in issuers]
    powers, places = migrated(notch_matrix(), terms.years), notch_matrix().ratings
    pds = np.array([powers[places.index(rating), -1] for rating in ratings])
    rho = terms.correlation if terms.same_industry is None else _matrix(issuers, terms)
    drawn = draw(pds, losses, terms.paths, terms.seed, rho, held.report)
    balances = [float(each.terms.balance + each.terms.deferred) for each in found.coverage.classes]
    cushion = float(found.base.collateral_principal_amount) - sum(balances)
    answer: dict[str, Any] = {
        "issuers": len(issuers),
        "par": float(pars.sum()),
        "mean": float(drawn.counts.mean()),
        "mean_error": float(drawn.counts.std(ddof=1) / np.sqrt(terms.paths)),
        "mean_exact": float(pds.sum()),
        "loss": float(drawn.losses.mean()),
        "loss_exact": float(pds @ losses),
        "histogram": np.bincount(np.minimum(drawn.counts, SHOWN_COUNTS), minlength=SHOWN_COUNTS + 1).tolist(),
        "tails": [simulated_tail(drawn.losses, level)._asdict() for level in LEVELS],
        "classes": [
            {
                "name": each.terms.name,
                "hit": float((lost > 0).mean()),
                "loss": float(lost.mean()),
                "error": float(lost.std(ddof=1) / np.sqrt(terms.paths)),
                "share": float(lost.mean() / balance) if balance else 0.0,
            }
            for each, balance, lost in zip(
                found.coverage.classes, balances, class_losses(drawn.losses, balances, cushion), strict=True
            )
        ],
        "migration": _migration(ratings, terms.years),
    }
    return {**answer, **_exact(pds, terms, drawn.counts)}


def _issuers(performing: tuple[Asset, ...], terms: DealTerms) -> tuple[list[Asset], Any, Any]:
    """One asset for each issuer (its first decides), its par, and what its default costs."""
    first: dict[str, Asset] = {}
    pars: dict[str, float] = {}
    losses: dict[str, float] = {}
    for asset in performing:
        first.setdefault(asset.issuer_id, asset)
        par, recovery = float(par_of(asset, terms)), float(asset.moodys_recovery_rate_23 or 0)
        pars[asset.issuer_id] = pars.get(asset.issuer_id, 0.0) + par
        losses[asset.issuer_id] = losses.get(asset.issuer_id, 0.0) + par * (1.0 - recovery)
    return list(first.values()), np.array(list(pars.values())), np.array(list(losses.values()))


def _matrix(issuers: list[Asset], terms: SimulationTerms) -> Any:
    """Correlation by borrower: one number within an industry, one across."""
    industries = np.array([asset.moodys_industry for asset in issuers])
    assert terms.same_industry is not None
    found = np.where(industries[:, None] == industries[None, :], terms.same_industry, terms.correlation)
    np.fill_diagonal(found, 1.0)
    return found


def _exact(pds: Any, terms: SimulationTerms, counts: Any) -> dict[str, Any]:
    """The exact distribution beside the simulated one; a matrix has none."""
    if terms.same_industry is not None:
        return {"pmf": [], "quantiles": []}
    pmf, ordered = count_pmf(list(pds), terms.correlation), np.sort(counts)
    rows = []
    for level in (0.5, *LEVELS):
        band = 4 * np.sqrt(level * (1 - level) / counts.size)
        ours = int(ordered[int(np.ceil(level * counts.size)) - 1])
        low, high = quantile(pmf, level - band), quantile(pmf, min(level + band, 1 - 1e-9))
        rows.append({"level": level, "simulated": ours, "exact": quantile(pmf, level), "agrees": low <= ours <= high})
    return {"pmf": pmf[: SHOWN_COUNTS + 1].tolist(), "quantiles": rows}


def _migration(ratings: list[str], years: int) -> list[dict[str, Any]]:
    found = expected_counts(notch_matrix(), Counter(ratings), years)
    now = Counter(ratings)
    return [
        {"rating": rating, "now": now.get(rating, 0), "mean": mean, "sd": sd} for rating, (mean, sd) in found.items()
    ]
