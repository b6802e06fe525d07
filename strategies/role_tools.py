"""The roles' tools on this room: each reads what the version's last runs found, checks it now, or makes its exports.

A tool whose run is missing refuses in words: nothing is computed here twice, and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import User
from engine.errors import InputProblems, Problem
from engine.strategies import contracts as c
from engine.strategies.roles import Assignment, Json, Tools
from lib.errors import Invalid, NotFound
from strategies.access import Action, can
from strategies.checking import judged
from strategies.models import DatasetKind, StrategyRun, StrategyVersion, Task
from strategies.portfolio_facts import wanted_weights
from strategies.queries import last_done, latest_dataset
from strategies.services.exports import OPEN_TO_EXPORT, make_export


def assignment_of(version: StrategyVersion) -> Assignment:
    """What the roles work on; Invalid where the universe has no prices."""
    strategy, content = version.strategy, version.content
    dataset = latest_dataset(strategy.universe, DatasetKind.PRICES)
    if dataset is None:
        raise Invalid([Problem("no_prices", "datasets", f"{strategy.universe} has no prices yet.")])
    construction = dict(content.get("construction") or {})
    scenarios = last_done(version, Task.SCENARIOS)
    return Assignment(
        strategy_id=str(strategy.code),
        universe_id=str(strategy.universe.code),
        fields=tuple(dataset.summary["fields"]),
        first=dataset.summary["first_date"],
        last=dataset.summary["last_date"],
        recipe=dict(content.get("signal") or {}),
        method=str(construction.get("goal") or construction.get("method") or "as the version says"),
        inputs=construction,
        constraints=(),
        costs=dict(content.get("costs") or {}),
        rebalance=str(content.get("rebalance", "")),
        covariance=str(construction.get("covariance", "")),
        scenarios=tuple({"name": row["name"]} for row in (scenarios.summary.get("scenarios", []) if scenarios else [])),
        ruleset=strategy.limits_family,
        targets=("pdf",),
    )


class RoomTools:
    """The eight tools for one version and one person, who may do no more through them than by hand."""

    def __init__(self, by: User, version: StrategyVersion) -> None:
        self.by, self.version = by, version

    def tools(self) -> Tools:
        """By their names in the contracts."""
        return {
            c.DATA: self.data,
            c.SIGNAL: self.signal,
            c.OPTIMISE: self.optimise,
            c.BACKTEST: self.backtest,
            c.METRICS: self.metrics,
            c.STRESS: self.stress,
            c.COMPLIANCE: self.compliance,
            c.REPORT: self.report,
        }

    def data(self, _: Json) -> Json:
        """The panel in force."""
        dataset = latest_dataset(self.version.strategy.universe, DatasetKind.PRICES)
        if dataset is None:
            raise _refused(c.DATA, "The universe has no prices yet.")
        told = dataset.summary
        cells = told["days"] * told["names"]
        panel = {"hash": dataset.file_hash, "days": told["days"], "names": told["names"], "fields": told["fields"],
                 "first_day": told["first_date"], "last_day": told["last_date"],
                 "known_share": min(1.0, told["rows"] / cells) if cells else 0.0}  # fmt: skip
        return {"panel": panel}

    def signal(self, _: Json) -> Json:
        """What the last signal run found."""
        found = self._run(c.SIGNAL, Task.SIGNALS).summary
        return {
            "z_scores": [
                {name: row[name] for name in ("factor", "mean", "deviation", "names")} for row in found.get("z_scores", [])
            ],
            "combined": [{"name": row["name"], "score": row["score"]} for row in found.get("combined", [])],
            "diagnostics": {
                "information_coefficient": found.get("information_coefficient"),
                "turnover_ratio": found.get("turnover_ratio"),
                "names": len(found.get("combined", [])),
            },
        }  # fmt: skip

    def optimise(self, _: Json) -> Json:
        """The weights of the last portfolio run, with what bound it; or the limits that conflict."""
        found = self._run(c.OPTIMISE, Task.OPTIMISE).summary
        conflicts = [str(each) for each in found.get("conflicts", [])]
        weights = {} if conflicts else self._weights()
        diag = {
            "status": "infeasible" if conflicts else "solved",
            "names": len(weights),
            "gross": float(sum(abs(weight) for weight in weights.values())),
            "net": float(sum(weights.values())),
            "binding": [
                {"label": str(row["label"]), "shadow_price": float(row["shadow_price"] or 0.0)}
                for row in found.get("binding", [])
            ],
            "conflicts": conflicts,
        }
        return {
            "weights": [{"name": ident, "weight": float(weight)} for ident, weight in weights.items()],
            "diag": diag,
        }

    def _weights(self) -> dict[str, Decimal]:
        try:
            return wanted_weights(self.version)
        except Invalid as missing:
            raise InputProblems(missing.problems) from missing

    def backtest(self, _: Json) -> Json:
        """The tear sheet of the last backtest."""
        run = self._run(c.BACKTEST, Task.BACKTEST)
        sheet = _given(c.BACKTEST, run.summary, "tear_sheet")
        costs = sheet.get("waterfall", {})
        kpis = {
            "total_return": _given(c.BACKTEST, sheet, "total_return"),
            "annual_return": sheet.get("yearly_return"),
            "volatility": sheet.get("volatility"),
            "sharpe": sheet.get("sharpe_ratio"),
            "max_drawdown": (sheet.get("drawdown") or {}).get("depth_ratio"),
            "cost_amount": -sum(float(costs.get(name, 0.0)) for name in ("commission", "slippage", "borrow")),
            "trades": int(run.summary.get("trades_count", 0)),
        }
        return {"equity_curve": [], "kpis": kpis, "trades_key": str(run.summary.get("trades_hash", ""))}

    def metrics(self, _: Json) -> Json:
        """What the last risk run measured."""
        found = self._run(c.METRICS, Task.RISK).summary
        return {
            "var_95": _given(c.METRICS, found, "var95_one_day"),
            "var_level": 0.95,
            "es_97_5": _given(c.METRICS, found, "es975_one_day"),
            "es_level": 0.975,
            "beta": found.get("beta"),
            "te": found.get("tracking_error"),
            "exposures": [
                {"factor": str(name), "exposure": float(value)} for name, value in _pairs(found.get("exposures"))
            ],
        }

    def stress(self, _: Json) -> Json:
        """The scenarios of the last run."""
        rows = self._run(c.STRESS, Task.SCENARIOS).summary.get("scenarios", [])
        results = [
            {"name": str(row["name"]), "pnl": float(row["pnl"]), "breaches": [], "exposures_delta": []} for row in rows
        ]
        return {"scenario_results": results, "count": len(results), "hedges": []}

    def compliance(self, arguments: Json) -> Json:
        """What the rules say of these weights now."""
        weights = {row["name"]: Decimal(repr(row["weight"])) for row in arguments["weights"]}
        try:
            found = judged(self.version, weights)
        except Invalid as refused:
            raise InputProblems(refused.problems) from refused
        except NotFound as missing:
            raise _refused(c.COMPLIANCE, str(missing)) from missing
        return {"status": str(found.found.status), "reasons": found.reasons, "count": len(found.reasons)}

    def report(self, arguments: Json) -> Json:
        """Exports of what was signed; of anything else none, and why."""
        strategy = self.version.strategy
        if strategy.state not in OPEN_TO_EXPORT:
            return {"links": [], "closed": "The strategy is not approved."}
        if not can(self.by, strategy.desk, Action.EXPORT):
            return {"links": [], "closed": "Exports are for others of the desk."}
        made = [make_export(by=self.by, strategy=strategy, form=form) for form in arguments["targets"]]
        links = [{"target": each.form, "address": reverse("strategy-export-file", args=[each.code])} for each in made]
        return {"links": links, "closed": ""}

    def _run(self, tool: str, task: Task) -> StrategyRun:
        found = last_done(self.version, task)
        if found is None:
            raise _refused(tool, f"There is no run of {task.label.lower()} for this version yet: ask for one first.")
        return found


def _given(tool: str, found: Mapping[str, Any], name: str) -> Any:
    if found.get(name) is None:
        raise _refused(tool, f"The last run does not say {name.replace('_', ' ')}.")
    return found[name]


def _pairs(found: Any) -> list[tuple[Any, Any]]:
    if isinstance(found, Mapping):
        return list(found.items())
    return [(row["factor"], row["exposure"]) for row in found or []]


def _refused(tool: str, sentence: str) -> InputProblems:
    return InputProblems([Problem("refused", tool, sentence)])
