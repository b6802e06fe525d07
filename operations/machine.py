"""What this machine has left: memory, processors, a process's memory. Nothing where the system does not tell."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from lib.cores import usable_cores

KIBIBYTE = 1024


def memory_ratio() -> float | None:
    """The share of the memory that is in use."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return 1.0 - _kibibytes(lines["MemAvailable"]) / _kibibytes(lines["MemTotal"])
    except (OSError, KeyError, ValueError, ZeroDivisionError):
        return None


def processor_ratio() -> float | None:
    """How many processes wanted a core in the last five minutes, of the cores there are: above 1 some waited."""
    try:
        return os.getloadavg()[1] / usable_cores()
    except OSError:
        return None


def process_bytes(host: str, pid: int) -> int | None:
    """The memory of a process of this machine; None for another's, or one that has ended."""
    if host != socket.gethostname():
        return None
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(_kibibytes(lines["VmRSS"])) * KIBIBYTE
    except (OSError, KeyError, ValueError):
        return None


def _kibibytes(text: str) -> float:
    return float(text.split(maxsplit=1)[0])
