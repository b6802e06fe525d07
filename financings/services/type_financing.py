"""Makes a financing by hand: one structure of a project's approved inputs, no run needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from engine.errors import InputProblems
from financings.access import require_can_type
from financings.basis import require_approved_inputs, require_rules_for
from financings.models import Financing
from financings.services.open_financing import open_financing
from financings.translate import engine_deal
from lib.errors import Invalid
from projects.access import get_project, require_edit, require_visible
from projects.models import Project
from ratings.models import RuleSet
from ratings.queries import market_in_force, rule_set_for


def type_financing(
    *,
    by: User,
    project: Project,
    levers: Mapping[str, Any],
    terms: Mapping[str, Any] | None = None,
    rule_set: RuleSet | None = None,
    title: str = "",
) -> Financing:
    """The financing; the same row that a run with these values leads to.

    Raises NotFound for outsiders, Forbidden for those who may not run, NotApproved without approved inputs, Invalid with
    every problem of levers and terms.
    """
    require_visible(by, project)
    require_can_type(by)
    with transaction.atomic():
        project = get_project(by, project.code)
        require_edit(by, project)
        snapshot, rule_set = require_approved_inputs(project), rule_set or rule_set_for(project.asset_class)
        require_rules_for(project, rule_set)
        market_set, market = market_in_force(str(snapshot.inputs["currency"]))
        financing = open_financing(
            by=by,
            project=project,
            snapshot=snapshot,
            rule_set=rule_set,
            terms={**(market.term_values() if market else {}), **(terms or {})},
            levers=levers,
            market_set=market_set,
            title=title.strip(),
        )
        _require_resolvable(financing)
    return financing


def _require_resolvable(financing: Financing) -> None:
    """Nothing; Invalid where inputs, rules and choice do not go together: then nothing is kept."""
    try:
        _ = engine_deal(financing).resolved
    except InputProblems as error:
        raise Invalid(error.problems) from error
