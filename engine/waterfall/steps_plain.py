"""The twin of the steps kernel: each step read from the papers by its name, account by account, month by month.

Source: model book section 9. Written to be read; `engine.waterfall.steps` does the same work compiled. Schedules, rates
and cover ratios are those of `engine.waterfall.resolve`; who is paid what is worked out here again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, nan

from engine.waterfall.classes import (
    CLASS_COLUMNS,
    INTEREST_COVER,
    INTEREST_KINDS,
    Account,
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
from engine.waterfall.kernel import SLACK
from engine.waterfall.resolve import (
    COUNTED,
    NOTE_UNREFINANCED,
    NOW_COLLATERAL,
    NOW_TARGET,
    NOW_TRAP_SHARE,
    Resolved,
    resolve,
)
from engine.waterfall.terms import BALLOON, DEFERRED, DRAW, HEDGE_UNPAID, LOCK_UP, SHORTFALL

Row = dict[str, float]
PARTS = {Kind.CURRENT_INTEREST: 0, Kind.INTEREST_ON_DEFERRED: 1, Kind.DEFERRED_INTEREST: 2}


@dataclass(slots=True)
class Note:
    """One class within a month: what it was owed at the opening, and what it has been paid since."""

    terms: NoteClass
    opening: float
    deferred: float
    rate: float = 0.0
    principal_due: float = 0.0
    interest_owed: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    scheduled: float = 0.0
    swept: float = 0.0
    deficiency: float = 0.0
    interest_paid: float = 0.0
    ahead: float = 0.0
    accreted: float = 0.0
    plan: float = 0.0
    drawn: float = 0.0
    committed: float = 0.0

    @property
    def balance(self) -> float:
        return self.opening + self.accreted + self.drawn - self.scheduled - self.swept

    @property
    def interest(self) -> float:
        """What the month owes on what was not repaid before; what is added to the balance bears none yet."""
        return (self.balance - self.accreted - self.drawn + self.deferred) * self.rate

    def begin(self, rate: float, floor: float, plan: float) -> None:
        self.plan, self.accreted, self.drawn = plan, 0.0, 0.0
        self.rate, self.principal_due = rate, max(self.opening - max(floor - self.ahead, 0.0), 0.0)
        self.interest_owed = [self.opening * rate, self.deferred * rate, self.deferred]
        self.scheduled = self.swept = self.interest_paid = 0.0

    def due(self, kind: Kind) -> float:
        if kind in PARTS:
            return max(self.interest_owed[PARTS[kind]], 0.0)
        still_scheduled = max(self.principal_due - self.scheduled - self.swept, 0.0)
        return {
            Kind.INTEREST: sum(self.interest_owed),
            Kind.PRINCIPAL: still_scheduled,
            Kind.SWEEP: max(self.balance, 0.0),
            Kind.DEFICIENCY: self.deficiency,
            Kind.PLANNED: max(self.balance - self.plan, 0.0),
            Kind.ACCRETE: max(self.interest_owed[0], 0.0),
        }[kind]

    def receive(self, kind: Kind, amount: float) -> None:
        if kind == Kind.PRINCIPAL:
            self.scheduled += amount
        elif kind in {Kind.SWEEP, Kind.PLANNED}:
            self.swept += amount
        elif kind == Kind.DEFICIENCY:
            self.deficiency -= amount
        else:
            self._receive_interest(kind, amount)

    def accrete(self) -> None:
        """The month's interest added to the balance."""
        due = self.due(Kind.ACCRETE)
        self.accreted += due
        self.interest_owed[0] -= due

    def _receive_interest(self, kind: Kind, amount: float) -> None:
        self.interest_paid += amount
        for part in [PARTS[kind]] if kind in PARTS else [0, 1, 2]:
            taken = min(amount, self.interest_owed[part])
            self.interest_owed[part] -= taken
            amount -= taken


@dataclass(slots=True)
class Bill:
    """One cost within a month."""

    receipt: float = 0.0
    due: float = 0.0
    paid: float = 0.0
    received: float = 0.0
    arrears: float = 0.0


@dataclass(slots=True)
class Test:
    """A trigger: whether it is breached, and how often in a row it has passed."""

    breached: bool = False
    passes: int = 0


