"""The waterfall of a notes deal as a book of formulas: read as numbers a third reading of the papers, read as text a workbook.

One row of the grid `paid` is a payment date. The pool's flows are given by date (grid `pool`), the terms as figures that may be
changed; what the structure is made of (classes, lines, which trigger a line waits for) is fixed in the formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.basics.day_counts import DayCount
from engine.book.algebra import (
    NO_LIMIT,
    PERIOD,
    Column,
    Expr,
    both,
    cell,
    either,
    expr,
    internal_rate,
    largest,
    least,
    pick,
    total,
    total_product,
    when,
)
from engine.book.page import Page
from engine.book.rows import NOT_COMPUTED, Book, Grid, Lines, Row, Section
from engine.notes.collateral import MONTHS_A_YEAR, PoolFlows
from engine.notes.papers import (
    Papers,
    commitment_fees,
    commitment_name,
    day_count_of,
    draw_dates,
    first_after,
    hedge_name,
    hedge_terms_of,
    open_until,
    papers_of,
    termination_name,
    year_ratios,
)
from engine.notes.plans import plans_of
from engine.notes.purchases import purchases_of
from engine.notes.terms import (
    LIQUIDITY,
    CouponKind,
    Hedge,
    HedgeKind,
    LiquidityFacility,
    NoteClass,
    NoteStructure,
    Notional,
)
from engine.notes.words import place_words
from engine.waterfall.classes import INTEREST_COVER, INTEREST_KINDS, Account, Kind, Measure, Sharing, Step, Trigger
from engine.waterfall.kernel import DUST, SLACK

PAID, POOL = Column("paid"), Column("pool")
POOL_ROWS = (
    ("income", "Interest"), ("principal", "Principal"), ("scheduled", "of which scheduled"), ("loss", "Losses"),
    ("collateral", "Pool at the end"), ("index", "Index of floating classes"),
)  # fmt: skip
PARTS = (Kind.CURRENT_INTEREST, Kind.INTEREST_ON_DEFERRED, Kind.DEFERRED_INTEREST)
PART_WORDS = ("interest due", "interest on deferred", "deferred before")
YES, NO = expr(1.0), expr(0.0)


@dataclass(frozen=True, slots=True)
class Input:
    """A term that may be changed: its name in the book, what it is called, its unit and heading."""

    name: str
    label: str
    unit: str
    heading: str
    value: float


@dataclass(frozen=True, slots=True)
class NotesBook:
    """The book, what it is given, and its inputs in their order."""

    book: Book
    given: Mapping[str, Any]
    inputs: tuple[Input, ...]
    periods: int

    def page(self, **changes: float) -> Page:
        """The book's numbers under its terms, or with some of them changed."""
        return Page(self.book, {**self.given, **changes}, {"paid": self.periods, "pool": self.periods})


def notes_book(structure: NoteStructure, flows: PoolFlows) -> NotesBook:
    """The book of a structure on the pool's flows."""
    periods = flows.table.shape[0]
    papers = papers_of(structure, periods)
    inputs = tuple(_inputs(papers))
    rows = _Month(papers).rows()
    planned = tuple(
        (f"plan_{k}", f"{each.name}, planned") for k, each in enumerate(structure.classes) if each.is_planned
    )
    pool = (
        *(Row(name, label, NO, "rate" if name == "index" else "amount") for name, label in (*POOL_ROWS, *planned)),
        *(Row(_years_name(each), f"Part of a year, {each}", NO, "factor") for each in _day_counts(structure)),
        *((Row("bought", "Loans bought at the end", NO, "amount"),) if purchases_of(structure) else ()),
        *(
            Row(name, label, NO, "factor" if name.endswith("years") else "amount")
            for name, label in _hedge_columns(structure)
        ),
    )
    sheets = (
        Lines("Classes", "Classes", tuple(_summary(structure))),
        Grid("pool", "Pool", "What the pool pays, by payment date", 0, opens=True, rows=pool),
        Grid("paid", "Waterfall", "The priorities of payments, by payment date", 0, opens=True, rows=tuple(rows)),
        Lines("Checks", "Checks", (_checks(structure),)),
    )
    given = {each.name: each.value for each in inputs} | _pool_columns(structure, flows)
    return NotesBook(Book(sheets), given, inputs, periods)


def _day_counts(structure: NoteStructure) -> list[DayCount]:
    """Day counts in use, equal periods left out."""
    used = {each.day_count for each in structure.classes} | {each.day_count for each in structure.fees}
    used |= {structure.liquidity.day_count} if structure.liquidity.is_there else set()
    return [each for each in DayCount if each in used - {DayCount.EQUAL}]


def _years_name(day_count: DayCount) -> str:
    return f"years_{list(DayCount).index(day_count)}"


