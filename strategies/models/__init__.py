"""Rows of the strategy floor: desks and their people, data, strategies and their runs."""

from strategies.models.data import Dataset, DatasetKind, ImportState, PanelImport, Universe
from strategies.models.desks import Desk, Function, Membership
from strategies.models.flow import (
    Attendance,
    CheckStatus,
    Comment,
    ComplianceCheck,
    Decision,
    DeskLimits,
    Export,
    ExportForm,
    ExportLink,
    ListEntry,
    ListKind,
    OrderState,
    PaperOrder,
    Place,
    RoleRun,
)
from strategies.models.work import ScenarioSet, State, Strategy, StrategyRun, StrategyVersion, Task

__all__ = [
    "Attendance",
    "CheckStatus",
    "Comment",
    "ComplianceCheck",
    "Dataset",
    "DatasetKind",
    "Decision",
    "Desk",
    "DeskLimits",
    "Export",
    "ExportForm",
    "ExportLink",
    "Function",
    "ImportState",
    "ListEntry",
    "ListKind",
    "Membership",
    "OrderState",
    "PanelImport",
    "PaperOrder",
    "Place",
    "RoleRun",
    "ScenarioSet",
    "State",
    "Strategy",
    "StrategyRun",
    "StrategyVersion",
    "Task",
    "Universe",
]
