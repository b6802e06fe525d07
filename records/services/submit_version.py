from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import may
from lib.text import day_words
from lib.verbs import save_checked
from notifications.services import notify
from records.access import authors, require_can_write
from records.models import Status, V
from records.services._shared import audited, family_locked, record, require_own_sources, require_sound


@transaction.atomic
def submit_version(*, by: User, version: V) -> V:
    """The draft, waiting for a second administrator; raises Invalid with every fault of its content and dates."""
    require_can_write(by, version.kind)
    draft = family_locked(version, Status.DRAFT, "submitted")
    require_sound(draft)
    require_own_sources(draft)
    before = audited(draft)
    draft.status = Status.WAITING
    draft.submitted_by, draft.submitted_at = by, timezone.now()
    draft.decided_by, draft.decided_at, draft.decision_reason = None, None, ""
    save_checked(draft)
    record("submitted", draft, by, before, audited(draft))
    others = User.objects.filter(is_active=True, is_approved=True).exclude(pk__in=authors(draft))
    notify(
        to=[person for person in others if may(person, draft.kind.write)],
        kind=draft.kind.waiting,
        title=f"{draft} waits for your approval",
        body=f"{by.full_name or by.email} submitted {draft.label}, effective from {day_words(draft.effective_from)}.",
        url=draft.admin_url(),
    )
    return draft
