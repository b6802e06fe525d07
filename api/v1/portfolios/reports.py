"""Reports, and a trustee's figures beside ours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.portfolios.shown import TAG, deal_run
from api.v1.shared import Of, Person, code_of
from lib.errors import NotFound
from portfolios.access import get_deal
from portfolios.models import SavedReport, TrusteeReport
from portfolios.queries import latest_run
from portfolios.report import ASSET_COLUMNS, SECTIONS
from portfolios.services.compare_trustee import compare_trustee
from portfolios.services.reports import save_report
from portfolios.views.reports import FORMS, layout_of, sent_report


class NewTrusteeFile(Of):
    """A trustee's figures: columns line and value."""

    file = serializers.FileField(allow_empty_file=True)


class TrusteeReportShown(Of):
    """A trustee's figures beside ours, line by line."""

    code = serializers.UUIDField()
    run = code_of("run")
    file_name = serializers.CharField()
    file_hash = serializers.CharField()
    lines = serializers.ListField(child=serializers.DictField())
    made_by = Person()
    created_at = serializers.DateTimeField()


class SavedReportShown(Of):
    """What a report holds, under a name."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    sections = serializers.ListField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField(), help_text="Of the assets.")
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewReport(Of):
    """A name, new or known; sections, and columns of the assets where they are among them."""

    name = serializers.CharField(max_length=120)
    sections = serializers.ListField(child=serializers.ChoiceField(list(SECTIONS)))
    columns = serializers.ListField(child=serializers.ChoiceField(list(ASSET_COLUMNS)), required=False, default=list)


class ReportQuery(Of):
    form = serializers.ChoiceField(list(FORMS), default="xlsx")
    saved = serializers.UUIDField(required=False, help_text="A saved report; left out: the whole one.")
    run = serializers.UUIDField(required=False, help_text="Left out: the latest tests.")


class TrusteeReports(UploadView):
    tag = TAG

    @operation("list_trustee_reports", answer=TrusteeReportShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[TrusteeReport]:
        """Lists the trustee's files of a deal beside our figures."""
        return TrusteeReport.objects.filter(deal=get_deal(request.user, code)).select_related("run", "made_by")

    @operation(
        "compare_trustee", scope=Scope.WRITE, body=NewTrusteeFile, answer=TrusteeReportShown, status=201, whole=False
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TrusteeReport:
        """Compares a trustee's file with the latest tests."""
        run, file = deal_run(get_deal(request.user, code)), data["file"]
        return compare_trustee(by=request.user, run=run, file_name=file.name, content=file.read())


class Report(ApiView):
    tag = TAG

    @operation("download_clo_report", query=ReportQuery, file="*/*")
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> HttpResponse:
        """Takes the report of a deal's tests away: a workbook with live formulas, or a PDF."""
        deal = get_deal(request.user, code)
        run = deal.test_runs.filter(code=query["run"]).first() if "run" in query else latest_run(deal)
        if run is None:
            raise NotFound("There are no such tests of this deal.")
        if "saved" not in query:
            return sent_report(run, query["form"])
        saved = deal.saved_reports.filter(code=query["saved"]).first()
        if saved is None:
            raise NotFound("There is no such report of this deal.")
        return sent_report(run, query["form"], layout_of(saved))


class SavedReports(ApiView):
    tag = TAG

    @operation("list_clo_reports", answer=SavedReportShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[SavedReport]:
        """Lists the reports kept of a deal."""
        return SavedReport.objects.filter(deal=get_deal(request.user, code)).select_related("made_by")

    @operation("save_clo_report", scope=Scope.WRITE, body=NewReport, answer=SavedReportShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> SavedReport:
        """Keeps a report under its name."""
        return save_report(by=request.user, deal=get_deal(request.user, code), **data)
