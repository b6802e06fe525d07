"""What a webhook was told is genuine: its signature as Standard Webhooks say."""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from atlasnexus_client.errors import NotVerified

TOLERANCE_SECONDS = 300.0


def verified(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float | None = None,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> dict[str, Any]:
    """What was told; NotVerified where it was not signed with the secret, or at another time.

    `webhook-id` is the same for the same delivery told again: keep it to do things once.
    """
    heads = {name.lower(): value for name, value in headers.items()}
    code, told_at = heads.get("webhook-id", ""), heads.get("webhook-timestamp", "")
    right = signature(secret, code, told_at, body).encode()
    signatures = heads.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(right, each.encode()) for each in signatures):
        raise NotVerified("The signature is not of this secret and body.")
    if abs((time.time() if now is None else now) - float(told_at)) > tolerance_seconds:
        raise NotVerified("It was signed at another time: somebody may have sent it again.")
    told: dict[str, Any] = json.loads(body)
    return told


def signature(secret: str, code: str, timestamp: str, body: bytes) -> str:
    """The signature of a body.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = b64decode(secret.removeprefix("whsec_"))
    return f"v1,{b64encode(hmac.digest(key, f'{code}.{timestamp}.'.encode() + body, sha256)).decode()}"
