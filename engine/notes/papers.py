"""The papers of a notes deal as the steps of `engine.waterfall`, and what the papers imply without a line of their own.

A payment period is a "month" of the waterfall. Implied: the reserve joins the income available; a turbo, the sweep after an
ARD and all money of the last date repay classes ahead of the residual; the clean-up call comes first, and what is paid net
on the issuer's hedges joins income. After enforcement only its own lines are taken: principal joins income, and principal of
no named class goes by rank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.basics.business_days import moved
from engine.basics.dates import add_months
from engine.basics.day_counts import DayCount, year_ratio
from engine.errors import Problem
from engine.notes.collateral import MONTHS_A_YEAR, PoolFlows
from engine.notes.hedges import HedgeTerms, date_number, hedge_terms
from engine.notes.plans import plans_of
from engine.notes.purchases import purchases_of
from engine.notes.terms import (
    ALWAYS,
    BREACHED,
    HOLDS,
    LIQUIDITY,
    CouponKind,
    DrawUse,
    Fee,
    Hedge,
    NoteClass,
    NoteStructure,
    Notional,
    PlanKind,
    PrincipalRule,
    Rule,
    Step,
    StepKind,
    Trigger,
    TriggerKind,
)
from engine.waterfall import classes as steps
from engine.waterfall.check import check_deal
from engine.waterfall.classes import Account, Cash, DealTerms, Kind, Measure, Sharing, Unpaid

Floats = NDArray[np.float64]
BPS = 1e-4
CLEAN_UP, SHORT, FINAL = "clean-up call", "short of the notes", "final date"
MEASURES = {
    TriggerKind.OC: Measure.OC, TriggerKind.IC: Measure.IC, TriggerKind.IC_OWED: Measure.IC_OWED, TriggerKind.DSCR: Measure.SERVICE,
    TriggerKind.CUMULATIVE_LOSS: Measure.CUMULATIVE_LOSS, TriggerKind.DATE: Measure.MONTH, TriggerKind.ANY: Measure.ANY,
    TriggerKind.LEGAL_FINAL: Measure.OVERDUE,
}  # fmt: skip
AHEAD_OF_ALL = ("implied.reserve", "implied.hedges")
SIMPLE = {StepKind.RESERVE: Kind.TOP_UP, StepKind.RESIDUAL: Kind.EQUITY}
MOST = 1e18
_PLACE = re.compile(r"(classes|costs|steps|triggers)\[(\d+)\](.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the waterfall and the line of the papers it stands for, by its place: `interest_steps.2`, `implied.turbo`."""

    place: str
    step: steps.Step


@dataclass(frozen=True, slots=True)
class Papers:
    """A structure as the waterfall takes it, its steps with their places."""

    structure: NoteStructure
    terms: DealTerms
    places: tuple[str, ...]


def papers_of(structure: NoteStructure, periods: int) -> Papers:
    """The waterfall's terms for so many payment periods."""
    lines = list(_lines(structure))
    reserve = structure.reserve
    terms = DealTerms(
        periods,
        (
            *_facility(structure, periods),
            *(
                _class(*each, periods, structure.payment_frequency_months)
                for each in zip(structure.classes, structure.ranks, strict=True)
            ),
        ),
        tuple(line.step for line in lines),
        tuple(_costs(structure)),
        steps.Reserve(reserve.initial_amount, class_ratio=reserve.target_ratio, floor_amount=reserve.floor_amount),
        triggers=tuple(_triggers(structure, periods)),
    )
    return Papers(structure, terms, tuple(line.place for line in lines))


