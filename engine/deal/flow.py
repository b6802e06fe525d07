"""The waterfall of a financing and what it returns to each party: lives, yields, the sponsor's return. All compiled.

Written for numbers and for lanes: a search works out what eight deals return at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.lanes import any_of, each, over, pick, put, take, width_of
from engine.deal.layers import (
    DUST,
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    StackLayer,
    lock_steps,
    waterfall_terms,
)
from engine.deal.numbers import FlowLevers, ProjectNumbers, Resolved
from engine.measures.returns import Stream, average_life_years, effective_rate, irr_of_sides
from engine.waterfall.kernel import run_waterfall, whole_sheet
from engine.waterfall.terms import (
    EQUITY,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    Sheet,
    WaterfallPaths,
)

Floats = NDArray[np.float64]

# Positions of what a waterfall returns.
IRR, NPV, PAYBACK, MULTIPLE, SENIOR_WAL, MEZZ_WAL, SENIOR_YIELD, MEZZ_YIELD = range(8)
RETURNS_SIZE = 8


class Notes(NamedTuple):
    """A tranche as its holder has it; amounts, rates and maturity may be lanes, all of them together.

    `all_in_rate` is what the structure pays for it, wrap premium included; the covered months' interest is prefunded.
    """

    amount: float
    proceeds_amount: float
    monthly_rate: float
    all_in_rate: float
    maturity: float
    covered_months: int
    capitalised: bool
    sweeps: bool


class FlowLayer(NamedTuple):
    """What a waterfall returns before any equity target; NaN where there is no such figure."""

    flags: int
    irr_rate: float
    npv_amount: float
    payback_months: float
    multiple: float
    senior_wal_years: float
    mezz_wal_years: float
    senior_yield_rate: float
    mezz_yield_rate: float


@njit(cache=True, nogil=True)
def senior_notes(project: ProjectNumbers, senior: SeniorLayer) -> Notes:
    """The senior notes."""
    return Notes(
        senior.amount, senior.proceeds_amount, senior.monthly_rate, senior.monthly_rate + senior.wrap_monthly_rate,
        float(senior.maturity), project.senior_covered_months, project.senior_capitalised, senior.sweeps,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def mezz_notes(project: ProjectNumbers, mezz: MezzLayer) -> Notes:
    """The mezzanine."""
    return Notes(
        mezz.amount, mezz.proceeds_amount, mezz.monthly_rate, mezz.monthly_rate, float(mezz.maturity),
        project.mezz_covered_months, project.mezz_capitalised, mezz.sweeps,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def fill_contributions(resolved: Resolved, senior: Notes, mezz: Notes, out: Floats) -> None:
    """Construction interest that no tranche covers, by month 1..C into out[1..C]: the sponsor pays it."""
    width, nil = width_of(senior.amount), each(0.0, senior.amount)
    put(out, 0, nil)
    for m in range(1, resolved.project.construction_months + 1):
        undrawn, paid = 1.0 - resolved.paths.drawn[m - 1], nil
        if m > senior.covered_months:
            paid = paid + senior.all_in_rate * (senior.amount - senior.proceeds_amount * undrawn)
        if m > mezz.covered_months:
            paid = paid + mezz.all_in_rate * (mezz.amount - mezz.proceeds_amount * undrawn)
        put(out, m * width, paid)


@njit(cache=True, nogil=True)
def build_flow(
    resolved: Resolved, levers: FlowLevers, senior: SeniorLayer, mezz: MezzLayer, stack: StackLayer, hedge: HedgeLayer,
    gross: Floats, opex: Floats, schedule: Floats, mezz_schedule: Floats, swap: Floats, targets: Floats,
    periods: Floats, contributions: Floats, flows: Floats
) -> FlowLayer:  # fmt: skip
    """The base-case waterfall into `periods`, and what it returns to each party."""
    project, paths = resolved.project, resolved.paths
    for m in range(project.months):
        swap[m] = hedge.hedged_noi_amount * paths.zcis[hedge.zcis_at, 0, m]
    levels, shares = lock_steps(resolved, senior)
    terms = waterfall_terms(
        resolved, senior, mezz, hedge, levers.dsra_months, 0.0, 0.0, senior.margin_amount, 0.0,
        senior.refinance_limit, senior.sweep_ratio,
    )  # fmt: skip
    flags = run_waterfall(
        WaterfallPaths(gross, opex, swap, schedule, mezz_schedule, levels, shares), terms, targets, periods
    )
    returned = np.empty(RETURNS_SIZE)
    fill_flow(
        resolved, senior_notes(project, senior), mezz_notes(project, mezz), stack.equity_amount, mezz_schedule,
        whole_sheet(periods), contributions, flows, returned,
    )  # fmt: skip
    return flow_of(flags, returned)


@njit(cache=True, nogil=True)
def flow_of(flags: int, returned: Floats) -> FlowLayer:
    """One deal's returns by name."""
    return FlowLayer(
        flags, returned[IRR], returned[NPV], returned[PAYBACK], returned[MULTIPLE], returned[SENIOR_WAL],
        returned[MEZZ_WAL], returned[SENIOR_YIELD], returned[MEZZ_YIELD],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def fill_flow(
    resolved: Resolved, senior: Notes, mezz: Notes, equity_amount: float, mezz_schedule: Floats, sheet: Sheet,
    contributions: Floats, flows: Floats, out: Floats
) -> None:  # fmt: skip
    """What a waterfall that has run returns to each party into `out` (RETURNS_SIZE); the sponsor's `contributions` too."""
    fill_contributions(resolved, senior, mezz, contributions)
    _fill_senior(resolved, senior, sheet, flows, out)
    _fill_mezz(resolved, mezz, mezz_schedule, sheet, flows, out)
    _fill_sponsor(resolved, equity_amount, contributions, sheet, flows, out)


@njit(cache=True, nogil=True)
def _column(sheet: Sheet, column: int, months: int) -> Stream:
    return Stream(sheet.cells, sheet.places[column], sheet.step, months)


@njit(cache=True, nogil=True)
def _closing(column: Stream, month: float) -> float:
    """A column's figure of a month, counted from 1; in lanes each deal's of its own."""
    found = each(0.0, month)
    for m in range(column.size):
        found = pick(month == m + 1, take(column.cells, column.place + m * column.step, month), found)
    return found


@njit(cache=True, nogil=True)
def _held_yield(
    resolved: Resolved, notes: Notes, late: bool, held: float, redeemed: float, interest: Stream, principal: Stream,
    flows: Floats
) -> float:  # fmt: skip
    """Effective annual yield of a holder who pays the proceeds as they are drawn and gets `redeemed` after `held` months.

    Paid on time at one rate, it is the coupon's; a capitalised wrap premium accretes to nobody's coupon.
    """
    project, drawn, coupon = resolved.project, resolved.paths.drawn, effective_rate(notes.monthly_rate)
    if notes.capitalised and any_of(notes.all_in_rate > notes.monthly_rate):
        late = held > 0.0
    late = late & (notes.amount > 0.0)
    if not any_of(late):
        return coupon
    width, built, before = width_of(coupon), project.construction_months, 0.0
    flow = each(0.0, coupon)
    for m in range(1, built + 1):
        put(flows, (m - 1) * width, flow - notes.proceeds_amount * (drawn[m - 1] - before))
        before = drawn[m - 1]
        flow = notes.monthly_rate * (notes.amount - notes.proceeds_amount * (1.0 - before))
        if notes.capitalised and m <= notes.covered_months:
            flow = each(0.0, coupon)
    put(flows, built * width, flow)
    for m in range(1, project.months + 1):
        at = (m - 1) * interest.step
        paid = take(interest.cells, interest.place + at, coupon) + take(principal.cells, principal.place + at, coupon)
        paid = pick(held == m, paid + redeemed, paid)
        put(flows, (built + m) * width, pick(held < m, each(0.0, coupon), paid))
    found = irr_of_sides(Stream(flows, 0, width, built), Stream(flows, built * width, width, project.months + 1), late)
    return pick(late, found, coupon)


@njit(cache=True, nogil=True)
def _fill_senior(resolved: Resolved, notes: Notes, sheet: Sheet, flows: Floats, out: Floats) -> None:
    """WAL and yield of the senior notes; a refinanced balloon is repaid at maturity, late notes are held to lease end."""
    project, width = resolved.project, width_of(notes.amount)
    months, balances = project.months, _column(sheet, SENIOR_BALANCE, project.months)
    late = _closing(_column(sheet, SENIOR_UNPAID, months), notes.maturity) > DUST * notes.amount
    if notes.sweeps:
        late = notes.amount > 0.0
    held = pick(late, each(float(months), notes.amount), notes.maturity)
    redeemed = pick(held < months, _closing(balances, held), each(0.0, held))
    put(out, SENIOR_WAL * width, average_life_years(balances, notes.amount, held, project.construction_months))
    found = _held_yield(
        resolved, notes, late, held, redeemed, _column(sheet, SENIOR_INTEREST, months),
        _column(sheet, SENIOR_PRINCIPAL, months), flows,
    )  # fmt: skip
    put(out, SENIOR_YIELD * width, found)


@njit(cache=True, nogil=True)
def _fill_mezz(
    resolved: Resolved, notes: Notes, schedule: Floats, sheet: Sheet, flows: Floats, out: Floats
) -> None:  # fmt: skip
    """WAL and yield of the mezzanine; NaN without one. A late mezzanine is held to lease end."""
    project, width, none = resolved.project, width_of(notes.amount), each(np.nan, notes.amount)
    months, balances = project.months, _column(sheet, MEZZ_BALANCE, project.months)
    owed = _closing(balances, notes.maturity) - _closing(Stream(schedule, width, width, months), notes.maturity)
    owed = owed + _closing(_column(sheet, MEZZ_DEFERRED_BALANCE, months), notes.maturity)
    late, nil = owed > DUST * notes.amount, each(0.0, notes.amount)
    if notes.sweeps:
        late = notes.amount > 0.0
    late = late & (notes.maturity < months)
    held = pick(late, nil + months, notes.maturity)
    life = average_life_years(balances, notes.amount, held, project.construction_months)
    put(out, MEZZ_WAL * width, pick(notes.amount > 0.0, life, none))
    found = _held_yield(
        resolved, notes, late, held, nil, _column(sheet, MEZZ_INTEREST, months),
        _column(sheet, MEZZ_PRINCIPAL, months), flows,
    )  # fmt: skip
    put(out, MEZZ_YIELD * width, pick(notes.amount > 0.0, found, none))


@njit(cache=True, nogil=True)
def _fill_sponsor(
    resolved: Resolved, equity_amount: float, contributions: Floats, sheet: Sheet, flows: Floats, out: Floats
) -> None:  # fmt: skip
    """IRR, NPV, payback in months from close, multiple on the sponsor's money; NaN but NPV where debt funds all uses."""
    built, discount = resolved.project.construction_months, resolved.paths.npv_discount
    width, nil, none = width_of(equity_amount), each(0.0, equity_amount), each(np.nan, equity_amount)
    back, npv, put_in, paid_out, payback = _column(sheet, EQUITY, resolved.project.months), nil, nil, nil, none
    balance, waits = nil, equity_amount > 0.0
    for t in range(built + 1):
        flow = -(equity_amount if t == 0 else take(contributions, t * width, equity_amount))
        put(flows, t * width, flow)
        npv, balance, put_in = npv + flow * discount[t], balance + flow, put_in - flow
    for t in range(built + 1, built + 1 + back.size):
        flow = take(back.cells, back.place + (t - built - 1) * back.step, equity_amount)
        npv, balance, paid_out = npv + flow * discount[t], balance + flow, paid_out + flow
        payback = pick(waits & (balance >= 0.0), nil + t, payback)
        waits = waits & (balance < 0.0)
    paid_in = equity_amount > 0.0
    put(out, IRR * width, irr_of_sides(Stream(flows, 0, width, built + 1), back, paid_in))
    put(out, NPV * width, npv)
    put(out, PAYBACK * width, payback)
    put(out, MULTIPLE * width, pick(paid_in, over(paid_out, put_in), none))


@njit(cache=True, nogil=True)
def equity_proceeds(
    project: ProjectNumbers, contributions: Floats, sheet: Sheet, discount: Floats, like: float
) -> float:  # fmt: skip
    """Present value at close of all the sponsor's flows after it, `discount` by month from close."""
    value, back = each(0.0, like), _column(sheet, EQUITY, project.months)
    for m in range(1, project.construction_months + 1):
        value = value - take(contributions, m * width_of(like), like) * discount[m]
    for m in range(project.months):
        paid = take(back.cells, back.place + m * back.step, like)
        value = value + paid * discount[project.construction_months + 1 + m]
    return value
