"""A solved size becomes the next version of its structure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from engine.errors import InputProblems
from lib import figures
from lib.errors import Invalid
from lib.verbs import refuse
from securitisation.access import get_structure, require_prepare
from securitisation.models import NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.write_structure import change_structure
from securitisation.solved import SizeTerms, Solved, solved_size
from securitisation.translate import Deal, engine_deal


def solve_size(deal: Deal, terms: Mapping[str, Any]) -> Solved:
    """The largest balance of a class of the deal; Invalid for terms that cannot be."""
    try:
        return solved_size(deal, SizeTerms.from_dict(deal.structure, terms))
    except InputProblems as error:
        raise Invalid(error.problems) from error


@transaction.atomic
def size_class(*, by: User, structure: NoteStructure, terms: Mapping[str, Any], based_on: int) -> StructureVersion:
    """The next version with the size that is solved again here; Invalid where nothing holds, or somebody saved meanwhile."""
    require_prepare(by)
    version = latest_version(get_structure(by, structure.code))
    solved = solve_size(engine_deal(version), terms)
    if solved.found is None or solved.structure is None:
        raise refuse("no_size", "class_code", "No balance keeps all that is asked: ask for less.")
    balances = solved.structure.balances
    classes = [{**each, "balance_amount": balances[each["code"]]} for each in version.content["classes"]]
    return change_structure(
        by=by,
        structure=structure,
        content={**version.content, "classes": classes},
        behaviour=version.behaviour,
        note=_note(solved),
        based_on=based_on,
    )


def _note(solved: Solved) -> str:
    """What was solved for, as the note of the version."""
    terms = solved.terms
    asked = [
        "target ratings kept" if terms.keeps_ratings else "",
        "repaid in the base case" if terms.is_repaid else "",
        f"equity at {figures.percent(terms.equity_yield_rate)}" if terms.equity_yield_rate is not None else "",
        f"repaid at a CDR of {figures.percent(terms.repaid_at_cdr_rate)}"
        if terms.repaid_at_cdr_rate is not None
        else "",
    ]
    return f"Class {terms.class_code} sized: the largest with {', '.join(each for each in asked if each)}."
