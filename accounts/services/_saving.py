"""What the verbs on accounts share."""

from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import Role, User
from accounts.policies import declared_roles
from engine.errors import Problem
from lib.errors import Invalid


def audited_fields(user: User) -> dict[str, Any]:
    """What the audit trail keeps of a person: never the password."""
    return {
        "email": user.email,
        "full_name": user.full_name,
        "role": str(user.role),
        "is_approved": user.is_approved,
        "is_active": user.is_active,
        **({"further_roles": sorted(user.further_roles)} if user.further_roles else {}),
    }


def require_known_roles(user: User) -> None:
    """Nothing, where every further role is one that a room declares; Invalid otherwise."""
    unknown = sorted(set(user.further_roles) - {code for code, _ in declared_roles()})
    if unknown:
        known = ", ".join(code for code, _ in declared_roles()) or "none"
        message = f"Expected further roles among {known}, got {', '.join(unknown)}."
        raise Invalid([Problem("unknown_role", "further_roles", message)])


def require_an_administrator_is_left() -> None:
    """Nothing, while somebody can still administer; Invalid otherwise, and the transaction falls."""
    if not User.objects.filter(role=Role.ADMIN, is_approved=True, is_active=True).exists():
        message = "This is the last administrator who may sign in. Make another one first."
        raise Invalid([Problem("last_administrator", "role", message)])


def require_confirmed_email(user: User) -> None:
    """Nothing, where the person has shown that the e-mail is theirs; Invalid otherwise."""
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        message = f"{user.email} has not been confirmed yet. Approve the person once they have followed the link."
        raise Invalid([Problem("unconfirmed_email", "email", message)])


def vouch_for_email(user: User) -> None:
    """Nothing; the person's one e-mail is this one, confirmed by who wrote it here."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def require_not_erased(user: User) -> None:
    """Nothing, unless the account was erased: nobody has it any more."""
    if user.is_erased:
        raise Invalid([Problem("erased", "user", f"{user} is not changed any more: whoever returns registers anew.")])
