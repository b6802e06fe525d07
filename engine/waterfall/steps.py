"""The monthly priority of payments of any number of classes, its steps read as data, compiled.

`engine.waterfall.kernel` is the fast path for a senior and a mezzanine class and gives the same figures; the plain twin
is `engine.waterfall.steps_plain`. Source: model book section 9.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.waterfall.classes import CLASS_COLUMNS, COST_COLUMNS, KINDS, Cash, DealTerms, Floats
from engine.waterfall.kernel import SLACK
from engine.waterfall.resolve import (
    NONE,
    READS_IC,
    READS_OC,
    READS_PATH,
    STEP_CURES,
    STEP_KIND,
    STEP_LIMIT,
    STEP_PRO_RATA,
    STEP_SOURCE,
    STEP_TARGET,
    STEP_UNLESS,
    STEP_WHEN,
    Ints,
    Resolved,
    resolve,
)
from engine.waterfall.terms import BALLOON, DEFERRED, DRAW, HEDGE_UNPAID, LOCK_UP, SHORTFALL

(
    INTEREST, CURRENT, ON_DEFERRED, BACK, PRINCIPAL, SWEEP, DEFICIENCY, COST, RECEIVE, TRANSFER, TOP_UP, RELEASE, TRAP,
    TRAP_RELEASE, CALL, EQUITY,
) = range(len(KINDS))  # fmt: skip
IN_CASH, IN_PRINCIPAL, IN_RESERVE, IN_TRAP, OUTSIDE = range(5)

COST_UNPAID = HEDGE_UNPAID
SHARED_COLUMNS: tuple[str, ...] = (
    "income", "collections", "receipts", "transferred", "reserve_top_up", "reserve_released", "cash_trapped",
    "trap_released", "call_proceeds", "equity_distribution", "reserve_drawn", "deficiency_cured", "cash_balance",
    "principal_balance", "reserve_balance", "trap_balance", "flags",
)  # fmt: skip
# A move's column is its kind less RECEIVE, from RECEIPTS on.
(
    INCOME, COLLECTIONS, RECEIPTS, TRANSFERRED, TOPPED_UP, RELEASED, TRAPPED, TRAP_RELEASED, PROCEEDS, DISTRIBUTED,
    DRAWN, CURED, BALANCES,
) = range(13)  # fmt: skip
FLAGS = len(SHARED_COLUMNS) - 1

# What is known of a class within a month; three parts of interest owed, the same three paid.
OPENING, DUE, SCHEDULED, SWEPT, INTEREST_OWED, INTEREST_PAID, PART_OWED, PART_PAID, LEDGER = 0, 1, 2, 3, 4, 5, 6, 9, 12
COST_RECEIPT, COST_DUE, COST_PAID, COST_ARREARS, COST_RECEIVED = range(5)
LIVE, INCOME_OF_MONTH = range(2)
IS_BREACHED, PASSES = range(2)


class State(NamedTuple):
    """What the month has come to: `held` (5) by account, `notes` (n, 13), `deferred` (n), `costs` (k, 5), `tests` (t, 2).

    `live`: 1 until the clean-up call, then 0; and the month's income.
    """

    held: Floats
    notes: Floats
    deferred: Floats
    costs: Floats
    tests: Ints
    live: Floats


class StepsResult(NamedTuple):
    """Flows and closing balances by month.

    `periods` (months, columns) in amounts, no NaN; `columns` names them: SHARED_COLUMNS, then "cost.paid" (received is
    negative) and "cost.unpaid" of each cost, then "class.x" for x in CLASS_COLUMNS. `flags` (1 + n): all raised by the
    deal, then by each class; the bits are those of `engine.waterfall.terms`.
    """

    periods: Floats
    columns: tuple[str, ...]
    flags: Ints

    def of(self, name: str) -> Floats:
        """One column by name."""
        return self.periods[:, self.columns.index(name)]


def run_deal(terms: DealTerms, cash: Cash) -> StepsResult:
    """The deal run to its last month; refuses terms that are not a deal."""
    deal = resolve(terms, cash)
    columns = columns_of(terms)
    out = np.zeros((terms.months, len(columns)))
    return StepsResult(out, columns, run_steps(deal, out))


def columns_of(terms: DealTerms) -> tuple[str, ...]:
    """Names of the columns a deal's run writes."""
    costs = tuple(f"{cost.name}.{column}" for cost in terms.costs for column in COST_COLUMNS)
    classes = tuple(f"{each.name}.{column}" for each in terms.classes for column in CLASS_COLUMNS)
    return SHARED_COLUMNS + costs + classes


