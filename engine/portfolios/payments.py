"""A CLO's payment dates, in Decimals to the cent: every step with what is due, paid, from what, and why.

Order within a date: recoveries and principal come in and defaults leave, the tests are taken, interest is paid, then
principal. Interest due this date stays as it is after a cure; only the ratio is pro forma for principal repaid.

After an event of default payments stop, or, where the papers accelerate, go on from the next date: all proceeds in one
priority, no tests, nothing bought; interest of senior notes that was not paid is owed with interest at their rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from engine.portfolios.coverage import ic_cure, oc_cures
from engine.portfolios.measure import CENT, NIL, cents, cents_up, days_30_360, total
from engine.portfolios.papers import Do, Note, Papers, Step, Triggers

ONE, HUNDRED, YEAR_DAYS, BASIS = Decimal(1), Decimal(100), Decimal(365), Decimal(360)
NINTHS = Decimal("1e-9")
# Unpaid fees are owed again without interest; expenses that were not paid are not.
CARRIED = frozenset((Do.TRUSTEE, Do.BASE_FEE, Do.SUBORDINATED_FEE))
INTEREST, PRINCIPAL, DEFERRAL, COMBINED = "interest", "principal", "deferral", "all proceeds"


class Ending(StrEnum):
    """How a run ends."""

    REDEEMED = "redeemed"
    OPEN = "notes outstanding at the last date"
    DEFAULTED = "event of default"


@dataclass(frozen=True, slots=True)
class Loss:
    """Par that defaults at a payment date, what it is carried at, and what comes back when (dates count from 1)."""

    payment: int
    par: Decimal
    carrying_ratio: Decimal
    recovery_payment: int
    recovery_amount: Decimal


@dataclass(frozen=True, slots=True)
class Period:
    """What a collection period brings. Amounts are as they are; rates are shares of performing par at its start.

    `interest_collected`, where known, stands in the place of what accrues. Without `asset_spread` the pool's own is
    carried on, blended with what is bought at `reinvestment_spread`. `carrying_amount` and `haircut_amount` are added to
    what the tests carry and take off.
    """

    pay_date: date
    unadjusted: date
    benchmark: Decimal
    asset_spread: Decimal | None = None
    interest_shortfall: Decimal = NIL
    interest_collected: Decimal | None = None
    principal_collections: Decimal = NIL
    principal_rate: Decimal = NIL
    default_rate: Decimal = NIL
    recovery_ratio: Decimal = NIL
    recovery_lag: int = 0
    carrying_ratio: Decimal = NIL
    administrative_expenses: Decimal = NIL
    reinvestment_price_ratio: Decimal = NIL
    reinvestment_spread: Decimal = NIL
    ccc_par: Decimal = NIL
    ccc_rate: Decimal = NIL
    ccc_market_ratio: Decimal = ONE
    liquidation_price_ratio: Decimal | None = None
    carrying_amount: Decimal = NIL
    haircut_amount: Decimal = NIL

    @property
    def is_redemption(self) -> bool:
        """True on the date everything is sold and paid."""
        return self.liquidation_price_ratio is not None


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands before the first date."""

    performing_par: Decimal
    principal_cash: Decimal
    asset_spread: Decimal = NIL
    hurdle_balance: Decimal | None = None
    payments_made: int = 0
    last_pay_date: date | None = None
    last_unadjusted: date | None = None
    unpaid: Mapping[Do, Decimal] = field(default_factory=dict)
    is_accelerated: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it was paid; `due` is None where a step takes what there is."""

    label: str
    what: str
    due: Decimal | None
    paid: Decimal
    source: str
    reason: str


@dataclass(slots=True)
class CoverageLine:
    """What a coverage test showed when it was looked at, and after what was paid to cure it."""

    oc: Decimal | None = None
    oc_trigger: Decimal | None = None
    oc_passed: bool | None = None
    ic: Decimal | None = None
    ic_trigger: Decimal | None = None
    ic_passed: bool | None = None
    cure_needed_oc: Decimal = NIL
    cure_needed_ic: Decimal = NIL
    oc_after_interest: Decimal | None = None
    ic_after_interest: Decimal | None = None
    oc_after_principal: Decimal | None = None
    ic_after_principal: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Balances at one moment."""

    performing_par: Decimal
    principal_cash: Decimal
    balances: Mapping[str, Decimal]
    deferred: Mapping[str, Decimal]
    hurdle_balance: Decimal
    unpaid: Mapping[Do, Decimal]