def cash_of(structure: NoteStructure, flows: PoolFlows, index_rates: Sequence[float] = ()) -> Cash:
    """The pool's flows, fees and coupons as the waterfall takes them."""
    periods = flows.table.shape[0]
    return Cash(
        income=flows.of("interest"),
        principal=flows.principal,
        losses=flows.of("loss"),
        collateral=flows.collateral,
        scheduled=flows.of("scheduled"),
        costs={name: bill.path(flows) for name, bill in bills_of(structure, periods, index_rates).items()},
        limits={limit_name(amount): np.full(periods, amount) for amount in _caps(structure)}
        | {
            name: np.where(np.arange(1, periods + 1) == at, most, 0.0)
            for name, (at, most) in draw_dates(structure).items()
        },
        rates={each.code: coupon_path(structure, each, periods, index_rates) for each in drawn_and_classes(structure)},
        plans=plans_of(structure, flows),
        cost_rates={
            commitment_name(code): rate * year_ratios(structure, day_count_of(structure, code), periods)
            for code, rate in commitment_fees(structure).items()
        }
        | {
            hedge_name(each.code): hedge_terms_of(structure, each, periods, index_rates).rates
            for each in structure.hedges
            if each.notional_kind == Notional.CLASS
        },
        committed=_committed(structure, periods),
        committed_ratios={
            LIQUIDITY: open_until(structure.liquidity.ends_months, structure, periods)
            * structure.liquidity.commitment_ratio
        },
    )


@dataclass(frozen=True, slots=True)
class Bill:
    """What is owed by payment date whatever the classes are paid: amounts, and parts of the pool's opening balance, interest and losses."""

    amounts: Floats
    pool_rates: Floats
    income_shares: Floats
    loss_shares: Floats

    def path(self, flows: PoolFlows) -> Floats:
        """The amounts of one run of the pool; what is negative is received."""
        found = self.amounts + self.pool_rates * flows.opening
        return np.asarray(found + self.income_shares * flows.of("interest") + self.loss_shares * flows.of("loss"))


def bills_of(structure: NoteStructure, periods: int, index_rates: Sequence[float] = ()) -> dict[str, Bill]:
    """Fees, hedges, what is owed at their termination, loans bought, by the waterfall's names, in the order of its costs."""
    nil, found = np.zeros(periods), dict[str, Bill]()
    for fee in structure.fees:
        years = year_ratios(structure, fee.day_count, periods)
        found[fee.code] = Bill(fee.annual_amount * years, fee.annual_rate * years, nil, nil)
    swaps = {each: hedge_terms_of(structure, each, periods, index_rates) for each in structure.hedges}
    for each, swap in swaps.items():
        on_pool = swap.rates if each.notional_kind == Notional.POOL else nil
        shares = swap.income_share * swap.is_open, swap.loss_share * swap.is_open
        found[hedge_name(each.code)] = Bill(swap.amounts, on_pool, *shares)
    for each, swap in swaps.items():
        if each.terminates:
            found[termination_name(each.code)] = Bill(swap.termination, nil, nil, nil)
    for bought in purchases_of(structure):
        price = np.where(np.arange(1, periods + 1) == bought.date, bought.loan.balance_amount, 0.0)
        found[bought.name] = Bill(price, nil, nil, nil)
    return found


def hedge_terms_of(
    structure: NoteStructure, hedge: Hedge, periods: int, index_rates: Sequence[float] = ()
) -> HedgeTerms:
    """What one of the issuer's swaps exchanges on the deal's payment dates, the index as floating classes read it."""
    years = year_ratios(structure, hedge.day_count, periods)
    index = index_path(structure, periods, index_rates)
    return hedge_terms(hedge, periods, structure.payment_frequency_months, years, index)


def hedge_name(code: str) -> str:
    """A hedge of the issuer, as the waterfall calls what is paid on it."""
    return f"hedge {code}"


def termination_name(code: str) -> str:
    """The termination payment of a hedge, as the waterfall calls it."""
    return f"termination of {code}"


def drawn_and_classes(structure: NoteStructure) -> tuple[NoteClass, ...]:
    """The liquidity facility as if it were a floating class, where there is one, and the classes."""
    facility = structure.liquidity
    drawn = NoteClass(
        LIQUIDITY,
        "Liquidity facility",
        0.0,
        CouponKind.FLOATING,
        margin_bps=facility.margin_bps,
        day_count=facility.day_count,
    )
    return (drawn, *structure.classes) if facility.is_there else structure.classes


def commitment_fees(structure: NoteStructure) -> dict[str, float]:
    """The yearly rate on what is undrawn, by the code of what is drawn."""
    rates = {LIQUIDITY: structure.liquidity.commitment_fee_rate * structure.liquidity.is_there}
    rates |= {each.code: each.commitment_fee_rate * (each.commitment_amount > 0.0) for each in structure.classes}
    return {code: rate for code, rate in rates.items() if rate > 0.0}


