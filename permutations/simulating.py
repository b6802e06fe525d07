"""A permutation on correlated paths, as a job of a worker."""

from __future__ import annotations

from engine.risk import SimulationTerms, simulate, summarise
from jobs.registry import Answer
from jobs.work import Held
from permutations.models import Simulation
from permutations.translate import engine_case


def simulate_paths(simulation: Simulation, held: Held) -> Answer:
    """What the paths found, by the simulation's own terms."""
    terms = SimulationTerms.from_dict(simulation.terms)
    deal = engine_case(simulation.run).deal_of(simulation.permutation_index)
    found = simulate(deal, terms, held.report)
    return summarise(found).to_dict()
