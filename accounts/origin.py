"""From where something is done: the request under way, else the process itself."""

import sys
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from accounts.addresses import client_address

AGENT_LENGTH, REQUEST_ID_LENGTH = 200, 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody sat, with what, and in which request; a process has no address."""

    address: str | None = None
    agent: str = ""
    request_id: str = ""


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current_origin() -> Origin:
    """The origin of what is being done right now."""
    return _current.get() or Origin(agent=_process())


def origin_of(request: HttpRequest) -> Origin:
    """The origin of a request; the same for the whole of it."""
    known: Origin | None = getattr(request, "_origin", None)
    if known is None:
        known = Origin(client_address(request), _line(request.headers.get("User-Agent", "")), _request_id(request))
        request._origin = known  # type: ignore[attr-defined]
    return known


@sync_and_async_middleware
def origin_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """While a request is answered, `current_origin` is its own."""
    if iscoroutinefunction(get_response):

        async def awaited(request: HttpRequest) -> Any:
            token = _current.set(origin_of(request))
            try:
                return await get_response(request)
            finally:
                _current.reset(token)

        return awaited

    def answered(request: HttpRequest) -> Any:
        token = _current.set(origin_of(request))
        try:
            return get_response(request)
        finally:
            _current.reset(token)

    return answered


def _request_id(request: HttpRequest) -> str:
    # Only a proxy's word counts; a sender could pass one request off as part of another.
    given = request.headers.get("X-Request-ID", "") if settings.ATLASNEXUS_BEHIND_PROXY else ""
    sound = given.isascii() and given.replace("-", "").isalnum() and len(given) <= REQUEST_ID_LENGTH
    return given if sound else uuid.uuid4().hex


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:AGENT_LENGTH]


def _process() -> str:
    name, *rest = sys.argv or [""]
    verb = rest[0] if Path(name).name == "manage.py" and rest else ""
    return _line(f"{Path(name).name} {verb}".strip())
