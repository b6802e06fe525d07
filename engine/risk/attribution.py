"""Where risk comes from: against a benchmark by regression, from factors and names by Euler's sums."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError
from engine.risk.tails import normal_risk

Floats = NDArray[np.float64]
YEAR_DAYS = 252


class Benchmarked(NamedTuple):
    """Daily regression on a benchmark, divisor n - 1, of the residual n - 2; a year of 252 days for tracking error and ratio.

    `information_ratio` is None where returns are the benchmark's.
    """

    beta: float
    alpha_daily: float
    r2: float
    residual_deviation: float
    tracking_error: float
    information_ratio: float | None
    active_mean_daily: float


def against_benchmark(returns: Floats, benchmark: Floats) -> Benchmarked:
    """Of two series of the same days; CalculationError for a benchmark that never moves."""
    if returns.size != benchmark.size or returns.size < 2:
        raise CalculationError(
            f"benchmark: expected the same days, two or more, got {returns.size} and {benchmark.size}"
        )
    spread = float(benchmark.var(ddof=1))
    if spread == 0.0:
        raise CalculationError("benchmark: it never moves, so nothing can be measured against it")
    together = float(np.cov(returns, benchmark, ddof=1)[0, 1])
    beta = together / spread
    alpha = float(returns.mean() - beta * benchmark.mean())
    residual, own = returns - alpha - beta * benchmark, float(returns.var(ddof=1))
    deviation = sqrt(float((residual**2).sum()) / (returns.size - 2)) if returns.size > 2 else float("nan")
    active = returns - benchmark
    error = float(active.std(ddof=1))
    return Benchmarked(
        beta, alpha, together**2 / (spread * own) if own else 0.0, deviation, error * sqrt(YEAR_DAYS),
        float(active.mean()) / error * sqrt(YEAR_DAYS) if error else None, float(active.mean()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Exposures (names, factors), the factors' covariance and each name's own deviation, of one horizon."""

    exposures: Floats
    factor_covariance: Floats
    specific_deviation: Floats

    def __post_init__(self) -> None:
        names, factors = self.exposures.shape
        if self.factor_covariance.shape != (factors, factors) or self.specific_deviation.shape != (names,):
            raise CalculationError(
                f"factor model: expected a covariance of {factors} factors and {names} deviations, got shapes "
                f"{self.factor_covariance.shape} and {self.specific_deviation.shape}"
            )

    @property
    def covariance(self) -> Floats:
        """Of the names (names, names)."""
        found: Floats = self.exposures @ self.factor_covariance @ self.exposures.T + np.diag(self.specific_deviation**2)
        return found


@dataclass(frozen=True, slots=True)
class FactorRisk:
    """Risk of weights: contributions add up to `var`, those of factors with the specific one, and those of assets alone."""

    exposures: Floats
    factor_variance: float
    specific_variance: float
    volatility: float
    factor_share: float
    var: float
    factor_contributions: Floats
    specific_contribution: float
    asset_contributions: Floats


def factor_risk(model: FactorModel, weights: Floats, level: float) -> FactorRisk:
    """Normal VaR with a mean of nil over the model's horizon; active weights give the tracking error's."""
    x = model.exposures.T @ weights
    through = model.factor_covariance @ x
    own = model.specific_deviation**2 * weights
    factor, specific = float(x @ through), float(weights @ own)
    volatility = sqrt(factor + specific)
    var = normal_risk(0.0, volatility, level).var
    scale = var / volatility**2 if volatility else 0.0
    return FactorRisk(
        x, factor, specific, volatility, factor / volatility**2 if volatility else 0.0, var,
        x * through * scale, specific * scale, weights * (model.exposures @ through + own) * scale,
    )  # fmt: skip


def fitted_model(returns: Floats, factors: Floats) -> FactorModel:
    """Least squares of each name's returns (days, names) on the factors' (days, factors), daily; residuals as above.

    A day on which a name has no return (NaN) is left out for that name. CalculationError with fewer days than unknowns.
    """
    days, count = factors.shape
    if days < count + 2 or np.linalg.matrix_rank(factors - factors.mean(axis=0)) < count:
        raise CalculationError(f"factor model: {days} days of {count} factors do not tell the factors apart")
    exposures, deviations = np.empty((returns.shape[1], count)), np.empty(returns.shape[1])
    patterns, group = np.unique(np.isfinite(returns), axis=1, return_inverse=True)
    for number, there in enumerate(patterns.T):
        names = np.flatnonzero(group == number)
        exposures[names], deviations[names] = _regressed(returns[there][:, names], factors[there])
    return FactorModel(exposures, np.atleast_2d(np.cov(factors, rowvar=False, ddof=1)), deviations)


def _regressed(returns: Floats, factors: Floats) -> tuple[Floats, Floats]:
    """Exposures and residual deviations of names with the same days."""
    days, count = factors.shape
    if days < count + 2:
        raise CalculationError(f"factor model: a name has {days} days of returns, expected {count + 2} or more")
    design = np.column_stack((np.ones(days), factors))
    fitted, *_ = np.linalg.lstsq(design, returns, rcond=None)
    squares = ((returns - design @ fitted) ** 2).sum(axis=0)
    return np.asarray(fitted[1:].T, dtype=np.float64), np.sqrt(squares / (days - count - 1))
