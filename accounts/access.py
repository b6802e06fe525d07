from accounts.models import User
from lib.errors import Forbidden


def require_administrator(user: User) -> None:
    """Nothing, where the user administers the platform; Forbidden otherwise."""
    if not user.is_staff:
        raise Forbidden("Only an administrator may change people's accounts.")
