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
    COST_ARREARS_TO,
    COST_CLASS,
    COST_IS_SENIOR,
    NONE,
    NOTE_DEFERS,
    NOTE_FINAL,
    NOTE_LAPSES,
    NOTE_LAST_FIRST,
    NOTE_RANK,
    NOTE_UNREFINANCED,
    NOW_COLLATERAL,
    NOW_COLLECTIONS,
    NOW_INCOME,
    NOW_LIVE,
    NOW_LOSS,
    NOW_SCHEDULED,
    NOW_TARGET,
    NOW_TRAP_SHARE,
    READS_ANY,
    READS_OC,
    READS_PATH,
    READS_SERVICE,
    STEP_CURES,
    STEP_KIND,
    STEP_LIMIT,
    STEP_PRO_RATA,
    STEP_SOURCE,
    STEP_TARGET,
    STEP_UNLESS,
    STEP_WHEN,
    TEST_CLASS,
    TEST_CURE_MONTHS,
    TEST_READS,
    TEST_SIGN,
    CostArrays,
    Ints,
    NoteArrays,
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
OPENING, DUE, SCHEDULED, SWEPT, INTEREST_OWED, INTEREST_PAID, PART_OWED, PART_PAID, LEDGER, UNPAID, AHEAD = (
    *range(7), 9, 12, 13, 14
)  # fmt: skip
COST_RECEIPT, COST_DUE, COST_PAID, COST_ARREARS, COST_RECEIVED = range(5)
IS_BREACHED, PASSES = range(2)


class State(NamedTuple):
    """What the month has come to: accounts (5), the pool's month (8), classes (n, 15), costs (k, 5), triggers (t, 2)."""

    held: Floats
    now: Floats
    notes: Floats
    costs: Floats
    tests: Ints


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
    state = _begin(deal)
    raised = np.zeros(1 + state.notes.shape[0], np.int64)
    first_class = FLAGS + 1 + len(COST_COLUMNS) * state.costs.shape[0]
    for m in range(deal.pool.shape[0]):
        row = out[m]
        _collect(deal.pool[m], state.held, state.now, row)
        _open_classes(deal.notes, state.notes, state.now, m)
        _open_costs(deal.costs, state.notes, state.costs, state.now, m)
        if m < deal.pool.shape[0] - 1:
            _aim(deal, state)
        for j in range(state.tests.shape[0]):
            _determine(_read(deal, state, m, j), deal.tests.levels[j], deal.tests.standing[j], state.tests[j])
        for s in range(deal.steps.table.shape[0]):
            step = deal.steps.table[s]
            if _is_taken(step, state.tests):
                limit = deal.limits[m, step[STEP_LIMIT]] if step[STEP_LIMIT] != NONE else np.inf
                limit = min(limit, _cure(deal, state, m, s)) if step[STEP_CURES] != NONE else limit
                receipt = deal.receipts[m, step[STEP_TARGET]] if step[STEP_KIND] == RECEIVE else 0.0
                _take(state, step, deal.steps.members[s], deal.steps.shares[s], limit, receipt, row)
        flags = _close(state.held, state.now, row, _carry_costs(deal.costs, state.costs, row), deal.dust)
        row[FLAGS] = flags
        raised[0] |= flags
        for c in range(state.notes.shape[0]):
            columns = row[first_class + len(CLASS_COLUMNS) * c :]
            raised[1 + c] |= _close_class(deal.notes.standing[c], state.notes[c], m + 1, deal.dust, columns)
    return raised


@njit(cache=True, nogil=True)
def _begin(deal: Resolved) -> State:
    n, k, t = deal.notes.opening.size, deal.costs.standing.shape[0], deal.tests.standing.shape[0]
    state = State(np.zeros(5), np.zeros(8), np.zeros((n, 15)), np.zeros((k, 5)), np.zeros((t, 2), np.int64))
    state.held[IN_RESERVE], state.now[NOW_LIVE] = deal.reserve_initial, 1.0
    state.notes[:, OPENING], state.notes[:, UNPAID] = deal.notes.opening, deal.notes.deferred
    return state


