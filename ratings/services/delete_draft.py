from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.errors import Invalid
from accounts.models import User
from engine.errors import Problem
from ratings.access import require_can_write
from ratings.models import RuleSet, RuleSetStatus
from ratings.services.saving import audited, family_locked, require_status


@transaction.atomic
def delete_draft(*, by: User, rule_set: RuleSet, request: HttpRequest | None = None) -> None:
    """Removes a draft; the trail keeps that it was there."""
    require_can_write(by)
    draft = family_locked(rule_set)
    require_status(draft, RuleSetStatus.DRAFT, "deleted")
    if (copy := draft.copies.first()) is not None:
        message = f"{copy} was copied from this draft: delete that first."
        raise Invalid([Problem("copied", "status", message)])
    record(by=by, action="rule_set.deleted", target=draft, before=audited(draft), request=request)
    draft.delete()
