"""Many scenarios of one deal, compiled: what each class is paid and loses, when, and what that is worth.

A scenario is a behaviour of the pool. All run over the same horizon, so that a class's figures compare. The plain twin, which
also says why, is `engine.notes.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.errors import InputProblems
from engine.notes.collateral import (
    CLOSING,
    COLUMNS,
    INTEREST,
    LATE,
    LOSS,
    MONTHS_A_YEAR,
    OPENING,
    PENDING,
    PREPAID,
    RECOVERED,
    SCHEDULED,
    Loans,
    Speeds,
    fill_pool,
    loans_of,
    months_of,
    pool_flows,
    speeds_of,
)
from engine.notes.content import problems_between
from engine.notes.papers import Bill, bills_of, cash_of, papers_of
from engine.notes.purchases import NEARLY, first_unmade, flows_with, pool_with, purchases_of
from engine.notes.terms import Behaviour, DefaultKind, NoteStructure, Pool, PrepaymentKind
from engine.waterfall.classes import CLASS_COLUMNS, Measure
from engine.waterfall.resolve import (
    NOW_COLLATERAL,
    NOW_COLLECTIONS,
    NOW_INCOME,
    NOW_LOSS,
    NOW_SCHEDULED,
    CostArrays,
    Resolved,
    TestArrays,
    resolve,
)
from engine.waterfall.steps import DISTRIBUTED, PROCEEDS, StepsResult, columns_of, run_deal, run_steps
from engine.waterfall.terms import BALLOON, SHORTFALL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEASURES = (
    "interest",
    "principal",
    "loss",
    "wal_years",
    "value",
    "shortfall_periods",
    "last_period",
    "unpaid_at_final",
)
BY_INTEREST, BY_PRINCIPAL, BY_LOSS, BY_WAL, BY_VALUE, BY_SHORTFALL, BY_LAST, BY_FINAL = range(len(MEASURES))
DEAL_MEASURES = ("residual", "pool_loss", "call_proceeds")
BY_RESIDUAL, BY_POOL_LOSS, BY_CALL = range(len(DEAL_MEASURES))
BALANCE, DEFERRED, FLAG, ADDED, DRAWN = (
    CLASS_COLUMNS.index(name) for name in ("balance", "deferred", "flags", "added", "drawn")
)
BLOCK = 500
BILL = tuple(each.name for each in fields(Bill))
BILL_AMOUNT, BILL_RATE, BILL_INCOME, BILL_LOSS = range(4)


class Work(NamedTuple):
    """What every scenario shares: loans, bills (periods, k, 4) in the order of BILL, where ratios go (-1: nowhere), discount factors (n, periods).

    Of `q` loans bought: `bought` (q,) their balances, `bought_at` (q, 2) the period at whose end, and the column of what is paid for it.
    """

    loans: Loans
    bills: Floats
    loss_test: Ints
    factor_test: Ints
    discounts: Floats
    bought: Floats
    bought_at: Ints
    frequency: int
    first_class: int


class Draws(NamedTuple):
    """By scenario: monthly rates (s, months), by age or not (s, 2), severity and share paid late (s, 2), lag (s)."""

    smm: Floats
    mdr: Floats
    by_age: Ints
    shares: Floats
    lag: Ints

    def part(self, part: slice) -> Draws:
        """Some of the scenarios."""
        return Draws(self.smm[part], self.mdr[part], self.by_age[part], self.shares[part], self.lag[part])


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Figures [scenario, class, measure] in the order of MEASURES and [scenario, measure] in that of DEAL_MEASURES."""

    classes: tuple[str, ...]
    by_class: Floats
    by_deal: Floats

    def of(self, measure: str) -> Floats:
        """One measure, [scenario, class] or [scenario]."""
        if measure in DEAL_MEASURES:
            return self.by_deal[:, DEAL_MEASURES.index(measure)]
        return self.by_class[:, :, MEASURES.index(measure)]


