"""Covariances of yearly returns: sample, Ledoit-Wolf, a few factors; refused where not positive definite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputProblems, Problem
from engine.strategies.panels import Floats

DAYS_A_YEAR = 252
# The smallest eigenvalue that counts, as a share of the largest: below it an inverse is noise.
LEAST_SHARE = 1e-10
REPAIRED_SHARE = 1e-8


@dataclass(frozen=True, slots=True)
class Covariance:
    """factors' factors + diag(specific): few factors of many names keep an optimiser fast."""

    factors: Floats  # (factors, names)
    specific: Floats  # (names,)

    @property
    def is_thin(self) -> bool:
        """True where there are so few factors that working through them is the faster way."""
        return bool(4 * len(self.factors) <= self.factors.shape[1])

    def matrix(self) -> Floats:
        """The covariance in full."""
        return np.asarray(self.factors.T @ self.factors + np.diag(self.specific))

    def times(self, weights: Floats) -> Floats:
        """Covariance times weights."""
        return np.asarray(self.factors.T @ (self.factors @ weights) + self.specific * weights)

    def of_names(self, kept: NDArray[np.bool_]) -> Covariance:
        """The covariance of some of the names."""
        return Covariance(self.factors[:, kept], self.specific[kept])

    def volatility_rate(self, weights: Floats) -> float:
        """Volatility a year of a portfolio."""
        return float(np.linalg.norm(self.root_times(weights)))

    def root_times(self, weights: Floats) -> Floats:
        """R times weights: a vector as long as the portfolio's volatility."""
        if not self.specific.any():
            return np.asarray(self.factors @ weights)
        return np.concatenate([self.factors @ weights, np.sqrt(self.specific) * weights])

    def root(self) -> Floats:
        """R with R'R the covariance: the factors and each name's own."""
        return np.vstack([self.factors, np.diag(np.sqrt(self.specific))]) if self.specific.any() else self.factors


@dataclass(frozen=True, slots=True)
class Estimate:
    """A covariance and how far it was drawn to its target."""

    covariance: Covariance
    shrinkage_ratio: float


@dataclass(frozen=True, slots=True)
class Repair:
    """A covariance made positive definite, and what that changed."""

    covariance: Covariance
    lifted: int  # eigenvalues
    largest_change: float  # of an entry
    change_ratio: float  # of the whole, by the Frobenius norm


def sample(returns: Floats, names: Sequence[str], periods: int = DAYS_A_YEAR) -> Covariance:
    """The sample covariance (divisor n - 1) of one period's returns, times the periods a year."""
    return positive_definite(sample_matrix(returns, names, periods))


def sample_matrix(returns: Floats, names: Sequence[str], periods: int = DAYS_A_YEAR) -> Floats:
    """The same before it is asked whether it can be used."""
    centred = _centred(returns, names)
    return np.asarray(periods * (centred.T @ centred) / (len(centred) - 1))


def ledoit_wolf(returns: Floats, names: Sequence[str], periods: int = DAYS_A_YEAR) -> Estimate:
    """The sample covariance (divisor n) drawn to mu I by the intensity of Ledoit and Wolf, in closed form."""
    centred = _centred(returns, names)
    days, width = centred.shape
    matrix = centred.T @ centred / days
    mean = float(np.trace(matrix)) / width
    squared = float(np.square(matrix).sum())
    distance = (squared - width * mean**2) / width
    noise = (float(np.square(np.square(centred).sum(axis=1)).sum()) / days - squared) / (days * width)
    shrinkage = min(noise, distance) / distance if distance > 0 else 1.0
    drawn = periods * ((1 - shrinkage) * matrix + shrinkage * mean * np.eye(width))
    # No eigenvalue is below what the target alone gives, nor above the sum of all: no need to look for them.
    is_sure = shrinkage * mean > LEAST_SHARE * width * mean
    return Estimate(known_definite(drawn) if is_sure else positive_definite(drawn), shrinkage)


