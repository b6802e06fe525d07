"""What `manage.py check --deploy` says of servers on other machines that are spoken to without TLS."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import checks

ENCRYPTED_MODES = {"require", "verify-ca", "verify-full"}


@checks.register(checks.Tags.security, deploy=True)
def servers_under_tls(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """A warning for each server of another machine that reads or writes in the clear."""
    hint = "Use TLS, or name the host in ATLASNEXUS_PLAIN_HOSTS where the network is the platform's alone."
    return [
        checks.Warning(
            f"{what} at {host} is reached without TLS: whoever is between reads and changes it.",
            hint,
            id=f"atlas.{code}",
        )
        for what, host, code in _in_the_clear()
        if not _is_near(host)
    ]


def _in_the_clear() -> Iterator[tuple[str, str, str]]:
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis":
        yield "Redis", redis.hostname or "", "W001"
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
    if "postgresql" in database["ENGINE"] and mode not in ENCRYPTED_MODES:
        yield "PostgreSQL", str(database.get("HOST") or ""), "W002"
    files = urlsplit(settings.ATLASNEXUS_FILES_URL)
    if files.scheme == "mongodb" and not {"true"} & {
        *parse_qs(files.query).get("tls", ()),
        *parse_qs(files.query).get("ssl", ()),
    }:
        yield "The storage of files", files.hostname or "", "W003"
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "The mail server", settings.EMAIL_HOST, "W004"


def _is_near(host: str) -> bool:
    """True of this machine: a socket, its own name, a loopback address; and of hosts that the operator vouches for."""
    if host in {"", "localhost", socket.gethostname(), *settings.ATLASNEXUS_PLAIN_HOSTS} or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
