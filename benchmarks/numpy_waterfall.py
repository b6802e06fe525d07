"""The waterfall in plain NumPy: a loop over months, each step an operation over all deals at once.

Written from the model book, not from the engine's kernel, as what a good analyst without a compiler would write.
Results agree with the kernel to rounding; `benchmarks/run.py` checks it before it measures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.deals import Deals, Floats

COLUMNS = (
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
    "hedge_unpaid",
)
DUST = 1e-12
# A ratio this close to a threshold meets it.
SLACK = 1e-9


def run(deals: Deals) -> dict[str, Floats]:  # noqa: PLR0915 - one priority of payments, read top to bottom
    """Every flow and balance by month and deal, (months, deals) for each column."""
    months, count = deals.months, deals.size
    out = {name: np.zeros((months, count)) for name in COLUMNS}
    schedule = deals.senior_schedule
    maturity = deals.senior_maturity
    dust = DUST * np.maximum(1.0, schedule[0])
    at_maturity = np.take_along_axis(schedule, maturity[None, :], axis=0)[0]
    short = ~deals.sweeps & (deals.refinance_capacity < at_maturity - dust)
    carried = np.where(short, deals.refinance_capacity / np.where(short, at_maturity, 1.0), 1.0)
    out["dscr"], out["trailing_dscr"] = coverage(deals)

    senior, mezz, standing = schedule[0].copy(), deals.mezz_schedule[0].copy(), schedule[0].copy()
    dsra, trap = deals.dsra_initial_amount.copy(), np.zeros(count)
    deferred, mezz_deferred, ahead = np.zeros(count), np.zeros(count), np.zeros(count)
    hedge_owed, wrap_owed, loss_owed = np.zeros(count), np.zeros(count), np.zeros(count)
    for m in range(1, months + 1):
        k = m - 1
        live, is_maturity = m <= maturity, m == maturity
        rate = np.where(live, deals.senior_rate, deals.senior_later_rate)
        mezz_rate = np.where(m <= deals.mezz_maturity, deals.mezz_rate, deals.mezz_later_rate)
        # What is refinanced into a second lease grows between the two at the rate it bears, then falls as scheduled.
        grows = (m > maturity) & (schedule[m] > schedule[k])
        falls = standing * schedule[m] / np.where(schedule[k] > 0.0, schedule[k], 1.0)
        standing = np.where(grows, standing * (1.0 + rate), np.where(m > maturity, falls, schedule[m]))
        standing = np.where(is_maturity, schedule[m] * carried, standing)
        floor = np.maximum(standing - ahead, 0.0)

        # Costs, then the wrap.
        gross = deals.gross_income[k]
        opex = np.minimum(gross, deals.opex[k])
        available = gross - opex
        hedge = deals.swap[k] + np.where(live, senior * deals.trs_carry, 0.0)
        receipt = np.maximum(hedge, 0.0)
        hedge_due = np.maximum(-hedge, 0.0) + hedge_owed
        wrap_due = senior * deals.wrap_rate + wrap_owed
        available = available + receipt
        wrap = np.minimum(available, wrap_due)
        available = available - wrap
        wrap_owed = wrap_due - wrap

        # Lock-up.
        share = np.zeros(count)
        if m < months:
            for level, part in zip(deals.lock_levels, deals.lock_shares, strict=True):
                share = np.where(out["trailing_dscr"][k] < level * (1.0 - SLACK), np.maximum(share, part), share)
        trap_released = np.where(share == 0.0, trap, 0.0)
        trap = trap - trap_released
        available = available + trap_released
        kept_margin = np.maximum(deals.margin_amount - deals.margin_loss_amount, 0.0)
        margin = np.where(is_maturity, kept_margin, 0.0)
        available = available + margin

        # Swaps and senior interest side by side, then principal, with the reserve behind senior.
        interest_due = senior * rate + deferred * (1.0 + rate)
        principal_due = np.maximum(senior - floor, 0.0)
        both = hedge_due + interest_due
        met = np.where(both > available, available / np.where(both > available, both, 1.0), 1.0)
        hedge_paid, interest = met * hedge_due, met * interest_due
        available = np.maximum(available - hedge_paid - interest, 0.0)
        hedge_owed = hedge_due - hedge_paid
        principal = np.minimum(available, principal_due)
        available = available - principal
        draw = np.minimum(dsra, interest_due - interest + principal_due - principal)
        dsra = dsra - draw
        to_interest = np.minimum(draw, interest_due - interest)
        interest = interest + to_interest
        principal = principal + draw - to_interest
        deferred = interest_due - interest
        senior = senior - principal + np.where(grows, deferred, 0.0)
        deferred = np.where(grows, 0.0, deferred)
        unpaid = deferred + principal_due - principal

        # The reserve: released from maturity, topped up before.
        released = np.where(m >= maturity, dsra, 0.0)
        dsra = dsra - released
        available = available + released
        gap = np.where(m < maturity, np.maximum(deals.targets[m] - dsra, 0.0), 0.0)
        top_up = np.minimum(available, gap)
        dsra = dsra + top_up
        available = available - top_up
        beyond = np.maximum(deals.margin_loss_amount - deals.margin_amount, 0.0)
        loss_owed = np.where(is_maturity, beyond, loss_owed)
        loss_paid = np.minimum(available, loss_owed)
        available = available - loss_paid
        loss_owed = loss_owed - loss_paid
        margin = margin - loss_paid

        # Mezzanine.
        mezz_due = mezz * mezz_rate + mezz_deferred * (1.0 + mezz_rate)
        mezz_interest = np.minimum(available, mezz_due)
        available = available - mezz_interest
        mezz_grown = np.maximum(deals.mezz_schedule[m] - deals.mezz_schedule[k], 0.0)
        mezz_grown = np.minimum(mezz_due - mezz_interest, mezz_grown)
        mezz_deferred = mezz_due - mezz_interest - mezz_grown
        mezz_principal = np.minimum(available, np.maximum(mezz - deals.mezz_schedule[m], 0.0))
        available = available - mezz_principal
        mezz = mezz - mezz_principal + mezz_grown

        # What is left: a share of it swept ahead of maturity, all after the ARD; trapped in lock-up, else paid out.
        early = np.where(m < maturity, np.minimum(deals.sweep_ratio * available, senior), 0.0)
        available = available - early
        senior = senior - early
        principal = principal + early
        ahead = ahead + early
        swept = np.where(deals.sweeps & ~live, np.minimum(available, senior), 0.0)
        available = available - swept
        senior = senior - swept
        principal = principal + swept
        swept = np.where(deals.mezz_sweeps & (m > deals.mezz_maturity), np.minimum(available, mezz), 0.0)
        available = available - swept
        mezz = mezz - swept
        mezz_principal = mezz_principal + swept
        trapped = share * available
        trap = trap + trapped
        available = available - trapped

        out["gross_income"][k] = gross
        out["opex"][k] = opex
        out["hedge_net"][k] = receipt - hedge_paid
        out["wrap_premium"][k] = wrap
        out["senior_interest"][k] = interest
        out["senior_principal"][k] = principal
        out["dsra_top_up"][k] = top_up
        out["mezz_interest"][k] = mezz_interest
        out["mezz_principal"][k] = mezz_principal
        out["cash_trapped"][k] = trapped
        out["trap_released"][k] = trap_released
        out["dsra_draw"][k] = draw
        out["dsra_released"][k] = released
        out["margin_returned"][k] = margin
        out["equity_distribution"][k] = available
        out["senior_balance"][k] = senior
        out["mezz_balance"][k] = mezz
        out["dsra_balance"][k] = dsra
        out["trap_balance"][k] = trap
        out["senior_unpaid"][k] = unpaid
        out["mezz_deferred"][k] = mezz_deferred
        out["cost_unpaid"][k] = deals.opex[k] - opex
        out["hedge_unpaid"][k] = hedge_owed + wrap_owed + loss_owed
    return out


def coverage(deals: Deals) -> tuple[Floats, Floats]:
    """Monthly and trailing DSCR on scheduled service; NaN where no service is due."""
    months = deals.months
    month = np.arange(1, months + 1)[:, None]
    opening, closing = deals.senior_schedule[:-1], deals.senior_schedule[1:]
    live = month <= deals.senior_maturity
    rate = np.where(live, deals.senior_rate, deals.senior_later_rate)
    cash = deals.gross_income - deals.opex + deals.swap + np.where(live, opening * deals.trs_carry, 0.0)
    principal = np.where(deals.sweeps & ~live, 0.0, opening - closing)
    service = opening * (rate + deals.wrap_rate) + principal
    dust = DUST * np.maximum(1.0, deals.senior_schedule[0])
    trailing_cash = _trailing(cash, deals.window_months)
    trailing_service = _trailing(service, deals.window_months)
    return _ratio(cash, service, dust), _ratio(trailing_cash, trailing_service, dust)


def _trailing(values: Floats, window: int) -> Floats:
    total = np.cumsum(values, axis=0)
    total[window:] = total[window:] - total[:-window]
    return total


def _ratio(cash: Floats, service: Floats, dust: Floats) -> Floats:
    paid: NDArray[np.bool_] = service > dust
    return np.divide(cash, service, out=np.full_like(cash, np.nan), where=paid)
