"""Connections to addresses that somebody gave us, and to nothing behind them: no way into this machine or its network.

A name is looked up once, every address it has must be public, and the connection goes to the one that was looked at. The
operator names hosts of the own network that may be reached all the same.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import ip_address

SECONDS = 10.0
NOT_PUBLIC = "Address: expected one that everybody can reach; this one leads into a network of its own."


class Unreachable(Exception):
    """Nothing was reached: the sentence says why."""


def connected(host: str, port: int, own: Collection[str], seconds: float = SECONDS) -> socket.socket:
    """A connection; Unreachable where the address is not to be reached, OSError where nobody answers."""
    return socket.create_connection((looked_up(host, port, own), port), timeout=seconds)


def looked_up(host: str, port: int, own: Collection[str]) -> str:
    """The first address of a host; Unreachable where one of them is not to be reached."""
    found = list(dict.fromkeys(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not found or not all(may_reach(host, address, own) for address in found):
        raise Unreachable(NOT_PUBLIC)
    return found[0]


def may_reach(host: str, address: str, own: Collection[str]) -> bool:
    """True of a public address, and of any of a host that is named as our own."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return host in own or ((mapped or found).is_global and not found.is_multicast)
