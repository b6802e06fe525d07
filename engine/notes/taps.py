"""A further series of notes into a structure that stands: beside a class, on the loans that are left and further ones.

The structure and its pool are taken as they stand after a payment date; the series is a class of the same rank, named beside it in
every line. Whether it may be issued is asked of each class: is it covered no worse than without the series?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.errors import InputProblems, Problem
from engine.notes.collateral import pool_flows
from engine.notes.papers import fee_path, unmoved_dates_of
from engine.notes.run import NotesResult, run_notes
from engine.notes.terms import (
    BESIDE,
    Amortisation,
    Behaviour,
    Hedge,
    HedgeKind,
    Loan,
    NoteClass,
    NoteStructure,
    Pool,
    Step,
    StepKind,
    Trigger,
    TriggerKind,
)

NIL = 1e-6
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Series:
    """A further series: beside which class, its code and balance; `rate` is its coupon, or its margin in bps where that class floats."""

    beside: str
    code: str
    balance_amount: float
    rate: float


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands behind a class and those not junior to it: the pool over their balances, income less fees over their interest."""

    asset_ratio: float
    interest_ratio: float


def aged(structure: NoteStructure, result: NotesResult, payments: int) -> NoteStructure:
    """The structure as it stands after so many payment dates of a run; raises InputProblems where no series can follow."""
    if payments == 0:
        return structure
    problems = list(_standing(structure, result, payments))
    if problems:
        raise InputProblems(problems)
    at, shift = payments - 1, payments * structure.payment_frequency_months
    ranks = structure.ranks
    hedges = tuple(_hedge(each, shift) for each in structure.hedges if each.ends_months > shift)
    return replace(
        structure,
        interest_steps=_still_paid(structure.interest_steps, hedges),
        enforcement_steps=_still_paid(structure.enforcement_steps, hedges),
        hedges=hedges,
        closing_date=unmoved_dates_of(structure, payments)[-1],
        classes=tuple(
            _class(each, float(result.closing[k, at]), shift, ranks[k]) for k, each in enumerate(structure.classes)
        ),
        reserve=replace(structure.reserve, initial_amount=float(result.reserve[at])),
        triggers=tuple(_trigger(each, shift) for each in structure.triggers),
        liquidity=replace(structure.liquidity, ends_months=_left(structure.liquidity.ends_months, shift)),
        draws=tuple(
            replace(each, after_months=each.after_months - shift)
            for each in structure.draws
            if each.after_months > shift
        ),
    )


def _hedge(each: Hedge, shift: int) -> Hedge:
    starts = max(each.starts_months - shift, 0)
    return replace(
        each,
        starts_months=starts,
        ends_months=each.ends_months - shift,
        default_months=_left(each.default_months, shift),
    )


def _still_paid(steps: tuple[Step, ...], hedges: tuple[Hedge, ...]) -> tuple[Step, ...]:
    """The lines without hedges that are over."""
    codes = {each.code for each in hedges}
    found = []
    for step in steps:
        if step.kind not in {StepKind.HEDGE, StepKind.TERMINATION}:
            found.append(step)
        elif kept := [code for code in step.targets if code in codes]:
            found.append(replace(step, target=BESIDE.join(kept)))
    return tuple(found)


def _standing(structure: NoteStructure, result: NotesResult, payments: int) -> Iterator[Problem]:
    """What keeps a series from following: a class repaid or owed interest, a deficiency, a breach, a plan of the first pool."""
    if not 1 <= payments < len(result.periods):
        message = f"After: expected a payment date from 1 to {len(result.periods) - 1}, got {payments}."
        yield Problem("out_of_range", "payments", message)
        return
    at, shift = payments - 1, payments * structure.payment_frequency_months
    for k, each in enumerate(structure.classes):
        owed = float(max(result.deferred[k, at], result.deficiency[k, at]))
        yield from _class_stands(f"classes.{k}", each, float(result.closing[k, at]), owed, shift)
    for k, trigger in enumerate(structure.triggers):
        if result.trigger_breached[k, at]:
            yield Problem("breached", f"triggers.{k}", f"{trigger.code} is breached by then.")
    for k, hedge in enumerate(structure.hedges):
        yield from _hedge_stands(f"hedges.{k}", hedge, float(result.hedge_unpaid[k, at]), shift)
    if result.liquidity_balance[at] > NIL:
        yield Problem("unpaid", "liquidity", "The liquidity facility is drawn by then.")
    if result.call_proceeds[: at + 1].any():
        yield Problem("repaid", "clean_up_ratio", "The pool is sold by then.")


