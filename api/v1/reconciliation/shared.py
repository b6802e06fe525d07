"""Pieces of several modules."""

from __future__ import annotations

from uuid import UUID

from rest_framework import serializers

from api.operations import Caller
from api.v1.shared import Of, Person, code_of
from lib.errors import NotFound
from reconciliation.access import get
from reconciliation.models import (
    Break,
    BreakState,
    Channel,
    ReconciliationRun,
    Source,
)

MOST_BREAKS, MOST_RECORDS = 500, 200


SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


class BreakShown(Of):
    """What two books do not agree on, from the first run that found it until it is settled."""

    code = serializers.UUIDField()
    definition = code_of("definition")
    type = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=32, decimal_places=6)
    currency = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    reference = serializers.CharField()
    cause = serializers.CharField()
    cluster = serializers.CharField(help_text="Breaks that look alike have the same.")
    team = serializers.CharField()
    owner = Person(allow_null=True)
    state = serializers.ChoiceField(BreakState.choices)
    opened_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField()
    resolve_by = serializers.DateTimeField()
    escalated_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField()
    proposed_by = Person(allow_null=True)
    settled_by = Person(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class BreakRead(BreakShown):
    """A break with the group of the run that found it last, and its differences."""

    run = serializers.UUIDField(source="group.run.code", allow_null=True, default=None)
    group_number = serializers.IntegerField(source="group.number", allow_null=True, default=None)
    detail = serializers.DictField(source="group.detail", default=dict)


class PackFilters(Of):
    """A view of the queue; unsettled breaks where no state is asked for."""

    state = serializers.ChoiceField(BreakState.choices, required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    team = serializers.CharField(required=False, max_length=20)
    counterparty = serializers.CharField(required=False, max_length=120)
    product = serializers.CharField(required=False, max_length=40)
    cluster = serializers.CharField(required=False, max_length=64)
    type = serializers.CharField(required=False, max_length=120)
    definition = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=254)
    q = serializers.CharField(required=False, max_length=100)


BREAKS = Break.objects.select_related("definition", "owner", "proposed_by", "settled_by")


RUNS = ReconciliationRun.objects.select_related("definition", "terms", "requested_by")


def get_run(request: Caller, code: UUID) -> ReconciliationRun:
    """The run of this code; NotFound for outsiders."""
    return get(request.user, RUNS.all(), code)


def get_channel(request: Caller, code: UUID) -> Channel:
    """The channel of a source; NotFound where it has none."""
    source = get(request.user, Source.objects.all(), code)
    found = Channel.objects.select_related("source").filter(source=source).first()
    if found is None:
        raise NotFound("This source has no channel.")
    return found


def get_break(request: Caller, code: UUID) -> Break:
    """The break of this code with its group; NotFound for outsiders."""
    return get(request.user, BREAKS.select_related("group__run"), code)
