"""A payment date: worked out from the pool as it stands, and booked by somebody who may decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.portfolios.payments import Ending, Opening, Period, Run, run_payments
from lib.verbs import refuse, save_checked
from portfolios.access import require_decide
from portfolios.models import ComplianceRun, Payment
from portfolios.queries import checked, last_payment, papers_of, payment_calendar
from portfolios.services.take_pool import take_pool
from portfolios.translate import closing_of, engine_papers, line_json, standing_of


@dataclass(frozen=True, slots=True)
class Collections:
    """What is typed of a date; the rest is the pool's."""

    benchmark: Decimal
    interest_collected: Decimal
    administrative_expenses: Decimal


@dataclass(frozen=True, slots=True)
class Due:
    """The next payment date: its number, day and run."""

    period: Period
    run: Run
    inputs: Mapping[str, Any]


def defaults_of(run: ComplianceRun) -> Collections:
    """What the form begins with: accrued interest, the benchmark of the pool's day, the usual expenses."""
    _, terms, found = checked(run)
    cash = Decimal(run.snapshot.content.get("interest_cash", "0"))
    return Collections(
        terms.benchmark_rate,
        cash or found.coverage.interest_collections,
        Decimal(run.papers["fees"]["administrative_amount"]),
    )


def next_payment(run: ComplianceRun, typed: Collections) -> Due:
    """The date worked out on the pool: its par and cash, what its tests carry defaulted and low-rated assets at."""
    deal = run.deal
    _, terms, found = checked(run)
    calendar = payment_calendar(deal, terms.determination_date)
    if not calendar.adjusted:
        raise refuse("over", "deal", "The deal has no payment date left.")
    paid = last_payment(deal)
    if paid and paid.pay_date >= calendar.adjusted[0]:
        raise refuse(
            "paid", "deal", f"{paid} is paid already: the next date needs a pool of a later determination date."
        )
    carrying, base = found.coverage.carrying, found.base
    whole = sum((line.amount for line in carrying.lines if line.asset.default_obligation), Decimal(0))
    period = Period(
        pay_date=calendar.adjusted[0],
        unadjusted=calendar.unadjusted[0],
        benchmark=typed.benchmark,
        interest_collected=typed.interest_collected,
        administrative_expenses=typed.administrative_expenses,
        carrying_amount=whole,
        haircut_amount=base.collateral_principal_amount + whole - carrying.adjusted_amount,
        asset_spread=Decimal(0),
    )
    papers = engine_papers(papers_of(deal), deal.preset, accelerates=deal.accelerates_after_default)
    standing: dict[str, Any] = standing_of(paid.closing if paid else None) or {
        "payments_made": calendar.made,
        "last_pay_date": terms.period_start if calendar.made else papers.closing,
        "last_unadjusted": terms.period_start if calendar.made else papers.closing,
    }
    opening = Opening(base.performing_par, base.principal_cash, **standing)
    inputs = {
        "benchmark": str(typed.benchmark),
        "interest_collected": str(typed.interest_collected),
        "administrative_expenses": str(typed.administrative_expenses),
        "pool": run.snapshot.content_hash,
        "papers": papers_of(deal),
        "preset": deal.preset,
        "accelerates_after_default": deal.accelerates_after_default,
    }
    return Due(period, run_payments(papers, opening, [period]), inputs)


@transaction.atomic
def book_payment(*, by: User, run: ComplianceRun, typed: Collections) -> Payment:
    """The date as paid: balances and accounts follow it. One that an event of default stops is not booked."""
    require_decide(by, run.deal)
    due = next_payment(run, typed)
    if due.run.ending is Ending.DEFAULTED:
        told = (
            f"Event of default: {due.run.place}. To go on in one priority of all proceeds, set the deal to accelerate."
        )
        raise refuse("event_of_default", "payment", told)
    date = due.run.dates[0]
    payment = Payment(
        deal=run.deal,
        snapshot=run.snapshot,
        number=date.number,
        pay_date=date.pay_date,
        inputs=dict(due.inputs),
        closing={**closing_of(date, due.period.unadjusted), "lines": [line_json(line) for line in date.lines]},
        engine_version=ENGINE_VERSION,
        made_by=by,
    )
    save_checked(payment)
    after = {
        "deal": str(run.deal.code),
        "date": str(date.pay_date),
        "pool": run.snapshot.content_hash,
        "balances": payment.closing["balances"],
    }
    audit.record(by=by, action="payment.booked", target=payment, after=after)
    content = {**run.snapshot.content, "principal_cash": str(date.end.principal_cash), "interest_cash": "0"}
    if content != run.snapshot.content:
        take_pool(by=by, deal=run.deal, content=content, origin=f"{payment} booked")
    return payment
