"""Who answers: pages on threads that keep their connection, streams in the event loop, busy processes let go."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.signals import connection_created
from django.urls import reverse

from atlasnexus.body_limit import Message
from atlasnexus.handlers import Application, PageHandler, StreamHandler

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = UUID(int=0)


class OneThread(PageHandler):
    threads_count = 1


@pytest.fixture
def application() -> Iterator[Application]:
    pages = OneThread()
    yield Application(pages, StreamHandler())
    asyncio.run(sync_to_async(connections.close_all, thread_sensitive=False, executor=pages.threads)())


@pytest.fixture
def opened() -> Iterator[list[Any]]:
    """The database connections that were opened."""
    found: list[Any] = []

    def note(connection: Any, **_: object) -> None:
        found.append(connection)

    connection_created.connect(note)
    yield found
    connection_created.disconnect(note)


async def ask(application: Application, path: str) -> tuple[int, dict[bytes, bytes]]:
    answers: list[Message] = []
    asked = iter([{"type": "http.request", "body": b""}])

    async def receive() -> Message:
        for message in asked:
            return message
        await asyncio.Event().wait()  # the sender stays and says no more
        raise AssertionError

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    await application(scope, receive, send)
    return answers[0]["status"], dict(answers[0]["headers"])


def test_pages_share_one_connection(application: Application, opened: list[Any]) -> None:
    async def thrice() -> list[int]:
        return [(await ask(application, "/health/"))[0] for _ in range(3)]

    assert asyncio.run(thrice()) == [200, 200, 200]
    assert len(opened) == 1


def test_a_stream_leaves_no_connection_open(application: Application, opened: list[Any]) -> None:
    status, _ = asyncio.run(ask(application, reverse("job-stream", args=[NOBODY])))
    assert status == 401
    assert all(connection.connection is None for connection in opened)


@pytest.mark.parametrize("path", [reverse("job-stream", args=[NOBODY]), reverse("audit-export")])
def test_awaited_views_go_to_the_handler_of_streams(application: Application, path: str) -> None:
    assert application.handler_of({"path": path}) is application.streams


@pytest.mark.parametrize("path", ["/", "/projects/", "/nowhere/"])
def test_everything_else_goes_to_the_handler_of_pages(application: Application, path: str) -> None:
    assert application.handler_of({"path": path}) is application.pages


def test_an_unknown_address_is_not_found(application: Application) -> None:
    assert asyncio.run(ask(application, "/nowhere/"))[0] == 404


def test_a_busy_process_lets_its_connections_go(application: Application) -> None:
    async def both() -> list[tuple[int, dict[bytes, bytes]]]:
        return await asyncio.gather(*(ask(application, "/health/") for _ in range(2)))

    (_, first), _ = asyncio.run(both())
    assert first[b"connection"] == b"close"
    assert b"connection" not in asyncio.run(ask(application, "/health/"))[1]
