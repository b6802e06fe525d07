"""Has a program told what its owner is told."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Collection

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.sealing import encrypt
from api.models import Webhook
from api.outgoing import check_address
from api.webhooks import SECRET_PREFIX, own_webhooks
from lib.errors import Forbidden
from lib.verbs import refuse, save_checked
from notifications.kinds import is_known

MOST = 10


@transaction.atomic
def create_webhook(*, by: User, url: str, kinds: Collection[str] = ()) -> tuple[Webhook, str]:
    """The webhook, and its secret: the only time that anybody sees it. Invalid for an address that is not to be told."""
    if not by.may_sign_in:
        raise Forbidden("Only people who may sign in have webhooks.")
    check_address(url)
    unknown = [kind for kind in kinds if not is_known(kind)]
    if unknown:
        raise refuse("unknown_kind", "kinds", f"Kinds: there is no {unknown[0][:40]}.")
    User.objects.select_for_update().get(pk=by.pk)
    if own_webhooks(by).count() >= MOST:
        raise refuse("too_many", "url", f"You have {MOST} webhooks, the most there may be.")
    secret = SECRET_PREFIX + b64encode(secrets.token_bytes(24)).decode()
    webhook = Webhook(owner=by, url=url, secret=encrypt(secret), kinds=sorted(set(kinds)))
    save_checked(webhook, exclude=("secret",))
    audit.record(by=by, action="webhook.created", target=webhook, after={"url": url, "kinds": webhook.kinds})
    return webhook, secret
