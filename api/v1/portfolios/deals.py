"""Deals and their pools."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from accounts.policies import require
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, DealPoolShown
from api.v1.records import version_views
from api.v1.shared import Of
from portfolios.access import VIEW, get_deal, get_of_deal, visible_deals
from portfolios.models import Deal, LimitSet, PoolSnapshot
from portfolios.queries import latest_pool, payment_calendar
from portfolios.services.after_default import set_after_default

LIMIT_SETS = version_views(LimitSet, "limit_set")


class DealShown(Of):
    """A CLO: its dates, its papers, its classes of notes."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    manager_name = serializers.CharField()
    currency = serializers.CharField()
    benchmark = serializers.CharField()
    closing_date = serializers.DateField()
    non_call_end = serializers.DateField()
    reinvestment_end = serializers.DateField()
    stated_maturity = serializers.DateField()
    priority_of_payments = serializers.CharField(source="preset")
    accelerates_after_default = serializers.BooleanField(
        help_text="After an event of default payments go on in one priority of all proceeds; else they stop there."
    )
    limits = serializers.CharField(source="limits_family", help_text="The family of its limit sets.")
    papers = serializers.DictField(help_text="Fees, haircuts, diversion, incentive.")
    payment_dates = serializers.SerializerMethodField(help_text="Those to come, the next first.")

    @extend_schema_field(serializers.ListField(child=serializers.DateField()))
    def get_payment_dates(self, deal: Deal) -> list[date]:
        pool = latest_pool(deal)
        return list(payment_calendar(deal, pool.determination_date if pool else deal.closing_date).adjusted)


class DealPoolDetail(DealPoolShown):
    """A pool with its assets, and what its tape was warned of."""

    content = serializers.DictField()
    warnings = serializers.ListField(child=serializers.DictField())


class Deals(ApiView):
    tag = TAG

    @operation("list_clo_deals", answer=DealShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Deal]:
        """Lists CLO deals."""
        require(request.user, VIEW)
        return visible_deals(request.user)


class DealDetail(ApiView):
    tag = TAG

    @operation("read_clo_deal", answer=DealShown)
    def get(self, request: Caller, code: UUID) -> Deal:
        """Reads a deal."""
        return get_deal(request.user, code)


class AfterDefault(Of):
    accelerates = serializers.BooleanField(help_text="In one priority of all proceeds; else payments stop.")


class DealAfterDefault(ApiView):
    tag = TAG

    @operation("set_clo_after_default", scope=Scope.ISSUE, body=AfterDefault, answer=DealShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Deal:
        """Says how payments go on after an event of default."""
        return set_after_default(by=request.user, deal=get_deal(request.user, code), **data)


class DealPools(ApiView):
    tag = TAG

    @operation("list_clo_pools", answer=DealPoolShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[PoolSnapshot]:
        """Lists the pools of a deal and its candidates, the latest first."""
        deal = get_deal(request.user, code)
        return PoolSnapshot.objects.filter(deal=deal).select_related("deal", "made_by").defer("content", "warnings")


class PoolDetail(ApiView):
    tag = TAG

    @operation("read_clo_pool", answer=DealPoolDetail)
    def get(self, request: Caller, code: UUID) -> PoolSnapshot:
        """Reads a pool with its assets."""
        return get_of_deal(request.user, PoolSnapshot, code)