@njit(cache=True, nogil=True)
def _collect(pool: Floats, held: Floats, now: Floats, row: Floats) -> None:
    """The pool's month, nothing of it after a call; collections into their accounts."""
    row[:] = 0.0
    now[:NOW_LIVE] = pool[:NOW_LIVE] * now[NOW_LIVE]
    row[INCOME], row[COLLECTIONS] = now[NOW_INCOME], now[NOW_COLLECTIONS]
    held[IN_CASH] += row[INCOME]
    held[IN_PRINCIPAL] += row[COLLECTIONS]


@njit(cache=True, nogil=True)
def _open_classes(given: NoteArrays, notes: Floats, now: Floats, m: int) -> None:
    """What each class is due on its opening balance; a loss is written against the last balance not yet written against."""
    loss = now[NOW_LOSS]
    for c in range(notes.shape[0] - 1, -1, -1):
        note, rate = notes[c], given.rates[m, c]
        balance, deferred = note[OPENING], note[UNPAID]
        floor = max(given.floors[m + 1, c] - note[AHEAD], 0.0) if now[NOW_LIVE] > 0.0 else 0.0
        note[DUE] = max(balance - floor, 0.0)
        note[SCHEDULED:LEDGER] = 0.0
        note[INTEREST_OWED] = balance * rate + deferred * (1.0 + rate)
        note[PART_OWED], note[PART_OWED + 1], note[PART_OWED + 2] = balance * rate, deferred * rate, deferred
        written_off = min(loss, balance - note[LEDGER])
        note[LEDGER] += written_off
        loss -= written_off


@njit(cache=True, nogil=True)
def _open_costs(given: CostArrays, notes: Floats, costs: Floats, now: Floats, m: int) -> None:
    for k in range(costs.shape[0]):
        cost, amount = costs[k], given.paths[m, k] * now[NOW_LIVE]
        if given.standing[k, COST_CLASS] != NONE:
            amount += notes[given.standing[k, COST_CLASS], OPENING] * given.rates[m, k]
        cost[COST_RECEIPT] = max(-amount, 0.0)
        cost[COST_DUE] = max(amount, 0.0) + cost[COST_ARREARS]
        cost[COST_PAID], cost[COST_RECEIVED] = 0.0, 0.0


@njit(cache=True, nogil=True)
def _aim(deal: Resolved, state: State) -> None:
    """The reserve's target is no less than its share of what stands, and its floor while anything does."""
    standing = 0.0
    for c in range(state.notes.shape[0]):
        standing += state.notes[c, OPENING]
    if standing > deal.dust:
        least = max(deal.reserve_ratio * standing, deal.reserve_floor) * state.now[NOW_LIVE]
        state.now[NOW_TARGET] = max(state.now[NOW_TARGET], least)


@njit(cache=True, nogil=True)
def _read(deal: Resolved, state: State, m: int, j: int) -> float:
    """What a trigger reads as things stand; NaN where there is nothing to cover."""
    reads = deal.tests.standing[j, TEST_READS]
    if reads == READS_PATH:
        return float(deal.tests.ratios[m, j])
    if reads == READS_ANY:
        for i in range(state.tests.shape[0]):
            if deal.tests.joins[j, i] == 1 and state.tests[i, IS_BREACHED] == 1:
                return 1.0
        return 0.0
    numerator, denominator = _coverage(deal.notes, deal.costs, deal.tests.standing[j], state, m)
    return numerator / denominator if denominator > deal.dust else np.nan


@njit(cache=True, nogil=True)
def _determine(value: float, level: float, given: Ints, test: Ints) -> None:
    """Breached, or cured after so many passes in a row."""
    test[PASSES] += 1
    if given[TEST_SIGN] * value < given[TEST_SIGN] * level - SLACK * abs(level):
        test[IS_BREACHED], test[PASSES] = 1, 0
    elif given[TEST_CURE_MONTHS] > 0 and test[PASSES] >= given[TEST_CURE_MONTHS]:
        test[IS_BREACHED] = 0


