from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from lib.errors import Invalid
from lib.verbs import save_checked
from notifications.services import notify
from ratings.access import require_can_decide
from ratings.models import RuleSet, RuleSetStatus
from ratings.news import RULE_SET_DECIDED
from ratings.problems import rule_problems
from ratings.services.saving import audited, date_problems, family_locked, require_status


@transaction.atomic
def approve_rule_set(*, by: User, rule_set: RuleSet) -> RuleSet:
    """The version, active from its day on; `by` is an administrator who wrote no part of it."""
    require_can_decide(by, rule_set)
    waiting = family_locked(rule_set)
    require_status(waiting, RuleSetStatus.WAITING, "approved")
    problems = [*date_problems(waiting), *rule_problems(waiting.content)]
    if problems:
        raise Invalid(problems)
    before = audited(waiting)
    waiting.status = RuleSetStatus.ACTIVE
    waiting.decided_by, waiting.decided_at = by, timezone.now()
    save_checked(waiting)
    record(by=by, action="rule_set.approved", target=waiting, before=before, after=audited(waiting))
    if waiting.submitted_by:
        notify(
            to=[waiting.submitted_by],
            kind=RULE_SET_DECIDED,
            title=f"{waiting} is approved",
            body=f"It is effective from {waiting.effective_from}.",
            url=waiting.get_absolute_url(),
        )
    return waiting
