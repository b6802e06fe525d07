"""Coverage of scheduled senior service by cash flow: DSCR by year, ICR, LLCR, PLCR, breach and recovery.

Numerator: CFADS after swap settlements. Denominator: scheduled interest, wrap premium and principal.
An interest-only balloon is refinanced, so it is no debt service. Source: model book sections 8-10.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Positions in the array a cover kernel fills.
DSCR_MINIMUM, DSCR_AVERAGE, LLCR, PLCR, ICR, BREACH_MONTH, RECOVERY_MONTHS = range(7)
COVER_SIZE = 7


@njit(cache=True, nogil=True)
def fill_cover(
    cash: Floats, balances: Floats, trs_rate: float, period_rate: float, maturity: int, last: int, out: Floats
) -> None:
    """Cover measures of one cash path against one schedule into `out`.

    `cash` is hedged CFADS by month (last), `balances` the scheduled ones (last + 1), `trs_rate` the monthly TRS carry
    on the outstanding balance, `period_rate` the monthly rate including wrap and any rate shock.
    Breach month 0 means none; recovery -1 means not before maturity.
    """
    factor = 1.0 / (1.0 + period_rate)
    discount = 1.0
    low, low_icr, total, years = np.inf, np.inf, 0.0, 0
    value_to_maturity, value_to_end = 0.0, 0.0
    year_cash, year_service, year_interest = 0.0, 0.0, 0.0
    breach, recovery = 0, 0
    for m in range(1, last + 1):
        discount *= factor
        if m > maturity:
            value_to_end += cash[m - 1] * discount
            continue
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
        year_cash += flow
        year_service += service
        year_interest += interest
        if m % 12 == 0 or m == maturity:
            if year_service > 0.0:
                ratio = year_cash / year_service
                low = min(low, ratio)
                total += ratio
                years += 1
            if year_interest > 0.0:
                low_icr = min(low_icr, year_cash / year_interest)
            year_cash, year_service, year_interest = 0.0, 0.0, 0.0
    out[DSCR_MINIMUM] = low
    out[DSCR_AVERAGE] = total / years if years > 0 else np.inf
    out[LLCR] = value_to_maturity / balances[0]
    out[PLCR] = (value_to_maturity + value_to_end) / balances[0]
    out[ICR] = low_icr
    out[BREACH_MONTH] = breach
    out[RECOVERY_MONTHS] = recovery
