from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lib.text import day_words
from lib.verbs import save_checked
from notifications.services import close_news, notify
from records.access import require_can_decide
from records.models import Status, V
from records.services._shared import audited, family_locked, record, require_sound


@transaction.atomic
def approve_version(*, by: User, version: V) -> V:
    """The version, active from its day on; `by` is an administrator who wrote no part of it."""
    require_can_decide(by, version)
    waiting = family_locked(version, Status.WAITING, "approved")
    require_sound(waiting)
    before = audited(waiting)
    waiting.status = Status.ACTIVE
    waiting.decided_by, waiting.decided_at = by, timezone.now()
    save_checked(waiting)
    record("approved", waiting, by, before, audited(waiting))
    close_news(kind=waiting.kind.waiting, urls=[waiting.admin_url()])
    if waiting.submitted_by:
        notify(
            to=[waiting.submitted_by],
            kind=waiting.kind.decided,
            title=f"{waiting} is approved",
            body=f"It is effective from {day_words(waiting.effective_from)}.",
            url=waiting.get_absolute_url(),
        )
    return waiting
