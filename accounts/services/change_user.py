from django.db import transaction

from accounts import letters
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.services._saving import (
    audited_fields,
    require_an_administrator_is_left,
    require_known_roles,
    require_not_erased,
    vouch_for_email,
)


@transaction.atomic
def change_user(*, by: User, user: User) -> User:
    """The person as `user` now says, saved; the last administrator cannot be taken away."""
    require_administrator(by)
    present = User.objects.select_for_update().get(pk=user.pk)
    require_not_erased(present)
    before = audited_fields(present)
    require_known_roles(user)
    user.full_clean()
    user.save()
    if before["email"] != user.email:
        vouch_for_email(user)
        what = f"Its e-mail is {user.email} from now on; it was {before['email']}."
        letters.tell_changed(user, what, before["email"])
    require_an_administrator_is_left()
    after = audited_fields(user)
    if before != after:
        record(by=by, action="user.changed", target=user, before=before, after=after)
    return user
