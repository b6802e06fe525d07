"""Webhooks: whose they are, what they are told, how a delivery is signed (standardwebhooks.com)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from accounts import signals
from accounts.models import User
from accounts.sealing import decrypt
from api.models import Delivery, DeliveryState, Webhook
from jobs.queue import own_connection, put
from lib.errors import NotFound
from notifications.listeners import decided_at
from notifications.models import Notification
from notifications.news import ACCOUNT_WAITING
from notifications.signals import people_told

QUEUE_NAME = "default"
AT_ONCE = 50
SECRET_PREFIX = "whsec_"  # noqa: S105  # how a secret begins


def own_webhooks(user: User) -> QuerySet[Webhook]:
    """The person's webhooks that have not ended."""
    return Webhook.objects.filter(owner=user, ended_at=None)


def get_webhook(user: User, code: UUID | str) -> Webhook:
    """The person's webhook; NotFound otherwise."""
    found = own_webhooks(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def signature(secret: str, code: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{code}.{timestamp}.".encode() + body, sha256).digest()
    return f"v1,{b64encode(signed).decode()}"


def secret_of(webhook: Webhook) -> str:
    """The secret that its owner was shown."""
    return decrypt(webhook.secret)


@receiver(people_told)
def tell_programs(told: Iterable[Notification], **_: Any) -> None:
    """What people are told, their programs are told too, once it is certain."""
    by_person: dict[int, list[Notification]] = {}
    for each in told:
        by_person.setdefault(each.person_id, []).append(each)
    hooks = Webhook.objects.filter(owner__in=by_person, ended_at=None) if by_person else ()
    deliveries = [
        Delivery(webhook=hook, kind=each.kind, body=body_of(each))
        for hook in hooks
        for each in by_person[hook.owner_id]
        if not hook.kinds or each.kind in hook.kinds
    ]
    Delivery.objects.bulk_create(deliveries)
    transaction.on_commit(partial(enqueue, [str(each.code) for each in deliveries]))


@receiver(signals.erased)
def forget_the_registration(user: User, **_: Any) -> None:
    """What programs were told of it says why the person wanted in."""
    Delivery.objects.filter(kind=ACCOUNT_WAITING, body__data__url=decided_at(user)).delete()


def body_of(notification: Notification) -> dict[str, Any]:
    """What a program is told of a notification."""
    return {
        "type": notification.kind,
        "timestamp": timezone.now().isoformat(),
        "data": {
            "notification": str(notification.code),
            "title": notification.title,
            "body": notification.body,
            "url": notification.url,
        },
    }


def enqueue(codes: Iterable[str]) -> int:
    """How many reached the queue; the sweep takes up the others."""
    return sum(put(QUEUE_NAME, "api.webhooks.deliver_queued", code) for code in codes)


def deliver_queued(code: str) -> bool:
    """True when it arrived with this call, a worker's."""
    from api.services.deliver import deliver

    with own_connection():
        return deliver(code)


def sweep_deliveries() -> int:
    """How many overdue deliveries arrived."""
    from api.services.deliver import GRACE, deliver

    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=timezone.now() - GRACE)
    return sum(deliver(code) for code in list(due.order_by("due_at").values_list("code", flat=True)[:AT_ONCE]))
