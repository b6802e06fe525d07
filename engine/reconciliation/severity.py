"""How urgent a break is: points from what and how much, a band, the hours it may take, who takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.reconciliation.verdicts import MATCHED, Verdict

BASE, MOST = 5, 10
POINTS = {
    "PRICE_BREAK": 2,
    "FX_RATE_BREAK": 2,
    "QTY_BREAK": 1,
    "AMOUNT_BREAK": 1,
    "PARTIAL_PAYMENT": 1,
    "SIGN_BREAK": 1,
    "MISSING_EXTERNAL": 3,
    "MISSING_INTERNAL": 2,
    "NWAY_MISSING": 3,
}
SIZES = ((Decimal(1_000_000), 2), (Decimal(100_000), 1))
BANDS = ((8, "CRITICAL"), (6, "HIGH"), (4, "MEDIUM"))
LOWEST = "LOW"
MANAGEMENT_FROM = Decimal(50_000_000)


@dataclass(frozen=True, slots=True)
class Hours:
    """Until somebody must have answered, solved, or told the next one up."""

    respond: int
    resolve: int
    escalate: int


HOURS = {"CRITICAL": Hours(1, 2, 1), "HIGH": Hours(2, 8, 4), "MEDIUM": Hours(4, 24, 12), "LOW": Hours(8, 72, 36)}


@dataclass(frozen=True, slots=True)
class Severity:
    """Points of ten and their band."""

    score: int
    band: str


def severity_of(verdict: Verdict, break_types: Iterable[str], amount: Decimal) -> Severity | None:
    """The severity of a group by its worst type and the size of what it is about; None where nothing is open."""
    if verdict in MATCHED or verdict in {
        Verdict.DUPLICATE,
        Verdict.CANCELLED,
        Verdict.CANCEL_APPLIED,
        Verdict.REPLACED,
    }:
        return None
    worst = max((POINTS.get(each, 0) for each in (*break_types, str(verdict))), default=0)
    size = next((points for limit, points in SIZES if abs(amount) > limit), 0)
    score = min(MOST, BASE + worst + size)
    return Severity(score, next((band for low, band in BANDS if score >= low), LOWEST))


def team_of(verdict: Verdict, break_types: Iterable[str], amount: Decimal) -> str:
    """Who looks first: by size, then by what differs."""
    types = set(break_types)
    if abs(amount) >= MANAGEMENT_FROM:
        return "management"
    if verdict in {Verdict.MISSING_EXTERNAL, Verdict.MISSING_INTERNAL} or types & {"PRICE_BREAK", "FX_RATE_BREAK"}:
        return "trading"
    return "operations"
