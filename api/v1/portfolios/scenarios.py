"""Scenarios run to the deal's end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, LineShown, deal_run, figure
from api.v1.shared import Of, Person, code_of
from portfolios.access import get_deal, get_of_deal
from portfolios.models import Scenario
from portfolios.running import Outcome, run_scenario
from portfolios.services.scenarios import delete_scenario, save_scenario


class CashScenarioShown(Of):
    """Assumptions under a name."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    name = serializers.CharField()
    terms = serializers.DictField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewCashScenario(Of):
    """A name, new or known, and terms: cdr, cpr, severity and the others of the page; the rest stand at their defaults."""

    name = serializers.CharField(max_length=120)
    terms = serializers.DictField(required=False, default=dict)


class PaidDateShown(Of):
    number = serializers.IntegerField()
    pay_date = serializers.DateField()
    is_accelerated = serializers.BooleanField()
    lines = LineShown(many=True)
    balances = serializers.DictField(child=figure(), source="end.balances")


class OutcomeShown(Of):
    """A scenario run to its end: totals by class, and every step of every date."""

    ending = serializers.CharField(source="run.ending.value")
    default_at = serializers.CharField(source="run.place")
    first_failure = serializers.CharField()
    interest = serializers.DictField(child=figure())
    principal = serializers.DictField(child=figure())
    not_repaid = serializers.DictField(child=figure(), source="left")
    subordinated = figure()
    incentive_fee = figure(source="incentive")
    fees = figure()
    equity_irr = serializers.FloatField(allow_null=True)
    dates = PaidDateShown(many=True, source="run.dates")


class CashScenarios(ApiView):
    tag = TAG

    @operation("list_cash_scenarios", answer=CashScenarioShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Scenario]:
        """Lists the scenarios of a deal."""
        return Scenario.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "made_by")

    @operation("save_cash_scenario", scope=Scope.WRITE, body=NewCashScenario, answer=CashScenarioShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Scenario:
        """Keeps a scenario under its name."""
        return save_scenario(by=request.user, deal=get_deal(request.user, code), **data)


class CashScenarioDetail(ApiView):
    tag = TAG

    @operation("read_cash_scenario", answer=CashScenarioShown)
    def get(self, request: Caller, code: UUID) -> Scenario:
        """Reads a scenario."""
        return get_of_deal(request.user, Scenario, code)

    @operation("delete_cash_scenario", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Deletes a scenario."""
        delete_scenario(by=request.user, scenario=get_of_deal(request.user, Scenario, code))


class CashScenarioOutcome(ApiView):
    tag = TAG

    @operation("run_cash_scenario", answer=OutcomeShown)
    def get(self, request: Caller, code: UUID) -> Outcome:
        """Runs a scenario to the deal's end on the pool as it stands."""
        scenario = get_of_deal(request.user, Scenario, code)
        return run_scenario(deal_run(scenario.deal), scenario)
