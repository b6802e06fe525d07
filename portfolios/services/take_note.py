"""A class of notes issued in the house, taken among what a deal might buy."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.grids import Grid
from lib.verbs import refuse, save_checked
from portfolios.access import require_prepare
from portfolios.issued import IssuedNote
from portfolios.models import Deal, PoolSnapshot, Purpose, TakenNote
from portfolios.queries import latest_pool
from portfolios.services.take_pool import take_pool
from portfolios.tape import HEADERS, Known, read_tape

# What the issuer's papers do not say: typed by who takes the class, with where it was read.
ASKED = (
    "country", "moodys_industry", "s_p_industry", "moody_asset_category", "s_p_priority_category", "moodys_rating_21",
    "moodys_rating_warf", "moodys_recovery_rate_23", "s_p_facility_rating", "s_p_issuer_rating", "market_value",
)  # fmt: skip


@transaction.atomic
def take_note(*, by: User, deal: Deal, note: IssuedNote, asked: Mapping[str, str], source: str) -> PoolSnapshot:
    """The deal's candidates with the class among them, as a basket may buy it; Invalid for cells that cannot be read.

    `asked` are texts of ASKED; what is left empty is not known, and its tests say so.
    """
    require_prepare(by, deal)
    pool, candidates = latest_pool(deal), latest_pool(deal, Purpose.CANDIDATES)
    if pool is None:
        raise refuse("no_pool", "pool", "The deal has no pool yet: import a tape first.")
    source = " ".join(source.split())
    if not source:
        raise refuse("required", "source", "Source: say where ratings and price were read.")
    row, warnings = _row(note, asked, pool)
    rows = candidates.content["assets"] if candidates else []
    content = {
        **pool.content,
        "principal_cash": "0",
        "interest_cash": "0",
        "assets": [*(each for each in rows if each["blkrockid"] != note.asset_id), row],
    }
    taken = take_pool(
        by=by, deal=deal, content=content, origin=note.provenance, purpose=Purpose.CANDIDATES, warnings=warnings
    )
    kept = TakenNote(
        deal=deal,
        asset_id=note.asset_id,
        note_code=note.code,
        title=note.title,
        provenance=note.provenance,
        content_hash=note.content_hash,
        source=source,
        made_by=by,
    )
    save_checked(kept)
    after = {"deal": str(deal.code), "note": note.title, "of": note.content_hash, "cells": row, "source": source}
    audit.record(by=by, action="note.taken", target=taken, after=after)
    return taken


def _row(
    note: IssuedNote, asked: Mapping[str, str], pool: PoolSnapshot
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The class read and checked as a row of a tape, with what it is warned of."""
    cells = {**note.cells, **{name: asked[name].strip() for name in ASKED if asked.get(name, "").strip()}}
    grid = Grid(tuple(HEADERS[name] for name in cells), (tuple(cells.values()),), (1,))
    found = read_tape(grid, Known(frozenset(pool.content["fx"]), pool.determination_date))
    refused = [Problem(p.code, p.column, p.message) for p in found.problems if p.refuses]
    if refused:
        raise Invalid(refused)
    return found.assets()[0], [{"row": p.row, "column": p.header, "message": p.message} for p in found.problems]
