from django.db import transaction

from accounts import signals
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import Role, User
from accounts.services._saving import audited_fields, require_confirmed_email, require_not_erased


@transaction.atomic
def approve_user(*, by: User, user: User, role: Role | None = None) -> User:
    """The person, who may sign in from now on in this role; nothing happens to one who may already."""
    require_administrator(by)
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.is_approved:
        return current
    require_not_erased(current)
    require_confirmed_email(current)
    before = audited_fields(current)
    current.is_approved, current.declined_at, current.decline_reason = True, None, ""
    current.role = role or current.role
    current.save(update_fields=["is_approved", "role", "declined_at", "decline_reason"])
    record(by=by, action="user.approved", target=current, before=before, after=audited_fields(current))
    signals.approved.send(sender=User, user=current, by=by)
    return current