def _hedge_columns(structure: NoteStructure) -> Iterator[tuple[str, str]]:
    """What is given of each hedge by payment date: its part of a year while it runs, amounts of its own, its termination."""
    for k, each in enumerate(structure.hedges):
        yield f"hedge_{k}_years", f"Part of a year, {each.name}"
        yield f"hedge_{k}_amount", f"Exchanged once, {each.name}"
        if each.terminates:
            yield f"termination_{k}_amount", f"Owed at termination, {each.name}"


def _hedges_given(structure: NoteStructure, periods: int) -> Iterator[tuple[str, Any]]:
    for k, each in enumerate(structure.hedges):
        terms = hedge_terms_of(structure, each, periods)
        fixed = (
            replace(each, notional_kind=Notional.AMOUNT, notional_amount=0.0)
            if each.kind != HedgeKind.INFLATION
            else each
        )
        yield f"hedge_{k}_years", terms.is_open * year_ratios(structure, each.day_count, periods)
        yield f"hedge_{k}_amount", hedge_terms_of(structure, fixed, periods).amounts
        if each.terminates:
            yield f"termination_{k}_amount", terms.termination


def _pool_columns(structure: NoteStructure, flows: PoolFlows) -> dict[str, Any]:
    found = {
        "income": flows.of("interest"), "principal": flows.principal, "scheduled": flows.of("scheduled"), "loss": flows.of("loss"),
        "index": np.full(flows.table.shape[0], structure.index_rate),
    }  # fmt: skip
    codes = [each.code for each in structure.classes]
    found |= {f"plan_{codes.index(code)}": plan for code, plan in plans_of(structure, flows).items()}
    periods = flows.table.shape[0]
    found |= {_years_name(each): year_ratios(structure, each, periods) for each in _day_counts(structure)}
    found |= dict(_hedges_given(structure, periods))
    columns = {f"pool.{name}": np.concatenate(([np.nan], path)) for name, path in found.items()}
    if purchases_of(structure):
        columns["pool.bought"] = np.concatenate(([0.0], flows.bought))
    return columns | {"pool.collateral": flows.collateral}


# Terms that may be changed


def _inputs(papers: Papers) -> Iterator[Input]:
    structure = papers.structure
    for k, each in enumerate(structure.classes):
        yield from _class_inputs(k, each)
    for k, fee in enumerate(structure.fees):
        yield Input(f"fee_{k}_rate", "Of the pool a year", "rate", fee.name, fee.annual_rate)
        yield Input(f"fee_{k}_amount", "Amount a year", "amount", fee.name, fee.annual_amount)
    for k, hedge in enumerate(structure.hedges):
        yield from _hedge_inputs(k, hedge)
    if structure.liquidity.is_there:
        yield from _facility_inputs(structure.liquidity)
    reserve = structure.reserve
    yield Input("reserve_initial", "At closing", "amount", "Reserve", reserve.initial_amount)
    yield Input("reserve_ratio", "Share of the notes", "share", "Reserve", reserve.target_ratio)
    yield Input("reserve_floor", "No less than", "amount", "Reserve", reserve.floor_amount)
    for k, trigger in enumerate(papers.terms.triggers):
        if trigger.measure not in {Measure.ANY, Measure.MONTH, Measure.OVERDUE}:
            yield Input(f"trigger_{k}_level", "Limit", "factor", f"Trigger {trigger.name}", trigger.level)


def _class_inputs(k: int, each: NoteClass) -> Iterator[Input]:
    yield Input(f"class_{k}_balance", "Balance", "amount", each.name, each.balance_amount)
    if each.coupon_kind is CouponKind.FLOATING:
        yield Input(f"class_{k}_margin", "Margin", "bps", each.name, each.margin_bps)
    else:
        yield Input(f"class_{k}_coupon", "Coupon", "rate", each.name, each.coupon_rate)
    if each.commitment_amount:
        yield Input(f"class_{k}_committed", "Commitment", "amount", each.name, each.commitment_amount)
        yield Input(f"class_{k}_fee", "On what is undrawn a year", "rate", each.name, each.commitment_fee_rate)
    if each.ard_months is not None:
        yield Input(f"class_{k}_step_up", "Step-up after the ARD", "bps", each.name, each.step_up_bps)


def _hedge_inputs(k: int, each: Hedge) -> Iterator[Input]:
    if each.kind == HedgeKind.INFLATION:
        return
    if each.notional_kind == Notional.AMOUNT:
        yield Input(f"hedge_{k}_notional", "Notional", "amount", each.name, each.notional_amount)
    else:
        yield Input(f"hedge_{k}_notional", "Notional, share", "share", each.name, each.notional_ratio)
    if each.kind == HedgeKind.RATE:
        yield Input(f"hedge_{k}_fixed", "Fixed rate", "rate", each.name, each.fixed_rate)
    if each.kind == HedgeKind.BASIS:
        yield Input(f"hedge_{k}_basis", "Other index over the index", "bps", each.name, each.basis_bps)
    yield Input(f"hedge_{k}_margin", "Margin over the index", "bps", each.name, each.margin_bps)


