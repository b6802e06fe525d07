"""Tries again what could not be made."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.models import DocumentState, Pack
from documents.services._packs import make_again, require_open


@transaction.atomic
def retry_pack(*, by: User, pack: Pack, enqueue: bool = True) -> Pack:
    """The pack, queued with what failed; the documents made are kept."""
    current = get_pack(by, pack.code)
    require_can_make(by)
    require_open(current)
    failed = current.documents.filter(state=DocumentState.FAILED)
    names = list(failed.values_list("filename", flat=True))
    make_again(current, failed, enqueue=enqueue)
    audit.record(by=by, action="pack.retried", target=current, after={"documents": names})
    return current
