"""What happens at the doors is on the audit trail. Wrong passwords are written there where they are counted: lockout.py."""

from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from accounts.audit import record
from accounts.models import User
from accounts.services.await_approval import await_approval

_KINDS = {
    Authenticator.Type.TOTP: "one_time_password",
    Authenticator.Type.RECOVERY_CODES: "recovery_codes",
    Authenticator.Type.WEBAUTHN: "passkey",
}


@receiver(user_logged_in)
def audit_sign_in(user: User, **_: Any) -> None:
    record(by=user, action="user.signed_in", target=user)


@receiver(user_logged_out)
def audit_sign_out(user: User | None, **_: Any) -> None:
    if user:
        record(by=user, action="user.signed_out", target=user)


@receiver(mfa.authentication_failed)
def audit_wrong_code(user: User, **_: Any) -> None:
    record(by=None, action="user.code_refused", target=user, after={"email": user.email})


@receiver(mfa.authenticator_added)
def audit_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _audit_authenticator("added", user, authenticator)


@receiver(mfa.authenticator_removed)
def audit_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _audit_authenticator("removed", user, authenticator)


@receiver(mfa.authenticator_reset)
def audit_reset(user: User, authenticator: Authenticator, **_: Any) -> None:
    _audit_authenticator("renewed", user, authenticator)


@receiver(account.password_changed)
def audit_password_change(user: User, **_: Any) -> None:
    record(by=user, action="user.password_changed", target=user)


@receiver(account.password_reset)
def audit_password_reset(user: User, **_: Any) -> None:
    record(by=user, action="user.password_reset", target=user)


@receiver(account.email_changed)
def audit_email_change(
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_: Any,
) -> None:
    if from_email_address is None:
        return  # the first one, confirmed
    before = {"email": from_email_address.email}
    record(
        by=user,
        action="user.email_changed",
        target=user,
        before=before,
        after={"email": to_email_address.email},
    )


@receiver(account.email_confirmed)
def tell_of_confirmed_email(email_address: EmailAddress, **_: Any) -> None:
    await_approval(user=email_address.user)


def _audit_authenticator(what: str, user: User, authenticator: Authenticator) -> None:
    action = f"user.{_KINDS[Authenticator.Type(authenticator.type)]}_{what}"
    is_passkey = authenticator.type == Authenticator.Type.WEBAUTHN
    record(by=user, action=action, target=user, after={"name": authenticator.wrap().name} if is_passkey else None)
