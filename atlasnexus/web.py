"""The web server, on a listening socket it is handed: `python -m atlasnexus.web DESCRIPTOR`."""

import asyncio
import socket
import sys

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_SECONDS = 3  # for open event streams, when the server is asked to end
WAITING_CONNECTIONS = 2048
HEAD_SECONDS = 15.0  # for a request's first lines, from the connection or their first byte on
BODY_PIECE_SECONDS = 30.0  # between two pieces of a body
BODY_SECONDS = 600.0  # for a body of the largest size over a slow line


class Protocol(H11Protocol):
    """HTTP that hangs up on whoever begins a request and does not end it: a socket is no one's to keep."""

    _patience: asyncio.TimerHandle | None = None
    _body_ends_at: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._patience is None:
                self._wait(HEAD_SECONDS)
        elif self.conn.their_state is h11.SEND_BODY:
            now = self.loop.time()
            self._body_ends_at = self._body_ends_at or now + BODY_SECONDS
            self._wait(min(BODY_PIECE_SECONDS, self._body_ends_at - now))
        else:
            self._body_ends_at = None
            self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._rest()
        self._patience = self.loop.call_later(seconds, self.transport.close)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Server(uvicorn.Server):
    """Takes one connection at a time: of many that come at once each process has its share.

    Otherwise the first to wake takes all that wait, and answers them alone for as long as they are kept open.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for waiting in sockets or ():
            waiting.listen(WAITING_CONNECTIONS)  # asyncio gave the kernel the number it takes at a time


def main() -> None:
    config = uvicorn.Config(
        "atlasnexus.asgi:application",
        http=Protocol,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whose address it was is said in one place: accounts/addresses.py
        backlog=1,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