def _facility_inputs(facility: LiquidityFacility) -> Iterator[Input]:
    heading = "Liquidity facility"
    yield Input("liquidity_committed", "Commitment", "amount", heading, facility.commitment_amount)
    yield Input("liquidity_ratio", "Share of the classes covered", "share", heading, facility.commitment_ratio)
    yield Input("liquidity_fee", "On what is undrawn a year", "rate", heading, facility.commitment_fee_rate)
    yield Input("liquidity_margin", "Margin on what is drawn", "bps", heading, facility.margin_bps)


# A month of the waterfall


@dataclass(slots=True)
class _Note:
    """What a class is owed and has been paid so far, as formulas."""

    code: str
    rank: int
    opening: Expr
    deferred: Expr
    rate: Expr
    owed: list[Expr]
    deficiency: Expr
    balance: Expr
    added: Expr = NO
    drawn: Expr = NO
    committed: Expr = NO
    plan: Expr = NO
    interest: list[Expr] = field(default_factory=list)
    repaid: list[Expr] = field(default_factory=list)


class _Month:
    """One payment date written down line by line: each payment a row, what an account holds after it the next."""

    def __init__(self, papers: Papers) -> None:
        self.papers, self.terms, self.structure = papers, papers.terms, papers.structure
        self.found: list[Row] = []
        self.notes: dict[str, _Note] = {}
        self.owed: dict[str, Expr] = {}
        self.receipts: dict[str, Expr] = {}
        self.breached: dict[str, Expr] = {}
        self.called = PAID.before("called")
        self.equity: list[Expr] = []
        self.limits = draw_dates(self.structure)
        self.proceeds = NO
        # No more than a trillionth of the first class decides nothing; typed as the deal was issued.
        self.dust = DUST * max(1.0, *(each.amount for each in self.terms.classes))

    def rows(self) -> list[Row]:
        """Every row, in the order in which a reader follows the money."""
        self._begin()
        for k, trigger in enumerate(self.terms.triggers):
            self._determine(k, trigger)
        for k, step in enumerate(self.terms.steps):
            self._take(k, step)
        self._close()
        return self.found

    def _row(
        self, name: str, label: str, formula: Expr, unit: str = "amount", opening: Expr | None = None, group: str = ""
    ) -> Expr:
        self.found.append(Row(name, label, formula, unit, opening=opening, group=group))
        return PAID(name)

    def _begin(self) -> None:
        self._row("number", "Payment", PERIOD, "count")
        alive = 1.0 - self.called
        income = self._row("income", "Income", POOL("income") * alive, group="Comes in")
        principal = self._row("collections", "Principal", POOL("principal") * alive)
        self.held = {
            Account.CASH: self._row("cash_start", "Income account", PAID.before("cash") + income),
            Account.PRINCIPAL: self._row("principal_start", "Principal account", PAID.before("principal") + principal),
            Account.RESERVE: PAID.before("reserve"),
        }
        if self.structure.liquidity.is_there:
            yearly = POOL("index") + cell("liquidity_margin") * 1e-4
            self._open_class(
                LIQUIDITY,
                LIQUIDITY,
                "Liquidity facility",
                largest(yearly, 0.0) * self._years(self.structure.liquidity.day_count),
                0,
            )
        for k, each in enumerate(self.structure.classes):
            self._open_class(f"class_{k}", each.code, each.name, self._rate_of(k, each), self.structure.ranks[k])
            if each.is_planned:
                self.notes[each.code].plan = POOL(f"plan_{k}")
        self._commit(alive)
        standing = [note.opening for note in self.notes.values()]
        self.target = self._row(
            "reserve_target", "Reserve's target",
            when(both(_sum(standing) > self.dust, PAID("number") < float(self.terms.months)),
                 largest(cell("reserve_ratio") * _sum(standing), cell("reserve_floor")), 0.0),
        )  # fmt: skip
        self._write_off(POOL("loss") * alive)
        structure = self.structure
        for k, fee in enumerate(structure.fees):
            yearly = cell(f"fee_{k}_rate") * self._pool_opening() + cell(f"fee_{k}_amount")
            due = yearly * self._years(fee.day_count) * alive + PAID.before(f"fee_{k}_unpaid")
            self.owed[fee.code] = self._row(f"fee_{k}_due", f"{fee.name}, due", due)
        for k, code in enumerate(commitment_fees(self.structure)):
            note, rate = (
                self.notes[code],
                cell(f"{self._key(code)}_fee") * self._years(day_count_of(self.structure, code)),
            )
            due = largest(note.committed - note.opening, 0.0) * rate + PAID.before(f"commitment_{k}_unpaid")
            self.owed[commitment_name(code)] = self._row(f"commitment_{k}_due", f"{code}, commitment fee due", due)
        for k, hedge in enumerate(structure.hedges):
            self._bill_hedge(k, hedge, alive)
        for bought in purchases_of(structure):
            is_date = both(PAID("number") > bought.date - 0.5, PAID("number") < bought.date + 0.5)
            price = when(is_date, bought.loan.balance_amount, 0.0) * alive
            self.owed[bought.name] = self._row(f"loans_{bought.draw}_due", f"Price of {bought.name}", price)
        self.billed = dict(self.owed)

    def _pool_opening(self) -> Expr:
        """What the pool opens the period with, what was just bought in it."""
        opening = POOL.before("collateral")
        return opening + POOL.before("bought") if purchases_of(self.structure) else opening

    def _bill_hedge(self, k: int, hedge: Hedge, alive: Expr) -> None:
        """What the issuer owes net on a swap, with what is unpaid of it, or is paid; and what it owes at its termination."""
        net = self._row(f"hedge_{k}_net", f"{hedge.name}, net", self._exchanged(k, hedge) * alive)
        name, unpaid = hedge_name(hedge.code), PAID.before(f"hedge_{k}_unpaid")
        self.receipts[name] = self._row(f"hedge_{k}_receipt", f"{hedge.name}, received", largest(-net, 0.0))
        self.owed[name] = self._row(f"hedge_{k}_due", f"{hedge.name}, due", largest(net, 0.0) + unpaid)
        if hedge.terminates:
            due = POOL(f"termination_{k}_amount") * alive + PAID.before(f"termination_{k}_unpaid")
            self.owed[termination_name(hedge.code)] = self._row(
                f"termination_{k}_due", f"{hedge.name}, termination due", due
            )

    def _exchanged(self, k: int, hedge: Hedge) -> Expr:
        once = POOL(f"hedge_{k}_amount")
        if hedge.kind == HedgeKind.INFLATION:
            return once
        years, base = POOL(f"hedge_{k}_years"), cell(f"hedge_{k}_notional")
        if hedge.notional_kind == Notional.CLASS:
            base = base * self.notes[hedge.notional_class].opening
        elif hedge.notional_kind == Notional.POOL:
            base = base * self._pool_opening()
        received = POOL("index") + cell(f"hedge_{k}_margin") * 1e-4
        named = NO
        if hedge.kind == HedgeKind.RATE:
            named = cell(f"hedge_{k}_fixed")
        elif hedge.kind == HedgeKind.BASIS:
            named = POOL("index") + cell(f"hedge_{k}_basis") * 1e-4
        net = (named - received) * years * base
        if hedge.kind == HedgeKind.RETURN:
            returned = cell(f"hedge_{k}_notional") * (POOL("income") - POOL("loss"))
            net = net + when(years > 0.0, returned, 0.0)
        return net * hedge.sign + once

    def _years(self, day_count: DayCount) -> Expr:
        """The part of a year that the period is."""
        if day_count == DayCount.EQUAL:
            return expr(self.structure.payment_frequency_months / MONTHS_A_YEAR)
        return POOL(_years_name(day_count))

    def _key(self, code: str) -> str:
        """What a class or the facility is called in the book."""
        return code if code == LIQUIDITY else f"class_{[*self.structure.balances].index(code)}"

    def _commit(self, alive: Expr) -> None:
        """What can be drawn: nothing after a call, nor once the classes that the facility covers are repaid."""
        facility, periods = self.structure.liquidity, self.terms.months
        for code, until in (
            (LIQUIDITY, facility.ends_months), *((each.code, each.available_months) for each in self.structure.classes if each.commitment_amount),
        ):  # fmt: skip
            if code not in self.notes:
                continue
            amount = cell(f"{self._key(code)}_committed")
            is_open = PAID("number") <= float(open_until(until, self.structure, periods).sum())
            if code == LIQUIDITY:
                covered = _sum([self.notes[each].opening for each in facility.targets if each in self.notes])
                amount, is_open = amount + cell("liquidity_ratio") * covered, both(is_open, covered > self.dust)
            committed = when(is_open, amount * alive, 0.0)
            self.notes[code].committed = self._row(f"{self._key(code)}_open", f"{code}, committed", committed)

    def _open_class(self, code: str, name: str, words: str, rate_of: Expr, rank: int) -> None:
        opening = self._row(f"{code}_opening", "opening", PAID.before(f"{code}_closing"), group=words)
        rate = self._row(f"{code}_rate", "rate of the period", rate_of, "rate")
        deferred = PAID.before(f"{code}_deferred")
        amounts = (opening * rate, deferred * rate, deferred)
        owed = [
            self._row(f"{code}_owed_{part}", words, amount) for part, (words, amount) in enumerate(zip(PART_WORDS, amounts, strict=True))
        ]  # fmt: skip
        self.notes[name] = _Note(name, rank, opening, deferred, rate, owed, NO, opening)

    def _rate_of(self, k: int, each: NoteClass) -> Expr:
        floats = each.coupon_kind is CouponKind.FLOATING
        yearly = POOL("index") + cell(f"class_{k}_margin") * 1e-4 if floats else cell(f"class_{k}_coupon")
        if each.ard_months is not None:
            since = PAID("number") >= float(first_after(each.ard_months, self.structure))
            yearly = yearly + when(since, cell(f"class_{k}_step_up") * 1e-4, 0.0)
        return largest(yearly, 0.0) * self._years(each.day_count)

    def _write_off(self, loss: Expr) -> None:
        """Losses against the last class first."""
        left = loss
        for k in reversed(range(len(self.structure.classes))):
            note, before = self.notes[self.structure.classes[k].code], PAID.before(f"class_{k}_deficiency")
            taken = self._row(f"class_{k}_written", f"{note.code}, written against", least(left, note.opening - before))
            note.deficiency, left = before + taken, left - taken

    # Triggers

    def _determine(self, k: int, trigger: Trigger) -> None:
        fails = self._fails(k, trigger)
        before = PAID.before(f"trigger_{k}")
        stays = when(either(fails, before > 0.5), 1.0, 0.0) if trigger.cure_months == 0 else when(fails, 1.0, 0.0)
        breached = self._row(
            f"trigger_{k}", f"{trigger.name}, breached", stays, "count", NO, group="Triggers" if k == 0 else ""
        )
        self.breached[trigger.name] = breached

    def _fails(self, k: int, trigger: Trigger) -> Expr:
        if trigger.measure == Measure.ANY:
            return _sum([self.breached[name] for name in trigger.of]) > 0.5
        if trigger.measure == Measure.MONTH:
            return PAID("number") >= trigger.level
        if trigger.measure in {Measure.STANDING, Measure.OVERDUE}:
            return self._stands(trigger)
        level = cell(f"trigger_{k}_level")
        if trigger.measure == Measure.CUMULATIVE_LOSS:
            lost = self._row(
                f"trigger_{k}_lost",
                f"{trigger.name}, lost so far",
                PAID.before(f"trigger_{k}_lost") + POOL("loss"),
                opening=NO,
            )
            return lost / pick(POOL.span("collateral"), YES) > level * (1.0 + SLACK)
        if trigger.measure == Measure.POOL_FACTOR:
            return POOL("collateral") / pick(POOL.span("collateral"), YES) < level * (1.0 - SLACK)
        over, under = self._coverage(trigger)
        shown = self._row(f"trigger_{k}_value", f"{trigger.name}, covers", over)
        needed = self._row(f"trigger_{k}_base", f"{trigger.name}, what is to be covered", under)
        return both(needed > self.dust, shown < level * (1.0 - SLACK) * needed)

    def _stands(self, trigger: Trigger) -> Expr:
        """Its class, or one senior to it, opens with a balance; its class alone, after its legal final."""
        if trigger.measure == Measure.STANDING:
            return _sum([note.opening for note in self._covered(trigger)]) > self.dust
        code = trigger.classes[-1]
        final = next(each.final_month for each in self.terms.classes if each.name == code)
        return both(PAID("number") > float(final or 0), self.notes[code].opening > self.dust)

    def _covered(self, trigger: Trigger) -> list[_Note]:
        rank = self.notes[trigger.classes[-1]].rank
        return [note for note in self.notes.values() if note.rank <= rank]

    def _coverage(self, trigger: Trigger) -> tuple[Expr, Expr]:
        covered = self._covered(trigger)
        if trigger.measure == Measure.OC:
            collateral = POOL("collateral") * (1.0 - self.called)
            return collateral + self.held[Account.PRINCIPAL], _sum([note.balance + note.owed[2] for note in covered])
        interest = _sum([(note.balance - note.added - note.drawn + note.deferred) * note.rate for note in covered])
        ahead = self._fees_ahead()
        received = _sum([self.receipts[name] for name in ahead if name in self.receipts])
        left = PAID("income") + received - _sum([self.billed[name] for name in ahead])
        if trigger.measure == Measure.IC_OWED:
            interest = interest + _sum([note.deferred for note in covered])
        if trigger.measure in INTEREST_COVER:
            return left, interest
        scheduled = POOL("scheduled") * (1.0 - PAID.before("called"))
        return left + scheduled, when(interest > 0.0, interest + scheduled, 0.0)

    def _fees_ahead(self) -> list[str]:
        first = next(k for k, step in enumerate(self.terms.steps) if step.kind in INTEREST_KINDS)
        return list(
            dict.fromkeys(n for step in self.terms.steps[:first] if step.kind == Kind.COST for n in step.target)
        )

    # Steps

    def _take(self, k: int, step: Step) -> None:
        words = place_words(self.structure, self.papers.places[k])
        if step.kind == Kind.CALL:
            self._call(step, words)
            return
        if step.kind == Kind.DRAW:
            self._draw(k, step, words)
            return
        if step.kind == Kind.COST and step.share == 0.0:
            received = self.receipts[step.target[0]]
            self._receive(k, step.source, self._row(f"step_{k}_received", "received", received * 1.0, group=words))
            return
        most = self._row(f"step_{k}_available", "available", self._available(step), group=words)
        if step.kind == Kind.COST:
            name = step.target[0]
            paid = self._pay(k, name, least(self.owed[name], most))
            self.owed[name] = self.owed[name] - paid
            self._spend(k, step.source, paid)
        elif step.kind in {Kind.TOP_UP, Kind.TRANSFER, Kind.EQUITY}:
            self._move(k, step, most)
        elif step.kind == Kind.ACCRETE:
            self._accrete(k, step, most)
        else:
            self._pay_classes(k, step, most)

    def _pay(self, k: int, whom: str, amount: Expr) -> Expr:
        return self._row(f"step_{k}_paid_{len(self.found)}", f"to {whom}", amount)

    def _spend(self, k: int, account: Account, amount: Expr) -> None:
        self.held[account] = self._row(f"step_{k}_left_{account}", f"{account} left", self.held[account] - amount)

    def _receive(self, k: int, account: Account, amount: Expr) -> None:
        self.held[account] = self._row(f"step_{k}_then_{account}", f"{account} then", self.held[account] + amount)

    def _is_taken(self, step: Step) -> Expr | None:
        met = [self.breached[step.when] > 0.5] if step.when else []
        met += [self.breached[step.unless] < 0.5] if step.unless else []
        return None if not met else met[0] if len(met) == 1 else both(met[0], met[1])

    def _available(self, step: Step) -> Expr:
        most = self.held[step.source]
        if step.share != 1.0:
            most = most * step.share
        if step.limit:
            most = least(most, float(step.limit.replace(",", "")))
        if step.cures:
            most = least(most, self._cure(step))
        taken, open_ = self._is_taken(step), largest(most, 0.0)
        return open_ if taken is None else when(taken, open_, 0.0)

    def _cure(self, step: Step) -> Expr:
        k = next(k for k, each in enumerate(self.terms.triggers) if each.name == step.cures)
        trigger, level = self.terms.triggers[k], cell(f"trigger_{k}_level")
        over, under = self._coverage(trigger)
        if trigger.measure in INTEREST_COVER:
            rate = self._rate_repaid(step)
            return when(rate > 0.0, (under - over / level) / rate, 0.0)
        if step.source == Account.PRINCIPAL:
            return when(level > 1.0, (level * under - over) / (level - 1.0), NO_LIMIT)
        return under - over / level

    def _rate_repaid(self, step: Step) -> Expr:
        notes = [self.notes[name] for name in step.target]
        standing = [when(note.balance > self.dust, note.balance, 0.0) for note in notes]
        weighted = [part * note.rate for part, note in zip(standing, notes, strict=True)]
        return when(_sum(standing) > 0.0, _sum(weighted) / _sum(standing), 0.0)

    def _pay_classes(self, k: int, step: Step, most: Expr) -> None:
        notes = [self.notes[name] for name in step.target]
        dues = [self._due(note, step.kind) for note in notes]
        paid = []
        for at, (note, due) in enumerate(zip(notes, dues, strict=True)):
            if len(notes) > 1 and step.sharing == Sharing.PRO_RATA:
                whole = _sum(dues)
                amount = when(whole > 0.0, due * least(1.0, most / whole), 0.0)
            else:
                amount = least(due, largest(most - _sum(dues[:at]), 0.0) if at else most)
            paid.append(self._pay(k, note.code, amount))
        for note, amount in zip(notes, paid, strict=True):
            _receive(note, step.kind, amount)
        self._spend(k, step.source, _sum(paid))
        if step.kind == Kind.DEFICIENCY:
            self._receive(k, Account.PRINCIPAL, _sum(paid))

    def _due(self, note: _Note, kind: Kind) -> Expr:
        if kind == Kind.PLANNED:
            return largest(note.balance - note.plan * (1.0 - self.called), 0.0)
        return _due(note, kind)

    def _accrete(self, k: int, step: Step, most: Expr) -> None:
        """Interest of one class added to its balance; the money there is for it goes to principal."""
        note, taken = self.notes[step.target[0]], self._is_taken(step)
        due = _due(note, Kind.CURRENT_INTEREST)
        added = self._row(f"step_{k}_added", f"added to {note.code}", due if taken is None else when(taken, due, 0.0))
        moved = self._pay(k, "principal", least(added, most))
        note.balance, note.added, note.owed[0] = note.balance + added, note.added + added, note.owed[0] - added
        self._spend(k, step.source, moved)
        self._receive(k, Account.PRINCIPAL, moved)

    def _draw(self, k: int, step: Step, words: str) -> None:
        """A class drawn for what is lacking, within what it has committed."""
        note, taken = self.notes[step.draws], self._is_taken(step)
        lacking: Expr = expr(NO_LIMIT)
        if step.target or step.beside:
            needs = [_due(self.notes[name], Kind.INTEREST) for name in step.target]
            needs += [self.owed[step.beside]] if step.beside else []
            lacking = _sum(needs) - self.held[step.source]
        elif step.source == Account.RESERVE:
            lacking = self.target * (1.0 - self.called) - self.held[Account.RESERVE]
        if step.limit:
            date, most = self.limits[step.limit]
            lacking = when(both(PAID("number") > date - 0.5, PAID("number") < date + 0.5), least(lacking, most), 0.0)
        drawn = largest(least(lacking, note.committed * (1.0 - self.called) - note.balance), 0.0)
        drawn = self._row(
            f"step_{k}_drawn", f"drawn on {note.code}", drawn if taken is None else when(taken, drawn, 0.0), group=words
        )
        note.balance, note.drawn = note.balance + drawn, note.drawn + drawn
        self._receive(k, step.source, drawn)

    def _move(self, k: int, step: Step, most: Expr) -> None:
        if step.kind == Kind.TOP_UP:
            target = self.target * (1.0 - self.called)
            paid = self._pay(k, "the reserve", least(most, largest(target - self.held[Account.RESERVE], 0.0)))
            self._receive(k, Account.RESERVE, paid)
        elif step.kind == Kind.TRANSFER:
            paid = self._pay(k, f"the {step.target[0]} account", most)
            self._receive(k, Account(step.target[0]), paid)
        else:
            paid = self._pay(k, "equity", most)
            self.equity.append(paid)
        self._spend(k, step.source, paid)

    def _call(self, step: Step, words: str) -> None:
        taken = self._is_taken(step)
        assert taken is not None
        price = when(both(taken, PAID.before("called") < 0.5), POOL("collateral"), 0.0)
        self.proceeds = self._row("call_proceeds", "proceeds of the call", price, group=words)
        self.called = self._row(
            "called", "called", when(either(taken, PAID.before("called") > 0.5), 1.0, 0.0), "count", NO
        )
        self._receive(0, step.source, self.proceeds)

    def _close(self) -> None:
        if all(row.name != "called" for row in self.found):
            self._row("called", "called", PAID.before("called") * 1.0, "count", NO)
        self._row("cash", "Income account", self.held[Account.CASH] * 1.0, opening=NO, group="At the end")
        self._row("principal", "Principal account", self.held[Account.PRINCIPAL] * 1.0, opening=NO)
        self._row("reserve", "Reserve", self.held[Account.RESERVE] * 1.0, opening=cell("reserve_initial"))
        self._row("equity", "Paid to equity", _sum(self.equity))
        self._row("called_for", "From the clean-up call", self.proceeds * 1.0)
        for k, fee in enumerate(self.structure.fees):
            self._row(f"fee_{k}_unpaid", f"{fee.name}, unpaid", self.owed[fee.code] * 1.0, opening=NO)
            self._row(f"fee_{k}_paid", f"{fee.name}, paid", self.billed[fee.code] - PAID(f"fee_{k}_unpaid"))
        for k, code in enumerate(commitment_fees(self.structure)):
            left = self.owed[commitment_name(code)]
            self._row(f"commitment_{k}_unpaid", f"{code}, commitment fee unpaid", left * 1.0, opening=NO)
            paid = self.billed[commitment_name(code)] - PAID(f"commitment_{k}_unpaid")
            self._row(f"commitment_{k}_paid", f"{code}, commitment fee paid", paid)
        for k, hedge in enumerate(self.structure.hedges):
            self._close_hedge(k, hedge)
        for bought in purchases_of(self.structure):
            paid = self.billed[bought.name] - self.owed[bought.name]
            self._row(f"loans_{bought.draw}_paid", f"Paid for {bought.name}", paid)
        if LIQUIDITY in self.notes:
            self._close_class(LIQUIDITY, self.notes[LIQUIDITY], "Liquidity facility", NO)
        for k, each in enumerate(self.structure.classes):
            self._close_class(f"class_{k}", self.notes[each.code], each.name, cell(f"class_{k}_balance"))

    def _close_hedge(self, k: int, hedge: Hedge) -> None:
        swaps = {f"hedge_{k}": (hedge_name(hedge.code), hedge.name)}
        if hedge.terminates:
            swaps[f"termination_{k}"] = (termination_name(hedge.code), f"{hedge.name}, termination")
        for key, (name, words) in swaps.items():
            self._row(f"{key}_unpaid", f"{words}, unpaid", self.owed[name] * 1.0, opening=NO)
            self._row(f"{key}_paid", f"{words}, paid", self.billed[name] - PAID(f"{key}_unpaid"))

    def _close_class(self, code: str, note: _Note, name: str, balance: Expr) -> None:
        closing = self._row(f"{code}_closing", "closing", note.balance * 1.0, opening=balance, group=name)
        self._row(f"{code}_interest", "interest paid", _sum(note.interest))
        self._row(f"{code}_principal", "principal paid", _sum(note.repaid))
        self._row(f"{code}_added", "interest added", note.added * 1.0)
        self._row(f"{code}_drawn", "drawn", note.drawn * 1.0)
        self._row(f"{code}_deferred", "unpaid interest", _sum(note.owed), opening=NO)
        self._row(f"{code}_deficiency", "deficiency", least(note.deficiency, largest(closing, 0.0)), opening=NO)
        flow = PAID(f"{code}_interest") + PAID(f"{code}_principal") - PAID(f"{code}_drawn")
        self._row(f"{code}_flow", "flow of a buyer at par", flow, opening=-balance)


