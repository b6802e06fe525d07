"""How much debt a service capacity carries, and the schedule that repays it.

Capacity is the debt service a period can bear: CFADS over the DSCR for senior, what is left of CFADS over the
total DSCR for mezzanine. Periods may be of any length; `period_rate` is the rate for one of them.
Source: model book section 5. Every function is a kernel; `engine.book.debt` is their twin.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.debt.kinds import INTEREST_ONLY, PARTIAL, SCULPTED, STRAIGHT_LINE

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def annuity_factor(period_rate: float, periods: int) -> float:
    """Present value of one a period: (1-(1+i)^-n)/i.

    >>> round(annuity_factor(0.055, 25), 10)
    13.4139326564
    """
    if periods <= 0:
        return 0.0
    if period_rate == 0.0:
        return float(periods)
    return (1.0 - (1.0 + period_rate) ** -periods) / period_rate


@njit(cache=True, nogil=True)
def _lowest(values: Floats, start: int, stop: int) -> float:
    low = np.inf
    for m in range(start, stop):
        low = min(low, values[m])
    return low


@njit(cache=True, nogil=True)
def _interest_limit(capacity: Floats, period_rate: float, grace: int) -> float:
    """Largest balance whose interest every grace period can bear."""
    if grace <= 0 or period_rate <= 0.0:
        return np.inf
    return _lowest(capacity, 0, grace) / period_rate


@njit(cache=True, nogil=True)
def size_annuity(capacity: Floats, period_rate: float, periods: int, grace: int = 0) -> float:
    """Balance repaid by a level service no period fails to bear."""
    level = _lowest(capacity, grace, periods)
    sized = level * annuity_factor(period_rate, periods - grace)
    return max(0.0, min(sized, _interest_limit(capacity, period_rate, grace)))


@njit(cache=True, nogil=True)
def size_straight_line(capacity: Floats, period_rate: float, periods: int, grace: int = 0) -> float:
    """Balance repaid in equal principal parts: min over t of capacity_t / (1/n + i(1-(t-1)/n))."""
    count = periods - grace
    sized = _interest_limit(capacity, period_rate, grace)
    for t in range(count):
        load = 1.0 / count + period_rate * (1.0 - t / count)
        sized = min(sized, capacity[grace + t] / load)
    return max(0.0, sized)


@njit(cache=True, nogil=True)
def size_sculpted(capacity: Floats, period_rate: float, periods: int, grace: int = 0) -> float:
    """Present value of the capacity, no more than any period's interest can bear: no principal is ever negative.

    In period t interest is borne where B <= PV(capacity before t) + capacity_t / i discounted t periods.
    """
    factor = 1.0 / (1.0 + period_rate)
    sized, paid, discount = _interest_limit(capacity, period_rate, grace), 0.0, 1.0
    for t in range(grace, periods):
        if period_rate > 0.0:
            sized = min(sized, paid + capacity[t] / period_rate * discount)
        discount *= factor
        paid += capacity[t] * discount
    return max(0.0, min(sized, paid))


@njit(cache=True, nogil=True)
def refinance_capacity(capacity: Floats, refinance_rate: float, maturity: int, last: int) -> float:
    """Annuity the capacity left after maturity carries to the last period."""
    if last <= maturity:
        return 0.0
    return max(0.0, _lowest(capacity, maturity, last) * annuity_factor(refinance_rate, last - maturity))


@njit(cache=True, nogil=True)
def relet_capacity(
    capacity: Floats, refinance_rate: float, maturity: int, lease_end: int, relet_from: int, last: int
) -> float:
    """What a lease and the one after it carry from maturity: a level service in each, none in the void between.

    The second part is worth at maturity what its annuity is worth then less what the void costs; the whole is no more
    than the first lease's interest bears, and no less than what that lease carries alone.
    """
    alone = refinance_capacity(capacity, refinance_rate, maturity, lease_end)
    if last <= relet_from or lease_end <= maturity:
        return alone
    factor = 1.0 / (1.0 + refinance_rate)
    again = max(_lowest(capacity, relet_from, last), 0.0) * annuity_factor(refinance_rate, last - relet_from)
    again *= factor ** (relet_from - maturity)
    for m in range(lease_end, relet_from):
        again += min(capacity[m], 0.0) * factor ** (m + 1 - maturity)
    borne = np.inf if refinance_rate <= 0.0 else _lowest(capacity, maturity, lease_end) / refinance_rate
    return max(alone, min(alone + again, borne))


@njit(cache=True, nogil=True)
def fill_relet_tail(
    balance: float, alone: float, refinance_rate: float, maturity: int, lease_end: int, relet_from: int, last: int,
    out: Floats
) -> None:  # fmt: skip
    """Scheduled balances of what is refinanced at maturity into out[maturity + 1..last].

    What the first lease carries `alone` is repaid in it by a level service; the rest grows until the new lease begins,
    whose level service repays it.
    """
    level = min(balance, max(alone, 0.0)) / annuity_factor(refinance_rate, lease_end - maturity)
    for m in range(maturity + 1, relet_from + 1):
        out[m] = out[m - 1] * (1.0 + refinance_rate) - (level if m <= lease_end else 0.0)
    level = out[relet_from] / annuity_factor(refinance_rate, last - relet_from)
    for m in range(relet_from + 1, last + 1):
        out[m] = out[m - 1] * (1.0 + refinance_rate) - level
    out[last] = 0.0


@njit(cache=True, nogil=True)
def size_interest_only(capacity: Floats, period_rate: float, periods: int, refinance_limit: float) -> float:
    """Balance whose interest every period bears and that can be refinanced at maturity."""
    interest_limit = np.inf if period_rate <= 0.0 else _lowest(capacity, 0, periods) / period_rate
    return max(0.0, min(interest_limit, refinance_limit))


@njit(cache=True, nogil=True)
def balloon_share(kind: int, balloon_ratio: float) -> float:
    """Share of a balance that stands at maturity: all of an interest-only one, `balloon_ratio` of a partial one."""
    if kind == INTEREST_ONLY:
        return 1.0
    return balloon_ratio if kind == PARTIAL else 0.0


@njit(cache=True, nogil=True)
def is_swept(sweeps: bool, balloon: float) -> bool:
    """True where what stands at maturity is swept from there on; amortising debt leaves nothing to sweep."""
    return sweeps and balloon > 0.0


@njit(cache=True, nogil=True)
def partial_payment(period_rate: float, periods: int, balloon_ratio: float) -> float:
    """Level payment a unit that leaves a balloon: (1 - s(1+i)^-n) / annuity factor.

    >>> round(100 * partial_payment(0.005, 84, 0.5), 6)
    0.980428
    """
    return (1.0 - balloon_ratio * (1.0 + period_rate) ** -periods) / annuity_factor(period_rate, periods)


@njit(cache=True, nogil=True)
def size_partial(
    capacity: Floats, period_rate: float, periods: int, grace: int, balloon_ratio: float, refinance_limit: float
) -> float:
    """Balance whose level service every period bears, and whose balloon can be refinanced at maturity."""
    payment = partial_payment(period_rate, periods - grace, balloon_ratio)
    sized = _lowest(capacity, grace, periods) / payment if payment > 0.0 else np.inf
    if balloon_ratio > 0.0:
        sized = min(sized, refinance_limit / balloon_ratio)
    return max(0.0, min(sized, _interest_limit(capacity, period_rate, grace)))


@njit(cache=True, nogil=True)
def size_balloon(
    kind: int, capacity: Floats, period_rate: float, periods: int, grace: int, refinance_limit: float,
    balloon_ratio: float
) -> float:  # fmt: skip
    """Balance of an amortisation that leaves a balloon within what is refinanced."""
    if kind == INTEREST_ONLY:
        return size_interest_only(capacity, period_rate, periods, refinance_limit)
    return size_partial(capacity, period_rate, periods, grace, balloon_ratio, refinance_limit)


@njit(cache=True, nogil=True)
def size_debt(
    kind: int, capacity: Floats, period_rate: float, periods: int, grace: int, refinance_rate: float, last: int,
    balloon_ratio: float = 0.0
) -> float:  # fmt: skip
    """Balance at the start of operations for any amortisation; `last` is the final period of the lease."""
    held = min(grace, periods - 1)
    if kind == STRAIGHT_LINE:
        return size_straight_line(capacity, period_rate, periods, held)
    if kind == SCULPTED:
        return size_sculpted(capacity, period_rate, periods, held)
    if kind in (INTEREST_ONLY, PARTIAL):
        limit = refinance_capacity(capacity, refinance_rate, periods, last)
        return size_balloon(kind, capacity, period_rate, periods, held, limit, balloon_ratio)
    return size_annuity(capacity, period_rate, periods, held)


@njit(cache=True, nogil=True)
def fill_schedule(
    kind: int,
    balance: float,
    capacity: Floats,
    period_rate: float,
    periods: int,
    grace: int,
    refinance_rate: float,
    last: int,
    sweeps: bool,
    out: Floats,
    balloon_ratio: float = 0.0,
) -> None:
    """Scheduled balances into out[0..last]: out[0] opens, out[m] closes period m.

    An interest-only balance stands in full at maturity, a partial one by `balloon_ratio`; from there it amortises as an
    annuity to the last period (refinanced), or stands until then (swept). Other profiles are nil from maturity.
    """
    held = min(grace, periods - 1)
    out[0] = balance
    level = balance / annuity_factor(period_rate, periods - held)
    if kind == PARTIAL:
        level = balance * partial_payment(period_rate, periods - held, balloon_ratio)
    for m in range(1, periods + 1):
        opening = out[m - 1]
        if kind == INTEREST_ONLY or m <= held:
            principal = 0.0
        elif kind == STRAIGHT_LINE:
            principal = balance / (periods - held)
        elif kind == SCULPTED:
            principal = capacity[m - 1] - opening * period_rate
        else:
            principal = level - opening * period_rate
        out[m] = opening - min(max(principal, 0.0), opening)
    balloon = balance * balloon_share(kind, balloon_ratio)
    out[periods] = balloon
    if balloon > 0.0:
        _fill_tail(balloon, refinance_rate, periods, last, sweeps, out)
        return
    for m in range(periods + 1, last + 1):
        out[m] = 0.0


@njit(cache=True, nogil=True)
def _fill_tail(balance: float, refinance_rate: float, periods: int, last: int, sweeps: bool, out: Floats) -> None:
    tail = last - periods
    if tail <= 0:
        out[periods] = 0.0
        return
    level = balance / annuity_factor(refinance_rate, tail)
    for m in range(periods + 1, last + 1):
        opening = out[m - 1]
        principal = 0.0 if sweeps else level - opening * refinance_rate
        out[m] = opening - min(max(principal, 0.0), opening)
    out[last] = 0.0


@njit(cache=True, nogil=True)
def fill_service(
    balances: Floats, period_rate: float, maturity: int, later_rate: float, last: int, out: Floats
) -> None:
    """Scheduled interest and principal of periods 1..last into out[0..last-1]; the final sweep is not scheduled."""
    for m in range(1, last + 1):
        rate = period_rate if m <= maturity else later_rate
        out[m - 1] = balances[m - 1] * rate + balances[m - 1] - balances[m]
