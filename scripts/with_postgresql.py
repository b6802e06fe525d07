"""Runs a command on a PostgreSQL server of its own in a temporary folder: with_postgresql.py COMMAND ...

Where none can be had, one sentence says so and the exit code is 0; with ATLASNEXUS_POSTGRESQL=required it is 2.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "atlasnexus"
DEBIANS_FOLDER = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")  # it refuses to run as root
READY_SECONDS = 60.0
# Rows of tests need not outlive a loss of power. No port: a socket in the folder only.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "autovacuum": "off",
}


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest of several."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [path for path in DEBIANS_FOLDER.glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def install() -> None:
    """Debian's package, where apt may install it."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (as_root and subprocess.call([*as_root, "true"], stderr=subprocess.DEVNULL)):
        return
    print("Installing Debian's postgresql for the tests ...", flush=True)
    for words in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "postgresql"]):
        command = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *words]
        subprocess.call(command, stdout=subprocess.DEVNULL)


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The address of a database of a server that ends with the block."""
    user = _owner()
    with tempfile.TemporaryDirectory(prefix="atlas-pg-", ignore_cleanup_errors=True) as name:
        folder, data = Path(name), Path(name) / "data"
        if user:
            shutil.chown(folder, user)
        me = pwd.getpwuid(os.geteuid()).pw_name
        _initialise(programs, data, user, me)
        options = [word for key, value in OPTIONS.items() for word in ("-c", f"{key}={value}")]
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options]
        with (folder / "log").open("wb") as log:
            # Its own session: Ctrl-C ends the tests first, and the server in order after them.
            process = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd=folder, start_new_session=True)
        try:
            _wait_until_ready(programs, folder, process)
            subprocess.run([programs / "createdb", "-h", folder, "-U", me, NAME], check=True, env=_plain())
            yield f"postgres:///{folder}/{NAME}"  # as the role that has this user's name
        finally:
            process.send_signal(signal.SIGINT)  # "fast": open connections are ended
            process.wait(READY_SECONDS)


def _owner() -> str | None:
    """Whom the server runs as: this user, or another where this one is root."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _plain() -> dict[str, str]:
    """The environment without somebody's own settings of PostgreSQL."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _initialise(programs: Path, data: Path, user: str | None, role: str) -> None:
    command = [programs / "initdb", "-D", data, "-U", role, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run(
        [*command, "--no-sync"], user=user, check=True, stdout=subprocess.DEVNULL, cwd=data.parent, env=_plain()
    )


def _wait_until_ready(programs: Path, folder: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_SECONDS
    while subprocess.call([programs / "pg_isready", "-q", "-h", folder], env=_plain()):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-2_000:]}")
        time.sleep(0.1)


def main() -> int:
    """The command's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server ends with this process
    programs = find_programs()
    if programs is None:
        install()
        programs = find_programs()
    if programs is None:
        print("No PostgreSQL can be had here: what is tried on it is skipped.", file=sys.stderr)
        return 2 if os.environ.get("ATLASNEXUS_POSTGRESQL") == "required" else 0
    with server(programs) as address:
        path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.call(sys.argv[1:], env={**_plain(), "DATABASE_URL": address, "PATH": path})


if __name__ == "__main__":
    sys.exit(main())
