"""What has to be done until close: who does it, after what, and by when, worked out backwards from the closing date.

Days are business days: weekends and the holidays of where the project lies are skipped. Each task is dated as late as it may be;
one without float is on the critical path. Durations and order are a usual timetable of a first issue, to be changed by
the parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.basics.business_days import Calendar, is_open


class Owner(StrEnum):
    """Who answers for a task: a role, since parties are named in the mandate and not here."""

    SPONSOR = "Sponsor"
    ARRANGER = "Arranger"
    COUNSEL = "Legal counsel"
    AGENCY = "Rating agency"
    TRUSTEE = "Trustee"
    HEDGE = "Hedge counterparty"
    AUDITOR = "Auditor"
    INSURER = "Insurer"
    ADVISER = "Technical adviser"
    VALUER = "Valuer"
    BANK = "Account bank"


class Need(StrEnum):
    """What a structure must have for a task to apply."""

    ALWAYS = "always"
    MEZZANINE = "mezzanine"
    INFLATION_SWAP = "inflation swap"
    RETURN_SWAP = "total return swap"
    ANY_SWAP = "any swap"
    WRAP = "insurance wrap"
    REPO = "central-bank collateral"
    RESERVE = "debt service reserve"
    LAND = "land purchase"


@dataclass(frozen=True, slots=True)
class Plan:
    """A task as planned; `after` names tasks that stand before it in the list, so no circle can be written."""

    code: str
    workstream: str
    title: str
    owner: Owner
    duration_days: int
    after: tuple[str, ...] = ()
    need: Need = Need.ALWAYS


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its dates, first and last day included; `float_days` is how much earlier it could start at best."""

    code: str
    workstream: str
    title: str
    owner: Owner
    duration_days: int
    after: tuple[str, ...]
    start_date: date
    end_date: date
    float_days: int

    @property
    def is_critical(self) -> bool:
        """True where a day lost is a day of the closing date."""
        return self.float_days == 0


_O, _N = Owner, Need
PLANS: tuple[Plan, ...] = (
    Plan("A1", "Mandate", "Sign the mandate and fee letters", _O.ARRANGER, 5),
    Plan("A2", "Mandate", "Agree the timetable and the list of parties", _O.ARRANGER, 3, ("A1",)),
    Plan("A3", "Mandate", "Appoint legal counsel, trustee, agents and account bank", _O.SPONSOR, 5, ("A1",)),
    Plan("A4", "Mandate", "Complete identity and ownership checks of all parties", _O.TRUSTEE, 10, ("A3",)),
    Plan("B1", "Due diligence", "Open the data room: title, planning, lease, contracts", _O.SPONSOR, 5, ("A2",)),
    Plan("B2", "Due diligence", "Report on title, planning, lease and material contracts", _O.COUNSEL, 15, ("A3", "B1")),
    Plan("B3", "Due diligence", "Report on design, power, cooling and construction cost", _O.ADVISER, 15, ("B1",)),
    Plan("B4", "Due diligence", "Value the property as completed and let", _O.VALUER, 10, ("B1",)),
    Plan("B5", "Due diligence", "Audit the financial model and confirm tax treatment", _O.AUDITOR, 10, ("B1",)),
    Plan("B6", "Due diligence", "Confirm property and construction insurance", _O.INSURER, 10, ("B3",)),
    Plan("B7", "Due diligence", "Obtain the tenant's confirmation of the lease and direct agreement", _O.SPONSOR, 10, ("B2",)),
    Plan("B8", "Due diligence", "Complete the land purchase and pay transfer tax", _O.SPONSOR, 5, ("B2",), _N.LAND),
    Plan("C1", "Structure", "Incorporate the issuer and the security trust", _O.COUNSEL, 5, ("A3",)),
    Plan("C2", "Structure", "Agree the term sheet", _O.ARRANGER, 5, ("A2", "A3")),
    Plan("C3", "Structure", "Obtain credit approval of the insurance wrap", _O.INSURER, 15, ("B2", "B3", "B4", "B5"), _N.WRAP),
    Plan("D1", "Rating", "Present the transaction to the rating agency", _O.ARRANGER, 5, ("C2", "B5")),
    Plan("D2", "Rating", "Analyse and give a preliminary rating", _O.AGENCY, 15, ("D1", "B2", "B3", "B4")),
    Plan("E1", "Documents", "Draft the note conditions and the trust deed", _O.COUNSEL, 10, ("C2",)),
    Plan("E2", "Documents", "Draft the security documents and the cash management agreement", _O.COUNSEL, 10, ("C1", "C2", "B2")),
    Plan("E3", "Documents", "Draft the intercreditor agreement and the mezzanine conditions", _O.COUNSEL, 10, ("C2",), _N.MEZZANINE),
    Plan("E4", "Documents", "Negotiate documents until agreed form", _O.COUNSEL, 10, ("E1", "E2", "E3", "D2")),
    Plan("E5", "Documents", "Agree the policy and the premium letter of the wrap", _O.INSURER, 5, ("C3", "E1"), _N.WRAP),
    Plan("F1", "Hedging", "Agree ISDA master agreement, schedule and credit support", _O.HEDGE, 10, ("C2",), _N.ANY_SWAP),
    Plan("F2", "Hedging", "Agree the confirmation of the inflation swap", _O.HEDGE, 5, ("F1", "B5"), _N.INFLATION_SWAP),
    Plan("F3", "Hedging", "Agree the confirmation of the total return swap and its margin", _O.HEDGE, 5, ("F1", "E1"), _N.RETURN_SWAP),
    Plan("G1", "Placement", "Approve the investor presentation", _O.ARRANGER, 5, ("B2", "B3", "B4", "B5", "D2")),
    Plan("G2", "Placement", "Market the notes and take orders", _O.ARRANGER, 10, ("G1", "E4")),
    Plan("G3", "Placement", "Price and allocate the notes", _O.ARRANGER, 1, ("G2", "E5")),
    Plan("H1", "Central bank", "Ask the central bank to confirm eligibility and haircut", _O.ARRANGER, 15, ("D2", "E1"), _N.REPO),
    Plan("H2", "Central bank", "Set up loan-level data and its reporting", _O.SPONSOR, 10, ("B5", "E1"), _N.REPO),
    Plan("J1", "Closing", "Confirm the final rating", _O.AGENCY, 2, ("G3", "E4")),
    Plan("J2", "Closing", "Open the transaction accounts", _O.BANK, 5, ("A4", "C1")),
    Plan("J3", "Closing", "Fix and execute the inflation swap", _O.HEDGE, 1, ("F2", "G3"), _N.INFLATION_SWAP),
    Plan("J4", "Closing", "Execute the total return swap and post its margin", _O.HEDGE, 1, ("F3", "G3"), _N.RETURN_SWAP),
    Plan("J5", "Closing", "Issue the insurer's policy", _O.INSURER, 1, ("E5", "G3"), _N.WRAP),
    Plan("J6", "Closing", "Give legal opinions", _O.COUNSEL, 2, ("E4", "G3")),
    Plan("J7", "Closing", "Sign documents and satisfy conditions precedent", _O.COUNSEL, 2,
         ("J1", "J2", "J3", "J4", "J5", "J6", "B6", "B7", "B8", "H1", "H2")),
    Plan("J8", "Closing", "Agree the funds flow and fund the debt service reserve", _O.BANK, 1, ("J7",), _N.RESERVE),
    Plan("J9", "Closing", "Settle the notes and perfect the security", _O.TRUSTEE, 1, ("J7", "J8")),
)  # fmt: skip


