"""How many issuers default, exactly and on random paths, and how ratings migrate.

One factor: issuer i defaults when sqrt(rho) M + sqrt(1 - rho) e_i < N^-1(pd_i). Exact counts: given M they are Poisson
binomial (recursion), M is integrated by Gauss-Hermite quadrature. A matrix of correlations is drawn by its Cholesky root.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, roots_hermite

from engine.errors import CalculationError

Floats = NDArray[np.float64]
BLOCK = 10_000
NODES = 400
DEFAULT, NOT_RATED = "D", "NR"


def count_pmf(pds: Sequence[float], rho: float = 0.0) -> Floats:
    """Probability of each number of defaults, shape (issuers + 1,)."""
    given = np.asarray(pds, dtype=np.float64)
    if rho <= 0.0:
        return poisson_binomial(given)
    points, weights = roots_hermite(NODES)
    factors, weights = points * np.sqrt(2.0), weights / np.sqrt(np.pi)
    total = np.zeros(given.size + 1)
    for factor, weight in zip(factors, weights, strict=True):
        if weight > 1e-18:
            total += weight * poisson_binomial(conditional(given, rho, factor))
    return total


def conditional(pds: Floats, rho: float, factor: float | Floats) -> Floats:
    """Default probabilities given the common factor."""
    found: Floats = ndtr((ndtri(pds) - np.sqrt(rho) * factor) / np.sqrt(1.0 - rho))
    return found


def poisson_binomial(pds: Floats) -> Floats:
    """Probability of each number among independent events of unequal probability, by recursion."""
    found = np.zeros(pds.size + 1)
    found[0] = 1.0
    for number, pd in enumerate(pds, start=1):
        found[1 : number + 1] = found[1 : number + 1] * (1.0 - pd) + found[:number] * pd
        found[0] *= 1.0 - pd
    return found


def quantile(pmf: Floats, level: float) -> int:
    """The least number whose cumulative probability reaches the level."""
    return int(np.searchsorted(np.cumsum(pmf), level - 1e-12))


def large_pool_quantile(pd: float, rho: float, level: float) -> float:
    """Default rate of an endless pool (Vasicek)."""
    return float(ndtr((ndtri(pd) + np.sqrt(rho) * ndtri(level)) / np.sqrt(1.0 - rho)))


class Drawn(NamedTuple):
    """Counts of defaults and losses by path, shape (paths,) each."""

    counts: NDArray[np.int64]
    losses: Floats


def draw(
    pds: Floats,
    losses: Floats,
    paths: int,
    seed: int,
    rho: float | Floats = 0.0,
    report: Callable[[int], None] = lambda done: None,
) -> Drawn:
    """Defaults on random paths: one factor for a number, every pair's own correlation for a matrix.

    `losses` is what a default of each issuer costs. The same seed gives the same paths.
    """
    rng, threshold = np.random.default_rng(seed), ndtri(np.asarray(pds, dtype=np.float64))
    root = correlation_root(rho, threshold.size) if isinstance(rho, np.ndarray) else None
    counts, lost = np.empty(paths, dtype=np.int64), np.empty(paths)
    for start in range(0, paths, BLOCK):
        size = min(BLOCK, paths - start)
        shocks = rng.standard_normal((size, threshold.size), dtype=np.float32)
        if root is not None:
            defaulted = shocks @ root.T.astype(np.float32) < threshold
        elif isinstance(rho, float) and rho > 0.0:
            factor = rng.standard_normal((size, 1))
            limit = (threshold - np.sqrt(rho) * factor) / np.sqrt(1.0 - rho)
            defaulted = shocks < limit.astype(np.float32)
        else:
            defaulted = shocks < threshold.astype(np.float32)
        counts[start : start + size] = defaulted.sum(axis=1)
        lost[start : start + size] = defaulted @ losses
        report(start + size)
    return Drawn(counts, lost)


def correlation_root(matrix: Floats, size: int) -> Floats:
    """The Cholesky root of a correlation matrix; CalculationError for one that is none."""
    if matrix.shape != (size, size) or not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1.0):
        raise CalculationError(f"correlations: expected a symmetric matrix of {size} issuers with ones across")
    try:
        found: Floats = np.asarray(np.linalg.cholesky(matrix + 1e-12 * np.eye(size)), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise CalculationError("correlations: the matrix is not positive definite") from None
    return found


def class_losses(losses: Floats, balances: Sequence[float], cushion: float) -> list[Floats]:
    """What each class loses on each path, the last class first: losses above the cushion eat upwards."""
    left, found = np.maximum(losses - cushion, 0.0), []
    for balance in reversed(balances):
        taken = np.minimum(left, balance)
        found.append(taken)
        left = left - taken
    return found[::-1]


# Migration


class Matrix(NamedTuple):
    """Yearly transition probabilities: ratings best first, default last and absorbing."""

    ratings: tuple[str, ...]
    values: Floats


def matrix_of(rows: Sequence[Mapping[str, Any]]) -> Matrix:
    """From rows of `from`, `to`, `percent`: withdrawn ratings left out and rows rescaled, default absorbing."""
    ratings = tuple(dict.fromkeys(str(row["from"]) for row in rows if row["from"] not in {DEFAULT, NOT_RATED}))
    place = {rating: number for number, rating in enumerate((*ratings, DEFAULT))}
    values = np.zeros((len(place), len(place)))
    for row in rows:
        if row["from"] in place and row["to"] in place:
            values[place[str(row["from"])], place[str(row["to"])]] = float(row["percent"])
    values[-1] = 0.0
    values[-1, -1] = 1.0
    return Matrix((*ratings, DEFAULT), values / values.sum(axis=1, keepdims=True))


def migrated(matrix: Matrix, years: int) -> Floats:
    """Transition probabilities over some years: a power, which understates published multi-year defaults."""
    found: Floats = np.linalg.matrix_power(matrix.values, years)
    return found


def expected_counts(matrix: Matrix, issuers: Mapping[str, int], years: int) -> dict[str, tuple[float, float]]:
    """Expected number of issuers by rating after some years, and its standard deviation were they independent."""
    powers = migrated(matrix, years)
    mean, variance = np.zeros(len(matrix.ratings)), np.zeros(len(matrix.ratings))
    for rating, count in issuers.items():
        row = powers[matrix.ratings.index(rating)]
        mean, variance = mean + count * row, variance + count * row * (1.0 - row)
    return {rating: (float(m), float(np.sqrt(v))) for rating, m, v in zip(matrix.ratings, mean, variance, strict=True)}
