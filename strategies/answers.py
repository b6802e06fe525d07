"""What the last runs of a version answered, for compliance, orders, exports and roles: answers are read here alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jobs.models import JobState
from lib.verbs import refuse
from strategies.models import StrategyRun, StrategyVersion, Task
from strategies.portfolio_facts import exact
from strategies.queries import last_done


def portfolio_run(version: StrategyVersion) -> StrategyRun:
    """The run that the version's weights come from; Invalid where there is none, or none that found a portfolio."""
    run = last_done(version, Task.OPTIMISE)
    if run is None:
        raise refuse("no_portfolio", "version", f"{version} has no portfolio yet: run the optimiser first.")
    if not run.summary.get("weights"):
        raise refuse("no_portfolio", "version", f"The last run of {version} found no portfolio: {_why(run.summary)}")
    return run


def _why(found: dict[str, Any]) -> str:
    if labels := conflicts_in(found):
        return f"these limits conflict: {'; '.join(labels)}."
    return str(found.get("reason") or "it says no more.")


def conflicts_in(found: dict[str, Any]) -> list[str]:
    """The limits that no portfolio meets together; none where one was found."""
    return [str(label) for label in (found.get("conflict") or {}).get("labels", [])]


def wanted_weights(version: StrategyVersion) -> dict[str, Decimal]:
    """The weights of the version's portfolio, by name."""
    found = {str(row["ident"]): exact(row["weight"]) for row in portfolio_run(version).summary["weights"]}
    return {ident: weight for ident, weight in sorted(found.items()) if weight}


def scenarios_run(version: StrategyVersion) -> list[str]:
    """The names of the scenarios that the version was put through."""
    runs = StrategyRun.objects.filter(version=version, task=Task.SCENARIOS, state=JobState.DONE)
    return sorted({str(row["name"]) for run in runs for row in run.summary.get("scenarios", [])})


def tear_sheet_of(version: StrategyVersion) -> dict[str, Any]:
    """The figures of the version's last backtest; empty where there is none."""
    run = last_done(version, Task.BACKTEST)
    found: dict[str, Any] = run.summary.get("sheet", {}) if run else {}
    return found