@njit(cache=True, nogil=True)
def _coverage(given: NoteArrays, costs: CostArrays, test: Ints, state: State, m: int) -> tuple[float, float]:
    """Numerator and denominator of a coverage test as things stand within the month."""
    over = 0.0
    for c in range(state.notes.shape[0]):
        if given.standing[c, NOTE_RANK] <= given.standing[test[TEST_CLASS], NOTE_RANK]:
            note = state.notes[c]
            if test[TEST_READS] == READS_OC:
                over += note[OPENING] - note[SCHEDULED] - note[SWEPT] + note[PART_OWED + 2] - note[PART_PAID + 2]
            else:
                over += note[PART_OWED] + note[PART_OWED + 1] - (note[SCHEDULED] + note[SWEPT]) * given.rates[m, c]
    if test[TEST_READS] == READS_OC:
        return state.now[NOW_COLLATERAL] + state.held[IN_PRINCIPAL], over
    income = state.now[NOW_INCOME]
    for k in range(state.costs.shape[0]):
        if costs.standing[k, COST_IS_SENIOR] == 1:
            income += state.costs[k, COST_RECEIPT] - state.costs[k, COST_DUE]
    if test[TEST_READS] == READS_SERVICE:
        return income + state.now[NOW_SCHEDULED], over + state.now[NOW_SCHEDULED] if over > 0.0 else 0.0
    return income, over


@njit(cache=True, nogil=True)
def _is_taken(step: Ints, tests: Ints) -> bool:
    when, unless = step[STEP_WHEN], step[STEP_UNLESS]
    if when != NONE and tests[when, IS_BREACHED] == 0:
        return False
    return not (unless != NONE and tests[unless, IS_BREACHED] == 1)


@njit(cache=True, nogil=True)
def _take(state: State, step: Ints, members: Ints, share: float, limit: float, receipt: float, row: Floats) -> None:
    """One step: no more than its share of the account and its limit."""
    kind, source = step[STEP_KIND], step[STEP_SOURCE]
    if kind == COST:
        _receive_cost(state.held, state.costs, step, row)
    most = max(min(state.held[source] * share, limit), 0.0)
    if kind < COST:
        if step[STEP_TARGET] != NONE:
            most = _pay_beside(state.held, state.notes, state.costs, step, members, most, row)
        _pay_classes(state.held, state.notes, step, members, most, row)
    elif kind == COST:
        _pay_cost(state.held, state.costs, step, most, row)
    elif kind == RECEIVE:
        _move(receipt, OUTSIDE, source, kind, state.held, row)
    else:
        _move_on(state.held, state.now, state.notes, step, most, row)


@njit(cache=True, nogil=True)
def _cure(deal: Resolved, state: State, m: int, s: int) -> float:
    """Amount that brings a coverage test back to its level.

    Interest that repays takes off the denominator, principal cash takes off both, interest kept as principal adds to
    the numerator; for interest coverage the interest on what is repaid comes off.
    """
    step = deal.steps.table[s]
    level, test = deal.tests.levels[step[STEP_CURES]], deal.tests.standing[step[STEP_CURES]]
    numerator, denominator = _coverage(deal.notes, deal.costs, test, state, m)
    missing = level * denominator - numerator
    if test[TEST_READS] != READS_OC:
        rate = _rate_repaid(state.notes, deal.notes.rates[m], step, deal.steps.members[s], deal.dust)
        return float(missing / (level * rate)) if rate > 0.0 else 0.0
    if step[STEP_KIND] == TRANSFER:
        return float(missing)
    if step[STEP_SOURCE] == IN_PRINCIPAL:
        return float(missing / (level - 1.0)) if level > 1.0 else np.inf
    return float(missing / level)