def _due(note: _Note, kind: Kind) -> Expr:
    if kind in PARTS:
        return largest(note.owed[PARTS.index(kind)], 0.0)
    return {Kind.INTEREST: _sum(note.owed), Kind.SWEEP: largest(note.balance, 0.0), Kind.DEFICIENCY: note.deficiency}[
        kind
    ]


def _receive(note: _Note, kind: Kind, amount: Expr) -> None:
    if kind in {Kind.SWEEP, Kind.PLANNED}:
        note.repaid.append(amount)
        note.balance = note.balance - amount
    elif kind == Kind.DEFICIENCY:
        note.deficiency = note.deficiency - amount
    else:
        note.interest.append(amount)
        left = amount
        for part in [PARTS.index(kind)] if kind in PARTS else range(len(PARTS)):
            taken = least(left, note.owed[part])
            left, note.owed[part] = left - taken, note.owed[part] - taken


def _sum(parts: Sequence[Expr]) -> Expr:
    found = parts[0] if parts else NO
    for part in parts[1:]:
        found = found + part
    return found


# What it comes to


def _summary(structure: NoteStructure) -> Iterator[Section]:
    yearly = MONTHS_A_YEAR / structure.payment_frequency_months
    for k, each in enumerate(structure.classes):
        code = f"class_{k}"
        interest, principal, drawn = (PAID.span(f"{code}_{what}", 1) for what in ("interest", "principal", "drawn"))
        repaid, number = cell(f"{code}_total_principal") - total(drawn), PAID.span("number", 1)
        yield Section(
            each.name,
            (
                Row(f"{code}_total_interest", "Interest paid", total(interest)),
                Row(f"{code}_total_principal", "Principal paid", total(principal)),
                Row(f"{code}_loss", "Unpaid at the end", PAID.last(f"{code}_closing") + PAID.last(f"{code}_deferred")),
                Row(f"{code}_life", "Average life", when(repaid > 0.0, (total_product(number, principal) - total_product(number, drawn)) / largest(repaid, 1e-9) / yearly, 0.0), "years"),
                Row(f"{code}_yield", "Yield at par", internal_rate(PAID.span(f"{code}_flow")) * yearly, "rate", without=NOT_COMPUTED),
            ),
        )  # fmt: skip


