"""A deal of any number of classes as its papers say it: classes, costs, reserve, tests, and the steps in their order.

Rates are monthly, amounts in the deal's currency, months count from the closing. A deal paid at other intervals reads
"month" as its payment date and gives its rates for that interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What a step pays; the order is the kernel's numbering, steps on classes first."""

    INTEREST = "interest"
    CURRENT_INTEREST = "current_interest"
    INTEREST_ON_DEFERRED = "interest_on_deferred"
    DEFERRED_INTEREST = "deferred_interest"
    PRINCIPAL = "principal"
    SWEEP = "sweep"
    DEFICIENCY = "deficiency"
    PLANNED = "planned"
    ACCRETE = "accrete"
    DRAW = "draw"
    COST = "cost"
    RECEIVE = "receive"
    TRANSFER = "transfer"
    TOP_UP = "reserve_top_up"
    RELEASE = "reserve_release"
    TRAP = "cash_trap"
    TRAP_RELEASE = "trap_release"
    CALL = "clean_up_call"
    EQUITY = "equity"


class Account(StrEnum):
    """Where money stands: collections of income and of principal, the reserve, the cash trap."""

    CASH = "cash"
    PRINCIPAL = "principal"
    RESERVE = "reserve"
    TRAP = "trap"


class Sharing(StrEnum):
    """How the classes of one step share it: one after the other, or in proportion to what each is due."""

    SEQUENTIAL = "sequential"
    PRO_RATA = "pro_rata"


class Unpaid(StrEnum):
    """What becomes of interest that is not paid: a shortfall, deferred by right, or lost; the first two bear interest."""

    SHORTFALL = "shortfall"
    DEFERS = "defers"
    LAPSES = "lapses"


class Measure(StrEnum):
    """What a trigger reads before anyone is paid."""

    OC = "oc"
    IC = "ic"
    IC_OWED = "ic_owed"
    DSCR = "dscr"
    CUMULATIVE_LOSS = "cumulative_loss"
    POOL_FACTOR = "pool_factor"
    MONTH = "month"
    PATH = "path"
    SERVICE = "service"
    ANY = "any"
    STANDING = "standing"
    OVERDUE = "overdue"


INTEREST_COVER = (Measure.IC, Measure.IC_OWED)
KINDS, ACCOUNTS = tuple(Kind), tuple(Account)
INTEREST_KINDS = KINDS[:4]
CLASS_KINDS = KINDS[:10]
COST_COLUMNS: tuple[str, ...] = ("paid", "unpaid")
CLASS_COLUMNS: tuple[str, ...] = (
    *("interest_paid", "principal_paid", "balance", "deferred", "shortfall", "deficiency", "flags", "added", "drawn"),
)


@dataclass(frozen=True, slots=True)
class NoteClass:
    """One class of debt. Classes of one rank stand side by side; 1 is paid first.

    Due at the end of a month is what stands above `schedule` (balances at the end of months 0..months); without one the
    class amortises as named to its maturity, a partial one leaving `balloon_ratio` to be paid then. What is swept to a class
    with a cash sweep repays its last instalments first; to any other, its next. From `later_from_month` it pays the later rate (a step-up). Of a balance
    that stands beyond maturity no more than `refinance_capacity_amount` is carried on; the rest is due. A class with a commitment is
    drawn by steps; where it `covers` classes, its committed share is of their balances, and nothing is committed once they are repaid.
    """

    name: str
    rank: int
    amount: float
    monthly_rate: float
    maturity_months: int
    amortisation: str = "interest_only"
    schedule: tuple[float, ...] = ()
    unpaid_interest: Unpaid = Unpaid.SHORTFALL
    later_from_month: int | None = None
    later_monthly_rate: float = 0.0
    refinance_capacity_amount: float = inf
    final_month: int | None = None
    deferred_amount: float = 0.0
    balloon_ratio: float = 0.5
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Something paid that is not debt: its path, plus a rate on the opening balance of a class, or on what is undrawn of it, until a month.

    A negative amount is received. What is not paid is owed again next month under `arrears_to`, without interest; it
    lapses where that is empty. `is_service` counts the rate as debt service of that class in cover tests; otherwise the
    whole cost is taken from the cash that covers, or left out of the test where it is not `is_tested`.
    """

    name: str
    monthly_rate: float = 0.0
    on_class: str = ""
    until_month: int | None = None
    arrears_to: str = ""
    is_service: bool = False
    is_tested: bool = True
    on_undrawn: str = ""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Held at closing, and aimed at: so many months of scheduled interest and principal of some classes.

    While any class stands and it is not the last month, no less than `class_ratio` of all balances and `floor_amount`.
    """

    initial_amount: float = 0.0
    months: int = 0
    covers: tuple[str, ...] = ()
    class_ratio: float = 0.0
    floor_amount: float = 0.0


