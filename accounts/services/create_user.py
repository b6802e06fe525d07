from django.db import transaction

from accounts import letters
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.services._saving import audited_fields, require_not_erased, vouch_for_email


@transaction.atomic
def create_user(*, by: User, user: User) -> User:
    """The new person, saved without a password and invited to choose one; `user` is not saved yet."""
    require_administrator(by)
    user.set_unusable_password()
    user.full_clean()
    user.save(force_insert=True)
    vouch_for_email(user)
    record(by=by, action="user.created", target=user, after=audited_fields(user))
    letters.tell_added(user)
    return user


@transaction.atomic
def invite_user(*, by: User, user: User) -> None:
    """Nothing; the person gets another link to choose a password by, and the one before still ends by itself."""
    require_administrator(by)
    require_not_erased(user)
    record(by=by, action="user.invited", target=user)
    letters.tell_added(user)
