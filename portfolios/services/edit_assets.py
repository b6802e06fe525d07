"""Many assets changed at once, as the deal's next pool."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse
from portfolios.access import require_prepare
from portfolios.bulk import Edit, edited
from portfolios.models import PoolSnapshot
from portfolios.queries import latest_pool
from portfolios.services.take_pool import take_pool

LONGEST_REASON = 120


@transaction.atomic
def edit_assets(
    *, by: User, pool: PoolSnapshot, assets: Collection[str], edits: Sequence[Edit], reason: str
) -> PoolSnapshot:
    """The good cells changed as the next pool, with its tests; cells that are refused stay as they are.

    Raises Invalid without a reason, on an older pool, and where no cell would change.
    """
    require_prepare(by, pool.deal)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise refuse("reason", "reason", "Reason: say why the assets are changed.")
    if latest_pool(pool.deal, pool.purpose) != pool:
        raise refuse("stale", "pool", f"The deal has a newer pool than {pool}, no. {pool.number}: begin again on it.")
    found = edited(pool, assets, edits)
    if not found.cells:
        raise refuse("nothing", "edits", "No cell would change.")
    warned = [{"row": p.row, "column": p.header, "message": p.message} for p in found.warnings]
    warnings = [*pool.warnings, *(each for each in warned if each not in pool.warnings)]
    origin = f"{len(found.cells)} cells of {found.asset_count} assets edited: {reason}"
    made = take_pool(
        by=by, deal=pool.deal, content=found.content, origin=origin, purpose=pool.purpose, warnings=warnings
    )
    after = {
        "pool": made.content_hash,
        "edits": [[each.column, each.do.value, each.text] for each in edits],
        "cells": [[cell.asset, cell.column, cell.before, cell.after] for cell in found.cells],
        "reason": reason,
    }
    audit.record(by=by, action="assets.edited", target=made, before={"pool": pool.content_hash}, after=after)
    return made
