"""Ends a webhook; its log stays."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from api.models import DeliveryState, Webhook
from api.webhooks import get_webhook


@transaction.atomic
def end_webhook(*, by: User, webhook: Webhook) -> None:
    """Nothing; it is told nothing any more, not even what waits. NotFound for others."""
    current = get_webhook(by, webhook.code)
    current.ended_at = timezone.now()
    current.save(update_fields=["ended_at"])
    current.deliveries.filter(state=DeliveryState.WAITING).update(state=DeliveryState.FAILED, error="Ended.")
    audit.record(by=by, action="webhook.ended", target=current, before={"url": current.url})
