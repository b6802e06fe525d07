"""Servers on loopback that files are fetched from: SFTP by asyncssh, a bucket by moto."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncssh
import boto3
from moto.server import ThreadedMotoServer

PASSWORD = "open sesame"  # of a server that lives as long as a test
USER = "atlas"


class OneUser(asyncssh.SSHServer):
    """Lets one user in, by his password."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def sftp_server(root: Path, user_key: Any = None) -> Iterator[SimpleNamespace]:
    """Its port and the fingerprint of its key; `root` is all that it shows."""
    loop, key = asyncio.new_event_loop(), asyncssh.generate_private_key("ssh-ed25519")
    logins: list[str] = []
    connections: list[Any] = []

    class Counted(OneUser):
        def connection_made(self, conn: Any) -> None:
            connections.append(conn)

        def begin_auth(self, username: str) -> bool:
            logins.append(username)
            return True

    async def start() -> Any:
        more = {}
        if user_key is not None:
            more["authorized_client_keys"] = asyncssh.import_authorized_keys(user_key.export_public_key().decode())
        return await asyncssh.create_server(
            Counted,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
            **more,
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield SimpleNamespace(port=server.get_port(), fingerprint=key.get_fingerprint("sha256"), logins=logins)
    finally:
        asyncio.run_coroutine_threadsafe(ended(server, connections), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def ended(server: Any, connections: list[Any]) -> None:
    """Nobody is connected any more, and nobody comes."""
    server.close()
    for each in connections:
        each.abort()
        await each.wait_closed()
    await server.wait_closed()


@contextmanager
def bucket() -> Iterator[SimpleNamespace]:
    """A bucket of a service on loopback, and a client that looks into it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.session.Session().client(
        "s3",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="KEY",
        aws_secret_access_key=PASSWORD,
    )
    client.create_bucket(Bucket="statements")
    try:
        yield SimpleNamespace(address=address, client=client)
    finally:
        client.close()
        server.stop()
