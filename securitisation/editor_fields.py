"""What the editor of a structure asks for: each field with its unit and words, each table with its columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.basics.business_days import BusinessDays, Calendar
from engine.basics.day_counts import DayCount
from engine.notes.terms import (
    ALWAYS,
    Amortisation,
    CouponKind,
    DefaultKind,
    DrawUse,
    HedgeKind,
    HedgeSide,
    Notional,
    PlanKind,
    PrepaymentKind,
    Rule,
    StepKind,
    TriggerKind,
)
from engine.ratings import LABELS
from lib.units import Unit


class Form(StrEnum):
    """How a field is typed: a text, a figure, a whole one, a choice, a tick, a day, several codes or figures."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    FLAG = "flag"
    DATE = "date"
    CODES = "codes"
    RATES = "rates"


Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `key` is its name in the content, `empty` what stands there where nothing is typed."""

    key: str
    label: str
    form: Form = Form.TEXT
    unit: Unit = Unit.NONE
    choices: Choices = ()
    empty: object = None
    help: str = ""
    required: bool = False
    lists: str = ""  # the list of codes that the page suggests: classes, targets, triggers


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind; the order counts where `ordered`."""

    key: str
    title: str
    about: str
    row: str
    fields: tuple[Field, ...]
    ordered: bool = False


def _words(codes: Iterable[str], said: dict[str, str]) -> Choices:
    return tuple((str(code), said.get(str(code), str(code).replace("_", " ").capitalize())) for code in codes)


DRAW_USES = _words(
    DrawUse, {"principal": "Principal collections", "reserve": "The reserve, up to its target", "loans": "To buy loans"}
)
PLANS = _words(PlanKind, {"none": "No plan", "cpr": "CPR", "psa": "PSA"})
DAY_COUNTS = _words(DayCount, {str(each): str(each) for each in DayCount} | {"equal": "Equal periods"})
BUSINESS_DAYS = _words(
    BusinessDays,
    {
        "unadjusted": "Not moved",
        "following": "To the next business day",
        "modified_following": "To the next in the month, else back",
    },
)
CALENDARS = _words(Calendar, {"weekends": "Weekends only", "target": "TARGET"})
AMORTISATIONS = _words((each for each in Amortisation if each != Amortisation.SCHEDULE), {})
COUPONS = _words(CouponKind, {})
RULES = _words(Rule, {"pro_rata": "Pro rata"})
TRIGGERS = _words(
    TriggerKind,
    {"oc": "Overcollateralisation", "ic": "Interest cover", "ic_owed": "Interest cover, unpaid included", "dscr": "DSCR", "cumulative_loss": "Cumulative loss, above", "legal_final": "Class past its legal final", "date": "From a month on", "any": "Any of several"},
)  # fmt: skip
STEPS = _words(
    StepKind,
    {"ledger": "Deficiency ledger", "planned": "Principal to its plan", "residual": "What is left, to equity",
     "hedge": "Net payment on hedges", "termination": "Termination of hedges"},
)  # fmt: skip
SWAPS = _words(
    HedgeKind,
    {"rate": "Interest rate: a fixed rate", "basis": "Basis: another index", "zcis": "Inflation (ZCIS): fixed growth", "trs": "Total return: the pool's return"},
)  # fmt: skip
SIDES = _words(HedgeSide, {"pay": "The issuer pays it", "receive": "The issuer receives it"})
NOTIONALS = _words(Notional, {"amount": "An amount", "class": "A share of a class", "pool": "A share of the pool"})
PREPAYMENTS = _words(PrepaymentKind, {"cpr": "CPR", "psa": "PSA", "smm": "SMM", "vector": "By month: a vector"})
DEFAULTS = _words(DefaultKind, {"cdr": "CDR", "sda": "SDA", "mdr": "MDR", "vector": "By month: a vector"})
MONTHS: Choices = (("1", "Monthly"), ("3", "Quarterly"), ("6", "Half-yearly"), ("12", "Yearly"))
RATINGS: Choices = (("", "None"), *((label, label) for label in LABELS))
CONDITIONS: Choices = ((ALWAYS, "Always"),)

