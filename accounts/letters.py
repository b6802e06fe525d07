"""Letters about accounts that answer no page; each leaves once its transaction is done."""

from functools import partial

from django.db import transaction

from accounts.models import User
from lib import mail


def tell_declined(user: User) -> None:
    """The person learns the reason; on the portal they would never see it."""
    reason = " ".join(user.decline_reason.split())
    message = mail.letter("accounts/declined", [user.email], {"user": user, "reason": reason})
    transaction.on_commit(partial(mail.send, message))
