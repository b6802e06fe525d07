"""The columns of the two-tranche kernel read off a run of the general one."""

from __future__ import annotations

import numpy as np

from engine.waterfall.steps import StepsResult
from engine.waterfall.terms import MEZZ_UNPAID, SHORTFALL

COLUMN_OF = {
    "gross_income": "income",
    "opex": "operating costs.paid",
    "wrap_premium": "wrap premium.paid",
    "senior_interest": "senior.interest_paid",
    "senior_principal": "senior.principal_paid",
    "dsra_top_up": "reserve_top_up",
    "mezz_interest": "mezzanine.interest_paid",
    "mezz_principal": "mezzanine.principal_paid",
    "cash_trapped": "cash_trapped",
    "trap_released": "trap_released",
    "dsra_draw": "reserve_drawn",
    "dsra_released": "reserve_released",
    "equity_distribution": "equity_distribution",
    "senior_balance": "senior.balance",
    "mezz_balance": "mezzanine.balance",
    "dsra_balance": "reserve_balance",
    "trap_balance": "trap_balance",
    "senior_unpaid": "senior.shortfall",
    "mezz_deferred": "mezzanine.deferred",
    "cost_unpaid": "operating costs.unpaid",
}


def as_two_tranche(result: StepsResult):
    """Every column of the fast path but its cover ratios, which the general kernel only reads."""
    found = {name: result.of(column) for name, column in COLUMN_OF.items()}
    found["hedge_net"] = -result.of("hedge payments.paid")
    found["margin_returned"] = result.of("receipts") - result.of("swap loss.paid")
    # The mezzanine defers its interest, so what it lacks is principal.
    mezz = result.of("mezzanine.flags").astype(int)
    lacking = np.where(mezz & SHORTFALL, MEZZ_UNPAID, 0)
    found["flags"] = (
        result.of("flags").astype(int) | result.of("senior.flags").astype(int) | mezz & ~SHORTFALL | lacking
    )
    return found
