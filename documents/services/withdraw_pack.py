"""Withdraws a draft that is not wanted any more, or an issue that cannot be brought to its end."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.models import Pack, PackStatus
from documents.services._packs import ENDED
from jobs.models import Job
from lib.verbs import refuse

WITHDRAWABLE = Q(status=PackStatus.DRAFT) | Q(status=PackStatus.ISSUING, state__in=ENDED)


@transaction.atomic
def withdraw_pack(*, by: User, pack: Pack) -> Pack:
    """The pack withdrawn; it stays readable, and keeps a number it was given. Invalid for one that is issued."""
    current = get_pack(by, pack.code)
    require_can_make(by)
    # Whoever makes it again takes the job's row first, too.
    Job.objects.select_for_update().get(code=current.code)
    open_ones = Pack.objects.filter(WITHDRAWABLE, id=current.pk)
    if not open_ones.update(status=PackStatus.WITHDRAWN, supersedes=None):
        sentence = (
            f"Expected a draft or an issue that failed; this pack is {current.standing_words.lower()}. "
            "An issued one is superseded by another."
        )
        raise refuse("not_withdrawable", "pack", sentence)
    current.refresh_from_db(fields=["status", "supersedes"])
    after = {"status": current.status, "number": current.number}
    audit.record(by=by, action="pack.withdrawn", target=current, after=after)
    return current
