"""Payment dates of many scenarios at once, compiled: whole cents in 64-bit integers, the steps of the papers as data.

The twin of `payments`, without its words: the same amounts to the cent. Rates have nine decimals, prices and ratios six.
Interest tests and the hurdle's growth are the only floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.portfolios.measure import days_30_360
from engine.portfolios.papers import Do, Papers, Triggers
from engine.portfolios.payments import Opening, Period

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
RATE, RATIO = 10**9, 10**6
SPLIT = 10**6
DOS = tuple(Do)
(TRUSTEE, ADMIN, BASE, INTEREST, DEFERRED, CURE, DIVERSION, SUBORDINATED, EXPENSES, RESIDUAL, SHORTFALLS, REINVEST,
 REDEEM) = range(len(DOS))  # fmt: skip
# Columns of a date beside those of the notes.
PROCEEDS, COLLECTED, RECOVERED, DEFAULTED, SOLD, CASH, PERFORMING, JUNIOR, FEE, HURDLE, UNPAID = range(11)
COLUMNS = 11
PER_NOTE = 4  # interest paid, principal paid, balance, deferred


@njit(cache=True, nogil=True)
def scaled(amount: int, factor: int, over: int, up: int) -> int:
    """amount x factor / over to a whole number: up 0 halves up, 1 the next above, -1 the one below; none is negative."""
    high, low = amount // SPLIT, amount % SPLIT
    whole, rest = (high * factor) // over, (high * factor) % over
    tail = rest * SPLIT + low * factor
    found, left = whole * SPLIT + tail // over, tail % over
    if up == 1:
        return found + (1 if left > 0 else 0)
    return found + (1 if up == 0 and 2 * left >= over else 0)


@njit(cache=True, nogil=True)
def _share(amount: int, dues: Any, first: int, last: int, out: Any) -> None:
    """The amount pro rata to what is due to places first..last; the last takes the remainder."""
    owed = 0
    for n in range(first, last):
        owed += dues[n]
        out[n] = 0
    if owed == 0:
        return
    given = 0
    for n in range(first, last - 1):
        out[n] = min(dues[n], scaled(amount, dues[n], owed, 0))
        given += out[n]
    out[last - 1] = amount - given


@njit(cache=True, nogil=True)
def run_one(  # noqa: C901, PLR0912, PLR0915  one loop, as the papers read
    starts: Any, fixed: Any, rate: Any, deferrable: Any, balance: Any, deferred: Any, oc: Any, ic: Any,
    steps: Any, split: int, usual: int, fees: Any, terms: Any, share: int, period: Any, growth: Any, out: Any,
) -> int:  # fmt: skip
    """One scenario; what each date did is written to `out`. Returns the dates paid, negative where an event of default
    stops them.

    `steps` are those of interest, from `split` those of principal, from `usual` those after an event of default, if any.
    `starts` are the first notes of each group and one past the last. `terms`: performing, cash, spread, hurdle, past
    hurdle, payments made, first payment of interest tests, accelerated, diversion trigger and share, CCC limit,
    lot. `period` columns follow `period_row`.
    """
    notes, groups, dates = balance.size, starts.size - 1, period.shape[0]
    performing, cash, spread, hurdle = terms[0], terms[1], terms[2], terms[3]
    past, accelerated = terms[4] == 1, terms[7] == 1
    recovery, carried_off = np.zeros(dates + 400, np.int64), np.zeros(dates + 400, np.int64)
    carried = 0
    unpaid = np.zeros(3, np.int64)  # trustee, base, subordinated
    due, repaid = np.zeros(notes, np.int64), np.zeros(notes, np.int64)
    paid_i, part = np.zeros(notes, np.int64), np.zeros(notes, np.int64)
    yearly = np.zeros(notes, np.int64)
    short = np.zeros(notes, np.int64)
    owe = np.zeros(5, np.int64)  # trustee, administration, base, subordinated, expenses
    for t in range(dates):
        row = period[t]
        days, thirty, benchmark, number = row[0], row[1], row[2], terms[5] + t + 1
        sold_at = row[14]
        is_sale, reinvests = sold_at >= 0, row[15] == 1
        begin = performing + cash
        if row[3] >= 0:
            spread = row[3]
        interest = max(0, scaled(performing, max(0, (benchmark + spread) * days), 360 * RATE, 0) - row[4])
        out[t, PROCEEDS] = interest
        lost = min(performing, scaled(performing, row[7], RATE, 0))
        if lost:
            back = scaled(lost, row[8], RATIO, 0)
            kept = scaled(lost, row[9], RATIO, 0)
            carried += kept
            recovery[t + max(row[10], 1)] += back
            carried_off[t + max(row[10], 1)] += kept
        performing -= lost
        collected = min(performing, row[5] + scaled(performing, row[6], RATE, 0))
        performing -= collected
        carried -= carried_off[t]
        cash += collected + recovery[t]
        out[t, COLLECTED], out[t, RECOVERED], out[t, DEFAULTED] = collected, recovery[t], lost
        haircut, held = 0, carried
        if is_sale:
            sale = scaled(performing, sold_at, RATIO, 0) + held
            out[t, SOLD] = sale
            cash += sale
            performing, held = 0, 0
        else:
            excess = scaled(performing, row[12], RATE, 0) * RATIO - terms[10] * (performing + cash)
            if excess > 0:
                haircut = scaled(excess, RATIO - row[13], RATIO * RATIO, 0)
        if not past:
            hurdle = int(np.floor(hurdle * growth[t] + 0.5))
        for n in range(notes):
            yearly[n] = fixed[n] * thirty if fixed[n] >= 0 else max(0, (benchmark + rate[n]) * days)
            due[n] = scaled(balance[n] + deferred[n], yearly[n], 360 * RATE, 0)
            repaid[n] = paid_i[n] = short[n] = 0
            out[t, COLUMNS + PER_NOTE * n] = out[t, COLUMNS + PER_NOTE * n + 1] = 0
        own_t, own_b = scaled(begin, fees[0] * days, 360 * RATE, 0), scaled(begin, fees[1] * days, 360 * RATE, 0)
        own_s = scaled(begin, fees[2] * days, 360 * RATE, 0)
        own_a = min(row[11], fees[3])
        income = out[t, PROCEEDS] - own_t - own_a - own_b
        owe[0], owe[1], owe[2] = own_t + unpaid[0], own_a, own_b + unpaid[1]
        owe[3], owe[4] = own_s + unpaid[2], row[11] - own_a
        senior = 0
        junior = fee = 0
        s, stop = (usual, steps.shape[0]) if accelerated else (0, usual)
        again = False  # the tail of the interest steps, taken by principal that is left
        if accelerated:
            cash += interest
            interest = 0
        while s < stop:
            do, g, from_principal = steps[s, 0], steps[s, 1], s >= split or again
            left = cash if from_principal else interest
            spent = 0
            if do in (TRUSTEE, ADMIN, BASE, SUBORDINATED, EXPENSES):
                k = 0 if do == TRUSTEE else 1 if do == ADMIN else 2 if do == BASE else 3 if do == SUBORDINATED else 4
                spent = min(owe[k], left)
                owe[k] -= spent
            elif do == INTEREST:
                total = 0
                for n in range(starts[g], starts[g + 1]):
                    total += due[n]
                _share(min(total, left), due, starts[g], starts[g + 1], part)
                for n in range(starts[g], starts[g + 1]):
                    spent += part[n]
                    paid_i[n] += part[n]
                    short[n] = due[n] - part[n]
                    if not deferrable[n]:
                        senior += short[n]
            elif do == DEFERRED:
                for n in range(starts[g], starts[g + 1]):
                    x = min(deferred[n], left - spent)
                    deferred[n] -= x
                    paid_i[n] += x
                    spent += x
                    deferred[n] += short[n]
                    short[n] = 0
            elif do == CURE and not is_sale:
                owed, tested = 0, 0.0
                for n in range(starts[g + 1]):
                    owed += balance[n] + deferred[n]
                    tested += due[n] - repaid[n] * (yearly[n] / (360.0 * RATE))
                above = performing + cash + held - haircut
                need = 0
                if oc[g] >= 0 and owed > 0 and above * RATIO < oc[g] * owed:
                    gap = oc[g] * owed - above * RATIO
                    if from_principal:
                        need = -((-gap) // (oc[g] - RATIO)) if oc[g] > RATIO else owed
                    else:
                        need = -((-gap) // oc[g])
                if ic[g] > 0.0 and number >= terms[6] and tested > 0.0 and income < ic[g] * tested * (1.0 - 1e-15):
                    need = max(need, _ic_need(income, ic[g], tested, starts, g, balance, deferred, yearly, owed))
                if need > 0:
                    spent = _repay(min(need, left), starts, g + 1, balance, deferred, repaid, paid_i, part, out, t)
            elif do == DIVERSION and terms[8] > 0 and not is_sale and reinvests:
                owed = 0
                for n in range(notes):
                    owed += balance[n] + deferred[n]
                above = performing + cash + held - haircut
                gap = terms[8] * owed - above * RATIO
                if owed > 0 and gap > 0:
                    spent = min(-((-gap) // RATIO), scaled(left, terms[9], RATIO, -1), left)
                    cash += spent
            elif do == RESIDUAL:
                first = left if share == 0 else 0 if past else min(left, hurdle)
                hurdle = max(0, hurdle - first)
                junior += first
                spent = first
                if share > 0 and hurdle == 0:
                    past = True
                    cut = scaled(left - first, share, RATIO, 0)
                    fee += cut
                    junior += left - first - cut
                    spent = left
            elif do == SHORTFALLS:
                for k in (0, 1, 2):
                    x = min(owe[k], left - spent)
                    owe[k] -= x
                    spent += x
                for h in range(groups):
                    total = 0
                    for n in range(starts[h], starts[h + 1]):
                        total += short[n]
                    _share(min(total, left - spent), short, starts[h], starts[h + 1], part)
                    for n in range(starts[h], starts[h + 1]):
                        paid_i[n] += part[n]
                        short[n] -= part[n]
                        senior -= part[n]
                        spent += part[n]
            elif do == REINVEST and not is_sale and reinvests and senior == 0:
                price, lot = row[16], terms[11]
                if price > 0:
                    lots = (left * RATIO) // (price * lot)
                    bought = lots * lot
                    spent = min(left, scaled(bought, price, RATIO, 0))
                    if row[3] < 0 and bought > 0:
                        spread = int(
                            np.rint((performing * float(spread) + bought * float(row[17])) / (performing + bought))
                        )
                    performing += bought
            elif do == REDEEM and accelerated:
                spent = _repay(left, starts, g + 1, balance, deferred, repaid, paid_i, part, out, t)
            elif do == REDEEM and senior == 0 and (is_sale or not reinvests):
                spent = _repay(left, starts, groups, balance, deferred, repaid, paid_i, part, out, t)
                if left - spent > 0:
                    cash -= spent
                    again, s = True, 0
                    while s < split and steps[s, 0] not in (SUBORDINATED, EXPENSES, RESIDUAL):
                        s += 1
                    continue
            if from_principal:
                cash -= spent
            else:
                interest -= spent
            s += 1
            if again:
                while s < split and steps[s, 0] not in (SUBORDINATED, EXPENSES, RESIDUAL):
                    s += 1
                if s >= split:
                    break
        unpaid[0], unpaid[1], unpaid[2] = owe[0], owe[2], owe[3]
        defaults = senior > 0 and not accelerated
        if defaults and usual < steps.shape[0]:
            for n in range(notes):
                deferred[n] += short[n]
        out[t, CASH], out[t, PERFORMING], out[t, JUNIOR], out[t, FEE] = cash, performing, junior, fee
        out[t, HURDLE], out[t, UNPAID] = hurdle, senior
        for n in range(notes):
            at = COLUMNS + PER_NOTE * n
            out[t, at], out[t, at + 1], out[t, at + 2], out[t, at + 3] = paid_i[n], repaid[n], balance[n], deferred[n]
        if defaults and (is_sale or usual == steps.shape[0]):
            return -(t + 1)
        if is_sale:
            return t + 1
        accelerated = accelerated or defaults
    return int(dates)


@njit(cache=True, nogil=True)
def _ic_need(
    income: int, trigger: float, tested: float, starts: Any, g: int, balance: Any, deferred: Any, yearly: Any, owed: int
) -> int:
    """Principal that takes enough interest off, group by group; all that is owed where none suffices."""
    excess, repaid = tested - income / trigger, 0.0
    for h in range(g + 1):
        total, interest = 0, 0.0
        for n in range(starts[h], starts[h + 1]):
            unit = yearly[n] / (360.0 * RATE)
            if deferred[n] > 0 and excess > 0.0:
                if deferred[n] * unit >= excess:
                    return int(np.ceil(repaid + excess / unit - 1e-6))
                repaid += deferred[n]
                excess -= deferred[n] * unit
            total += balance[n]
            interest += balance[n] * unit
        if excess <= 0.0:
            break
        if interest >= excess:
            return int(np.ceil(repaid + excess * total / interest - 1e-6))
        repaid += total
        excess -= interest
    return int(repaid) if excess <= 0.0 else owed


@njit(cache=True, nogil=True)
def _repay(
    wanted: int,
    starts: Any,
    upto: int,
    balance: Any,
    deferred: Any,
    repaid: Any,
    paid_i: Any,
    part: Any,
    out: Any,
    t: int,
) -> int:
    """The note payment sequence: of each group deferred interest, then principal pro rata; what was paid in all."""
    left = wanted
    for h in range(upto):
        total = 0
        for n in range(starts[h], starts[h + 1]):
            x = min(deferred[n], left)
            deferred[n] -= x
            paid_i[n] += x
            left -= x
            total += balance[n]
        _share(min(total, left), balance, starts[h], starts[h + 1], part)
        for n in range(starts[h], starts[h + 1]):
            balance[n] -= part[n]
            repaid[n] += part[n]
            left -= part[n]
    return wanted - left


@dataclass(frozen=True, slots=True)
class Batch:
    """What many scenarios paid: `values` (scenarios, dates, columns) in cents, `paid` the dates of each.

    A negative number of dates is an event of default that stops the run at the last of them; where the papers accelerate,
    the first date with `UNPAID` is that of the event.
    """

    notes: tuple[str, ...]
    paid: Ints
    values: Ints

    def of(self, column: int) -> Ints:
        """One column of every date."""
        return self.values[:, :, column]

    def note(self, name: str, what: int) -> Ints:
        """A note's interest paid (0), principal paid (1), balance (2) or deferred interest (3)."""
        return self.values[:, :, COLUMNS + PER_NOTE * self.notes.index(name) + what]


