from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import Role, User
from lib.errors import Invalid
from lib.verbs import save_checked
from notifications.services import notify
from ratings.access import authors, require_can_write
from ratings.models import RuleSet, RuleSetStatus
from ratings.news import RULE_SET_WAITING
from ratings.problems import rule_problems
from ratings.services.saving import audited, date_problems, family_locked, require_status


@transaction.atomic
def submit_rule_set(*, by: User, rule_set: RuleSet) -> RuleSet:
    """The draft, waiting for a second administrator; raises Invalid with every fault of its rules and dates."""
    require_can_write(by)
    draft = family_locked(rule_set)
    require_status(draft, RuleSetStatus.DRAFT, "submitted")
    problems = [*date_problems(draft), *rule_problems(draft.content)]
    if problems:
        raise Invalid(problems)
    before = audited(draft)
    draft.status = RuleSetStatus.WAITING
    draft.submitted_by, draft.submitted_at = by, timezone.now()
    draft.decided_by, draft.decided_at, draft.decision_reason = None, None, ""
    save_checked(draft)
    record(by=by, action="rule_set.submitted", target=draft, before=before, after=audited(draft))
    _tell_the_others(draft, by)
    return draft


def _tell_the_others(rule_set: RuleSet, by: User) -> None:
    notify(
        to=User.objects.filter(role=Role.ADMIN, is_active=True, is_approved=True).exclude(pk__in=authors(rule_set)),
        kind=RULE_SET_WAITING,
        title=f"{rule_set} waits for your approval",
        body=f"{by.full_name or by.email} submitted {rule_set.label}, effective from {rule_set.effective_from}.",
        url=rule_set.admin_url(),
    )