@dataclass(frozen=True, slots=True)
class PaymentDate:
    """One date: what came in, the tests, every step, what stands afterwards."""

    number: int
    pay_date: date
    days: int
    begin: Stand
    end: Stand
    interest_proceeds: Decimal
    principal_collections: Decimal
    recoveries: Decimal
    new_defaults: Decimal
    sale_proceeds: Decimal
    carrying_value: Decimal
    ccc_haircut: Decimal
    interest_due: Mapping[str, Decimal]
    tests: Mapping[str, CoverageLine]
    diversion: tuple[Decimal, bool] | None
    lines: tuple[Line, ...]
    hurdle_before: Decimal
    subordinated_paid: Decimal
    incentive_fee: Decimal
    par_bought: Decimal
    cost: Decimal
    unpaid_senior_interest: Decimal
    is_accelerated: bool = False

    @property
    def paid_in(self) -> Decimal:
        """Cash there was: proceeds of interest and principal, cash of before."""
        return (
            self.interest_proceeds
            + self.principal_collections
            + self.recoveries
            + self.sale_proceeds
            + self.begin.principal_cash
        )

    @property
    def paid_out(self) -> Decimal:
        """Cash that went: every step but those that move it within the deal, and what is kept."""
        moved = total(line.paid for line in self.lines if line.what != Do.DIVERSION)
        return moved + self.end.principal_cash


@dataclass(frozen=True, slots=True)
class Run:
    """Every date paid, and how it ended; `place` is the step that an event of default arose at, if one did."""

    dates: tuple[PaymentDate, ...]
    ending: Ending
    place: str = ""

    def total_of(self, what: str) -> Decimal:
        """What all lines of these words were paid over the run."""
        return total(line.paid for each in self.dates for line in each.lines if line.what == what)


@dataclass(slots=True)
class _Book:
    """What moves from date to date."""

    papers: Papers
    performing: Decimal
    cash: Decimal
    balances: dict[str, Decimal]
    deferred: dict[str, Decimal]
    hurdle: Decimal
    asset_spread: Decimal
    is_past_hurdle: bool = False
    unpaid: dict[Do, Decimal] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    is_accelerated: bool = False

    def stand(self) -> Stand:
        return Stand(
            self.performing, self.cash, dict(self.balances), dict(self.deferred), self.hurdle, dict(self.unpaid)
        )

    @property
    def is_open(self) -> bool:
        return any(self.balances.values()) or any(self.deferred.values())


def run_payments(papers: Papers, opening: Opening, periods: Sequence[Period], losses: Sequence[Loss] = ()) -> Run:
    """All dates in their order, until the pool is sold or an event of default stops them."""
    invested = papers.incentive.invested_amount
    book = _Book(
        papers, opening.performing_par, opening.principal_cash,
        {note.name: note.balance for note in papers.notes}, {note.name: note.deferred for note in papers.notes if note.is_deferrable or note.deferred},
        invested if opening.hurdle_balance is None else opening.hurdle_balance, opening.asset_spread,
        is_past_hurdle=opening.hurdle_balance == NIL or not invested, unpaid=dict(opening.unpaid), losses=list(losses), is_accelerated=opening.is_accelerated,
    )  # fmt: skip
    last, unadjusted = opening.last_pay_date or papers.closing, opening.last_unadjusted or papers.closing
    paid: list[PaymentDate] = []
    place = ""
    for number, period in enumerate(periods, start=opening.payments_made + 1):
        paid.append(_Date(book, period, number, last, unadjusted).pay())
        if paid[-1].unpaid_senior_interest and not book.is_accelerated:
            place = _unpaid_step(paid[-1])
            if not papers.acceleration or period.is_redemption:
                return Run(tuple(paid), Ending.DEFAULTED, place)
            book.is_accelerated = True
        if period.is_redemption:
            break
        last, unadjusted = period.pay_date, period.unadjusted
    return Run(tuple(paid), Ending.OPEN if book.is_open else Ending.REDEEMED, place)