@njit(cache=True, nogil=True)
def run_steps(deal: Resolved, out: Floats) -> Ints:
    """Every flow, balance and flag by month into `out` (months, columns); all flags raised, the deal's then each class's."""
    n, k, t = deal.opening.size, deal.cost_class.size, deal.trigger_class.size
    state = State(
        np.zeros(5),
        np.zeros((n, 13)),
        deal.opening_deferred.copy(),
        np.zeros((k, 5)),
        np.zeros((t, 2), np.int64),
        np.ones(2),
    )
    state.held[IN_RESERVE] = deal.reserve_initial
    state.notes[:, OPENING] = deal.opening
    raised = np.zeros(1 + n, np.int64)
    for m in range(1, deal.income.size + 1):
        row = out[m - 1]
        row[:] = 0.0
        _open(deal, state, m, row)
        for j in range(t):
            _determine(deal, state, m, j)
        for s in range(deal.steps.shape[0]):
            if _is_taken(deal, state, s):
                _take(deal, state, m, s, row)
        _close(deal, state, m, row, raised)
    return raised


@njit(cache=True, nogil=True)
def _open(deal: Resolved, state: State, m: int, row: Floats) -> None:
    """Collections in; what the month owes, on opening balances."""
    row[INCOME], row[COLLECTIONS] = deal.income[m - 1] * state.live[LIVE], deal.collections[m - 1] * state.live[LIVE]
    state.held[IN_CASH] += row[INCOME]
    state.live[INCOME_OF_MONTH] = row[INCOME]
    state.held[IN_PRINCIPAL] += row[COLLECTIONS]
    loss = deal.losses[m - 1] * state.live[LIVE]
    for c in range(deal.opening.size - 1, -1, -1):
        note, rate = state.notes[c], deal.rates[m - 1, c]
        balance, deferred = note[OPENING], state.deferred[c]
        note[DUE] = max(balance - deal.floors[m, c], 0.0) if state.live[LIVE] > 0.0 else balance
        note[SCHEDULED:LEDGER] = 0.0
        note[INTEREST_OWED] = balance * rate + deferred * (1.0 + rate)
        note[PART_OWED], note[PART_OWED + 1], note[PART_OWED + 2] = balance * rate, deferred * rate, deferred
        written_off = min(loss, balance - note[LEDGER])
        note[LEDGER] += written_off
        loss -= written_off
    for k in range(deal.cost_class.size):
        _open_cost(deal, state, m, k)


@njit(cache=True, nogil=True)
def _open_cost(deal: Resolved, state: State, m: int, k: int) -> None:
    cost, amount = state.costs[k], deal.cost_paths[m - 1, k] * state.live[LIVE]
    if deal.cost_class[k] >= 0:
        amount += state.notes[deal.cost_class[k], OPENING] * deal.cost_rates[m - 1, k]
    cost[COST_RECEIPT] = max(-amount, 0.0)
    cost[COST_DUE] = max(amount, 0.0) + cost[COST_ARREARS]
    cost[COST_PAID], cost[COST_RECEIVED] = 0.0, 0.0


@njit(cache=True, nogil=True)
def _determine(deal: Resolved, state: State, m: int, j: int) -> None:
    """Breached, or cured after so many passes in a row."""
    value = deal.ratios[m - 1, j]
    if deal.trigger_reads[j] != READS_PATH:
        numerator, denominator = _coverage(deal, state, m, j)
        value = numerator / denominator if denominator > deal.dust else np.nan
    sign, level = deal.trigger_signs[j], deal.trigger_levels[j]
    test = state.tests[j]
    test[PASSES] += 1
    if sign * value < sign * level - SLACK * abs(level):
        test[IS_BREACHED], test[PASSES] = 1, 0
    elif deal.cure_months[j] > 0 and test[PASSES] >= deal.cure_months[j]:
        test[IS_BREACHED] = 0


