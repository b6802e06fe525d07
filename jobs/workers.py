"""Which process works, and whether it still does."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

MAX_ATTEMPTS = 3


def worker_name() -> str:
    """This process, told apart from any other that had or will have its number: host:pid:start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_ticks(os.getpid())}"


def is_gone(worker: str) -> bool:
    """True when `worker` ran on this host and its process has ended; False when that cannot be known."""
    host, pid_text, ticks = worker.rsplit(":", 2) if worker.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not pid_text.isdigit():
        return False
    pid = int(pid_text)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _start_ticks(pid) != ticks


def lives(host: str, pid: int) -> bool:
    """False of a process of this host that has ended; Redis goes on naming it for minutes. True where that is not known."""
    return host != socket.gethostname() or _start_ticks(pid) not in {"0", "ended"}


def _start_ticks(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "0"
    fields = stat.rpartition(")")[2].split()
    # A zombie still has a number but will never work again.
    return "ended" if fields[0] in "ZX" else fields[19]


def stale_before() -> Any:
    """Heartbeats older than this belong to workers taken for dead."""
    return timezone.now() - timedelta(seconds=settings.ATLASNEXUS_STALE_SECONDS)
