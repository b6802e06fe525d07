"""Keeps a set of stress scenarios under a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from ratings.models import ScenarioSet
from ratings.services.scenario_sets._saving import canonical, saved, told


@transaction.atomic
def create_scenario_set(*, by: User, name: str, scenarios: Sequence[Any]) -> ScenarioSet:
    """A new set of `by`'s, not shared; raises Invalid."""
    scenario_set = saved(ScenarioSet(owner=by, name=name.strip()[:80], scenarios=canonical(scenarios)))
    audit.record(by=by, action="scenario_set.created", target=scenario_set, after=told(scenario_set))
    return scenario_set
