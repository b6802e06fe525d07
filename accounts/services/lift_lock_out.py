from axes.models import AccessAttempt
from django.db import transaction

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User


@transaction.atomic
def lift_lock_out(*, by: User, user: User) -> bool:
    """Whether wrong passwords were counted for the person; they may try again now."""
    require_administrator(by)
    count, _ = AccessAttempt.objects.filter(username=user.email).delete()
    if count:
        record(by=by, action="user.lock_out_lifted", target=user)
    return bool(count)