@njit(cache=True, nogil=True)
def _rate_repaid(notes: Floats, rates: Floats, step: Ints, members: Ints, dust: float) -> float:
    """Monthly rate of the classes a step repays, by balance; of the first with any balance where paid one by one."""
    balances, interest = 0.0, 0.0
    for c in members:
        if c == NONE or (step[STEP_PRO_RATA] == 0 and balances > 0.0):
            break
        left = _due(notes[c], SWEEP)
        if left > dust:
            balances += left
            interest += left * rates[c]
    return interest / balances if balances > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _due(note: Floats, kind: int) -> float:
    """What a class is due under one kind of step, after what the month has paid it."""
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
def _pay_classes(held: Floats, notes: Floats, step: Ints, members: Ints, most: float, row: Floats) -> None:
    """The classes of a step paid one after the other, or each the same share of what it is due."""
    kind, share = step[STEP_KIND], 1.0
    if step[STEP_PRO_RATA] == 1:
        total = 0.0
        for c in members:
            total += _due(notes[c], kind) if c != NONE else 0.0
        share = min(most / total, 1.0) if total > 0.0 else 0.0
    for c in members:
        if c == NONE:
            break
        paid = min(most, _due(notes[c], kind) * share)
        most -= paid
        _spend(held, step, paid, row)
        _book(notes[c], kind, paid)
        if kind == DEFICIENCY:
            held[IN_PRINCIPAL] += paid
            row[CURED] += paid


@njit(cache=True, nogil=True)
def _pay_beside(
    held: Floats, notes: Floats, costs: Floats, step: Ints, members: Ints, most: float, row: Floats
) -> float:
    """A cost paid its share of what it and the step's classes are due; what that leaves for the classes."""
    cost = costs[step[STEP_TARGET]]
    own, total = cost[COST_DUE] - cost[COST_PAID], 0.0
    for c in members:
        total += _due(notes[c], step[STEP_KIND]) if c != NONE else 0.0
    paid = own if most >= own + total else most * (own / (own + total))
    _pay_cost(held, costs, step, paid, row)
    return float(most - paid)


@njit(cache=True, nogil=True)
def _spend(held: Floats, step: Ints, paid: float, row: Floats) -> None:
    held[step[STEP_SOURCE]] -= paid
    if step[STEP_SOURCE] == IN_RESERVE:
        row[DRAWN] += paid


@njit(cache=True, nogil=True)
def _book(note: Floats, kind: int, paid: float) -> None:
    if kind == PRINCIPAL:
        note[SCHEDULED] += paid
    elif kind == SWEEP:
        note[SWEPT] += paid
    elif kind == DEFICIENCY:
        note[LEDGER] -= paid
    else:
        note[INTEREST_PAID] += paid
        first, last = (0, 3) if kind == INTEREST else (kind - CURRENT, kind - CURRENT + 1)
        for part in range(first, last):
            covered = min(paid, note[PART_OWED + part] - note[PART_PAID + part])
            note[PART_PAID + part] += covered
            paid -= covered


@njit(cache=True, nogil=True)
def _receive_cost(held: Floats, costs: Floats, step: Ints, row: Floats) -> None:
    """A cost that is received this month comes in before it is paid."""
    cost = costs[step[STEP_TARGET]]
    receipt = cost[COST_RECEIPT] - cost[COST_RECEIVED]
    held[step[STEP_SOURCE]] += receipt
    row[FLAGS + 1 + 2 * step[STEP_TARGET]] -= receipt
    cost[COST_RECEIVED] = cost[COST_RECEIPT]


@njit(cache=True, nogil=True)
def _pay_cost(held: Floats, costs: Floats, step: Ints, most: float, row: Floats) -> None:
    cost = costs[step[STEP_TARGET]]
    paid = min(most, cost[COST_DUE] - cost[COST_PAID])
    cost[COST_PAID] += paid
    row[FLAGS + 1 + 2 * step[STEP_TARGET]] += paid
    _spend(held, step, paid, row)


@njit(cache=True, nogil=True)
def _move(amount: float, goes_from: int, goes_to: int, kind: int, held: Floats, row: Floats) -> None:
    """Money from one account to another, in from outside, or out of the deal."""
    held[goes_from] -= amount
    held[goes_to] += amount
    row[RECEIPTS + kind - RECEIVE] += amount


