"""Large requests are stopped at the door, declared or not; others pass untouched."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.problems import ProblemDetails
from atlasnexus.body_limit import BodyLimit, Message, Receive, Send

MEGABYTE = 1024 * 1024


async def echo_size(scope: Message, receive: Receive, send: Send) -> None:
    """Answers with the size of the body; leaves without a word when the sender does, as the framework does."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def ask(pieces: list[bytes], headers: list[tuple[bytes, bytes]] | None = None, path: str = "/") -> list[Message]:
    sent: list[Message] = []
    waiting: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": piece, "more_body": n < len(pieces)} for n, piece in enumerate(pieces, 1)]
    )

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": headers or []}
    asyncio.run(BodyLimit(echo_size, 1)(scope, receive, send))
    return sent


def test_a_body_within_the_limit_passes() -> None:
    start, body = ask([b"x" * (MEGABYTE - 1), b"y"], [(b"content-length", str(MEGABYTE).encode())])
    assert start["status"] == 200
    assert body["body"] == str(MEGABYTE).encode()


@pytest.mark.parametrize("declared", [str(MEGABYTE + 1), "9" * 40])
def test_a_declared_size_is_enough(declared: str) -> None:
    start, body = ask([], [(b"content-length", declared.encode())])
    assert start["status"] == 413
    assert b"Expected at most 1 MB" in body["body"]


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"5")], [(b"content-length", b"many")]])
def test_a_body_that_grows_too_large_is_cut_off(headers: list[tuple[bytes, bytes]]) -> None:
    start, _ = ask([b"x" * MEGABYTE, b"y", b"z"], headers)
    assert start["status"] == 413


def test_a_program_is_told_as_of_any_other_refusal() -> None:
    start, body = ask([], [(b"content-length", str(MEGABYTE + 1).encode())], "/api/v1/workbooks")
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (413, b"application/problem+json")
    problem = json.loads(body["body"])
    assert set(problem) == set(ProblemDetails().fields)
    assert (problem["status"], problem["code"]) == (413, "too_large")
