"""A notes deal as its papers say it: loans, how they behave, classes, fees, reserve, tests, and two priorities of payments.

Rates are yearly fractions, amounts in the deal's one currency. Months count from the closing; loans pay monthly, notes every
`payment_frequency_months`. `content` reads and checks these from outside data, `papers` turns them into the waterfall's steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.basics.business_days import BusinessDays, Calendar
from engine.basics.day_counts import DayCount

ALWAYS = "always"
HOLDS, BREACHED = "holds:", "breached:"
BESIDE = "+"
LIQUIDITY = "liquidity"


class CouponKind(StrEnum):
    """What a class pays: its coupon, or the index and its margin."""

    FIXED = "fixed"
    FLOATING = "floating"


class DrawUse(StrEnum):
    """Where what is drawn on a class goes: to principal collections, into the reserve up to its target, or to buy loans."""

    PRINCIPAL = "principal"
    RESERVE = "reserve"
    LOANS = "loans"


class PlanKind(StrEnum):
    """The unit of a planned class's two speeds: yearly rates, or multiples of the PSA ramp."""

    NONE = "none"
    CPR = "cpr"
    PSA = "psa"


class TriggerKind(StrEnum):
    """What a trigger reads on a payment date before anyone is paid; `any` joins other triggers."""

    OC = "oc"
    IC = "ic"
    IC_OWED = "ic_owed"  # with interest unpaid from before
    DSCR = "dscr"
    CUMULATIVE_LOSS = "cumulative_loss"
    LEGAL_FINAL = "legal_final"
    DATE = "date"
    ANY = "any"


class StepKind(StrEnum):
    """What a line of a priority of payments pays."""

    FEE = "fee"
    INTEREST = "interest"
    DEFERRED_INTEREST = "deferred_interest"
    PRINCIPAL = "principal"
    PLANNED = "planned"
    RESERVE = "reserve"
    LEDGER = "ledger"
    RESIDUAL = "residual"
    HEDGE = "hedge"
    TERMINATION = "termination"


class HedgeKind(StrEnum):
    """A swap of the issuer, by the leg that its side is told of: a fixed rate, another index, fixed growth, a return."""

    RATE = "rate"
    BASIS = "basis"
    INFLATION = "zcis"
    RETURN = "trs"


class HedgeSide(StrEnum):
    """Whether the issuer pays or receives that leg; the other is the index of floating classes, or growth of inflation."""

    PAY = "pay"
    RECEIVE = "receive"


class Notional(StrEnum):
    """What a hedge is on: an amount, or a share of what opens the period of a class or of the pool."""

    AMOUNT = "amount"
    CLASS = "class"
    POOL = "pool"


class Rule(StrEnum):
    """How classes share principal; the turbos also pass on what is left of income, the last class first in the reverse."""

    SEQUENTIAL = "sequential"
    PRO_RATA = "pro_rata"
    TURBO = "turbo"
    REVERSE_TURBO = "reverse_turbo"


class Amortisation(StrEnum):
    """How a loan repays; a schedule gives its balance at the end of each month."""

    ANNUITY = "annuity"
    STRAIGHT_LINE = "straight_line"
    INTEREST_ONLY = "interest_only"
    SCHEDULE = "schedule"


class PrepaymentKind(StrEnum):
    """CPR and vectors are yearly rates, SMM a monthly one, PSA a multiple of the standard ramp."""

    NONE = "none"
    CPR = "cpr"
    PSA = "psa"
    SMM = "smm"
    VECTOR = "vector"


class DefaultKind(StrEnum):
    """CDR and vectors are yearly rates, MDR a monthly one, SDA a multiple of the standard curve."""

    NONE = "none"
    CDR = "cdr"
    SDA = "sda"
    MDR = "mdr"
    VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class NoteClass:
    """One class, the most senior first; classes of one `rank` (0: by its place) stand side by side.

    From the first period that begins at or after `ard_months` it pays `step_up_bps` more, and what is left of income repays it.
    While class `accrues_until` or one senior to it stands, its interest is added to its balance and the money for it is principal.
    Its planned balance is what the lesser principal of the pool at the speeds `plan_low` and `plan_high` leaves of it.
    A variable funding note is drawn up to `commitment_amount` on payment dates before `available_months`; a yearly rate is paid on what
    is undrawn. What stands of it after its legal final, the first payment date at or after `legal_final_months`, is in default.
    """

    code: str
    name: str
    balance_amount: float
    coupon_kind: CouponKind = CouponKind.FIXED
    coupon_rate: float = 0.0
    margin_bps: float = 0.0
    deferrable: bool = False
    ard_months: int | None = None
    step_up_bps: float = 0.0
    target_rating: str | None = None
    rank: int = 0
    accrues_until: str = ""
    plan_kind: PlanKind = PlanKind.NONE
    plan_low: float = 0.0
    plan_high: float = 0.0
    commitment_amount: float = 0.0
    commitment_fee_rate: float = 0.0
    available_months: int | None = None
    day_count: DayCount = DayCount.EQUAL
    legal_final_months: int | None = None

    @property
    def is_planned(self) -> bool:
        """True where it has a planned balance."""
        return self.plan_kind != PlanKind.NONE


