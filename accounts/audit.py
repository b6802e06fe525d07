"""The audit trail: `record` adds to it, nothing changes it, `accounts.verification` proves it."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts import chain
from accounts.models import AuditEntry, User
from accounts.origin import current_origin

SYSTEM = "system"

_words: dict[str, str] = {}


def declare(words: Mapping[str, str]) -> None:
    """From now on these actions are known, with the words they are shown in; for the rooms' `ready`."""
    _words.update(words)


def is_declared(action: str) -> bool:
    """True of an action that some room has words for."""
    return action in _words


def in_words(action: str) -> str:
    """The action as its room words it; of one from an older edition its code, spelled out."""
    return _words.get(action) or action.replace(".", " ").replace("_", " ").capitalize()


@transaction.atomic(savepoint=False)
def record(
    *,
    by: User | None,
    action: str,
    target: models.Model | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """The entry written; call it in the transaction of the change it tells of, as late in it as can be."""
    origin = current_origin()
    entry = AuditEntry(
        actor=by,
        actor_label=by.email if by else SYSTEM,
        action=action,
        target_type=target._meta.label if target else "",
        target_code=getattr(target, "code", None),
        before=chain.plain(before),
        after=chain.plain(after),
        address=origin.address,
        agent=origin.agent,
        request_id=origin.request_id,
    )
    _link(entry)
    entry.save(force_insert=True)
    return entry


def _link(entry: AuditEntry) -> None:
    chain.hold_the_end()
    last = AuditEntry.objects.order_by("-sequence").values_list("sequence", "hash").first()
    number, entry.previous_hash = last or (0, chain.GENESIS)
    entry.sequence, entry.at = number + 1, timezone.now()
    entry.hash = chain.digest(entry)
