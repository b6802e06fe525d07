from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import save_checked
from notifications.services import notify
from ratings.access import require_can_write
from ratings.models import RuleSet, RuleSetStatus
from ratings.news import RULE_SET_DECIDED
from ratings.services.saving import audited, family_locked, require_status


@transaction.atomic
def reject_rule_set(*, by: User, rule_set: RuleSet, reason: str) -> RuleSet:
    """The version, a draft again with the reason; its authors may take it back so too."""
    require_can_write(by)
    waiting = family_locked(rule_set)
    require_status(waiting, RuleSetStatus.WAITING, "sent back")
    if not reason.strip():
        raise Invalid([Problem("missing", "reason", "Say why the version goes back: its author works from that.")])
    before = audited(waiting)
    waiting.status = RuleSetStatus.DRAFT
    waiting.decided_by, waiting.decided_at, waiting.decision_reason = by, timezone.now(), reason.strip()
    save_checked(waiting)
    after = {**audited(waiting), "reason": waiting.decision_reason}
    record(by=by, action="rule_set.rejected", target=waiting, before=before, after=after)
    if waiting.submitted_by and waiting.submitted_by != by:
        notify(
            to=[waiting.submitted_by],
            kind=RULE_SET_DECIDED,
            title=f"{waiting} was sent back",
            body=waiting.decision_reason,
            url=waiting.admin_url(),
        )
    return waiting
