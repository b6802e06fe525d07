"""What the verbs of scenario sets share: reading the scenarios, and saving with the owner's names kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.errors import InputProblems, Problem
from engine.stress import read_scenarios
from lib.errors import Invalid
from ratings.models import ScenarioSet


def canonical(scenarios: Sequence[Any]) -> list[dict[str, Any]]:
    """The scenarios with every term spelled out; raises Invalid."""
    try:
        return [scenario.to_dict() for scenario in read_scenarios(scenarios)]
    except InputProblems as error:
        raise Invalid(error.problems) from error


def saved(scenario_set: ScenarioSet) -> ScenarioSet:
    """The set, checked and saved; raises Invalid where the owner has another of that name, or none is given."""
    if not scenario_set.name:
        raise Invalid([Problem("missing", "name", "Name: give the set a name.")])
    namesakes = ScenarioSet.objects.filter(owner=scenario_set.owner, name=scenario_set.name).exclude(pk=scenario_set.pk)
    if namesakes.exists():
        message = f"Name: you have a set called {scenario_set.name}. Choose another name."
        raise Invalid([Problem("repeated_name", "name", message)])
    scenario_set.full_clean()
    scenario_set.save()
    return scenario_set


def told(scenario_set: ScenarioSet) -> dict[str, Any]:
    """The set as the audit trail keeps it."""
    return {"name": scenario_set.name, "is_shared": scenario_set.is_shared, "scenarios": scenario_set.scenarios}
