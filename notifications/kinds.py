"""What people can be told of: rooms declare the kinds of their news."""

from collections.abc import Collection, Mapping

from accounts.models import Role, User

_labels: dict[str, str] = {}
_for_administrators: set[str] = set()


def declare(labels: Mapping[str, str], *, for_administrators: Collection[str] = ()) -> None:
    """From now on these kinds of news are known, by code; some are for administrators only."""
    _labels.update(labels)
    _for_administrators.update(for_administrators)


def choices() -> list[tuple[str, str]]:
    """Code and label of every kind, in the order they were declared."""
    return list(_labels.items())


def is_known(code: str) -> bool:
    """True of a declared kind."""
    return code in _labels


def kinds_for(person: User) -> list[str]:
    """The kinds that somebody in this role may be told of."""
    return [code for code in _labels if person.role == Role.ADMIN or code not in _for_administrators]