def _checks(structure: NoteStructure) -> Section:
    came = [total(PAID.span("income", 1)), total(PAID.span("collections", 1)), total(PAID.span("called_for", 1))]
    keys = [LIQUIDITY] if structure.liquidity.is_there else []
    keys += [f"class_{k}" for k, each in enumerate(structure.classes) if each.commitment_amount]
    came += [total(PAID.span(f"{key}_drawn", 1)) for key in keys]
    swaps = [(f"hedge_{k}", f"termination_{k}" if each.terminates else "") for k, each in enumerate(structure.hedges)]
    came += [total(PAID.span(f"{hedge}_receipt", 1)) for hedge, _ in swaps]
    classes, fees = range(len(structure.classes)), range(len(structure.fees))
    went = [cell(f"class_{k}_total_{what}") for k in classes for what in ("interest", "principal")]
    went += [total(PAID.span(f"commitment_{k}_paid", 1)) for k in range(len(commitment_fees(structure)))]
    went += [total(PAID.span(f"{key}_paid", 1)) for pair in swaps for key in pair if key]
    went += [total(PAID.span(f"loans_{bought.draw}_paid", 1)) for bought in purchases_of(structure)]
    if structure.liquidity.is_there:
        went += [total(PAID.span(f"{LIQUIDITY}_{what}", 1)) for what in ("interest", "principal")]
    went += [total(PAID.span(f"fee_{k}_paid", 1)) for k in fees] + [total(PAID.span("equity", 1))]
    went += [PAID.last(account) for account in ("cash", "principal", "reserve")]
    return Section(
        "All money that comes in goes out",
        (
            Row("came_in", "Came in, with the reserve at closing", _sum(came) + cell("reserve_initial")),
            Row("went_out", "Went out, and stands on accounts", _sum(went)),
            Row("check_cash", "Difference", cell("came_in") - cell("went_out")),
        ),
    )
