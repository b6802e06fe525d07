"""What a waterfall runs on, and the columns it writes for every month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLUMNS: tuple[str, ...] = (
    "gross_income",
    "opex",
    "hedge_net",
    "wrap_premium",
    "senior_interest",
    "senior_principal",
    "dsra_top_up",
    "mezz_interest",
    "mezz_principal",
    "cash_trapped",
    "trap_released",
    "dsra_draw",
    "dsra_released",
    "margin_returned",
    "equity_distribution",
    "senior_balance",
    "mezz_balance",
    "dsra_balance",
    "trap_balance",
    "dscr",
    "trailing_dscr",
    "senior_unpaid",
    "mezz_deferred",
    "cost_unpaid",
    "flags",
)
(
    GROSS, OPEX, HEDGE, WRAP, SENIOR_INTEREST, SENIOR_PRINCIPAL, TOP_UP, MEZZ_INTEREST, MEZZ_PRINCIPAL, TRAPPED,
    TRAP_RELEASED, DSRA_DRAW, DSRA_RELEASED, MARGIN, EQUITY, SENIOR_BALANCE, MEZZ_BALANCE, DSRA_BALANCE, TRAP_BALANCE,
    DSCR, TRAILING_DSCR, SENIOR_UNPAID, MEZZ_DEFERRED_BALANCE, COST_UNPAID, FLAG_BITS,
) = range(len(COLUMNS))  # fmt: skip

LOCK_UP, DRAW, SHORTFALL, DEFERRED, BALLOON, HEDGE_UNPAID, MEZZ_UNPAID = 1, 2, 4, 8, 16, 32, 64


class WaterfallTerms(NamedTuple):
    """Resolved terms of one run of the waterfall; rates are monthly, months count from the start of operations.

    `sweep_ratio` of what both tranches leave repays senior early, its last instalments first. Rates, amounts and the
    mezzanine's maturity may be lanes, all of them together: terms of as many deals.
    """

    months: int
    senior_maturity: int
    senior_monthly_rate: float
    senior_later_monthly_rate: float
    wrap_monthly_rate: float
    mezz_maturity: int
    mezz_monthly_rate: float
    mezz_later_monthly_rate: float
    trs_carry: float
    margin_amount: float
    margin_loss_amount: float
    dsra_months: int
    dsra_initial_amount: float
    window_months: int
    sweeps: bool
    mezz_sweeps: bool
    refinance_capacity: float
    sweep_ratio: float = 0.0


class WaterfallPaths(NamedTuple):
    """Monthly arrays of one run: income, costs and swap settlements (months), scheduled balances (months + 1).

    `lock_levels` and `lock_shares` are the lock-up steps, highest threshold first.
    """

    gross_income: Floats
    opex: Floats
    swap: Floats
    senior_schedule: Floats
    mezz_schedule: Floats
    lock_levels: Floats
    lock_shares: Floats


class Paid(NamedTuple):
    """How a run ended: all flags it raised, the most of senior that was unpaid in a month, and what is left of it."""

    flags: float
    unpaid_amount: float
    senior_amount: float


class Sheet(NamedTuple):
    """Where a run writes its columns: a column's figure of month m is in `cells` at m x `step` + its place, months from 0.

    Columns that nobody reads may share a place; with a `step` of 0 nothing is kept.
    """

    cells: Floats
    places: NDArray[np.int64]
    step: int