def checklist_of(needs: Iterable[Need], close_date: date, holidays: Calendar) -> tuple[Task, ...]:
    """The tasks that apply, in order; the last ends on the close, or on the business day before where it is none."""
    plans = applying(PLANS, {Need.ALWAYS, *needs})
    ends = _days_before_close(plans)
    starts = {plan.code: ends[plan.code] + plan.duration_days - 1 for plan in plans}
    soonest = _days_after_kick_off(plans)
    longest = max(starts.values())
    return tuple(
        Task(
            code=plan.code, workstream=plan.workstream, title=plan.title, owner=plan.owner,
            duration_days=plan.duration_days, after=plan.after,
            start_date=business_day(close_date, starts[plan.code], holidays),
            end_date=business_day(close_date, ends[plan.code], holidays),
            float_days=longest - starts[plan.code] - soonest[plan.code],
        )
        for plan in plans
    )  # fmt: skip


def applying(plans: Iterable[Plan], needs: set[Need]) -> tuple[Plan, ...]:
    """The plans that apply; one that follows a plan left out follows what that one followed.

    Raises ValueError for a plan that follows itself or one further down.
    """
    follows: dict[str, tuple[str, ...]] = {}
    kept: list[Plan] = []
    for plan in plans:
        after = _resolved(plan, follows)
        if plan.need in needs:
            kept.append(Plan(plan.code, plan.workstream, plan.title, plan.owner, plan.duration_days, after, plan.need))
            follows[plan.code] = (plan.code,)
        else:
            follows[plan.code] = after
    return tuple(kept)


def _resolved(plan: Plan, follows: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    unknown = [code for code in plan.after if code not in follows]
    if unknown:
        raise ValueError(f"task {plan.code} follows {', '.join(unknown)}: expected tasks that stand before it")
    return tuple(dict.fromkeys(code for before in plan.after for code in follows[before]))


def business_day(close_date: date, days_before: int, holidays: Calendar) -> date:
    """The business day so many business days before the close; a close that is none counts from the one before."""
    day = close_date
    while True:
        while not is_open(day, holidays):
            day -= timedelta(1)
        if days_before == 0:
            return day
        days_before -= 1
        day -= timedelta(1)


def _days_before_close(plans: tuple[Plan, ...]) -> dict[str, int]:
    """Business days from each task's latest end to the close."""
    ends = {plan.code: 0 for plan in plans}
    for plan in reversed(plans):
        for code in plan.after:
            ends[code] = max(ends[code], ends[plan.code] + plan.duration_days)
    return ends


def _days_after_kick_off(plans: tuple[Plan, ...]) -> dict[str, int]:
    """Business days from the first task's start to each task's soonest start."""
    starts: dict[str, int] = {}
    for plan in plans:
        starts[plan.code] = max((starts[code] + _duration(plans, code) for code in plan.after), default=0)
    return starts


def _duration(plans: tuple[Plan, ...], code: str) -> int:
    return next(plan.duration_days for plan in plans if plan.code == code)
