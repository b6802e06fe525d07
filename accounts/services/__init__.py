"""What can be done to a person's account, one verb a file; each checks access and writes the audit trail."""

from accounts.services.approve_user import approve_user
from accounts.services.change_user import change_user
from accounts.services.create_user import create_user

__all__ = ["approve_user", "change_user", "create_user"]
