"""SFTP: the server's key is pinned, the address is looked at before anything is sent, the user has a key or a password."""

from __future__ import annotations

import stat
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings

from lib.reach import SECONDS, Unreachable, connected
from reconciliation.channels import MOST_LISTED, Changed, Found, Spot, secret_text

TRANSFER_SECONDS = 30.0


@contextmanager
def open_sftp(spot: Spot) -> Iterator[SftpPlace]:
    """The place, open; Unreachable where the server is another one, refuses, or is not there."""
    secret = secret_text(spot) if spot.host_key else ""
    with told():
        transport = paramiko.Transport(connected(spot.host, spot.port, settings.ATLASNEXUS_CHANNEL_HOSTS))
        try:
            transport.start_client(timeout=SECONDS)
            _require_pinned(fingerprint(transport.get_remote_server_key()), spot)
            _sign_in(transport, spot, secret)
            client: Any = paramiko.SFTPClient.from_transport(transport)
            client.get_channel().settimeout(TRANSFER_SECONDS)
        except BaseException:
            transport.close()
            raise
    try:
        yield SftpPlace(client, spot)
    finally:
        transport.close()


def fingerprint(key: Any) -> str:
    """As OpenSSH writes it: SHA256:..."""
    return f"SHA256:{b64encode(sha256(key.asbytes()).digest()).decode().rstrip('=')}"


def _require_pinned(shown: str, spot: Spot) -> None:
    if not spot.host_key:
        said = "ask its owner whether this is his, and enter it as the key of the host."
        raise Unreachable(f"Nothing was sent yet. {spot.host} shows the key {shown}: {said}")
    if shown != spot.host_key:
        raise Unreachable(
            f"{spot.host} shows another key than the one entered, {shown}: nothing was sent. Ask its owner."
        )


def _sign_in(transport: paramiko.Transport, spot: Spot, secret: str) -> None:
    try:
        if not secret.startswith("-----BEGIN"):
            transport.auth_password(spot.user, secret)
            return
        try:
            key = paramiko.PKey.from_path(spot.secret)
        except (ValueError, TypeError, UnsupportedAlgorithm, paramiko.SSHException):
            said = "is no private key that can be read: expected Ed25519, ECDSA or RSA without a passphrase."
            raise Unreachable(f"{spot.secret.name} {said}") from None
        transport.auth_publickey(spot.user, key)
    except paramiko.AuthenticationException:
        raise Unreachable(f"{spot.host} refuses {spot.user}: user, password or key is wrong.") from None


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong with the other side, as a sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise Unreachable(f"There is no such folder or file: {error}"[:300]) from error
    except PermissionError as error:
        raise Unreachable(f"The server does not allow it: {error}"[:300]) from error
    except TimeoutError as error:
        raise Unreachable("The server did not answer in time.") from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise Unreachable(f"The server cannot be reached: {str(error) or type(error).__name__}"[:300]) from error


class SftpPlace:
    """A folder of an SFTP server."""

    def __init__(self, client: Any, spot: Spot) -> None:
        self._client = client
        self._folder = spot.folder.rstrip("/") or ("/" if spot.folder else ".")
        self._done = spot.done_folder if spot.done_folder.startswith("/") else f"{self._folder}/{spot.done_folder}"

    def files(self) -> Iterator[Found]:
        with told():
            entries = sorted(
                self._client.listdir_attr(self._folder)[:MOST_LISTED],
                key=lambda each: (each.st_mtime or 0, each.filename),
            )
        for each in entries:
            if stat.S_ISREG(each.st_mode or 0):
                yield _found(each.filename, each)

    def read(self, found: Found) -> bytes:
        path = f"{self._folder}/{found.name}"
        with told():
            with self._client.open(path, "rb") as file:
                file.prefetch(found.size_bytes)
                content: bytes = file.read(found.size_bytes)
            now = _found(found.name, self._client.stat(path))
        if now != found or len(content) != found.size_bytes:
            raise Changed
        return content

    def put_aside(self, found: Found, name: str) -> None:
        with told():
            with suppress(OSError):  # it is there
                self._client.mkdir(self._done)
            self._client.posix_rename(f"{self._folder}/{found.name}", f"{self._done}/{name}")

    def write(self, name: str, content: bytes) -> None:
        path = f"{self._folder}/{name}"
        with told():
            # Whoever looks meanwhile sees a file that is still being written.
            with self._client.open(f"{path}.part", "wb") as file:
                file.set_pipelined(True)
                file.write(content)
            self._client.posix_rename(f"{path}.part", path)


def _found(name: str, told_of: Any) -> Found:
    size = told_of.st_size or 0
    return Found(name, size, f"{size} {told_of.st_mtime or 0}")
