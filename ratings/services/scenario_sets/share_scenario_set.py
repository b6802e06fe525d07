"""Shares a set with everybody, or takes it back."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from ratings.models import ScenarioSet
from ratings.scenario_access import require_can_change
from ratings.services.scenario_sets._saving import saved


@transaction.atomic
def share_scenario_set(*, by: User, scenario_set: ScenarioSet, is_shared: bool) -> ScenarioSet:
    """The set, shared or not; raises Forbidden for anybody but its owner."""
    require_can_change(by, scenario_set)
    current = ScenarioSet.objects.select_for_update().get(pk=scenario_set.pk)
    before, current.is_shared = {"is_shared": current.is_shared}, is_shared
    saved(current)
    audit.record(
        by=by,
        action="scenario_set.shared",
        target=current,
        before=before,
        after={"is_shared": is_shared},
    )
    return current
