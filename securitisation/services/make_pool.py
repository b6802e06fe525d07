"""Keeps loans as a pool: those of financings, or those of a tape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from financings.access import visible_financings
from financings.models import Financing
from lib.canonical import canonical_hash
from lib.columns import of_codes
from lib.verbs import refuse, save_checked
from securitisation.access import require_prepare
from securitisation.collateral import pool_content
from securitisation.models import TITLE_LENGTH, LoanPool

MOST_FINANCINGS = 50


@transaction.atomic
def make_pool(*, by: User, financings: Sequence[UUID | str], name: str = "") -> LoanPool:
    """The senior debt of financings that `by` may see, as a pool; Invalid where they make none."""
    require_prepare(by)
    codes = list(dict.fromkeys(map(str, financings)))
    if len(codes) > MOST_FINANCINGS:
        raise refuse("too_many", "financings", f"Collateral: at most {MOST_FINANCINGS} financings make a pool.")
    chosen = of_codes(visible_financings(by), codes)
    if len(chosen) < len(codes):
        raise refuse("unknown_financing", "financings", "Collateral: one of these financings is not known.")
    content = pool_content(chosen)
    titles = ", ".join(dict.fromkeys(each.project.title for each in chosen))
    origin = f"Senior debt of {len(chosen)} financing{'s' if len(chosen) > 1 else ''}: {titles}"
    return keep_pool(by=by, name=name or titles[:TITLE_LENGTH], content=content, origin=origin, financings=chosen)


@transaction.atomic
def keep_pool(
    *, by: User, name: str, content: Mapping[str, Any], origin: str, financings: Sequence[Financing] = ()
) -> LoanPool:
    """The pool under its hash."""
    require_prepare(by)
    pool = LoanPool(
        name=name,
        currency=content["loans"][0]["currency"],
        content=content,
        content_hash=canonical_hash(content),
        origin=origin[:200],
        made_by=by,
    )
    save_checked(pool, exclude=("content_hash",))
    pool.financings.set(financings)
    after = {"hash": pool.content_hash, "loans": len(content["loans"]), "origin": pool.origin}
    audit.record(by=by, action="loan_pool.taken", target=pool, after=after)
    return pool
