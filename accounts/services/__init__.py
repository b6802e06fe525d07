"""What can be done to a person's account, one verb a file; each checks access and writes the audit trail."""

from accounts.services.approve_user import approve_user
from accounts.services.await_approval import await_approval
from accounts.services.change_preferences import change_preferences
from accounts.services.change_user import change_user
from accounts.services.create_user import create_user, invite_user
from accounts.services.decline_user import decline_user
from accounts.services.end_sessions import end_sessions
from accounts.services.erase_user import erase_registration, erase_user
from accounts.services.export_own_data import export_own_data
from accounts.services.issue_token import issue_token
from accounts.services.lift_lock_out import lift_lock_out
from accounts.services.one_time_password import forget_one_time_password, set_one_time_password
from accounts.services.purge_personal_data import purge_personal_data
from accounts.services.register_user import register_user
from accounts.services.revoke_token import revoke_token

__all__ = [
    "approve_user",
    "await_approval",
    "change_preferences",
    "change_user",
    "create_user",
    "decline_user",
    "end_sessions",
    "erase_registration",
    "erase_user",
    "export_own_data",
    "forget_one_time_password",
    "invite_user",
    "issue_token",
    "lift_lock_out",
    "purge_personal_data",
    "register_user",
    "revoke_token",
    "set_one_time_password",
]
