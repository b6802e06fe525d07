"""The arrays a deal of classes runs on: schedules, rates, cover ratios, targets, and the steps as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.debt.kinds import AMORTISATIONS, CASH_SWEEP
from engine.debt.sizing import fill_schedule
from engine.errors import InputProblems
from engine.waterfall.check import check_deal
from engine.waterfall.classes import (
    ACCOUNTS,
    CLASS_KINDS,
    INTEREST_KINDS,
    KINDS,
    Cash,
    Cost,
    DealTerms,
    Floats,
    Kind,
    Measure,
    NoteClass,
    Sharing,
    Step,
    Trigger,
    Unpaid,
)
from engine.waterfall.kernel import DUST, fill_reserve_targets, trapped_share

Ints = NDArray[np.int64]
NONE = -1
READS_PATH, READS_OC, READS_IC, READS_SERVICE, READS_ANY, READS_STANDING, READS_OVERDUE, READS_IC_OWED = range(8)
READS = {
    Measure.OC: READS_OC, Measure.IC: READS_IC, Measure.SERVICE: READS_SERVICE, Measure.ANY: READS_ANY,
    Measure.STANDING: READS_STANDING, Measure.OVERDUE: READS_OVERDUE, Measure.IC_OWED: READS_IC_OWED,
}  # fmt: skip
# Read 1 where they are breached.
COUNTED = (Measure.ANY, Measure.STANDING, Measure.OVERDUE)
STEP_FIELDS = ("kind", "source", "pro_rata", "when", "unless", "limit", "cures", "target", "draws")
STEP_KIND, STEP_SOURCE, STEP_PRO_RATA, STEP_WHEN, STEP_UNLESS, STEP_LIMIT, STEP_CURES, STEP_TARGET, STEP_DRAWS = range(
    9
)


# Columns of `pool`, one row a month; the last is set by the run.
POOL_FIELDS = ("income", "collections", "loss", "scheduled", "trap_share", "collateral", "reserve_target", "live")
NOW_INCOME, NOW_COLLECTIONS, NOW_LOSS, NOW_SCHEDULED, NOW_TRAP_SHARE, NOW_COLLATERAL, NOW_TARGET, NOW_LIVE = range(8)
NOTE_RANK, NOTE_DEFERS, NOTE_LAPSES, NOTE_UNREFINANCED, NOTE_FINAL, NOTE_LAST_FIRST = range(6)
COST_CLASS, COST_ARREARS_TO, COST_IS_SENIOR, COST_UNDRAWN = range(4)
TEST_READS, TEST_CLASS, TEST_SIGN, TEST_CURE_MONTHS = range(4)


class NoteArrays(NamedTuple):
    """Of `n` classes: opening amounts (n), monthly rates (months, n), balances that should stand (months + 1, n).

    `plans` (months, n): balances that planned principal pays down to; `committed` (months, n) amounts and `committed_ratios`
    shares of the classes that it `covers` (n, n) that can be drawn.

    `standing` (n, 6): rank, whether unpaid interest is deferred by right, whether it lapses, the month a balloon nobody
    refinances falls due, the last month a balance may stand (-1 for no month), whether a sweep repays what is due last.
    """

    opening: Floats
    deferred: Floats
    rates: Floats
    floors: Floats
    plans: Floats
    committed: Floats
    committed_ratios: Floats
    covers: Ints
    standing: Ints


class CostArrays(NamedTuple):
    """Of `k` costs: amounts and rates on a class (months, k); `standing` (k, 4): class, arrears to, ahead of interest,
    class whose undrawn part it is on."""

    paths: Floats
    rates: Floats
    standing: Ints


class TestArrays(NamedTuple):
    """Of `t` triggers: ratios (months, t), NaN breaches nothing; levels (t); `standing` (t, 4); `joins` (t, t).

    What it reads, the last class it covers, 1 where below the level is a breach and -1 above, months to cure; a trigger
    that joins others has a 1 under each.
    """

    ratios: Floats
    levels: Floats
    standing: Ints
    joins: Ints


class StepArrays(NamedTuple):
    """Of `s` steps: `table` (s, 9) in the order of STEP_FIELDS, shares (s), classes (s, n) filled up with -1."""

    table: Ints
    shares: Floats
    members: Ints


class Resolved(NamedTuple):
    """A deal as the kernel reads it; `pool` (months, 8) in the order of POOL_FIELDS, amounts at month ends.

    Few arrays in small groups: a compiled call copies every array it is handed.
    """

    dust: float
    reserve_initial: float
    reserve_ratio: float
    reserve_floor: float
    pool: Floats
    receipts: Floats
    limits: Floats
    notes: NoteArrays
    costs: CostArrays
    tests: TestArrays
    steps: StepArrays


def resolve(terms: DealTerms, cash: Cash) -> Resolved:
    """Everything the kernel reads; refuses terms that are not a deal, with every problem."""
    problems = check_deal(terms, cash)
    if problems:
        raise InputProblems(problems)
    schedules = _columns([schedule_of(terms, each) for each in terms.classes], terms.months + 1)
    rates = _columns([rates_of(terms, cash, each) for each in terms.classes], terms.months)
    dust = DUST * max(1.0, float(schedules[0].max()))
    line = _CoverLine(terms, cash, schedules, rates, dust)
    return Resolved(
        dust=dust,
        reserve_initial=terms.reserve.initial_amount,
        reserve_ratio=terms.reserve.class_ratio,
        reserve_floor=terms.reserve.floor_amount,
        pool=_pool(terms, cash, line),
        receipts=_columns(list(cash.receipts.values()), terms.months),
        limits=_columns(list(cash.limits.values()), terms.months),
        notes=_notes(terms, cash, line),
        costs=_costs(terms, cash),
        tests=_tests(terms, cash, line),
        steps=StepArrays(
            table=_table([_step_row(terms, cash, each) for each in terms.steps], len(STEP_FIELDS)),
            shares=np.array([each.share for each in terms.steps], dtype=np.float64),
            members=_table([_members(_names(terms.classes), each) for each in terms.steps], len(terms.classes)),
        ),
    )


def _pool(terms: DealTerms, cash: Cash, line: _CoverLine) -> Floats:
    pool = np.zeros((terms.months, len(POOL_FIELDS)))
    pool[:, NOW_INCOME], pool[:, NOW_TRAP_SHARE] = cash.income, _trap_shares(terms, line)
    pool[:, NOW_TARGET] = reserve_targets_of(terms, cash, line.schedules, line.rates)[1:]
    for column, path in ((NOW_COLLECTIONS, cash.principal), (NOW_LOSS, cash.losses), (NOW_SCHEDULED, cash.scheduled)):
        pool[:, column] = 0.0 if path is None else path
    pool[:, NOW_COLLATERAL] = 0.0 if cash.collateral is None else cash.collateral[1:]
    return pool


def _notes(terms: DealTerms, cash: Cash, line: _CoverLine) -> NoteArrays:
    floors, unrefinanced = _carried(terms, line.schedules, line.dust)
    standing = [
        (
            each.rank,
            each.unpaid_interest == Unpaid.DEFERS,
            each.unpaid_interest == Unpaid.LAPSES,
            unrefinanced[k],
            NONE if each.final_month is None else each.final_month,
            AMORTISATIONS.index(each.amortisation) == CASH_SWEEP,
        )
        for k, each in enumerate(terms.classes)
    ]
    deferred = np.array([each.deferred_amount for each in terms.classes], dtype=np.float64)
    nil, names = np.zeros(terms.months), _names(terms.classes)
    plans, committed, ratios = (
        _columns([paths.get(name, nil) for name in names], terms.months)
        for paths in (cash.plans, cash.committed, cash.committed_ratios)
    )
    covers = _table([[name in each.covers for name in names] for each in terms.classes], len(names))
    return NoteArrays(
        line.schedules[0].copy(), deferred, line.rates, floors, plans, committed, ratios, covers, _table(standing, 6)
    )


def _costs(terms: DealTerms, cash: Cash) -> CostArrays:
    nil, ahead = np.zeros(terms.months), _costs_ahead_of_interest(terms)
    return CostArrays(
        paths=_columns([cash.costs.get(each.name, nil) for each in terms.costs], terms.months),
        rates=_columns([_cost_rates(terms, cash, each) for each in terms.costs], terms.months),
        standing=_table(
            [
                (
                    _place(_names(terms.classes), each.on_class),
                    _place(_names(terms.costs), each.arrears_to),
                    each.name in ahead,
                    _place(_names(terms.classes), each.on_undrawn),
                )
                for each in terms.costs
            ],
            4,
        ),
    )


def _tests(terms: DealTerms, cash: Cash, line: _CoverLine) -> TestArrays:
    classes = _names(terms.classes)
    standing = [
        (
            READS.get(each.measure, READS_PATH),
            _place(classes, each.classes[-1] if each.classes else ""),
            -1 if _is_above(each) else 1,
            each.cure_months,
        )
        for each in terms.triggers
    ]
    return TestArrays(
        ratios=_columns([_ratios(terms, cash, line, each) for each in terms.triggers], terms.months),
        levels=np.array([_level(each) for each in terms.triggers], dtype=np.float64),
        standing=_table(standing, 4),
        joins=_table([[one.name in each.of for one in terms.triggers] for each in terms.triggers], len(terms.triggers)),
    )


def schedule_of(terms: DealTerms, each: NoteClass) -> Floats:
    """Balance that should stand at the end of months 0..months; nil from maturity unless the papers give a schedule."""
    if each.schedule:
        return np.array(each.schedule, dtype=np.float64)
    out, paid = np.zeros(terms.months + 1), np.zeros(terms.months)
    periods, kind = each.maturity_months, AMORTISATIONS.index(each.amortisation)
    fill_schedule(kind, each.amount, paid, each.monthly_rate, periods, 0, 0.0, periods, False, out, each.balloon_ratio)
    out[periods:] = 0.0
    return out


def rates_of(terms: DealTerms, cash: Cash, each: NoteClass) -> Floats:
    """Monthly rate by month: the path given, or the class's own with its step-up."""
    if each.name in cash.rates:
        return _floats(cash.rates[each.name])
    rates = np.full(terms.months, each.monthly_rate)
    if each.later_from_month is not None:
        rates[each.later_from_month - 1 :] = each.later_monthly_rate
    return rates


