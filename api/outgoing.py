"""A POST to an address that somebody gave us, and to nothing behind it: no way into this machine or its network.

The name is resolved once, every address it has must be public, and the connection goes to the one that was looked at; no
redirect is followed, no proxy asked. `ATLASNEXUS_WEBHOOK_HOSTS` names hosts of the own network that may be told.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from lib.reach import NOT_PUBLIC, SECONDS, Unreachable, connected, may_reach
from lib.verbs import refuse

MOST_READ = 64 * 1024


def check_address(url: str) -> None:
    """Nothing; Invalid for an address that is not to be told anything, as far as can be said without asking."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme != "https" and not _is_own(parts.hostname or ""):
        raise refuse("not_https", "url", "Address: expected https.")
    if not parts.hostname or parts.username or parts.password or port == -1:
        raise refuse("bad_address", "url", "Address: expected https://host/path, without a name and password in it.")
    if _is_literal(parts.hostname) and not may_reach(parts.hostname, parts.hostname, settings.ATLASNEXUS_WEBHOOK_HOSTS):
        raise refuse("not_public", "url", NOT_PUBLIC)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer; Unreachable where there was none, or the address is not to be reached."""
    parts = urlsplit(url)
    host, is_safe = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    try:
        connection = _connected(host, port, is_safe)
        try:
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answer.read(MOST_READ)
            return answer.status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from error


def _connected(host: str, port: int, is_safe: bool) -> HTTPConnection:
    """A connection to the address that was looked at, under the name that was given."""
    raw = connected(host, port, settings.ATLASNEXUS_WEBHOOK_HOSTS)
    if not is_safe:
        plain = HTTPConnection(host, port, timeout=SECONDS)
        plain.sock = raw
        return plain
    context = ssl.create_default_context()
    secured = HTTPSConnection(host, port, timeout=SECONDS, context=context)
    secured.sock = context.wrap_socket(raw, server_hostname=host)
    return secured


def _is_own(host: str) -> bool:
    return host in settings.ATLASNEXUS_WEBHOOK_HOSTS


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
