"""Letters about accounts that answer no page; each leaves once its transaction is done."""

from functools import partial
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from accounts.models import Invitation, User
from accounts.origin import current_origin
from lib import mail

# Somebody who tries a used code again and again is told of once.
TOLD_SECONDS = 60 * 60


def tell_declined(user: User) -> None:
    """The person learns the reason; on the portal they would never see it."""
    reason = " ".join(user.decline_reason.split())
    _send("declined", [user.email], user=user, reason=reason)


def tell_changed(user: User, what: str, *also: str) -> None:
    """The owner of an account learns what an administrator did to what opens it; `also` at an e-mail it had before."""
    _send("changed_by_administrator", sorted({user.email, *also}), what=what)


def tell_code_reused(user: User) -> None:
    """The owner learns that a code of theirs was used before: somebody may have read it."""
    if cache.add(f"told-of-used-code:{user.pk}", 1, TOLD_SECONDS):
        _send("code_reused", [user.email], address=current_origin().address)


def tell_added(user: User) -> None:
    """Whoever was added gets the way in: a link that opens once, for three days, to choose a password that nobody else knows."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    _send("added", [user.email], user=user, url=mail.absolute_url(path, None))


def invite(invitation: Invitation) -> None:
    """Who is invited learns where to answer; somebody without an account registers first, with this e-mail."""
    _send(
        "invitation",
        [invitation.email],
        organisation=invitation.organisation,
        inviter=invitation.invited_by,
        role=invitation.get_role_display().lower(),
        page=mail.absolute_url(reverse("account-organisation"), None),
    )


def _send(name: str, to: list[str], **context: Any) -> None:
    message = mail.letter(f"accounts/{name}", to, context)
    transaction.on_commit(partial(mail.send, message))
