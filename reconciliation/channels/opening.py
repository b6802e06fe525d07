"""From what somebody typed of a channel to its open place."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from lib.errors import Invalid
from lib.reach import Unreachable
from lib.verbs import refuse
from reconciliation.channels import Place, Spot, secret_path
from reconciliation.models import Channel, ChannelKind

SFTP_PORT = 22
HOST = re.compile(r"[A-Za-z0-9:]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")


def spot_of(channel: Channel) -> Spot:
    """Where the channel leads; Invalid where what was typed is no address, or leads where no channel may."""
    host, port, is_tls = _sftp_address(channel) if channel.kind == ChannelKind.SFTP else _s3_address(channel)
    return Spot(
        host=host,
        port=port,
        is_tls=is_tls,
        region=channel.region,
        bucket=channel.bucket,
        user=channel.user,
        host_key=channel.host_key,
        folder=channel.folder,
        done_folder=channel.done_folder,
        secret=secret_path(channel.user, host),
    )


def open_place(channel: Channel, folder: str = "") -> AbstractContextManager[Place]:
    """The channel's place, or another folder of it, open while it is needed; Unreachable where it cannot be."""
    try:
        spot = spot_of(channel)
        return _opener(ChannelKind(channel.kind))(replace(spot, folder=folder) if folder else spot)
    except Invalid as error:
        raise Unreachable(str(error)) from error


def _opener(kind: ChannelKind) -> Callable[[Spot], AbstractContextManager[Place]]:
    # Their clients are imported with the first place that is opened: they are heavy, and most processes open none.
    if kind == ChannelKind.SFTP:
        from reconciliation.channels.sftp import open_sftp

        return open_sftp
    from reconciliation.channels.s3 import open_s3

    return open_s3


def _sftp_address(channel: Channel) -> tuple[str, int, bool]:
    parts = _split(f"//{channel.address}")
    if parts.path or not parts.hostname:
        raise _bad("host or host:port")
    return parts.hostname, parts.port or SFTP_PORT, True


def _s3_address(channel: Channel) -> tuple[str, int, bool]:
    if not channel.address:
        if not channel.region:
            raise refuse("region", "region", "Region: expected the region of the bucket, such as eu-west-1.")
        return f"s3.{channel.region}.amazonaws.com", 443, True
    parts = _split(channel.address)
    if parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or not parts.hostname:
        raise _bad("https://host, or nothing for Amazon")
    if parts.hostname not in settings.ATLASNEXUS_CHANNEL_HOSTS:
        said = f"Address: {parts.hostname} is not among the hosts of channels (ATLASNEXUS_CHANNEL_HOSTS)."
        raise refuse("host", "address", f"{said} The administrator adds it.")
    is_tls = parts.scheme == "https"
    return parts.hostname, parts.port or (443 if is_tls else 80), is_tls


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise _bad("a host, with a port where it has its own") from None
    if parts.username or parts.password or parts.query or parts.fragment or not HOST.fullmatch(parts.hostname or ""):
        raise _bad("a host without user, password or query")
    return parts


def _bad(expected: str) -> Invalid:
    return refuse("address", "address", f"Address: expected {expected}.")
