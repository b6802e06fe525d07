"""What the verbs on a pack share."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.errors import Invalid
from documents.models import DocumentState, Pack, PackDocument
from engine.errors import Problem
from permutations import tasks
from permutations.models import TaskState
from permutations.tickets import enqueue_task

ENDED = (TaskState.DONE, TaskState.FAILED)


def refuse(code: str, place: str, sentence: str) -> Invalid:
    """A refusal of one problem, to be raised."""
    return Invalid([Problem(code, place, sentence)])


def save_checked(row: models.Model, exclude: Iterable[str] = ()) -> None:
    """The row saved; Invalid with a problem for each field that its model refuses."""
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as error:
        problems = [
            Problem("refused", field, f"{field.replace('_', ' ').capitalize()}: {message}")
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        raise Invalid(problems) from error
    row.save()


def require_open(pack: Pack) -> None:
    """Nothing; Invalid for a pack whose documents are not to change any more."""
    if not pack.is_open:
        raise refuse("not_open", "pack", f"This pack is {pack.standing_words.lower()}: its documents stay as they are.")


def make_again(pack: Pack, documents: models.QuerySet[PackDocument], *, enqueue: bool) -> None:
    """The documents wait to be made again, the pack for a worker; Invalid while one is at it."""
    if not tasks.begin_again(pack, ENDED):
        raise refuse("being_made", "pack", "The pack is being made: wait until its documents are done, then ask again.")
    documents.update(state=DocumentState.WAITING, error="")
    if enqueue:
        transaction.on_commit(lambda: enqueue_task(pack))


def audited_pack(pack: Pack) -> dict[str, Any]:
    """What the audit trail keeps of a pack's terms."""
    return {
        "run": str(pack.run.code),
        "permutation": pack.permutation_index,
        "close_date": pack.close_date.isoformat(),
        "organisation": pack.organisation,
        "confidentiality": pack.confidentiality,
    }
