"""Withdraws a draft that is not wanted any more."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.models import Pack, PackStatus
from documents.services._packs import refuse


@transaction.atomic
def withdraw_pack(*, by: User, pack: Pack, request: HttpRequest | None = None) -> Pack:
    """The draft withdrawn; it stays readable. Invalid for one that has its number."""
    current = get_pack(by, pack.code)
    require_can_make(by)
    drafts = Pack.objects.filter(pk=current.pk, status=PackStatus.DRAFT)
    if not drafts.update(status=PackStatus.WITHDRAWN):
        sentence = (
            f"Expected a draft; this pack is {current.standing_words.lower()}. An issued one is superseded by another."
        )
        raise refuse("not_draft", "pack", sentence)
    current.refresh_from_db(fields=["status"])
    audit.record(by=by, action="pack.withdrawn", target=current, after={"status": current.status}, request=request)
    return current
