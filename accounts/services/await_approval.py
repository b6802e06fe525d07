from django.db import transaction

from accounts import signals
from accounts.audit import record
from accounts.models import User


@transaction.atomic
def await_approval(*, user: User) -> User:
    """The person, whose e-mail is confirmed now; administrators learn of one who waits for them."""
    record(by=user, action="user.email_confirmed", target=user, after={"email": user.email})
    if user.is_active and not user.is_approved and not user.is_declined:
        signals.registered.send(sender=User, user=user)
    return user
