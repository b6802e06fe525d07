"""What a new strategy says before anybody has changed it."""

from __future__ import annotations

from typing import Any

from strategies.signal_terms import default_signal


def default_content() -> dict[str, Any]:
    """Signal, construction, costs and the rest, in the terms of engine.strategies."""
    return {
        "signal": default_signal(),
        "construction": {},
        "costs": {},
        "rebalance": "monthly",
        "benchmark": "equal_weight",
        "initial_cash_amount": "10000000.00",
    }
