"""Runs, what they put together, and what people decided of records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.jobs import JobShown
from api.v1.reconciliation.shared import MOST_RECORDS, RUNS, get_run
from api.v1.shared import Of, Person, code_of
from engine.reconciliation.verdicts import Verdict
from reconciliation.access import get, require_see
from reconciliation.models import (
    Choice,
    Decision,
    Definition,
    MatchGroup,
    ReconciliationRun,
)
from reconciliation.services.decide_records import decide_records, take_back
from reconciliation.services.request_run import request_run


class ReconciliationRunShown(JobShown):
    """One comparison of a business day; its counts stand in `summary` when it is done."""

    definition = code_of("definition")
    business_date = serializers.DateField()
    terms = code_of("terms")
    engine_version = serializers.CharField()
    summary = serializers.DictField(help_text="Verdicts and breaks by count; empty until it is done.")


class ReconciliationRunQuery(Of):
    definition = serializers.UUIDField(required=False)
    business_date = serializers.DateField(required=False)


class NewReconciliationRun(Of):
    definition = serializers.UUIDField()
    business_date = serializers.DateField()


class GroupShown(Of):
    """Records that belong together, and what is said of them."""

    number = serializers.IntegerField()
    verdict = serializers.CharField()
    break_types = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.IntegerField(allow_null=True)
    amount = serializers.DecimalField(max_digits=32, decimal_places=6)
    currency = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    paired_by = serializers.CharField()
    cause = serializers.CharField()
    note = serializers.CharField()
    detail = serializers.DictField(help_text="References and differences; of several books every value.")


class GroupQuery(Of):
    verdict = serializers.ChoiceField([str(each) for each in Verdict], required=False)


class RecordsDecided(Of):
    """A person's word on records; it holds in every later run until it is taken back."""

    code = serializers.UUIDField()
    definition = code_of("definition")
    choice = serializers.ChoiceField(Choice.choices)
    internal = serializers.ListField(child=serializers.CharField())
    external = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    by = Person()
    at = serializers.DateTimeField()
    is_taken_back = serializers.BooleanField()


class NewDecision(Of):
    """Records by the references they have in every file."""

    choice = serializers.ChoiceField(Choice.choices)
    internal = serializers.ListField(child=serializers.CharField(max_length=120), max_length=MOST_RECORDS, default=list)
    external = serializers.ListField(child=serializers.CharField(max_length=120), max_length=MOST_RECORDS, default=list)
    reason = serializers.CharField(max_length=500)


DECISIONS = Decision.objects.select_related("definition", "by")


class Runs(ApiView):
    tag = "reconciliation"

    @operation("list_reconciliation_runs", query=ReconciliationRunQuery, answer=ReconciliationRunShown, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[ReconciliationRun]:
        """Lists runs, the latest first."""
        require_see(request.user)
        found = RUNS.filter(definition__code=query["definition"]) if query.get("definition") else RUNS.all()
        return found.filter(business_date=query["business_date"]) if query.get("business_date") else found

    @operation(
        "run_reconciliation", scope=Scope.RUN, body=NewReconciliationRun, answer=ReconciliationRunShown, status=201
    )
    def post(self, request: Caller, data: dict[str, Any]) -> ReconciliationRun:
        """Compares what was received of a business day; a worker does it, and its job says how far it is."""
        definition = get(request.user, Definition.objects.all(), data["definition"])
        return request_run(by=request.user, definition=definition, business_date=data["business_date"])


class RunDetail(ApiView):
    tag = "reconciliation"

    @operation("read_reconciliation_run", answer=ReconciliationRunShown)
    def get(self, request: Caller, code: UUID) -> ReconciliationRun:
        """Reads a run; its progress is that of the job of the same code."""
        return get_run(request, code)


class RunGroups(ApiView):
    tag = "reconciliation"

    @operation("list_groups", query=GroupQuery, answer=GroupShown, pages=("number",))
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> QuerySet[MatchGroup]:
        """Lists what a run put together, by number."""
        found = get_run(request, code).match_groups.all()
        return found.filter(verdict=query["verdict"]) if query.get("verdict") else found


class Decisions(ApiView):
    tag = "reconciliation"

    @operation("list_decisions", answer=RecordsDecided, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Decision]:
        """Lists what people decided of the records of a definition."""
        return DECISIONS.filter(definition=get(request.user, Definition.objects.all(), code))

    @operation("decide_records", scope=Scope.WRITE, body=NewDecision, answer=RecordsDecided, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Decision:
        """Matches records, splits them, or says they are no duplicates: for every later run."""
        return decide_records(by=request.user, definition=get(request.user, Definition.objects.all(), code), **data)


class DecisionTakenBack(ApiView):
    tag = "reconciliation"

    @operation("take_decision_back", scope=Scope.WRITE, answer=RecordsDecided)
    def post(self, request: Caller, code: UUID) -> Decision:
        """Takes a decision back: later runs go by the rules again."""
        return take_back(by=request.user, decision=get(request.user, DECISIONS.all(), code))
