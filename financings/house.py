"""What financings add to the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts import audit
from accounts.audit_pages.targets import show_at
from financings import finding
from financings.access import can_type
from financings.kinds import register_kinds
from financings.models import Evidence, Financing, FinancingComparison
from lib import personal, slots
from lib.finding import find_by

WORDS = {
    "evidence.entered": "Evidence entered",
    "financing_comparison.dropped": "Comparison of financings dropped",
    "financing_comparison.kept": "Comparison of financings kept",
    "financing_comparison.noted": "Comparison of financings named or noted",
    "financing.opened": "Financing opened",
    "simulation.cancelled": "Simulation cancelled",
    "simulation.requested": "Simulation requested",
}


def join() -> None:
    """The room's fragments, words, and what it holds of people, are known from now on."""
    find_by("Financings", finding.financings, 30)
    find_by("Comparisons of financings", finding.comparisons, 35)
    audit.declare(WORDS)
    personal.hold(Financing, also=("content_hash",))
    personal.hold(Evidence, also=("fact", "symbol", "source", "seen_on", "entered_at"))
    personal.hold(FinancingComparison, also=("codes",), goes=True)
    register_kinds()
    show_at("financings.Financing", "financing")
    show_at("financings.FinancingComparison", "comparison")
    show_at("financings.Simulation", "simulation")
    slots.fill("project.actions", "financings/fragments/project_links.html", may_type, 20)


def may_type(page: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whether the reader of a project's page may type a financing of it now."""
    return {"may_type": page["overview"].can_be_financed and can_type(page["request"].user)}
