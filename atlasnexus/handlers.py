"""Who answers a request: a page on one thread from its first middleware to its last; a stream in the event loop."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections, connections
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from atlasnexus.body_limit import App, Message, Receive, Send


class PageHandler(ASGIHandler):
    """Django without a hop between threads for each of its middlewares, and with database connections that stay open.

    Django's own gives every request a new thread, so that each would open a connection.
    """

    # Python computes one page at a time; the others are there for pages that wait for the disk, DuckDB or a lock.
    threads_count: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__()
        self.threads = ThreadPoolExecutor(self.threads_count, thread_name_prefix="page")
        self._answered = sync_to_async(self._answer, thread_sensitive=False, executor=self.threads)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await self._answered(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        close_old_connections()  # those of this thread; Django's signals of a request are sent on another
        try:
            return self.get_response(request)
        finally:
            close_old_connections()


class StreamHandler(ASGIHandler):
    """Django as it is; the connections of a request's thread end with it."""

    async def handle(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await super().handle(scope, receive, send)
        finally:
            await sync_to_async(connections.close_all)()


class Application:
    """Hands each request to the handler its view is made for.

    A connection stays with the process that took it. While more than one page is under way here it is let go after its
    answer, and its next request goes to whichever process is free.
    """

    def __init__(self, pages: App, streams: App) -> None:
        self.pages, self.streams = pages, streams
        self._under_way_count = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        handler = self.handler_of(scope)
        if handler is self.streams:
            await handler(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and self._under_way_count > 1:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        self._under_way_count += 1
        try:
            await handler(scope, receive, sent)
        finally:
            self._under_way_count -= 1

    def handler_of(self, scope: Message) -> App:
        """The handler for this address; one that leads nowhere is a page too."""
        try:
            is_awaited = iscoroutinefunction(resolve(scope["path"]).func)
        except Resolver404:
            is_awaited = False
        return self.streams if is_awaited else self.pages
