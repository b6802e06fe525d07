"""Every month of every path through the walk's own waterfall, compiled; what each tranche was paid and lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.cash import Operations, Prices, fill_cash, fill_while_let
from engine.deal.layers import MezzLayer, SeniorLayer, refinanced
from engine.deal.numbers import ProjectNumbers
from engine.measures.returns import irr_monthly
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.terms import (
    BALLOON,
    COLUMNS,
    EQUITY,
    FLAG_BITS,
    LOCK_UP,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    SHORTFALL,
    WaterfallPaths,
    WaterfallTerms,
)

Floats = NDArray[np.float64]
# Below this share of a tranche an amount is rounding.
DUST = 1e-9
# Positions in one path's row of results. Default months count from the start of operations, 0 is none.
(
    P_DSCR_MINIMUM, P_DSCR_AVERAGE, P_SENIOR_DEFAULT_MONTH, P_SENIOR_LOSS, P_MEZZ_DEFAULT_MONTH, P_MEZZ_LOSS, P_LOCK_UP_MONTHS,
    P_EQUITY_IRR, P_EQUITY_AMOUNT,
) = range(9)  # fmt: skip
PATH_SIZE = 9


class Numbers(NamedTuple):
    """Scalars of the structure and its project that the paths play on; rates a month unless said, rent let at base."""

    rent_amount: float
    power_amount: float
    reserve_amount: float
    opex_ratio: float
    management_rate: float
    occupancy_ratio: float
    unfixed_ratio: float
    trs_share: float
    hedged_noi_amount: float
    refinance_spread: float
    relet_months: int
    relet_ratio: float
    equity_amount: float
    construction_months: int


class Years(NamedTuple):
    """Paths by year, (paths, years) each: indices of rent, CPI and power, swap settlement a unit a month, let share, defaults, rate shifts."""

    rent: Floats
    cpi: Floats
    power: Floats
    settlements: Floats
    let: Floats
    defaults: Floats
    shifts: Floats


@njit(cache=True, nogil=True)
def simulate_block(
    numbers: Numbers, project: ProjectNumbers, let: Floats, senior: SeniorLayer, mezz: MezzLayer, base: WaterfallTerms,
    schedule: Floats, mezz_schedule: Floats, lock_levels: Floats, lock_shares: Floats, targets: Floats,
    contributions: Floats, years: Years, out: Floats, covers: Floats
) -> None:  # fmt: skip
    """One row of results a path into out (paths, PATH_SIZE), DSCR by year into covers (paths, years); NaN: no service."""
    months = base.months
    gross, opex, cash, swap = np.empty(months), np.empty(months), np.empty(months), np.empty(months)
    rent, power, reserve = np.empty(months), np.empty(months), np.empty(months)
    fill_while_let(project, numbers.power_amount, power)
    fill_while_let(project, numbers.reserve_amount, reserve)
    month = Operations(rent, power, reserve, numbers.opex_ratio, numbers.management_rate)
    share, periods = np.empty(months), np.empty((months, len(COLUMNS)))
    flows = np.empty(numbers.construction_months + 1 + months)
    for p in range(out.shape[0]):
        shifts = years.shifts[p]
        _fill_share(numbers, years.defaults[p], share)
        for m in range(months):
            rent[m] = numbers.rent_amount * years.let[p, m // 12] * share[m] * let[m]
        prices = Prices(years.rent[p], years.cpi[p], years.power[p])
        fill_cash(month, prices, 1.0, gross, opex, cash)
        _fill_covers(numbers, senior, base, schedule, years.settlements[p], shifts, cash, swap, covers[p], out[p])
        terms = _path_terms(numbers, project, senior, mezz, base, shifts, cash)
        run_waterfall(
            WaterfallPaths(gross, opex, swap, schedule, mezz_schedule, lock_levels, lock_shares),
            terms,
            targets,
            periods,
        )
        _fill_senior(senior, base, periods, out[p])
        _fill_mezz(mezz, terms, mezz_schedule, periods, out[p])
        _fill_equity(numbers, contributions, periods, flows, out[p])


@njit(cache=True, nogil=True)
def _fill_share(numbers: Numbers, defaults: Floats, share: Floats) -> None:
    """Share of the let rent paid: each year's defaults stop at its start, and are re-let later at less."""
    share[:] = 1.0
    for y in range(defaults.size):
        if defaults[y] > 0.0:
            relet = min(12 * y + numbers.relet_months, share.size)
            for m in range(12 * y, relet):
                share[m] *= 1.0 - defaults[y]
            for m in range(relet, share.size):
                share[m] *= 1.0 - defaults[y] * (1.0 - numbers.relet_ratio)


