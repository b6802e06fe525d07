"""A notes deal run to its end, step by step, with a trace that says of every payment why it was this amount.

This run reads each step by its name (the plain twin of the waterfall) and keeps what it saw. `batch` runs many scenarios
compiled and gives the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import nan

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError, InputProblems
from engine.notes.collateral import PoolFlows
from engine.notes.content import problems_between
from engine.notes.papers import Papers, cash_of, dates_of, final_date, hedge_name, papers_of, termination_name
from engine.notes.purchases import first_unmade, flows_with, loans_name
from engine.notes.terms import LIQUIDITY, Behaviour, NoteStructure, Pool, TriggerKind
from engine.notes.words import condition_of, condition_words, place_words
from engine.waterfall.classes import CLASS_KINDS, Account, Cash, Kind, Step, Trigger
from engine.waterfall.steps_plain import PlainDeal, Row

Floats = NDArray[np.float64]
RECEIPTS = "implied.hedges"


@dataclass(frozen=True, slots=True)
class Seen:
    """One step of the waterfall on one date: due, what the account held for it, paid; whether its condition let it pay."""

    due: float
    available: float
    paid: float
    was_taken: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """One line of the papers on one date; the condition's trigger, what it read and how far that is on the good side."""

    place: str
    words: str
    due_amount: float
    available_amount: float
    paid_amount: float
    condition: str
    condition_value: float | None
    margin: float | None
    was_taken: bool


@dataclass(frozen=True, slots=True)
class NotesResult:
    """Every figure by payment date; `added` is interest that became balance, `drawn` what a class was drawn by; classes, triggers and steps in the order of their codes and places.

    Arrays [class, period], [trigger, period], [step, period], [hedge, period]: what is paid net on a swap, negative where it is
    received, its termination in it, and what is owed on it still; `steps` are the lines of the papers, implied ones included.
    """

    structure: NoteStructure
    pool: PoolFlows
    periods: tuple[date, ...]
    opening: Floats
    interest_due: Floats
    interest_paid: Floats
    deferred: Floats
    principal_paid: Floats
    closing: Floats
    loss: Floats
    deficiency: Floats
    added: Floats
    drawn: Floats
    steps: tuple[str, ...]
    step_due: Floats
    step_available: Floats
    step_paid: Floats
    step_taken: NDArray[np.bool_]
    trigger_value: Floats
    trigger_breached: NDArray[np.bool_]
    reserve: Floats
    principal_held: Floats
    residual: Floats
    call_proceeds: Floats
    liquidity_drawn: Floats
    liquidity_balance: Floats
    hedge_paid: Floats
    hedge_unpaid: Floats

    def unpaid_at_final(self, code: str) -> float | None:
        """What stands of a class after its legal final date, in default; None where the run does not reach one."""
        k = self.class_index(code)
        on = final_date(self.structure.classes[k], self.structure.payment_frequency_months)
        return None if on is None or on > len(self.periods) else float(self.closing[k, on - 1])

    @property
    def is_called(self) -> bool:
        """True where the clean-up call was made."""
        return bool(self.call_proceeds.any())

    def paid_for(self, name: str) -> Floats:
        """What is paid for the loans of a draw, by what the waterfall calls them."""
        place = next(f"purchases.{k}" for k in range(len(self.structure.draws)) if loans_name(k) == name)
        found: Floats = self.step_paid[self.steps.index(place)]
        return found

    def class_index(self, code: str) -> int:
        """Place of a class."""
        return [each.code for each in self.structure.classes].index(code)


