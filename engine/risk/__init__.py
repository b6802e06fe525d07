"""What may happen to one structure, and how often: correlated paths, every month of each, losses by tranche."""

from engine.risk.paths import PathBlock, path_blocks
from engine.risk.simulate import Simulation, simulate
from engine.risk.summary import SimulationSummary, TrancheRisk, summarise
from engine.risk.terms import FIELDS, PROVENANCE, TENANT_DEFAULT_RATES, SimulationTerms

__all__ = [
    "FIELDS",
    "PROVENANCE",
    "TENANT_DEFAULT_RATES",
    "PathBlock",
    "Simulation",
    "SimulationSummary",
    "SimulationTerms",
    "TrancheRisk",
    "path_blocks",
    "simulate",
    "summarise",
]
