"""Who may do what: a table of actions by the roles that may do them. Rooms add rows and roles; no room spells a role."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Role, User
from lib.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Policy:
    """One row: what is done, by whom, and what everybody else is told."""

    action: str
    roles: frozenset[str]
    refusal: str


_table: dict[str, Policy] = {}
_roles: dict[str, str] = {}


def declare(action: str, *, roles: Collection[str] = (Role.ADMIN,), refusal: str) -> Policy:
    """The row of an action, from now on part of the table."""
    _table[action] = Policy(action, frozenset(map(str, roles)), refusal)
    return _table[action]


def declare_role(code: str, label: str) -> str:
    """The code of a role that people may hold beside their own, such as a domain's analyst."""
    _roles[code] = label
    return code


def declared_roles() -> list[tuple[str, str]]:
    """Code and label of every role that rooms have added."""
    return sorted(_roles.items(), key=lambda role: role[1])


def table() -> list[Policy]:
    """Every row, by action."""
    return [_table[action] for action in sorted(_table)]


def roles_of(user: User) -> frozenset[str]:
    """The person's own role and those held beside it."""
    return frozenset((str(user.role), *user.further_roles))


def may(user: User, policy: Policy) -> bool:
    """True for those of the policy's roles who may sign in."""
    return user.may_sign_in and not policy.roles.isdisjoint(roles_of(user))


def people_of(policy: Policy) -> list[User]:
    """Everybody who may: whom to tell, whom to give something to do."""
    return [each for each in User.objects.filter(is_active=True) if may(each, policy)]


def require(user: User, policy: Policy) -> None:
    """Raises Forbidden, in the policy's words, unless the person may."""
    if not may(user, policy):
        raise Forbidden(policy.refusal)
