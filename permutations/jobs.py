"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from __future__ import annotations

from jobs.queue import own_connection
from permutations.work import work


def work_on_run(run_code: str) -> int:
    """How many chunks this worker finished before the run had none left for it."""
    with own_connection():
        return work(run_code)