@dataclass(frozen=True, slots=True)
class Fee:
    """A yearly rate on the pool's opening balance and a yearly amount; what is not paid is owed again, without interest."""

    code: str
    name: str
    annual_rate: float = 0.0
    annual_amount: float = 0.0
    day_count: DayCount = DayCount.EQUAL


@dataclass(frozen=True, slots=True)
class Reserve:
    """A share of the notes' balance, no less than the floor while any stands; nothing is held for the last date."""

    target_ratio: float = 0.0
    floor_amount: float = 0.0
    initial_amount: float = 0.0

    @property
    def is_held(self) -> bool:
        """True where there is or will be a reserve."""
        return max(self.target_ratio, self.floor_amount, self.initial_amount) > 0.0


@dataclass(frozen=True, slots=True)
class LiquidityFacility:
    """Drawn for what income lacks for the fees and the interest of classes that it `covers` (`A+B+trustee`).

    Committed are an amount and a share of the covered classes' balance, until `ends_months` and until those are repaid; what is drawn
    pays index and margin, what is not a yearly rate. Steps name it `liquidity`.
    """

    commitment_amount: float = 0.0
    commitment_ratio: float = 0.0
    covers: str = ""
    commitment_fee_rate: float = 0.0
    margin_bps: float = 0.0
    ends_months: int | None = None
    day_count: DayCount = DayCount.EQUAL

    @property
    def is_there(self) -> bool:
        """True where anything is committed."""
        return max(self.commitment_amount, self.commitment_ratio) > 0.0

    @property
    def targets(self) -> tuple[str, ...]:
        """The codes it covers."""
        return tuple(self.covers.split(BESIDE)) if self.covers else ()


@dataclass(frozen=True, slots=True)
class Hedge:
    """One swap of the issuer, exchanged on payment dates after `starts_months` up to the first at or after `ends_months`.

    The named leg pays `fixed_rate` (of a basis swap the index and `basis_bps`; of a return swap the pool's interest less its
    losses), the other the index and `margin_bps`. An inflation swap has one exchange, at its end: an amount grown at
    `fixed_rate` against the same at `inflation_rate`. From the first payment date at or after `default_months` the counterparty
    is in default: nothing more is exchanged but `termination_amount` on that date, owed by the issuer, or to it where negative.
    """

    code: str
    name: str
    kind: HedgeKind
    ends_months: int
    side: HedgeSide = HedgeSide.PAY
    counterparty: str = ""
    notional_kind: Notional = Notional.AMOUNT
    notional_amount: float = 0.0
    notional_ratio: float = 1.0
    notional_class: str = ""
    starts_months: int = 0
    fixed_rate: float = 0.0
    margin_bps: float = 0.0
    basis_bps: float = 0.0
    inflation_rate: float = 0.0
    default_months: int | None = None
    termination_amount: float = 0.0
    day_count: DayCount = DayCount.EQUAL

    @property
    def sign(self) -> float:
        """1 where the issuer pays the named leg, -1 where it receives it."""
        return 1.0 if self.side == HedgeSide.PAY else -1.0

    @property
    def terminates(self) -> bool:
        """True where the issuer owes a termination payment."""
        return self.default_months is not None and self.termination_amount > 0.0


@dataclass(frozen=True, slots=True)
class Draw:
    """A class with a commitment drawn on the first date at or after so many months; no amount: as much as there is use for.

    A draw that buys loans names their kind; none are bought once the pool may be called, or after enforcement.
    """

    class_code: str
    after_months: int
    amount: float | None = None
    use: DrawUse = DrawUse.PRINCIPAL
    loans: str = ""


@dataclass(frozen=True, slots=True)
class FurtherLoans:
    """A kind of loan that draws buy, at its balance; it pays from the month after."""

    code: str
    name: str
    coupon_rate: float
    remaining_months: int
    amortisation: Amortisation = Amortisation.ANNUITY


