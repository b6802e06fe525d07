"""Requests that are too large, stopped at the door: before anything of them is kept, parsed or stored."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]  # frameworks type these three in their own ways

PAGE = """<!doctype html><html lang="en-GB"><title>Too large</title>
<h1>This is too large</h1><p>Expected at most {size} MB in one request. Go back and send fewer or smaller files.</p></html>"""


class BodyLimit:
    """The application behind a limit: 413 as soon as a body is declared, or grows, larger than it."""

    def __init__(self, app: App, megabytes: int) -> None:
        self.app, self.megabytes = app, megabytes
        self.most_bytes = megabytes * 1024 * 1024

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _declared_bytes(scope) > self.most_bytes:
            await self._refuse(scope, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Message, receive: Receive, send: Send) -> None:
        """Lets the body through piece by piece; one that grows too large ends as if its sender had left."""
        received_bytes, has_answered = 0, False

        async def counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            return {"type": "http.disconnect"} if received_bytes > self.most_bytes else message

        async def noted(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await self.app(scope, counted, noted)
        if received_bytes > self.most_bytes and not has_answered:
            await self._refuse(scope, send)

    async def _refuse(self, scope: Message, send: Send) -> None:
        is_program = scope["path"].startswith("/api/")
        body = (self._problem(scope["path"]) if is_program else PAGE.format(size=self.megabytes)).encode()
        headers = [
            (b"content-type", b"application/problem+json" if is_program else b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _problem(self, path: str) -> str:
        """As `api.problems` words refusals; no request is there yet to name."""
        return json.dumps(
            {
                "type": "urn:atlasnexus:problem:too_large",
                "title": "Request Entity Too Large",
                "status": 413,
                "detail": f"Expected at most {self.megabytes} MB in one request. Send fewer or smaller files.",
                "instance": path,
                "code": "too_large",
                "request_id": "",
                "problems": [],
            }
        )


def _declared_bytes(scope: Message) -> int:
    """What the request says of its size; 0 where it says nothing that can be read."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value) if len(value) < 20 else 10**20
    return 0
