"""Resolutions of a second person, who did what, who may what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import AuditEntry, Scope
from accounts.policies import table
from api.operations import ApiView, Caller, operation
from api.v1.accounts import AuditQuery, Entry
from api.v1.reconciliation.exceptions import BreakDetail
from api.v1.reconciliation.shared import BREAKS, BreakRead, BreakShown, get_break
from api.v1.shared import Of
from reconciliation import queries
from reconciliation.access import APPROVE, GOVERN, require_may
from reconciliation.models import (
    Break,
    BreakState,
)
from reconciliation.services.work_on_breaks import (
    LONGEST_COMMENT,
    decide_resolution,
)


class ResolutionDecided(Of):
    comment = serializers.CharField(allow_blank=True, default="", max_length=LONGEST_COMMENT)


class Right(Of):
    action = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class RightsShown(Of):
    """What each role may do in reconciliation."""

    rights = Right(many=True)


class Resolutions(ApiView):
    tag = "governance"

    @operation("list_resolutions", answer=BreakShown, pages=("-score", "opened_at"))
    def get(self, request: Caller) -> QuerySet[Break]:
        """Lists resolutions that wait for a second person."""
        require_may(request.user, APPROVE)
        return BREAKS.filter(state=BreakState.PROPOSED)


class ResolutionApprove(ApiView):
    tag = "governance"
    current = BreakDetail

    @operation("approve_resolution", scope=Scope.ISSUE, body=ResolutionDecided, answer=BreakRead)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Break:
        """Approves the resolution of a break; who proposed it may not."""
        return decide_resolution(by=request.user, row=get_break(request, code), approve=True, **data)


class ResolutionReject(ApiView):
    tag = "governance"
    current = BreakDetail

    @operation("reject_resolution", scope=Scope.ISSUE, body=ResolutionDecided, answer=BreakRead)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Break:
        """Sends a resolution back: its break is open again."""
        return decide_resolution(by=request.user, row=get_break(request, code), approve=False, **data)


class Trail(ApiView):
    tag = "governance"

    @operation("read_trail", query=AuditQuery, answer=Entry, pages="sequence")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[AuditEntry]:
        """Lists who did what in reconciliation, the latest first. For compliance and administrators."""
        require_may(request.user, GOVERN)
        found = queries.trail()
        found = found.filter(action=query["action"]) if query.get("action") else found
        return found.filter(target_code=query["target"]) if query.get("target") else found


class Rights(ApiView):
    tag = "governance"

    @operation("read_rights", answer=RightsShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Says which role may do what in reconciliation. For compliance and administrators."""
        require_may(request.user, GOVERN)
        found = [row for row in table() if row.action.startswith("reconciliation.")]
        return {"rights": [{"action": row.action, "roles": sorted(row.roles)} for row in found]}
