from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lib.verbs import refuse, save_checked
from notifications.services import close_news, notify
from records.access import require_can_write
from records.models import Status, V
from records.services._shared import audited, family_locked, record


@transaction.atomic
def reject_version(*, by: User, version: V, reason: str) -> V:
    """The version, a draft again with the reason; its authors may take it back so too."""
    require_can_write(by, version.kind)
    waiting = family_locked(version, Status.WAITING, "sent back")
    if not reason.strip():
        raise refuse("missing", "reason", "Say why the version goes back: its author works from that.")
    before = audited(waiting)
    waiting.status = Status.DRAFT
    waiting.decided_by, waiting.decided_at, waiting.decision_reason = by, timezone.now(), reason.strip()
    save_checked(waiting)
    record("rejected", waiting, by, before, {**audited(waiting), "reason": waiting.decision_reason})
    close_news(kind=waiting.kind.waiting, urls=[waiting.admin_url()])
    if waiting.submitted_by and waiting.submitted_by != by:
        notify(
            to=[waiting.submitted_by],
            kind=waiting.kind.decided,
            title=f"{waiting} was sent back",
            body=waiting.decision_reason,
            url=waiting.admin_url(),
        )
    return waiting
