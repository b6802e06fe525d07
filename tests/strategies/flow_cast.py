"""Runs as workers leave them, and a strategy brought to any state of its flow."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pyarrow as pa

from accounts.models import User
from engine import ENGINE_VERSION
from jobs.models import JobState
from records.services import install_missing
from strategies.frames import keep_frame
from strategies.limit_seeds import seed_documents
from strategies.models import ComplianceCheck, DeskLimits, Strategy, StrategyRun, StrategyVersion, Task
from strategies.queries import datasets_in_force, latest_version
from strategies.services.check import check_version
from strategies.services.decide import take_step

# Seven names of the drawn market that trade on its last day, each within every limit of one name.
WEIGHTS = {f"RA{number:02d}": 0.04 for number in range(1, 8)}
SCENARIOS = [
    {"name": name, "return": change, "pnl_amount": change * 1e7, "active_return": 0.0, "names": []}
    for name, change in (("Market falls", -0.05), ("Rates rise", -0.02), ("Calm", 0.01))
]
HEDGES = [
    {"instruments": ["market"], "amounts": [-2_000_000.0], "before": 0.05, "after": 0.03, "reduction": 0.4},
    {"instruments": ["rates"], "amounts": [500_000.0], "before": 0.05, "after": 0.049, "reduction": 0.02},
]
TEAR_SHEET = {
    "days": 300, "total_return": 0.0812, "yearly_return": 0.0678, "volatility": 0.09, "sharpe_ratio": 0.75,
    "drawdown": {"depth_ratio": -0.061}, "turnover_ratio": 1.2,
    "waterfall": {"commission": -1200.0, "slippage": -3400.0, "borrow": 0.0},
}  # fmt: skip
SIGNAL = {
    "factors": [{"field": "roe", "steps": [{"step": "neutral", "count": 7, "mean": 0.0, "sd": 1.02}]}],
    "rank_ic": {"mean": 0.03},
    "turnover": {"replaced_share": 0.21},
    "latest": {"date": "2023-02-24", "count": 7, "high": [["RA01", 1.4]], "low": [["RA02", -1.1]]},
}


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


def portfolio(weights: dict[str, float]) -> dict[str, Any]:
    """The answer of a portfolio run."""
    rows = [{"label": "No name above 5%", "is_binding": True, "price": 0.0123}]
    return {"weights": [{"ident": ident, "weight": weight} for ident, weight in weights.items()], "rows": rows}


def backtest() -> dict[str, Any]:
    """The answer of a backtest, with a ledger of three days in two months."""
    days = [date(2022, 1, 28), date(2022, 1, 31), date(2022, 2, 1)]
    ledger = keep_frame(pa.table({"date": days, "equity": [1e7, 1.01e7, 1.0812e7]}))
    return {"sheet": TEAR_SHEET, "trade_count": 42, "trades": "ab" * 32, "ledger": ledger}


def with_room(strategy: Strategy) -> None:
    """The strategy under the long-only limits, but for a tracking error that seven names of 4% can keep."""
    document = deepcopy(seed_documents()[0]) | {"family": "roomy-fund", "name": "Roomy fund"}
    row = next(row for row in document["content"]["limits"] if row["rule"] == "tracking_error")
    row |= {"review": 0.2, "block": 0.3}
    install_missing(model=DeskLimits, documents=[document])
    strategy.limits_family = "roomy-fund"
    strategy.save(update_fields=["limits_family"])


def worked(by: User, strategy: Strategy, weights: dict[str, float] | None = None) -> StrategyVersion:
    """The strategy's version with a portfolio, three scenarios and a backtest."""
    with_room(strategy)
    version = latest_version(strategy)
    left_run(by, version, Task.OPTIMISE, portfolio(weights or WEIGHTS))
    left_run(by, version, Task.SCENARIOS, {"scenarios": SCENARIOS, "hedges": HEDGES, "value_amount": 1e7})
    left_run(by, version, Task.BACKTEST, backtest())
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
