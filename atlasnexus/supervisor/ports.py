"""The web server's place: a listening socket made here, so that a restart of the server loses no connection."""

import errno
import socket

from atlasnexus.supervisor.errors import Refused

DEFAULT_PORT = 8000
PORTS_TRIED = 20


def listen(host: str, wanted: str) -> socket.socket:
    """A listening socket on the wanted port, or from the default port on, on the first that is free."""
    if wanted:
        return _listen_or_refuse(host, _number(wanted))
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        listening = _listen(host, port)
        if listening:
            return listening
    last = DEFAULT_PORT + PORTS_TRIED - 1
    raise Refused(f"Ports {DEFAULT_PORT} to {last} are all taken. Name a free one: make run PORT=9000.")


def _number(wanted: str) -> int:
    if not wanted.isdecimal() or not 0 <= int(wanted) <= 65535:
        raise Refused(f"PORT is to be a number from 1 to 65535, or 0 for any free one; got {wanted!r}.")
    return int(wanted)


def _listen_or_refuse(host: str, port: int) -> socket.socket:
    listening = _listen(host, port)
    if listening is None:
        raise Refused(f"Port {port} of {host} is taken or not allowed. Name a free one: make run PORT=9000.")
    return listening


def _listen(host: str, port: int) -> socket.socket | None:
    try:
        # create_server sets SO_REUSEADDR: a port whose last owner has just ended counts as free.
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            return None
        raise Refused(f"HOST is to be an address of this machine; got {host!r}.") from error