@njit(cache=True, nogil=True)
def _coverage(deal: Resolved, state: State, m: int, j: int) -> tuple[float, float]:
    """Numerator and denominator of a coverage test as things stand within the month."""
    over = 0.0
    for c in range(deal.opening.size):
        if deal.ranks[c] <= deal.ranks[deal.trigger_class[j]]:
            note = state.notes[c]
            if deal.trigger_reads[j] == READS_OC:
                over += note[OPENING] - note[SCHEDULED] - note[SWEPT] + state.deferred[c] - note[PART_PAID + 2]
            else:
                repaid = note[SCHEDULED] + note[SWEPT]
                over += note[PART_OWED] + note[PART_OWED + 1] - repaid * deal.rates[m - 1, c]
    if deal.trigger_reads[j] == READS_OC:
        return deal.collateral[m] * state.live[LIVE] + state.held[IN_PRINCIPAL], over
    income = state.live[INCOME_OF_MONTH]
    for k in range(deal.cost_class.size):
        if deal.is_senior_cost[k] == 1:
            income += state.costs[k, COST_RECEIPT] - state.costs[k, COST_DUE]
    return income, over


@njit(cache=True, nogil=True)
def _is_taken(deal: Resolved, state: State, s: int) -> bool:
    when, unless = deal.steps[s, STEP_WHEN], deal.steps[s, STEP_UNLESS]
    if when != NONE and state.tests[when, IS_BREACHED] == 0:
        return False
    return not (unless != NONE and state.tests[unless, IS_BREACHED] == 1)


@njit(cache=True, nogil=True)
def _take(deal: Resolved, state: State, m: int, s: int, row: Floats) -> None:
    kind, source = deal.steps[s, STEP_KIND], deal.steps[s, STEP_SOURCE]
    if kind == COST:
        cost = state.costs[deal.steps[s, STEP_TARGET]]
        receipt = cost[COST_RECEIPT] - cost[COST_RECEIVED]
        state.held[source] += receipt
        row[FLAGS + 1 + 2 * deal.steps[s, STEP_TARGET]] -= receipt
        cost[COST_RECEIVED] = cost[COST_RECEIPT]
    most = _most(deal, state, m, s)
    if kind < COST:
        _pay_classes(deal, state, s, most, row)
    elif kind == COST:
        _pay_cost(deal, state, s, most, row)
    else:
        _move(deal, state, m, s, most, row)


@njit(cache=True, nogil=True)
def _most(deal: Resolved, state: State, m: int, s: int) -> float:
    """The most a step may take: its share of the account, its limit, its cure."""
    step = deal.steps[s]
    most = state.held[step[STEP_SOURCE]] * deal.shares[s]
    if step[STEP_LIMIT] != NONE:
        most = min(most, deal.limits[m - 1, step[STEP_LIMIT]])
    if step[STEP_CURES] != NONE:
        most = min(most, _cure(deal, state, m, s))
    return float(max(most, 0.0))


@njit(cache=True, nogil=True)
def _cure(deal: Resolved, state: State, m: int, s: int) -> float:
    """Amount that brings a coverage test back to its level.

    Interest that repays takes off the denominator, principal cash takes off both, interest kept as principal adds to
    the numerator; for interest coverage the interest on what is repaid comes off.
    """
    j = deal.steps[s, STEP_CURES]
    level = deal.trigger_levels[j]
    numerator, denominator = _coverage(deal, state, m, j)
    missing = level * denominator - numerator
    if deal.trigger_reads[j] == READS_IC:
        rate = _rate_of(deal, state, m, s)
        return missing / (level * rate) if rate > 0.0 else 0.0
    if deal.steps[s, STEP_KIND] == TRANSFER:
        return float(missing)
    if deal.steps[s, STEP_SOURCE] == IN_PRINCIPAL:
        return missing / (level - 1.0) if level > 1.0 else np.inf
    return float(missing / level)


