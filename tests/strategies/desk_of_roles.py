"""An assignment, tools that answer from a table, and a model that says what a script says."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine.strategies import contracts as c
from engine.strategies.roles import Assignment, Said

ASSIGNMENT = Assignment(
    strategy_id="S1",
    universe_id="EU600",
    fields=("close", "adv_shares"),
    first="2021-01-04",
    last="2025-12-31",
    recipe={"factors": ["value"]},
    method="minimum_variance",
    inputs={},
    constraints=({"kind": "cap", "limit": 0.05},),
    costs={"commission_bps": 5},
    rebalance="month",
    covariance="ledoit_wolf",
    scenarios=({"name": "Market falls"},),
    ruleset="long_only_fund",
    targets=("pdf",),
)
WEIGHTS = [{"name": "N01", "weight": 0.6}, {"name": "N02", "weight": 0.4}]
RESULTS: dict[str, Any] = {
    c.DATA: {
        "panel": {
            "hash": "ab12", "days": 1250, "names": 600, "fields": ["close"], "first_day": "2021-01-04",
            "last_day": "2025-12-31", "known_share": 0.98765,
        }
    },
    c.SIGNAL: {
        "z_scores": [{"factor": "value", "mean": 0.0, "deviation": 1.0, "names": 600}],
        "combined": [{"name": "N01", "score": 1.25}],
        "diagnostics": {"information_coefficient": 0.04321, "turnover_ratio": None, "names": 598},
    },
    c.OPTIMISE: {
        "weights": WEIGHTS,
        "diag": {
            "status": "solved", "names": 2, "gross": 1.0, "net": 1.0,
            "binding": [{"label": "No name above 60%", "shadow_price": 0.000123}], "conflicts": [],
        },
    },
    c.BACKTEST: {
        "equity_curve": [{"day": "2025-12-31", "amount": 1234567.89}],
        "kpis": {
            "total_return": 0.23456, "annual_return": 0.0432, "volatility": 0.12, "sharpe": 0.36,
            "max_drawdown": -0.0789, "cost_amount": 12345.67, "trades": 1234,
        },
        "trades_key": "ff00",
    },
    c.METRICS: {
        "var_95": 0.01234, "var_level": 0.95, "es_97_5": 0.0198, "es_level": 0.975, "beta": 0.9, "te": 0.031,
        "exposures": [{"factor": "Market", "exposure": 0.9}],
    },
    c.STRESS: {
        "scenario_results": [
            {"name": "Market falls", "pnl": -0.1789, "breaches": ["N02 beyond its limit"], "exposures_delta": []}
        ],
        "count": 1,
        "hedges": [],
    },
    c.COMPLIANCE: {"status": "OK", "reasons": [], "count": 0},
    c.REPORT: {"links": [{"target": "pdf", "address": "/exports/7"}], "closed": ""},
}  # fmt: skip
BLOCKED: dict[str, Any] = {
    "status": "BLOCK",
    "reasons": [
        {
            "status": "BLOCK", "rule": "single_name", "offender": "N01", "value": "0.6", "limit": "0.05", "why": "",
            "sentence": "N01 would weigh 60%, beyond 5%, where orders are blocked.",
        }
    ],
    "count": 1,
}  # fmt: skip


def tools(log=None, **changed):
    """Tools that give RESULTS, or what is put in their place by the tool's last word (`check=BLOCKED`)."""

    def tool(name):
        result = changed.get(name.partition(".")[2], RESULTS[name])

        def answer(arguments):
            if log is not None:
                log.append((name, arguments))
            if isinstance(result, Exception):
                raise result
            return deepcopy(result)

        return answer

    return {name: tool(name) for name in RESULTS}


class Scripted:
    """A model that chooses by a function and writes by another."""

    model = "scripted-1"

    def __init__(self, choose=lambda prompt: prompt["open"][0], write=lambda prompt: prompt["draft"]):
        self._choose, self._write = choose, write
        self.asked = 0

    def choose(self, prompt):
        self.asked += 1
        return Said(self._choose(prompt), 10, 1)

    def write(self, prompt):
        self.asked += 1
        return Said(self._write(prompt), 100, 50)
