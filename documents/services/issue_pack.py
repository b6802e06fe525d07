"""Issues a pack: it gets its number, and its documents are made for good, without the watermark."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.issuing import require_issuable
from documents.models import DocumentState, Pack, PackSequence, PackStatus
from documents.queries import pack_in_force
from documents.services._packs import make_again, require_open
from financings.evaluation import Evaluation
from jobs.models import Job, JobState
from lib.verbs import refuse


@transaction.atomic
def issue_pack(*, by: User, pack: Pack, enqueue: bool = True) -> Pack:
    """The pack under its number, its final documents queued; once they are there nothing of it changes any more.

    Invalid for one that is not made, that may not be signed today, or while another of the project is being issued.
    """
    asked = get_pack(by, pack.code)
    require_can_make(by)
    _require_complete(asked)
    require_issuable(asked, Evaluation(asked.financing))
    # Who holds the sequence issues alone: numbers leave no gap, and one pack supersedes one.
    sequence = PackSequence.held(timezone.now().year)
    # Whoever withdraws it takes the job's row first, too: it stands as it is read until this is done.
    Job.objects.select_for_update().get(code=pack.code)
    current = get_pack(by, pack.code)
    _require_complete(current)
    _require_nobody_else(current)
    current.number = sequence.take()
    current.status = PackStatus.ISSUING
    current.issued_by = by
    current.supersedes = pack_in_force(current.financing.project)
    current.save(update_fields=["number", "status", "issued_by", "supersedes"])
    make_again(current, current.documents.all(), enqueue=enqueue)
    after = {"number": current.number, "supersedes": current.supersedes.number if current.supersedes else ""}
    audit.record(by=by, action="pack.issue_asked", target=current, after=after)
    return current


def _require_complete(pack: Pack) -> None:
    require_open(pack)
    if pack.status == PackStatus.ISSUING:
        raise refuse("issuing", "pack", f"This pack is being issued as {pack.number} already.")
    if pack.state != JobState.DONE:
        raise refuse("not_made", "pack", "Expected a pack whose documents are all made: wait, or retry what failed.")
    unmade = list(pack.documents.exclude(state=DocumentState.DONE).values_list("title", flat=True))
    if unmade or not pack.documents.exists():
        named = ", ".join(unmade) or "all of them"
        raise refuse("not_complete", "pack", f"Expected every document to be made; still missing: {named}.")


def _require_nobody_else(pack: Pack) -> None:
    other = Pack.objects.filter(financing__project=pack.financing.project, status=PackStatus.ISSUING).first()
    if other is not None:
        sentence = f"{other.number} of this project is being issued: wait until it is, then issue this one."
        raise refuse("another_issuing", "pack", sentence)
