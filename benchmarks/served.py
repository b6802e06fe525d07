"""The product's own processes for a benchmark, as `make serve` starts them, and a lean way to ask them."""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lib.kernel_cache import kernel_cache_dir

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300
SET_COOKIE = re.compile(r"([^=]+)=([^;]*)")


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, dict[str, str]]]:
    """The running platform with its data in `folder`: its supervisor, its port on loopback, its environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "ATLASNEXUS_DATA_DIR": str(folder),
        "NUMBA_CACHE_DIR": str(kernel_cache_dir(ROOT / ".var")),
        "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/atlasnexus.sqlite3"),
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings",
        "ATLASNEXUS_ADMIN_OTP": "optional",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    log = folder / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "atlasnexus.supervisor", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(server, port, log)
            yield server, port, environment
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def told_by(script: str, verb: str, environment: Mapping[str, str]) -> Any:
    """What `script verb` prints as JSON on its last line, in a process of its own with the product's settings."""
    done = subprocess.run([sys.executable, script, verb], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def await_workers() -> None:
    """Returns once every worker has loaded its kernels and waits for work."""
    import django_rq
    from django.conf import settings
    from rq import Worker

    until = time.monotonic() + READY_SECONDS
    while Worker.count(connection=django_rq.get_connection("default")) < settings.ATLASNEXUS_WORKERS:
        if time.monotonic() > until:
            raise SystemExit(f"Expected {settings.ATLASNEXUS_WORKERS} workers within {READY_SECONDS} s.")
        time.sleep(0.5)


def web_seconds(server: subprocess.Popen[bytes]) -> float:
    """Processor time of the web servers so far, as Linux tells it; not a number elsewhere."""
    if not Path("/proc/self/stat").exists():
        return math.nan
    seconds = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            is_web = int(fields[1]) == server.pid and b"atlasnexus.web" in (folder / "cmdline").read_bytes()
        except OSError:  # ended meanwhile
            continue
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if is_web else 0.0
    return seconds


def quantile(ordered: list[float], share: float) -> float:
    """The value below which that share of them lies; not a number of none."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else math.nan


@dataclass(slots=True)
class Reply:
    """An answer: `seconds` to its first byte, `whole_seconds` to its last."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    whole_seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Visitor:
    """Somebody with a kept connection and cookies of their own, on plain sockets: what it needs itself is little."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, address: str, **headers: str) -> Reply:
        return await self._ask("GET", address, b"", headers)

    async def post(self, address: str, typed: Mapping[str, str], **headers: str) -> Reply:
        """A form, sent as a browser sends it."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", address, urlencode(typed).encode(), {**form, **headers})

    async def send(
        self, method: str, address: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """JSON, as a program sends it."""
        told = {"Content-Type": "application/json", **(headers or {})}
        return await self._ask(method, address, b"" if body is None else json.dumps(body).encode(), told)

    async def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        began = time.perf_counter()
        is_new = self._streams is None or self._streams[0].at_eof()
        if is_new:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        lines = [f"{method} {address} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(body)}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        lines += [f"{name}: {value}" for name, value in {**self.headers, **headers}.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        first = await reader.readline()
        if not first and not is_new:
            self._streams = None  # it was closed while nothing was asked: as a browser does, on a new one
            return await self._ask(method, address, body, headers)
        seconds = time.perf_counter() - began
        told = self._headers(await reader.readuntil(b"\r\n\r\n"))
        answer = await _body(reader, told)
        if told.get("connection") == "close":
            writer.close()
            self._streams = None
        return Reply(int(first.split()[1]), told, answer, seconds, time.perf_counter() - began)

    def _headers(self, raw: bytes) -> dict[str, str]:
        told: dict[str, str] = {}
        for line in raw.decode("latin-1").splitlines():
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie" and (cookie := SET_COOKIE.match(value)):
                self.cookies[cookie[1]] = cookie[2]
            elif name:
                told[name.lower()] = value
        return told


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"The platform did not start:\n{log.read_text()[-2000:]}")
