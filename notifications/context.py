"""What every page knows of notifications."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from notifications.queries import unread_count


def bell(request: HttpRequest) -> dict[str, Any]:
    """How many notifications are unread, counted only where a page shows it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    return {"unread_count": SimpleLazyObject(lambda: unread_count(request.user))}  # type: ignore[arg-type]
