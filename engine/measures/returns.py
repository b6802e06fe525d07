"""Returns of a stream of cash: IRR, NPV, payback, multiples, average life, yields, duration.

Flows are signed from the holder's side (money out negative), equally spaced, flow 0 at time 0 unless said.
Kernels never raise and never loop without a bound: they give a value and an `IrrStatus`, NaN where none exists.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from engine.basics.lanes import any_of, each, fails, over, pick, put, take, width_of
from engine.errors import CalculationError

Floats = NDArray[np.float64]


class IrrStatus(IntEnum):
    """What an IRR search found."""

    UNIQUE = 0
    """One rate, and no other above zero can exist (one change of sign in the flows or in their running sum)."""
    SEVERAL_POSSIBLE = 1
    """The flows change sign more than once: the rate closest to zero is given (the positive one, where two are about
    as close), others may exist."""
    NO_SIGN_CHANGE = 2
    """All flows have one sign: no rate makes their value zero."""
    OUT_OF_RANGE = 3
    """No rate between -99.9999% and a millionfold a year: beyond, 1 + rate has no digits left to work with."""
    NOT_FINITE = 4
    """A flow is NaN or infinite."""


# numba reads module constants as literals; IntEnum members inside a kernel cost a conversion on each use.
_UNIQUE = int(IrrStatus.UNIQUE)
_SEVERAL = int(IrrStatus.SEVERAL_POSSIBLE)
_NO_SIGN_CHANGE = int(IrrStatus.NO_SIGN_CHANGE)
_OUT_OF_RANGE = int(IrrStatus.OUT_OF_RANGE)
_NOT_FINITE = int(IrrStatus.NOT_FINITE)

_WIDEST_LOG_DISCOUNT = 40.0
_LOG_RANGE = 600.0
_LARGEST_YEARLY_LOG = 13.8155
_STEP_TOLERANCE = 1e-15
_MAX_STEPS = 200


@njit(cache=True, nogil=True)
def _inspect(flows: Floats) -> tuple[int, int, float, float]:  # pragma: no cover - compiled
    """Sign changes of the flows, where the last one is, the sum, and the sum of absolute flows."""
    changes, place = 0, 0
    last, total, size = 0.0, 0.0, 0.0
    for k in range(flows.size):
        flow = flows[k]
        total += flow
        size += abs(flow)
        if flow * last < 0.0:
            changes += 1
            place = k
        last = flow if flow != 0.0 else last
    return changes, place, total, size


@njit(cache=True, nogil=True)
def _running_sum_changes(flows: Floats) -> int:  # pragma: no cover - compiled
    """Sign changes of the running sum: exactly one, ending off zero, means one rate above zero (Norstrom)."""
    changes = 0
    total, last = 0.0, 0.0
    for flow in flows:
        total += flow
        if total * last < 0.0:
            changes += 1
        last = total if total != 0.0 else last
    return changes


class Stream(NamedTuple):
    """Flows in an array of one row: flow k of so many is at `place` + k x `step`, or the lanes that begin there."""

    cells: Floats
    place: int
    step: int
    size: int


@njit(cache=True, nogil=True)
def _value_and_slope(flows: Floats, log_discount: float) -> tuple[float, float]:  # pragma: no cover - compiled
    """Present value, and its derivative in the log of the one-period discount factor."""
    return _stream_value(Stream(flows, 0, 1, flows.size), math.exp(log_discount))


@njit(cache=True, nogil=True)
def _stream_value(flows: Stream, v: float) -> tuple[float, float]:  # pragma: no cover - compiled
    """The same at a one-period discount factor; in lanes: of as many streams.

    Four interleaved Horner chains: a single chain of 360 dependent multiply-adds is bound by latency.
    """
    v4 = v * v * v * v
    cells, step, blocks = flows.cells, flows.step, flows.size // 4
    p0 = p1 = p2 = p3 = each(0.0, v)
    d0 = d1 = d2 = d3 = each(0.0, v)
    for k in range(4 * blocks, flows.size):
        at = flows.place + k * step
        if k == 4 * blocks:
            p0 = take(cells, at, v)
        elif k == 4 * blocks + 1:
            p1 = take(cells, at, v)
        else:
            p2 = take(cells, at, v)
    for b in range(blocks - 1, -1, -1):
        at = flows.place + 4 * b * step
        d0 = d0 * v4 + p0
        d1 = d1 * v4 + p1
        d2 = d2 * v4 + p2
        d3 = d3 * v4 + p3
        p0 = p0 * v4 + take(cells, at, v)
        p1 = p1 * v4 + take(cells, at + step, v)
        p2 = p2 * v4 + take(cells, at + 2 * step, v)
        p3 = p3 * v4 + take(cells, at + 3 * step, v)
    value = p0 + v * (p1 + v * (p2 + v * p3))
    by_block = d0 + v * (d1 + v * (d2 + v * d3))
    within = v * (p1 + v * (2.0 * p2 + v * 3.0 * p3))
    return value, 4.0 * v4 * by_block + within


@njit(cache=True, nogil=True)
def _refine(
    flows: Floats, low: float, high: float, value_low: float, start: float
) -> float:  # pragma: no cover - compiled
    """The root between `low` and `high`, whose values have opposite signs: Newton kept inside the bracket.

    Where Newton leaves the bracket or gains less than a halving, the bracket is halved instead, so it ends.
    """
    rising = value_low < 0.0
    x = start
    width_before = high - low
    for _ in range(_MAX_STEPS):
        value, slope = _value_and_slope(flows, x)
        if value == 0.0:
            return x
        if (value < 0.0) == rising:
            low = x
        else:
            high = x
        step_to = x - value / slope if slope != 0.0 else high + 1.0
        if not (low < step_to < high) or abs(step_to - x) > 0.5 * width_before:
            step_to = 0.5 * (low + high)
        width_before = abs(step_to - x)
        if abs(step_to - x) <= _STEP_TOLERANCE * (1.0 + abs(x)) or step_to in (low, high):
            return step_to
        x = step_to
    return x


@njit(cache=True, nogil=True)
def _log_newton(before: Stream, after: Stream, like: float) -> tuple[float, bool]:  # pragma: no cover - compiled
    """The root for flows whose signs change once, after `before`, by Newton on log(later side / earlier side).

    That log is monotone in the log discount factor and nearly straight (its slope is the gap between the mean
    times of the two sides), so three or four steps do where Newton on the value needs twenty.
    """
    place, widest = before.size, _widest_log_discount(before.size + after.size)
    x = each(0.0, like)
    going, found = x == 0.0, x > 0.0
    for _ in range(12):
        v = math.exp(x)
        early, early_slope = _stream_value(before, v)
        late, late_slope = _stream_value(after, v)
        slope = place + over(late_slope, late) - over(early_slope, early)
        step = over(place * x + math.log(over(-late, early)), slope)
        going = going & (early * late < 0.0)
        x = pick(going, x - step, x)
        going = going & (-widest < x) & (x < widest)
        size = max(step, -step)
        found = found | (going & (size < 1e-9))
        going = going & (size >= 1e-9)
        if not any_of(going):
            break
    return x, found


@njit(cache=True, nogil=True)
def _widest_log_discount(flows: int) -> float:  # pragma: no cover - compiled
    return min(_WIDEST_LOG_DISCOUNT, _LOG_RANGE / flows)


@njit(cache=True, nogil=True)
def _bracket_near_zero(flows: Floats, widest: float) -> tuple[float, float, bool]:  # pragma: no cover - compiled
    """The sign change of the value closest to a rate of zero, searched outwards in widening steps."""
    up_x = down_x = 0.0
    up_value, _ = _value_and_slope(flows, 0.0)
    down_value = up_value
    step = 0.0005
    if up_value == 0.0:
        return 0.0, 0.0, True
    while up_x < widest:
        x = max(-widest, down_x - step)
        value, _ = _value_and_slope(flows, x)
        if (value < 0.0) != (down_value < 0.0) or value == 0.0:
            return x, down_x, True
        down_x, down_value = x, value
        x = min(widest, up_x + step)
        value, _ = _value_and_slope(flows, x)
        if (value < 0.0) != (up_value < 0.0) or value == 0.0:
            return up_x, x, True
        up_x, up_value = x, value
        step *= 1.1
    return 0.0, 0.0, False


@njit(cache=True, nogil=True)
def _root_by_bracket(flows: Floats, widest: float) -> tuple[float, bool]:  # pragma: no cover - compiled
    """The root closest to a rate of zero, whatever the signs of the flows do."""
    low, high, found = _bracket_near_zero(flows, widest)
    if not found:
        return np.nan, False
    value_low, _ = _value_and_slope(flows, low)
    if value_low == 0.0:
        return low, True
    value_high, _ = _value_and_slope(flows, high)
    if value_high == 0.0:
        return high, True
    return _refine(flows, low, high, value_low, 0.5 * (low + high)), True


@njit(cache=True, nogil=True)
def irr_log_discount(flows: Floats) -> tuple[float, int]:  # pragma: no cover - compiled
    """Log of the one-period discount factor that makes the flows worth zero, and a status."""
    changes, place, total, size = _inspect(flows)
    if not np.isfinite(size):
        return np.nan, _NOT_FINITE
    if changes == 0:
        return np.nan, _NO_SIGN_CHANGE
    if changes == 1:
        if total == 0.0:
            return 0.0, _UNIQUE
        x, found = _log_newton(Stream(flows, 0, 1, place), Stream(flows, place, 1, flows.size - place), 0.0)
        if found:
            return x, _UNIQUE
    x, found = _root_by_bracket(flows, _widest_log_discount(flows.size))
    if not found:
        return np.nan, _OUT_OF_RANGE
    above_zero_once = x < 0.0 and total != 0.0 and _running_sum_changes(flows) == 1
    return x, _UNIQUE if changes == 1 or above_zero_once else _SEVERAL


@njit(cache=True, nogil=True)
def irr_periodic(flows: Floats, periods_per_year: float) -> tuple[float, int]:  # pragma: no cover - compiled
    """Yearly effective IRR of flows `periods_per_year` apart, and a status."""
    x, status = irr_log_discount(flows)
    if abs(periods_per_year * x) > _LARGEST_YEARLY_LOG:
        return np.nan, _OUT_OF_RANGE
    return np.expm1(-periods_per_year * x) + 0.0, status


@njit(cache=True, nogil=True)
def irr_monthly(first_month: int, flows: Floats) -> tuple[float, int]:  # pragma: no cover - compiled
    """Yearly IRR r of flow k in month `first_month + k` under (1+r)^(months/12), and a status.

    Shifting every flow by the same time scales their value by one factor, so `first_month` never moves the
    rate; it is taken so that a stream is passed as it stands.
    """
    return irr_periodic(flows, 12.0)


@njit(cache=True, nogil=True)
def irr_of_sides(before: Stream, after: Stream, asked: bool) -> float:  # pragma: no cover - compiled
    """Yearly IRR of the monthly flows `before` and then `after`, NaN where there is none or it is not asked for.

    Made for money that goes out before and comes back after. With `asked` in lanes: of as many streams.
    """
    like = pick(asked, 1.0, 0.0)
    width, nil = width_of(like), each(0.0, like)
    out, back = nil, nil
    for k in range(before.size):
        out = max(out, take(before.cells, before.place + k * before.step, like))
    for k in range(after.size):
        back = min(back, take(after.cells, after.place + k * after.step, like))
    x, found = _log_newton(before, after, like)
    found = found & (out <= 0.0) & (back >= 0.0) & (max(x, -x) * 12.0 <= _LARGEST_YEARLY_LOG)
    rate = pick(asked & found, math.expm1(-12.0 * x) + 0.0, each(np.nan, like))
    if not any_of(asked & fails(found)):
        return rate
    # Flows that change sign otherwise, or have no such rate, one stream at a time.
    rates, wanted, flows = np.empty(width), np.empty(width), np.empty(before.size + after.size)
    put(rates, 0, rate)
    put(wanted, 0, like)
    for lane in range(width):
        if wanted[lane] == 0.0 or not np.isnan(rates[lane]):
            continue
        for k in range(before.size):
            flows[k] = before.cells[before.place + k * before.step + lane]
        for k in range(after.size):
            flows[before.size + k] = after.cells[after.place + k * after.step + lane]
        alone, status = irr_monthly(0, flows)
        rates[lane] = alone if status <= _SEVERAL else np.nan
    return take(rates, 0, like)


@njit(cache=True, nogil=True)
def payback_periods(flows: Floats, period_rate: float) -> float:  # pragma: no cover - compiled
    """Periods until the (discounted) running sum first recovers to zero, NaN if it never does.

    Interpolated on a straight line inside the period: t - 1 + shortfall / discounted flow of t.
    """
    factor = 1.0
    step = 1.0 / (1.0 + period_rate)
    total = 0.0
    below = False
    for t in range(flows.size):
        flow: float = flows[t] * factor
        if below and total + flow >= 0.0:
            return t - 1.0 - total / flow
        total += flow
        below = below or total < 0.0
        factor *= step
    return np.nan if below else 0.0


class Irr(NamedTuple):
    """A yearly rate (NaN if none exists) and how far it can be trusted."""

    rate: float
    status: IrrStatus


def _as_flows(flows: ArrayLike) -> Floats:
    array = np.ascontiguousarray(flows, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise CalculationError(f"cash flows: expected one row of at least one number, got shape {array.shape}")
    return array


def irr(flows: ArrayLike, periods_per_year: float = 1.0) -> Irr:
    """Yearly effective IRR: the r with sum CF_t / (1+r)^(t / periods_per_year) = 0.

    >>> round(irr([-100.0, 60.0, 60.0]).rate, 6)
    0.130662
    """
    rate, status = irr_periodic(_as_flows(flows), periods_per_year)
    return Irr(float(rate), IrrStatus(status))


def irr_at_months(months: ArrayLike, flows: ArrayLike) -> Irr:
    """Yearly IRR of flows at whole months from close, any order, under (1+r)^(months/12).

    >>> round(irr_at_months([0, 18], [-100.0, 121.0]).rate, 6)
    0.135503
    """
    at = np.asarray(months, dtype=np.int64)
    amounts = _as_flows(flows)
    if at.shape != amounts.shape or at.min() < 0:
        raise CalculationError("IRR by month: expected one month of zero or more for each flow")
    stream = np.bincount(at, weights=amounts)
    return irr(stream, 12.0)


def irr_plain(flows: ArrayLike, periods_per_year: float = 1.0) -> float:
    """The kernel's plain twin: the rate closest to zero by scan and bisection, NaN if there is none."""
    amounts = _as_flows(flows)
    times = np.arange(amounts.size)
    widest = min(_WIDEST_LOG_DISCOUNT, _LOG_RANGE / amounts.size)
    side = np.geomspace(1e-6, widest, 400)
    grid = np.concatenate([-side[::-1], [0.0], side])
    values = np.exp(np.outer(grid, times)) @ amounts
    crossings = np.flatnonzero(np.signbit(values[:-1]) != np.signbit(values[1:]))
    if crossings.size == 0 or not np.isfinite(amounts).all():
        return float("nan")
    nearest = crossings[np.argmin(np.abs(grid[crossings] + grid[crossings + 1]))]
    low, high = float(grid[nearest]), float(grid[nearest + 1])
    falling = values[nearest] > 0.0
    for _ in range(120):
        middle = 0.5 * (low + high)
        if (float(np.exp(middle * times) @ amounts) > 0.0) == falling:
            low = middle
        else:
            high = middle
    yearly = periods_per_year * 0.5 * (low + high)
    return float(np.expm1(-yearly)) if abs(yearly) <= _LARGEST_YEARLY_LOG else float("nan")


