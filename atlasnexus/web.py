"""The web server, on a listening socket it is handed: `python -m atlasnexus.web DESCRIPTOR`."""

import socket
import sys

import uvicorn

GRACE_SECONDS = 3  # for open event streams, when the server is asked to end


def main() -> None:
    config = uvicorn.Config(
        "atlasnexus.asgi:application",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # whose address it was is said in one place: accounts/addresses.py
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
