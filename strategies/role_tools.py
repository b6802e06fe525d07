"""The roles' tools on this room: each reads what the version's last run of its task found, checks it now, or makes exports.

A tool whose run is missing has it made; where that may not be or fails, it refuses in words: nothing is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import User
from engine.errors import InputProblems, Problem
from engine.strategies import contracts as c
from engine.strategies.roles import Assignment, Json, Tool, Tools
from lib.errors import AtlasError, Invalid, NotFound
from strategies.access import Action, can
from strategies.answers import conflicts_in, wanted_weights
from strategies.benchmarks import benchmark_in
from strategies.checking import judged
from strategies.frames import read_frame
from strategies.models import DatasetKind, StrategyRun, StrategyVersion, Task
from strategies.portfolio_facts import market_of
from strategies.queries import last_done, latest_dataset, standing_scenarios
from strategies.role_runs import run_of
from strategies.services.exports import OPEN_TO_EXPORT, make_export

VAR_LEVEL, ES_LEVEL = 0.95, 0.975
COSTS = ("slippage", "commission", "borrow")


def assignment_of(version: StrategyVersion) -> Assignment:
    """What the roles work on; Invalid where the universe has no prices."""
    strategy, content = version.strategy, version.content
    dataset = latest_dataset(strategy.universe, DatasetKind.PRICES)
    if dataset is None:
        raise Invalid([Problem("no_prices", "datasets", f"{strategy.universe} has no prices yet.")])
    construction = dict(content.get("construction") or {})
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
        scenarios=tuple({"name": name} for name in _scenario_names(version)),
        ruleset=strategy.limits_family,
        targets=("pdf",),
    )


def _scenario_names(version: StrategyVersion) -> list[str]:
    """Of the last run, else of the set that one would be asked for with."""
    run = last_done(version, Task.SCENARIOS)
    if run is not None:
        return [row["name"] for row in run.summary["scenarios"]]
    standing = standing_scenarios(version.strategy.desk)
    return [row["name"] for row in standing.scenarios] if standing else []


def _silent(done: int) -> None:
    """Nobody follows."""


class RoomTools:
    """The eight tools for one version and one person, who may do no more through them than by hand. `rests_on` tells by
    tool which run it read; `report` is told how many tools are done, and may stop them."""

    def __init__(self, by: User, version: StrategyVersion, report: Callable[[int], None] = _silent) -> None:
        self.by, self.version, self._report, self._done = by, version, report, -1
        self.rests_on: dict[str, StrategyRun] = {}

    def tools(self) -> Tools:
        """By their names in the contracts."""
        found = {
            c.DATA: self.data,
            c.SIGNAL: self.signal,
            c.OPTIMISE: self.optimise,
            c.BACKTEST: self.backtest,
            c.METRICS: self.metrics,
            c.STRESS: self.stress,
            c.COMPLIANCE: self.compliance,
            c.REPORT: self.report,
        }
        return {name: self._counted(tool) for name, tool in found.items()}

    def _counted(self, tool: Tool) -> Tool:
        def counted(arguments: Json) -> Mapping[str, Any]:
            self._done += 1
            self._still_wanted()
            return tool(arguments)

        return counted

    def _still_wanted(self) -> None:
        self._report(self._done)

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
        """What the last signal run found: each factor at its last step, the highest and lowest scores."""
        found = self._run(c.SIGNAL, Task.SIGNALS).summary
        latest = found["latest"]
        return {
            "z_scores": [_spread(row) for row in found["factors"]],
            "combined": [
                {"name": str(name), "score": float(score)} for name, score in (*latest["high"], *latest["low"])
            ],
            "diagnostics": {
                "information_coefficient": found["rank_ic"]["mean"],
                "turnover_ratio": found["turnover"]["replaced_share"],
                "names": int(latest["count"]),
            },
        }

    def optimise(self, _: Json) -> Json:
        """The weights of the last portfolio run, with what bound it; or the limits that conflict."""
        found = self._run(c.OPTIMISE, Task.OPTIMISE).summary
        conflicts = conflicts_in(found)
        weights = {} if conflicts else self._weights()
        binding = [row for row in found.get("rows", []) if row["is_binding"] and row["price"] is not None]
        diag = {
            "status": "infeasible" if conflicts else "solved",
            "names": len(weights),
            "gross": float(sum(abs(weight) for weight in weights.values())),
            "net": float(sum(weights.values())),
            "binding": [{"label": row["label"], "shadow_price": float(row["price"])} for row in binding],
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
        """The tear sheet of the last backtest, its equity at the end of each month."""
        found = self._run(c.BACKTEST, Task.BACKTEST).summary
        sheet = found["sheet"]
        kpis = {
            "total_return": sheet["total_return"],
            "annual_return": sheet["yearly_return"],
            "volatility": sheet["volatility"],
            "sharpe": sheet["sharpe_ratio"],
            "max_drawdown": sheet["drawdown"]["depth_ratio"],
            "cost_amount": round(-sum(sheet["waterfall"][name] for name in COSTS), 2),
            "trades": found["trade_count"],
        }
        return {"equity_curve": _equity(found["ledger"]), "kpis": kpis, "trades_key": found["trades"]}

    def metrics(self, arguments: Json) -> Json:
        """Risk of these weights over the panel's past, by the most cautious convention; exposures of the risk run."""
        weights = _decimals(arguments["weights"])
        market = market_of(self.version.strategy.universe, benchmark_in(self.version.content))
        value, shortfall = market.tail(weights, VAR_LEVEL), market.tail(weights, ES_LEVEL)
        if value is None or shortfall is None:
            raise _refused(c.METRICS, "A name that is held has no prices to measure its risk on.")
        factors = self._run(c.METRICS, Task.RISK).summary["factors"] or {"names": [], "whole": {"exposures": []}}
        betas = {ident: market.beta(ident) for ident in weights}
        return {
            "var_95": value.var,
            "var_level": VAR_LEVEL,
            "es_97_5": shortfall.es,
            "es_level": ES_LEVEL,
            "beta": float(sum(weight * (betas[ident] or 0) for ident, weight in weights.items())),
            "te": _float(market.risk(weights)["tracking_error"]),
            "exposures": [
                {"factor": str(name), "exposure": float(value)}
                for name, value in zip(factors["names"], factors["whole"]["exposures"], strict=True)
            ],
        }

    def stress(self, _: Json) -> Json:
        """The scenarios of the last run, and what would hedge it best."""
        found = self._run(c.STRESS, Task.SCENARIOS).summary
        results = [
            {"name": str(row["name"]), "pnl": float(row["return"]), "breaches": [], "exposures_delta": []}
            for row in found["scenarios"]
        ]
        return {"scenario_results": results, "count": len(results), "hedges": _hedges(found)}

    def compliance(self, arguments: Json) -> Json:
        """What the rules say of these weights now."""
        weights = _decimals(arguments["weights"])
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
        try:
            self.rests_on[tool] = run_of(self.by, self.version, task, self._still_wanted)
        except Invalid as refused:
            raise InputProblems(refused.problems) from refused
        except AtlasError as refused:
            raise _refused(tool, str(refused)) from refused
        return self.rests_on[tool]


