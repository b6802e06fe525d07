"""Rule sets and market sets are versions; stress scenarios are sets of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.fields import EngineField
from api.operations import ApiView, Caller, operation
from api.v1.records import version_views
from api.v1.shared import Of, Person
from ratings.models import MarketSet, RuleSet, ScenarioSet
from ratings.scenario_access import get_scenario_set, visible_scenario_sets
from ratings.services.scenario_sets import (
    create_scenario_set,
    delete_scenario_set,
    edit_scenario_set,
    share_scenario_set,
)

RULE_SETS = version_views(RuleSet, "rule_set")
MARKET_SETS = version_views(MarketSet, "market_set")


class ScenarioSetShown(Of):
    """Stress scenarios under a name."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    owner = Person()
    is_shared = serializers.BooleanField()
    scenarios = EngineField("scenarios")
    updated_at = serializers.DateTimeField()


class ScenarioSetGiven(Of):
    name = serializers.CharField(max_length=80)
    scenarios = EngineField("scenarios")


class Shared(Of):
    is_shared = serializers.BooleanField()


class ScenarioSets(ApiView):
    tag = "scenario-sets"

    @operation("list_scenario_sets", answer=ScenarioSetShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[ScenarioSet]:
        """Lists the caller's sets and those that are shared."""
        return visible_scenario_sets(request.user)

    @operation("create_scenario_set", scope=Scope.WRITE, body=ScenarioSetGiven, answer=ScenarioSetShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> ScenarioSet:
        """Keeps scenarios under a name."""
        return create_scenario_set(by=request.user, **data)


class ScenarioSetDetail(ApiView):
    tag = "scenario-sets"

    @operation("read_scenario_set", answer=ScenarioSetShown)
    def get(self, request: Caller, code: UUID) -> ScenarioSet:
        """Reads a set."""
        return get_scenario_set(request.user, code)

    @operation("edit_scenario_set", scope=Scope.WRITE, body=ScenarioSetGiven, answer=ScenarioSetShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> ScenarioSet:
        """Changes a set."""
        return edit_scenario_set(by=request.user, scenario_set=get_scenario_set(request.user, code), **data)

    @operation("delete_scenario_set", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Deletes a set."""
        delete_scenario_set(by=request.user, scenario_set=get_scenario_set(request.user, code))


class ScenarioSetShare(ApiView):
    tag = "scenario-sets"
    current = ScenarioSetDetail

    @operation("share_scenario_set", scope=Scope.WRITE, body=Shared, answer=ScenarioSetShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> ScenarioSet:
        """Shares a set with everybody, or takes it back."""
        return share_scenario_set(by=request.user, scenario_set=get_scenario_set(request.user, code), **data)