def npv(rate: float, flows: ArrayLike, periods_per_year: float = 1.0) -> float:
    """Net present value at a yearly effective rate: sum CF_t / (1+rate)^(t / periods_per_year).

    >>> round(npv(0.10, [-100.0, 60.0, 60.0]), 6)
    4.132231
    """
    amounts = _as_flows(flows)
    if rate <= -1.0:
        raise CalculationError(f"NPV: expected a rate above -100%, got {rate:g}")
    return float(amounts @ (1.0 + rate) ** (-np.arange(amounts.size) / periods_per_year))


def payback_years(flows: ArrayLike, periods_per_year: float = 1.0) -> float:
    """Years until the running sum of the flows recovers to zero, NaN if never."""
    return float(payback_periods(_as_flows(flows), 0.0)) / periods_per_year


def discounted_payback_years(rate: float, flows: ArrayLike, periods_per_year: float = 1.0) -> float:
    """Years until the flows discounted at a yearly effective `rate` recover to zero, NaN if never."""
    period_rate = (1.0 + rate) ** (1.0 / periods_per_year) - 1.0
    return float(payback_periods(_as_flows(flows), period_rate)) / periods_per_year


def moic(flows: ArrayLike) -> float:
    """Money in over money out: sum of receipts / sum of payments, NaN if nothing is paid."""
    amounts = _as_flows(flows)
    paid = -float(amounts[amounts < 0.0].sum())
    return float(amounts[amounts > 0.0].sum()) / paid if paid > 0.0 else float("nan")


