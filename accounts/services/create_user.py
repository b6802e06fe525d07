from django.db import transaction

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.services._saving import audited_fields, vouch_for_email


@transaction.atomic
def create_user(*, by: User, user: User) -> User:
    """The new person, saved; `user` is not saved yet and has its password set."""
    require_administrator(by)
    user.full_clean()
    user.save(force_insert=True)
    vouch_for_email(user)
    record(by=by, action="user.created", target=user, after=audited_fields(user))
    return user
