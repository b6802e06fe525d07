"""The arrays a deal of classes runs on: schedules, rates, cover ratios, targets, and the steps as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.debt.kinds import AMORTISATIONS
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
READS_PATH, READS_OC, READS_IC = range(3)
STEP_FIELDS = ("kind", "source", "pro_rata", "when", "unless", "limit", "cures", "target")
STEP_KIND, STEP_SOURCE, STEP_PRO_RATA, STEP_WHEN, STEP_UNLESS, STEP_LIMIT, STEP_CURES, STEP_TARGET = range(8)


class Resolved(NamedTuple):
    """A deal as the kernel reads it: `n` classes, `k` costs, `t` triggers, `s` steps; NaN ratios breach nothing.

    By month (months, ·): `rates` (n), `cost_paths` and `cost_rates` (k), `receipts`, `limits`, `ratios` (t), and income,
    collections, losses, trap shares. At month ends (months + 1, ·): `floors` (n), the balance that should stand;
    collateral, reserve targets. `steps` (s, 8) in the order of STEP_FIELDS, `members` (s, n) classes of each step, -1
    beyond the last. `is_deferrable` is 1 where unpaid interest is no shortfall.
    """

    dust: float
    income: Floats
    collections: Floats
    losses: Floats
    collateral: Floats
    opening: Floats
    opening_deferred: Floats
    rates: Floats
    floors: Floats
    ranks: Ints
    is_deferrable: Ints
    lapses: Ints
    unrefinanced_month: Ints
    final_month: Ints
    cost_paths: Floats
    cost_rates: Floats
    cost_class: Ints
    cost_arrears_to: Ints
    is_senior_cost: Ints
    receipts: Floats
    limits: Floats
    reserve_initial: float
    reserve_targets: Floats
    trap_shares: Floats
    trigger_reads: Ints
    trigger_class: Ints
    trigger_levels: Floats
    trigger_signs: Floats
    cure_months: Ints
    ratios: Floats
    steps: Ints
    shares: Floats
    members: Ints


def resolve(terms: DealTerms, cash: Cash) -> Resolved:
    """Everything the kernel reads; refuses terms that are not a deal, with every problem."""
    problems = check_deal(terms, cash)
    if problems:
        raise InputProblems(problems)
    nil = np.zeros(terms.months)
    schedules = _columns([schedule_of(terms, each) for each in terms.classes], terms.months + 1)
    rates = _columns([rates_of(terms, cash, each) for each in terms.classes], terms.months)
    dust = DUST * max(1.0, float(schedules[0].max()))
    names = [each.name for each in terms.classes]
    floors, unrefinanced = _carried(terms, schedules, dust)
    line = _CoverLine(terms, cash, schedules, rates, dust)
    return Resolved(
        dust=dust,
        income=_floats(cash.income),
        collections=nil if cash.principal is None else _floats(cash.principal),
        losses=nil if cash.losses is None else _floats(cash.losses),
        collateral=np.zeros(terms.months + 1) if cash.collateral is None else _floats(cash.collateral),
        opening=schedules[0].copy(),
        opening_deferred=np.array([each.deferred_amount for each in terms.classes]),
        rates=rates,
        floors=floors,
        ranks=_ints(each.rank for each in terms.classes),
        is_deferrable=_ints(each.unpaid_interest != Unpaid.SHORTFALL for each in terms.classes),
        lapses=_ints(each.unpaid_interest == Unpaid.LAPSES for each in terms.classes),
        unrefinanced_month=unrefinanced,
        final_month=_ints(NONE if each.final_month is None else each.final_month for each in terms.classes),
        cost_paths=_columns([cash.costs.get(each.name, nil) for each in terms.costs], terms.months),
        cost_rates=_columns([_cost_rates(terms, each) for each in terms.costs], terms.months),
        cost_class=_ints(_place(names, each.on_class) for each in terms.costs),
        cost_arrears_to=_ints(_place([one.name for one in terms.costs], each.arrears_to) for each in terms.costs),
        is_senior_cost=_ints(each.name in _costs_ahead_of_interest(terms) for each in terms.costs),
        receipts=_columns(list(cash.receipts.values()), terms.months),
        limits=_columns(list(cash.limits.values()), terms.months),
        reserve_initial=terms.reserve.initial_amount,
        reserve_targets=reserve_targets_of(terms, cash, schedules, rates),
        trap_shares=_trap_shares(terms, line),
        trigger_reads=_ints(_reads(each) for each in terms.triggers),
        trigger_class=_ints(_place(names, each.classes[-1] if each.classes else "") for each in terms.triggers),
        trigger_levels=np.array([_level(each) for each in terms.triggers], dtype=np.float64),
        trigger_signs=np.array([-1.0 if _is_above(each) else 1.0 for each in terms.triggers], dtype=np.float64),
        cure_months=_ints(each.cure_months for each in terms.triggers),
        ratios=_columns([_ratios(terms, cash, line, each) for each in terms.triggers], terms.months),
        steps=np.array([_step_row(terms, cash, each) for each in terms.steps], dtype=np.int64),
        shares=np.array([each.share for each in terms.steps], dtype=np.float64),
        members=np.array([_members(names, each) for each in terms.steps], dtype=np.int64),
    )


def schedule_of(terms: DealTerms, each: NoteClass) -> Floats:
    """Balance that should stand at the end of months 0..months; nil from maturity unless the papers give a schedule."""
    if each.schedule:
        return np.array(each.schedule, dtype=np.float64)
    out, paid = np.zeros(terms.months + 1), np.zeros(terms.months)
    periods, kind = each.maturity_months, AMORTISATIONS.index(each.amortisation)
    fill_schedule(kind, each.amount, paid, each.monthly_rate, periods, 0, 0.0, periods, False, out)
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
            fees[:, names.index(cost.on_class)] += _cost_rates(self.terms, cost)
        elif cost.on_class:
            cash -= self.schedules[:-1, names.index(cost.on_class)] * _cost_rates(self.terms, cost)

    def _service(self, k: int, each: NoteClass, fees: Floats) -> Floats:
        """Scheduled service; what a sweep is to repay after maturity is not scheduled."""
        opening = self.schedules[:-1, k]
        principal = opening - self.schedules[1:, k]
        if each.final_month is not None:
            principal[each.maturity_months :] = 0.0
        return np.asarray(opening * (self.rates[:, k] + fees) + principal)


def _carried(terms: DealTerms, schedules: Floats, dust: float) -> tuple[Floats, Ints]:
    """Balances that should stand once the part of a balloon nobody refinances is due, and the months it falls due."""
    floors, months = schedules.copy(), np.full(len(terms.classes), NONE, dtype=np.int64)
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


def _reads(trigger: Trigger) -> int:
    return {Measure.OC: READS_OC, Measure.IC: READS_IC}.get(trigger.measure, READS_PATH)


def _is_above(trigger: Trigger) -> bool:
    return trigger.is_breached_above or trigger.measure in {Measure.CUMULATIVE_LOSS, Measure.MONTH}


def _level(trigger: Trigger) -> float:
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


def _cost_rates(terms: DealTerms, cost: Cost) -> Floats:
    rates = np.full(terms.months, cost.monthly_rate)
    if cost.until_month is not None:
        rates[cost.until_month :] = 0.0
    return rates


def _costs_ahead_of_interest(terms: DealTerms) -> set[str]:
    ahead: set[str] = set()
    for step in terms.steps:
        if step.kind in INTEREST_KINDS:
            break
        if step.kind == Kind.COST:
            ahead.update(step.target)
    return ahead


def _step_row(terms: DealTerms, cash: Cash, step: Step) -> tuple[int, ...]:
    triggers = [each.name for each in terms.triggers]
    targets: dict[Kind, Sequence[str]] = {
        Kind.COST: [each.name for each in terms.costs],
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
        _place(targets.get(step.kind, ()), step.target[0] if step.target else ""),
    )


def _members(names: list[str], step: Step) -> list[int]:
    found = [names.index(name) for name in step.target] if step.kind in CLASS_KINDS else []
    return found + [NONE] * (len(names) - len(found))


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else NONE


def _floats(values: Floats) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _ints(values: Iterable[int]) -> Ints:
    return np.array([int(value) for value in values], dtype=np.int64)


def _columns(paths: Sequence[Floats], rows: int) -> Floats:
    """Paths side by side (rows, paths), also where there is none."""
    return np.ascontiguousarray(np.array(paths, dtype=np.float64).reshape(len(paths), rows).T)
