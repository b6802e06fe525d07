"""Withdraws a draft that is not wanted any more, or an issue that cannot be brought to its end."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import User
from documents.models import Pack, PackBase, PackStatus
from documents.services._packs import ENDED
from documents.sharing import kind_of
from jobs.models import Job
from lib.verbs import refuse

Found = TypeVar("Found", bound=PackBase)
WITHDRAWABLE = Q(status=PackStatus.DRAFT) | Q(status=PackStatus.ISSUING, state__in=ENDED)


@transaction.atomic
def withdraw_pack(*, by: User, pack: Found) -> Found:
    """The pack withdrawn; it stays readable, and keeps a number it was given. Invalid for one that is issued."""
    kind = kind_of(pack)
    current: Found = kind.get(by, pack.code)
    kind.require(by)
    # Whoever makes it again takes the job's row first, too.
    Job.objects.select_for_update().get(code=current.code)
    open_ones = kind.model._default_manager.filter(WITHDRAWABLE, id=current.id)
    frees = {"supersedes": None} if isinstance(current, Pack) else {}
    if not open_ones.update(status=PackStatus.WITHDRAWN, **frees):
        sentence = (
            f"Expected a draft or an issue that failed; this pack is {current.standing_words.lower()}. "
            "An issued one is superseded by another."
        )
        raise refuse("not_withdrawable", "pack", sentence)
    current.refresh_from_db(fields=["status", *frees])
    after = {"status": current.status, "number": current.number}
    audit.record(by=by, action=f"{current.KIND}.withdrawn", target=current, after=after)
    return current
