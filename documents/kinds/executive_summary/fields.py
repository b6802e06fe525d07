"""What the executive summary takes from the facts: the transaction on two pages."""

from __future__ import annotations

from documents.facts import PackFacts, Tranche
from documents.facts.charts import cover, sources_and_uses
from documents.facts.stress import loss_lines, losses_of, worst_first
from documents.kinds.compliance_report.fields import stress_fields
from documents.kinds.contents.fields import documents_of
from documents.kinds.kind import Fields, Part
from documents.kinds.paper import after_tax_fields, chart_fields
from documents.kinds.wording import rate_fields
from engine.stress.drivers import DRIVERS
from engine.stress.reverse import ReverseRow

WORST = 5
KEY = (
    "senior_amount", "equity_proceeds_amount", "day_one_value", "sponsor_equity_amount", "sponsor_irr_rate", "wacc_rate",
    "dscr_minimum", "dscr_average", "llcr", "icr", "agency_ltv_ratio", "appraisal_ltv_ratio", "coverage_ratio",
    "worst_stressed_dscr", "senior_wal_years", "total_agency_ltv_ratio", "total_appraisal_ltv_ratio", "total_dscr_minimum",
    "loan_to_cost_ratio", "market_loan_to_cost_ratio", "equity_ratio", "notional_dscr_minimum",
)  # fmt: skip


def fields(facts: PackFacts, part: Part) -> Fields:
    """Key figures, structure, cover, stress, what breaks first, timetable and contents."""
    inputs, report = facts.deal.inputs, facts.report
    return {
        "key": {name: facts.detail.row[name] for name in KEY},
        "verdict": report.verdict,
        "binding": report.binding,
        "stress": stress_fields(facts),
        "tranches": [_tranche(tranche) for tranche in facts.tranches],
        "rate": rate_fields(facts),
        "sources": facts.detail.sources,
        "uses": facts.detail.uses,
        "hedges": _hedges(facts),
        "project": {
            "gross_facility_mw": inputs.power.gross_facility_mw,
            "lease_years": inputs.lease.term_years,
            "tenant_rating": inputs.credit.tenant_rating,
            "country": inputs.country,
        },
        "after_tax": after_tax_fields(facts),
        "losses": loss_lines(losses_of(facts.detail.stress)) if facts.detail.stress else [],
        "worst": _worst(facts),
        "breaks": _breaks(facts),
        "rating_at_risk": _rating_at_risk(facts),
        "timetable": _timetable(facts),
        "documents": documents_of(facts),
        "charts": chart_fields(cover(facts), sources_and_uses(facts)),
    }


def _tranche(tranche: Tranche) -> Fields:
    names = ("name", "amount", "coupon_rate", "amortisation", "sizing_dscr", "maturity_date", "wal_years", "rating")
    return {
        **{name: getattr(tranche, name) for name in names},
        "is_wrapped": tranche.is_wrapped,
        "ard": tranche.ard,
    }


def _hedges(facts: PackFacts) -> Fields:
    inflation, swap = facts.inflation_swap, facts.return_swap
    return {
        "inflation_years": inflation.tenor_years if inflation else None,
        "inflation_notional_amount": inflation.notional_amount if inflation else None,
        "return_share": swap.share if swap else None,
        "return_notional_amount": swap.notional_amount if swap else None,
    }


def _worst(facts: PackFacts) -> list[Fields]:
    """The scenarios that cost lenders most."""
    return [
        {
            "label": row.scenario.label,
            "dscr": row.stressed_dscr,
            "rating": row.rating,
            "notches_moved": row.notches_moved,
            "defaulted": row.defaulted,
            "breach_date": facts.month_date(row.breach_month) if row.breach_month else None,
            "balloon_shortfall_amount": row.balloon_shortfall_amount,
        }
        for row in worst_first(facts.detail.stress)[:WORST]
    ]


def _rating_at_risk(facts: PackFacts) -> str:
    """The rating that the structure holds, as reverse stress names the loss of it; empty where it holds none."""
    return next(
        (row.target.removeprefix("rating_") for row in facts.reverse_stress if row.target.startswith("rating_")), ""
    )


def _breaks(facts: PackFacts) -> list[Fields]:
    """For each driver, how far it may go alone until cash is trapped, the rating is lost, and cover is gone."""
    rating = f"rating_{_rating_at_risk(facts)}"
    found = {(row.driver, row.target): row for row in facts.reverse_stress}
    return [
        {
            "label": driver.label,
            "unit": driver.unit,
            "furthest": driver.furthest,
            "lock_up": _break(found.get((code, "lock_up"))),
            "rating": _break(found.get((code, rating))),
            "dscr": _break(found.get((code, "dscr"))),
        }
        for code, driver in DRIVERS.items()
        if any(key[0] == code for key in found)
    ]


def _break(row: ReverseRow | None) -> Fields | None:
    return {"state": row.breach, "amount": row.amount} if row else None


def _timetable(facts: PackFacts) -> list[Fields]:
    """What happens when, in order."""
    senior = facts.tranches[0]
    dates = (
        ("Execution begins", min(task.start_date for task in facts.checklist)),
        ("Financial close (assumed)", facts.close_date),
        ("Operations begin", facts.operations_date),
        ("First payment of the notes", facts.calendar.payment_date(1)),
        ("Anticipated repayment of the senior notes" if senior.ard else "Senior maturity", senior.maturity_date),
        ("Lease ends", facts.lease_end_date),
    )
    return [{"event": event, "date": day} for event, day in dates]
