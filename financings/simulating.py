"""A financing on correlated paths, as a job of a worker."""

from __future__ import annotations

from engine.risk import SimulationTerms, simulate, summarise
from financings.models import Simulation
from financings.translate import engine_deal
from jobs.registry import Answer
from jobs.work import Held


def simulate_paths(simulation: Simulation, held: Held) -> Answer:
    """What the paths found, by the simulation's own terms."""
    terms = SimulationTerms.from_dict(simulation.terms)
    found = simulate(engine_deal(simulation.financing), terms, held.report)
    return summarise(found).to_dict()
