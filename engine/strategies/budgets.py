"""Risk budgets: the one long-only portfolio in which each name carries its share of the risk."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.errors import CalculationError, InputProblems, Problem
from engine.strategies.covariance import Covariance
from engine.strategies.panels import Floats

MOST_SWEEPS = 2_000
TOLERANCE = 1e-11


def equal_risk(covariance: Covariance) -> Floats:
    """Weights under which every name carries the same risk."""
    width = covariance.factors.shape[1]
    return risk_budgets(covariance, np.full(width, 1.0 / width))


def risk_budgets(covariance: Covariance, budgets: Floats) -> Floats:
    """Weights under which each name carries its budget: S y = b / y by cyclical descent, w = y / sum y."""
    if not (np.isfinite(budgets).all() and (budgets > 0).all()):
        message = "Every risk budget is more than zero: leave a name out rather than give it none."
        raise InputProblems([Problem("not_positive", "budgets", message)])
    if abs(float(budgets.sum()) - 1) > 1e-6:
        message = f"Risk budgets add to {float(budgets.sum()):.4%}, not to 100%."
        raise InputProblems([Problem("does_not_add_up", "budgets", message)])
    matrix = np.ascontiguousarray(covariance.matrix())
    spread = np.sqrt(np.diag(matrix))
    # In units of each name's volatility the start is near and the scale is one, whatever the names.
    scaled, left = _descend(matrix / np.outer(spread, spread), budgets, MOST_SWEEPS, TOLERANCE)
    if not left <= 1e-9:
        raise CalculationError(f"Risk budgets did not settle in {MOST_SWEEPS} sweeps: {left:.2g} is left.")
    weights = scaled / spread
    return np.asarray(weights / weights.sum())


def risk_shares(covariance: Covariance, weights: Floats) -> Floats:
    """Each name's share of the variance; they add to one."""
    parts = weights * covariance.times(weights)
    return np.asarray(parts / parts.sum())


@njit(cache=True, nogil=True)
def _descend(matrix: Floats, budgets: Floats, most: int, tolerance: float) -> tuple[Floats, float]:
    """y of S y = b / y, and the largest distance left, as a share of the budget."""
    width = len(budgets)
    y = np.sqrt(budgets)
    product = matrix @ y
    left = np.inf
    for _ in range(most):
        left = 0.0
        for k in range(width):
            left = max(left, abs(y[k] * product[k] / budgets[k] - 1.0))
            own = matrix[k, k]
            rest = product[k] - own * y[k]
            found = (np.sqrt(rest * rest + 4.0 * own * budgets[k]) - rest) / (2.0 * own)
            product += (found - y[k]) * matrix[k]
            y[k] = found
        if left <= tolerance:
            break
    return y, left