def _hedge_stands(place: str, each: Hedge, owed: float, shift: int) -> Iterator[Problem]:
    if owed > NIL:
        yield Problem("unpaid", place, f"{each.code} is owed a payment by then.")
    if each.kind == HedgeKind.INFLATION and each.ends_months > shift:
        yield Problem(
            "not_a_choice",
            place,
            f"{each.code} is measured from the first closing: no series can follow before its end.",
        )
    if each.default_months is not None and each.default_months <= shift < each.ends_months:
        yield Problem(
            "not_a_choice", place, f"The counterparty of {each.code} is in default by then: take the swap out."
        )


def _class_stands(place: str, each: NoteClass, balance: float, owed: float, shift: int) -> Iterator[Problem]:
    if balance <= NIL:
        yield Problem("repaid", place, f"{each.code} is repaid by then.")
    elif owed > NIL:
        yield Problem("unpaid", place, f"{each.code} is owed interest, or a loss stands against it, by then.")
    if each.is_planned:
        yield Problem("not_a_choice", place, f"{each.code} is planned on the first pool: no series can follow.")
    if each.ard_months is not None and each.ard_months <= shift:
        yield Problem("not_a_choice", place, f"{each.code} is past its anticipated repayment by then.")
    if each.legal_final_months is not None and each.legal_final_months <= shift:
        yield Problem("not_a_choice", place, f"{each.code} is past its legal final date by then.")


def _class(each: NoteClass, balance: float, shift: int, rank: int) -> NoteClass:
    return replace(
        each, balance_amount=balance, rank=rank, ard_months=_left(each.ard_months, shift), available_months=_left(each.available_months, shift),
        legal_final_months=_left(each.legal_final_months, shift),
    )  # fmt: skip


def _left(months: int | None, shift: int) -> int | None:
    """Months that are left of a term; one that is over ends before the next date."""
    return None if months is None else max(months - shift, 1)


def _trigger(each: Trigger, shift: int) -> Trigger:
    return replace(each, limit=each.limit - shift) if each.kind == TriggerKind.DATE else each


def pool_after(pool: Pool, behaviour: Behaviour, months: int) -> Pool:
    """What is expected to perform of each loan after so many months; what is still to come back of defaults is left out."""
    if months == 0:
        return pool
    found = [_loan(loan, behaviour, months) for loan in pool.loans if loan.remaining_months > months]
    for each in pool.bought:
        since = months - each.after_months
        if 0 <= since < each.loan.remaining_months:
            found.append(_loan(each.loan, behaviour_after(behaviour, each.after_months), since) if since else each.loan)
    return Pool(tuple(loan for loan in found if loan.balance_amount > NIL))


def behaviour_after(behaviour: Behaviour, months: int) -> Behaviour:
    """The same behaviour after so many months: vectors go on where they are, their last rate is carried on."""

    def rest(figure: float | tuple[float, ...]) -> float | tuple[float, ...]:
        return figure[min(months, len(figure) - 1) :] if isinstance(figure, tuple) else figure

    return replace(behaviour, prepayment=rest(behaviour.prepayment), default=rest(behaviour.default))