@dataclass(frozen=True, slots=True)
class LockUp:
    """Share of the residual trapped while the trailing DSCR of some classes is below a level; the last month traps none."""

    covers: tuple[str, ...]
    window_months: int
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A test read before anyone is paid; once breached it stays so until it has passed `cure_months` in a row (0: for good).

    OC: collateral and principal cash over balances and deferred interest of the last of `classes` and all not junior to
    it. IC: income less costs paid ahead of interest, over the interest due to the same; IC owed: and over
    what they have not been paid before. Service: the same with scheduled
    collections of principal on both sides. Below `level` is a breach; above it for a cumulative loss ratio; a month is
    breached from that month on. A path is one of `Cash.ratios`. Any: breached while one `of` those before it is.
    Standing: breached while the last of `classes` or one senior to it opens the month with a balance. Overdue: while the last of
    `classes` itself does, after its final month.
    """

    name: str
    measure: Measure
    level: float
    classes: tuple[str, ...] = ()
    window_months: int = 1
    cure_months: int = 1
    path: str = ""
    is_breached_above: bool = False
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the priority of payments.

    `target` names classes (in their order), one cost, one receipt or the account of a transfer; `beside` a cost that
    ranks with a step on classes, so that both are paid the same share of what they are due. Taken `when` a trigger is
    breached, `unless` another is; pays at most `share` of the account (of a cost at 0: only receives), the month's
    `limit` path, and what `cures` a coverage trigger. A draw brings in from the class it `draws` what the account lacks for the interest
    of its target and the cost `beside`; without either what the reserve lacks, or the limit.
    """

    kind: Kind
    target: tuple[str, ...] = ()
    source: Account = Account.CASH
    sharing: Sharing = Sharing.SEQUENTIAL
    when: str = ""
    unless: str = ""
    limit: str = ""
    cures: str = ""
    share: float = 1.0
    beside: str = ""
    draws: str = ""


@dataclass(frozen=True, slots=True)
class DealTerms:
    """What the papers say."""

    months: int
    classes: tuple[NoteClass, ...]
    steps: tuple[Step, ...]
    costs: tuple[Cost, ...] = ()
    reserve: Reserve = field(default_factory=Reserve)
    lock_up: LockUp | None = None
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Cash:
    """What comes in and what is lost, by month: arrays (months,), collateral and reserve targets (months + 1,).

    `income` and `principal` are collections; `costs`, `receipts`, `limits`, `ratios` are by name; `rates` replace a
    class's monthly rate (a floating coupon); `plans` are balances at month ends that planned principal pays down to; `cost_rates` replace a
    cost's rate; `committed` amounts and shares of what a class covers can be drawn; `reserve_targets` replace the reserve's own; `scheduled` is the part of the
    collections of principal that was due.
    """

    income: Floats
    principal: Floats | None = None
    losses: Floats | None = None
    collateral: Floats | None = None
    costs: Mapping[str, Floats] = field(default_factory=dict)
    receipts: Mapping[str, Floats] = field(default_factory=dict)
    limits: Mapping[str, Floats] = field(default_factory=dict)
    ratios: Mapping[str, Floats] = field(default_factory=dict)
    rates: Mapping[str, Floats] = field(default_factory=dict)
    plans: Mapping[str, Floats] = field(default_factory=dict)
    cost_rates: Mapping[str, Floats] = field(default_factory=dict)
    committed: Mapping[str, Floats] = field(default_factory=dict)
    committed_ratios: Mapping[str, Floats] = field(default_factory=dict)
    reserve_targets: Floats | None = None
    scheduled: Floats | None = None
