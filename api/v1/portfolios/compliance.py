"""The tests of a pool, each opened to its rows, and their history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import STATUSES, TAG, figure
from api.v1.shared import Of, Person, code_of
from engine.portfolios.compliance import Compliance
from lib.errors import NotFound
from portfolios.access import get_deal, get_of_deal
from portfolios.models import ComplianceResult, ComplianceRun
from portfolios.queries import checked


class TestRunShown(Of):
    """All tests of one pool under one version of limits."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    limit_set = code_of("limit_set")
    engine_version = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class TestShown(Of):
    """One test; its value is null where it was not assessed."""

    number = serializers.IntegerField(source="rule.number")
    name = serializers.CharField(source="rule.name")
    sense = serializers.CharField(source="limit.sense", help_text="max or min.")
    value = figure(allow_null=True)
    numerator = figure()
    denominator = figure()
    threshold = figure(allow_null=True)
    margin = figure(allow_null=True)
    status = serializers.CharField(source="status.value", help_text=STATUSES)
    coverage_ratio = figure(help_text="Share of par not in default whose inputs are known.")


class RowShown(Of):
    asset = serializers.CharField()
    amount = figure()


class TestDetailShown(TestShown):
    """One test opened: its rule in words, the rows behind it, what would turn it, what it lacks."""

    words = serializers.CharField(source="rule.words")
    previous = figure(source="limit.previous", allow_null=True)
    room_amount = figure(allow_null=True, help_text="What the numerator may still move by before the verdict turns.")
    winner = serializers.CharField(help_text="The issuer, country or industry that a test of the largest found.")
    rows = serializers.SerializerMethodField()
    lacking = serializers.ListField(child=serializers.CharField(), help_text="Assets whose inputs are not known.")

    @extend_schema_field(RowShown(many=True))
    def get_rows(self, result: Any) -> Any:
        ordered = sorted(result.rows, key=lambda row: (-row[1], row[0]))
        return RowShown([{"asset": asset, "amount": amount} for asset, amount in ordered], many=True).data


class RatioShown(Of):
    """A coverage test; `passed` is null where it is not assessed."""

    numerator = figure()
    denominator = figure()
    value = figure(allow_null=True)
    trigger = figure()
    passed = serializers.BooleanField(allow_null=True)


class CuresShown(Of):
    """The smallest amounts that restore a ratio."""

    from_interest = figure()
    from_principal = figure(allow_null=True)
    into_collateral = figure()


class CoverageShown(Of):
    """Overcollateralisation and interest coverage of a class and all senior to it."""

    name = serializers.CharField(source="terms.name")
    balance = figure(source="terms.balance")
    interest_due = figure()
    oc = RatioShown(allow_null=True)
    ic = RatioShown(allow_null=True)
    oc_cures = CuresShown(allow_null=True)


class TestRunDetailShown(TestRunShown):
    """A run with every test and the coverage of every class."""

    performing_par = figure(source="compliance.base.performing_par")
    principal_cash = figure(source="compliance.base.principal_cash")
    adjusted_collateral = figure(source="compliance.coverage.carrying.adjusted_amount")
    tests = TestShown(many=True, source="compliance.results")
    coverage = CoverageShown(many=True, source="compliance.coverage.classes")

    def to_representation(self, run: ComplianceRun) -> Any:
        run.compliance = checked(run)[2]  # type: ignore[attr-defined]  # told beside the row
        return super().to_representation(run)


class PastTestShown(Of):
    """A test as it was on one day."""

    run = code_of("run")
    determination_date = serializers.DateField(source="run.snapshot.determination_date")
    pool_number = serializers.IntegerField(source="run.snapshot.number")
    value = figure(allow_null=True)
    threshold = figure(allow_null=True)
    status = serializers.CharField(help_text=STATUSES)


class TestRuns(ApiView):
    tag = TAG

    @operation("list_test_runs", answer=TestRunShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[ComplianceRun]:
        """Lists the tests taken of a deal, the latest first."""
        runs = ComplianceRun.objects.filter(deal=get_deal(request.user, code))
        return runs.select_related("deal", "snapshot", "limit_set", "made_by")


class TestRunDetail(ApiView):
    tag = TAG

    @operation("read_test_run", answer=TestRunDetailShown)
    def get(self, request: Caller, code: UUID) -> ComplianceRun:
        """Reads all tests of a pool, with numerators, denominators, margins and cures."""
        return get_of_deal(request.user, ComplianceRun, code)


class TestDetail(ApiView):
    tag = TAG

    @operation("read_test", answer=TestDetailShown)
    def get(self, request: Caller, code: UUID, index: int) -> Any:
        """Reads one test with the rows behind it."""
        found: Compliance = checked(get_of_deal(request.user, ComplianceRun, code))[2]
        result = next((each for each in found.results if each.rule.number == index), None)
        if result is None:
            raise NotFound("The deal has no such test.")
        return result


class TestHistory(ApiView):
    tag = TAG

    @operation("list_test_history", answer=PastTestShown, pages="pk")
    def get(self, request: Caller, code: UUID, index: int) -> QuerySet[ComplianceResult]:
        """Lists one test by date, the latest first."""
        found = ComplianceResult.objects.filter(run__deal=get_deal(request.user, code), number=index)
        return found.select_related("run__snapshot")