def _decimals(rows: list[Json]) -> dict[str, Decimal]:
    return {row["name"]: Decimal(repr(row["weight"])) for row in rows}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _spread(factor: Mapping[str, Any]) -> Json:
    """A factor's figures at its last step."""
    last = factor["steps"][-1]
    spread = {"mean": float(last["mean"] or 0.0), "deviation": float(last["sd"] or 0.0), "names": int(last["count"])}
    return {"factor": str(factor["field"]), **spread}


def _equity(file_hash: str) -> list[Json]:
    """The last equity of each month."""
    ledger = read_frame(file_hash)
    months = {
        str(day)[:7]: (str(day), amount)
        for day, amount in zip(*(ledger[name].to_pylist() for name in ("date", "equity")), strict=True)
    }
    return [{"day": day, "amount": round(float(amount), 2)} for day, amount in months.values()]


def _hedges(found: Mapping[str, Any]) -> list[Json]:
    """The suggestion that takes most away, an instrument a line, as shares of the strategy's amount."""
    best = max(found["hedges"], key=lambda each: each["reduction"], default=None)
    if best is None:
        return []
    reason = "Together they take most of the spread of daily returns away."
    return [
        {"name": str(name), "weight": float(amount) / found["value_amount"], "reason": reason}
        for name, amount in zip(best["instruments"], best["amounts"], strict=True)
    ]


def _refused(tool: str, sentence: str) -> InputProblems:
    return InputProblems([Problem("refused", tool, sentence)])