def run_batch(papers: Papers, opening: Opening, scenarios: Sequence[Sequence[Period]]) -> Batch:
    """Each scenario's periods from the same opening; every one with as many dates, or fewer that end in a sale."""
    dates, notes = max(map(len, scenarios)), papers.notes
    values = np.zeros((len(scenarios), dates, COLUMNS + PER_NOTE * len(notes)), np.int64)
    paid = np.zeros(len(scenarios), np.int64)
    groups = papers.groups
    starts = np.array([next(k for k, note in enumerate(notes) if note.group == g) for g in groups] + [len(notes)])
    triggers = [papers.triggers.get(group, Triggers()) for group in groups]
    oc = np.array([-1 if each.oc is None else _whole(each.oc, RATIO) for each in triggers])
    ic = np.array([0.0 if each.ic is None else float(each.ic) for each in triggers])
    steps = np.array(
        [
            [DOS.index(step.do), groups.index(step.group) if step.group else 0]
            for step in (*papers.interest, *papers.principal, *papers.acceleration)
        ]
    )
    fees = np.array(
        [
            *(
                _whole(each, RATE)
                for each in (
                    papers.fees.trustee_rate,
                    papers.fees.base_management_rate,
                    papers.fees.subordinated_management_rate,
                )
            ),
            _whole(papers.fees.administrative_cap_amount, 100),
        ]
    )
    fixed = np.array([-1 if note.fixed_rate is None else _whole(note.fixed_rate, RATE) for note in notes])
    rates = np.array([_whole(note.spread, RATE) for note in notes])
    deferrable = np.array([note.is_deferrable for note in notes])
    terms = _terms(papers, opening)
    for number, periods in enumerate(scenarios):
        rows, growth = _periods(papers, opening, periods)
        paid[number] = run_one(
            starts, fixed, rates, deferrable,
            np.array([_whole(note.balance, 100) for note in notes]), np.array([_whole(note.deferred, 100) for note in notes]),
            oc, ic, steps, len(papers.interest),
            len(papers.interest) + len(papers.principal), fees, terms, _whole(papers.incentive.share, RATIO), rows, growth, values[number],
        )  # fmt: skip
    return Batch(tuple(note.name for note in notes), paid, values)


