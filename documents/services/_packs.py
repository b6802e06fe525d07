"""What the verbs on a pack share."""

from typing import Any

from django.db import models, transaction

from documents.models import DocumentState, Pack, PackBase, PackDocument
from jobs.claims import queue_again
from jobs.models import STOPPED_STATES, JobState
from jobs.queue import enqueue_job
from lib.verbs import refuse

ENDED = (JobState.DONE, *STOPPED_STATES)


def require_open(pack: PackBase) -> None:
    """Nothing; Invalid for a pack whose documents are not to change any more."""
    if not pack.is_open:
        raise refuse("not_open", "pack", f"This pack is {pack.standing_words.lower()}: its documents stay as they are.")


def make_again(pack: Pack, documents: models.QuerySet[PackDocument], *, enqueue: bool) -> None:
    """The documents wait to be made again, the pack for a worker; Invalid while one is at it."""
    if not queue_again(pack, ENDED):
        raise refuse("being_made", "pack", "The pack is being made: wait until its documents are done, then ask again.")
    documents.update(state=DocumentState.WAITING, error="")
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(pack))


def audited_pack(pack: Pack) -> dict[str, Any]:
    """What the audit trail keeps of a pack's terms."""
    return {
        "financing": str(pack.financing.code),
        "run": pack.origin.get("run", {}).get("code", ""),
        "close_date": pack.close_date.isoformat(),
        "organisation": pack.organisation,
        "confidentiality": pack.confidentiality,
    }
