"""Opens a financing: the row that its values name, made where there is none yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems
from financings.models import Financing
from financings.translate import financing_of
from lib.errors import Invalid
from lib.verbs import save_checked
from projects.access import require_visible
from projects.models import Project, Snapshot
from ratings.models import MarketSet, RuleSet


def open_financing(
    *,
    by: User,
    project: Project,
    snapshot: Snapshot,
    rule_set: RuleSet,
    terms: Mapping[str, Any],
    levers: Mapping[str, Any],
    engine_version: str = ENGINE_VERSION,
    market_set: MarketSet | None = None,
    title: str = "",
) -> Financing:
    """The financing; the same row for the same values, however they were come upon.

    Raises NotFound for outsiders, Invalid for values that cannot be.
    """
    require_visible(by, project)
    try:
        financing = financing_of(project, snapshot, rule_set, terms, levers, engine_version, market_set)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    if not financing._state.adding:
        return financing
    financing.made_by, financing.title = by, title
    try:
        return _made(financing)
    except IntegrityError:
        # Somebody opened the same one in the same moment.
        return Financing.objects.select_related("project", "snapshot", "rule_set", "market_set").get(
            code=financing.code
        )


@transaction.atomic
def _made(financing: Financing) -> Financing:
    save_checked(financing, exclude=("code", "content_hash"))
    after = {
        "project": str(financing.project.code),
        "snapshot": financing.snapshot.content_hash,
        "rule_set": str(financing.rule_set),
        "market_set": str(financing.market_set or ""),
        "engine_version": financing.engine_version,
        "choice": financing.choice,
        "terms": financing.terms,
        "content_hash": financing.content_hash,
        "title": financing.title,
    }
    audit.record(by=financing.made_by, action="financing.opened", target=financing, after=after)
    return financing
