"""Tokens of programs: how one is made, whom it stands for, and who may see it.

A model of our own and not django-rest-knox's: a token here has a name, scopes, a last use and an entry on the trail when
it is made or taken back, and knox has none of these; what is left of knox is a hash and a date. allauth's headless tokens
are sessions of an app, which end with it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.origin import current_origin
from lib.errors import Forbidden, NotFound

PREFIX = "atlas_"
SHOWN_LENGTH = 12
# A token in steady use is written once in so long: reading must not become writing.
USE_WRITTEN_EVERY = timedelta(minutes=5)
NOT_ENROLLED = (
    "Administrators need a one-time password or a passkey on this platform: set one up on your security page first."
)
# What is asked beside a password; recovery codes stand in for either, and are not enough alone.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def new_token() -> str:
    """A token nobody can guess: 256 bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of_token(token: str) -> str:
    """What is kept of a token. It is no password: nothing is gained by hashing slowly what cannot be guessed."""
    return sha256(token.encode()).hexdigest()


def visible_tokens(user: User) -> QuerySet[ApiToken]:
    """The person's own tokens; to an administrator everybody's."""
    found = ApiToken.objects.select_related("owner", "revoked_by")
    return found if user.is_platform_admin and user.may_sign_in else found.filter(owner=user)


def get_token(user: User, code: UUID | str) -> ApiToken:
    """The token of this code; NotFound where there is none this person may see."""
    found = visible_tokens(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such token.")
    return found


def token_in_use(token: str) -> ApiToken | None:
    """The valid token with its owner, who may still sign in and is enrolled where that is required; its use is noted."""
    found = ApiToken.objects.select_related("owner").annotate(is_enrolled=Exists(second_steps(OuterRef("owner"))))
    known = found.filter(token_hash=hash_of_token(token)).first()
    if known is None or not known.is_valid or not known.owner.may_sign_in:
        return None
    known.owner.has_second_step = known.is_enrolled  # type: ignore[attr-defined]  # as the backend of sessions does
    _note_use(known)
    return known


def second_steps(user: User | OuterRef) -> QuerySet[Authenticator]:
    """The one-time password and the passkeys of a person."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=SECOND_STEPS)
    return found


def needs_to_enrol(user: User) -> bool:
    """True of an administrator without a one-time password or passkey, where one is required."""
    if settings.ATLASNEXUS_ADMIN_OTP != "required" or not user.is_platform_admin:
        return False
    if hasattr(user, "has_second_step"):
        return not user.has_second_step
    return not second_steps(user).exists()


def require_enrolled(user: User) -> None:
    """Nothing; Forbidden for an administrator without a one-time password or passkey, where one is required."""
    if needs_to_enrol(user):
        raise Forbidden(NOT_ENROLLED)


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_WRITTEN_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_WRITTEN_EVERY:
        address = current_origin().address
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_address=address)
