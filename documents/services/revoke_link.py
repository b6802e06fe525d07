"""Takes a link back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from documents.models import SharedPackLink
from documents.sharing import get_link


@transaction.atomic
def revoke_link(*, by: User, link: SharedPackLink) -> SharedPackLink:
    """The link, which opens nothing any more; nothing happens where it was taken back before."""
    current = get_link(by, link.code)
    valid = type(current)._default_manager.filter(pk=current.pk, revoked_at=None)
    if valid.update(revoked_at=timezone.now(), revoked_by=by):
        after = {"pack": current.pack.number, "recipient": current.recipient}
        audit.record(by=by, action="pack_link.revoked", target=current, after=after)
    current.refresh_from_db()
    return current