class TracedDeal(PlainDeal):
    """The plain run, keeping what each step saw and what each trigger read."""

    def __init__(self, papers: Papers, cash: Cash) -> None:
        super().__init__(papers.terms, cash)
        self.seen: list[list[Seen]] = []
        self.read: list[dict[str, tuple[float, bool]]] = []

    def _run_month(self, m: int) -> Row:
        self.seen.append([])
        self.read.append({})
        row = super()._run_month(m)
        self._skip_to(len(self.terms.steps))
        return row

    def _determine(self, trigger: Trigger) -> None:
        value = self._value(trigger)
        super()._determine(trigger)
        self.read[-1][trigger.name] = (value, self.tests[trigger.name].breached)

    def _take(self, step: Step) -> None:
        self._skip_to(self._number_of(step))
        due, available = self._due(step), self._standing(step)
        before = self._spent(step)
        super()._take(step)
        self.seen[-1].append(Seen(due, available, self._spent(step) - before, was_taken=True))

    def _number_of(self, step: Step) -> int:
        """The step's place: the next one that is this very step."""
        start = len(self.seen[-1])
        return next(k for k in range(start, len(self.terms.steps)) if self.terms.steps[k] is step)

    def _skip_to(self, number: int) -> None:
        while len(self.seen[-1]) < number:
            step = self.terms.steps[len(self.seen[-1])]
            self.seen[-1].append(Seen(self._due(step), self._standing(step), 0.0, was_taken=False))

    def _standing(self, step: Step) -> float:
        """What the step's account holds for it; of a call the pool, of a draw what is undrawn, of a receipt what is received."""
        if _is_receipt(step):
            return self.bills[step.target[0]].receipt + 0.0  # nothing is not minus nothing
        if step.kind == Kind.DRAW:
            return self._undrawn(step)
        return self._given_for_call() if step.kind == Kind.CALL else self.held[step.source]

    def _given_for_call(self) -> float:
        return 0.0 if self.is_called or self.cash.collateral is None else float(self.cash.collateral[self.month])

    def _due(self, step: Step) -> float:
        """What the step would pay from an endless account."""
        if step.kind == Kind.DRAW:
            return max(self._lacking(step), 0.0)
        if step.kind in CLASS_KINDS:
            due = sum(self.notes[name].due(step.kind) for name in step.target)
            return max(min(due, self._cure(step)), 0.0) if step.cures else due
        if step.kind == Kind.COST:
            bill = self.bills[step.target[0]]
            return bill.receipt + 0.0 if _is_receipt(step) else bill.due - bill.paid
        if step.kind == Kind.TOP_UP:
            return max(self._target() - self.held[Account.RESERVE], 0.0)
        return self._standing(step)

    def _spent(self, step: Step) -> float:
        """What has gone out of the step's account by it, or come in by a call, a draw or a receipt."""
        comes_in = step.kind in {Kind.CALL, Kind.DRAW} or _is_receipt(step)
        return self.held[step.source] * (1.0 if comes_in else -1.0)


def _is_receipt(step: Step) -> bool:
    """True for a line that takes in what is paid net on a hedge, and pays nothing."""
    return step.kind == Kind.COST and step.share == 0.0


def run_notes(
    structure: NoteStructure, pool: Pool, behaviour: Behaviour, index_rates: Sequence[float] = ()
) -> NotesResult:
    """The deal run on the pool's behaviour, with its trace; refuses a pool in another currency."""
    problems = problems_between(structure, pool)
    if problems:
        raise InputProblems(problems)
    result = run_on_flows(structure, flows_with(structure, pool, behaviour), index_rates)
    until = first_unmade(structure, result.paid_for)
    return (
        result if until is None else run_on_flows(structure, flows_with(structure, pool, behaviour, until), index_rates)
    )


def run_on_flows(structure: NoteStructure, flows: PoolFlows, index_rates: Sequence[float] = ()) -> NotesResult:
    """The deal run on flows that are known."""
    papers = papers_of(structure, flows.table.shape[0])
    deal = TracedDeal(papers, cash_of(structure, flows, index_rates))
    return _result(papers, flows, deal, deal.run())


def _result(papers: Papers, flows: PoolFlows, deal: TracedDeal, rows: Sequence[Row]) -> NotesResult:
    structure = papers.structure
    closing, deferred = (_by_class(structure, rows, column) for column in ("balance", "deferred"))
    amounts = np.array([[each.balance_amount] for each in structure.classes])
    opening = np.hstack((amounts, closing[:, :-1]))
    rates = deal.paths.notes.rates.T[-len(structure.classes) :]
    owed = np.hstack((np.zeros_like(amounts), deferred[:, :-1]))
    places = tuple(dict.fromkeys(papers.places))
    loss = np.zeros_like(closing)
    loss[:, -1] = closing[:, -1] + deferred[:, -1]
    return NotesResult(
        structure, flows, dates_of(structure, len(rows)), opening, (opening + owed) * rates + owed,
        _by_class(structure, rows, "interest_paid"), deferred, _by_class(structure, rows, "principal_paid"), closing, loss,
        _by_class(structure, rows, "deficiency"), _by_class(structure, rows, "added"), _by_class(structure, rows, "drawn"), places, *_steps(papers, places, deal),
        *_tests(papers, deal), *(_column(rows, name) for name in _ACCOUNTS),
        *(_by_hedge(structure, rows, column) for column in ("paid", "unpaid")),
    )  # fmt: skip