@njit(cache=True, nogil=True)
def _rate_of(deal: Resolved, state: State, m: int, s: int) -> float:
    """Monthly rate of the classes a step repays, by balance; of the first with any balance where paid one by one."""
    balances, interest = 0.0, 0.0
    for i in range(deal.opening.size):
        c = deal.members[s, i]
        if c == NONE or (deal.steps[s, STEP_PRO_RATA] == 0 and balances > 0.0):
            break
        left = _due(deal, state, SWEEP, c)
        if left > deal.dust:
            balances += left
            interest += left * deal.rates[m - 1, c]
    return interest / balances if balances > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _due(deal: Resolved, state: State, kind: int, c: int) -> float:
    """What a class is due under one kind of step, after what the month has paid it."""
    note = state.notes[c]
    if kind == INTEREST:
        return float(max(note[INTEREST_OWED] - note[INTEREST_PAID], 0.0))
    if kind < PRINCIPAL:
        return float(max(note[PART_OWED + kind - CURRENT] - note[PART_PAID + kind - CURRENT], 0.0))
    if kind == PRINCIPAL:
        return float(max(note[DUE] - note[SCHEDULED] - note[SWEPT], 0.0))
    if kind == SWEEP:
        return float(max(note[OPENING] - note[SCHEDULED] - note[SWEPT], 0.0))
    return float(note[LEDGER])


@njit(cache=True, nogil=True)
def _pay_classes(deal: Resolved, state: State, s: int, most: float, row: Floats) -> None:
    """The classes of a step paid one after the other, or each the same share of what it is due."""
    kind, source = deal.steps[s, STEP_KIND], deal.steps[s, STEP_SOURCE]
    share = 1.0
    if deal.steps[s, STEP_PRO_RATA] == 1:
        total = 0.0
        for i in range(deal.opening.size):
            if deal.members[s, i] != NONE:
                total += _due(deal, state, kind, deal.members[s, i])
        share = min(most / total, 1.0) if total > 0.0 else 0.0
    for i in range(deal.opening.size):
        c = deal.members[s, i]
        if c == NONE:
            break
        paid = min(most, _due(deal, state, kind, c) * share)
        most -= paid
        state.held[source] -= paid
        if source == IN_RESERVE:
            row[DRAWN] += paid
        _book(state, kind, c, paid, row)


@njit(cache=True, nogil=True)
def _book(state: State, kind: int, c: int, paid: float, row: Floats) -> None:
    note = state.notes[c]
    if kind < PRINCIPAL:
        note[INTEREST_PAID] += paid
        first, last = (0, 3) if kind == INTEREST else (kind - CURRENT, kind - CURRENT + 1)
        for part in range(first, last):
            covered = min(paid, note[PART_OWED + part] - note[PART_PAID + part])
            note[PART_PAID + part] += covered
            paid -= covered
    elif kind == PRINCIPAL:
        note[SCHEDULED] += paid
    elif kind == SWEEP:
        note[SWEPT] += paid
    else:
        note[LEDGER] -= paid
        state.held[IN_PRINCIPAL] += paid
        row[CURED] += paid


@njit(cache=True, nogil=True)
def _pay_cost(deal: Resolved, state: State, s: int, most: float, row: Floats) -> None:
    k, source = deal.steps[s, STEP_TARGET], deal.steps[s, STEP_SOURCE]
    paid = min(most, state.costs[k, COST_DUE] - state.costs[k, COST_PAID])
    state.costs[k, COST_PAID] += paid
    state.held[source] -= paid
    row[FLAGS + 1 + 2 * k] += paid
    if source == IN_RESERVE:
        row[DRAWN] += paid


@njit(cache=True, nogil=True)
def _move(deal: Resolved, state: State, m: int, s: int, most: float, row: Floats) -> None:
    """Money from one account to another, or in from outside, or out to equity."""
    kind, source = deal.steps[s, STEP_KIND], deal.steps[s, STEP_SOURCE]
    held = state.held
    amount, goes_from, goes_to = most, source, OUTSIDE
    if kind == TRANSFER:
        goes_to = deal.steps[s, STEP_TARGET]
    elif kind == TOP_UP:
        target = deal.reserve_targets[m] * state.live[LIVE]
        amount, goes_to = min(most, max(target - held[IN_RESERVE], 0.0)), IN_RESERVE
    elif kind == TRAP:
        amount, goes_to = deal.trap_shares[m - 1] * most * state.live[LIVE], IN_TRAP
    elif kind != EQUITY:
        amount, goes_from, goes_to = _brought(deal, state, m, s), _origin(kind), source
    held[goes_from] -= amount
    held[goes_to] += amount
    row[RECEIPTS + kind - RECEIVE] += amount


