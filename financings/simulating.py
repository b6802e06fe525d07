"""A financing on correlated paths, as a task of a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.risk import SimulationTerms, simulate, summarise
from financings.models import Simulation
from financings.translate import engine_deal
from jobs import work

READ_WITH = ("financing__snapshot", "financing__rule_set")


def run_simulation(code: str | UUID, worker: str | None = None) -> bool:
    """True when this call brought the simulation to its end; False where another did, or does."""
    return work.do(Simulation.objects.select_related(*READ_WITH), code, _simulate, worker)


def _simulate(simulation: Simulation, worker: str) -> dict[str, Any]:
    terms = SimulationTerms.from_dict(simulation.terms)
    deal = engine_deal(simulation.financing)
    found = simulate(deal, terms, lambda done: work.heartbeat(simulation, worker, paths_done=done))
    return summarise(found).to_dict()