def _loan(loan: Loan, behaviour: Behaviour, months: int) -> Loan:
    balance = float(pool_flows(Pool((loan,)), behaviour).of("closing")[months - 1])
    schedule = loan.schedule
    if loan.amortisation == Amortisation.SCHEDULE and schedule is not None:
        due = schedule[months - 1]
        schedule = tuple(min(each * balance / due, balance) for each in schedule[months:]) if due > 0.0 else None
    return replace(
        loan, balance_amount=balance, remaining_months=loan.remaining_months - months, age_months=loan.age_months + months,
        schedule=schedule,
    )  # fmt: skip


def with_series(structure: NoteStructure, series: Series) -> NoteStructure:
    """The structure with the series beside its class in every line; the reserve is filled for it at issue."""
    codes = list(structure.balances)
    if series.beside not in codes:
        raise InputProblems([Problem("unknown", "beside", f"No class is called {series.beside!r}.")])
    place = codes.index(series.beside)
    ranked = [replace(each, rank=rank) for each, rank in zip(structure.classes, structure.ranks, strict=True)]
    beside = ranked[place]
    if beside.accrues_until:
        message = f"{beside.code} accrues: its interest has a line of its own, so no series can stand beside it."
        raise InputProblems([Problem("not_a_choice", "beside", message)])
    floats = beside.coupon_kind == "floating"
    further = replace(
        beside, code=series.code, name=f"{beside.name}, series {series.code}", balance_amount=series.balance_amount,
        coupon_rate=0.0 if floats else series.rate, margin_bps=series.rate if floats else 0.0, commitment_amount=0.0,
        commitment_fee_rate=0.0, available_months=None,
    )  # fmt: skip
    tables = ("interest_steps", "principal_steps", "enforcement_steps")
    lines = {name: tuple(_beside(step, series, structure) for step in getattr(structure, name)) for name in tables}
    covers = _joined(structure.liquidity.targets, series)
    reserve = structure.reserve
    return replace(
        structure,
        classes=(*ranked[: place + 1], further, *ranked[place + 1 :]),
        liquidity=replace(structure.liquidity, covers=covers),
        reserve=replace(reserve, initial_amount=reserve.initial_amount + reserve.target_ratio * series.balance_amount),
        **lines,  # type: ignore[arg-type]
    )


def _beside(step: Step, series: Series, structure: NoteStructure) -> Step:
    """A line that names the class names the series too; a fee of that code is none of the class."""
    if step.kind == "fee" or series.beside not in step.targets or step.target == "":
        return step
    return replace(step, target=_joined(step.targets, series))


def _joined(targets: tuple[str, ...], series: Series) -> str:
    found = [each for code in targets for each in ((code, series.code) if code == series.beside else (code,))]
    return BESIDE.join(found)


def covers_of(structure: NoteStructure, pool: Pool, behaviour: Behaviour) -> dict[str, Cover]:
    """Each class's cover on the first payment date of a run."""
    result = run_notes(structure, pool, behaviour)
    fees = sum(float(fee_path(structure, fee, result.pool)[0]) for fee in structure.fees)
    income = float(result.pool.of("interest")[0]) - fees
    found = {}
    for each, rank in zip(structure.classes, structure.ranks, strict=True):
        ahead = [k for k, other in enumerate(structure.ranks) if other <= rank]
        balance = sum(structure.classes[k].balance_amount for k in ahead)
        interest = sum(float(result.interest_due[k, 0]) for k in ahead)
        found[each.code] = Cover(pool.balance_amount / balance, income / interest if interest > 0.0 else float("inf"))
    return found


def worse_covers(before: dict[str, Cover], after: dict[str, Cover]) -> list[Problem]:
    """The classes that stood before and are covered worse."""
    found = []
    for code, was in before.items():
        now = after[code]
        for what, one, other in (
            ("the pool over it and those not junior to it", was.asset_ratio, now.asset_ratio),
            ("income over interest", was.interest_ratio, now.interest_ratio),
        ):
            if other < one * (1.0 - SAME):
                found.append(
                    Problem(
                        "worse_cover", "balance_amount", f"Class {code}: {what} falls from {one:.4f}x to {other:.4f}x."
                    )
                )
    return found
