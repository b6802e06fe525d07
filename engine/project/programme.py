"""How capex is paid over construction, and what money that waits for it earns.

Months count from 1; money is drawn at the start of a month. Source: model book section 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.project.inputs import DebtForm, DrawProfile, ProjectInputs

Floats = NDArray[np.float64]


def capex_drawn(inputs: ProjectInputs) -> Floats:
    """Share of capex paid by the start of each month from close; none of it before construction, unless all at close.

    An s-curve is slow, fast and slow again: 3 x^2 - 2 x^3 at the share x of the months.
    """
    built, profile = inputs.construction, inputs.construction.draw_profile
    if profile is DrawProfile.AT_CLOSE:
        return np.ones(built.months_from_close)
    x = np.concatenate((np.zeros(built.gap_months), np.arange(1, built.months + 1) / built.months))
    return x if profile is DrawProfile.STRAIGHT_LINE else 3.0 * x**2 - 2.0 * x**3


def cost_drawn(inputs: ProjectInputs) -> Floats:
    """Share of internal cost paid by the start of each month: land and fees at close, capex by its profile."""
    capex = inputs.capex_internal.total_amount
    paid_at_close = inputs.land.total_amount + inputs.fees.total_amount
    return (paid_at_close + capex * capex_drawn(inputs)) / (paid_at_close + capex)


def debt_drawn(inputs: ProjectInputs) -> Floats:
    """Share of each tranche drawn by the start of each month: notes in full at close, loans with the costs."""
    is_loan = inputs.construction.debt_form is DebtForm.LOAN
    return cost_drawn(inputs) if is_loan else np.ones(inputs.construction.months_from_close)


def escrow_income_amount(inputs: ProjectInputs) -> float:
    """What capex not yet paid earns until it is; nothing where loans are drawn with the costs."""
    if inputs.construction.debt_form is DebtForm.LOAN:
        return 0.0
    waiting = inputs.capex_internal.total_amount * (1.0 - capex_drawn(inputs))
    return float(waiting.sum()) * inputs.construction.escrow_rate / 12.0
