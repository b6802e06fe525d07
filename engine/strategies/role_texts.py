"""What each role says of its tools' results, from templates: every figure is one that a tool returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.strategies.contracts import BACKTEST, COMPLIANCE, DATA, METRICS, OPTIMISE, REPORT, SIGNAL, STRESS
from engine.strategies.said import count, percent, plain

Results = Mapping[str, Any]
_VERDICTS = {
    "OK": "The check says OK: no limit is passed and no list is touched.",
    "REVIEW": "The check says REVIEW: a person has to look before anything is signed.",
    "BLOCK": "The check says BLOCK: nothing may be signed, and the export stays closed.",
}


def verdict(found: Mapping[str, Any]) -> str:
    """The check's status in a sentence."""
    return _VERDICTS[found["status"]]


def _maybe(value: float | None, show: Callable[[float], str]) -> str:
    return "not known" if value is None else show(value)


def _quant(results: Results) -> Iterator[str]:
    if panel := results.get(DATA, {}).get("panel"):
        yield (
            f"The panel has {count(panel['days'])} days of {count(panel['names'])} names, from {panel['first_day']} to "
            f"{panel['last_day']}; {percent(panel['known_share'])} of its values are known."
        )
    if signal := results.get(SIGNAL):
        found = signal["diagnostics"]
        yield (
            f"The signal scores {count(found['names'])} names; its information coefficient is "
            f"{_maybe(found['information_coefficient'], plain)}, its turnover {_maybe(found['turnover_ratio'], percent)}."
        )
    if optimum := results.get(OPTIMISE):
        yield from _portfolio(optimum["diag"])
    if backtest := results.get(BACKTEST):
        yield from _backtest(backtest["kpis"])


def _portfolio(diag: Mapping[str, Any]) -> Iterator[str]:
    if diag["status"] == "infeasible":
        yield "No portfolio meets these constraints together; one of them has to go:"
        yield from (f"- {label}" for label in diag["conflicts"])
        return
    yield (
        f"The portfolio holds {count(diag['names'])} names, {percent(diag['gross'])} gross and {percent(diag['net'])} net."
    )
    binding = [f"- {each['label']}: shadow price {plain(each['shadow_price'])}" for each in diag["binding"]]
    yield from ["What holds it back:", *binding] if binding else ["No constraint holds it back."]


def _backtest(kpis: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Backtested, it returned {percent(kpis['total_return'])} over the whole time, "
        f"{_maybe(kpis['annual_return'], percent)} a year, at a volatility of {_maybe(kpis['volatility'], percent)} and a "
        f"deepest fall of {_maybe(kpis['max_drawdown'], percent)}; the Sharpe ratio is {_maybe(kpis['sharpe'], plain)}. "
        f"{count(kpis['trades'])} trades cost {plain(kpis['cost_amount'])}."
    )


def _strategist(results: Results) -> Iterator[str]:
    found = results.get(STRESS)
    if not found:
        return
    if not found["scenario_results"]:
        yield "No scenario was asked for."
        return
    yield f"Scenarios run: {count(found['count'])}."
    worst = min(found["scenario_results"], key=lambda each: (each["pnl"], each["name"]))
    yield f"The worst is {worst['name']}, at {percent(worst['pnl'])}."
    for each in found["scenario_results"]:
        yield f"- {each['name']}: {percent(each['pnl'])}" + "".join(f"; {breach}" for breach in each["breaches"])
    yield from (f"Hedge: {each['name']} at {percent(each['weight'])}. {each['reason']}" for each in found["hedges"])


def _risk(results: Results) -> Iterator[str]:
    found = results.get(METRICS)
    if not found:
        return
    yield (
        f"Value at risk at {percent(found['var_level'])} is {percent(found['var_95'])}; the expected shortfall at "
        f"{percent(found['es_level'])} is {percent(found['es_97_5'])}."
    )
    yield f"Beta is {_maybe(found['beta'], plain)}, tracking error {_maybe(found['te'], percent)} a year."
    yield from (f"- {each['factor']}: exposure {plain(each['exposure'])}" for each in found["exposures"])


def _officer(results: Results) -> Iterator[str]:
    if check := results.get(COMPLIANCE):
        yield verdict(check)
        yield from (f"- {each['sentence']}" for each in check["reasons"])
    if report := results.get(REPORT):
        yield from (f"{each['target']}: {each['address']}" for each in report["links"])
        if report["closed"]:
            yield f"No report was built: {report['closed']}"


DRAFTS: dict[str, Callable[[Results], Iterator[str]]] = {
    "quant_analyst": _quant,
    "market_strategist": _strategist,
    "risk_manager": _risk,
    "compliance_officer": _officer,
}