@njit(cache=True, nogil=True)
def _fill_covers(
    numbers: Numbers, senior: SeniorLayer, base: WaterfallTerms, schedule: Floats, settlements: Floats, shifts: Floats,
    cash: Floats, swap: Floats, covers: Floats, row: Floats
) -> None:  # fmt: skip
    """DSCR by year with the moved coupon in its service; the swap line, with the moved coupon as a cost, into `swap`.

    The waterfall knows one coupon a tranche, so what the unfixed share's coupon moves by is settled among the hedges.
    """
    covers[:] = np.nan
    low, total, count, received, due = np.inf, 0.0, 0, 0.0, 0.0
    for m in range(1, cash.size + 1):
        y, opening = (m - 1) // 12, schedule[m - 1]
        settled = numbers.hedged_noi_amount * settlements[y]
        swap[m - 1] = settled
        if m > base.senior_maturity:
            continue
        extra = numbers.unfixed_ratio * shifts[y] / 12.0 * opening
        financed = numbers.trs_share * (extra - shifts[y] / 12.0 * opening)
        swap[m - 1] += financed - extra
        received += cash[m - 1] + settled + opening * base.trs_carry + financed
        due += opening * (senior.monthly_rate + senior.wrap_monthly_rate) + extra + opening - schedule[m]
        if m % 12 == 0 or m == base.senior_maturity:
            if due > 0.0:
                covers[y] = received / due
                low = min(low, covers[y])
                total += covers[y]
                count += 1
            received, due = 0.0, 0.0
    row[P_DSCR_MINIMUM] = low if count > 0 else np.nan
    row[P_DSCR_AVERAGE] = total / count if count > 0 else np.nan