def principal_factors(covariance: Covariance, count: int) -> Covariance:
    """The `count` largest principal components, and all else of each name as its own: variances are kept."""
    matrix = covariance.matrix()
    values, vectors = _largest(matrix, count)
    factors: Floats = (vectors * np.sqrt(values)).T
    own = np.diag(matrix) - np.square(factors).sum(axis=0)
    return Covariance(factors, np.asarray(np.maximum(own, LEAST_SHARE * values[-1])))


def positive_definite(matrix: Floats) -> Covariance:
    """The matrix as a covariance; refused where an eigenvalue is not above zero."""
    least, most = _ends(_symmetric(matrix))
    if least <= LEAST_SHARE * most:
        message = (
            f"The covariance is not positive definite: its smallest eigenvalue is {least:.3g} beside a largest of "
            f"{most:.3g}. Take more days, fewer names or Ledoit-Wolf, or ask for a repair."
        )
        raise InputProblems([Problem("not_positive_definite", "covariance", message)])
    return known_definite(matrix)


def known_definite(matrix: Floats) -> Covariance:
    """The matrix as a covariance, where it is known to be positive definite."""
    root = np.asarray(np.linalg.cholesky(matrix).T, dtype=np.float64)
    return Covariance(root, np.zeros(len(matrix)))


def _largest(matrix: Floats, count: int) -> tuple[Floats, Floats]:
    """The largest eigenvalues, rising, and their vectors; of many names those alone are looked for."""
    if len(matrix) <= 10 * count:
        values, vectors = np.linalg.eigh(matrix)
        return np.asarray(values[-count:]), np.asarray(vectors[:, -count:])
    from scipy.sparse.linalg import eigsh

    values, vectors = eigsh(matrix, k=count, v0=np.ones(len(matrix)))
    return values, vectors


def repaired(matrix: Floats) -> Repair:
    """The matrix with its eigenvalues lifted to a hundred-millionth of the largest, and the change that makes."""
    symmetric = _symmetric(matrix)
    values, vectors = np.linalg.eigh(symmetric)
    if values[-1] <= 0:
        raise InputProblems([Problem("no_variance", "covariance", "The covariance has no variance in any direction.")])
    floor = REPAIRED_SHARE * values[-1]
    if values[0] >= floor:
        return Repair(positive_definite(symmetric), 0, 0.0, 0.0)
    lifted = (vectors * np.maximum(values, floor)) @ vectors.T
    lifted = (lifted + lifted.T) / 2
    change = lifted - symmetric
    ratio = float(np.linalg.norm(change) / np.linalg.norm(symmetric))
    return Repair(positive_definite(lifted), int((values < floor).sum()), float(np.abs(change).max()), ratio)


def _ends(matrix: Floats) -> tuple[float, float]:
    values = np.linalg.eigvalsh(matrix)
    return float(values[0]), float(values[-1])


def _symmetric(matrix: Floats) -> Floats:
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and len(matrix) > 0
    if not square or not np.isfinite(matrix).all():
        raise InputProblems([Problem("not_a_matrix", "covariance", "The covariance must be square, without gaps.")])
    if np.abs(matrix - matrix.T).max() > 1e-12 + 1e-9 * np.abs(matrix).max():
        message = "The covariance is not symmetric: the pair of two names must have one figure."
        raise InputProblems([Problem("not_symmetric", "covariance", message)])
    return matrix


def _centred(returns: Floats, names: Sequence[str]) -> Floats:
    if len(returns) < 2:
        message = f"A covariance needs two days of returns or more, got {len(returns)}."
        raise InputProblems([Problem("too_few_days", "returns", message)])
    problems = [
        Problem("gap", f"returns.{name}", f"{name} has days without a return: fill or leave out the name.")
        for name, has_all in zip(names, np.asarray(np.isfinite(returns).all(axis=0)), strict=True)
        if not has_all
    ]
    if not problems:
        problems = [
            Problem("constant", f"returns.{name}", f"{name} never moves: its variance is zero. Leave it out.")
            for name, spread in zip(names, np.asarray(np.ptp(returns, axis=0)), strict=True)
            if spread == 0
        ]
    if problems:
        raise InputProblems(problems)
    return np.asarray(returns - returns.mean(axis=0))
