"""Matches and splits records by hand; the word holds in every later run until it is taken back."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from reconciliation.access import WORK, require_may
from reconciliation.models import Choice, Decision, Definition


def decide_records(
    *, by: User, definition: Definition, choice: str, internal: Collection[str], external: Collection[str], reason: str
) -> Decision:
    """The decision, by the records' references; Invalid without a reason or without records."""
    require_may(by, WORK)
    if choice in {Choice.MATCH, Choice.SPLIT} and not (internal and external):
        raise refuse("records", "records", "Records: choose at least one on each side.")
    decision = Decision(
        definition=definition,
        choice=choice,
        internal=sorted(set(internal)),
        external=sorted(set(external)),
        reason=" ".join(reason.split()),
        by=by,
    )
    with transaction.atomic():
        save_checked(decision)
        after = {
            "choice": choice,
            "internal": decision.internal,
            "external": decision.external,
            "reason": decision.reason,
        }
        audit.record(by=by, action="reconciliation.decided", target=decision, after=after)
    return decision


def take_back(*, by: User, decision: Decision) -> Decision:
    """The decision, which no later run follows."""
    require_may(by, WORK)
    with transaction.atomic():
        decision.is_taken_back = True
        decision.save(update_fields=["is_taken_back"])
        audit.record(by=by, action="reconciliation.taken_back", target=decision, after={"is_taken_back": True})
    return decision