def reserve_targets_of(terms: DealTerms, cash: Cash, schedules: Floats, rates: Floats) -> Floats:
    """Reserve target at the end of months 0..months: scheduled service ahead of the classes covered."""
    if cash.reserve_targets is not None:
        return _floats(cash.reserve_targets)
    held = [k for k, each in enumerate(terms.classes) if each.name in terms.reserve.covers]
    service, targets = np.zeros(terms.months), np.zeros(terms.months + 1)
    for k in held:
        service += schedules[:-1, k] * rates[:, k] + (schedules[:-1, k] - schedules[1:, k])
    until = max((terms.classes[k].maturity_months for k in held), default=0)
    fill_reserve_targets(service, terms.reserve.months, until, targets)
    return targets


@njit(cache=True, nogil=True)
def fill_cover(cash: Floats, service: Floats, window: int, dust: float, out: Floats) -> None:
    """Trailing cash over trailing service by month into out (months); NaN where no service is due."""
    held_cash, held_service = np.zeros(window), np.zeros(window)
    cash_sum, service_sum = 0.0, 0.0
    for m in range(out.size):
        slot = m % window
        cash_sum += cash[m] - held_cash[slot]
        service_sum += service[m] - held_service[slot]
        held_cash[slot], held_service[slot] = cash[m], service[m]
        out[m] = cash_sum / service_sum if service_sum > dust else np.nan


