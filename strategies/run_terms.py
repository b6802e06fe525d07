"""What is asked of a backtest, of risk and of scenarios beside the version: declared once for form, worker and page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems
from engine.strategies.backtest_terms import FIELDS as TRADING
from engine.strategies.backtest_terms import BacktestTerms

_N, _I = FieldKind.NUMBER, FieldKind.INTEGER
REBALANCES = {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "quarterly": "Quarterly"}

# Of the version: how it trades. The cash at the start stands beside them in its content.
CASH = next(spec for spec in TRADING if spec.path == "initial_cash_amount")
COSTS = tuple(spec for spec in TRADING if spec.path != CASH.path)

BACKTEST_FIELDS = (
    FieldSpec("known_days", "Days before the first target", _I, "count", 120, minimum=2, maximum=2_520,
              help="Prices that are known by then."),
    FieldSpec("estimation_days", "Walk-forward: days to choose on", _I, "count", None, minimum=20, maximum=2_520,
              help="Empty: no walk-forward."),
    FieldSpec("test_days", "Walk-forward: days to test on", _I, "count", 63, minimum=1, maximum=2_520),
)  # fmt: skip
RISK_FIELDS = (
    FieldSpec("confidence", "Confidence", _N, "share", 0.95, minimum=0.9, maximum=0.995),
    FieldSpec("window_days", "Days of the VaR window", _I, "count", 250, minimum=20, maximum=2_520),
)  # fmt: skip
SCENARIO_FIELDS = (
    FieldSpec("participation_ratio", "Share of a day's volume that is sold", _N, "share", 0.2, minimum=0.001, maximum=1),
    FieldSpec("volume_days", "Days of the average volume", _I, "count", 20, minimum=1, maximum=252),
    FieldSpec("deviations", "Size of a factor's move, in deviations of a month", _N, "factor", 2.0, minimum=0.1, maximum=20),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BacktestAsked:
    """When the first target is set, and the windows of a walk-forward; none without `estimation_days`."""

    known_days: int
    estimation_days: int | None
    test_days: int


@dataclass(frozen=True, slots=True)
class RiskAsked:
    """The confidence of every figure and the window of the rolling one."""

    confidence: float
    window_days: int


@dataclass(frozen=True, slots=True)
class ScenariosAsked:
    """How fast is sold, on which volume, and how far factors move in tornado and grid."""

    participation_ratio: float
    volume_days: int
    deviations: float


def read_terms(specs: Sequence[FieldSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the defaults for what is not given; raises InputProblems."""
    reader = Reader(specs, given)
    values = reader.read()
    if reader.problems:
        raise InputProblems(reader.problems)
    return values


def trading_terms(content: Mapping[str, Any]) -> BacktestTerms:
    """How a version trades; raises InputProblems."""
    return BacktestTerms.from_dict({**content["costs"], CASH.path: float(content[CASH.path])})
