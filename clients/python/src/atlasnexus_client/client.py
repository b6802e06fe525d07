"""The two clients: the same operations, one for programs that wait, one for event loops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from atlasnexus_client.core import Awaiting, Blocking, Course, Settings
from atlasnexus_client.plans import Answer, Item, Items, Line, Open, Plan, Retries, Send, Stream, Wait
from atlasnexus_client.verbs import Verbs

T = TypeVar("T")
TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 1.0
RETRIES = Retries()


class Client(Verbs, Blocking):
    """A platform as one token sees it: `Client("https://atlas.example", token)`; close it, or use it in a `with`."""

    http: httpx.Client

    def __init__(
        self,
        url: str,
        token: str,
        *,
        retries: Retries = RETRIES,
        poll_seconds: float = POLL_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.settings = Settings(retries, poll_seconds)
        self.http = httpx.Client(base_url=url, headers=_heads(token), timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Its connections are closed."""
        self.http.close()

    def _carry_out(self, plan: Plan[T]) -> T:
        course = Course[T](plan)
        with ExitStack() as held:
            while course.step is not None:
                self._go(course, held)
        return course.result

    def _iterate(self, plan: Items[T]) -> Iterator[T]:
        course = Course[None](plan)
        with ExitStack() as held:
            while course.step is not None:
                if isinstance(course.step, Item):
                    yield course.step.value
                self._go(course, held)

    def _go(self, course: Course[Any], held: ExitStack) -> None:
        try:
            found = self._done(course.step, held)
        except httpx.HTTPError as error:
            course.fail(error)
        else:
            course.tell(found)

    def _done(self, step: Any, held: ExitStack) -> Any:
        match step:
            case Send(request):
                return _answer(self.http.send(self._built(request)))
            case Open(request):
                response = self.http.send(self._built(request), stream=True)
                held.callback(response.close)
                return _stream(response, response.iter_lines(), b"" if response.is_success else response.read())
            case Line(stream):
                return next(stream.lines, None)
            case Wait(seconds):
                time.sleep(seconds)
        return None


class AsyncClient(Verbs, Awaiting):
    """The same for an event loop: `async with AsyncClient(...) as client`, then `await` and `async for`."""

    http: httpx.AsyncClient

    def __init__(
        self,
        url: str,
        token: str,
        *,
        retries: Retries = RETRIES,
        poll_seconds: float = POLL_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.settings = Settings(retries, poll_seconds)
        self.http = httpx.AsyncClient(base_url=url, headers=_heads(token), timeout=timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def _carry_out(self, plan: Plan[T]) -> T:
        course = Course[T](plan)
        async with AsyncExitStack() as held:
            while course.step is not None:
                await self._go(course, held)
        return course.result

    async def _iterate(self, plan: Items[T]) -> AsyncIterator[T]:
        course = Course[None](plan)
        async with AsyncExitStack() as held:
            while course.step is not None:
                if isinstance(course.step, Item):
                    yield course.step.value
                await self._go(course, held)

    async def _go(self, course: Course[Any], held: AsyncExitStack) -> None:
        try:
            found = await self._done(course.step, held)
        except httpx.HTTPError as error:
            course.fail(error)
        else:
            course.tell(found)

    async def _done(self, step: Any, held: AsyncExitStack) -> Any:
        match step:
            case Send(request):
                return _answer(await self.http.send(self._built(request)))
            case Open(request):
                response = await self.http.send(self._built(request), stream=True)
                held.push_async_callback(response.aclose)
                return _stream(response, response.aiter_lines(), b"" if response.is_success else await response.aread())
            case Line(stream):
                return await anext(stream.lines, None)
            case Wait(seconds):
                await asyncio.sleep(seconds)
        return None


def _heads(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "User-Agent": "atlasnexus-client"}


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


def _stream(response: httpx.Response, lines: Any, content: bytes) -> Stream:
    return Stream(Answer(response.status_code, response.headers, content), lines)
