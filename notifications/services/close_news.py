from collections.abc import Iterable

from django.utils import timezone

from notifications.models import Notification


def close_news(*, kind: str, urls: Iterable[str]) -> int:
    """How many unread notifications of the kind are read now, whoever has them: what they tell of at these urls is done."""
    found = Notification.objects.filter(kind=kind, url__in=set(urls), read_at=None)
    return found.update(read_at=timezone.now(), mail_due_at=None)
