"""A scenario of a deal run to its end, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyxirr import xirr

from engine.portfolios.payments import Run, run_payments
from engine.portfolios.scenarios import ScenarioTerms, opening_of, periods_of
from portfolios.models import ComplianceRun, Scenario
from portfolios.queries import checked, last_payment, payment_calendar
from portfolios.translate import engine_papers, standing_of

NIL = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run with its totals by class; the yield is of the subordinated notes at what they cost."""

    run: Run
    interest: dict[str, Decimal]
    principal: dict[str, Decimal]
    left: dict[str, Decimal]
    subordinated: Decimal
    incentive: Decimal
    fees: Decimal
    equity_irr: float | None
    first_failure: str


def run_scenario(run: ComplianceRun, scenario: Scenario) -> Outcome:
    """The deal from its next payment date to its end, on the pool of the tests."""
    deal = run.deal
    pool, deal_terms, _ = checked(run)
    paid = last_payment(deal)
    calendar = payment_calendar(deal, deal_terms.determination_date)
    papers = engine_papers(run.papers, deal.preset, accelerates=deal.accelerates_after_default)
    standing = standing_of(paid.closing if paid else None)
    last = standing.get("last_pay_date") or (deal_terms.period_start if calendar.made else papers.closing)
    standing = standing or {"payments_made": calendar.made, "last_pay_date": last, "last_unadjusted": last}
    read = ScenarioTerms.from_dict(scenario.terms)
    periods = periods_of(read, calendar, last, pool, deal_terms)
    found = run_payments(papers, opening_of(pool, deal_terms, **standing), periods)
    names = [note.name for note in papers.notes]
    flows = [(each.pay_date, float(each.subordinated_paid)) for each in found.dates]
    return Outcome(
        run=found,
        interest={name: _paid(found, f"{name} interest", f"{name} deferred interest") for name in names},
        principal={name: _repaid(found, name) for name in names},
        left=dict(found.dates[-1].end.balances) if found.dates else {},
        subordinated=sum((each.subordinated_paid for each in found.dates), NIL),
        incentive=sum((each.incentive_fee for each in found.dates), NIL),
        fees=_paid(found, "trustee fee", "base management fee", "subordinated management fee"),
        equity_irr=_yield(last, float(papers.incentive.invested_amount), flows),
        first_failure=_first_failure(found),
    )


def _paid(run: Run, *words: str) -> Decimal:
    return sum((run.total_of(each) for each in words), NIL)


def _repaid(run: Run, name: str) -> Decimal:
    lines = (line for each in run.dates for line in each.lines)
    return sum((line.paid for line in lines if line.what.endswith(f"{name} principal")), NIL)


def _yield(start: date, cost: float, flows: list[tuple[date, float]]) -> float | None:
    if not cost or not any(amount for _, amount in flows):
        return None
    found = xirr([start, *(day for day, _ in flows)], [-cost, *(amount for _, amount in flows)])
    return None if found is None else float(found)


def _first_failure(run: Run) -> str:
    for each in run.dates:
        for group, line in each.tests.items():
            if line.oc_passed is False or line.ic_passed is False:
                return f"Class {group}, {each.pay_date:%d %b %Y}"
    return ""
