"""What a pool pays month by month: scheduled and early repayments, defaults, what comes back of them and when.

Each month, loan by loan: defaults leave the opening balance, interest and the schedule run on what still performs, and
prepayments take their share of what the schedule leaves. A default loses its severity at once; the rest is carried at
its expected amount until it comes back. Yearly rates become monthly ones by 1 - (1 - rate)^(1/12). Source: PSA and SDA as
the Bond Market Association's standard formulas give them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.notes.terms import Amortisation, Behaviour, DefaultKind, Loan, Pool, PrepaymentKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MONTHS_A_YEAR = 12
PSA_RAMP_MONTHS, PSA_FULL_RATE = 30, 0.06
SDA_RAMP_MONTHS, SDA_PEAK_MONTHS, SDA_TAIL_MONTHS = 30, 60, 120
SDA_PEAK_RATE, SDA_TAIL_RATE = 0.006, 0.0003

COLUMNS = (
    "opening",
    "interest",
    "scheduled",
    "prepaid",
    "defaulted",
    "recovered",
    "loss",
    "closing",
    "pending",
    "late",
)
OPENING, INTEREST, SCHEDULED, PREPAID, DEFAULTED, RECOVERED, LOSS, CLOSING, PENDING, LATE = range(len(COLUMNS))
SUMMED = (INTEREST, SCHEDULED, PREPAID, DEFAULTED, RECOVERED, LOSS)
KINDS = tuple(Amortisation)
ANNUITY, STRAIGHT_LINE, INTEREST_ONLY, SCHEDULE = range(len(KINDS))
LOAN_RATE, LOAN_BALANCE = range(2)
LOAN_MONTHS, LOAN_KIND, LOAN_AGE, LOAN_START, LOAN_BEGINS = range(5)


@dataclass(frozen=True, slots=True)
class PoolFlows:
    """A table (periods, columns) of what came and what stands at each period's end; `frequency_months` to a period.

    `pool` are the loans it comes from, where it comes from loans.
    """

    table: Floats
    frequency_months: int = 1
    pool: Pool | None = None

    def of(self, name: str) -> Floats:
        """One column by name."""
        return self.table[:, COLUMNS.index(name)]

    @property
    def principal(self) -> Floats:
        """Collections of principal: scheduled, early and recovered."""
        found: Floats = self.table[:, (SCHEDULED, PREPAID, RECOVERED)].sum(axis=1)
        return found

    @property
    def collateral(self) -> Floats:
        """What the pool is carried at, at the end of periods 0 to the last: performing, paid late, still to come back."""
        closing = self.table[:, (CLOSING, PENDING, LATE)].sum(axis=1)
        return np.concatenate((self.table[:1, OPENING], closing))

    @property
    def bought(self) -> Floats:
        """What is bought at the end of each period."""
        found = np.zeros(self.table.shape[0])
        for each in self.pool.bought if self.pool else ():
            found[each.after_months // self.frequency_months - 1] += each.loan.balance_amount
        return found

    @property
    def opening(self) -> Floats:
        """What the pool is carried at at the beginning of each period, with what was just bought."""
        return self.collateral[:-1] + np.concatenate(([0.0], self.bought[:-1]))


def single_month_rate(yearly_rate: float | Floats) -> Floats:
    """SMM of a CPR, MDR of a CDR."""
    return np.asarray(1.0 - (1.0 - np.asarray(yearly_rate, dtype=np.float64)) ** (1.0 / MONTHS_A_YEAR))


def yearly_rate(monthly_rate: float | Floats) -> Floats:
    """CPR of an SMM, CDR of an MDR."""
    return np.asarray(1.0 - (1.0 - np.asarray(monthly_rate, dtype=np.float64)) ** MONTHS_A_YEAR)


def single_month_rate_of_abs(abs_rate: float, month: int) -> float:
    """SMM in a month of an ABS speed, which is a share of the original number of loans."""
    return abs_rate / (1.0 - abs_rate * (month - 1))


def psa_cpr(multiple: float, ages: Ints) -> Floats:
    """CPR by age in months: up to 6% in month 30, flat from there, times the multiple."""
    return np.asarray(multiple * PSA_FULL_RATE * np.minimum(ages, PSA_RAMP_MONTHS) / PSA_RAMP_MONTHS)


def sda_cdr(multiple: float, ages: Ints) -> Floats:
    """CDR by age in months: up to 0.6% in month 30, flat to 60, down to 0.03% in month 120, flat from there."""
    turns = (0, SDA_RAMP_MONTHS, SDA_PEAK_MONTHS, SDA_TAIL_MONTHS)
    rates = (0.0, SDA_PEAK_RATE, SDA_PEAK_RATE, SDA_TAIL_RATE)
    return np.asarray(multiple * np.interp(ages, turns, rates))


class Speeds(NamedTuple):
    """Monthly rates of prepayment and default; those by age are read at a loan's age, the others at the deal's month."""

    smm: Floats
    mdr: Floats
    smm_by_age: int
    mdr_by_age: int


def speeds_of(behaviour: Behaviour, months: int, oldest: int = 0) -> Speeds:
    """Monthly rates for so many months of loans no older than `oldest`."""
    size = months + oldest
    return Speeds(
        _monthly(str(behaviour.prepayment_kind), behaviour.prepayment, size),
        _monthly(str(behaviour.default_kind), behaviour.default, size),
        int(behaviour.prepayment_kind == PrepaymentKind.PSA),
        int(behaviour.default_kind == DefaultKind.SDA),
    )


def _monthly(kind: str, figure: float | tuple[float, ...], size: int) -> Floats:
    """Rate of months 1..size under one kind."""
    if kind == "none":
        return np.zeros(size)
    if kind in {"psa", "sda"}:
        ramp = psa_cpr if kind == "psa" else sda_cdr
        return single_month_rate(np.minimum(ramp(float(np.max(figure)), np.arange(1, size + 1)), 1.0))
    rates = np.array(figure, dtype=np.float64) if kind in {"smm", "mdr"} else single_month_rate(np.array(figure))
    return rates[np.minimum(np.arange(size), rates.size - 1)] if rates.ndim else np.full(size, float(rates))


class Loans(NamedTuple):
    """Of `k` loans: `amounts` (k, 2) monthly rate and balance, `numbers` (k, 5) months, kind, age, start of its schedule, month it begins."""

    amounts: Floats
    numbers: Ints
    schedules: Floats


def loans_of(pool: Pool) -> Loans:
    """The pool as the kernel reads it."""
    starts: list[int] = []
    schedules: list[float] = []
    every = [(0, loan) for loan in pool.loans] + [(each.after_months, each.loan) for each in pool.bought]
    for _, loan in every:
        starts.append(len(schedules))
        own = (loan.balance_amount, *(loan.schedule or ())) if loan.amortisation == Amortisation.SCHEDULE else ()
        schedules.extend(own)
    return Loans(
        np.array([(loan.coupon_rate / MONTHS_A_YEAR, loan.balance_amount) for _, loan in every]).reshape(-1, 2),
        np.array(
            [(*_numbers(loan, start), begins) for (begins, loan), start in zip(every, starts, strict=True)], np.int64
        ).reshape(-1, 5),
        np.array(schedules, dtype=np.float64),
    )


def _numbers(loan: Loan, start: int) -> tuple[int, int, int, int]:
    return loan.remaining_months, KINDS.index(loan.amortisation), loan.age_months, start


def months_of(pool: Pool, behaviour: Behaviour, frequency_months: int = 1) -> int:
    """Months until the last loan has paid and the last default has come back, to whole payment periods."""
    last = max(loan.remaining_months for loan in pool.loans)
    last = max([last, *(each.after_months + each.loan.remaining_months for each in pool.bought)])
    last += max(behaviour.recovery_lag_months, int(behaviour.delinquency_ratio > 0.0))
    return -(-last // frequency_months) * frequency_months


def pool_flows(pool: Pool, behaviour: Behaviour, frequency_months: int = 1, months: int | None = None) -> PoolFlows:
    """What the pool pays by period."""
    months = months or months_of(pool, behaviour, frequency_months)
    oldest = max(loan.age_months for loan in pool.loans)
    table = np.zeros((months, len(COLUMNS)))
    fill_pool(
        loans_of(pool), speeds_of(behaviour, months, oldest), behaviour.severity_ratio, behaviour.recovery_lag_months,
        behaviour.delinquency_ratio, months, table,
    )  # fmt: skip
    return PoolFlows(by_period(table, frequency_months), frequency_months, pool)


def by_period(table: Floats, frequency_months: int) -> Floats:
    """Months added up to payment periods; balances are those of the first opening and the last closing."""
    if frequency_months == 1:
        return table
    cut = table.reshape(-1, frequency_months, len(COLUMNS))
    found = cut[:, -1].copy()
    found[:, OPENING] = cut[:, 0, OPENING]
    found[:, SUMMED] = cut[:, :, SUMMED].sum(axis=1)
    return found


@njit(cache=True, nogil=True)
def fill_pool(
    loans: Loans, speeds: Speeds, severity: float, lag: int, late: float, until: int, out: Floats
) -> None:  # pragma: no cover - compiled
    """Every column by month into `out` (months, columns), all loans added up that begin before month `until`."""
    out[:] = 0.0
    for k in range(loans.numbers.shape[0]):
        if loans.numbers[k, LOAN_BEGINS] < until:
            _fill_loan(loans.amounts[k], loans.numbers[k], loans.schedules, speeds, severity, lag, out)
    _carry(late, out)


@njit(cache=True, nogil=True)
def _fill_loan(
    amounts: Floats, numbers: Ints, schedules: Floats, speeds: Speeds, severity: float, lag: int, out: Floats
) -> None:  # pragma: no cover - compiled
    balance, rate, last, begins = amounts[LOAN_BALANCE], amounts[LOAN_RATE], numbers[LOAN_MONTHS], numbers[LOAN_BEGINS]
    since = numbers[LOAN_AGE] - begins
    for m in range(begins, min(begins + last, out.shape[0])):
        if balance <= 0.0:
            break
        row = out[m]
        defaulted = balance * speeds.mdr[m + since * speeds.mdr_by_age]
        performing = balance - defaulted
        scheduled = performing * _share_due(numbers, schedules, rate, m - begins)
        prepaid = 0.0
        if m + 1 - begins < last:
            prepaid = (performing - scheduled) * speeds.smm[m + since * speeds.smm_by_age]
        row[OPENING] += balance
        row[INTEREST] += performing * rate
        row[SCHEDULED] += scheduled
        row[PREPAID] += prepaid
        row[DEFAULTED] += defaulted
        row[LOSS] += defaulted * severity
        if m + lag < out.shape[0]:
            out[m + lag, RECOVERED] += defaulted * (1.0 - severity)
        balance = performing - scheduled - prepaid if m + 1 - begins < last else 0.0
        row[CLOSING] += balance


@njit(cache=True, nogil=True)
def _share_due(numbers: Ints, schedules: Floats, rate: float, m: int) -> float:  # pragma: no cover - compiled
    """Share of the performing balance that the schedule repays in month m + 1."""
    left, kind = numbers[LOAN_MONTHS] - m, numbers[LOAN_KIND]
    if left <= 1:
        return 1.0
    if kind == INTEREST_ONLY:
        return 0.0
    if kind == SCHEDULE:
        before, after = schedules[numbers[LOAN_START] + m], schedules[numbers[LOAN_START] + m + 1]
        return float(1.0 - after / before) if before > 0.0 else 1.0
    if kind == STRAIGHT_LINE or rate == 0.0:
        return float(1.0 / left)
    return float(rate / np.expm1(left * np.log1p(rate)))


@njit(cache=True, nogil=True)
def _carry(late: float, out: Floats) -> None:  # pragma: no cover - compiled
    """What is still to come back, and what is paid a month late."""
    pending, interest, scheduled = 0.0, 0.0, 0.0
    for m in range(out.shape[0]):
        row = out[m]
        pending += row[DEFAULTED] - row[LOSS] - row[RECOVERED]
        row[PENDING] = max(pending, 0.0)
        if late > 0.0:
            due_interest, due_scheduled = row[INTEREST], row[SCHEDULED]
            row[INTEREST] = due_interest * (1.0 - late) + interest
            row[SCHEDULED] = due_scheduled * (1.0 - late) + scheduled
            interest, scheduled = due_interest * late, due_scheduled * late
            row[LATE] = scheduled