@dataclass(frozen=True, slots=True)
class Trigger:
    """A test; breached below `limit`, a cumulative loss above it, a date from `limit` months on, `any` while one `of` them is.

    A legal final is breached from the payment date after that of its class on, while the class stands.
    """

    code: str
    kind: TriggerKind
    limit: float = 0.0
    class_code: str | None = None
    cures: bool = True
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One line: whom it pays (`A+B` side by side), when, and how much at most.

    `when` is "always", "holds:<trigger>" or "breached:<trigger>". Principal without a target goes by the structure's rule.
    `cap_ratio` is a share of what is available at the step; `to_cure` pays no more than brings its breached test back.
    """

    kind: StepKind
    target: str = ""
    when: str = ALWAYS
    cap_amount: float | None = None
    cap_ratio: float | None = None
    to_cure: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """The codes it names."""
        return tuple(self.target.split(BESIDE)) if self.target else ()

    @property
    def trigger(self) -> str:
        """The trigger its condition reads, or nothing."""
        return self.when.partition(":")[2]


@dataclass(frozen=True, slots=True)
class PrincipalRule:
    """How principal is shared, and how instead while a trigger is breached."""

    kind: Rule = Rule.SEQUENTIAL
    switch_trigger: str = ""
    switch_kind: Rule | None = None

    @property
    def kinds(self) -> tuple[tuple[Rule, str], ...]:
        """Each rule that may be in force, with its condition."""
        if self.switch_kind is None:
            return ((self.kind, ALWAYS),)
        return ((self.kind, HOLDS + self.switch_trigger), (self.switch_kind, BREACHED + self.switch_trigger))


@dataclass(frozen=True, slots=True)
class NoteStructure:
    """The papers of a deal. `index_rate` is what floating classes read where a run is given no path of it.

    At or below `clean_up_ratio` of its first balance the pool is sold at its balance, if that pays every class. Once
    `enforcement_trigger`, which never cures, is breached, all money goes by `enforcement_steps`, from that date on. A payment date that is
    no business day of the calendar (and of `holidays`, its own) is moved by `business_days`; interest accrues to the date as it was, or to
    the moved one where `accrues_to_payment`.
    """

    code: str
    name: str
    currency: str
    closing_date: date
    payment_frequency_months: int
    classes: tuple[NoteClass, ...]
    interest_steps: tuple[Step, ...]
    principal_steps: tuple[Step, ...]
    fees: tuple[Fee, ...] = ()
    reserve: Reserve = field(default_factory=Reserve)
    triggers: tuple[Trigger, ...] = ()
    principal_rule: PrincipalRule = field(default_factory=PrincipalRule)
    clean_up_ratio: float = 0.0
    index_rate: float = 0.0
    enforcement_trigger: str = ""
    enforcement_steps: tuple[Step, ...] = ()
    liquidity: LiquidityFacility = field(default_factory=LiquidityFacility)
    draws: tuple[Draw, ...] = ()
    hedges: tuple[Hedge, ...] = ()
    further_loans: tuple[FurtherLoans, ...] = ()
    business_days: BusinessDays = BusinessDays.UNADJUSTED
    calendar: Calendar = Calendar.WEEKENDS
    holidays: tuple[date, ...] = ()
    accrues_to_payment: bool = False

    @property
    def balances(self) -> dict[str, float]:
        """Balance of each class at closing, by code."""
        return {each.code: each.balance_amount for each in self.classes}

    @property
    def notes_amount(self) -> float:
        """Balance of all classes at closing."""
        return sum(each.balance_amount for each in self.classes)

    @property
    def ranks(self) -> tuple[int, ...]:
        """The rank of each class, 1 first."""
        found: list[int] = []
        for each in self.classes:
            found.append(each.rank or (found[-1] + 1 if found else 1))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan at the cut-off; `schedule` gives its balance at the end of each month to its last, at nil."""

    code: str
    currency: str
    balance_amount: float
    coupon_rate: float
    remaining_months: int
    amortisation: Amortisation = Amortisation.ANNUITY
    schedule: tuple[float, ...] | None = None
    obligor: str = ""
    sector: str = ""
    rating: str = ""
    age_months: int = 0


@dataclass(frozen=True, slots=True)
class Bought:
    """A loan bought on a payment date, so many months after the cut-off."""

    after_months: int
    loan: Loan


@dataclass(frozen=True, slots=True)
class Pool:
    """The loans, in one currency, and what is bought later."""

    loans: tuple[Loan, ...]
    bought: tuple[Bought, ...] = ()

    @property
    def balance_amount(self) -> float:
        """Of all loans at the cut-off."""
        return sum(loan.balance_amount for loan in self.loans)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How loans prepay and default. A figure is a rate or a multiple (PSA 1.5 is 150%); a vector's last rate is carried on.

    A default loses `severity_ratio` at once; the rest comes back `recovery_lag_months` later. `delinquency_ratio` of what is
    due each month is paid one month late.
    """

    prepayment_kind: PrepaymentKind = PrepaymentKind.NONE
    prepayment: float | tuple[float, ...] = 0.0
    default_kind: DefaultKind = DefaultKind.NONE
    default: float | tuple[float, ...] = 0.0
    severity_ratio: float = 0.0
    recovery_lag_months: int = 0
    delinquency_ratio: float = 0.0
