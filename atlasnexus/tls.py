"""What `manage.py check --deploy` says of servers on other machines that are spoken to without TLS, or are not known by it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.core import checks

CLEAR = "is reached without TLS: whoever is between reads and changes it."
UNKNOWN = "is not asked for a certificate that proves it: whoever is between may pretend to be it."
HINT = "Use TLS and check the certificate, or name the host in ATLASNEXUS_PLAIN_HOSTS where the network is the platform's alone."
# PostgreSQL's: `verify-ca` takes any host that the same authority vouches for.
ENCRYPTED, VERIFIED = "require", {"verify-ca", "verify-full"}


@checks.register(checks.Tags.security, deploy=True)
def servers_under_tls(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """A warning for each server of another machine that is read and written in the clear, or could be anybody."""
    return [
        checks.Warning(f"{what} at {host} {fault}", HINT, id=f"atlas.{code}")
        for what, host, code, fault in _faults()
        if not _is_near(host)
    ]


def _faults() -> Iterator[tuple[str, str, str, str]]:
    """What it is, its host, the warning's number, and the sentence."""
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis":
        yield "Redis", redis.hostname or "", "W001", CLEAR
    elif redis.scheme == "rediss" and _asked(redis, "ssl_cert_reqs") - {"required"}:
        yield "Redis", redis.hostname or "", "W005", UNKNOWN
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
    if "postgresql" in database["ENGINE"] and mode not in VERIFIED:
        host = str(database.get("HOST") or "")
        yield ("PostgreSQL", host, "W006", UNKNOWN) if mode == ENCRYPTED else ("PostgreSQL", host, "W002", CLEAR)
    yield from _faults_of_files()
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "The mail server", settings.EMAIL_HOST, "W004", CLEAR


def _faults_of_files() -> Iterator[tuple[str, str, str, str]]:
    what, files = "The storage of files", urlsplit(settings.ATLASNEXUS_FILES_URL)
    if files.scheme == "s3":
        for endpoint in map(urlsplit, _asked(files, "endpoint")):
            if endpoint.scheme == "http":
                yield what, endpoint.hostname or "", "W003", CLEAR
    elif files.scheme.startswith("mongodb"):
        encrypted = _asked(files, "tls") | _asked(files, "ssl")
        if "true" not in encrypted and not (files.scheme == "mongodb+srv" and "false" not in encrypted):
            yield what, files.hostname or "", "W003", CLEAR
        elif "true" in _asked(files, "tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"):
            yield what, files.hostname or "", "W007", UNKNOWN


def _asked(url: SplitResult, *names: str) -> set[str]:
    """What the address asks for under these names, however they are written."""
    return {text for name, texts in parse_qs(url.query).items() if name.lower() in names for text in texts}


def _is_near(host: str) -> bool:
    """True of this machine: a socket, its own name, a loopback address; and of hosts that the operator vouches for."""
    if host in {"", "localhost", socket.gethostname(), *settings.ATLASNEXUS_PLAIN_HOSTS} or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
