"""Makes a deal of its papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.policies import require
from engine.errors import EngineError
from engine.portfolios.papers import PRESETS
from lib.verbs import refuse, save_checked
from portfolios.access import DECIDE
from portfolios.models import Deal, NoteClass
from portfolios.queries import papers_of
from portfolios.translate import engine_papers


@transaction.atomic
def create_deal(*, by: User, terms: Mapping[str, Any], classes: Sequence[Mapping[str, Any]]) -> Deal:
    """The deal with its notes; raises Invalid for papers that cannot be read, Forbidden unless `by` may decide."""
    require(by, DECIDE)
    deal = Deal(**terms, made_by=by)
    if deal.preset not in PRESETS:
        raise refuse("unknown_preset", "preset", f"Priority of payments: expected one of {', '.join(PRESETS)}.")
    save_checked(deal)
    for order, row in enumerate(classes, start=1):
        save_checked(NoteClass(deal=deal, order=order, **row))
    try:
        engine_papers(papers_of(deal), deal.preset)
    except (KeyError, ValueError, ArithmeticError, EngineError) as error:
        raise refuse("papers", "papers", f"The papers cannot be read: {error}.") from error
    after = {"name": deal.name, "classes": [str(row["name"]) for row in classes], "papers": deal.papers}
    audit.record(by=by, action="deal.created", target=deal, after=after)
    return deal
