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
    COST_UNDRAWN,
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
    READS_IC_OWED,
    READS_OC,
    READS_OVERDUE,
    READS_PATH,
    READS_SERVICE,
    READS_STANDING,
    STEP_CURES,
    STEP_DRAWS,
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
    Ints,
    Resolved,
    resolve,
)
from engine.waterfall.terms import BALLOON, DEFERRED, DRAW, HEDGE_UNPAID, LOCK_UP, SHORTFALL

(
    INTEREST, CURRENT, ON_DEFERRED, BACK, PRINCIPAL, SWEEP, DEFICIENCY, PLANNED, ACCRETE, DRAW_ON, COST, RECEIVE, TRANSFER, TOP_UP, RELEASE, TRAP,
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
OPENING, DUE, SCHEDULED, SWEPT, INTEREST_OWED, INTEREST_PAID, PART_OWED, PART_PAID, LEDGER, UNPAID, AHEAD, ACCRETED, PLAN, DRAWN_BY, COMMITTED = (
    *range(7), 9, 12, 13, 14, 15, 16, 17, 18
)  # fmt: skip
COST_RECEIPT, COST_DUE, COST_PAID, COST_ARREARS, COST_RECEIVED = range(5)
IS_BREACHED, PASSES = range(2)


class State(NamedTuple):
    """What the month has come to: accounts (5), the pool's month (8), classes (n, 19), costs (k, 5), triggers (t, 2)."""

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
def run_steps(deal: Resolved, out: Floats) -> Ints:  # noqa: C901, PLR0912, PLR0915 - one priority of payments, read top to bottom
    """Every flow, balance and flag by month into `out` (months, columns); all flags raised, the deal's then each class's.

    Tables are read by two indices and handed on whole: a row of its own, or the deal as a whole, costs more than a step.
    """
    held, now, notes, costs, tests = _begin(deal)
    months, raised = deal.pool.shape[0], np.zeros(1 + notes.shape[0], np.int64)
    first_class = FLAGS + 1 + len(COST_COLUMNS) * costs.shape[0]
    table, members, shares = deal.steps.table, deal.steps.members, deal.steps.shares
    ranks, rates, senior = deal.notes.standing, deal.notes.rates, deal.costs.standing
    given, joins, levels, dust = deal.tests.standing, deal.tests.joins, deal.tests.levels, deal.dust
    for m in range(months):
        row = out[m]
        _collect(deal.pool, held, now, row, m)
        _open_classes(rates, deal.notes.floors, deal.notes.plans, notes, now, m)
        _commit(deal.notes.committed, deal.notes.committed_ratios, deal.notes.covers, notes, now, m, dust)
        _open_costs(deal.costs.paths, deal.costs.rates, senior, notes, costs, now, m)
        if m < months - 1:
            _aim(deal.reserve_ratio, deal.reserve_floor, dust, notes, now)
        for j in range(tests.shape[0]):
            reads = given[j, TEST_READS]
            if reads == READS_PATH:
                value = deal.tests.ratios[m, j]
            elif reads == READS_ANY:
                value = _any_of(joins, tests, j)
            elif reads == READS_STANDING:
                value = _stands(ranks, given, j, notes, dust)
            elif reads == READS_OVERDUE:
                value = _is_overdue(ranks, given, j, notes, m + 1, dust)
            else:
                numerator, denominator = _coverage(ranks, rates, senior, given, j, held, now, notes, costs, m)
                value = numerator / denominator if denominator > dust else np.nan
            _determine(value, levels[j], given, tests, j)
        for s in range(table.shape[0]):
            if not _is_taken(table, tests, s):
                continue
            kind, source, target = table[s, STEP_KIND], table[s, STEP_SOURCE], table[s, STEP_TARGET]
            if kind == COST:
                _receive_cost(held, costs, source, target, row)
            most = held[source] * shares[s]
            if table[s, STEP_LIMIT] != NONE:
                most = min(most, deal.limits[m, table[s, STEP_LIMIT]])
            if table[s, STEP_CURES] != NONE:
                j = table[s, STEP_CURES]
                numerator, denominator = _coverage(ranks, rates, senior, given, j, held, now, notes, costs, m)
                missing = levels[j] * denominator - numerator
                most = min(
                    most, _cure(missing, levels[j], given[j, TEST_READS], table, members, notes, rates, m, s, dust)
                )
            most = max(most, 0.0)
            if kind == DRAW_ON:
                lacking = _lacking(held, now, notes, costs, table, members, s)
                if table[s, STEP_LIMIT] != NONE:
                    lacking = min(lacking, deal.limits[m, table[s, STEP_LIMIT]])
                _draw(held, notes, table[s, STEP_DRAWS], source, lacking, row)
            elif kind == ACCRETE:
                _accrete(held, notes, members, s, source, most, row)
            elif kind < COST:
                if target != NONE:
                    most = _pay_beside(held, notes, costs, table, members, s, most, row)
                if most > 0.0:
                    _pay_classes(held, notes, table, members, s, most, row)
            elif kind == COST:
                _pay_cost(held, costs, source, target, most, row)
            elif kind == RECEIVE:
                _move(deal.receipts[m, target], OUTSIDE, source, kind, held, row)
            else:
                _move_on(held, now, notes, kind, source, target, most, row)
        flags = _close(held, now, row, _carry_costs(senior, costs, row), dust)
        row[FLAGS] = flags
        raised[0] |= flags
        for c in range(notes.shape[0]):
            raised[1 + c] |= _close_class(ranks, notes, c, m + 1, dust, row, first_class + len(CLASS_COLUMNS) * c)
    return raised


@njit(cache=True, nogil=True)
def _begin(deal: Resolved) -> State:
    n, k, t = deal.notes.opening.size, deal.costs.standing.shape[0], deal.tests.standing.shape[0]
    state = State(np.zeros(5), np.zeros(8), np.zeros((n, 19)), np.zeros((k, 5)), np.zeros((t, 2), np.int64))
    state.held[IN_RESERVE], state.now[NOW_LIVE] = deal.reserve_initial, 1.0
    state.notes[:, OPENING], state.notes[:, UNPAID] = deal.notes.opening, deal.notes.deferred
    return state


@njit(cache=True, nogil=True)
def _collect(pool: Floats, held: Floats, now: Floats, row: Floats, m: int) -> None:
    """The pool's month, nothing of it after a call; collections into their accounts."""
    row[:] = 0.0
    for k in range(NOW_LIVE):
        now[k] = pool[m, k] * now[NOW_LIVE]
    row[INCOME], row[COLLECTIONS] = now[NOW_INCOME], now[NOW_COLLECTIONS]
    held[IN_CASH] += row[INCOME]
    held[IN_PRINCIPAL] += row[COLLECTIONS]


@njit(cache=True, nogil=True)
def _open_classes(rates: Floats, floors: Floats, plans: Floats, notes: Floats, now: Floats, m: int) -> None:
    """What each class is due on its opening balance; a loss is written against the last balance not yet written against."""
    loss = now[NOW_LOSS]
    for c in range(notes.shape[0] - 1, -1, -1):
        rate, balance, deferred = rates[m, c], notes[c, OPENING], notes[c, UNPAID]
        floor = max(floors[m + 1, c] - notes[c, AHEAD], 0.0) if now[NOW_LIVE] > 0.0 else 0.0
        notes[c, DUE] = max(balance - floor, 0.0)
        for k in range(SCHEDULED, LEDGER):
            notes[c, k] = 0.0
        notes[c, ACCRETED], notes[c, DRAWN_BY], notes[c, PLAN] = 0.0, 0.0, plans[m, c] * now[NOW_LIVE]
        notes[c, INTEREST_OWED] = balance * rate + deferred * (1.0 + rate)
        notes[c, PART_OWED], notes[c, PART_OWED + 1], notes[c, PART_OWED + 2] = (
            balance * rate,
            deferred * rate,
            deferred,
        )
        written_off = min(loss, balance - notes[c, LEDGER])
        notes[c, LEDGER] += written_off
        loss -= written_off


@njit(cache=True, nogil=True)
def _commit(amounts: Floats, ratios: Floats, covers: Ints, notes: Floats, now: Floats, m: int, dust: float) -> None:
    """What each class has committed: nothing after a call, nor once the classes it covers are repaid."""
    for c in range(notes.shape[0]):
        covered, is_open = 0.0, True
        for i in range(notes.shape[0]):
            if covers[c, i] == 1:
                covered, is_open = covered + notes[i, OPENING], False
        is_open = is_open or covered > dust
        notes[c, COMMITTED] = (amounts[m, c] + ratios[m, c] * covered) * now[NOW_LIVE] if is_open else 0.0


@njit(cache=True, nogil=True)
def _open_costs(
    paths: Floats, rates: Floats, standing: Ints, notes: Floats, costs: Floats, now: Floats, m: int
) -> None:
    for k in range(costs.shape[0]):
        amount = paths[m, k] * now[NOW_LIVE]
        if standing[k, COST_CLASS] != NONE:
            amount += notes[standing[k, COST_CLASS], OPENING] * rates[m, k]
        if standing[k, COST_UNDRAWN] != NONE:
            undrawn = notes[standing[k, COST_UNDRAWN], COMMITTED] - notes[standing[k, COST_UNDRAWN], OPENING]
            amount += max(undrawn, 0.0) * rates[m, k]
        costs[k, COST_RECEIPT] = max(-amount, 0.0)
        costs[k, COST_DUE] = max(amount, 0.0) + costs[k, COST_ARREARS]
        costs[k, COST_PAID], costs[k, COST_RECEIVED] = 0.0, 0.0


@njit(cache=True, nogil=True)
def _aim(ratio: float, floor: float, dust: float, notes: Floats, now: Floats) -> None:
    """The reserve's target is no less than its share of what stands, and its floor while anything does."""
    standing = 0.0
    for c in range(notes.shape[0]):
        standing += notes[c, OPENING]
    if standing > dust:
        now[NOW_TARGET] = max(now[NOW_TARGET], max(ratio * standing, floor) * now[NOW_LIVE])


@njit(cache=True, nogil=True)
def _any_of(joins: Ints, tests: Ints, j: int) -> float:
    """1 while a trigger that this one joins is breached."""
    for i in range(tests.shape[0]):
        if joins[j, i] == 1 and tests[i, IS_BREACHED] == 1:
            return 1.0
    return 0.0


@njit(cache=True, nogil=True)
def _stands(ranks: Ints, given: Ints, j: int, notes: Floats, dust: float) -> float:
    """1 while a class no more junior than the trigger's opened the month with a balance."""
    standing = 0.0
    for c in range(notes.shape[0]):
        if ranks[c, NOTE_RANK] <= ranks[given[j, TEST_CLASS], NOTE_RANK]:
            standing += notes[c, OPENING]
    return 1.0 if standing > dust else 0.0


@njit(cache=True, nogil=True)
def _is_overdue(ranks: Ints, given: Ints, j: int, notes: Floats, month: int, dust: float) -> float:
    """1 while the trigger's class opens a month after its final one with a balance."""
    c = given[j, TEST_CLASS]
    final = ranks[c, NOTE_FINAL]
    return 1.0 if final != NONE and month > final and notes[c, OPENING] > dust else 0.0


@njit(cache=True, nogil=True)
def _determine(value: float, level: float, given: Ints, tests: Ints, j: int) -> None:
    """Breached, or cured after so many passes in a row."""
    tests[j, PASSES] += 1
    if given[j, TEST_SIGN] * value < given[j, TEST_SIGN] * level - SLACK * abs(level):
        tests[j, IS_BREACHED], tests[j, PASSES] = 1, 0
    elif given[j, TEST_CURE_MONTHS] > 0 and tests[j, PASSES] >= given[j, TEST_CURE_MONTHS]:
        tests[j, IS_BREACHED] = 0


@njit(cache=True, nogil=True)
def _coverage(
    ranks: Ints,
    rates: Floats,
    senior: Ints,
    given: Ints,
    j: int,
    held: Floats,
    now: Floats,
    notes: Floats,
    costs: Floats,
    m: int,
) -> tuple[float, float]:
    """Numerator and denominator of a coverage test as things stand within the month."""
    over, reads, last = 0.0, given[j, TEST_READS], ranks[given[j, TEST_CLASS], NOTE_RANK]
    for c in range(notes.shape[0]):
        if ranks[c, NOTE_RANK] <= last:
            repaid = notes[c, SCHEDULED] + notes[c, SWEPT]
            if reads == READS_OC:
                over += notes[c, OPENING] - repaid + notes[c, PART_OWED + 2] - notes[c, PART_PAID + 2]
            else:
                over += notes[c, PART_OWED] + notes[c, PART_OWED + 1] - repaid * rates[m, c]
                if reads == READS_IC_OWED:
                    over += notes[c, PART_OWED + 2]
    if reads == READS_OC:
        return now[NOW_COLLATERAL] + held[IN_PRINCIPAL], over
    income = now[NOW_INCOME]
    for k in range(costs.shape[0]):
        if senior[k, COST_IS_SENIOR] == 1:
            income += costs[k, COST_RECEIPT] - costs[k, COST_DUE]
    if reads == READS_SERVICE:
        return income + now[NOW_SCHEDULED], over + now[NOW_SCHEDULED] if over > 0.0 else 0.0
    return income, over


@njit(cache=True, nogil=True)
def _is_taken(table: Ints, tests: Ints, s: int) -> bool:
    when, unless = table[s, STEP_WHEN], table[s, STEP_UNLESS]
    if when != NONE and tests[when, IS_BREACHED] == 0:
        return False
    return not (unless != NONE and tests[unless, IS_BREACHED] == 1)


@njit(cache=True, nogil=True)
def _cure(
    missing: float,
    level: float,
    reads: int,
    table: Ints,
    members: Ints,
    notes: Floats,
    rates: Floats,
    m: int,
    s: int,
    dust: float,
) -> float:
    """Amount that brings a coverage test back to its level.

    Interest that repays takes off the denominator, principal cash takes off both, interest kept as principal adds to
    the numerator; for interest coverage the interest on what is repaid comes off.
    """
    if reads != READS_OC:
        rate = _rate_repaid(notes, rates, table, members, m, s, dust)
        return float(missing / (level * rate)) if rate > 0.0 else 0.0
    if table[s, STEP_KIND] == TRANSFER:
        return float(missing)
    if table[s, STEP_SOURCE] == IN_PRINCIPAL:
        return float(missing / (level - 1.0)) if level > 1.0 else np.inf
    return float(missing / level)


@njit(cache=True, nogil=True)
def _rate_repaid(notes: Floats, rates: Floats, table: Ints, members: Ints, m: int, s: int, dust: float) -> float:
    """Monthly rate of the classes a step repays, by balance; of the first with any balance where paid one by one."""
    balances, interest = 0.0, 0.0
    for k in range(members.shape[1]):
        c = members[s, k]
        if c == NONE or (table[s, STEP_PRO_RATA] == 0 and balances > 0.0):
            break
        left = _due(notes, c, SWEEP)
        if left > dust:
            balances += left
            interest += left * rates[m, c]
    return interest / balances if balances > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _due(notes: Floats, c: int, kind: int) -> float:
    """What a class is due under one kind of step, after what the month has paid it."""
    if kind == INTEREST:
        return float(max(notes[c, INTEREST_OWED] - notes[c, INTEREST_PAID] - notes[c, ACCRETED], 0.0))
    if kind < PRINCIPAL:
        return float(max(notes[c, PART_OWED + kind - CURRENT] - notes[c, PART_PAID + kind - CURRENT], 0.0))
    if kind == PRINCIPAL:
        return float(max(notes[c, DUE] - notes[c, SCHEDULED] - notes[c, SWEPT], 0.0))
    if kind == SWEEP:
        return float(max(notes[c, OPENING] - notes[c, SCHEDULED] - notes[c, SWEPT], 0.0))
    if kind == PLANNED:
        return float(max(notes[c, OPENING] - notes[c, SCHEDULED] - notes[c, SWEPT] - notes[c, PLAN], 0.0))
    return float(notes[c, LEDGER])


@njit(cache=True, nogil=True)
def _due_to_all(notes: Floats, members: Ints, s: int, kind: int) -> float:
    """What all classes of a step are due."""
    total = 0.0
    for k in range(members.shape[1]):
        total += _due(notes, members[s, k], kind) if members[s, k] != NONE else 0.0
    return total


@njit(cache=True, nogil=True)
def _pay_classes(held: Floats, notes: Floats, table: Ints, members: Ints, s: int, most: float, row: Floats) -> None:
    """The classes of a step paid one after the other, or each the same share of what it is due."""
    kind, source, share = table[s, STEP_KIND], table[s, STEP_SOURCE], 1.0
    if table[s, STEP_PRO_RATA] == 1 and members[s, 0] != NONE:
        total = _due_to_all(notes, members, s, kind)
        share = min(most / total, 1.0) if total > 0.0 else 0.0
    for k in range(members.shape[1]):
        c = members[s, k]
        if c == NONE:
            break
        paid = min(most, _due(notes, c, kind) * share)
        most -= paid
        _spend(held, source, paid, row)
        _book(notes, c, kind, paid)
        if kind == DEFICIENCY:
            held[IN_PRINCIPAL] += paid
            row[CURED] += paid


@njit(cache=True, nogil=True)
def _lacking(held: Floats, now: Floats, notes: Floats, costs: Floats, table: Ints, members: Ints, s: int) -> float:
    """What a draw is for: interest and a cost, the reserve, or an amount of the date."""
    source, cost = table[s, STEP_SOURCE], table[s, STEP_TARGET]
    if members[s, 0] != NONE or cost != NONE:
        lacking = _due_to_all(notes, members, s, INTEREST) - held[source]
        return float(lacking + costs[cost, COST_DUE] - costs[cost, COST_PAID]) if cost != NONE else float(lacking)
    return float(now[NOW_TARGET] - held[IN_RESERVE]) if source == IN_RESERVE else np.inf


@njit(cache=True, nogil=True)
def _draw(held: Floats, notes: Floats, c: int, source: int, lacking: float, row: Floats) -> None:
    """A class drawn for what is lacking, within what it has committed."""
    balance = notes[c, OPENING] - notes[c, SCHEDULED] - notes[c, SWEPT]
    amount = max(min(lacking, notes[c, COMMITTED] - balance), 0.0)
    notes[c, OPENING] += amount
    notes[c, DRAWN_BY] += amount
    _move(amount, OUTSIDE, source, RECEIVE, held, row)


@njit(cache=True, nogil=True)
def _accrete(held: Floats, notes: Floats, members: Ints, s: int, source: int, most: float, row: Floats) -> None:
    """Interest added to the balances in full; the money there is for it goes to principal collections."""
    for k in range(members.shape[1]):
        c = members[s, k]
        if c == NONE:
            break
        due = _due(notes, c, CURRENT)
        moved = min(most, due)
        most -= moved
        _move(moved, source, IN_PRINCIPAL, TRANSFER, held, row)
        notes[c, PART_PAID] += due
        notes[c, ACCRETED] += due
        notes[c, OPENING] += due


@njit(cache=True, nogil=True)
def _pay_beside(
    held: Floats, notes: Floats, costs: Floats, table: Ints, members: Ints, s: int, most: float, row: Floats
) -> float:
    """A cost paid its share of what it and the step's classes are due; what that leaves for the classes."""
    k = table[s, STEP_TARGET]
    own = costs[k, COST_DUE] - costs[k, COST_PAID]
    total = _due_to_all(notes, members, s, table[s, STEP_KIND])
    paid = own if most >= own + total else most * (own / (own + total))
    _pay_cost(held, costs, table[s, STEP_SOURCE], k, paid, row)
    return float(most - paid)


@njit(cache=True, nogil=True)
def _spend(held: Floats, source: int, paid: float, row: Floats) -> None:
    held[source] -= paid
    if source == IN_RESERVE:
        row[DRAWN] += paid


@njit(cache=True, nogil=True)
def _book(notes: Floats, c: int, kind: int, paid: float) -> None:
    if kind == PRINCIPAL:
        notes[c, SCHEDULED] += paid
    elif kind in (SWEEP, PLANNED):
        notes[c, SWEPT] += paid
    elif kind == DEFICIENCY:
        notes[c, LEDGER] -= paid
    else:
        notes[c, INTEREST_PAID] += paid
        first, last = (0, 3) if kind == INTEREST else (kind - CURRENT, kind - CURRENT + 1)
        for part in range(first, last):
            covered = min(paid, notes[c, PART_OWED + part] - notes[c, PART_PAID + part])
            notes[c, PART_PAID + part] += covered
            paid -= covered


@njit(cache=True, nogil=True)
def _receive_cost(held: Floats, costs: Floats, source: int, k: int, row: Floats) -> None:
    """A cost that is received this month comes in before it is paid."""
    receipt = costs[k, COST_RECEIPT] - costs[k, COST_RECEIVED]
    held[source] += receipt
    row[FLAGS + 1 + 2 * k] -= receipt
    costs[k, COST_RECEIVED] = costs[k, COST_RECEIPT]


@njit(cache=True, nogil=True)
def _pay_cost(held: Floats, costs: Floats, source: int, k: int, most: float, row: Floats) -> None:
    paid = min(most, costs[k, COST_DUE] - costs[k, COST_PAID])
    costs[k, COST_PAID] += paid
    row[FLAGS + 1 + 2 * k] += paid
    _spend(held, source, paid, row)


@njit(cache=True, nogil=True)
def _move(amount: float, goes_from: int, goes_to: int, kind: int, held: Floats, row: Floats) -> None:
    """Money from one account to another, in from outside, or out of the deal."""
    held[goes_from] -= amount
    held[goes_to] += amount
    row[RECEIPTS + kind - RECEIVE] += amount


@njit(cache=True, nogil=True)
def _move_on(
    held: Floats, now: Floats, notes: Floats, kind: int, source: int, target: int, most: float, row: Floats
) -> None:
    if kind == TRANSFER:
        _move(most, source, target, kind, held, row)
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
        notes[:, PLAN] = 0.0
        notes[:, COMMITTED] = 0.0


@njit(cache=True, nogil=True)
def _close(held: Floats, now: Floats, row: Floats, arrears: float, dust: float) -> int:
    """Closing balances of the accounts into the row; the deal's flags."""
    for k in range(OUTSIDE):
        row[BALANCES + k] = held[k]
    flags = LOCK_UP if now[NOW_TRAP_SHARE] > 0.0 else 0
    if row[DRAWN] > dust:
        flags |= DRAW
    return flags | COST_UNPAID if arrears > dust else flags


@njit(cache=True, nogil=True)
def _carry_costs(standing: Ints, costs: Floats, row: Floats) -> float:
    """Arrears carried to next month under the costs they belong to; their sum."""
    carried = 0.0
    costs[:, COST_ARREARS] = 0.0
    for k in range(costs.shape[0]):
        unpaid, to = costs[k, COST_DUE] - costs[k, COST_PAID], standing[k, COST_ARREARS_TO]
        row[FLAGS + 2 + 2 * k] = unpaid
        if to != NONE:
            costs[to, COST_ARREARS] += unpaid
            carried += unpaid
    return carried


@njit(cache=True, nogil=True)
def _close_class(given: Ints, notes: Floats, c: int, month: int, dust: float, row: Floats, place: int) -> int:
    """One class's columns; its flags."""
    missing = notes[c, INTEREST_OWED] - notes[c, INTEREST_PAID] - notes[c, ACCRETED]
    unpaid = 0.0 if given[c, NOTE_DEFERS] == 1 else missing
    scheduled, swept = notes[c, SCHEDULED], notes[c, SWEPT]
    if swept == 0.0:
        unpaid += notes[c, DUE] - scheduled
    else:
        unpaid += max(notes[c, DUE] - scheduled - swept, 0.0)
    balance = notes[c, OPENING] - scheduled - swept
    flags = SHORTFALL if unpaid > dust else 0
    if given[c, NOTE_DEFERS] == 1 and missing > dust:
        flags |= DEFERRED
    if month == given[c, NOTE_UNREFINANCED] or (month == given[c, NOTE_FINAL] and balance > dust):
        flags |= BALLOON
    if given[c, NOTE_LAST_FIRST] == 1:
        notes[c, AHEAD] += swept
    notes[c, UNPAID] = 0.0 if given[c, NOTE_LAPSES] == 1 else missing
    notes[c, LEDGER] = min(notes[c, LEDGER], max(balance, 0.0))
    row[place], row[place + 1], row[place + 2] = notes[c, INTEREST_PAID], scheduled + swept, balance
    row[place + 3], row[place + 4], row[place + 5] = notes[c, UNPAID], unpaid, notes[c, LEDGER]
    row[place + 6], row[place + 7], row[place + 8] = flags, notes[c, ACCRETED], notes[c, DRAWN_BY]
    notes[c, OPENING] = balance
    return flags
