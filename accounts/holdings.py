"""What accounts hold of people."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.models import ApiToken, AuditEntry, Invitation, Member, User
from accounts.services import erase_registration
from lib import personal

OF_A_PERSON = (
    *("email", "full_name", "organisation", "role", "further_roles", "is_approved", "is_active", "date_joined"),
    *(
        "last_login",
        "registration_reason",
        "declined_at",
        "decline_reason",
        "time_zone",
        "theme",
        "number_format",
        "shows_tour",
    ),
)
OF_A_TOKEN = ("beginning", "scopes", "expires_at", "last_used_at", "last_address", "revoked_at")
OF_AN_ENTRY = ("sequence", "at", "action", "target_type", "target_code")


NEVER_LET_IN = Q(is_approved=False, last_login=None, erased_at=None)
ENDED = ~Q(session_key__in=Session.objects.values("session_key"))


def declare() -> None:
    """Person and trail, and what guards the account: of that nothing that opens it; and how long."""
    _declare_age()
    personal.hold(User, by=(), where={"pk": "pk"}, also=OF_A_PERSON)
    personal.hold(EmailAddress, also=("email", "verified", "primary"), goes=True)
    personal.hold(Authenticator, also=("type", "created_at", "last_used_at"), goes=True)
    personal.hold(UserSession, also=("ip", "user_agent", "last_seen_at"), goes=True)
    personal.hold(ApiToken, by=("owner",), also=OF_A_TOKEN, goes=True)
    personal.hold(Member, also=("organisation__name", "role", "since"), goes=True)
    invited = ("organisation__name", "email", "role", "invited_at")
    personal.hold(Invitation, by=(), where={"email__iexact": "email"}, also=invited, goes=True)
    personal.hold(Invitation, also=invited, goes=True, name="accounts_invitation_by_you")
    for tried in (AccessAttempt, AccessFailureLog, AccessLog):
        told = ("attempt_time", "ip_address", "user_agent")
        personal.hold(tried, by=(), where={"username__iexact": "email"}, also=told, goes=True)
    personal.hold(AuditEntry, by=("actor",), also=(*OF_AN_ENTRY, "address", "agent", "request_id"))
    # Who did it, and from where, is another person's.
    about = {"target_code": "code"}
    personal.hold(
        AuditEntry, by=(), where=about, also=(*OF_AN_ENTRY, "before", "after"), name="accounts_auditentry_about_you"
    )
    personal.hold(LogEntry, also=("action_time", "object_repr", "change_message"))
    personal.mention(LogEntry, "object_repr", "change_message")


def _declare_age() -> None:
    for tried in (AccessAttempt, AccessFailureLog, AccessLog):
        personal.forget_after("SIGN_IN", tried, "attempt_time")
    personal.forget_after("SESSION", Session, "expire_date")
    personal.forget_after("SESSION", UserSession, "last_seen_at", ENDED)
    personal.forget_after("TOKEN", ApiToken, "expires_at")
    personal.forget_after("REGISTRATION", User, "date_joined", NEVER_LET_IN, erase_registration)
    personal.forget_after("REGISTRATION", Invitation, "invited_at")
    personal.forget_after("ADMIN_LOG", LogEntry, "action_time")
