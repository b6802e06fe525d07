from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User


@transaction.atomic
def end_sessions(*, by: User | None, user: User) -> int:
    """How many sessions the person had: they are signed out everywhere."""
    if by:
        require_administrator(by)
    sessions = UserSession.objects.filter(user=user)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    record(by=by, action="user.sessions_ended", target=user, after={"sessions": len(keys)})
    return len(keys)
