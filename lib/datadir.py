"""The data folder: where it is and what is kept in it."""

import os
import secrets
import stat
import tempfile
from hashlib import sha256
from pathlib import Path

LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes on Linux and 103 on macOS


def ensure_data_dir(path: Path) -> Path:
    """The folder, made for its owner alone if it was not there; one that was there is closed to everybody but its group."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_mode & stat.S_IRWXO and found.st_uid == os.getuid():
        path.chmod(stat.S_IMODE(found.st_mode) & ~stat.S_IRWXO)
    return path.resolve()


def secret_key(data_dir: Path) -> str:
    """The key of this installation, made once and readable by its owner only."""
    path = data_dir / "secret_key"
    _write_once(path, secrets.token_urlsafe(64))
    return path.read_text().strip()


def signing_key(data_dir: Path) -> str:
    """The key that signs what this installation issues, as 64 hex digits; made once, readable by its owner only."""
    path = data_dir / "signing_key"
    _write_once(path, secrets.token_hex(32))
    return path.read_text().strip()


def redis_socket(data_dir: Path) -> Path:
    """The embedded Redis' socket; in the system's temporary folder where the data folder's path is too long."""
    socket = data_dir / "redis.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    name = sha256(os.fsencode(data_dir)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"atlasnexus-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    return folder / "redis.sock"


def _write_once(path: Path, text: str) -> None:
    if path.exists():
        return
    # Two processes may start at once: each writes its own file, the first link wins, nobody reads half a key.
    descriptor, own = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        Path(own).unlink()
