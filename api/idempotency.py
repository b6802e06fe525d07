"""A request sent twice under one key is done once: the second is given the answer to the first.

The key is kept before the work begins. The work and its answer are then kept in one transaction: what was lost half way
left nothing, and may be asked for again after a while. Refusals are not kept, for nothing was done. Answers lie encrypted:
some show a secret, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import User
from accounts.sealing import seal, unseal
from api.models import KEY_LENGTH, KeptAnswer
from api.problems import Refused

KEPT = timedelta(hours=24)
LOST = timedelta(minutes=5)  # by then whoever answered is gone
KEPT_HEADERS = (
    "Content-Type",
    "ETag",
    "Location",
    "HX-Redirect",
    "HX-Location",
    "HX-Trigger",
    "HX-Retarget",
    "HX-Reswap",
)


def once(
    request: Request, user: User, fingerprint: str, answer: Callable[[], HttpResponse], *, whole: bool
) -> HttpResponse:
    """The answer, or the one given before under the same key; `whole` work is done in one transaction with its answer."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return answer()
    if len(key) > KEY_LENGTH or not key.isprintable():
        raise Refused(400, "idempotency_key", f"Idempotency-Key: expected at most {KEY_LENGTH} printable characters.")
    kept = reserved(user, key, fingerprint)
    if kept.status is not None:
        return again(kept)
    try:
        with transaction.atomic() if whole else nullcontext():
            response = answer()
            keep(kept, response)
    except BaseException:
        kept.delete()
        raise
    return response


def fingerprint_of(request: Request, body: bytes) -> str:
    """What two requests under one key must have in common."""
    told = f"{request.method} {request.get_full_path()} {request.headers.get('If-Match', '')}\n".encode()
    return sha256(told + body).hexdigest()


def sweep_answers() -> int:
    """How many answers were kept long enough and are gone."""
    return KeptAnswer.objects.filter(begun_at__lt=timezone.now() - KEPT).delete()[0]


def reserved(user: User, key: str, fingerprint: str) -> KeptAnswer:
    """The row of the key: new, or answered before; refused while another request is at it, or where it asked otherwise."""
    now = timezone.now()
    old = KeptAnswer.objects.filter(owner=user, key=key)
    old.filter(begun_at__lt=now - KEPT).delete()
    old.filter(status=None, begun_at__lt=now - LOST).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(owner=user, key=key, fingerprint=fingerprint)
    except IntegrityError:
        known = old.first()
    if known is None or (known.fingerprint == fingerprint and known.status is None):
        raise Refused(409, "under_way", "A request under this key is being answered: ask again in a moment.")
    if known.fingerprint != fingerprint:
        raise Refused(422, "idempotency_key_reused", "This key was used for another request: take a new one.")
    return known


def keep(kept: KeptAnswer, response: HttpResponse, more: Mapping[str, Any] | None = None) -> None:
    """Keeps the answer, and what else its reader needs, from now on in the row that was reserved for it."""
    kept.status, kept.body = response.status_code, seal(response.content)
    kept.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers} | dict(
        more or {}
    )
    kept.begun_at = timezone.now()
    kept.save(update_fields=["status", "headers", "body", "begun_at"])


def again(kept: KeptAnswer) -> HttpResponse:
    """The answer as it was given before."""
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(unseal(bytes(kept.body)), status=kept.status, headers=headers)