class _CoverLine(NamedTuple):
    """What cover ratios read: all as scheduled, so known before anyone is paid."""

    terms: DealTerms
    cash: Cash
    schedules: Floats
    rates: Floats
    dust: float

    def cover(self, covered: Sequence[str], window: int) -> Floats:
        """Trailing DSCR of some classes."""
        cash, service = _floats(self.cash.income).copy(), np.zeros(self.terms.months)
        fees = np.zeros_like(self.rates)
        names = [each.name for each in self.terms.classes]
        for cost in self.terms.costs:
            self._take(cost, names, cash, fees)
        for k, each in enumerate(self.terms.classes):
            if each.name in covered:
                service += self._service(k, each, fees[:, k])
        out = np.empty(self.terms.months)
        fill_cover(cash, service, window, self.dust, out)
        return out

    def _take(self, cost: Cost, names: list[str], cash: Floats, fees: Floats) -> None:
        if not cost.is_tested:
            return
        cash -= self.cash.costs.get(cost.name, 0.0)
        if cost.on_class and cost.is_service:
            fees[:, names.index(cost.on_class)] += _cost_rates(self.terms, self.cash, cost)
        elif cost.on_class:
            cash -= self.schedules[:-1, names.index(cost.on_class)] * _cost_rates(self.terms, self.cash, cost)

    def _service(self, k: int, each: NoteClass, fees: Floats) -> Floats:
        """Scheduled service; what a sweep is to repay after maturity is not scheduled."""
        opening = self.schedules[:-1, k]
        principal = opening - self.schedules[1:, k]
        if each.final_month is not None:
            principal[each.maturity_months :] = 0.0
        return np.asarray(opening * (self.rates[:, k] + fees) + principal)


