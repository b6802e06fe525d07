"""What the supervisor does: run, demo, serve."""

import fcntl
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from atlasnexus import VERSION
from atlasnexus.supervisor import platform
from atlasnexus.supervisor.errors import GaveUp, Refused, Stopped
from atlasnexus.supervisor.ports import DEFAULT_PORT, listen
from atlasnexus.supervisor.processes import Group
from lib.datadir import redis_socket

ROOT = Path(__file__).resolve().parents[2]
DEMO_CODE = re.compile(r"\bcode ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")

DEMO_PACK = "demo-pack.zip"
DEMO_NOTES = "demo-notes.zip"

COMPILING = "Loading the engine's kernels; the first time on a machine they are compiled, one to five minutes ..."


def run() -> None:
    """Serves, shows the main job on the demo project, stays until Ctrl-C."""
    with _platform() as (group, address):
        _show_the_main_job(group)
        _say(f"\nAtlas Nexus is at {address}\nCtrl-C stops it.")
        _until_stopped(group)


def demo() -> None:
    """Serves, does the main job, ends."""
    began_at = time.monotonic()
    with _platform() as (group, address):
        _show_the_main_job(group)
        _say(f"\nDone in {time.monotonic() - began_at:.0f} s; it was served at {address}")


def serve() -> None:
    """Serves what is there, logs on the console."""
    with _platform(logs_to_files=False) as (group, address):
        _say(f"Atlas Nexus is at {address}")
        _until_stopped(group)


VERBS: dict[str, Callable[[], None]] = {"run": run, "demo": demo, "serve": serve}


def _until_stopped(group: Group) -> None:
    try:
        group.watch()
    except Stopped:
        _say("\nStopping.")


@contextmanager
def _platform(*, logs_to_files: bool = True) -> Iterator[tuple[Group, str]]:
    os.chdir(ROOT)
    began_at = time.monotonic()
    data_dir: Path = _setting("ATLASNEXUS_DATA_DIR")
    host = os.environ.get("HOST") or "127.0.0.1"
    with _alone_in(data_dir), listen(host, os.environ.get("PORT", "")) as listening:
        with Group(_fresh(data_dir / "logs") if logs_to_files else None) as group:
            group.listen_to_signals()
            port = listening.getsockname()[1]
            _say(f"Atlas Nexus {VERSION}, data in {data_dir}")
            if not os.environ.get("PORT") and port != DEFAULT_PORT:
                _say(f"Port {DEFAULT_PORT} is taken; this one serves on {port}.")
            redis = platform.start_redis(group, _setting("REDIS_URL"), redis_socket(data_dir))
            _prepare(group, "rows")
            web: int = _setting("ATLASNEXUS_WEB_PROCESSES")
            platform.start_web(group, listening, web)
            _prepare(group, "kernels", if_slow=COMPILING)
            workers: int = _setting("ATLASNEXUS_WORKERS")
            platform.start_workers(group, workers)
            platform.start_watcher(group)
            seconds = time.monotonic() - began_at
            _say(f"{web} web servers, {workers} workers and their watcher, Redis ({redis}): up in {seconds:.1f} s")
            yield group, f"http://{_shown(host)}:{port}/"


def _prepare(group: Group, what: str, *, if_slow: str = "") -> None:
    if group.run([sys.executable, "-m", "atlasnexus.prepare", what], if_slow=if_slow):
        raise Refused(f"The {what} could not be made ready; the reason is above.")


def _show_the_main_job(group: Group) -> None:
    """The demo is loaded and run through the real queue; its best financings and their notes are on the console, a pack is made."""
    told = _load_demo(group)
    code = DEMO_CODE.search(told)
    if code is None:
        raise GaveUp(f"The demo did not name its project.\n{told}")
    if group.run([sys.executable, "manage.py", "run_permutations", "--project", code.group(1)]):
        raise GaveUp("The run did not finish; the reason is above, the processes' logs are in the data folder.")
    pack: Path = _setting("ATLASNEXUS_DATA_DIR") / DEMO_PACK
    _say("\nThe execution pack of the best permutation:")
    if group.run([sys.executable, "manage.py", "make_pack", code.group(1), "--out", str(pack)]):
        raise GaveUp("The execution pack could not be made; the reason is above.")
    _say("\nThe best permutation as notes:")
    papers: Path = _setting("ATLASNEXUS_DATA_DIR") / DEMO_NOTES
    if group.run([sys.executable, "manage.py", "run_structure", "--project", code.group(1), "--papers", str(papers)]):
        raise GaveUp("The notes could not be run; the reason is above.")
    if group.run([sys.executable, "manage.py", "load_reconciliation_demo"]):
        raise GaveUp("The demo's day of files could not be compared; the reason is above.")
    _say("\nA strategy of the demo's desk:")
    if group.run([sys.executable, "manage.py", "load_strategy_demo"]):
        raise GaveUp("The demo's strategy could not be worked out; the reason is above.")
    _say("\n" + told)


def _load_demo(group: Group) -> str:
    """What the demo says of itself: its project, and who may sign in."""
    with tempfile.TemporaryFile() as output:
        if group.run([sys.executable, "manage.py", "load_demo"], output):
            raise GaveUp("The demo could not be loaded; the reason is above.")
        output.seek(0)
        return output.read().decode(errors="replace").strip()


def _setting(name: str) -> Any:
    try:
        return getattr(settings, name)
    except (OSError, ValueError, ImproperlyConfigured) as error:
        raise Refused(f"The settings cannot be used: {error}.") from error


@contextmanager
def _alone_in(data_dir: Path) -> Iterator[None]:
    """Nobody else supervises in this data folder meanwhile; the lock goes with the process, however it ends."""
    with (data_dir / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Refused(
                f"Atlas Nexus runs already on the data in {data_dir} (process {lock.read().strip()}). "
                "Stop it first, or give this one a folder of its own: ATLASNEXUS_DATA_DIR=/some/folder."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _fresh(log_dir: Path) -> Path:
    """The folder, with the logs of the last time put aside."""
    log_dir.mkdir(exist_ok=True)
    for log in log_dir.glob("*.log"):
        log.replace(log.with_suffix(".log.last"))
    return log_dir


def _shown(host: str) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return everywhere.get(host, f"[{host}]" if ":" in host else host)


def _say(text: str) -> None:
    print(text, flush=True)
