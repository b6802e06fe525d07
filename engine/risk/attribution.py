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
    active = returns - benchmark
    error = float(active.std(ddof=1))
    return Benchmarked(
        beta, alpha, together**2 / (spread * own) if own else 0.0, _residual_deviation(residual, 1), error * sqrt(YEAR_DAYS),
        float(active.mean()) / error * sqrt(YEAR_DAYS) if error else None, float(active.mean()),
    )  # fmt: skip


def _residual_deviation(residual: Floats, slopes: int) -> float:
    """Root of the squares over the days less what was fitted: the slopes and the intercept; NaN with no day left."""
    free = residual.size - slopes - 1
    return sqrt(float((residual**2).sum()) / free) if free > 0 else float("nan")


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
    moved = factors - factors.mean(axis=0)
    covariance = np.atleast_2d(np.cov(factors, rowvar=False, ddof=1))
    found = [_regressed(returns[:, k], factors, count) for k in range(returns.shape[1])]
    if days < count + 2 or np.linalg.matrix_rank(moved) < count:
        raise CalculationError(f"factor model: {days} days of {count} factors do not tell the factors apart")
    return FactorModel(np.array([each[0] for each in found]), covariance, np.array([each[1] for each in found]))


def _regressed(series: Floats, factors: Floats, count: int) -> tuple[Floats, float]:
    """Exposures and residual deviation of one name."""
    there = np.isfinite(series)
    if there.sum() < count + 2:
        raise CalculationError(
            f"factor model: a name has {int(there.sum())} days of returns, expected {count + 2} or more"
        )
    design = np.column_stack((np.ones(int(there.sum())), factors[there]))
    fitted, *_ = np.linalg.lstsq(design, series[there], rcond=None)
    residual = series[there] - design @ fitted
    return np.asarray(fitted[1:], dtype=np.float64), _residual_deviation(residual, count)
