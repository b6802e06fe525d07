"""The classes of debt of a structure, as a term sheet speaks of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.deal.layers import MezzLayer, SeniorLayer
from engine.deal.structure import Structure
from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import ARD_PLCR
from engine.permutations import PermutationDetail
from engine.ratings import rating_label

MonthDate = Callable[[int], date]


@dataclass(frozen=True, slots=True)
class Tranche:
    """One class of debt as sized: amounts at the start of operations, `years` by operating year to its end.

    `rating` is indicative, the mezzanine's read on all debt together; `balloon_amount` is what the schedule
    leaves at maturity; `sized_by` is the limit that binds, as `engine.debt.kinds` numbers them.
    """

    code: str
    name: str
    amount: float
    proceeds_amount: float
    prefunded_amount: float
    coupon_rate: float
    wrap_premium_rate: float
    amortisation: str
    grace_months: int
    sizing_dscr: float
    sized_by: int
    maturity_months: int
    maturity_date: date
    balloon_amount: float
    wal_years: float | None
    yield_rate: float | None
    rating: str
    ard: AnticipatedRepayment | None
    years: tuple[TrancheYear, ...]

    @property
    def legal_final_date(self) -> date:
        """The day by which the last of it must be repaid."""
        return self.ard.legal_final_date if self.ard else self.maturity_date

    @property
    def is_wrapped(self) -> bool:
        """True where an insurer stands behind the notes."""
        return self.wrap_premium_rate > 0.0


@dataclass(frozen=True, slots=True)
class AnticipatedRepayment:
    """Of a note that is swept after its anticipated repayment date, which is then its maturity.

    `wal_years` is the average life from close where it is repaid on that date; `cover_ratio` the cash after
    it over what then stands out.
    """

    wal_years: float
    legal_final_date: date
    cover_ratio: float


@dataclass(frozen=True, slots=True)
class TrancheYear:
    """What a class pays in an operating year in the base case, and what it then still owes."""

    year: int
    end_date: date
    interest_amount: float
    principal_amount: float
    closing_balance_amount: float


def tranches_of(structure: Structure, detail: PermutationDetail, month_date: MonthDate) -> tuple[Tranche, ...]:
    """Senior first; empty where no debt can be sized, without mezzanine where there is none."""
    if not structure.runs:
        return ()
    found = [_senior(structure, detail, month_date)]
    if structure.mezz.amount > 0.0:
        found.append(_mezzanine(structure, detail, month_date))
    return tuple(found)


def _senior(structure: Structure, detail: PermutationDetail, month_date: MonthDate) -> Tranche:
    senior, notch = structure.senior, detail.row["rating_notch"]
    return Tranche(
        code="senior",
        name="Senior secured notes",
        amount=senior.amount,
        proceeds_amount=senior.proceeds_amount,
        prefunded_amount=senior.prefunded_amount,
        coupon_rate=senior.coupon_rate,
        wrap_premium_rate=senior.wrap_monthly_rate * 12.0,
        amortisation=AMORTISATIONS[senior.kind],
        grace_months=_months(detail, "grace_months"),
        sizing_dscr=senior.dscr,
        sized_by=senior.sized_by,
        maturity_months=senior.maturity,
        maturity_date=month_date(senior.maturity),
        balloon_amount=float(structure.work.schedule[senior.maturity]),
        wal_years=_number(detail.row["senior_wal_years"]),
        yield_rate=_number(detail.row["senior_yield_rate"]),
        rating="" if notch is None else rating_label(int(notch)),
        ard=_ard(structure, senior, month_date),
        years=_years(detail, "senior", month_date),
    )


def _mezzanine(structure: Structure, detail: PermutationDetail, month_date: MonthDate) -> Tranche:
    mezz, levers, notch = structure.mezz, detail.levers, detail.row["mezz_rating_notch"]
    return Tranche(
        code="mezzanine",
        name="Mezzanine notes",
        amount=mezz.amount,
        proceeds_amount=mezz.proceeds_amount,
        prefunded_amount=mezz.prefunded_amount,
        coupon_rate=mezz.monthly_rate * 12.0,
        wrap_premium_rate=0.0,
        # Behind a senior with a balloon it takes the senior's form whatever the lever says.
        amortisation=AMORTISATIONS[mezz.kind],
        grace_months=0,
        sizing_dscr=float(levers["mezz_dscr"]),
        sized_by=mezz.sized_by,
        maturity_months=mezz.maturity,
        maturity_date=month_date(mezz.maturity),
        balloon_amount=float(structure.work.mezz_schedule[mezz.maturity]),
        wal_years=_number(detail.row["mezz_wal_years"]),
        yield_rate=_number(detail.row["mezz_yield_rate"]),
        rating="" if notch is None else rating_label(int(notch)),
        ard=_ard(structure, mezz, month_date),
        years=_years(detail, "mezz", month_date),
    )


def _ard(structure: Structure, notes: SeniorLayer | MezzLayer, month_date: MonthDate) -> AnticipatedRepayment | None:
    if not notes.sweeps:
        return None
    resolved = structure.deal.resolved
    legal_final = resolved.project.lease_months - resolved.terms.lease_tail_months
    return AnticipatedRepayment(notes.priced_wal_years, month_date(legal_final), float(structure.cover[ARD_PLCR]))


def _years(detail: PermutationDetail, tranche: str, month_date: MonthDate) -> tuple[TrancheYear, ...]:
    interest, principal = detail.years[f"{tranche}_interest"], detail.years[f"{tranche}_principal"]
    balance = detail.years[f"{tranche}_balance"]
    owed = [at for at in range(len(balance)) if interest[at] or principal[at]]
    return tuple(
        TrancheYear(at + 1, month_date(12 * (at + 1)), float(interest[at]), float(principal[at]), float(balance[at]))
        for at in range(owed[-1] + 1 if owed else 0)
    )


def _months(detail: PermutationDetail, lever: str) -> int:
    return int(float(detail.levers.get(lever) or 0))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
