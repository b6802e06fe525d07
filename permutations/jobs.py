"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from __future__ import annotations

from django.db import close_old_connections

from permutations import trials
from permutations.impacts import work_out
from permutations.simulating import run_simulation
from permutations.work import work


def work_on_run(run_code: str) -> int:
    """How many chunks this worker finished before the run had none left for it."""
    # A worker lives long: a connection that broke while it waited must not fail the run.
    close_old_connections()
    try:
        return work(run_code)
    finally:
        close_old_connections()


def work_on_impact(impact_code: str) -> bool:
    """True when this worker worked the impact out."""
    close_old_connections()
    try:
        return work_out(impact_code)
    finally:
        close_old_connections()


def run_simulation_ticket(code: str) -> bool:
    """True if this worker brought the simulation to its end."""
    close_old_connections()
    try:
        return run_simulation(code)
    finally:
        close_old_connections()


def work_on_trial(trial_code: str) -> bool:
    """Whether this worker finished the trial of a rule set."""
    close_old_connections()
    try:
        return trials.work_on_trial(trial_code)
    finally:
        close_old_connections()
