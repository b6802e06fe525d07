"""Delivers what a webhook is to be told: one attempt, the next one later each time."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from api.models import Delivery, DeliveryState
from api.outgoing import post
from api.webhooks import secret_of, signature
from lib.reach import Unreachable

GRACE = timedelta(seconds=10)  # the queue gets the first chance
HELD_FOR = timedelta(minutes=2)  # whoever delivers holds the row; one that died is followed by another
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 10

log = structlog.get_logger(__name__)


def deliver(code: UUID | str) -> bool:
    """True when it arrived with this call; False where it is not due, somebody else is at it, or it was not taken."""
    now = timezone.now()
    due = Delivery.objects.filter(code=code, state=DeliveryState.WAITING, due_at__lte=now)
    if not due.update(due_at=now + HELD_FOR, attempts=F("attempts") + 1):
        return False
    delivery = Delivery.objects.select_related("webhook__owner").get(code=code)
    if not delivery.webhook.owner.may_sign_in:
        return _settle(delivery, state=DeliveryState.FAILED, error="Its owner may not sign in any more.")
    try:
        status = post(delivery.webhook.url, *_message(delivery))
    except Unreachable as error:
        return _later(delivery, str(error))
    if not 200 <= status < 300:
        return _later(delivery, f"It answered {status}.", status)
    _settle(delivery, state=DeliveryState.DELIVERED, status=status, error="", delivered_at=timezone.now())
    return True


def _message(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    body, at = json.dumps(delivery.body).encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "AtlasNexus",
        "webhook-id": str(delivery.code),
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret_of(delivery.webhook), str(delivery.code), at, body),
    }
    return body, headers


def _later(delivery: Delivery, error: str, status: int | None = None) -> bool:
    log.warning("webhook_not_delivered", delivery=str(delivery.code), attempts=delivery.attempts, reason=error)
    if delivery.attempts >= MOST_ATTEMPTS:
        return _settle(delivery, state=DeliveryState.FAILED, status=status, error=error[:300])
    pause = min(timedelta(minutes=2 ** (delivery.attempts - 1)), LONGEST_PAUSE)
    return _settle(delivery, due_at=timezone.now() + pause, status=status, error=error[:300])


def _settle(delivery: Delivery, **values: object) -> bool:
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(**values)
    return False
