"""What is wrong with a deal's terms, taken as a whole: each problem with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np

from engine.debt.kinds import AMORTISATIONS
from engine.errors import Problem
from engine.waterfall.classes import (
    CLASS_KINDS,
    INTEREST_COVER,
    INTEREST_KINDS,
    Account,
    Cash,
    DealTerms,
    Kind,
    Measure,
    NoteClass,
    Step,
    Trigger,
    Unpaid,
)

REPAYS = (Kind.PRINCIPAL, Kind.SWEEP)
COVERAGE = (Measure.OC, *INTEREST_COVER)


def check_deal(terms: DealTerms, cash: Cash) -> tuple[Problem, ...]:
    """Every problem of the classes, the tests, the steps one by one, their order, and the cash they are run on."""
    found = [*_classes(terms), *_costs(terms), *_tests(terms, cash), *_steps(terms, cash)]
    return tuple(found or [*_order(terms), *_completeness(terms, cash), *_lengths(terms, cash)])


def _classes(terms: DealTerms) -> Iterator[Problem]:
    if not terms.classes:
        yield Problem("required", "classes", "Give at least one class.")
    if terms.months < 1:
        yield Problem("range", "months", "A deal runs for at least one month.")
    yield from _twice("classes", [each.name for each in terms.classes])
    ranks = [each.rank for each in terms.classes]
    if ranks != sorted(ranks):
        yield Problem("order", "classes", "List the classes from the most senior down: ranks must not fall.")
    for k, each in enumerate(terms.classes):
        yield from _class(terms, f"classes[{k}]", each)


def _class(terms: DealTerms, place: str, each: NoteClass) -> Iterator[Problem]:
    amounts = (each.amount, each.monthly_rate, each.later_monthly_rate, each.deferred_amount)
    if not all(isfinite(value) and value >= 0.0 for value in amounts):
        yield Problem("range", place, f"{each.name}: amounts and rates must be numbers of at least 0.")
    if not 1 <= each.maturity_months <= terms.months:
        yield Problem("range", f"{place}.maturity_months", f"{each.name}: maturity must be within the deal's months.")
    if not 0.0 <= each.balloon_ratio <= 1.0:
        yield Problem("range", f"{place}.balloon_ratio", f"{each.name}: a balloon is a share between 0 and 1.")
    if each.amortisation not in AMORTISATIONS or (each.amortisation == "sculpted" and not each.schedule):
        yield Problem("unknown", f"{place}.amortisation", f"{each.name}: name an amortisation, or give the schedule.")
    if each.schedule and (len(each.schedule) != terms.months + 1 or each.schedule[0] != each.amount):
        message = f"{each.name}: a schedule opens with the amount and has a balance for each month end."
        yield Problem("range", f"{place}.schedule", message)
    if each.later_from_month is not None and each.later_from_month < 1:
        yield Problem("range", f"{place}.later_from_month", f"{each.name}: a step-up starts in month 1 or later.")


def _costs(terms: DealTerms) -> Iterator[Problem]:
    yield from _twice("costs", [each.name for each in terms.costs])
    known, classes = [each.name for each in terms.costs], [each.name for each in terms.classes]
    for k, cost in enumerate(terms.costs):
        yield from _unknown(f"costs[{k}].on_class", [cost.on_class, cost.on_undrawn], classes, "class")
        yield from _unknown(f"costs[{k}].arrears_to", [cost.arrears_to], known, "cost")


def _tests(terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    yield from _twice("triggers", [each.name for each in terms.triggers])
    classes = [each.name for each in terms.classes]
    yield from _unknown("reserve.covers", terms.reserve.covers, classes, "class")
    if terms.lock_up is not None:
        yield from _unknown("lock_up.covers", terms.lock_up.covers, classes, "class")
    for k, trigger in enumerate(terms.triggers):
        yield from _unknown(f"triggers[{k}].classes", trigger.classes, classes, "class")
        yield from _trigger(f"triggers[{k}]", trigger, cash)
        before = [each.name for each in terms.triggers[:k]]
        yield from _unknown(f"triggers[{k}].of", trigger.of, before, "trigger before it")


def _trigger(place: str, trigger: Trigger, cash: Cash) -> Iterator[Problem]:
    if (
        trigger.measure in {*COVERAGE, Measure.DSCR, Measure.SERVICE, Measure.STANDING, Measure.OVERDUE}
        and not trigger.classes
    ):
        yield Problem("required", f"{place}.classes", f"{trigger.name}: name the classes it covers.")
    if trigger.measure == Measure.PATH and trigger.path not in cash.ratios:
        yield Problem("unknown", f"{place}.path", f"{trigger.name}: no path of ratios is called {trigger.path!r}.")
    if trigger.measure in {Measure.OC, Measure.POOL_FACTOR, Measure.CUMULATIVE_LOSS} and cash.collateral is None:
        yield Problem("required", "collateral", f"{trigger.name} reads the collateral: give its balances.")
    if trigger.measure == Measure.ANY and not trigger.of:
        yield Problem("required", f"{place}.of", f"{trigger.name}: name the triggers it joins.")
    if trigger.cure_months < 0 or trigger.window_months < 1 or not isfinite(trigger.level):
        yield Problem("range", place, f"{trigger.name}: level, window and months to cure must be numbers in range.")


def _steps(terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    if not terms.steps:
        yield Problem("required", "steps", "Give the priority of payments.")
    for k, step in enumerate(terms.steps):
        yield from _step(f"steps[{k}]", step, terms, cash)


def _step(place: str, step: Step, terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    yield from _target(place, step, terms, cash)
    tests = {each.name: each for each in terms.triggers}
    yield from _unknown(place, [step.when, step.unless, step.cures], list(tests), "trigger")
    yield from _unknown(f"{place}.draws", [step.draws], [each.name for each in terms.classes], "class")
    if (step.kind == Kind.DRAW) != bool(step.draws):
        yield Problem("required", f"{place}.draws", "A draw, and no other step, names the class that is drawn.")
    yield from _unknown(f"{place}.limit", [step.limit], list(cash.limits), "limit")
    if step.cures in tests and tests[step.cures].measure not in COVERAGE:
        yield Problem("unknown", f"{place}.cures", f"{step.cures} is no coverage test: no amount cures it.")
    if step.cures and step.kind not in {Kind.SWEEP, Kind.DEFERRED_INTEREST, Kind.TRANSFER}:
        yield Problem("unknown", f"{place}.cures", "Only a sweep, deferred interest or a transfer cures a test.")
    if step.beside and step.kind not in CLASS_KINDS:
        yield Problem("unknown", f"{place}.beside", "Only a step on classes has a cost that ranks with it.")
    yield from _unknown(f"{place}.beside", [step.beside], [each.name for each in terms.costs], "cost")
    if not 0.0 <= step.share <= 1.0:
        yield Problem("range", f"{place}.share", "A share is between 0 and 1.")


def _target(place: str, step: Step, terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    known: dict[Kind, Sequence[str]] = {
        Kind.COST: [each.name for each in terms.costs],
        Kind.RECEIVE: list(cash.receipts),
        Kind.TRANSFER: tuple(Account),
        **{kind: [each.name for each in terms.classes] for kind in CLASS_KINDS},
    }
    if step.kind not in known or (step.kind == Kind.DRAW and not step.target):
        return
    what = "class" if step.kind in CLASS_KINDS else "account" if step.kind == Kind.TRANSFER else step.kind
    if not step.target or (what != "class" and len(step.target) > 1):
        yield Problem("required", f"{place}.target", f"This step needs a {what} to pay.")
    yield from _unknown(f"{place}.target", step.target, known[step.kind], what)
    yield from _twice(f"{place}.target", step.target)


def _order(terms: DealTerms) -> Iterator[Problem]:
    """Interest before principal and equity last; what a test switches, or principal money pays, may stand elsewhere."""
    repaid: set[str] = set()
    for k, step in enumerate(terms.steps):
        early = sorted(repaid & set(step.target)) if step.kind in INTEREST_KINDS and _is_plain(step) else []
        for name in early:
            yield Problem("order", f"steps[{k}]", f"{name}: principal is paid ahead of its interest.")
        if step.kind in REPAYS and _is_plain(step):
            repaid |= set(step.target)
        later = [each for each in terms.steps[k + 1 :] if each.source == step.source]
        if step.kind == Kind.EQUITY and not all(_excludes(terms, step, each) for each in later):
            yield Problem("order", f"steps[{k}]", "Equity takes all that is left: it must be the account's last step.")


def _excludes(terms: DealTerms, step: Step, later: Step) -> bool:
    """True where a later step is only taken while the trigger holds back this one."""
    held_back = {step.unless} | {name for each in terms.triggers if each.name == step.unless for name in each.of}
    return later.when != "" and later.when in held_back


def _is_plain(step: Step) -> bool:
    return not (step.when or step.unless or step.cures or step.limit) and step.source == Account.CASH


def _completeness(terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    """Everything owed is paid by some step, everything held comes out by some step."""
    for k, each in enumerate(terms.classes):
        yield from _paid(f"classes[{k}]", each, terms.steps)
    paid = {name for step in terms.steps if step.kind == Kind.COST and step.share > 0.0 for name in step.target}
    paid |= {step.beside for step in terms.steps}
    for k, cost in enumerate(terms.costs):
        if cost.name not in paid:
            yield Problem("never_paid", f"costs[{k}]", f"No step pays {cost.name}.")
    yield from _kept(terms, cash)
    yield from _seniority(terms)


def _paid(place: str, each: NoteClass, steps: Sequence[Step]) -> Iterator[Problem]:
    kinds = {step.kind for step in steps if step.kind in CLASS_KINDS and each.name in step.target}
    if not kinds & {Kind.INTEREST, Kind.CURRENT_INTEREST}:
        yield Problem("never_paid", place, f"No step pays the interest of {each.name}.")
    elif Kind.INTEREST not in kinds and each.unpaid_interest != Unpaid.LAPSES:
        for kind in (Kind.INTEREST_ON_DEFERRED, Kind.DEFERRED_INTEREST):
            if kind not in kinds:
                yield Problem("never_paid", place, f"No step pays the {kind.replace('_', ' ')} of {each.name}.")
    if not kinds & set(REPAYS):
        yield Problem("never_paid", place, f"No step repays {each.name}.")
    if each.amortisation == "cash_sweep" and Kind.SWEEP not in kinds:
        yield Problem("never_paid", place, f"No step sweeps cash to {each.name}.")


def _kept(terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    kinds, sources = {step.kind for step in terms.steps}, {step.source for step in terms.steps}
    if Kind.EQUITY not in kinds:
        yield Problem("required", "steps", "End with a step that pays what is left to equity.")
    holds = cash.principal is not None or Kind.DEFICIENCY in kinds
    if holds and Account.PRINCIPAL not in sources:
        yield Problem("never_paid", "steps", "No step pays from the principal collections.")
    if Kind.TRAP in kinds and terms.lock_up is None:
        yield Problem("required", "lock_up", "A cash trap needs its lock-up levels.")
    if Kind.TRAP in kinds and Kind.TRAP_RELEASE not in kinds:
        yield Problem("never_paid", "steps", "No step releases what the trap holds.")
    is_filled = terms.reserve.initial_amount > 0.0 or Kind.TOP_UP in kinds
    is_released = Kind.RELEASE in kinds or (Kind.TRANSFER in kinds and Account.RESERVE in sources)
    if is_filled and not is_released:
        yield Problem("never_paid", "steps", "No step releases what the reserve holds above its target.")


def _seniority(terms: DealTerms) -> Iterator[Problem]:
    """Interest of a class ahead of interest of one senior to it, unless a test says so."""
    ranks = {each.name: each.rank for each in terms.classes}
    lowest, last = 0, ""
    for k, step in enumerate(terms.steps):
        if step.kind not in INTEREST_KINDS[:2] or not _is_plain(step):
            continue
        for name in step.target:
            if ranks[name] < lowest:
                yield Problem(
                    "order", f"steps[{k}]", f"{name} is senior to {last}, whose interest is paid ahead of it."
                )
            elif ranks[name] > lowest:
                lowest, last = ranks[name], name


def _lengths(terms: DealTerms, cash: Cash) -> Iterator[Problem]:
    """Paths have a figure for every month, balances one more."""
    single = {"income": cash.income, "principal": cash.principal, "losses": cash.losses, "scheduled": cash.scheduled}
    groups = ("costs", "receipts", "limits", "ratios", "rates", "plans", "cost_rates", "committed", "committed_ratios")
    named = {f"{group}.{name}": path for group in groups for name, path in getattr(cash, group).items()}
    balances = {"collateral": cash.collateral, "reserve_targets": cash.reserve_targets}
    for paths, size in ((single | named, terms.months), (balances, terms.months + 1)):
        for place, path in paths.items():
            if path is not None and np.shape(path) != (size,):
                yield Problem("length", place, f"{place}: give {size} figures.")
            elif path is not None and not place.startswith("ratios") and not np.isfinite(path).all():
                yield Problem("range", place, f"{place}: every figure must be a number.")


def _unknown(place: str, names: Sequence[str], known: Sequence[str], what: str) -> Iterator[Problem]:
    for name in names:
        if name and name not in known:
            yield Problem("unknown", place, f"No {what} is called {name!r}.")


def _twice(place: str, names: Sequence[str]) -> Iterator[Problem]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("duplicate", place, f"{name} is named twice.")
