"""A worker's stay at a simulation: claim it, run its paths, keep what they say. Safe to be called twice."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from engine.errors import EngineError
from engine.risk import SimulationTerms, simulate, summarise
from permutations import claims
from permutations.models import Simulation, SimulationState
from permutations.tickets import enqueue_simulation, simulation_is_queued
from permutations.translate import engine_case

SILENCE = timedelta(seconds=30)
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)


def run_simulation(code: str, worker: str | None = None) -> bool:
    """True if this call brought the simulation to its end; False if it is another's, or at rest."""
    worker = worker or claims.worker_name()
    if not _claim(code, worker):
        return False
    simulation = Simulation.objects.select_related("run", "run__snapshot", "run__rule_set").get(code=code)
    try:
        terms = SimulationTerms.from_dict(simulation.terms)
        index = simulation.permutation_index
        found = simulate(engine_case(simulation.run), index, terms, lambda done: _tell(simulation, worker, done))
        return _finish(simulation, worker, SimulationState.DONE, summary=summarise(found).to_dict())
    except EngineError as error:
        return _finish(simulation, worker, SimulationState.FAILED, error=str(error))
    except Exception as error:
        log.exception("simulation_failed", simulation=code)
        _finish(simulation, worker, SimulationState.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def recover_simulations() -> int:
    """How many simulations were queued again: those without a ticket, and those whose worker fell silent."""
    lost = [each for each in Simulation.objects.filter(_startable()) if simulation_is_queued(each) is False]
    for simulation in lost:
        if simulation.attempts >= MAX_ATTEMPTS:
            _startable_row(simulation).update(
                state=SimulationState.FAILED,
                error=f"It lost its worker {MAX_ATTEMPTS} times.",
                finished_at=timezone.now(),
            )
        else:
            enqueue_simulation(simulation)
    return len(lost)


def _startable() -> Q:
    silent = Q(state=SimulationState.RUNNING, heartbeat_at__lt=timezone.now() - SILENCE)
    return Q(state=SimulationState.QUEUED) | silent


def _startable_row(simulation: Simulation) -> QuerySet[Simulation]:
    return Simulation.objects.filter(_startable(), pk=simulation.pk)


def _claim(code: str, worker: str) -> bool:
    claimed = Simulation.objects.filter(_startable(), code=code).update(
        state=SimulationState.RUNNING, claimed_by=worker, heartbeat_at=timezone.now(), paths_done=0,
        attempts=F("attempts") + 1,
    )  # fmt: skip
    return claimed == 1


def _tell(simulation: Simulation, worker: str, done: int) -> None:
    Simulation.objects.filter(pk=simulation.pk, claimed_by=worker, state=SimulationState.RUNNING).update(
        paths_done=done, heartbeat_at=timezone.now()
    )


def _finish(simulation: Simulation, worker: str, state: SimulationState, **kept: object) -> bool:
    """True unless another worker has taken the simulation over meanwhile."""
    mine = Simulation.objects.filter(pk=simulation.pk, claimed_by=worker, state=SimulationState.RUNNING)
    return mine.update(state=state, finished_at=timezone.now(), **kept) == 1