class PlainDeal:
    """A deal being run: its accounts, classes, costs and tests by name."""

    def __init__(self, terms: DealTerms, cash: Cash) -> None:
        self.terms, self.cash = terms, cash
        self.paths: Resolved = resolve(terms, cash)
        self.held = dict.fromkeys(Account, 0.0)
        self.held[Account.RESERVE] = terms.reserve.initial_amount
        self.notes = {each.name: Note(each, each.amount, each.deferred_amount) for each in terms.classes}
        self.bills = {cost.name: Bill() for cost in terms.costs}
        self.tests = {trigger.name: Test() for trigger in terms.triggers}
        self.is_called = False
        self.least_target = 0.0
        self.month = 0
        self.row: Row = {}

    def run(self) -> list[Row]:
        """Every month's flows, balances and flags by column name."""
        return [self._run_month(m) for m in range(1, self.terms.months + 1)]

    def _run_month(self, m: int) -> Row:
        self.month, self.row = m, {}
        self._collect()
        for trigger in self.terms.triggers:
            self._determine(trigger)
        for step in self.terms.steps:
            if (not step.when or self.tests[step.when].breached) and not (
                step.unless and self.tests[step.unless].breached
            ):
                self._take(step)
        return self._close()

    def _add(self, column: str, amount: float) -> None:
        self.row[column] = self.row.get(column, 0.0) + amount

    def _of_month(self, path: Floats | None) -> float:
        return 0.0 if path is None or self.is_called else float(path[self.month - 1])

    def _given(self, column: int) -> float:
        return 0.0 if self.is_called else float(self.paths.pool[self.month - 1, column])

    def _collect(self) -> None:
        self._add("income", self._of_month(self.cash.income))
        self._add("collections", self._of_month(self.cash.principal))
        self.held[Account.CASH] += self.row["income"]
        self.held[Account.PRINCIPAL] += self.row["collections"]
        for c, note in enumerate(self.notes.values()):
            floor = 0.0 if self.is_called else float(self.paths.notes.floors[self.month, c])
            plan = 0.0 if self.is_called else float(self.paths.notes.plans[self.month - 1, c])
            note.begin(float(self.paths.notes.rates[self.month - 1, c]), floor, plan)
        self._commit()
        self._aim()
        self._write_off(self._of_month(self.cash.losses))
        for cost in self.terms.costs:
            self._bill(cost, self.bills[cost.name])

    def _aim(self) -> None:
        """The reserve's target: its own, no less than its share of what stands and its floor while anything does."""
        standing, reserve = sum(note.opening for note in self.notes.values()), self.terms.reserve
        self.least_target = 0.0
        if standing > self.paths.dust and self.month < self.terms.months:
            self.least_target = max(reserve.class_ratio * standing, reserve.floor_amount)

    def _commit(self) -> None:
        """What each class has committed: nothing after a call, nor once the classes it covers are repaid."""
        for name, note in self.notes.items():
            covered = sum(self.notes[each].opening for each in note.terms.covers)
            ratio = self._of_month(self.cash.committed_ratios.get(name))
            is_open = covered > self.paths.dust or not note.terms.covers
            note.committed = (self._of_month(self.cash.committed.get(name)) + ratio * covered) * is_open

    def _write_off(self, loss: float) -> None:
        """A loss stands against the most junior balance that is not yet written against."""
        for note in reversed(self.notes.values()):
            taken = min(loss, note.opening - note.deficiency)
            note.deficiency += taken
            loss -= taken

    def _bill(self, cost: Cost, bill: Bill) -> None:
        amount = self._of_month(self.cash.costs.get(cost.name))
        rate = float(self.paths.costs.rates[self.month - 1, self.terms.costs.index(cost)])
        if cost.on_class:
            amount += self.notes[cost.on_class].opening * rate
        if cost.on_undrawn:
            drawn = self.notes[cost.on_undrawn]
            amount += max(drawn.committed - drawn.opening, 0.0) * rate
        bill.receipt, bill.due, bill.paid, bill.received = max(-amount, 0.0), max(amount, 0.0) + bill.arrears, 0.0, 0.0

    def _determine(self, trigger: Trigger) -> None:
        test, value = self.tests[trigger.name], self._value(trigger)
        above = trigger.is_breached_above or trigger.measure == Measure.CUMULATIVE_LOSS
        slack = SLACK * abs(trigger.level)
        if trigger.measure == Measure.MONTH:
            fails = self.month >= trigger.level
        elif trigger.measure in COUNTED:
            fails = value > 0.0
        else:
            fails = value > trigger.level + slack if above else value < trigger.level - slack
        test.passes = 0 if fails else test.passes + 1
        if fails:
            test.breached = True
        elif trigger.cure_months and test.passes >= trigger.cure_months:
            test.breached = False

    def _value(self, trigger: Trigger) -> float:
        if trigger.measure == Measure.ANY:
            return float(any(self.tests[name].breached for name in trigger.of))
        if trigger.measure == Measure.STANDING:
            return float(sum(note.opening for note in self._covered(trigger)) > self.paths.dust)
        if trigger.measure == Measure.OVERDUE:
            note = self.notes[trigger.classes[-1]]
            final = note.terms.final_month
            return float(final is not None and self.month > final and note.opening > self.paths.dust)
        if trigger.measure in {Measure.OC, *INTEREST_COVER, Measure.SERVICE}:
            numerator, denominator = self._coverage(trigger)
            return numerator / denominator if denominator > self.paths.dust else nan
        return float(self.paths.tests.ratios[self.month - 1, self.terms.triggers.index(trigger)])

    def _covered(self, trigger: Trigger) -> list[Note]:
        rank = self.notes[trigger.classes[-1]].terms.rank
        return [note for note in self.notes.values() if note.terms.rank <= rank]

    def _coverage(self, trigger: Trigger) -> tuple[float, float]:
        covered = self._covered(trigger)
        if trigger.measure == Measure.OC:
            collateral = self._given(NOW_COLLATERAL)
            over = sum(note.balance + note.interest_owed[2] for note in covered)
            return collateral + self.held[Account.PRINCIPAL], over
        interest = sum(note.interest for note in covered)
        if trigger.measure == Measure.IC_OWED:
            interest += sum(note.deferred for note in covered)
        ahead = [self.bills[name] for name in self._costs_ahead()]
        fees = sum(bill.due - bill.receipt - bill.received for bill in ahead)
        if trigger.measure == Measure.SERVICE:
            scheduled = self._of_month(self.cash.scheduled)
            return self.row["income"] - fees + scheduled, interest + scheduled if interest > 0.0 else 0.0
        return self.row["income"] - fees, interest

    def _costs_ahead(self) -> set[str]:
        kinds = [step.kind in INTEREST_KINDS for step in self.terms.steps]
        first = kinds.index(True)
        ahead = {name for step in self.terms.steps[:first] if step.kind == Kind.COST for name in step.target}
        return ahead | {self.terms.steps[first].beside} - {""}

    def _take(self, step: Step) -> None:
        if step.kind == Kind.COST:
            self._pay_cost(step)
        elif step.kind in {Kind.RECEIVE, Kind.RELEASE, Kind.TRAP_RELEASE, Kind.CALL}:
            self._bring_in(step)
        elif step.kind in {Kind.TRANSFER, Kind.TOP_UP, Kind.TRAP, Kind.EQUITY}:
            self._move_on(step)
        elif step.kind == Kind.ACCRETE:
            self._accrete(step)
        elif step.kind == Kind.DRAW:
            self._draw(step)
        else:
            self._pay_classes(step)

    def _accrete(self, step: Step) -> None:
        """Interest added to the balances in full; the money there is for it goes to principal collections."""
        notes = [self.notes[name] for name in step.target]
        moved = min(self._available(step), sum(note.due(Kind.ACCRETE) for note in notes))
        for note in notes:
            note.accrete()
        self._spend(step, moved)
        self.held[Account.PRINCIPAL] += moved
        self._add("transferred", moved)

    def _draw(self, step: Step) -> None:
        amount = max(min(self._lacking(step), self._undrawn(step)), 0.0)
        self.notes[step.draws].drawn += amount
        self.held[step.source] += amount
        self._add("receipts", amount)

    def _undrawn(self, step: Step) -> float:
        return max(self.notes[step.draws].committed - self.notes[step.draws].balance, 0.0)

    def _lacking(self, step: Step) -> float:
        """What a draw is for: interest and a cost, the reserve, or an amount of the date."""
        most = inf
        if step.target or step.beside:
            most = sum(self.notes[name].due(Kind.INTEREST) for name in step.target) - self.held[step.source]
            most += self.bills[step.beside].due - self.bills[step.beside].paid if step.beside else 0.0
        elif step.source == Account.RESERVE:
            most = self._target() - self.held[Account.RESERVE]
        return min(most, float(self.cash.limits[step.limit][self.month - 1])) if step.limit else most

    def _available(self, step: Step) -> float:
        most = self.held[step.source] * step.share
        if step.limit:
            most = min(most, float(self.cash.limits[step.limit][self.month - 1]))
        if step.cures:
            most = min(most, self._cure(step))
        return max(most, 0.0)

    def _cure(self, step: Step) -> float:
        trigger = next(each for each in self.terms.triggers if each.name == step.cures)
        numerator, denominator = self._coverage(trigger)
        if trigger.measure in INTEREST_COVER:
            rate = self._rate(step)
            return (denominator - numerator / trigger.level) / rate if rate else 0.0
        if step.kind == Kind.TRANSFER:
            return trigger.level * denominator - numerator
        if step.source == Account.PRINCIPAL:
            missing = trigger.level * denominator - numerator
            return missing / (trigger.level - 1.0) if trigger.level > 1.0 else inf
        return denominator - numerator / trigger.level

    def _rate(self, step: Step) -> float:
        """Rate of what is repaid next."""
        standing = [self.notes[name] for name in step.target if self.notes[name].balance > self.paths.dust]
        if step.sharing == Sharing.SEQUENTIAL:
            standing = standing[:1]
        total = sum(note.balance for note in standing)
        return sum(note.balance * note.rate for note in standing) / total if total else 0.0

    def _spend(self, step: Step, amount: float) -> None:
        self.held[step.source] -= amount
        if step.source == Account.RESERVE:
            self._add("reserve_drawn", amount)

    def _pay_classes(self, step: Step) -> None:
        notes, cash = [self.notes[name] for name in step.target], self._available(step)
        dues = [note.due(step.kind) for note in notes]
        if step.beside:
            cash -= self._pay_beside(step, self.bills[step.beside], sum(dues), cash)
        if step.sharing == Sharing.PRO_RATA:
            whole = sum(dues)
            paid = [due * min(1.0, cash / whole) if whole else 0.0 for due in dues]
        else:
            paid = [min(due, max(cash - sum(dues[:k]), 0.0)) for k, due in enumerate(dues)]
        for note, amount in zip(notes, paid, strict=True):
            note.receive(step.kind, amount)
            self._spend(step, amount)
            if step.kind == Kind.DEFICIENCY:
                self.held[Account.PRINCIPAL] += amount
                self._add("deficiency_cured", amount)

    def _pay_beside(self, step: Step, bill: Bill, dues: float, cash: float) -> float:
        """The cost that ranks with the step's classes, its part of the cash where that is short."""
        own = bill.due - bill.paid
        paid = min(own, cash * own / (own + dues)) if own > 0.0 else 0.0
        bill.paid += paid
        self._spend(step, paid)
        return paid

    def _pay_cost(self, step: Step) -> None:
        bill = self.bills[step.target[0]]
        self.held[step.source] += bill.receipt
        bill.received, bill.receipt = bill.received + bill.receipt, 0.0
        paid = min(bill.due - bill.paid, self._available(step))
        bill.paid += paid
        self._spend(step, paid)

    def _bring_in(self, step: Step) -> None:
        amount = 0.0
        if step.kind == Kind.RECEIVE:
            amount = float(self.cash.receipts[step.target[0]][self.month - 1])
            self._add("receipts", amount)
        elif step.kind == Kind.RELEASE:
            amount = max(self.held[Account.RESERVE] - self._target(), 0.0)
            self.held[Account.RESERVE] -= amount
            self._add("reserve_released", amount)
        elif step.kind == Kind.TRAP_RELEASE and self._trap_share() == 0.0:
            amount, self.held[Account.TRAP] = self.held[Account.TRAP], 0.0
            self._add("trap_released", amount)
        elif step.kind == Kind.CALL:
            amount = self._call()
        self.held[step.source] += amount

    def _call(self) -> float:
        """The pool sold at its balance; every class is due."""
        price = self._given(NOW_COLLATERAL)
        self._add("call_proceeds", price)
        self.is_called = True
        for note in self.notes.values():
            note.committed = 0.0
            note.principal_due, note.plan = note.opening + note.accreted + note.drawn, 0.0
        return price

    def _move_on(self, step: Step) -> None:
        amount = self._available(step)
        if step.kind == Kind.TOP_UP:
            amount = min(amount, max(self._target() - self.held[Account.RESERVE], 0.0))
            self.held[Account.RESERVE] += amount
            self._add("reserve_top_up", amount)
        elif step.kind == Kind.TRAP:
            amount *= self._trap_share()
            self.held[Account.TRAP] += amount
            self._add("cash_trapped", amount)
        elif step.kind == Kind.TRANSFER:
            self.held[Account(step.target[0])] += amount
            self._add("transferred", amount)
        else:
            self._add("equity_distribution", amount)
        self.held[step.source] -= amount

    def _target(self) -> float:
        return 0.0 if self.is_called else max(self._given(NOW_TARGET), self.least_target)

    def _trap_share(self) -> float:
        return self._given(NOW_TRAP_SHARE)

    def _close(self) -> Row:
        for account in Account:
            self.row[f"{account}_balance"] = self.held[account]
        drawn, dust = self.row.get("reserve_drawn", 0.0), self.paths.dust
        arrears = self._carry_costs()
        self.row["flags"] = (
            LOCK_UP * (self._trap_share() > 0.0) + DRAW * (drawn > dust) + HEDGE_UNPAID * (arrears > dust)
        )
        for name, note in self.notes.items():
            self._close_class(name, note)
        return self.row

    def _carry_costs(self) -> float:
        carried = dict.fromkeys(self.bills, 0.0)
        for cost in self.terms.costs:
            bill = self.bills[cost.name]
            self.row[f"{cost.name}.paid"] = bill.paid - bill.received
            self.row[f"{cost.name}.unpaid"] = bill.due - bill.paid
            if cost.arrears_to:
                carried[cost.arrears_to] += bill.due - bill.paid
        for name, amount in carried.items():
            self.bills[name].arrears = amount
        return sum(carried.values())

    def _close_class(self, name: str, note: Note) -> None:
        missing, kind = sum(note.interest_owed), note.terms.unpaid_interest
        unpaid = max(note.principal_due - note.scheduled - note.swept, 0.0)
        unpaid += 0.0 if kind == Unpaid.DEFERS else missing
        note.deferred = 0.0 if kind == Unpaid.LAPSES else missing
        flags = SHORTFALL * (unpaid > self.paths.dust)
        flags |= DEFERRED * (kind == Unpaid.DEFERS and missing > self.paths.dust)
        flags |= BALLOON * self._is_balloon(note)
        note.ahead += note.swept if note.terms.amortisation == "cash_sweep" else 0.0
        added, drawn, balance = note.accreted, note.drawn, note.balance
        note.opening, note.accreted, note.drawn, note.deficiency = (
            balance,
            0.0,
            0.0,
            min(note.deficiency, max(balance, 0.0)),
        )
        note.scheduled, note.swept, paid = 0.0, 0.0, note.scheduled + note.swept
        closing = (
            note.interest_paid,
            paid,
            note.opening,
            note.deferred,
            unpaid,
            note.deficiency,
            float(flags),
            added,
            drawn,
        )
        self.row |= {f"{name}.{column}": each for column, each in zip(CLASS_COLUMNS, closing, strict=True)}

    def _is_balloon(self, note: Note) -> bool:
        """A part nobody refinances falls due this month, or the class stands beyond its last."""
        place = list(self.notes).index(note.terms.name)
        stands = self.month == note.terms.final_month and note.balance > self.paths.dust
        return stands or self.month == int(self.paths.notes.standing[place, NOTE_UNREFINANCED])


def plain_steps(terms: DealTerms, cash: Cash) -> list[Row]:
    """Every month's flows, balances and flags by column name; a column without a figure is nil."""
    return PlainDeal(terms, cash).run()