@njit(cache=True, nogil=True)
def _origin(kind: int) -> int:
    if kind == RELEASE:
        return IN_RESERVE
    return IN_TRAP if kind == TRAP_RELEASE else OUTSIDE


@njit(cache=True, nogil=True)
def _brought(deal: Resolved, state: State, m: int, s: int) -> float:
    """What a step adds to its account: a receipt, the reserve's excess, the trap, or the price of the pool at a call."""
    kind = deal.steps[s, STEP_KIND]
    if kind == RECEIVE:
        return float(deal.receipts[m - 1, deal.steps[s, STEP_TARGET]])
    if kind == RELEASE:
        return float(max(state.held[IN_RESERVE] - deal.reserve_targets[m] * state.live[LIVE], 0.0))
    if kind == TRAP_RELEASE:
        return state.held[IN_TRAP] if deal.trap_shares[m - 1] == 0.0 or state.live[LIVE] == 0.0 else 0.0
    price = deal.collateral[m] * state.live[LIVE]
    state.live[LIVE] = 0.0
    state.notes[:, DUE] = state.notes[:, OPENING]
    return float(price)


@njit(cache=True, nogil=True)
def _close(deal: Resolved, state: State, m: int, row: Floats, raised: Ints) -> None:
    """Closing balances and flags into the row; unpaid interest and costs carried on."""
    row[BALANCES:FLAGS] = state.held[:OUTSIDE]
    flags = LOCK_UP if deal.trap_shares[m - 1] > 0.0 and state.live[LIVE] > 0.0 else 0
    if row[DRAWN] > deal.dust:
        flags |= DRAW
    if _carry_costs(deal, state, row) > deal.dust:
        flags |= COST_UNPAID
    first = FLAGS + 1 + len(COST_COLUMNS) * deal.cost_class.size
    for c in range(deal.opening.size):
        found = _close_class(deal, state, m, c, row[first + len(CLASS_COLUMNS) * c :])
        raised[1 + c] |= found
    row[FLAGS] = flags
    raised[0] |= flags


@njit(cache=True, nogil=True)
def _carry_costs(deal: Resolved, state: State, row: Floats) -> float:
    """Arrears carried to next month under the costs they belong to; their sum."""
    carried = 0.0
    state.costs[:, COST_ARREARS] = 0.0
    for k in range(deal.cost_class.size):
        unpaid = state.costs[k, COST_DUE] - state.costs[k, COST_PAID]
        row[FLAGS + 2 + 2 * k] = unpaid
        if deal.cost_arrears_to[k] != NONE:
            state.costs[deal.cost_arrears_to[k], COST_ARREARS] += unpaid
            carried += unpaid
    return carried


@njit(cache=True, nogil=True)
def _close_class(deal: Resolved, state: State, m: int, c: int, row: Floats) -> int:
    """One class's columns; its flags."""
    note = state.notes[c]
    missing = note[INTEREST_OWED] - note[INTEREST_PAID]
    deferrable, lapses = deal.is_deferrable[c] == 1, deal.lapses[c] == 1
    state.deferred[c] = 0.0 if lapses else missing
    unpaid = 0.0 if deferrable and not lapses else missing
    if note[SWEPT] == 0.0:
        unpaid += note[DUE] - note[SCHEDULED]
    else:
        unpaid += max(note[DUE] - note[SCHEDULED] - note[SWEPT], 0.0)
    balance = note[OPENING] - note[SCHEDULED] - note[SWEPT]
    note[LEDGER] = min(note[LEDGER], max(balance, 0.0))
    flags = SHORTFALL if unpaid > deal.dust else 0
    if deferrable and not lapses and missing > deal.dust:
        flags |= DEFERRED
    if m == deal.unrefinanced_month[c] or (m == deal.final_month[c] and balance > deal.dust):
        flags |= BALLOON
    row[0], row[1] = note[INTEREST_PAID], note[SCHEDULED] + note[SWEPT]
    row[2], row[3], row[4], row[5], row[6] = balance, state.deferred[c], unpaid, note[LEDGER], flags
    note[OPENING] = balance
    return flags
