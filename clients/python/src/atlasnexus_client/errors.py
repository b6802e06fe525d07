"""What may go wrong, as one tree: `AtlasError` is all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar


class AtlasError(Exception):
    """Anything that this package refuses or is refused."""


class Unreachable(AtlasError):
    """There was no answer."""


class JobFailed(AtlasError):
    """A job ended otherwise than done; `progress` is the last that was told of it."""

    def __init__(self, progress: Mapping[str, Any]) -> None:
        self.progress = progress
        super().__init__(f"{progress['state']}: {progress['error'] or 'no reason was told'}")


class NotVerified(AtlasError):
    """What arrived is not what was signed or hashed."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with what was sent: its stable code, its place in dots and as a JSON pointer, what to do."""

    code: str
    place: str
    pointer: str
    message: str


class Refused(AtlasError):
    """The server said no. `code` is stable; name `request_id` when you ask for help."""

    statuses: ClassVar[tuple[int, ...]] = ()

    def __init__(self, status: int, body: Mapping[str, Any], retry_after_seconds: float | None = None) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.detail = str(body.get("detail", ""))
        self.request_id = str(body.get("request_id", ""))
        self.problems = tuple(_field_problem(each) for each in body.get("problems", ()))
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{status} {self.code}: {self.detail}")


class BadRequest(Refused):
    """It could not be read."""

    statuses = (400, 405, 413, 415)


class NotSignedIn(Refused):
    """The token is missing, ended or nobody's."""

    statuses = (401,)


class Forbidden(Refused):
    """The token's owner may not, or the token lacks the scope."""

    statuses = (403,)


class NotFound(Refused):
    """There is no such thing for this caller."""

    statuses = (404,)


class UnderWay(Refused):
    """A request under the same key is still being answered."""

    statuses = (409,)


class Changed(Refused):
    """It was changed since it was read, or it was not said which state is meant: read it again."""

    statuses = (412, 428)


class Invalid(Refused):
    """What was sent is wrong: `problems` says where."""

    statuses = (422,)


class TooMany(Refused):
    """More requests than a minute has room for."""

    statuses = (429,)


class Fault(Refused):
    """The server's own fault."""


class Busy(Fault):
    """The server has no room at the moment."""

    statuses = (503,)


KINDS = {
    status: kind
    for kind in (BadRequest, NotSignedIn, Forbidden, NotFound, UnderWay, Changed, Invalid, TooMany, Busy)
    for status in kind.statuses
}


def refusal_of(status: int, headers: Mapping[str, str], content: bytes) -> Refused:
    """The refusal that an answer is; one that is no problem+json comes from something before the server."""
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    body = read if isinstance(read, dict) else {"detail": content[:200].decode("utf-8", "replace")}
    kind = KINDS.get(status, Fault if status >= 500 else Refused)
    return kind(status, body, seconds_of(headers.get("retry-after", ""), datetime.now(UTC)))


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """What a Retry-After asks for, in either of its forms; None where it says nothing.

    >>> seconds_of("7", datetime(2027, 1, 1, tzinfo=UTC))
    7.0
    >>> seconds_of("Fri, 01 Jan 2027 00:01:30 GMT", datetime(2027, 1, 1, tzinfo=UTC))
    90.0
    """
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _field_problem(body: Mapping[str, Any]) -> FieldProblem:
    return FieldProblem(*(str(body.get(name, "")) for name in ("code", "place", "pointer", "message")))
