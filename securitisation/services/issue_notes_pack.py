"""Issues the papers of a run: they get their number and are made for good, without the watermark."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from documents.models import PackSequence, PackStatus
from documents.services._packs import require_open
from jobs.claims import queue_again
from jobs.models import STOPPED_STATES, JobState
from jobs.queue import enqueue_job
from lib.verbs import refuse
from securitisation.access import get_notes_pack, require_issue
from securitisation.issuing import require_issuable
from securitisation.models import NotesPack


@transaction.atomic
def issue_notes_pack(*, by: User, pack: NotesPack, enqueue: bool = True) -> NotesPack:
    """The pack under its number, its final files queued; asked again after a failure it keeps its number.

    Invalid for one that is not made, is issued already, or may not be issued today.
    """
    get_notes_pack(by, pack.code)
    require_issue(by)
    sequence = PackSequence.held(timezone.now().year)
    current = get_notes_pack(by, pack.code)
    if current.is_issued:
        raise refuse("issued", "pack", f"This pack is issued already, as {current.number}.")
    require_open(current)
    if not current.manifest:
        raise refuse("not_made", "pack", "Expected a draft whose papers are made: wait for them, or make another.")
    require_issuable(current)
    if not queue_again(current, (JobState.DONE, *STOPPED_STATES)):
        raise refuse("being_made", "pack", "The papers are being made: wait until they are done, then ask again.")
    current.number = current.number or sequence.take()
    current.status, current.issued_by = PackStatus.ISSUING, by
    current.save(update_fields=["number", "status", "issued_by"])
    audit.record(by=by, action="notes_pack.issue_asked", target=current, after={"number": current.number})
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(current))
    return current
