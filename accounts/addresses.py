"""From where a request came."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the sender: behind a proxy the one the proxy saw, which nobody else can have written."""
    if settings.ATLASNEXUS_BEHIND_PROXY:
        seen = _address(request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1])
        if seen:
            return seen
    return _address(request.META.get("REMOTE_ADDR") or "")


def _address(text: str) -> str | None:
    text = text.strip()
    bare = text[1:].split("]")[0] if text.startswith("[") else text.split(":")[0] if text.count(":") == 1 else text
    try:
        return str(ip_address(bare))
    except ValueError:
        return None
