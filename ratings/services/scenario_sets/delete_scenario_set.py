"""Deletes a set; the audit trail keeps what it said."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from ratings.models import ScenarioSet
from ratings.scenario_access import require_can_change
from ratings.services.scenario_sets._saving import told


@transaction.atomic
def delete_scenario_set(*, by: User, scenario_set: ScenarioSet) -> None:
    """Nothing is left but the entry; raises Forbidden for anybody but the owner."""
    require_can_change(by, scenario_set)
    audit.record(by=by, action="scenario_set.deleted", target=scenario_set, before=told(scenario_set))
    scenario_set.delete()
