"""Letters about accounts that answer no page; each leaves once its transaction is done."""

from functools import partial

from django.db import transaction
from django.urls import reverse

from accounts.models import Invitation, User
from lib import mail


def tell_declined(user: User) -> None:
    """The person learns the reason; on the portal they would never see it."""
    reason = " ".join(user.decline_reason.split())
    message = mail.letter("accounts/declined", [user.email], {"user": user, "reason": reason})
    transaction.on_commit(partial(mail.send, message))


def invite(invitation: Invitation) -> None:
    """Who is invited learns where to answer; somebody without an account registers first, with this e-mail."""
    context = {
        "organisation": invitation.organisation,
        "inviter": invitation.invited_by,
        "role": invitation.get_role_display().lower(),
        "page": mail.absolute_url(reverse("account-organisation"), None),
    }
    message = mail.letter("accounts/invitation", [invitation.email], context)
    transaction.on_commit(partial(mail.send, message))
