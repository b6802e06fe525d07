"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import close_old_connections

from permutations.impacts import work_out
from permutations.models import Impact, RuleSetTrial, Simulation
from permutations.simulating import run_simulation
from permutations.trials import work_on_trial
from permutations.work import work

TASKS: dict[str, Callable[[str], bool]] = {
    Impact.ticket: work_out,
    Simulation.ticket: run_simulation,
    RuleSetTrial.ticket: work_on_trial,
}


def work_on_run(run_code: str) -> int:
    """How many chunks this worker finished before the run had none left for it."""
    with _own_connection():
        return work(run_code)


def work_on_task(ticket: str, code: str) -> bool:
    """True when this worker brought the task to its end."""
    with _own_connection():
        return TASKS[ticket](code)


@contextmanager
def _own_connection() -> Iterator[None]:
    # A worker lives long: a connection that broke while it waited must not fail the work.
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
