from django.db import transaction

from accounts.audit import record
from accounts.models import Role, User
from accounts.services._saving import audited_fields


@transaction.atomic
def register_user(*, user: User, statement: str = "") -> User:
    """The stranger, saved as a sponsor who cannot sign in yet; `user` has its password set, and agreed to the statement on
    personal data of that version."""
    user.role, user.is_approved = Role.SPONSOR, False
    user.full_clean()
    user.save(force_insert=True)
    after = {**audited_fields(user), "organisation": user.organisation, "reason": user.registration_reason}
    if statement:
        after["agreed_to_statement"] = statement
    record(by=user, action="user.registered", target=user, after=after)
    return user
