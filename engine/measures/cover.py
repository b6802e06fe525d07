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

from engine.basics.lanes import each, over, pick, put, take, width_of

Floats = NDArray[np.float64]

# Positions in the array a cover kernel fills.
(
    DSCR_MINIMUM, DSCR_AVERAGE, LLCR, PLCR, ICR, BREACH_MONTH, RECOVERY_MONTHS, NOTIONAL_MINIMUM, ARD_PLCR,
) = range(9)  # fmt: skip
COVER_SIZE = 9


@njit(cache=True, nogil=True)
def fill_cover(
    cash: Floats, settlements: Floats, hedged_amount: float, balances: Floats, trs_rate: float, period_rate: float,
    maturity: int, last: int, notional_amount: float, out: Floats
) -> None:  # fmt: skip
    """Cover measures of one cash path against one schedule into `out`; rates in lanes: of as many paths, side by side.

    `cash` is CFADS by month (last), `settlements` the inflation swap's on one unit, of which `hedged_amount` are held,
    `balances` the scheduled ones (last + 1), `trs_rate` the monthly TRS carry on the outstanding balance, `period_rate`
    the monthly rate including wrap and any rate shock, `notional_amount` the level payment an interest-only note is
    read on (0: none).
    Breach month 0 means none; recovery -1 means not before maturity. Without a balloon the ARD's cover is infinite.
    """
    width, nil, endless = width_of(period_rate), each(0.0, period_rate), each(np.inf, period_rate)
    factor = 1.0 / (1.0 + period_rate)
    discount, at_maturity = each(1.0, period_rate), each(1.0, period_rate)
    low, low_icr, low_notional, total, years = endless, endless, endless, nil, nil
    value_to_maturity, value_to_end = nil, nil
    year_cash, year_service, year_interest, year_notional = nil, nil, nil, nil
    breach, recovery = nil, nil
    for m in range(1, last + 1):
        at = (m - 1) * width
        hedged = take(cash, at, period_rate) + hedged_amount * take(settlements, at, period_rate)
        discount = discount * factor
        if m > maturity:
            value_to_end = value_to_end + hedged * discount
            continue
        at_maturity = discount
        opening, month = balances[m - 1], float(m)
        flow = hedged + opening * trs_rate
        interest = opening * period_rate
        service = interest + opening - balances[m]
        value_to_maturity = value_to_maturity + flow * discount
        late, first = flow < service * (1.0 - 1e-12), breach == 0.0
        recovery = pick(late, pick(first, nil - 1.0, recovery), pick(recovery == -1.0, month - breach, recovery))
        breach = pick(late & first, nil + month, breach)
        is_due = service > 0.0
        year_cash = pick(is_due, year_cash + flow, year_cash)
        year_service = pick(is_due, year_service + service, year_service)
        year_interest = pick(is_due, year_interest + interest, year_interest)
        year_notional = pick(is_due, year_notional + notional_amount, year_notional)
        if m % 12 == 0 or m == maturity:
            asked, is_level = year_service > 0.0, year_notional > 0.0
            ratio, by_level = over(year_cash, year_service), over(year_cash, year_notional)
            low_notional = pick(asked & is_level, min(low_notional, by_level), low_notional)
            ratio = pick(is_level, min(ratio, by_level), ratio)
            low, total = pick(asked, min(low, ratio), low), pick(asked, total + ratio, total)
            years = pick(asked, years + 1.0, years)
            low_icr = pick(year_interest > 0.0, min(low_icr, over(year_cash, year_interest)), low_icr)
            year_cash, year_service, year_interest, year_notional = nil, nil, nil, nil
    balloon = balances[maturity]
    put(out, DSCR_MINIMUM * width, low)
    put(out, DSCR_AVERAGE * width, pick(years > 0.0, over(total, years), endless))
    put(out, LLCR * width, value_to_maturity / balances[0])
    put(out, PLCR * width, (value_to_maturity + value_to_end) / balances[0])
    put(out, ICR * width, low_icr)
    put(out, BREACH_MONTH * width, breach)
    put(out, RECOVERY_MONTHS * width, recovery)
    put(out, NOTIONAL_MINIMUM * width, low_notional)
    put(out, ARD_PLCR * width, value_to_end / at_maturity / balloon if balloon > 0.0 else endless)


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