def commitment_name(code: str) -> str:
    """The commitment fee of a class or the facility, as the waterfall calls it."""
    return f"commitment of {code}"


def _committed(structure: NoteStructure, periods: int) -> dict[str, Floats]:
    facility = structure.liquidity
    found = {LIQUIDITY: facility.commitment_amount * open_until(facility.ends_months, structure, periods)}
    for each in structure.classes:
        found[each.code] = each.commitment_amount * open_until(each.available_months, structure, periods)
    return found


def open_until(months: int | None, structure: NoteStructure, periods: int) -> Floats:
    """1 on dates before so many months and before the last."""
    dates = np.arange(1, periods + 1)
    is_open = dates < periods
    if months is not None:
        is_open &= dates * structure.payment_frequency_months < months
    return is_open.astype(np.float64)


def _draw_name(number: int) -> str:
    return f"draw {number + 1}"


def draw_dates(structure: NoteStructure) -> dict[str, tuple[float, float]]:
    """The payment date of each draw and the most it asks for, by its name."""
    frequency = structure.payment_frequency_months
    return {
        _draw_name(k): (float(max(-(-each.after_months // frequency), 1)), MOST if each.amount is None else each.amount)
        for k, each in enumerate(structure.draws)
    }


def dates_of(structure: NoteStructure, periods: int) -> tuple[date, ...]:
    """The payment dates: the day of the closing, months later, moved to business days where the papers say so."""
    convention, calendar, holidays = structure.business_days, structure.calendar, frozenset(structure.holidays)
    return tuple(moved(day, convention, calendar, holidays) for day in unmoved_dates_of(structure, periods))


def unmoved_dates_of(structure: NoteStructure, periods: int) -> tuple[date, ...]:
    """The day of the closing, months later."""
    frequency = structure.payment_frequency_months
    return tuple(add_months(structure.closing_date, frequency * k) for k in range(1, periods + 1))


def accrual_dates_of(structure: NoteStructure, periods: int) -> tuple[date, ...]:
    """The days to which interest accrues: the payment dates, or what they were before they were moved."""
    return (dates_of if structure.accrues_to_payment else unmoved_dates_of)(structure, periods)


def year_ratios(structure: NoteStructure, day_count: DayCount, periods: int) -> Floats:
    """The part of a year that each period is, by a day count."""
    if day_count == DayCount.EQUAL:
        return np.full(periods, structure.payment_frequency_months / MONTHS_A_YEAR)
    days = (structure.closing_date, *accrual_dates_of(structure, periods))
    return np.array([year_ratio(day_count, start, end, days[-1]) for start, end in pairwise(days)])


def day_count_of(structure: NoteStructure, code: str) -> DayCount:
    """How days are counted for a class or the liquidity facility."""
    own = {each.code: each.day_count for each in structure.classes}
    return structure.liquidity.day_count if code == LIQUIDITY else own[code]


def fee_path(structure: NoteStructure, fee: Fee, flows: PoolFlows) -> Floats:
    """What a fee is due by period."""
    return bills_of(structure, flows.table.shape[0])[fee.code].path(flows)


def index_path(structure: NoteStructure, periods: int, index_rates: Sequence[float] = ()) -> Floats:
    """The index that floating classes and hedges read by period; the last one given is carried on."""
    given = np.asarray(index_rates or (structure.index_rate,), dtype=np.float64)
    found: Floats = given[np.minimum(np.arange(periods), given.size - 1)]
    return found


def coupon_path(structure: NoteStructure, each: NoteClass, periods: int, index_rates: Sequence[float] = ()) -> Floats:
    """Interest of each period on one unit of a class, never below nil; the last index rate given is carried on."""
    yearly = np.full(periods, each.coupon_rate)
    if each.coupon_kind == CouponKind.FLOATING:
        yearly = index_path(structure, periods, index_rates) + each.margin_bps * BPS
    if each.ard_months is not None:
        yearly[first_after(each.ard_months, structure) - 1 :] += each.step_up_bps * BPS
    return np.asarray(np.maximum(yearly, 0.0) * year_ratios(structure, each.day_count, periods))


def first_after(months: int, structure: NoteStructure) -> int:
    """The first period that begins so many months after the closing or later."""
    return -(-months // structure.payment_frequency_months) + 1


def limit_name(amount: float) -> str:
    """A cap in words, by which the waterfall knows its path."""
    return f"{amount:,.2f}"


def problems_of_order(structure: NoteStructure) -> list[Problem]:
    """What is wrong with the steps as a whole: a class nobody pays, principal ahead of interest, a fee without a step."""
    papers, nil = papers_of(structure, 2), np.zeros(2)
    table = np.zeros((2, 10))
    unplanned = replace(structure, classes=tuple(replace(each, plan_kind=PlanKind.NONE) for each in structure.classes))
    cash = replace(cash_of(unplanned, PoolFlows(table, structure.payment_frequency_months)), losses=nil)
    found = [Problem(p.code, _place(papers, p.place), p.message) for p in check_deal(papers.terms, cash)]
    return list(dict.fromkeys(found))


def problems_after_enforcement(structure: NoteStructure) -> list[Problem]:
    """The same of the steps after enforcement, judged as if they were all the deal had."""
    if not structure.enforcement_steps:
        return []
    alone = replace(
        after_enforcement(structure), interest_steps=structure.enforcement_steps, enforcement_trigger="", enforcement_steps=()
    )  # fmt: skip
    return [
        replace(problem, place=problem.place.replace("interest_steps", "enforcement_steps"))
        for problem in problems_of_order(alone)
    ]


def _place(papers: Papers, place: str) -> str:
    """A place in the waterfall's terms as one in the papers."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return "interest_steps" if place == "steps" else place
    table, number, rest = found[1], int(found[2]), found[3]
    if table == "steps":
        return papers.places[number] + rest
    if table == "triggers":
        codes = [each.code for each in papers.structure.triggers]
        name = papers.terms.triggers[number].name
        return f"triggers.{codes.index(name)}{rest}" if name in codes else f"implied.{name}"
    if table == "costs":
        return _place_of_cost(papers, number)
    number -= papers.structure.liquidity.is_there
    return LIQUIDITY if number < 0 else f"classes.{number}{rest}"


def _place_of_cost(papers: Papers, number: int) -> str:
    fees, hedges = papers.structure.fees, papers.structure.hedges
    if number < len(fees):
        return f"fees.{number}"
    owed = [*range(len(hedges)), *(k for k, each in enumerate(hedges) if each.terminates)]
    if number < len(fees) + len(owed):
        return f"hedges.{owed[number - len(fees)]}"
    bought = purchases_of(papers.structure)
    if number < len(fees) + len(owed) + len(bought):
        return f"draws.{bought[number - len(fees) - len(owed)].draw}"
    drawn = [*commitment_fees(papers.structure)][number - len(fees) - len(owed) - len(bought)]
    at = LIQUIDITY if drawn == LIQUIDITY else f"classes.{[*papers.structure.balances].index(drawn)}"
    return f"{at}.commitment_fee_rate"


def _facility(structure: NoteStructure, periods: int) -> Iterator[steps.NoteClass]:
    """The liquidity facility is a class ahead of all others, drawn by the run."""
    if structure.liquidity.is_there:
        covered = tuple(code for code in structure.balances if code in structure.liquidity.targets)
        yield steps.NoteClass(LIQUIDITY, 0, 0.0, 0.0, periods, covers=covered)


def _costs(structure: NoteStructure) -> Iterator[steps.Cost]:
    for fee in structure.fees:
        yield steps.Cost(fee.code, arrears_to=fee.code)
    for each in structure.hedges:
        on_class = each.notional_class if each.notional_kind == Notional.CLASS else ""
        yield steps.Cost(hedge_name(each.code), on_class=on_class, arrears_to=hedge_name(each.code))
    for each in structure.hedges:
        if each.terminates:
            yield steps.Cost(termination_name(each.code), arrears_to=termination_name(each.code))
    for bought in purchases_of(structure):
        yield steps.Cost(bought.name)
    for code in commitment_fees(structure):
        name = commitment_name(code)
        yield steps.Cost(name, on_undrawn=code, arrears_to=name)


def _class(each: NoteClass, rank: int, periods: int, frequency: int) -> steps.NoteClass:
    unpaid = Unpaid.DEFERS if each.deferrable else Unpaid.SHORTFALL
    return steps.NoteClass(
        each.code,
        rank,
        each.balance_amount,
        0.0,
        periods,
        unpaid_interest=unpaid,
        final_month=final_date(each, frequency),
    )


def final_date(each: NoteClass, frequency_months: int) -> int | None:
    """The number of the payment date that is a class's legal final; None where it has none of its own."""
    return None if each.legal_final_months is None else date_number(each.legal_final_months, frequency_months)


# Triggers


def _triggers(structure: NoteStructure, periods: int) -> Iterator[steps.Trigger]:
    """Those of the papers, each after those it joins; then the implied ones."""
    yield from _in_order(structure)
    last = structure.classes[-1].code if structure.classes else ""
    if structure.clean_up_ratio > 0.0:
        yield steps.Trigger(CLEAN_UP, Measure.POOL_FACTOR, structure.clean_up_ratio)
        yield steps.Trigger(SHORT, Measure.OC, 1.0, (last,))
    for each in structure.classes:
        if each.ard_months is not None:
            yield steps.Trigger(_ard(each), Measure.MONTH, first_after(each.ard_months, structure))
    yield steps.Trigger(FINAL, Measure.MONTH, periods)
    for each in structure.classes:
        if each.accrues_until:
            yield steps.Trigger(_accrual(each), Measure.STANDING, 0.0, (each.accrues_until,))
    enforced = structure.enforcement_trigger
    for other in sorted({line.step.unless for line in _going_on(structure)} - {""} if enforced else ()):
        yield steps.Trigger(_joined(structure, other), Measure.ANY, 0.0, of=(other, enforced))


def _in_order(structure: NoteStructure) -> Iterator[steps.Trigger]:
    left, told = list(structure.triggers), set[str]()
    while left:
        ready = [each for each in left if told.issuperset(each.of)] or left
        for each in ready:
            yield _trigger(structure, each)
            told.add(each.code)
            left.remove(each)


def _trigger(structure: NoteStructure, each: Trigger) -> steps.Trigger:
    level = each.limit
    if each.kind == TriggerKind.DATE:
        level = float(-(-each.limit // structure.payment_frequency_months))
    classes = (each.class_code,) if each.class_code else ()
    return steps.Trigger(each.code, MEASURES[each.kind], level, classes, cure_months=int(each.cures), of=each.of)


def _joined(structure: NoteStructure, other: str) -> str:
    """The trigger that is breached while another is, or enforcement has come."""
    return f"{other} or {structure.enforcement_trigger}"


def _accrual(each: NoteClass) -> str:
    return f"accrual of {each.code}"


def _ard(each: NoteClass) -> str:
    return f"ARD of {each.code}"


# Steps


def _lines(structure: NoteStructure) -> Iterator[Line]:
    enforced = structure.enforcement_trigger
    if not enforced:
        yield from _going_on(structure)
        return
    for line in _going_on(structure):
        unless = _joined(structure, line.step.unless) if line.step.unless else enforced
        yield line if line.place in AHEAD_OF_ALL else replace(line, step=replace(line.step, unless=unless))
    for line in _enforced(after_enforcement(structure)):
        yield replace(line, step=replace(line.step, when=enforced))


def after_enforcement(structure: NoteStructure) -> NoteStructure:
    """The structure as its enforcement's lines read it: classes are paid by rank, and interest is paid, not added."""
    classes = tuple(replace(each, accrues_until="") for each in structure.classes)
    return replace(structure, principal_rule=PrincipalRule(), classes=classes)


def _enforced(structure: NoteStructure) -> Iterator[Line]:
    yield Line("implied.enforced", steps.Step(Kind.TRANSFER, (Account.CASH,), source=Account.PRINCIPAL))
    for number, step in enumerate(structure.enforcement_steps):
        yield from _written(structure, f"enforcement_steps.{number}", step, Account.CASH)


def _going_on(structure: NoteStructure) -> Iterator[Line]:
    """The lines of a deal that is not enforced."""
    yield from _first(structure)
    for number, step in enumerate(structure.interest_steps):
        if step.kind == StepKind.RESIDUAL:
            yield from _ahead_of_residual(structure)
        yield from (Line("implied.liquidity", drawn) for drawn in _drawn_for(structure, step))
        yield from _written(structure, f"interest_steps.{number}", step, Account.CASH)
    yield from _facility_repaid(structure)
    for number, step in enumerate(structure.principal_steps):
        if step.kind == StepKind.RESIDUAL:
            yield from _bought(structure)
        yield from _written(structure, f"principal_steps.{number}", step, Account.PRINCIPAL)
    if not structure.principal_steps or structure.principal_steps[-1].kind != StepKind.RESIDUAL:
        yield from _bought(structure)
        yield Line("implied.principal_left", steps.Step(Kind.EQUITY, source=Account.PRINCIPAL, when=FINAL))


def _first(structure: NoteStructure) -> Iterator[Line]:
    if structure.clean_up_ratio > 0.0:
        yield Line("implied.clean_up", steps.Step(Kind.CALL, source=Account.PRINCIPAL, when=CLEAN_UP, unless=SHORT))
    yield from _drawn_on_dates(structure, DrawUse.PRINCIPAL, Account.PRINCIPAL)
    if structure.reserve.is_held:
        yield Line("implied.reserve", steps.Step(Kind.TRANSFER, (Account.CASH,), source=Account.RESERVE))
    for each in structure.hedges:
        yield Line("implied.hedges", steps.Step(Kind.COST, (hedge_name(each.code),), share=0.0))


def _drawn_on_dates(structure: NoteStructure, use: DrawUse, account: Account) -> Iterator[Line]:
    for number, each in enumerate(structure.draws):
        if each.use == use:
            step = steps.Step(Kind.DRAW, source=account, limit=_draw_name(number), draws=each.class_code)
            yield Line(f"draws.{number}", step)


def _bought(structure: NoteStructure) -> Iterator[Line]:
    """Loans bought with what is drawn for them, after all that principal repays; none once the pool may be called."""
    unless = CLEAN_UP if structure.clean_up_ratio > 0.0 else ""
    for each in purchases_of(structure):
        code, limit = structure.draws[each.draw].class_code, _draw_name(each.draw)
        drawn = steps.Step(Kind.DRAW, source=Account.PRINCIPAL, limit=limit, draws=code, unless=unless)
        yield Line(f"draws.{each.draw}", drawn)
        paid = steps.Step(Kind.COST, (each.name,), source=Account.PRINCIPAL, unless=unless)
        yield Line(f"purchases.{each.draw}", paid)


def _drawn_for(structure: NoteStructure, step: Step) -> Iterator[steps.Step]:
    """The facility drawn for what income lacks for a covered line."""
    covered = tuple(code for code in step.targets if code in structure.liquidity.targets)
    if not structure.liquidity.is_there or not covered:
        return
    base = _conditioned(steps.Step(Kind.DRAW, draws=LIQUIDITY), step.when)
    if step.kind == StepKind.INTEREST:
        yield replace(base, target=covered)
    elif step.kind == StepKind.FEE:
        yield from (replace(base, beside=_cost_of(structure, code)) for code in covered)


def _facility_repaid(structure: NoteStructure) -> Iterator[Line]:
    """What is drawn is repaid ahead of the classes when the deal ends."""
    if structure.liquidity.is_there:
        repaid = steps.Step(Kind.SWEEP, (LIQUIDITY,), source=Account.PRINCIPAL)
        yield Line("implied.liquidity_end", replace(repaid, when=FINAL))
        if structure.clean_up_ratio > 0.0:
            yield Line("implied.liquidity_end", replace(repaid, when=CLEAN_UP, unless=SHORT))


def _swaps_of(step: Step) -> tuple[str, ...]:
    """What the waterfall calls the swaps or terminations that a line pays."""
    name = hedge_name if step.kind == StepKind.HEDGE else termination_name
    return tuple(name(code) for code in step.targets)


def _cost_of(structure: NoteStructure, code: str) -> str:
    """What the waterfall calls the fee of that code: a fee, or the commitment fee of a class or the facility."""
    return code if code in {fee.code for fee in structure.fees} else commitment_name(code)


def _ahead_of_residual(structure: NoteStructure) -> Iterator[Line]:
    yield from _drawn_on_dates(structure, DrawUse.RESERVE, Account.RESERVE)
    for rule, when in structure.principal_rule.kinds:
        if rule in {Rule.TURBO, Rule.REVERSE_TURBO}:
            yield from (Line("implied.turbo", step) for step in _by_rank(structure, Account.CASH, when, rule))
    for each in structure.classes:
        if each.ard_months is not None:
            yield Line("implied.ard", steps.Step(Kind.SWEEP, (each.code,), when=_ard(each)))
    for step in _by_rank(structure, Account.CASH, ALWAYS, Rule.SEQUENTIAL):
        yield Line("implied.final", replace(step, when=FINAL))


def _written(structure: NoteStructure, place: str, step: Step, source: Account) -> Iterator[Line]:
    for found in _steps(structure, step, source):
        limit = "" if step.cap_amount is None else limit_name(step.cap_amount)
        share = 1.0 if step.cap_ratio is None else step.cap_ratio
        yield Line(place, replace(found, limit=limit, share=share, cures=step.trigger if step.to_cure else ""))


def _steps(structure: NoteStructure, step: Step, source: Account) -> Iterator[steps.Step]:
    base = _conditioned(steps.Step(Kind.EQUITY, source=source), step.when)
    if step.kind in SIMPLE:
        yield replace(base, kind=SIMPLE[step.kind])
    elif step.kind == StepKind.FEE:
        yield from (replace(base, kind=Kind.COST, target=(_cost_of(structure, code),)) for code in step.targets)
    elif step.kind in {StepKind.HEDGE, StepKind.TERMINATION}:
        yield from (replace(base, kind=Kind.COST, target=(name,)) for name in _swaps_of(step))
    elif step.kind == StepKind.PRINCIPAL and not step.target:
        for rule, when in structure.principal_rule.kinds:
            yield from _by_rank(structure, source, when if when != ALWAYS else step.when, rule)
    elif step.kind == StepKind.INTEREST and (accruing := accruing_of(structure, step)):
        while_accruing = _accrual(accruing)
        yield replace(base, kind=Kind.ACCRETE, target=step.targets, when=while_accruing)
        for kind in _kinds(structure, step):
            yield replace(base, kind=kind, target=step.targets, unless=while_accruing)
    else:
        sharing = Sharing.PRO_RATA if len(step.targets) > 1 else Sharing.SEQUENTIAL
        for kind in _kinds(structure, step):
            yield replace(base, kind=kind, target=step.targets, sharing=sharing)


def accruing_of(structure: NoteStructure, step: Step) -> NoteClass | None:
    """The class whose interest a line adds to its balance for a time."""
    return next((each for each in structure.classes if each.accrues_until and each.code in step.targets), None)


def _kinds(structure: NoteStructure, step: Step) -> tuple[Kind, ...]:
    if step.kind == StepKind.DEFERRED_INTEREST:
        return Kind.INTEREST_ON_DEFERRED, Kind.DEFERRED_INTEREST
    if step.kind == StepKind.INTEREST:
        deferrable = {each.code for each in structure.classes if each.deferrable}
        return (Kind.CURRENT_INTEREST if deferrable & set(step.targets) else Kind.INTEREST,)
    return ({StepKind.PRINCIPAL: Kind.SWEEP, StepKind.PLANNED: Kind.PLANNED}.get(step.kind, Kind.DEFICIENCY),)


def _by_rank(structure: NoteStructure, source: Account, when: str, rule: Rule) -> Iterator[steps.Step]:
    """Principal by a rule: rank after rank, those of a rank side by side; or all side by side."""
    base = _conditioned(steps.Step(Kind.SWEEP, source=source, sharing=Sharing.PRO_RATA), when)
    if rule == Rule.PRO_RATA:
        yield replace(base, target=tuple(each.code for each in structure.classes))
        return
    is_reverse = rule == Rule.REVERSE_TURBO and source == Account.CASH
    for rank in sorted(set(structure.ranks), reverse=is_reverse):
        own = zip(structure.classes, structure.ranks, strict=True)
        yield replace(base, target=tuple(each.code for each, other in own if other == rank))


def _conditioned(step: steps.Step, when: str) -> steps.Step:
    trigger = when.partition(":")[2]
    if when.startswith(HOLDS):
        return replace(step, unless=trigger)
    return replace(step, when=trigger) if when.startswith(BREACHED) else step


def _caps(structure: NoteStructure) -> set[float]:
    every = (*structure.interest_steps, *structure.principal_steps, *structure.enforcement_steps)
    return {step.cap_amount for step in every if step.cap_amount is not None}