def run_batch(
    structure: NoteStructure,
    pool: Pool,
    behaviours: Sequence[Behaviour],
    yields: Mapping[str, float] | None = None,
    index_rates: Sequence[float] = (),
    spread: Callable[[Callable[[int], None], Iterable[int]], Iterable[None]] = map,
) -> BatchResult:
    """Every scenario; `value` is each class's price at its yield (nil where none is given), a share of its balance.

    Blocks hold no lock: `spread` may be the map of a pool of threads.
    """
    problems = problems_between(structure, pool)
    if problems:
        raise InputProblems(problems)
    pool = pool_with(structure, pool)
    slowest = max(behaviours, key=lambda each: max(each.recovery_lag_months, int(each.delinquency_ratio > 0.0)))
    months = months_of(pool, slowest, structure.payment_frequency_months)
    deal, work = prepare(structure, pool, behaviours[0], months, yields or {}, index_rates)
    draws = draws_of(pool, behaviours, months)
    by_class = np.zeros((len(behaviours), len(structure.classes), len(MEASURES)))
    by_deal = np.zeros((len(behaviours), len(DEAL_MEASURES)))

    def run_one(start: int) -> None:
        part = slice(start, start + BLOCK)
        run_block(deal, work, draws.part(part), by_class[part], by_deal[part])

    for _ in spread(run_one, range(0, len(behaviours), BLOCK)):
        pass
    return BatchResult(tuple(each.code for each in structure.classes), by_class, by_deal)


def price_grid(
    structure: NoteStructure,
    pool: Pool,
    base: Behaviour,
    cprs: Sequence[float],
    cdrs: Sequence[float],
    yields: Mapping[str, float],
    index_rates: Sequence[float] = (),
) -> Floats:
    """Price of each class at its yield, [cpr, cdr, class]: the base behaviour at every pair of constant rates."""
    pairs = [
        replace(base, prepayment_kind=PrepaymentKind.CPR, prepayment=cpr, default_kind=DefaultKind.CDR, default=cdr)
        for cpr in cprs
        for cdr in cdrs
    ]
    found = run_batch(structure, pool, pairs, yields, index_rates).of("value")
    return found.reshape(len(cprs), len(cdrs), len(structure.classes))