def wal_years(principal: ArrayLike, periods_per_year: float = 1.0) -> float:
    """Weighted average life, sum(t * principal_t) / sum(principal), the first payment at t = one period.

    NaN if no principal is paid.
    """
    amounts = _as_flows(principal)
    repaid = float(amounts.sum())
    times = np.arange(1, amounts.size + 1) / periods_per_year
    return float(times @ amounts) / repaid if repaid > 0.0 else float("nan")


@njit(cache=True, nogil=True)
def average_life_years(balances: Stream, opening: float, months: float, construction_months: int) -> float:
    """Weighted average life from close: the area under the balance in so many months over the opening one.

    `balances` close each month. With `opening` and `months` in lanes: of as many tranches.
    """
    area, balance = each(0.0, opening), opening
    for m in range(balances.size):
        area = pick(m < months, area + balance, area)
        balance = take(balances.cells, balances.place + m * balances.step, opening)
    return (construction_months + over(area, opening)) / 12.0


@njit(cache=True, nogil=True)
def effective_rate(monthly_rate: float) -> float:
    """Rate a year of a monthly rate, compounded."""
    growth = (1.0 + monthly_rate) * (1.0 + monthly_rate)
    growth = growth * growth
    return growth * growth * growth - 1.0


def nominal_rate(effective: float, periods_per_year: float) -> float:
    """Nominal yearly rate, compounded `periods_per_year` times, of an effective one."""
    return float(periods_per_year * ((1.0 + effective) ** (1.0 / periods_per_year) - 1.0))


