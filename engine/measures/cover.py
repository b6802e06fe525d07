"""Cover of scheduled senior service by cash flow: DSCR by year, ICR, LLCR, PLCR, breach and recovery.

Numerator: CFADS after swap settlements. Denominator: scheduled interest, wrap premium and principal.
An interest-only note is read on the lower of its interest cover and a notional amortising DSCR, a level payment.
Only months in which something is due count, so that a loan repaid within a year is not covered by the rest of it.
Source: model book sections 8-10.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Positions in the array a cover kernel fills.
(
    DSCR_MINIMUM, DSCR_AVERAGE, LLCR, PLCR, ICR, BREACH_MONTH, RECOVERY_MONTHS, NOTIONAL_MINIMUM, ARD_PLCR,
) = range(9)  # fmt: skip
COVER_SIZE = 9


@njit(cache=True, nogil=True)
def fill_cover(  # noqa: C901 - one pass over the months
    cash: Floats, balances: Floats, trs_rate: float, period_rate: float, maturity: int, last: int,
    notional_amount: float, out: Floats
) -> None:  # fmt: skip
    """Cover measures of one cash path against one schedule into `out`.

    `cash` is hedged CFADS by month (last), `balances` the scheduled ones (last + 1), `trs_rate` the monthly TRS carry
    on the outstanding balance, `period_rate` the monthly rate including wrap and any rate shock, `notional_amount` the
    level payment an interest-only note is read on (0: none).
    Breach month 0 means none; recovery -1 means not before maturity. Without a balloon the ARD's cover is infinite.
    """
    factor = 1.0 / (1.0 + period_rate)
    discount, at_maturity = 1.0, 1.0
    low, low_icr, low_notional, total, years = np.inf, np.inf, np.inf, 0.0, 0
    value_to_maturity, value_to_end = 0.0, 0.0
    year_cash, year_service, year_interest, year_notional = 0.0, 0.0, 0.0, 0.0
    breach, recovery = 0, 0
    for m in range(1, last + 1):
        discount *= factor
        if m > maturity:
            value_to_end += cash[m - 1] * discount
            continue
        at_maturity = discount
        opening = balances[m - 1]
        flow = cash[m - 1] + opening * trs_rate
        interest = opening * period_rate
        service = interest + opening - balances[m]
        value_to_maturity += flow * discount
        if flow < service * (1.0 - 1e-12):
            if breach == 0:
                breach, recovery = m, -1
        elif recovery == -1:
            recovery = m - breach
        if service > 0.0:
            year_cash += flow
            year_service += service
            year_interest += interest
            year_notional += notional_amount
        if m % 12 == 0 or m == maturity:
            if year_service > 0.0:
                ratio = year_cash / year_service
                if year_notional > 0.0:
                    low_notional = min(low_notional, year_cash / year_notional)
                    ratio = min(ratio, year_cash / year_notional)
                low = min(low, ratio)
                total += ratio
                years += 1
            if year_interest > 0.0:
                low_icr = min(low_icr, year_cash / year_interest)
            year_cash, year_service, year_interest, year_notional = 0.0, 0.0, 0.0, 0.0
    balloon = balances[maturity]
    out[DSCR_MINIMUM] = low
    out[DSCR_AVERAGE] = total / years if years > 0 else np.inf
    out[LLCR] = value_to_maturity / balances[0]
    out[PLCR] = (value_to_maturity + value_to_end) / balances[0]
    out[ICR] = low_icr
    out[BREACH_MONTH] = breach
    out[RECOVERY_MONTHS] = recovery
    out[NOTIONAL_MINIMUM] = low_notional
    out[ARD_PLCR] = value_to_end / at_maturity / balloon if balloon > 0.0 else np.inf


@njit(cache=True, nogil=True)
def fill_total_cover(cash: Floats, service: Floats, months: int, notional_amount: float, out: Floats) -> None:
    """(minimum, average) of yearly cover of all debt into out[0..1] over the first `months`; infinite without service.

    `service` is all scheduled service by month, `notional_amount` the level payment read beside it (0: none).
    """
    low, total, years, year_cash, year_service, year_notional = np.inf, 0.0, 0, 0.0, 0.0, 0.0
    for m in range(1, months + 1):
        if service[m - 1] > 0.0:
            year_cash += cash[m - 1]
            year_service += service[m - 1]
            year_notional += notional_amount
        if (m % 12 == 0 or m == months) and year_service > 0.0:
            ratio = year_cash / year_service
            if year_notional > 0.0:
                ratio = min(ratio, year_cash / year_notional)
            low = min(low, ratio)
            total += ratio
            years += 1
            year_cash, year_service, year_notional = 0.0, 0.0, 0.0
    out[0] = low
    out[1] = total / years if years > 0 else np.inf
