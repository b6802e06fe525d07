"""The new-issue report: an issue of notes told in the order in which a rating presale tells one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from documents.facts.comparables import comparables
from securitisation.papers.collateral import largest_loans, pool_words, stratifications
from securitisation.papers.facts import NotesFacts
from securitisation.papers.judged import risks_of, strengths_of
from securitisation.papers.paper import Fields, paper_of

TITLE = "New-issue report"


def report_of(facts: NotesFacts) -> bytes:
    """The report as a PDF."""
    return paper_of(facts, TITLE, "report.html", lambda: _fields(facts))


def _fields(facts: NotesFacts) -> Fields:
    structure, summary = facts.deal.structure, facts.run.summary
    return {
        "closing": structure.closing_date,
        "classes": facts.classes,
        "notes_amount": structure.notes_amount,
        "pool_amount": facts.pool_amount,
        "equity_amount": facts.equity_amount,
        "equity_share": facts.equity_amount / facts.pool_amount,
        "loans_count": len(facts.loans),
        "strengths": strengths_of(facts),
        "risks": risks_of(facts),
        "pool": pool_words(facts),
        "strata": [(title, [group._asdict() for group in groups]) for title, groups in stratifications(facts)],
        "loans": [_loan(facts, each) for each in largest_loans(facts)],
        "hedges": facts.hedges,
        "projects": [each._asdict() for each in facts.projects],
        "structure_terms": [*facts.terms, *facts.fees],
        "priorities": facts.priorities,
        "triggers": facts.triggers,
        "charts": {code: asdict(chart) for code, chart in facts.charts.items()},
        "risk": summary["risk"],
        "sensitivities": facts.sensitivities,
        "scenarios": facts.scenarios,
        "grid": _grid(facts),
        "shift_bps": facts.run.terms["yield_shift_bps"],
        "comparables": [each._asdict() for each in comparables()],
        "flows": summary["pool"],
        "is_called": summary["is_called"],
    }


def _loan(facts: NotesFacts, loan: Any) -> Fields:
    names = ("code", "obligor", "sector", "rating", "balance_amount", "coupon_rate", "remaining_months")
    return {name: getattr(loan, name) for name in names} | {"share": loan.balance_amount / facts.pool_amount}


def _grid(facts: NotesFacts) -> Fields:
    grid = facts.run.summary["grid"]
    names = {each["code"]: each["name"] for each in facts.classes}
    return {
        "cdr": grid["cdr"],
        "classes": [
            (name, [list(row) for row in zip(grid["cpr"], grid["prices"][code], strict=True)])
            for code, name in names.items()
        ],
    }
