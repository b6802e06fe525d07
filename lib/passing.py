"""Troubles that pass: the database locked or gone for a moment, no room on the disk. What met them may be asked again."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError, connection

# The database is locked, or gone for a moment: what is asked again soon is answered.
DATABASE_AWAY = (OperationalError, InterfaceError)
SQLITE_AWAY = ("locked", "busy", "unable to open", "readonly", "disk i/o")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
DATABASE_WORDS = "The database does not answer just now: nothing was changed. Try again in a minute."
ROOM_WORDS = (
    "There is no room left on the platform's disk: nothing was kept. Tell an administrator, and try again later."
)


def has_no_room(error: BaseException) -> bool:
    """True of what failed because the disk is full, wherever in its causes that stands."""
    return any(
        getattr(each, "errno", None) in NO_ROOM or (isinstance(each, OperationalError) and "disk is full" in str(each))
        for each in _causes(error)
    )


def words_of(error: BaseException) -> str:
    """What to tell whoever asked; nothing of a trouble that does not pass by itself."""
    if has_no_room(error):
        return ROOM_WORDS
    return DATABASE_WORDS if is_away(error) else ""


def is_away(error: BaseException) -> bool:
    """True where the database is locked or gone for a moment. SQLite says what is wrong with a query by the same class."""
    if not isinstance(error, DATABASE_AWAY):
        return False
    words = str(error).lower()
    return (
        connection.vendor != "sqlite" or isinstance(error, InterfaceError) or any(each in words for each in SQLITE_AWAY)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__
