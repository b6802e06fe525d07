"""Webhooks: a program is told what its owner is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.models import Delivery, DeliveryState, Webhook
from api.operations import ApiView, Caller, operation
from api.services.create_webhook import create_webhook
from api.services.end_webhook import end_webhook
from api.services.redeliver import redeliver
from api.v1.shared import Of, code_of
from api.webhooks import get_webhook, own_webhooks
from lib.errors import NotFound


class WebhookShown(Of):
    """An address that is told what its owner is told."""

    code = serializers.UUIDField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text="None are all.")
    created_at = serializers.DateTimeField()


class WebhookMade(WebhookShown):
    """A new webhook with the secret its deliveries are signed with: it is never shown again."""

    secret = serializers.CharField(source="shown_secret")


class NewWebhook(Of):
    url = serializers.URLField(max_length=500)
    kinds = serializers.ListField(child=serializers.CharField(max_length=32), default=list, max_length=50)


class DeliveryShown(Of):
    """One thing a webhook was told, and what became of it."""

    code = serializers.UUIDField()
    webhook = code_of("webhook")
    kind = serializers.CharField()
    body = serializers.DictField()
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)


class Webhooks(ApiView):
    tag = "webhooks"

    @operation("list_webhooks", answer=WebhookShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Webhook]:
        """Lists the caller's webhooks."""
        return own_webhooks(request.user)

    @operation("create_webhook", scope=Scope.WRITE, body=NewWebhook, answer=WebhookMade, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Webhook:
        """Has an address told what the caller is told: signed, and again until it is taken."""
        webhook: Any
        webhook, webhook.shown_secret = create_webhook(by=request.user, **data)
        found: Webhook = webhook
        return found


class WebhookDetail(ApiView):
    tag = "webhooks"

    @operation("read_webhook", answer=WebhookShown)
    def get(self, request: Caller, code: UUID) -> Webhook:
        """Reads a webhook."""
        return get_webhook(request.user, code)

    @operation("end_webhook", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Ends a webhook; what waits is not delivered."""
        end_webhook(by=request.user, webhook=get_webhook(request.user, code))


class Deliveries(ApiView):
    tag = "webhooks"

    @operation("list_deliveries", answer=DeliveryShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Delivery]:
        """Lists what a webhook was told, the latest first."""
        return Delivery.objects.filter(webhook=get_webhook(request.user, code)).select_related("webhook")


class Redelivery(ApiView):
    tag = "webhooks"

    @operation("redeliver", scope=Scope.WRITE, answer=DeliveryShown, status=201)
    def post(self, request: Caller, code: UUID) -> Delivery:
        """Tells a webhook again what it was told."""
        own = Delivery.objects.filter(webhook__in=own_webhooks(request.user), code=code)
        found = own.select_related("webhook").first()
        if found is None:
            raise NotFound("There is no such delivery.")
        return redeliver(by=request.user, delivery=found)
