"""Looks after active runs and unsent mails: whatever lost its worker or its place in the queue goes on."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from jobs.work import kinds, recover
from notifications.outbox import sweep, sweep_until
from permutations.recovery import recover_runs

LOOK_SECONDS = 2.0
JOIN_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Run beside the workers; several may run at once."""

    requires_system_checks = ()  # `migrate` has just made them; they would load every page first
    help = "Frees chunks of dead workers, queues missing tickets of active runs, sends mails that no job has sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Look once and end.")
        parser.add_argument("--seconds", type=float, default=LOOK_SECONDS, help="Pause between looks.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            for found in recover_runs():
                self.stdout.write(f"{found.run}: {found.chunks_freed} chunks freed, {found.tickets} tickets queued")
            for kind in kinds():
                if looked_after := recover(kind):
                    self.stdout.write(f"{looked_after} {kind._meta.verbose_name_plural} looked after")
            if sent := sweep():
                self.stdout.write(f"{sent} mails sent")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        post = threading.Thread(target=sweep_until, args=(stop,), name="outbox", daemon=True)
        post.start()
        while not stop.wait(options["seconds"]):
            _look()
        post.join(timeout=JOIN_SECONDS)


def _look() -> None:
    close_old_connections()
    # The watcher outlives whatever it watches: an absent database is looked for again.
    try:
        recover_runs()
        for kind in kinds():
            recover(kind)
    except DatabaseError as error:
        log.warning("watch_failed", reason=str(error))