def tranche_yield_rate(price_amount: float, service: ArrayLike, periods_per_year: float = 12.0) -> float:
    """Nominal yearly yield that prices the service (interest + principal, first at one period) at `price_amount`.

    NaN if no rate does. A tranche bought at par and paid on time yields its coupon.
    """
    stream = np.concatenate([[-price_amount], _as_flows(service)])
    found = irr(stream, periods_per_year)
    return nominal_rate(found.rate, periods_per_year)


def running_yield_rate(cash_a_year_amount: float, price_amount: float) -> float:
    """Cash of one year over the price: debt yield (NOI / debt), cash yield (distribution / equity), NaN at no price."""
    return cash_a_year_amount / price_amount if price_amount > 0.0 else float("nan")


class Duration(NamedTuple):
    """Price and its sensitivities at one nominal yearly yield."""

    price_amount: float
    macaulay_years: float
    modified_years: float
    convexity_years2: float


def duration(service: ArrayLike, yield_rate: float, periods_per_year: float = 12.0) -> Duration:
    """Price, Macaulay and modified duration and convexity of a service, first payment at one period.

    Macaulay = sum t PV_t / sum PV_t; modified = Macaulay / (1 + y/m); y is nominal, compounded m times a year.
    """
    amounts = _as_flows(service)
    growth = 1.0 + yield_rate / periods_per_year
    if growth <= 0.0:
        raise CalculationError(f"duration: expected a period yield above -100%, got {yield_rate / periods_per_year:g}")
    periods = np.arange(1, amounts.size + 1)
    values = amounts * growth**-periods
    price = float(values.sum())
    if price <= 0.0:
        return Duration(price, float("nan"), float("nan"), float("nan"))
    macaulay = float(periods @ values) / price / periods_per_year
    convexity = float((periods * (periods + 1.0)) @ values) / price / (growth * periods_per_year) ** 2
    return Duration(price, macaulay, macaulay / growth, convexity)


