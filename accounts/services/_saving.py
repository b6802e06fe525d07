"""What the verbs on accounts share."""

from typing import Any

from accounts.errors import Invalid
from accounts.models import Role, User
from engine.errors import Problem


def audited_fields(user: User) -> dict[str, Any]:
    """What the audit trail keeps of a person: never the password."""
    return {
        "email": user.email,
        "full_name": user.full_name,
        "role": str(user.role),
        "is_approved": user.is_approved,
        "is_active": user.is_active,
    }


def require_an_administrator_is_left() -> None:
    """Nothing, while somebody can still administer; Invalid otherwise, and the transaction falls."""
    if not User.objects.filter(role=Role.ADMIN, is_approved=True, is_active=True).exists():
        message = "This is the last administrator who may sign in. Make another one first."
        raise Invalid([Problem("last_administrator", "role", message)])
