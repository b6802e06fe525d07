"""Issues a further series into a structure: its next version, where no class that stands is rated or covered worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from engine.notes.content import read_pool, write_behaviour, write_pool, write_structure
from lib.errors import Invalid
from securitisation.access import get_structure, require_prepare
from securitisation.models import LoanPool, NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.make_pool import keep_pool
from securitisation.services.write_structure import change_structure
from securitisation.tap_terms import TapTerms, TapTest, tap_test
from securitisation.translate import engine_deal


def try_tap(
    *, by: User, structure: NoteStructure, terms: Mapping[str, Any], further: LoanPool | None = None
) -> TapTest:
    """What the series would be for every class; nothing is written."""
    require_prepare(by)
    version = latest_version(get_structure(by, structure.code))
    loans = read_pool(further.content) if further else None
    return tap_test(engine_deal(version), TapTerms.from_dict(terms), loans)


@transaction.atomic
def tap_structure(
    *,
    by: User,
    structure: NoteStructure,
    terms: Mapping[str, Any],
    further: LoanPool | None = None,
    note: str = "",
    based_on: int | None = None,
) -> StructureVersion:
    """The version with the series, on what is left of the loans and the further ones; Invalid where a class is worse for it."""
    found = try_tap(by=by, structure=structure, terms=terms, further=further)
    if found.problems:
        raise Invalid(found.problems)
    version, told = latest_version(structure), TapTerms.from_dict(terms)
    left = f"What is left of {version.pool} after payment {told.payments}"
    financings = [each for pool in (version.pool, further) if pool for each in pool.financings.all()]
    pool = keep_pool(
        by=by,
        name=f"{structure.name}, with {told.code}"[:120],
        content=write_pool(found.deal.pool),
        origin=f"{left}, and {further}" if further else left,
        financings=financings,
    )
    return change_structure(
        by=by,
        structure=structure,
        content=write_structure(found.deal.structure),
        behaviour=write_behaviour(found.deal.behaviour),
        pool=pool,
        note=note or f"Series {told.code} beside {told.beside}",
        based_on=version.number if based_on is None else based_on,
    )
