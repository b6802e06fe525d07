"""What a sized structure does when the world turns out differently: scenarios, how far until it breaks, sensitivities."""

from engine.stress.drivers import DRIVERS, Driver
from engine.stress.reverse import Breach, ReverseRow, Target, reverse_stress
from engine.stress.run import StressOutcome, StressReport, grid_scenario, run_scenarios, scenario_periods, standard_grid
from engine.stress.scenarios import BASE, FIELDS, StressScenario, read_scenarios
from engine.stress.sensitivity import DEFAULT_SWINGS, HeatMap, Swing, TornadoBar, heat_map, tornado

__all__ = [
    "BASE",
    "DEFAULT_SWINGS",
    "DRIVERS",
    "FIELDS",
    "Breach",
    "Driver",
    "HeatMap",
    "ReverseRow",
    "StressOutcome",
    "StressReport",
    "StressScenario",
    "Swing",
    "Target",
    "TornadoBar",
    "grid_scenario",
    "heat_map",
    "read_scenarios",
    "reverse_stress",
    "run_scenarios",
    "scenario_periods",
    "standard_grid",
    "tornado",
]
