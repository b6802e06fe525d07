"""Payment dates: worked out and booked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, LineShown, deal_run, figure
from api.v1.shared import Of, Person, code_of
from portfolios.access import get_deal, get_of_deal
from portfolios.models import ComplianceRun, Payment
from portfolios.services.pay import Collections, Due, book_payment, defaults_of, next_payment


class CollectionsTyped(Of):
    """What is typed of a date; left out: accrued interest, the pool's benchmark, the usual expenses."""

    benchmark = serializers.DecimalField(max_digits=9, decimal_places=7, min_value=-1, max_value=1, required=False)
    interest_collected = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=0, required=False)
    administrative_expenses = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=0, required=False)


class DueShown(Of):
    """The next payment date worked out; `default_at` says at which step an event of default arose."""

    number = serializers.IntegerField(source="date.number")
    pay_date = serializers.DateField(source="date.pay_date")
    default_at = serializers.CharField(source="run.place")
    is_accelerated = serializers.BooleanField(
        source="date.is_accelerated", help_text="Paid in one priority of all proceeds, after an event of default."
    )
    lines = LineShown(many=True, source="date.lines")
    balances = serializers.DictField(child=figure(), source="date.end.balances")
    deferred = serializers.DictField(child=figure(), source="date.end.deferred")
    principal_cash = figure(source="date.end.principal_cash")

    def to_representation(self, due: Due) -> Any:
        return super().to_representation({"date": due.run.dates[0], "run": due.run})


class PaymentShown(Of):
    """A payment date as it was booked; never changed."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    number = serializers.IntegerField()
    pay_date = serializers.DateField()
    inputs = serializers.DictField()
    balances = serializers.DictField(child=serializers.CharField(), source="closing.balances")
    deferred = serializers.DictField(child=serializers.CharField(), source="closing.deferred")
    lines = LineShown(many=True, source="closing.lines")
    engine_version = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> Any:
        lines = [
            {**line, "paid": Decimal(line["paid"]), "due": None if line["due"] is None else Decimal(line["due"])}
            for line in payment.closing["lines"]
        ]
        payment.closing = {**payment.closing, "lines": lines}
        return super().to_representation(payment)


def _collections(run: ComplianceRun, typed: dict[str, Any]) -> Collections:
    return replace(defaults_of(run), **typed)


class NextPayment(ApiView):
    tag = TAG

    @operation("read_next_payment", query=CollectionsTyped, answer=DueShown)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> Due:
        """Works out the next payment date, every step with its reason. Nothing is kept."""
        run = deal_run(get_deal(request.user, code))
        return next_payment(run, _collections(run, query))


class Payments(ApiView):
    tag = TAG

    @operation("list_payments", answer=PaymentShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Payment]:
        """Lists the payment dates booked, the latest first."""
        return Payment.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "snapshot", "made_by")

    @operation("book_payment", scope=Scope.ISSUE, body=CollectionsTyped, answer=PaymentShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Payment:
        """Books the next payment date; balances and cash follow it."""
        run = deal_run(get_deal(request.user, code))
        return book_payment(by=request.user, run=run, typed=_collections(run, data))


class PaymentDetail(ApiView):
    tag = TAG

    @operation("read_payment", answer=PaymentShown)
    def get(self, request: Caller, code: UUID) -> Payment:
        """Reads a payment date as it was booked."""
        return get_of_deal(request.user, Payment, code)
