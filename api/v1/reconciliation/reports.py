"""What is told and taken away: exports, packs, ages, match rates, statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.jobs import JobShown
from api.v1.reconciliation.shared import MOST_BREAKS, PackFilters, get_run
from api.v1.shared import Of, code_of
from lib.errors import NotFound
from reconciliation import queries
from reconciliation.access import get, require_see
from reconciliation.models import (
    Break,
    BreakPack,
    ExportFormat,
    Recipient,
)
from reconciliation.services.request_break_pack import request_break_pack, take_break_pack
from reconciliation.views.packs import ZIP, sent_pack
from reconciliation.views.runs import KINDS, sent_file


class ExportQuery(Of):
    kind = serializers.ChoiceField(KINDS, default="csv")


class NewBreakPack(Of):
    """Breaks by their codes, or a view of the queue; the format of their list."""

    breaks = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_BREAKS, required=False)
    filters = PackFilters(required=False)
    format = serializers.ChoiceField(ExportFormat.choices, default=ExportFormat.CSV)
    with_files = serializers.BooleanField(default=True, help_text="With the files that were received.")
    recipient = serializers.UUIDField(
        required=False, help_text="For whom it is locked; by nothing where it is not said."
    )


class BreakPackShown(JobShown):
    """Breaks with everything behind them as one archive; its parts stand in `summary` when it is done."""

    breaks = serializers.ListField(child=serializers.UUIDField())
    format = serializers.ChoiceField(ExportFormat.choices)
    with_files = serializers.BooleanField()
    name = serializers.CharField()
    sha256 = serializers.CharField(help_text="Empty until it is done.")
    size_bytes = serializers.IntegerField()
    summary = serializers.DictField()


class Age(Of):
    age = serializers.CharField()
    by_severity = serializers.DictField(child=serializers.IntegerField())
    total = serializers.IntegerField()


class AgesShown(Of):
    """Unsettled breaks by age."""

    ages = Age(many=True)


class MatchRate(Of):
    week = serializers.DateField(help_text="Its Monday.")
    counterparty = serializers.CharField()
    matched = serializers.IntegerField()
    total = serializers.IntegerField()
    ratio = serializers.FloatField()


class InTime(Of):
    counterparty = serializers.CharField()
    count = serializers.IntegerField()
    in_time = serializers.IntegerField()


class RatesShown(Of):
    """How much of each counterparty's records matched by week, and how many settled breaks kept to their hours."""

    match_rates = MatchRate(many=True)
    settled = InTime(many=True)


class Statement(Of):
    source = code_of("source")  # type: ignore[assignment]  # a field's name
    state = serializers.ChoiceField(("received", "waiting", "late"))


class StatementsShown(Of):
    """Of a day each source that has a time, and whether its file came."""

    business_date = serializers.DateField()
    statements = Statement(many=True)


class StatementQuery(Of):
    business_date = serializers.DateField(required=False)


PACKS = BreakPack.objects.select_related("requested_by")


class RunExport(ApiView):
    tag = "reports"

    @operation("export_reconciliation", query=ExportQuery, file="*/*")
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> HttpResponse:
        """Takes a run's groups away, or its extract for a regulator (which no repository has validated)."""
        return sent_file(get_run(request, code), query["kind"])


class BreakPacks(ApiView):
    tag = "reports"

    @operation("list_break_packs", answer=BreakPackShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[BreakPack]:
        """Lists packs, the latest first."""
        require_see(request.user)
        return PACKS.all()

    @operation("pack_breaks", scope=Scope.RUN, body=NewBreakPack, answer=BreakPackShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> BreakPack:
        """Packs breaks with their lineage from byte to verdict; a worker does it."""
        require_see(request.user)
        asked = data.pop("breaks", None)
        filters = {name: str(value) for name, value in (data.pop("filters", None) or {}).items()}
        rows = list(Break.objects.filter(code__in=asked)) if asked is not None else []
        if asked is not None and not rows:
            raise NotFound("There is no such break.")
        if code := data.pop("recipient", None):
            data["recipient"] = get(request.user, Recipient.objects.all(), code)
        return request_break_pack(by=request.user, breaks=rows, filters={} if rows else filters, **data)


class BreakPackDetail(ApiView):
    tag = "reports"

    @operation("read_break_pack", answer=BreakPackShown)
    def get(self, request: Caller, code: UUID) -> BreakPack:
        """Reads a pack; its progress is that of the job of the same code."""
        return get(request.user, PACKS.all(), code)


class BreakPackContent(ApiView):
    tag = "reports"

    @operation("download_break_pack", file=ZIP)
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes the archive of a pack away."""
        pack = get(request.user, PACKS.all(), code)
        return sent_pack(pack, take_break_pack(by=request.user, pack=pack))


class Ages(ApiView):
    tag = "reports"

    @operation("read_ages", answer=AgesShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Counts unsettled breaks by age and severity."""
        require_see(request.user)
        ages = [{"age": age, "by_severity": counts, "total": total} for age, counts, total in queries.ageing()]
        return {"ages": ages}


class Rates(ApiView):
    tag = "reports"

    @operation("read_match_rates", answer=RatesShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Says how much matched by counterparty and week, and what was settled in time."""
        require_see(request.user)
        return {"match_rates": queries.match_rates(), "settled": queries.kept_in_time()}


class Statements(ApiView):
    tag = "reports"

    @operation("read_statements", query=StatementQuery, answer=StatementsShown)
    def get(self, request: Caller, query: dict[str, Any]) -> dict[str, Any]:
        """Says which sources' files of a day came, are still to come, or are late."""
        require_see(request.user)
        day = query.get("business_date") or timezone.localdate()
        return {"business_date": day, "statements": queries.statements(day)}
