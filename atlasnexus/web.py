"""The web server, on a listening socket it is handed: `python -m atlasnexus.web DESCRIPTOR`."""

import socket
import sys

import uvicorn

GRACE_SECONDS = 3  # for open event streams, when the server is asked to end
WAITING_CONNECTIONS = 2048


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
