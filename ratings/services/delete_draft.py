from django.db import transaction

from accounts.audit import record
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from ratings.access import require_can_write
from ratings.models import RuleSet, RuleSetStatus
from ratings.services.saving import audited, family_locked, require_status


@transaction.atomic
def delete_draft(*, by: User, rule_set: RuleSet) -> None:
    """Removes a draft; the trail keeps that it was there."""
    require_can_write(by)
    draft = family_locked(rule_set)
    require_status(draft, RuleSetStatus.DRAFT, "deleted")
    if (copy := draft.copies.first()) is not None:
        message = f"{copy} was copied from this draft: delete that first."
        raise Invalid([Problem("copied", "status", message)])
    record(by=by, action="rule_set.deleted", target=draft, before=audited(draft))
    draft.delete()
