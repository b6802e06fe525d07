"""Facts of structures that differ in what they have, for tests of documents; made in memory from a run's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from documents.facts import PackFacts
from engine.deal import Choice, Deal
from engine.permutations import Case, LeverSet, evaluate_permutation
from engine.project import ProjectInputs
from engine.terms import StructuringTerms

PLAIN: dict[str, Any] = {"mezzanine": "none", "zcis_tenor_years": 0, "trs_share": 0.0, "senior_amortisation": "annuity"}
FULL: dict[str, Any] = {
    "mezzanine": "sized", "zcis_tenor_years": 10, "trs_share": 0.25, "wrap": "senior", "senior_amortisation": "sculpted",
    "senior_tenor_years": 18, "senior_coupon_rate": 0.065, "senior_dscr": 1.55, "mezz_dscr": 1.2, "mezz_coupon_rate": 0.1,
}  # fmt: skip
BALLOON: dict[str, Any] = {**PLAIN, "senior_amortisation": "interest_only", "senior_tenor_years": 15}
PARTIAL: dict[str, Any] = {**BALLOON, "senior_amortisation": "partial"}
SWEPT: dict[str, Any] = {**PLAIN, "senior_amortisation": "cash_sweep"}


def facts_of(
    facts: PackFacts, levers: Mapping[str, Any], terms: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None, **changes: Any,
) -> PackFacts:  # fmt: skip
    """The same project under other levers, terms and inputs; the run's report and row stay."""
    deal = facts.deal
    own = Deal(
        ProjectInputs.from_dict({**deal.inputs.to_dict(), **(inputs or {})}),
        StructuringTerms.from_dict({**deal.terms.to_dict(), **(terms or {})}),
        deal.rules,
        Choice.from_dict(levers),
    )
    space = Case(own.inputs, own.terms, own.rules, LeverSet.from_dict({"axes": {}}), own.choice)
    return replace(facts, deal=own, detail=evaluate_permutation(space, 0), **changes)
