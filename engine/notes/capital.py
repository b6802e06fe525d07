"""What a bank holds against a class: Basel's approaches by formula and by rating, and the formula for loans behind it.

Source: Basel framework CRE41 (SEC-SA), CRE42 (SEC-ERBA; the table as in Regulation (EU) 575/2013, article 263) and CRE31
(corporate loans by internal ratings).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from engine.errors import CalculationError
from engine.ratings.scale import notch_of

FULL_WEIGHT, CAPITAL_RATIO = 12.5, 0.08
CAPITAL_LEVEL = 0.999
# By notch from AAA, percent: senior at one year and five, not senior (thin) at one year and five.
ERBA_PERCENT = (
    (15, 20, 15, 70), (15, 30, 15, 90), (25, 40, 30, 120), (30, 45, 40, 140), (40, 50, 60, 160), (50, 65, 80, 180),
    (60, 70, 120, 210), (75, 90, 170, 260), (90, 105, 220, 310), (120, 140, 330, 420), (140, 160, 470, 580),
    (160, 180, 620, 760), (200, 225, 750, 860), (250, 280, 900, 950), (310, 340, 1050, 1050), (380, 420, 1130, 1130),
    (460, 505, 1250, 1250), (460, 505, 1250, 1250), (460, 505, 1250, 1250),
)  # fmt: skip


class SecSa(NamedTuple):
    """A class's capital under the standardised approach; the risk weight is after its floor."""

    pool_capital_ratio: float
    capital_ratio: float
    risk_weight_ratio: float


def sec_sa(
    attachment_ratio: float,
    detachment_ratio: float,
    pool_capital_ratio: float = CAPITAL_RATIO,
    delinquent_ratio: float = 0.0,
    supervisory_factor: float = 1.0,
    floor_ratio: float = 0.15,
) -> SecSa:
    """Risk weight of a class from attachment to detachment; `pool_capital_ratio` is what the loans alone would need.

    The supervisory factor is 1, or 0.5 for simple, transparent and comparable deals, whose senior class has a floor of 10%.
    """
    if not 0.0 <= attachment_ratio < detachment_ratio <= 1.0:
        raise CalculationError(
            f"SEC-SA: expected 0 <= attachment < detachment <= 1, got {attachment_ratio:g} and {detachment_ratio:g}"
        )
    own = (1.0 - delinquent_ratio) * pool_capital_ratio + 0.5 * delinquent_ratio
    weight = FULL_WEIGHT
    if detachment_ratio > own:
        below = max(own - attachment_ratio, 0.0)
        above = detachment_ratio - max(own, attachment_ratio)
        beyond = _beyond(own, attachment_ratio, detachment_ratio, supervisory_factor)
        weight *= (below + above * beyond) / (detachment_ratio - attachment_ratio)
    floored = max(weight, floor_ratio)
    return SecSa(own, floored / FULL_WEIGHT, floored)


def _beyond(own: float, attachment: float, detachment: float, factor: float) -> float:
    """Capital per unit of the part above the pool's own capital: the mean of exp(-x / (p K)) over it."""
    if own <= 0.0:
        return 0.0
    a = -1.0 / (factor * own)
    upper, lower = detachment - own, max(attachment - own, 0.0)
    return float((np.exp(a * upper) - np.exp(a * lower)) / (a * (upper - lower)))


def sec_erba(
    rating: str, maturity_years: float, is_senior: bool, thickness_ratio: float = 1.0, floor_ratio: float = 0.15
) -> float:
    """Risk weight of a class by its rating: between one year and five on a straight line; thin classes weigh more.

    A class that is not senior weighs no less than a senior one of its rating. No rating or one below CCC- weighs all.
    """
    notch = notch_of(rating)
    if notch > len(ERBA_PERCENT):
        return FULL_WEIGHT
    row = ERBA_PERCENT[notch - 1]
    senior = float(np.interp(maturity_years, (1.0, 5.0), row[:2])) / 100.0
    thin = float(np.interp(maturity_years, (1.0, 5.0), row[2:])) / 100.0
    weight = senior if is_senior else max(thin * (1.0 - min(thickness_ratio, 0.5)), senior)
    return max(weight, floor_ratio)


def return_on_rwa(income_ratio: float, expected_loss_ratio: float, risk_weight_ratio: float) -> float:
    """Yearly income after expected loss over risk-weighted assets; NaN at no weight."""
    return (income_ratio - expected_loss_ratio) / risk_weight_ratio if risk_weight_ratio > 0.0 else float("nan")


class LoanCapital(NamedTuple):
    """A corporate loan by internal ratings."""

    correlation_ratio: float
    maturity_slope: float
    capital_ratio: float
    risk_weight_ratio: float


def loan_capital(default_probability: float, severity_ratio: float, maturity_years: float = 2.5) -> LoanCapital:
    """Capital of a corporate loan, which is what its pool alone would need."""
    share = (1.0 - np.exp(-50.0 * default_probability)) / (1.0 - np.exp(-50.0))
    rho = 0.12 * share + 0.24 * (1.0 - share)
    slope = (0.11852 - 0.05478 * np.log(default_probability)) ** 2
    worst = ndtr((ndtri(default_probability) + np.sqrt(rho) * ndtri(CAPITAL_LEVEL)) / np.sqrt(1.0 - rho))
    stretch = (1.0 + (maturity_years - 2.5) * slope) / (1.0 - 1.5 * slope)
    capital = float(severity_ratio * (worst - default_probability) * stretch)
    return LoanCapital(float(rho), float(slope), capital, capital * FULL_WEIGHT)