def _carried(terms: DealTerms, schedules: Floats, dust: float) -> tuple[Floats, list[int]]:
    """Balances that should stand once the part of a balloon nobody refinances is due, and the months it falls due."""
    floors, months = schedules.copy(), [NONE] * len(terms.classes)
    for k, each in enumerate(terms.classes):
        balloon = schedules[each.maturity_months, k]
        if each.refinance_capacity_amount < balloon - dust:
            floors[each.maturity_months :, k] *= each.refinance_capacity_amount / balloon
            months[k] = each.maturity_months
    return floors, months


def _trap_shares(terms: DealTerms, line: _CoverLine) -> Floats:
    shares = np.zeros(terms.months)
    if terms.lock_up is None:
        return shares
    levels, parts = (
        np.array(column, dtype=np.float64) for column in ([s[j] for s in terms.lock_up.steps] for j in (0, 1))
    )
    ratios = line.cover(terms.lock_up.covers, terms.lock_up.window_months)
    shares[:-1] = [trapped_share(ratio, levels, parts) for ratio in ratios[:-1]]
    return shares


def _is_above(trigger: Trigger) -> bool:
    return trigger.is_breached_above or trigger.measure in {*COUNTED, Measure.CUMULATIVE_LOSS, Measure.MONTH}


def _level(trigger: Trigger) -> float:
    if trigger.measure in COUNTED:
        return 0.5
    return trigger.level - 0.5 if trigger.measure == Measure.MONTH else trigger.level


def _ratios(terms: DealTerms, cash: Cash, line: _CoverLine, trigger: Trigger) -> Floats:
    """The path a trigger reads; empty figures for what only the run knows."""
    if trigger.measure == Measure.PATH:
        return _floats(cash.ratios[trigger.path])
    if trigger.measure == Measure.MONTH:
        return np.arange(1.0, terms.months + 1.0)
    if trigger.measure == Measure.DSCR:
        return line.cover(trigger.classes, trigger.window_months)
    if trigger.measure == Measure.CUMULATIVE_LOSS and cash.collateral is not None and cash.losses is not None:
        return np.asarray(np.cumsum(cash.losses) / cash.collateral[0])
    if trigger.measure == Measure.POOL_FACTOR and cash.collateral is not None:
        return np.asarray(cash.collateral[1:] / cash.collateral[0])
    return np.full(terms.months, np.nan)


def _cost_rates(terms: DealTerms, cash: Cash, cost: Cost) -> Floats:
    if cost.name in cash.cost_rates:
        return _floats(cash.cost_rates[cost.name])
    rates = np.full(terms.months, cost.monthly_rate)
    if cost.until_month is not None:
        rates[cost.until_month :] = 0.0
    return rates


def _costs_ahead_of_interest(terms: DealTerms) -> set[str]:
    """Costs paid before the first interest, or with it."""
    ahead: set[str] = set()
    for step in terms.steps:
        if step.kind in INTEREST_KINDS:
            ahead.add(step.beside)
            break
        if step.kind == Kind.COST:
            ahead.update(step.target)
    return ahead


def _step_row(terms: DealTerms, cash: Cash, step: Step) -> tuple[int, ...]:
    triggers = _names(terms.triggers)
    targets: dict[Kind, Sequence[str]] = {
        Kind.COST: _names(terms.costs),
        Kind.RECEIVE: list(cash.receipts),
        Kind.TRANSFER: ACCOUNTS,
    }
    return (
        KINDS.index(step.kind),
        ACCOUNTS.index(step.source),
        int(step.sharing == Sharing.PRO_RATA),
        _place(triggers, step.when),
        _place(triggers, step.unless),
        _place(list(cash.limits), step.limit),
        _place(triggers, step.cures),
        _place(_names(terms.costs), step.beside)
        if step.beside
        else _place(targets.get(step.kind, ()), step.target[0] if step.target else ""),
        _place(_names(terms.classes), step.draws),
    )


def _members(names: list[str], step: Step) -> list[int]:
    found = [names.index(name) for name in step.target] if step.kind in CLASS_KINDS else []
    return found + [NONE] * (len(names) - len(found))


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else NONE


def _floats(values: Floats) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _table(rows: Sequence[Sequence[int]], width: int) -> Ints:
    """Rows of numbers (rows, width), also where there is none."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


def _names(named: Sequence[NoteClass | Cost | Trigger]) -> list[str]:
    return [each.name for each in named]


def _columns(paths: Sequence[Floats], rows: int) -> Floats:
    """Paths side by side (rows, paths), also where there is none."""
    return np.ascontiguousarray(np.array(paths, dtype=np.float64).reshape(len(paths), rows).T)