def _unpaid_step(paid: PaymentDate) -> str:
    """Where an event of default arose, in words."""
    short = next(
        line
        for line in reversed(paid.lines)
        if line.label.startswith("P1:") and line.source != DEFERRAL and line.due != line.paid
    )
    return f"{paid.pay_date}: {short.what}, {(short.due or NIL) - short.paid:,.2f} unpaid at step {short.label}"


class _Date:
    """One payment date as it is worked through."""

    def __init__(self, book: _Book, period: Period, number: int, last: date, last_unadjusted: date) -> None:
        self.book, self.papers, self.period, self.number = book, book.papers, period, number
        self.days = (period.pay_date - last).days
        self.thirty_days = days_30_360(last_unadjusted, period.unadjusted)
        self.begin = book.stand()
        self.lines: list[Line] = []
        self.tests: dict[str, CoverageLine] = {}
        self.diversion: tuple[Decimal, bool] | None = None
        self.repaid: dict[str, Decimal] = dict.fromkeys(book.balances, NIL)
        self.short: list[tuple[Step, str, Decimal, Do | None, str]] = []
        self.subordinated = self.fee = self.bought = self.cost = self.senior_unpaid = NIL
        self._collect()
        self._grow_hurdle()
        self.due = {note.name: self._interest_due(note) for note in self.papers.notes}
        self.fees = self._fees()

    # What comes in

    def _collect(self) -> None:
        book, period = self.book, self.period
        if period.asset_spread is not None:
            book.asset_spread = period.asset_spread
        rate = period.benchmark + book.asset_spread
        accrued = (
            self._accrued(book.performing, rate) if period.interest_collected is None else period.interest_collected
        )
        self.proceeds = max(NIL, accrued - period.interest_shortfall)
        self._default()
        self.recovered = total(loss.recovery_amount for loss in book.losses if loss.recovery_payment == self.number)
        by_rate = cents((book.performing) * period.principal_rate)
        self.collected = min(book.performing, period.principal_collections + by_rate)
        book.performing -= self.collected
        held = total(cents(loss.par * loss.carrying_ratio) for loss in self._held())
        self.carried = held + period.carrying_amount
        book.cash += self.collected + self.recovered
        self.interest, self.sold, self.haircut = self.proceeds, NIL, NIL
        self._sell() if period.is_redemption else self._cut()

    def _default(self) -> None:
        book, period = self.book, self.period
        fresh = cents(book.performing * period.default_rate)
        if fresh:
            back = cents(fresh * period.recovery_ratio)
            book.losses.append(
                Loss(self.number, fresh, period.carrying_ratio, self.number + max(period.recovery_lag, 1), back)
            )
        self.defaulted = min(book.performing, total(loss.par for loss in book.losses if loss.payment == self.number))
        book.performing -= self.defaulted

    def _held(self) -> list[Loss]:
        """Defaulted par that has not been recovered."""
        return [loss for loss in self.book.losses if loss.payment <= self.number < loss.recovery_payment]

    def _sell(self) -> None:
        assert self.period.liquidation_price_ratio is not None
        self.sold = cents(self.book.performing * self.period.liquidation_price_ratio) + self.carried
        self.book.cash += self.sold
        self.book.performing = self.carried = NIL

    def _cut(self) -> None:
        """What the tests take off for low ratings above their limit: fixed for the date."""
        period, book = self.period, self.book
        ccc = period.ccc_par + cents(book.performing * period.ccc_rate)
        excess = max(NIL, ccc - self.papers.ccc_limit * (book.performing + book.cash))
        self.haircut = cents(excess * (ONE - period.ccc_market_ratio)) + period.haircut_amount

    def _grow_hurdle(self) -> None:
        book = self.book
        if not book.is_past_hurdle:
            book.hurdle = cents(
                book.hurdle * (ONE + self.papers.incentive.hurdle_rate) ** (Decimal(self.days) / YEAR_DAYS)
            )
        self.hurdle_before = book.hurdle

    def _interest_due(self, note: Note) -> Decimal:
        owed = self.book.balances[note.name] + self.book.deferred.get(note.name, NIL)
        return cents(owed * self._yearly(note) / BASIS)

    def _yearly(self, note: Note) -> Decimal:
        """Rate x days of the class: divided by 360 last, so that halves of a cent stay exact."""
        if note.fixed_rate is not None:
            return note.fixed_rate * self.thirty_days
        return (self.period.benchmark + note.spread) * self.days

    def _unit(self, note: Note) -> Decimal:
        """Interest of the period on one unit of the class."""
        return self._yearly(note) / BASIS

    def _accrued(self, amount: Decimal, rate: Decimal) -> Decimal:
        """A rate a year on an amount over the period, actual/360."""
        return cents(amount * rate * self.days / BASIS)

    def _fees(self) -> dict[Do, Decimal]:
        """What is due this date, what was unpaid before included."""
        fees, basis = self.papers.fees, self.begin.performing_par + self.begin.principal_cash
        expenses, cap = self.period.administrative_expenses, fees.administrative_cap_amount
        own = {
            Do.TRUSTEE: self._accrued(basis, fees.trustee_rate),
            Do.ADMINISTRATION: min(expenses, cap),
            Do.BASE_FEE: self._accrued(basis, fees.base_management_rate),
            Do.SUBORDINATED_FEE: self._accrued(basis, fees.subordinated_management_rate),
            Do.EXPENSES: max(NIL, expenses - cap),
        }
        self.income = self.proceeds - own[Do.TRUSTEE] - own[Do.ADMINISTRATION] - own[Do.BASE_FEE]
        return {do: amount + self._owed_before(do) for do, amount in own.items()}

    def _owed_before(self, do: Do) -> Decimal:
        return self.begin.unpaid.get(do, NIL) if do in CARRIED else NIL

    # Paying

    def pay(self) -> PaymentDate:
        source, verbs = INTEREST, self._verbs()
        if self.book.is_accelerated:
            return self._pay_accelerated(verbs)
        for step in self.papers.interest:
            verbs[step.do](step, source)
        source = PRINCIPAL
        for step in self.papers.principal:
            verbs[step.do](step, source)
        return self._told()

    def _pay_accelerated(self, verbs: Mapping[Do, Callable[[Step, str], None]]) -> PaymentDate:
        """Interest and principal as one: group after group is paid in full before the next has anything."""
        self.book.cash += self.interest
        self.interest = NIL
        for step in self.papers.acceleration:
            verbs[step.do](step, COMBINED)
        return self._told()

    def _verbs(self) -> Mapping[Do, Callable[[Step, str], None]]:
        fee = self._pay_fee
        return {
            Do.TRUSTEE: fee, Do.ADMINISTRATION: fee, Do.BASE_FEE: fee, Do.SUBORDINATED_FEE: fee, Do.EXPENSES: fee,
            Do.INTEREST: self._pay_interest, Do.DEFERRED: self._pay_deferred, Do.CURE: self._cure,
            Do.DIVERSION: self._divert, Do.RESIDUAL: self._pay_residual, Do.SHORTFALLS: self._pay_shortfalls,
            Do.REINVEST: self._reinvest, Do.REDEEM: self._redeem,
        }  # fmt: skip

    def _left(self, source: str) -> Decimal:
        return self.interest if source == INTEREST else self.book.cash

    def _take(self, wanted: Decimal, source: str) -> Decimal:
        """As much of it as the source has."""
        paid = min(wanted, self._left(source))
        if source == INTEREST:
            self.interest -= paid
        else:
            self.book.cash -= paid
        return paid

    def _note(self, label: str, what: str, due: Decimal | None, paid: Decimal, source: str, reason: str) -> None:
        self.lines.append(Line(label, what, due, paid, source, reason))

    def _pay_fee(self, step: Step, source: str) -> None:
        due, had = self.fees[step.do], self._left(source)
        paid = self._take(due, source)
        self.fees[step.do] = self.book.unpaid[step.do] = due - paid
        before = self._owed_before(step.do)
        reason = f"due {due - before:,.2f} for the period and {before:,.2f} unpaid from before; {had:,.2f} at hand"
        self._note(step.label, step.do.value, due, paid, source, reason)
        if paid < due and step.do in {Do.TRUSTEE, Do.ADMINISTRATION, Do.BASE_FEE}:
            self.short.append((step, step.do.value, due - paid, step.do, ""))

    def _pay_interest(self, step: Step, source: str) -> None:
        notes, had = self._group(step.group), self._left(source)
        dues = [self.due[note.name] for note in notes]
        shares = shared(min(total(dues), had), dues)
        for note, due, paid in zip(notes, dues, shares, strict=True):
            self._take(paid, source)
            self._note(step.label, f"{note.name} interest", due, paid, source, self._interest_reason(note, had))
            if paid < due:
                self._miss(step, note, due - paid)

    def _interest_reason(self, note: Note, had: Decimal) -> str:
        owed = self.book.balances[note.name] + self.book.deferred.get(note.name, NIL)
        return f"{owed:,.2f} x {self._unit(note):.10f} (rate x day fraction); {had:,.2f} at hand"

    def _miss(self, step: Step, note: Note, short: Decimal) -> None:
        """Interest that was not paid: deferred by right, or to be made good from principal."""
        words = "interest deferred" if note.is_deferrable or self.book.is_accelerated else "interest"
        self.short.append((step, f"{note.name} {words}", short, None, note.name))
        if not note.is_deferrable:
            self.senior_unpaid += short

    def _pay_deferred(self, step: Step, source: str) -> None:
        for note in self._group(step.group):
            due, had = self.book.deferred.get(note.name, NIL), self._left(source)
            paid = self._take(due, source)
            self.book.deferred[note.name] = due - paid
            self._note(
                step.label, f"{note.name} deferred interest", due, paid, source, f"deferred before; {had:,.2f} at hand"
            )
        self._defer(step.group)

    def _defer(self, group: str) -> None:
        """What a group's interest step could not pay joins its deferred balance."""
        names = {note.name for note in self._group(group)}
        for step, what, short, _, name in [each for each in self.short if each[4] in names]:
            self._owe_later(step.label, what, short, name)
        self.short = [each for each in self.short if each[4] not in names]

    def _owe_later(self, label: str, what: str, short: Decimal, name: str) -> None:
        self.book.deferred[name] = self.book.deferred.get(name, NIL) + short
        self._note(label, what, short, NIL, DEFERRAL, "not paid: it bears the class's rate from now on")

    def _group(self, group: str) -> list[Note]:
        return [note for note in self.papers.notes if note.group == group]

    # Tests and cures

    def _upto(self, group: str) -> list[Note]:
        groups = self.papers.groups[: self.papers.groups.index(group) + 1]
        return [note for note in self.papers.notes if note.group in groups]

    def _numerator(self) -> Decimal:
        return self.book.performing + self.book.cash + self.carried - self.haircut

    def _denominator(self, group: str) -> Decimal:
        return total(
            self.book.balances[note.name] + self.book.deferred.get(note.name, NIL) for note in self._upto(group)
        )

    def _interest_tested(self, group: str) -> Decimal:
        """Interest due to the group and all senior, pro forma for principal repaid at this date."""
        return total(self.due[note.name] - self.repaid[note.name] * self._unit(note) for note in self._upto(group))

    def _ratios(self, group: str) -> tuple[Decimal | None, Decimal | None]:
        triggers = self.papers.triggers.get(group, Triggers())
        owed, interest = self._denominator(group), self._interest_tested(group)
        oc = self._numerator() / owed if triggers.oc and owed else None
        tested = triggers.ic and self.number >= self.papers.ic_from_payment and interest > 0
        return oc, self.income / interest if tested else None

    def _cure(self, step: Step, source: str) -> None:
        if self.period.is_redemption:
            return
        oc, ic = self._ratios(step.group)
        triggers = self.papers.triggers.get(step.group, Triggers())
        needs = self._needs(step.group, source, oc, ic)
        if source == INTEREST:
            self.tests[step.group] = CoverageLine(
                oc, triggers.oc, _at_least(oc, triggers.oc), ic, triggers.ic, _at_least(ic, triggers.ic), *needs
            )
        if need := max(needs):
            reason = f"class {step.group}: OC {_shown(oc)} against {triggers.oc}, IC {_shown(ic)} against {triggers.ic}"
            paid = self._repay(
                step.label, need, source, f"class {step.group} test cure: ", self._upto(step.group), reason
            )
            if paid:
                self._seen_after(step.group, source)

    def _needs(self, group: str, source: str, oc: Decimal | None, ic: Decimal | None) -> tuple[Decimal, Decimal]:
        """What cures overcollateralisation and interest coverage from this source."""
        triggers, owed = self.papers.triggers.get(group, Triggers()), self._denominator(group)
        by_oc = by_ic = NIL
        if oc is not None and triggers.oc is not None and oc < triggers.oc:
            cures = oc_cures(self._numerator(), owed, triggers.oc)
            by_oc = cures.from_interest if source == INTEREST else cures.from_principal or cents_up(owed)
        if ic is not None and triggers.ic is not None and ic < triggers.ic:
            found = ic_cure(self.income, self._interest_tested(group), triggers.ic, self._payable(group))
            by_ic = found if found is not None else owed
        return by_oc, by_ic

    def _payable(self, group: str) -> list[tuple[Decimal, Decimal]]:
        """Balance and interest of one unit of it, group by group in the order of payment."""
        found = []
        for each in dict.fromkeys(note.group for note in self._upto(group)):
            notes = self._group(each)
            deferred = [
                (self.book.deferred[note.name], self._unit(note)) for note in notes if self.book.deferred.get(note.name)
            ]
            balance = total(self.book.balances[note.name] for note in notes)
            interest = total(self.book.balances[note.name] * self._unit(note) for note in notes)
            found += [*deferred, (balance, interest / balance if balance else NIL)]
        return found

    def _seen_after(self, group: str, source: str) -> None:
        oc, ic = self._ratios(group)
        line = self.tests[group]
        if source == INTEREST:
            line.oc_after_interest, line.ic_after_interest = oc, ic
        else:
            line.oc_after_principal, line.ic_after_principal = oc, ic

    def _repay(
        self, label: str, wanted: Decimal | None, source: str, ahead: str, notes: Sequence[Note], reason: str
    ) -> Decimal:
        """Principal by the note payment sequence: group after group, deferred interest of a group ahead of its principal."""
        left = self._left(source) if wanted is None else wanted
        start = left
        for group in dict.fromkeys(note.group for note in notes):
            members = self._group(group)
            for note in members:
                left -= self._repay_deferred(label, note, left, source, ahead, reason)
            owed = [self.book.balances[note.name] for note in members]
            for note, part in zip(members, shared(min(total(owed), left, self._left(source)), owed), strict=True):
                if part:
                    self._take(part, source)
                    self.book.balances[note.name] -= part
                    self.repaid[note.name] += part
                    due = None if wanted is None else left
                    self._note(label, f"{ahead}{note.name} principal", due, part, source, reason)
                    left -= part
        return start - left

    def _repay_deferred(self, label: str, note: Note, left: Decimal, source: str, ahead: str, reason: str) -> Decimal:
        paid = self._take(min(self.book.deferred.get(note.name, NIL), left), source)
        if paid:
            self.book.deferred[note.name] -= paid
            self._note(label, f"{ahead}{note.name} deferred interest", None, paid, source, reason)
        return paid

    def _divert(self, step: Step, source: str) -> None:
        trigger = self.papers.diversion_trigger
        if trigger is None or self.period.is_redemption or self.period.pay_date > self.papers.reinvestment_end:
            return
        owed = self._denominator(self.papers.groups[-1])
        if not owed:
            return
        ratio = self._numerator() / owed
        self.diversion = (ratio, ratio >= trigger)
        if ratio >= trigger:
            return
        due = cents_up(trigger * owed - self._numerator())
        half = (self.interest * self.papers.diversion_share).quantize(CENT, ROUND_FLOOR)
        paid = self._take(min(due, half), source)
        self.book.cash += paid
        reason = f"{_shown(ratio)} is below {trigger}: at most {self.papers.diversion_share:.0%} of what is left becomes principal"
        self._note(step.label, step.do.value, due, paid, source, reason)

    # The end of each waterfall

    def _pay_residual(self, step: Step, source: str) -> None:
        left = self._left(source)
        book, share = self.book, self.papers.incentive.share
        first = left if not share else NIL if book.is_past_hurdle else self._take(min(left, book.hurdle), source)
        if not share:
            self._take(first, source)
        if first:
            book.hurdle = max(NIL, book.hurdle - first)
            self.subordinated += first
            self._note(
                step.label,
                "subordinated notes up to the hurdle",
                None,
                first,
                source,
                f"hurdle balance {self.hurdle_before:,.2f} before",
            )
        if book.hurdle == NIL and share:
            book.is_past_hurdle = True
        rest = self._left(source)
        if rest and share:
            self._share(_next_label(step.label), rest, source)

    def _share(self, label: str, rest: Decimal, source: str) -> None:
        share = self.papers.incentive.share
        fee = self._take(cents(rest * share), source)
        junior = self._take(rest - fee, source)
        reason = f"the hurdle is reached: {share:.0%} of {rest:,.2f} to the manager"
        self._note(label, "incentive fee", None, fee, source, reason)
        self._note(label, "subordinated notes after the hurdle", None, junior, source, reason)
        self.fee, self.subordinated = self.fee + fee, self.subordinated + junior

    def _pay_shortfalls(self, step: Step, source: str) -> None:
        """Fees and interest that the interest waterfall could not pay, in their order."""
        interest: dict[str, list[tuple[str, Decimal, str]]] = {}
        for first, what, short, do, name in self.short:
            if do is None:
                interest.setdefault(first.label, []).append((what, short, name))
                continue
            paid = self._take(short, source)
            self.book.unpaid[do] -= paid
            self._note(f"{step.label}:{first.label}", what, short, paid, source, "unpaid by the interest waterfall")
        for label, missed in interest.items():
            dues = [short for _, short, _ in missed]
            for (what, short, name), part in zip(
                missed, shared(min(total(dues), self._left(source)), dues), strict=True
            ):
                paid = self._take(part, source)
                self.senior_unpaid -= paid
                self._note(f"{step.label}:{label}", what, short, paid, source, "unpaid by the interest waterfall")
                if short > paid and self.papers.acceleration:
                    self._owe_later(f"{step.label}:{label}", f"{what} deferred", short - paid, name)

    def _reinvest(self, step: Step, source: str) -> None:
        period, book, lot = self.period, self.book, self.papers.lot_amount
        if period.is_redemption or period.pay_date > self.papers.reinvestment_end or self.senior_unpaid:
            return
        price = period.reinvestment_price_ratio
        lots = (book.cash / price / lot).to_integral_value(ROUND_FLOOR) if price else NIL
        self.bought = lots * lot
        self.cost = self._take(cents(self.bought * price), source)
        after = book.performing + self.bought
        if period.asset_spread is None and self.bought:
            blended = (book.performing * book.asset_spread + self.bought * period.reinvestment_spread) / after
            book.asset_spread = blended.quantize(NINTHS, ROUND_HALF_EVEN)
        book.performing = after
        self._note(
            step.label,
            step.do.value,
            None,
            self.cost,
            source,
            f"{self.bought:,.0f} of par at {price:.2%}, in lots of {lot:,.0f}; the rest is kept",
        )

    def _redeem(self, step: Step, source: str) -> None:
        if step.group:
            self._redeem_group(step, source)
            return
        if self.senior_unpaid or (
            not self.period.is_redemption and self.period.pay_date <= self.papers.reinvestment_end
        ):
            return
        self._repay(step.label, None, source, "", self.papers.notes, "note payment sequence")
        if not self.book.cash:
            return
        verbs = self._verbs()
        for each in self.papers.interest:
            if each.do in {Do.SUBORDINATED_FEE, Do.EXPENSES} and self.fees[each.do]:
                self._pay_fee(each, source)
            elif each.do is Do.RESIDUAL:
                verbs[each.do](each, source)

    def _redeem_group(self, step: Step, source: str) -> None:
        """All of its principal, which falls due on acceleration."""
        notes = self._group(step.group)
        owed, had = [self.book.balances[note.name] for note in notes], self._left(source)
        for note, due, paid in zip(notes, owed, shared(min(total(owed), had), owed), strict=True):
            self._take(paid, source)
            self.book.balances[note.name] -= paid
            self.repaid[note.name] += paid
            reason = f"all of it is due after the event of default; {had:,.2f} at hand"
            self._note(step.label, f"{note.name} principal", due, paid, source, reason)

    def _told(self) -> PaymentDate:
        return PaymentDate(
            self.number, self.period.pay_date, self.days, self.begin, self.book.stand(), self.proceeds, self.collected,
            self.recovered, self.defaulted, self.sold, self.carried, self.haircut, self.due, self.tests, self.diversion,
            tuple(self.lines), self.hurdle_before, self.subordinated, self.fee, self.bought, self.cost, self.senior_unpaid,
            self.book.is_accelerated,
        )  # fmt: skip


def shared(amount: Decimal, dues: Sequence[Decimal]) -> list[Decimal]:
    """The amount pro rata to what is due, to the cent; the last takes the remainder.

    >>> shared(Decimal("1.00"), [Decimal(1), Decimal(2)])
    [Decimal('0.33'), Decimal('0.67')]
    """
    owed = total(dues)
    if not owed:
        return [NIL] * len(dues)
    parts = [min(due, cents(amount * due / owed)) for due in dues[:-1]]
    return [*parts, amount - total(parts)]


def _next_label(label: str) -> str:
    """The label after the last: the incentive fee's.

    >>> _next_label("19"), _next_label("E21")
    ('20', 'E22')
    """
    number = label.lstrip("E")
    return label.removesuffix(number) + str(int(number) + 1)


def _at_least(value: Decimal | None, trigger: Decimal | None) -> bool | None:
    return None if value is None or trigger is None else value >= trigger


def _shown(value: Decimal | None) -> str:
    return "not taken" if value is None else f"{value:.4%}"