@njit(cache=True, nogil=True)
def _move_on(held: Floats, now: Floats, notes: Floats, step: Ints, most: float, row: Floats) -> None:
    kind, source = step[STEP_KIND], step[STEP_SOURCE]
    if kind == TRANSFER:
        _move(most, source, step[STEP_TARGET], kind, held, row)
    elif kind == TOP_UP:
        _move(min(most, max(now[NOW_TARGET] - held[IN_RESERVE], 0.0)), source, IN_RESERVE, kind, held, row)
    elif kind == RELEASE:
        _move(max(held[IN_RESERVE] - now[NOW_TARGET], 0.0), IN_RESERVE, source, kind, held, row)
    elif kind == TRAP:
        _move(now[NOW_TRAP_SHARE] * most, source, IN_TRAP, kind, held, row)
    elif kind == TRAP_RELEASE:
        _move(held[IN_TRAP] if now[NOW_TRAP_SHARE] == 0.0 else 0.0, IN_TRAP, source, kind, held, row)
    elif kind == EQUITY:
        _move(most, source, OUTSIDE, kind, held, row)
    else:
        _move(now[NOW_COLLATERAL], OUTSIDE, source, kind, held, row)
        now[NOW_TRAP_SHARE:] = 0.0
        notes[:, DUE] = notes[:, OPENING]


@njit(cache=True, nogil=True)
def _close(held: Floats, now: Floats, row: Floats, arrears: float, dust: float) -> int:
    """Closing balances of the accounts into the row; the deal's flags."""
    row[BALANCES:FLAGS] = held[:OUTSIDE]
    flags = LOCK_UP if now[NOW_TRAP_SHARE] > 0.0 else 0
    if row[DRAWN] > dust:
        flags |= DRAW
    return flags | COST_UNPAID if arrears > dust else flags


@njit(cache=True, nogil=True)
def _carry_costs(given: CostArrays, costs: Floats, row: Floats) -> float:
    """Arrears carried to next month under the costs they belong to; their sum."""
    carried = 0.0
    costs[:, COST_ARREARS] = 0.0
    for k in range(costs.shape[0]):
        unpaid, to = costs[k, COST_DUE] - costs[k, COST_PAID], given.standing[k, COST_ARREARS_TO]
        row[FLAGS + 2 + 2 * k] = unpaid
        if to != NONE:
            costs[to, COST_ARREARS] += unpaid
            carried += unpaid
    return carried


@njit(cache=True, nogil=True)
def _close_class(given: Ints, note: Floats, month: int, dust: float, row: Floats) -> int:
    """One class's columns; its flags."""
    missing = note[INTEREST_OWED] - note[INTEREST_PAID]
    unpaid = 0.0 if given[NOTE_DEFERS] == 1 else missing
    if note[SWEPT] == 0.0:
        unpaid += note[DUE] - note[SCHEDULED]
    else:
        unpaid += max(note[DUE] - note[SCHEDULED] - note[SWEPT], 0.0)
    balance = note[OPENING] - note[SCHEDULED] - note[SWEPT]
    flags = SHORTFALL if unpaid > dust else 0
    if given[NOTE_DEFERS] == 1 and missing > dust:
        flags |= DEFERRED
    if month == given[NOTE_UNREFINANCED] or (month == given[NOTE_FINAL] and balance > dust):
        flags |= BALLOON
    if given[NOTE_LAST_FIRST] == 1:
        note[AHEAD] += note[SWEPT]
    note[UNPAID] = 0.0 if given[NOTE_LAPSES] == 1 else missing
    note[LEDGER] = min(note[LEDGER], max(balance, 0.0))
    row[0], row[1], row[2] = note[INTEREST_PAID], note[SCHEDULED] + note[SWEPT], balance
    row[3], row[4], row[5], row[6] = note[UNPAID], unpaid, note[LEDGER], flags
    note[OPENING] = balance
    return flags
