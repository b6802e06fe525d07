"""Breaks and who deals with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope, User
from api.operations import ApiView, Caller, operation
from api.v1.reconciliation.shared import BREAKS, MOST_BREAKS, SEVERITIES, BreakRead, BreakShown, get_break
from api.v1.shared import Of, Person
from lib.verbs import refuse
from reconciliation import queries
from reconciliation.access import require_see
from reconciliation.models import (
    Break,
    BreakState,
    Comment,
)
from reconciliation.services.work_on_breaks import (
    LONGEST_COMMENT,
    LONGEST_RESOLUTION,
    assign_breaks,
    comment_break,
    resolve_breaks,
)

# By urgency, time or size; what is equal in it follows by urgency.
SORTS = ("-score", "opened_at", "-opened_at", "resolve_by", "-resolve_by", "amount", "-amount")


class BreakQuery(Of):
    """Unsettled ones where no state is asked for."""

    state = serializers.ChoiceField(BreakState.choices, required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    team = serializers.CharField(required=False, max_length=20)
    counterparty = serializers.CharField(required=False, max_length=120)
    product = serializers.CharField(required=False, max_length=40)
    cluster = serializers.CharField(required=False, max_length=64)
    type = serializers.CharField(required=False, max_length=120)
    definition = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=254, help_text="An e-mail address, or nobody.")
    q = serializers.CharField(required=False, max_length=100, help_text="A piece of the reference or the cause.")
    sort = serializers.ChoiceField(SORTS, default="-score", help_text="With a minus from the highest.")


class ChosenBreaks(Of):
    """Breaks by their codes, or all open ones of a cluster."""

    breaks = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_BREAKS, required=False)
    cluster = serializers.CharField(max_length=64, required=False)


class BreaksAssigned(ChosenBreaks):
    owner = serializers.EmailField(allow_null=True, help_text="Null for nobody.")


class BreaksResolved(ChosenBreaks):
    reason = serializers.CharField(max_length=LONGEST_RESOLUTION)


class BreaksShown(Of):
    """The breaks as they are now; those that were settled before are left out."""

    breaks = BreakShown(many=True)


class CommentShown(Of):
    """What somebody said of a break; never changed."""

    by = Person()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class NewComment(Of):
    text = serializers.CharField(max_length=LONGEST_COMMENT)


class Cluster(Of):
    cluster = serializers.CharField()
    count = serializers.IntegerField()
    type = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    cause = serializers.CharField()


class Clusters(Of):
    """Open breaks that look alike, the largest cluster first."""

    clusters = Cluster(many=True)


def _chosen(data: dict[str, Any]) -> list[Break]:
    """The breaks named; Invalid unless they are named in one way, and all there."""
    codes, cluster = set(data.pop("breaks", [])), data.pop("cluster", "")
    if bool(codes) == bool(cluster):
        raise refuse("breaks", "breaks", "Breaks: name them by their codes, or by a cluster.")
    if cluster:
        return list(BREAKS.filter(cluster=cluster, state=BreakState.OPEN))
    found = list(BREAKS.filter(code__in=codes))
    if len(found) < len(codes):
        raise refuse("no_such_break", "breaks", f"Breaks: {len(codes) - len(found)} of these codes are no break's.")
    return found


class Breaks(ApiView):
    tag = "exceptions"

    @operation("list_breaks", query=BreakQuery, answer=BreakShown, pages=("-score", "opened_at"))
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Break]:
        """Lists breaks: filtered, sorted, in pages."""
        require_see(request.user)
        filters = {name: str(value) for name, value in query.items() if name not in {"sort", "limit", "cursor"}}
        return queries.queue(filters).select_related("proposed_by", "settled_by")


class BreakDetail(ApiView):
    tag = "exceptions"

    @operation("read_break", answer=BreakRead)
    def get(self, request: Caller, code: UUID) -> Break:
        """Reads a break with its differences."""
        return get_break(request, code)


class BreakComments(ApiView):
    tag = "exceptions"

    @operation("list_comments", answer=CommentShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Comment]:
        """Lists what was said of a break, the latest first."""
        return get_break(request, code).comments.select_related("by")

    @operation("comment_break", scope=Scope.WRITE, body=NewComment, answer=CommentShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Comment:
        """Says something of a break."""
        return comment_break(by=request.user, row=get_break(request, code), text=data["text"])


class BreaksAssign(ApiView):
    tag = "exceptions"

    @operation("assign_breaks", scope=Scope.WRITE, body=BreaksAssigned, answer=BreaksShown)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Gives breaks to somebody who works on them."""
        require_see(request.user)
        rows, owner = _chosen(data), data["owner"]
        to = User.objects.filter(email=owner).first() if owner else None
        if owner and to is None:
            raise refuse("owner", "owner", f"Owner: {owner} does not work on breaks.")
        return {"breaks": assign_breaks(by=request.user, breaks=rows, to=to)}


class BreaksResolve(ApiView):
    tag = "exceptions"

    @operation("resolve_breaks", scope=Scope.WRITE, body=BreaksResolved, answer=BreaksShown)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Resolves breaks with a reason; those from a size on wait for a second person, `proposed`."""
        require_see(request.user)
        return {"breaks": resolve_breaks(by=request.user, breaks=_chosen(data), reason=data["reason"])}


class BreakClusters(ApiView):
    tag = "exceptions"

    @operation("list_clusters", answer=Clusters)
    def get(self, request: Caller) -> dict[str, Any]:
        """Lists breaks that look alike, to be resolved at once."""
        require_see(request.user)
        return {"clusters": queries.clusters()}
