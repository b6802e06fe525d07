"""Looks after active jobs and what else must not be lost: whatever lost its worker or its place in the queue goes on."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection

from jobs.recovery import recover
from jobs.registry import sweeps
from jobs.watching import RECOVERY, watched

LOOK_SECONDS = 2.0
SWEEP_SECONDS = 5.0
JOIN_SECONDS = 2.0


class Command(BaseCommand):
    """Run beside the workers; several may run at once."""

    requires_system_checks = ()  # `migrate` has just made them; they would load every page first
    help = "Frees parts of dead workers, queues missing entries of active jobs, sends mails that no worker has sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Look once and end.")
        parser.add_argument("--seconds", type=float, default=LOOK_SECONDS, help="Pause between looks.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self._look_once()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # A mail server may take its time: each sweep has a thread of its own.
        threads = [threading.Thread(target=_sweep_until, args=(stop, *each), daemon=True) for each in sweeps().items()]
        for thread in threads:
            thread.start()
        while not stop.wait(options["seconds"]):
            _survive(RECOVERY, _recovered)
        for thread in threads:
            thread.join(timeout=JOIN_SECONDS)

    def _look_once(self) -> None:
        found = recover()
        if any((found.parts_freed, found.given_up, found.entries)):
            self.stdout.write(
                f"{found.parts_freed} parts freed, {found.given_up} jobs given up, {found.entries} entries queued"
            )
        for name, sweep in sweeps().items():
            if count := sweep():
                self.stdout.write(f"{count} {name}")


def _recovered() -> int:
    found = recover()
    return found.parts_freed + found.given_up + found.entries


def _sweep_until(stop: threading.Event, name: str, sweep: Callable[[], int]) -> None:
    while not stop.wait(SWEEP_SECONDS):
        _survive(name, sweep)
    connection.close()


def _survive(name: str, look: Callable[[], int]) -> None:
    close_old_connections()
    watched(name, look)