@njit(cache=True, nogil=True)
def _path_terms(
    numbers: Numbers, project: ProjectNumbers, senior: SeniorLayer, mezz: MezzLayer, base: WaterfallTerms,
    shifts: Floats, cash: Floats
) -> WaterfallTerms:  # fmt: skip
    """The base terms with what is refinanced priced at the path's rates, and the mezzanine at their mean."""
    at_maturity = shifts[min(base.senior_maturity // 12, shifts.size - 1)] / 12.0
    rate = senior.monthly_rate + senior.wrap_monthly_rate + numbers.refinance_spread + at_maturity
    limit = refinanced(project, cash, rate, base.senior_maturity) / senior.dscr
    held = max(1, base.mezz_maturity // 12)
    moved = numbers.unfixed_ratio * float(np.mean(shifts[:held])) / 12.0
    mezz_later = mezz.later_monthly_rate
    if not base.mezz_sweeps:
        mezz_later += shifts[min(base.mezz_maturity // 12, shifts.size - 1)] / 12.0
    return WaterfallTerms(
        base.months, base.senior_maturity, base.senior_monthly_rate,
        base.senior_later_monthly_rate + (0.0 if base.sweeps else at_maturity), base.wrap_monthly_rate, base.mezz_maturity,
        base.mezz_monthly_rate + moved, mezz_later, base.trs_carry, base.margin_amount, base.margin_loss_amount,
        base.dsra_months, base.dsra_initial_amount, base.window_months, base.sweeps, base.mezz_sweeps, limit,
        base.sweep_ratio,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _fill_senior(senior: SeniorLayer, base: WaterfallTerms, periods: Floats, row: Floats) -> None:
    """When senior first went unpaid, and the share of it lost: one less what was paid, discounted at the coupon."""
    locked, failed = 0, 0
    for m in range(base.months):
        flags = int(periods[m, FLAG_BITS])
        if flags & LOCK_UP:
            locked += 1
        if failed == 0 and flags & (SHORTFALL | BALLOON):
            failed = m + 1
    row[P_LOCK_UP_MONTHS], row[P_SENIOR_DEFAULT_MONTH] = locked, failed
    late = periods[base.senior_maturity - 1, SENIOR_UNPAID] > DUST * senior.amount
    held = base.months if late or senior.sweeps else base.senior_maturity
    paid = _value(periods[:, SENIOR_INTEREST], periods[:, SENIOR_PRINCIPAL], base.senior_monthly_rate, held)
    if held < base.months:
        paid += periods[held - 1, SENIOR_BALANCE] * (1.0 + base.senior_monthly_rate) ** -held
    loss = 1.0 - paid / senior.amount
    row[P_SENIOR_LOSS] = loss if loss > DUST else 0.0


@njit(cache=True, nogil=True)
def _fill_mezz(mezz: MezzLayer, terms: WaterfallTerms, schedule: Floats, periods: Floats, row: Floats) -> None:
    """As for senior, on the mezzanine; NaN without one. The path's own coupon discounts what is paid."""
    row[P_MEZZ_DEFAULT_MONTH], row[P_MEZZ_LOSS] = np.nan, np.nan
    if mezz.amount <= 0.0:
        return
    dust, failed = DUST * mezz.amount, 0
    for m in range(terms.months):
        behind = periods[m, MEZZ_BALANCE] - schedule[m + 1] + periods[m, MEZZ_DEFERRED_BALANCE]
        if behind > dust:
            failed = m + 1
            break
    last = terms.mezz_maturity - 1
    late = periods[last, MEZZ_BALANCE] - schedule[last + 1] + periods[last, MEZZ_DEFERRED_BALANCE] > dust
    held = terms.months if late or terms.mezz_sweeps else terms.mezz_maturity
    paid = _value(periods[:, MEZZ_INTEREST], periods[:, MEZZ_PRINCIPAL], terms.mezz_monthly_rate, held)
    if held < terms.months:
        paid += periods[held - 1, MEZZ_BALANCE] * (1.0 + terms.mezz_monthly_rate) ** -held
    loss = 1.0 - paid / mezz.amount
    row[P_MEZZ_DEFAULT_MONTH], row[P_MEZZ_LOSS] = failed, loss if failed > 0 and loss > DUST else 0.0


@njit(cache=True, nogil=True)
def _value(interest: Floats, principal: Floats, rate: float, months: int) -> float:
    """Worth at the start of operations of what was paid in the first `months`."""
    factor, discount, value = 1.0 / (1.0 + rate), 1.0, 0.0
    for m in range(months):
        discount *= factor
        value += (interest[m] + principal[m]) * discount
    return value


@njit(cache=True, nogil=True)
def _fill_equity(numbers: Numbers, contributions: Floats, periods: Floats, flows: Floats, row: Floats) -> None:
    built, total = numbers.construction_months, 0.0
    flows[0] = -numbers.equity_amount
    for m in range(1, built + 1):
        flows[m] = -contributions[m]
    for m in range(periods.shape[0]):
        flows[built + 1 + m] = periods[m, EQUITY]
        total += periods[m, EQUITY]
    row[P_EQUITY_AMOUNT], row[P_EQUITY_IRR] = total, np.nan
    if numbers.equity_amount > 0.0:
        found, status = irr_monthly(0, flows)
        if status <= 1:
            row[P_EQUITY_IRR] = found
