from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from notifications.models import Notification


def mark_read(*, by: User, codes: Iterable[UUID] | None = None) -> int:
    """How many of this person's unread notifications are read now: those named, or all. Not audited: it is reading."""
    unread = Notification.objects.filter(person=by, read_at=None)
    if codes is not None:
        unread = unread.filter(code__in=list(codes))
    return unread.update(read_at=timezone.now())
