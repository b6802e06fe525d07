"""Rows of the strategy floor: desks and their people, data, strategies and their runs."""

from strategies.models.data import Dataset, DatasetKind, ImportState, PanelImport, Universe
from strategies.models.desks import Desk, Function, Membership
from strategies.models.work import ScenarioSet, State, Strategy, StrategyRun, StrategyVersion, Task

__all__ = [
    "Dataset",
    "DatasetKind",
    "Desk",
    "Function",
    "ImportState",
    "Membership",
    "PanelImport",
    "ScenarioSet",
    "State",
    "Strategy",
    "StrategyRun",
    "StrategyVersion",
    "Task",
    "Universe",
]
