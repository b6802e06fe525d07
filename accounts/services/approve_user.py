from django.db import transaction
from django.http import HttpRequest

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User


@transaction.atomic
def approve_user(*, by: User, user: User, request: HttpRequest | None = None) -> User:
    """The person, who may sign in from now on; nothing happens to one who may already."""
    require_administrator(by)
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.is_approved:
        return current
    current.is_approved = True
    current.save(update_fields=["is_approved"])
    record(
        by=by,
        action="user.approved",
        target=current,
        before={"is_approved": False},
        after={"is_approved": True},
        request=request,
    )
    return current