def prepare(
    structure: NoteStructure, pool: Pool, base: Behaviour, months: int, yields: Mapping[str, float],
    index_rates: Sequence[float] = (),
) -> tuple[Resolved, Work]:  # fmt: skip
    """The deal as the kernel reads it, and what all scenarios share."""
    frequency = structure.payment_frequency_months
    papers = papers_of(structure, months // frequency)
    deal = resolve(papers.terms, cash_of(structure, pool_flows(pool, base, frequency, months), index_rates))
    measures = [each.measure for each in papers.terms.triggers]
    work = Work(
        loans_of(pool),
        _bills(structure, papers.terms.months, index_rates),
        _where(measures, Measure.CUMULATIVE_LOSS),
        _where(measures, Measure.POOL_FACTOR),
        np.array([_discounts(yields.get(each.code), papers.terms.months, frequency) for each in structure.classes]),
        np.array([each.loan.balance_amount for each in purchases_of(structure)], dtype=np.float64),
        _bought_at(structure, columns_of(papers.terms)),
        frequency,
        columns_of(papers.terms).index(f"{structure.classes[0].code}.{CLASS_COLUMNS[0]}"),
    )
    return deal, work


def _bought_at(structure: NoteStructure, columns: Sequence[str]) -> Ints:
    """The period of each purchase from 0, and the column of what is paid for it."""
    found = [(each.date - 1, columns.index(f"{each.name}.paid")) for each in purchases_of(structure)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _bills(structure: NoteStructure, periods: int, index_rates: Sequence[float]) -> Floats:
    """What is owed whatever the classes are paid, (periods, k, 4): amounts, parts of the pool's balance, interest and losses."""
    found = np.zeros((periods, len(bills := bills_of(structure, periods, index_rates)), len(BILL)))
    for k, each in enumerate(bills.values()):
        for part, name in enumerate(BILL):
            found[:, k, part] = getattr(each, name)
    return found


def _where(measures: Sequence[Measure], measure: Measure) -> Ints:
    return np.array([k for k, each in enumerate(measures) if each == measure], dtype=np.int64)


def _discounts(yield_rate: float | None, periods: int, frequency: int) -> Floats:
    if yield_rate is None:
        return np.zeros(periods)
    growth = 1.0 + yield_rate * frequency / MONTHS_A_YEAR
    return np.asarray(growth ** -np.arange(1.0, periods + 1.0))


def draws_of(pool: Pool, behaviours: Sequence[Behaviour], months: int) -> Draws:
    """Scenarios as arrays."""
    oldest = max(loan.age_months for loan in pool.loans)
    speeds = [speeds_of(each, months, oldest) for each in behaviours]
    return Draws(
        np.array([each.smm for each in speeds]),
        np.array([each.mdr for each in speeds]),
        np.array([(each.smm_by_age, each.mdr_by_age) for each in speeds], dtype=np.int64),
        np.array([(each.severity_ratio, each.delinquency_ratio) for each in behaviours]),
        np.array([each.recovery_lag_months for each in behaviours], dtype=np.int64),
    )


def run_compiled(
    structure: NoteStructure, pool: Pool, behaviour: Behaviour, index_rates: Sequence[float] = ()
) -> StepsResult:
    """One scenario, compiled, every column of the waterfall."""

    def run(until: int | None) -> StepsResult:
        flows = flows_with(structure, pool, behaviour, until)
        return run_deal(papers_of(structure, flows.table.shape[0]).terms, cash_of(structure, flows, index_rates))

    found = run(None)
    until = first_unmade(structure, lambda name: found.of(f"{name}.paid"))
    return found if until is None else run(until)


def losses_by_class(
    structure: NoteStructure, pool: Pool, behaviour: Behaviour, index_rates: Sequence[float] = ()
) -> Floats:
    """What each class is still owed after the last date."""
    found = run_compiled(structure, pool, behaviour, index_rates)
    columns = ("balance", "deferred")
    return np.array([sum(float(found.of(f"{each.code}.{c}")[-1]) for c in columns) for each in structure.classes])


@njit(cache=True, nogil=True)
def run_block(
    given: Resolved, work: Work, draws: Draws, by_class: Floats, by_deal: Floats
) -> None:  # pragma: no cover - compiled
    """Scenario after scenario through one set of scratch arrays."""
    months = given.pool.shape[0] * work.frequency
    table = np.zeros((months, len(COLUMNS)))
    out = np.zeros((given.pool.shape[0], work.first_class + len(CLASS_COLUMNS) * by_class.shape[1]))
    deal = _own(given)
    for s in range(by_class.shape[0]):
        speeds = Speeds(draws.smm[s], draws.mdr[s], draws.by_age[s, 0], draws.by_age[s, 1])
        until = out.shape[0]
        for _ in range(2):
            last = (until + 1) * work.frequency
            fill_pool(work.loans, speeds, draws.shares[s, 0], draws.lag[s], draws.shares[s, 1], last, table)
            _fill_deal(table, work, deal, until)
            run_steps(deal, out)
            unmade = _first_unmade(out, work, until)
            if unmade == until:
                break
            until = unmade
        _measure(out, work, by_class[s], by_deal[s])
        by_deal[s, BY_POOL_LOSS] = table[:, LOSS].sum()


@njit(cache=True, nogil=True)
def _first_unmade(out: Floats, work: Work, until: int) -> int:  # pragma: no cover - compiled
    """The first period at whose end a loan was not paid for; `until` where all before it were."""
    for q in range(work.bought.size):
        p = work.bought_at[q, 0]
        if p < until and out[p, work.bought_at[q, 1]] < NEARLY * work.bought[q]:
            until = p
    return until


@njit(cache=True, nogil=True)
def _own(given: Resolved) -> Resolved:  # pragma: no cover - compiled
    """The deal with arrays of its own where a scenario writes."""
    return Resolved(
        given.dust, given.reserve_initial, given.reserve_ratio, given.reserve_floor, given.pool.copy(), given.receipts,
        given.limits, given.notes, _own_costs(given), _own_tests(given), given.steps,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _own_costs(given: Resolved) -> CostArrays:  # pragma: no cover - compiled
    return CostArrays(given.costs.paths.copy(), given.costs.rates, given.costs.standing)


@njit(cache=True, nogil=True)
def _own_tests(given: Resolved) -> TestArrays:  # pragma: no cover - compiled
    tests = given.tests
    return TestArrays(tests.ratios.copy(), tests.levels, tests.standing, tests.joins)


@njit(cache=True, nogil=True)
def _fill_deal(table: Floats, work: Work, deal: Resolved, until: int) -> None:  # pragma: no cover - compiled
    """The scenario's flows, fees and ratios, period by period, where the deal reads them; loans are bought before period `until`."""
    first = opening = table[0, OPENING]
    lost = 0.0
    for p in range(deal.pool.shape[0]):
        row = deal.pool[p]
        for q in range(work.bought.size):
            if work.bought_at[q, 0] + 1 == p and work.bought_at[q, 0] < until:
                opening += work.bought[q]
        row[NOW_INCOME : NOW_SCHEDULED + 1] = 0.0
        for m in range(p * work.frequency, (p + 1) * work.frequency):
            month = table[m]
            row[NOW_INCOME] += month[INTEREST]
            row[NOW_COLLECTIONS] += month[SCHEDULED] + month[PREPAID] + month[RECOVERED]
            row[NOW_LOSS] += month[LOSS]
            row[NOW_SCHEDULED] += month[SCHEDULED]
        last = table[(p + 1) * work.frequency - 1]
        row[NOW_COLLATERAL] = last[CLOSING] + last[PENDING] + last[LATE]
        for k in range(work.bills.shape[1]):
            owed = work.bills[p, k, BILL_AMOUNT] + work.bills[p, k, BILL_RATE] * opening
            owed += work.bills[p, k, BILL_INCOME] * row[NOW_INCOME] + work.bills[p, k, BILL_LOSS] * row[NOW_LOSS]
            deal.costs.paths[p, k] = owed
        opening = row[NOW_COLLATERAL]
        lost += row[NOW_LOSS]
        for j in work.loss_test:
            deal.tests.ratios[p, j] = lost / first
        for j in work.factor_test:
            deal.tests.ratios[p, j] = opening / first


@njit(cache=True, nogil=True)
def _measure(out: Floats, work: Work, by_class: Floats, by_deal: Floats) -> None:  # pragma: no cover - compiled
    """The scenario's figures, from its columns."""
    by_deal[BY_RESIDUAL], by_deal[BY_CALL] = out[:, DISTRIBUTED].sum(), out[:, PROCEEDS].sum()
    years = work.frequency / MONTHS_A_YEAR
    for c in range(by_class.shape[0]):
        found, place = by_class[c], work.first_class + c * len(CLASS_COLUMNS)
        found[:] = 0.0
        net = 0.0
        for p in range(out.shape[0]):
            interest, principal = out[p, place], out[p, place + 1]
            found[BY_INTEREST] += interest
            found[BY_PRINCIPAL] += principal
            repaid = principal - out[p, place + DRAWN]
            net += repaid
            found[BY_WAL] += repaid * (p + 1) * years
            found[BY_VALUE] += (interest + repaid) * work.discounts[c, p]
            if int(out[p, place + FLAG]) & SHORTFALL:
                found[BY_SHORTFALL] += 1.0
            if int(out[p, place + FLAG]) & BALLOON:
                found[BY_FINAL] = out[p, place + BALANCE]
            if interest + principal > 0.0:
                found[BY_LAST] = p + 1.0
        found[BY_LOSS] = out[-1, place + BALANCE] + out[-1, place + DEFERRED]
        found[BY_WAL] = found[BY_WAL] / net if net > 0.0 else np.nan
        found[BY_VALUE] /= net + out[-1, place + BALANCE] - out[:, place + ADDED].sum()
