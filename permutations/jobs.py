"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections
from django.utils.module_loading import import_string

from permutations.tasks import kind_of
from permutations.work import work


def work_on_run(run_code: str) -> int:
    """How many chunks this worker finished before the run had none left for it."""
    with _own_connection():
        return work(run_code)


def work_on_task(ticket: str, code: str) -> bool:
    """True when this worker brought the task to its end."""
    with _own_connection():
        return bool(import_string(kind_of(ticket).worker)(code))


@contextmanager
def _own_connection() -> Iterator[None]:
    # A worker lives long: a connection that broke while it waited must not fail the work.
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
