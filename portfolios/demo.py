"""The demo deal: a fictional CLO with its limits, pool A of 200 loans, candidates to buy and two scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from accounts.models import User
from accounts.services import change_user
from portfolios import demo_documents as documents
from portfolios.access import MANAGER
from portfolios.models import Deal, LimitSet, Purpose
from portfolios.services.create_deal import create_deal
from portfolios.services.scenarios import save_scenario
from portfolios.services.take_pool import take_pool
from records.services import install_missing

FAMILY = "alder-park"


def ensure_demo_deal(by: User) -> Deal:
    """The deal, made where there is none of its name."""
    deal_json = documents.deal_json()
    known = Deal.objects.filter(name=deal_json["name"]).first()
    if known:
        return known
    install_missing(model=LimitSet, documents=[limits_document()])
    deal = create_deal(by=by, terms=_terms(deal_json), classes=_classes(deal_json))
    candidates = documents.read_pool(deal_json, name="candidates")
    content = documents.pool_content(deal_json, candidates)
    take_pool(by=by, deal=deal, content=content, origin="Demo candidates", purpose=Purpose.CANDIDATES)
    content = documents.pool_content(deal_json, documents.read_pool(deal_json))
    take_pool(by=by, deal=deal, content=content, origin="Demo pool A, generated with seed 20260630")
    save_scenario(by=by, deal=deal, name="Base", terms={})
    save_scenario(
        by=by,
        deal=deal,
        name="Recession",
        terms={"cdr": 0.07, "cpr": 0.1, "severity": 0.45, "ccc_share": 0.15, "ccc_price": 0.7},
    )
    return deal


def load(people: Mapping[str, User]) -> str:
    """The deal as the demo loads it, and a manager beside the administrator, for whoever trades needs a second person."""
    admin, manager = people["admin@demo.example"], people["internal@demo.example"]
    if MANAGER not in manager.further_roles:
        manager.further_roles = [*manager.further_roles, MANAGER]
        change_user(by=admin, user=manager)
    return f"CLO: {ensure_demo_deal(admin)}, run by {manager.email} and {admin.email}"


def limits_document() -> documents.Row:
    """The limits of the demo deal as a version."""
    return {
        "family": FAMILY,
        "version": 1,
        "name": "Alder Park limits",
        "effective_from": "2025-09-25",
        "notes": "Thresholds of a fictional deal: assumptions throughout.",
        "content": documents.limits(documents.deal_json()),
    }


def _terms(deal: documents.Row) -> documents.Row:
    papers = documents.papers(deal)
    kept = ("fees", "junior_oc_denominator", "diversion_trigger", "haircuts")
    return {
        "name": deal["name"],
        "manager_name": "Alder Park Asset Management (fictional)",
        "currency": deal["currency"],
        "benchmark": deal["benchmark"]["index"],
        "closing_date": date.fromisoformat(deal["closing_date"]),
        "non_call_end": date(2027, 10, 15),
        "reinvestment_end": date.fromisoformat(deal["reinvestment_end"]),
        "stated_maturity": date.fromisoformat(deal["stated_maturity"]),
        "first_payment_date": date(2026, 1, 15),
        "preset": "MAG15 and 17",
        "limits_family": FAMILY,
        "papers": {**{name: papers[name] for name in kept}, "payments": PAYMENTS},
    }


# The handed deal says nothing of these: assumptions, as in the reference's waterfall.
PAYMENTS = {
    "subordinated_management_rate": "0.0035",
    "administrative_cap_amount": "62500",
    "hurdle_rate": "0.12",
    "incentive_share": "0.20",
    "subordinated": {"balance": "40000000", "issue_price_ratio": "0.88"},
    "diversion_share": "0.50",
    "lot_amount": "1000",
    "ic_from_payment": 2,
}


def _classes(deal: documents.Row) -> list[documents.Row]:
    return [
        {
            "name": row["name"],
            "group": row["name"],
            "original_balance": Decimal(row["balance"]),
            "spread_rate": Decimal(row["spread"]),
            "is_deferrable": row["is_deferrable"],
            "oc_trigger": row["oc_trigger"] and Decimal(row["oc_trigger"]),
            "ic_trigger": row["ic_trigger"] and Decimal(row["ic_trigger"]),
        }
        for row in documents.papers(deal)["classes"]
    ]
