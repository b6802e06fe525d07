"""Whoever begins a request and does not end it is hung up on; whoever reads slowly, or waits for an answer, is not."""

import asyncio
import socket
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import uvicorn

from atlasnexus import web

PATIENCE = 0.6
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers after the whole body, and longer than the patience."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message.get("more_body", False)
    await asyncio.sleep(2 * PATIENCE)
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    for name in ("HEAD_SECONDS", "BODY_PIECE_SECONDS"):
        monkeypatch.setattr(web, name, PATIENCE)
    monkeypatch.setattr(web, "BODY_SECONDS", 4 * PATIENCE)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=web.Protocol, lifespan="off", log_level="error"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()
    server.should_exit = True
    thread.join()


def hung_up_after(address: tuple[str, int], pieces: list[bytes], pause: float = 0.0) -> int | None:
    """How many pieces were taken before the server hung up without an answer; None where it answered.

    A server that does neither ends the test by the line's timeout.
    """
    with socket.create_connection(address, timeout=20 * PATIENCE) as line:
        taken = 0
        try:
            for piece in pieces:
                line.sendall(piece)
                taken += 1
                time.sleep(pause)
            answer = line.recv(1000)
        except ConnectionError:
            answer = b""
        return None if answer else taken


@pytest.mark.parametrize("sent", [[], [b"GE"], [b"GET / HTTP/1.1\r\nHost: x\r\n"]])
def test_half_a_head_is_hung_up_on(address: tuple[str, int], sent: list[bytes]):
    began = time.monotonic()
    assert hung_up_after(address, sent) == len(sent)
    assert time.monotonic() - began > PATIENCE * 0.8


def test_a_head_that_trickles_is_hung_up_on(address: tuple[str, int]):
    taken = hung_up_after(address, [b"GET /", *[b"x"] * 60], pause=PATIENCE / 4)
    assert taken is not None
    assert taken < 61


def test_a_body_that_stops_or_trickles_is_hung_up_on(address: tuple[str, int]):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    assert hung_up_after(address, [head]) == 1
    taken = hung_up_after(address, [head, *[b"x"] * 60], pause=PATIENCE / 4)
    assert taken is not None
    assert taken < 61


def test_a_second_half_request_on_one_line_is_hung_up_on(address: tuple[str, int]):
    with socket.create_connection(address, timeout=20 * PATIENCE) as line, line.makefile("rb") as answers:
        line.sendall(WHOLE)
        head = list(iter(answers.readline, b"\r\n"))
        assert head[0].startswith(b"HTTP/1.1 200")
        assert answers.read(1) == b"0"
        line.sendall(b"GET / HT")
        assert answers.read(1) == b""


def test_whoever_waits_for_an_answer_or_sends_steadily_is_not(address: tuple[str, int]):
    assert hung_up_after(address, [WHOLE]) is None
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n"
    assert hung_up_after(address, [head, b"ab", b"cd", b"ef"], pause=PATIENCE / 2) is None
