"""Tells a webhook again what it was told, or was not."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from api.models import Delivery
from api.webhooks import enqueue, get_webhook


@transaction.atomic
def redeliver(*, by: User, delivery: Delivery) -> Delivery:
    """A delivery of the same, due now, with as many attempts as a new one; NotFound for others."""
    webhook = get_webhook(by, delivery.webhook.code)
    again = Delivery.objects.create(webhook=webhook, kind=delivery.kind, body=delivery.body)
    audit.record(by=by, action="webhook.redelivered", target=webhook, after={"delivery": str(delivery.code)})
    transaction.on_commit(lambda: enqueue([str(again.code)]))
    return again
