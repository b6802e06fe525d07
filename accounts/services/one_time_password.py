"""One-time passwords made, and every second step taken away, from outside a session: for the demo, and for a lost phone."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction

from accounts import letters
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.sealing import decrypt
from accounts.services.end_sessions import end_sessions


@transaction.atomic
def set_one_time_password(*, by: User | None, user: User, secret: str) -> bool:
    """Whether the person's one-time password was not made from this secret before; it is from now on."""
    present = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if present and decrypt(present.data["secret"]) == secret:
        return False
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, secret)
    record(by=by, action="user.one_time_password_added", target=user)
    return True


@transaction.atomic
def forget_one_time_password(*, by: User | None, user: User) -> bool:
    """Whether the person had a one-time password or passkeys; without them they are signed out everywhere and may enrol anew."""
    if by:
        require_administrator(by)
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    if deleted:
        record(by=by, action="user.one_time_password_removed", target=user)
        letters.tell_changed(
            user,
            "Your one-time password, passkeys and recovery codes were taken off, and you are signed out everywhere.",
        )
        end_sessions(by=by, user=user)
    return bool(deleted)


def current_code(secret: str) -> str:
    """The code an app would show now."""
    counters = list(yield_hotp_counters_from_time())
    code: str = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    return code