_F, _U = Form, Unit
_DAY_COUNT = Field("day_count", "Days counted", _F.CHOICE, choices=DAY_COUNTS, empty="equal")
TERMS: tuple[Field, ...] = (
    Field("closing_date", "Closing", _F.DATE, required=True),
    Field("payment_frequency_months", "Payments", _F.CHOICE, _U.MONTHS, MONTHS),
    Field("clean_up_ratio", "Clean-up call", _F.NUMBER, _U.SHARE, empty=0.0, help="At or below this share of its first balance the pool is sold."),
    Field("index_rate", "Index of floating classes", _F.NUMBER, _U.RATE, empty=0.0),
    Field("business_days", "Payment dates on holidays", _F.CHOICE, choices=BUSINESS_DAYS, empty="unadjusted"),
    Field("calendar", "Holidays of", _F.CHOICE, choices=CALENDARS, empty="weekends"),
    Field("holidays", "And these days", _F.CODES, empty=[], help="As 2027-12-24, with semicolons between."),
    Field("accrues_to_payment", "Interest accrues to the moved date", _F.FLAG, empty=False),
    Field("enforcement_trigger", "Enforced by trigger", lists="triggers", empty="", help="One that is not cured. Once it is breached, all money goes by the steps after enforcement."),
)  # fmt: skip
RESERVE: tuple[Field, ...] = (
    Field("target_ratio", "Target, share of the notes", _F.NUMBER, _U.SHARE, empty=0.0),
    Field("floor_amount", "Floor", _F.NUMBER, _U.AMOUNT, empty=0.0),
    Field("initial_amount", "Held at closing", _F.NUMBER, _U.AMOUNT, empty=0.0),
)
LIQUIDITY: tuple[Field, ...] = (
    Field("commitment_amount", "Commitment", _F.NUMBER, _U.AMOUNT, empty=0.0),
    Field("commitment_ratio", "And a share of the classes covered", _F.NUMBER, _U.SHARE, empty=0.0),
    Field("covers", "Covers", lists="targets", empty="", help="Classes and fees as A+B+trustee: what income lacks for their lines is drawn. Steps pay it under the code liquidity: fee, interest, principal."),
    Field("commitment_fee_rate", "Yearly rate on what is undrawn", _F.NUMBER, _U.RATE, empty=0.0),
    Field("margin_bps", "Margin on what is drawn", _F.NUMBER, _U.BPS, empty=0.0, help="Over the index of floating classes."),
    Field("ends_months", "Cancelled after", _F.WHOLE, _U.MONTHS, help="Empty: once the classes covered are repaid."),
    _DAY_COUNT,
)  # fmt: skip
PRINCIPAL_RULE: tuple[Field, ...] = (
    Field("kind", "Principal goes", _F.CHOICE, choices=RULES),
    Field("switch_trigger", "Switched by trigger", lists="triggers", empty="", help="While it is breached, the other rule is in force."),
    Field("switch_kind", "Switched to", _F.CHOICE, choices=(("", "No other rule"), *RULES)),
)  # fmt: skip
BEHAVIOUR: tuple[Field, ...] = (
    Field("prepayment_kind", "Prepayment", _F.CHOICE, choices=PREPAYMENTS),
    Field("prepayment", "Prepayment rate", _F.RATES, _U.RATE, empty=0.0, help="PSA 150% is one and a half times the ramp; a vector has a yearly rate for each month, with semicolons."),
    Field("default_kind", "Default", _F.CHOICE, choices=DEFAULTS),
    Field("default", "Default rate", _F.RATES, _U.RATE, empty=0.0),
    Field("severity_ratio", "Severity", _F.NUMBER, _U.SHARE, empty=0.0, help="Share of a defaulted balance that is lost."),
    Field("recovery_lag_months", "Recovery lag", _F.WHOLE, _U.MONTHS, empty=0),
    Field("delinquency_ratio", "Paid a month late", _F.NUMBER, _U.SHARE, empty=0.0, help="Share of what is due each month."),
)  # fmt: skip
_STEP_FIELDS: tuple[Field, ...] = (
    Field("kind", "Pays", _F.CHOICE, choices=STEPS),
    Field("target", "Target", lists="targets", empty=""),
    Field("when", "When", _F.CHOICE, choices=CONDITIONS, empty=ALWAYS),
    Field("cap_amount", "At most", _F.NUMBER, _U.AMOUNT),
    Field("cap_ratio", "Share of what is there", _F.NUMBER, _U.SHARE),
    Field("to_cure", "Only to cure its test", _F.FLAG, empty=False),
)
TABLES: tuple[Table, ...] = (
    Table("classes", "Classes", "The most senior first; classes of one rank stand side by side.", "class", (
        Field("code", "Code"),
        Field("name", "Name"),
        Field("balance_amount", "Balance", _F.NUMBER, _U.AMOUNT, empty=0.0, required=True),
        Field("coupon_kind", "Coupon", _F.CHOICE, choices=COUPONS),
        Field("coupon_rate", "Fixed rate", _F.NUMBER, _U.RATE, empty=0.0),
        Field("margin_bps", "Margin", _F.NUMBER, _U.BPS, empty=0.0),
        Field("target_rating", "Target rating", _F.CHOICE, choices=RATINGS),
        Field("rank", "Rank", _F.WHOLE, _U.COUNT, empty=0, help="Empty: by its place."),
        Field("ard_months", "Months to the ARD", _F.WHOLE, _U.MONTHS),
        Field("step_up_bps", "Step-up after it", _F.NUMBER, _U.BPS, empty=0.0),
        Field("deferrable", "Interest may be deferred", _F.FLAG, empty=False),
        Field("accrues_until", "Accrues until class", lists="classes", empty="", help="While it or a class senior to it stands, interest is added to the balance and its money repays the others."),
        Field("plan_kind", "Planned between", _F.CHOICE, choices=PLANS, empty="none"),
        Field("plan_low", "Slower speed", _F.NUMBER, _U.RATE, empty=0.0, help="PSA 150% is one and a half times the ramp."),
        Field("plan_high", "Faster speed", _F.NUMBER, _U.RATE, empty=0.0),
        Field("commitment_amount", "Commitment", _F.NUMBER, _U.AMOUNT, empty=0.0, help="Of a variable funding note; the balance is what is drawn at closing."),
        Field("commitment_fee_rate", "Yearly rate on what is undrawn", _F.NUMBER, _U.RATE, empty=0.0, help="Paid by a fee step that names the class."),
        Field("available_months", "Drawn until", _F.WHOLE, _U.MONTHS),
        _DAY_COUNT,
        Field("legal_final_months", "Months to the legal final", _F.WHOLE, _U.MONTHS, help="What stands after its payment date is in default. Empty: the last payment date."),
    ), ordered=True),
    Table("fees", "Fees", "A yearly rate on the pool's balance and a yearly amount.", "fee", (
        Field("code", "Code"),
        Field("name", "Name"),
        Field("annual_rate", "Yearly rate", _F.NUMBER, _U.RATE, empty=0.0),
        Field("annual_amount", "Yearly amount", _F.NUMBER, _U.AMOUNT, empty=0.0),
        _DAY_COUNT,
    )),
    Table("draws", "Draws", "On classes with a commitment: on the first payment date at or after so many months.", "draw", (
        Field("class_code", "Class", lists="classes"),
        Field("after_months", "Months after closing", _F.WHOLE, _U.MONTHS, required=True),
        Field("amount", "Amount", _F.NUMBER, _U.AMOUNT, help="Empty: what the reserve lacks."),
        Field("use", "Goes to", _F.CHOICE, choices=DRAW_USES),
        Field("loans", "Loans bought", lists="further_loans", empty="", help="The code of their kind."),
    )),
    Table("further_loans", "Kinds of loans bought", "What draws may buy, at its balance: one loan a draw, which pays from the month after.", "kind", (
        Field("code", "Code"),
        Field("name", "Name"),
        Field("coupon_rate", "Coupon", _F.NUMBER, _U.RATE, empty=0.0),
        Field("remaining_months", "Term", _F.WHOLE, _U.MONTHS, required=True),
        Field("amortisation", "Amortisation", _F.CHOICE, choices=AMORTISATIONS),
    )),
    Table("hedges", "Hedges of the issuer", "Swaps exchanged on payment dates: the named leg against the index and a margin, or against inflation.", "hedge", (
        Field("code", "Code"),
        Field("name", "Name"),
        Field("counterparty", "Counterparty", empty="", help="Empty: agreed with the execution."),
        Field("kind", "Swap, by its named leg", _F.CHOICE, choices=SWAPS),
        Field("side", "Named leg", _F.CHOICE, choices=SIDES),
        Field("notional_kind", "Notional", _F.CHOICE, choices=NOTIONALS),
        Field("notional_amount", "Amount", _F.NUMBER, _U.AMOUNT, empty=0.0),
        Field("notional_ratio", "Or a share", _F.NUMBER, _U.SHARE, empty=1.0, help="Of the class or the pool as it opens the period. Empty: all of it."),
        Field("notional_class", "Of class", lists="classes", empty=""),
        Field("starts_months", "Starts after", _F.WHOLE, _U.MONTHS, empty=0, help="Empty: at closing."),
        Field("ends_months", "Ends after", _F.WHOLE, _U.MONTHS, required=True),
        Field("fixed_rate", "Fixed rate or growth", _F.NUMBER, _U.RATE, empty=0.0),
        Field("margin_bps", "Margin over the index", _F.NUMBER, _U.BPS, empty=0.0, help="Of the other leg."),
        Field("basis_bps", "Other index over the index", _F.NUMBER, _U.BPS, empty=0.0, help="Of a basis swap, as the base case has it."),
        Field("inflation_rate", "Inflation a year", _F.NUMBER, _U.RATE, empty=0.0, help="Of an inflation swap, as the base case has it."),
        Field("default_months", "Counterparty defaults after", _F.WHOLE, _U.MONTHS, help="An assumption: from the next payment date on nothing is exchanged. Empty: it does not."),
        Field("termination_amount", "Then owed by the issuer", _F.NUMBER, _U.AMOUNT, empty=0.0, help="Paid by a termination step; negative where the issuer is paid."),
        _DAY_COUNT,
    )),
    Table("triggers", "Triggers", "Read on each payment date before anyone is paid.", "trigger", (
        Field("code", "Code"),
        Field("kind", "Reads", _F.CHOICE, choices=TRIGGERS),
        Field("limit", "Limit", _F.NUMBER, _U.FACTOR, empty=0.0, help="Cover as a multiple, a loss as a fraction (0.05 is 5%), a date in months."),
        Field("class_code", "Down to class", lists="classes"),
        Field("of", "Any of", _F.CODES, lists="triggers", empty=[], help="Codes of triggers before it, with semicolons."),
        Field("cures", "May be cured", _F.FLAG, empty=False),
    )),
    Table("interest_steps", "Interest, in order", "From interest collections, line after line; A+B is side by side.", "step", _STEP_FIELDS, ordered=True),
    Table("principal_steps", "Principal, in order", "From principal collections; principal without a target goes by the rule.", "step", _STEP_FIELDS, ordered=True),
    Table("enforcement_steps", "After enforcement, in order", "All money, once the trigger of enforcement is breached; principal without a target goes by rank.", "step", tuple(each for each in _STEP_FIELDS if each.key not in {"when", "to_cure"}), ordered=True),
)  # fmt: skip
GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    ("terms", TERMS),
    ("reserve", RESERVE),
    ("liquidity", LIQUIDITY),
    ("principal_rule", PRINCIPAL_RULE),
    ("behaviour", BEHAVIOUR),
)
TABLE_BY_KEY = {table.key: table for table in TABLES}
SCENARIOS = Table("scenarios", "Scenarios", "Each a name and how the pool behaves then.", "scenario", (Field("name", "Name", required=True), *BEHAVIOUR))  # fmt: skip
MOST_ROWS = 60
