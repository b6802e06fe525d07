"""Opens a link: whoever holds it reads the pack; each time is counted, and the trail keeps what was read from where.

Once an hour: a holder who reads on and on fills no trail.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry
from accounts.origin import current_origin
from documents.models import SharedPackLink
from documents.sharing import link_of

OPENED = "pack_link.opened"
TOLD_FOR = timedelta(hours=1)


@transaction.atomic
def open_link(*, token: str, what: str) -> SharedPackLink:
    """The link of the token; NotFound for one that never was, LinkEnded for one that opens nothing any more."""
    link = link_of(token)
    type(link)._default_manager.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=timezone.now())
    after = {"pack": link.pack.number, "recipient": link.recipient, "what": what}
    if not _is_told(link, what):
        audit.record(by=None, action=OPENED, target=link, after=after)
    return link


def _is_told(link: SharedPackLink, what: str) -> bool:
    lately = AuditEntry.shown.filter(target_code=link.code, action=OPENED, at__gt=timezone.now() - TOLD_FOR)
    return lately.filter(address=current_origin().address, after__what=what).exists()