_ACCOUNTS = (
    *("reserve_balance", "principal_balance", "equity_distribution", "call_proceeds"),
    *(f"{LIQUIDITY}.drawn", f"{LIQUIDITY}.balance"),
)


def _column(rows: Sequence[Row], name: str) -> Floats:
    return np.array([row.get(name, 0.0) for row in rows])


def _by_class(structure: NoteStructure, rows: Sequence[Row], column: str) -> Floats:
    return np.array([_column(rows, f"{each.code}.{column}") for each in structure.classes])


def _by_hedge(structure: NoteStructure, rows: Sequence[Row], column: str) -> Floats:
    """What is paid on each swap and at its termination, or owed still."""
    found = [
        _column(rows, f"{hedge_name(each.code)}.{column}") + _column(rows, f"{termination_name(each.code)}.{column}")
        for each in structure.hedges
    ]
    return np.array(found).reshape(-1, len(rows))


def _steps(papers: Papers, places: Sequence[str], deal: TracedDeal) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Due, available, paid and taken by line of the papers: the parts of a line added up, the first's account shown, of receipts all."""
    shape = len(places), len(deal.seen)
    due, available, paid, taken = np.zeros(shape), np.full(shape, nan), np.zeros(shape), np.zeros(shape, dtype=bool)
    for period, seen in enumerate(deal.seen):
        for place, each in zip(papers.places, seen, strict=True):
            k = places.index(place)
            if np.isnan(available[k, period]) or (each.was_taken and not taken[k, period]):
                due[k, period], available[k, period] = 0.0, each.available
            elif place == RECEIPTS:
                available[k, period] += each.available
            if each.was_taken or not taken[k, period]:
                due[k, period] += each.due
            paid[k, period] += each.paid
            taken[k, period] |= each.was_taken
    return due, available, paid, taken


def _tests(papers: Papers, deal: TracedDeal) -> tuple[Floats, NDArray[np.bool_]]:
    codes = [each.code for each in papers.structure.triggers]
    read = [[by_name[code] for by_name in deal.read] for code in codes]
    values = np.array([[value for value, _ in row] for row in read]).reshape(len(codes), len(deal.read))
    breached = np.array([[flag for _, flag in row] for row in read], dtype=bool).reshape(len(codes), len(deal.read))
    return values, breached


def explain(result: NotesResult, period: int) -> list[Payment]:
    """Every line of the papers on one payment date, counted from 1, in the order of payment."""
    if not 1 <= period <= len(result.periods):
        raise CalculationError(f"explain: expected a payment date from 1 to {len(result.periods)}, got {period}")
    return [_payment(result, k, period - 1) for k in range(len(result.steps))]


def _payment(result: NotesResult, k: int, m: int) -> Payment:
    place = result.steps[k]
    value, margin = _reading(result, condition_of(result.structure, place).partition(":")[2], m)
    return Payment(
        place, place_words(result.structure, place), float(result.step_due[k, m]), float(result.step_available[k, m]),
        float(result.step_paid[k, m]), condition_words(result.structure, place), value, margin, bool(result.step_taken[k, m]),
    )  # fmt: skip


def _reading(result: NotesResult, code: str, m: int) -> tuple[float | None, float | None]:
    """What a trigger read on a date, and how far that is on the good side of its limit; None where it read nothing."""
    for k, trigger in enumerate(result.structure.triggers):
        value = float(result.trigger_value[k, m])
        if trigger.code == code and not np.isnan(value):
            if trigger.kind in {TriggerKind.DATE, TriggerKind.ANY, TriggerKind.LEGAL_FINAL}:
                return value, None
            return value, (
                trigger.limit - value
            ) if trigger.kind == TriggerKind.CUMULATIVE_LOSS else value - trigger.limit
    return None, None