def terminal_value_amount(next_year_noi_amount: float, cap_rate: float) -> float:
    """Exit value: NOI of the year after the last one held, over the capitalisation rate."""
    if cap_rate <= 0.0:
        raise CalculationError(f"terminal value: expected a capitalisation rate above zero, got {cap_rate:g}")
    return next_year_noi_amount / cap_rate


class HoldReturns(NamedTuple):
    """Returns of buying, financing, holding and selling at a capitalisation rate."""

    terminal_value_amount: float
    unlevered: Irr
    equity: Irr
    loan_to_cost_ratio: float


def hold_returns(
    capex_amount: float, noi: ArrayLike, service: ArrayLike, debt_amount: float, cap_rate: float
) -> HoldReturns:
    """Unlevered and equity IRR with an exit on the NOI of the year after the hold.

    `noi` has one year more than `service`; debt is repaid by its service. Equity: -(capex - debt), then
    NOI - service, plus the exit value in the last year.
    """
    income, paid = _as_flows(noi), _as_flows(service)
    if income.size != paid.size + 1:
        raise CalculationError(f"hold returns: expected {paid.size + 1} years of NOI, got {income.size}")
    exit_amount = terminal_value_amount(float(income[-1]), cap_rate)
    unlevered = np.concatenate([[-capex_amount], income[:-1]])
    unlevered[-1] += exit_amount
    levered = unlevered - np.concatenate([[-debt_amount], paid])
    return HoldReturns(exit_amount, irr(unlevered), irr(levered), debt_amount / capex_amount)
