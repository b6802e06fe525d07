"""Changes a set's name and scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from ratings.models import ScenarioSet
from ratings.scenario_access import require_can_change
from ratings.services.scenario_sets._saving import canonical, saved, told


@transaction.atomic
def edit_scenario_set(*, by: User, scenario_set: ScenarioSet, name: str, scenarios: Sequence[Any]) -> ScenarioSet:
    """The set with its new name and scenarios; raises Invalid, and Forbidden for anybody but its owner."""
    require_can_change(by, scenario_set)
    current = ScenarioSet.objects.select_for_update().get(pk=scenario_set.pk)
    before = told(current)
    current.name, current.scenarios = name.strip()[:80], canonical(scenarios)
    saved(current)
    audit.record(by=by, action="scenario_set.edited", target=current, before=before, after=told(current))
    return current