def _terms(papers: Papers, opening: Opening) -> Ints:
    invested = papers.incentive.invested_amount
    hurdle = invested if opening.hurdle_balance is None else opening.hurdle_balance
    return np.array(
        [
            _whole(opening.performing_par, 100), _whole(opening.principal_cash, 100), _whole(opening.asset_spread, RATE),
            _whole(hurdle, 100), int(not hurdle), opening.payments_made, papers.ic_from_payment, int(opening.is_accelerated),
            _whole(papers.diversion_trigger or Decimal(0), RATIO), _whole(papers.diversion_share, RATIO),
            _whole(papers.ccc_limit, RATIO), _whole(papers.lot_amount, 100),
        ],
        dtype=np.int64,
    )  # fmt: skip


def _periods(papers: Papers, opening: Opening, periods: Sequence[Period]) -> tuple[Ints, Floats]:
    """The periods as whole numbers, and by how much the hurdle grows in each."""
    last, unadjusted = opening.last_pay_date or papers.closing, opening.last_unadjusted or papers.closing
    rows, growth = np.zeros((len(periods), 18), np.int64), np.ones(len(periods))
    yearly = Decimal(1) + papers.incentive.hurdle_rate
    powers: dict[int, float] = {}
    for k, each in enumerate(periods):
        days = (each.pay_date - last).days
        reinvests = each.pay_date <= papers.reinvestment_end
        sale = each.liquidation_price_ratio
        rows[k] = (
            days, days_30_360(unadjusted, each.unadjusted), _whole(each.benchmark, RATE),
            -1 if each.asset_spread is None else _whole(each.asset_spread, RATE), _whole(each.interest_shortfall, 100),
            _whole(each.principal_collections, 100), _whole(each.principal_rate, RATE), _whole(each.default_rate, RATE),
            _whole(each.recovery_ratio, RATIO), _whole(each.carrying_ratio, RATIO), each.recovery_lag,
            _whole(each.administrative_expenses, 100), _whole(each.ccc_rate, RATE), _whole(each.ccc_market_ratio, RATIO),
            -1 if sale is None else _whole(sale, RATIO), int(reinvests), _whole(each.reinvestment_price_ratio, RATIO),
            _whole(each.reinvestment_spread, RATE),
        )  # fmt: skip
        if days not in powers:
            powers[days] = float(yearly ** (Decimal(days) / 365))
        growth[k] = powers[days]
        last, unadjusted = each.pay_date, each.unadjusted
    return rows, growth


def _whole(value: Decimal, scale: int) -> int:
    return int((value * scale).to_integral_value())
