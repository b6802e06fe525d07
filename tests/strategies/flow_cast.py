"""Runs as workers leave them, and a strategy brought to any state of its flow."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from engine import ENGINE_VERSION
from jobs.models import JobState
from strategies.models import ComplianceCheck, Strategy, StrategyRun, StrategyVersion, Task
from strategies.queries import datasets_in_force, latest_version
from strategies.services.check import check_version
from strategies.services.decide import take_step

# Seven names of the drawn market that trade on its last day, each within every limit of one name.
WEIGHTS = {f"RA{number:02d}": 0.04 for number in range(1, 8)}
RISK = {
    "tracking_error": 0.03,
    "var95_one_day": 0.012,
    "es975_one_day": 0.017,
    "beta": 0.28,
    "exposures": {"market": 0.28},
}
SCENARIOS = [
    {"name": name, "pnl": pnl} for name, pnl in (("Market falls", -0.05), ("Rates rise", -0.02), ("Calm", 0.01))
]
TEAR_SHEET = {
    "days": 300, "total_return": 0.0812, "yearly_return": 0.0678, "volatility": 0.09, "sharpe_ratio": 0.75,
    "drawdown": {"depth_ratio": -0.061}, "turnover_ratio": 1.2,
    "waterfall": {"commission": -1200.0, "slippage": -3400.0, "borrow": 0.0},
}  # fmt: skip


def left_run(by: User, version: StrategyVersion, task: Task, summary: dict[str, Any]) -> StrategyRun:
    """A run of a task as a worker leaves it."""
    return StrategyRun.objects.create(
        version=version,
        task=task,
        state=JobState.DONE,
        summary=summary,
        datasets=datasets_in_force(version.strategy.universe),
        engine_version=ENGINE_VERSION,
        requested_by=by,
        title=f"{Task(task).label}: {version}",
    )


def worked(by: User, strategy: Strategy, weights: dict[str, float] | None = None) -> StrategyVersion:
    """The strategy's version with a portfolio, its risk, three scenarios and a backtest."""
    version = latest_version(strategy)
    left_run(by, version, Task.OPTIMISE, {"weights": weights or WEIGHTS})
    left_run(by, version, Task.RISK, RISK)
    left_run(by, version, Task.SCENARIOS, {"scenarios": SCENARIOS})
    left_run(by, version, Task.BACKTEST, {"tear_sheet": TEAR_SHEET, "trades_count": 42})
    return version


def signed(by: User, strategy: Strategy, reason: str = "Checked by hand.") -> ComplianceCheck:
    """The check that is seen and signed."""
    check = check_version(by=by, version=latest_version(strategy))
    take_step(by=by, strategy=strategy, step="approve", reason=reason, seen_hash=check.inputs_hash)
    strategy.refresh_from_db()
    return check


def approved(strategy: Strategy, quant: User, risk_manager: User, officer: User) -> Strategy:
    """The strategy through every gate."""
    worked(quant, strategy)
    take_step(by=quant, strategy=strategy, step="submit")
    take_step(by=risk_manager, strategy=strategy, step="pass_risk")
    signed(officer, strategy)
    return strategy
