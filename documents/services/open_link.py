"""Opens a link: whoever holds it reads the pack, and the trail keeps each time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from documents.models import SharedPackLink
from documents.sharing import link_of


@transaction.atomic
def open_link(*, token: str, what: str) -> SharedPackLink:
    """The link of the token; NotFound for one that never was, LinkEnded for one that opens nothing any more."""
    link = link_of(token)
    type(link)._default_manager.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=timezone.now())
    after = {"pack": link.pack.number, "recipient": link.recipient, "what": what}
    audit.record(by=None, action="pack_link.opened", target=link, after=after)
    return link
