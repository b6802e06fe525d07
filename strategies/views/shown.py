"""What every page about a strategy shows."""

from __future__ import annotations

from typing import Any

from accounts.requests import PersonRequest
from strategies.access import Action, actions_of
from strategies.models import Strategy, StrategyVersion
from strategies.queries import latest_version

SECTION = "strategies"
# Address and label of each page of a strategy, in the order of its work.
TABS = (
    ("strategy", "Overview"),
    ("strategy-signal", "Signal"),
    ("strategy-portfolio", "Portfolio"),
    ("strategy-backtest", "Backtest"),
    ("strategy-risk", "Risk"),
    ("strategy-scenarios", "Scenarios"),
    ("strategy-compliance", "Compliance"),
    ("strategy-orders", "Orders"),
    ("strategy-exports", "Exports"),
    ("strategy-roles", "Roles"),
    ("strategy-comments", "Comments"),
)


def strategy_context(request: PersonRequest, strategy: Strategy, tab: str) -> dict[str, Any]:
    """The strategy, its version, its tabs, and what the person may do: `may.research`, `may.comply` and so on."""
    version: StrategyVersion = latest_version(strategy)
    allowed = actions_of(request.user, strategy.desk)
    return {
        "section": SECTION,
        "strategy": strategy,
        "desk": strategy.desk,
        "universe": strategy.universe,
        "version": version,
        "tabs": TABS,
        "tab": tab,
        "may": {action.value: action in allowed for action in Action},
    }
