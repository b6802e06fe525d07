"""A group of processes that live and end together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Self

from atlasnexus.supervisor.errors import GaveUp, Stopped

LOOK_SECONDS = 0.1
SLOW_SECONDS = 3.0  # until a task says what takes it so long
AGAIN_SECONDS = 15.0  # between two signs of life of a slow one
MOST_DEATHS, DEATHS_WITHIN_SECONDS = 5, 60.0
PATIENCE_SECONDS = 15.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Service:
    """A process that should always run."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()  # open files it inherits
    grace_seconds: float = 5.0  # between the request to end and the kill
    outlives_others: bool = False  # the others need it while they end


@dataclass
class _Running:
    service: Service
    process: "subprocess.Popen[bytes]"
    deaths: deque[float]
    due_at: float | None = None  # when a dead one is started again


class Group:
    """Services under one roof: restarted when they die, ended together."""

    def __init__(self, log_dir: Path | None = None) -> None:
        self.log_dir = log_dir
        self._running: list[_Running] = []
        self._requests_to_stop = 0
        self._serves = False
        if log_dir:
            log_dir.mkdir(parents=True, exist_ok=True)

    def listen_to_signals(self) -> None:
        """From now on Ctrl-C and the usual signals end the group; a second one ends it at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def start(self, service: Service) -> None:
        """The service runs, and is started again when it dies."""
        self._running.append(_Running(service, self._spawn(service), deque(maxlen=MOST_DEATHS)))

    def pids(self) -> dict[str, int]:
        return {running.service.name: running.process.pid for running in self._running}

    def wait_for(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Returns once it is ready; services are watched meanwhile."""
        end = time.monotonic() + seconds
        while not is_ready():
            if time.monotonic() > end:
                raise GaveUp(f"{what} was not ready after {seconds:.0f} seconds.{self._tails()}")
            self.look()
            time.sleep(LOOK_SECONDS)

    def run(self, command: Sequence[str], output: IO[bytes] | None = None, *, if_slow: str = "") -> int:
        """The exit code of a task, its output on the console or in `output`; services are watched while it runs.

        A slow one says `if_slow`, then every so often for how long it has been at it.
        """
        began_at = time.monotonic()
        slow_at, words = began_at + SLOW_SECONDS, if_slow
        process = _spawn(command, {}, output=output)
        try:
            while process.poll() is None:
                self.look()
                if if_slow and time.monotonic() > slow_at:
                    print(words, flush=True)
                    slow_at += AGAIN_SECONDS
                    words = f"... still at it after {slow_at - began_at:.0f} s"
                time.sleep(LOOK_SECONDS)
            return int(process.returncode)
        finally:
            _end(process, time.monotonic() + 0.5)

    def look(self) -> None:
        """Starts dead services again; stops when asked to, or when one keeps dying."""
        if self._requests_to_stop:
            raise Stopped("Stopped.")
        for running in self._running:
            self._look_at(running)

    def watch(self) -> None:
        """Watches until somebody asks to stop. One that keeps dying is waited for: the others serve on."""
        self._serves = True
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Everything has ended, those the others need last."""
        for last in (False, True):
            self._stop([running for running in self._running if running.service.outlives_others is last])
        self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._requests_to_stop += 1

    def _spawn(self, service: Service) -> "subprocess.Popen[bytes]":
        if self.log_dir is None:
            return _spawn(service.command, service.environment, service.descriptors)
        with (self.log_dir / f"{service.name}.log").open("ab") as log:
            return _spawn(service.command, service.environment, service.descriptors, log, subprocess.STDOUT)

    def _look_at(self, running: _Running) -> None:
        now = time.monotonic()
        if running.due_at is not None:
            if now >= running.due_at:
                running.process, running.due_at = self._spawn(running.service), None
            return
        if running.process.poll() is None:
            return
        running.deaths.append(now)
        name, keeps_dying = running.service.name, now - running.deaths[0] < DEATHS_WITHIN_SECONDS
        if len(running.deaths) == MOST_DEATHS and keeps_dying:
            words = f"{name} died {MOST_DEATHS} times in a minute.{self._tail(running.service)}"
            if not self._serves:
                raise GaveUp(words)
            print(f"{words}\nIt is started again in {PATIENCE_SECONDS:.0f} s.", file=sys.stderr)
            running.due_at = now + PATIENCE_SECONDS
            running.deaths.clear()
            return
        print(f"{name} ended ({running.process.returncode}); starting it again.", file=sys.stderr)
        running.due_at = now + 0.1 * 2 ** len(running.deaths)

    def _stop(self, ending: Sequence[_Running]) -> None:
        for running in ending:
            _signal(running.process, signal.SIGTERM)
        asked_at = time.monotonic()
        for running in ending:
            grace_seconds = 0.0 if self._requests_to_stop > 1 else running.service.grace_seconds
            _end(running.process, asked_at + grace_seconds)

    def _tails(self) -> str:
        return "".join(self._tail(running.service) for running in self._running)

    def _tail(self, service: Service, lines: int = 15) -> str:
        path = self.log_dir / f"{service.name}.log" if self.log_dir else None
        if path is None or not path.exists():
            return ""
        last = path.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(["", f"--- {path}", *last]) if last else ""


def _spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    descriptors: tuple[int, ...] = (),
    output: IO[bytes] | None = None,
    errors: int | None = None,
) -> "subprocess.Popen[bytes]":
    """A process in a group of its own, so that Ctrl-C reaches this one only and its children can be ended with it."""
    return subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        pass_fds=descriptors,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509  # this process has one thread
    )


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    # When this process is killed outright it can end nobody any more; Linux then does. All data survive a kill.
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(process: "subprocess.Popen[bytes]", deadline: float) -> None:
    """The process and its children are gone, by their own will until the deadline, after it without."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        pass
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # nobody of the group is left
