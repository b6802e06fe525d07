"""The audit trail: `record` adds to it, nothing changes it."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest

from accounts.models import AuditEntry, User

SYSTEM = "system"


def record(
    *,
    by: User | None,
    action: str,
    target: models.Model | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """The entry written; call it in the transaction of the change it tells of."""
    return AuditEntry.objects.create(
        actor=by,
        actor_label=by.email if by else SYSTEM,
        action=action,
        target_type=target._meta.label if target else "",
        target_code=getattr(target, "code", None),
        before=before,
        after=after,
        address=request.META.get("REMOTE_ADDR") or None if request else None,
    )
