"""Who may change people's accounts and read the audit trail."""

from accounts.models import User
from accounts.policies import declare, require

ADMINISTER = declare("accounts.administer", refusal="Only an administrator may change people's accounts.")


def require_administrator(user: User) -> None:
    """Raises Forbidden unless the user administers the platform."""
    require(user, ADMINISTER)
