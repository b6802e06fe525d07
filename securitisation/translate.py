"""A version's content as the engine takes it: the only place where rows become terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InputProblems, Problem
from engine.notes.content import problems_of, problems_of_behaviour, read_behaviour, read_pool, read_structure
from engine.notes.terms import Behaviour, NoteStructure, Pool
from lib.canonical import canonical_hash
from lib.errors import Invalid
from securitisation.models import LoanPool, StructureVersion

OPTIONAL = frozenset({"enforcement_trigger", "enforcement_steps", "draws", "liquidity", "hedges", "further_loans"})
BEHAVIOUR = "behaviour"
NIL = 0.005  # an amount of less than half a cent is nothing
# Terms that came later, and what is said where they are not.
UNSAID: Mapping[str, Mapping[str, Any]] = {
    "classes": {
        "accrues_until": "", "plan_kind": "none", "plan_low": 0.0, "plan_high": 0.0,
        "commitment_amount": 0.0, "commitment_fee_rate": 0.0, "available_months": None, "day_count": "equal",
        "legal_final_months": None,
    },
    "liquidity": {
        "commitment_amount": 0.0, "commitment_ratio": 0.0, "covers": "", "commitment_fee_rate": 0.0, "margin_bps": 0.0,
        "ends_months": None, "day_count": "equal",
    },
    "fees": {"day_count": "equal"},
    "draws": {"loans": ""},
}  # fmt: skip
UNSAID_TERMS: Mapping[str, Any] = {
    "business_days": "unadjusted", "calendar": "weekends", "holidays": [], "accrues_to_payment": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deal:
    """Terms, loans and the base case of one version."""

    structure: NoteStructure
    pool: Pool
    behaviour: Behaviour


def engine_deal(version: StructureVersion) -> Deal:
    """The engine's terms of a version; Invalid where the engine does not take them any more."""
    try:
        return Deal(read_structure(version.content), read_pool(version.pool.content), read_behaviour(version.behaviour))
    except InputProblems as error:
        raise Invalid(error.problems) from error


def content_problems(content: Mapping[str, Any], behaviour: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with terms and base case; places of the latter begin with `behaviour`."""
    of_behaviour = [
        Problem(each.code, f"{BEHAVIOUR}.{each.place}", each.message) for each in problems_of_behaviour(behaviour)
    ]
    return [*problems_of(content), *of_behaviour]


def version_hash(content: Mapping[str, Any], behaviour: Mapping[str, Any], pool: LoanPool) -> str:
    """SHA-256 of all that a version's figures come from; parts that a deal does without do not enter it."""
    told = {name: _said(name, value) for name, value in content.items()}
    said = {name: value for name, value in told.items() if value or name not in OPTIONAL}
    said = {name: value for name, value in said.items() if name not in UNSAID_TERMS or value != UNSAID_TERMS[name]}
    return canonical_hash({"structure": said, "behaviour": behaviour, "pool": pool.content_hash})


def _said(name: str, value: Any) -> Any:
    """A table or a part without the terms that it makes no use of."""
    if isinstance(value, list | tuple):
        return [_said(name, row) for row in value] if name in UNSAID else value
    unsaid = UNSAID.get(name, {})
    if not unsaid:
        return value
    return {key: said for key, said in value.items() if key not in unsaid or said != unsaid[key]}
