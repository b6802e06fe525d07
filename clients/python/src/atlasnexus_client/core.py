"""What both clients are: how requests are built, and how each operation, written once, is called in either way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import UUID, uuid4

import httpx

from atlasnexus_client.errors import Unreachable
from atlasnexus_client.plans import Answer, Item, Items, Plan, Request, Retries, Step, answered

P = ParamSpec("P")
T = TypeVar("T")
ROOT = "/api/v1/"
JSON = "application/json"

# What an operation is about: its code, or the thing as it was answered.
Of = str | UUID | Mapping[str, Any]
# A file to send: where it lies, or its name and content.
Upload = Path | tuple[str, bytes]


class Left(Enum):
    """A value that was left out: the server's own is taken."""

    OUT = "out"


class Thing(dict[str, Any]):
    """An answer: its fields, and in `etag` which state of the thing they are."""

    etag = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client behaves: retries, how often a job is asked for where its stream is cut."""

    retries: Retries
    poll_seconds: float


def code_of(thing: Of) -> str:
    """The code of a thing.

    >>> code_of({"code": "a1", "title": "North campus"}), code_of("a1")
    ('a1', 'a1')
    """
    return str(thing["code"]) if isinstance(thing, Mapping) else str(thing)


def etag_of(thing: Of) -> str:
    """The entity tag that a thing was answered with; nothing for a code alone."""
    return str(getattr(thing, "etag", ""))


def path_of(*parts: Of | int) -> str:
    """The address made of words and things.

    >>> path_of("runs", {"code": "a1"}, "results", 7)
    'runs/a1/results/7'
    """
    return "/".join(quote(str(part) if isinstance(part, int) else code_of(part), safe="") for part in parts)


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were not left out."""
    return {name: value for name, value in fields.items() if value is not Left.OUT}


class Core:
    """Builds requests and reads answers. Whoever inherits it carries plans out."""

    settings: Settings
    http: httpx.Client | httpx.AsyncClient

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        key: str = "",
        match: str = "",
    ) -> Plan[Any]:
        """What is answered, as JSON; whatever writes has a key, the same for all its attempts."""
        headers = {} if method == "GET" else {"Idempotency-Key": key or str(uuid4())}
        if match:
            headers["If-Match"] = match
        content = None if body is None else json.dumps(body, default=_plain).encode()
        if content is not None:
            headers["Content-Type"] = JSON
        files = None if upload is None else {"file": _file(upload)}
        request = Request(method, path, params_of(query or {}), headers, content, files)
        return _thing((yield from answered(request, self.settings.retries)))

    def _download(self, path: str, *, query: Mapping[str, Any] | None = None) -> Plan[bytes]:
        """What is answered, as it is."""
        request = Request("GET", path, params_of(query or {}))
        return (yield from answered(request, self.settings.retries)).content

    def _pages(self, path: str, *, query: Mapping[str, Any]) -> Items[Any]:
        """Each item of a list, page by page; what follows is asked for when it is needed."""
        params = params_of(query)
        while True:
            page = _thing((yield from answered(Request("GET", path, params), self.settings.retries)))
            for item in page["items"]:
                yield Item(item)
            if page["next"] is None:
                return
            params = tuple(parse_qsl(urlsplit(page["next"]).query, keep_blank_values=True))

    def _built(self, request: Request) -> httpx.Request:
        return self.http.build_request(
            request.method,
            ROOT + request.path,
            params=request.params or None,
            headers=dict(request.headers),
            content=request.content,
            files=request.files,
        )


def params_of(query: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A query as pairs: of several values one each; what was left out is not asked for.

    >>> params_of({"sort": ["-rank", "index"], "limit": 5, "project": Left.OUT})
    (('sort', '-rank'), ('sort', 'index'), ('limit', '5'))
    """
    several = ((name, value if _is_list(value) else [value]) for name, value in given(**query).items())
    return tuple((name, _plain(each)) for name, values in several for each in values)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return code_of(value)


def _file(upload: Upload) -> tuple[str, bytes]:
    return (upload.name, upload.read_bytes()) if isinstance(upload, Path) else upload


def _thing(answer: Answer) -> Any:
    if not answer.content:
        return None
    read = json.loads(answer.content)
    if not isinstance(read, dict):
        return read
    thing = Thing(read)
    thing.etag = answer.headers.get("etag", "")
    return thing


class Course(Generic[T]):
    """A plan under way: `step` is what it asks for, None when it is over and has its `result`."""

    result: T

    def __init__(self, plan: Plan[T] | Items[Any]) -> None:
        self._plan: Any = plan
        self.step: Step | Item[Any] | None = None
        self.tell(None)

    def tell(self, found: Any) -> None:
        """The step is done: the plan takes what was found."""
        self._move(self._plan.send, found)

    def fail(self, error: httpx.HTTPError) -> None:
        """The step got no answer: the plan decides whether it asks again."""
        self._move(self._plan.throw, Unreachable(f"{type(error).__name__}: {error}"))

    def _move(self, move: Callable[[Any], Step | Item[Any]], told: Any) -> None:
        try:
            self.step = move(told)
        except StopIteration as done:
            self.step, self.result = None, done.value


class Blocking(Core):
    """Carries plans out while its caller waits."""

    def _carry_out(self, plan: Plan[T]) -> T:
        raise NotImplementedError

    def _iterate(self, plan: Items[T]) -> Iterator[T]:
        raise NotImplementedError


class Awaiting(Core):
    """Carries plans out in an event loop."""

    def _carry_out(self, plan: Plan[T]) -> Coroutine[Any, Any, T]:
        raise NotImplementedError

    def _iterate(self, plan: Items[T]) -> AsyncIterator[T]:
        raise NotImplementedError


class Verb(Generic[P, T]):
    """An operation: called on a `Client` it gives its answer, on an `AsyncClient` it is awaited."""

    def __init__(self, plan: Callable[Concatenate[Any, P], Plan[T]]) -> None:
        self.plan = plan
        self.__doc__ = plan.__doc__

    @overload
    def __get__(self, client: None, kind: type[Any]) -> Verb[P, T]: ...
    @overload
    def __get__(self, client: Blocking, kind: type[Any]) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, kind: type[Any]) -> Any:
        return self if client is None else _bound(client, self.plan, client._carry_out)


class Listing(Generic[P, T]):
    """An operation that lists: on a `Client` an iterator, on an `AsyncClient` one for `async for`."""

    def __init__(self, plan: Callable[Concatenate[Any, P], Items[T]]) -> None:
        self.plan = plan
        self.__doc__ = plan.__doc__

    @overload
    def __get__(self, client: None, kind: type[Any]) -> Listing[P, T]: ...
    @overload
    def __get__(self, client: Blocking, kind: type[Any]) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type[Any]) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, client: Any, kind: type[Any]) -> Any:
        return self if client is None else _bound(client, self.plan, client._iterate)


def verb(plan: Callable[Concatenate[Any, P], Plan[T]]) -> Verb[P, T]:
    """Makes a plan an operation of both clients."""
    return Verb(plan)


def listing(plan: Callable[Concatenate[Any, P], Items[T]]) -> Listing[P, T]:
    """Makes a plan that hands items out an operation of both clients."""
    return Listing(plan)


def _bound(client: Any, plan: Callable[..., Any], carry: Callable[[Any], Any]) -> Callable[..., Any]:
    @wraps(plan)
    def call(*args: Any, **options: Any) -> Any:
        return carry(plan(client, *args, **options))

    return call
