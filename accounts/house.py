"""What accounts add to the house."""

from accounts import audit, finding, holdings
from accounts.audit_pages.targets import show_at
from accounts.models import Role
from accounts.panels import registrations
from lib.finding import find_by
from lib.panels import show

WORDS = {
    "api_token.issued": "API token issued",
    "api_token.revoked": "API token revoked",
    "organisation.founded": "Organisation founded",
    "organisation.invitation_withdrawn": "Invitation taken back or declined",
    "organisation.invited": "Invited to an organisation",
    "organisation.joined": "Joined an organisation",
    "organisation.left": "Left an organisation",
    "organisation.member_changed": "Role in an organisation changed",
    "organisation.renamed": "Organisation renamed",
    "personal_data.purged": "Old personal data forgotten",
    "user.approved": "User approved",
    "user.changed": "User changed",
    "user.code_refused": "User code refused",
    "user.created": "User created",
    "user.data_exported": "Own data taken away",
    "user.declined": "User declined",
    "user.data_read": "Personal data of somebody opened",
    "user.email_changed": "User email changed",
    "user.email_confirmed": "User email confirmed",
    "user.erased": "User erased",
    "user.invited": "User sent a link to choose a password",
    "user.lock_out_lifted": "User lock out lifted",
    "user.locked_out": "User locked out",
    "user.one_time_password_added": "User one time password added",
    "user.one_time_password_removed": "User one time password removed",
    "user.one_time_password_renewed": "User one time password renewed",
    "user.passkey_added": "Passkey added",
    "user.passkey_removed": "Passkey removed",
    "user.passkey_renamed": "Passkey renamed",
    "user.password_changed": "User password changed",
    "user.password_reset": "User password reset",
    "user.password_set": "User password set",
    "user.preferences_changed": "User preferences changed",
    "user.recovery_codes_added": "User recovery codes added",
    "user.recovery_codes_removed": "User recovery codes removed",
    "user.recovery_codes_renewed": "User recovery codes renewed",
    "user.registered": "User registered",
    "user.sessions_ended": "User sessions ended",
    "user.sign_in_failed": "User sign in failed",
    "user.signed_in": "User signed in",
    "user.signed_out": "User signed out",
}


def join() -> None:
    """The room's panels, words, and what it holds of people, are known from now on."""
    find_by("People", finding.people, 60)
    audit.declare(WORDS)
    holdings.declare()
    show_at("accounts.Organisation", "organisation")
    show(registrations, (Role.ADMIN,), 10)
