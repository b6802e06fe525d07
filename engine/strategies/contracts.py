"""What the roles' tools take and give, as strict JSON schemas.

Panels, return series and trades are too large to say: they go by the SHA-256 of their content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InputProblems
from engine.strategies.schemas import Schema, broken

DATA, SIGNAL, OPTIMISE, BACKTEST = "Data.load", "Signal.compute", "Portfolio.optimize", "Backtest.run"
METRICS, STRESS, COMPLIANCE, REPORT = "Risk.metrics", "Risk.stress", "Compliance.check", "Report.build"
TARGETS = ("csv", "xlsx", "pdf", "pptx")


@dataclass(frozen=True, slots=True)
class Contract:
    """One tool: what it is given, and what it gives back."""

    tool: str
    arguments: Schema
    result: Schema


def _object(**properties: Schema) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False
    }  # fmt: skip


def _rows(item: Schema) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _or_nothing(schema: Schema) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_VAR_LEVEL: Schema = {"type": "number", "enum": [0.95]}
_ES_LEVEL: Schema = {"type": "number", "enum": [0.975]}
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_OPEN: Schema = {"type": "object"}
_WEIGHTS = _rows(_object(name=_TEXT, weight=_NUMBER))
_EXPOSURES = _rows(_object(factor=_TEXT, exposure=_NUMBER))
_STATUS: Schema = {"type": "string", "enum": ["OK", "REVIEW", "BLOCK"]}
_REASON = _object(
    status={"type": "string", "enum": ["REVIEW", "BLOCK"]}, rule=_TEXT, offender=_TEXT, value=_or_nothing(_TEXT),
    limit=_or_nothing(_TEXT), why=_TEXT, sentence=_TEXT,
)  # fmt: skip
_SCENARIO = _object(name=_TEXT, pnl=_NUMBER, breaches=_rows(_TEXT), exposures_delta=_EXPOSURES)

CONTRACTS: dict[str, Contract] = {
    contract.tool: contract
    for contract in (
        Contract(
            DATA,
            _object(universe_id=_TEXT, fields={**_rows(_TEXT), "minItems": 1}, range=_object(first=_DAY, last=_DAY)),
            _object(
                panel=_object(
                    hash=_TEXT, days=_COUNT, names=_COUNT, fields=_rows(_TEXT), first_day=_DAY, last_day=_DAY,
                    known_share=_SHARE,
                )
            ),
        ),
        Contract(
            SIGNAL,
            _object(universe_id=_TEXT, recipe=_OPEN),
            _object(
                z_scores=_rows(_object(factor=_TEXT, mean=_NUMBER, deviation=_NUMBER, names=_COUNT)),
                combined=_rows(_object(name=_TEXT, score=_NUMBER)),
                diagnostics=_object(
                    information_coefficient=_or_nothing(_NUMBER), turnover_ratio=_or_nothing(_NUMBER), names=_COUNT
                ),
            ),
        ),
        Contract(
            OPTIMISE,
            _object(method=_TEXT, inputs=_OPEN, constraints=_rows(_OPEN)),
            _object(
                weights=_WEIGHTS,
                diag=_object(
                    status={"type": "string", "enum": ["solved", "infeasible"]}, names=_COUNT, gross=_NUMBER, net=_NUMBER,
                    binding=_rows(_object(label=_TEXT, shadow_price=_NUMBER)), conflicts=_rows(_TEXT),
                ),
            ),
        ),
        Contract(
            BACKTEST,
            _object(universe_id=_TEXT, weights_fn=_TEXT, costs=_OPEN, rebal=_TEXT),
            _object(
                equity_curve=_rows(_object(day=_DAY, amount=_NUMBER)),
                kpis=_object(
                    total_return=_NUMBER, annual_return=_or_nothing(_NUMBER), volatility=_or_nothing(_NUMBER),
                    sharpe=_or_nothing(_NUMBER), max_drawdown=_or_nothing(_NUMBER), cost_amount=_NUMBER, trades=_COUNT,
                ),
                trades_key=_TEXT,
            ),
        ),
        Contract(
            METRICS,
            _object(
                weights=_WEIGHTS, returns=_TEXT, cov=_TEXT,
                params=_object(horizon_days=_COUNT),
            ),
            _object(
                var_95=_NUMBER, var_level=_VAR_LEVEL, es_97_5=_NUMBER, es_level=_ES_LEVEL, beta=_or_nothing(_NUMBER),
                te=_or_nothing(_NUMBER), exposures=_EXPOSURES,
            ),
        ),
        Contract(
            STRESS,
            _object(weights=_WEIGHTS, scenarios=_rows(_OPEN)),
            _object(
                scenario_results=_rows(_SCENARIO), count=_COUNT,
                hedges=_rows(_object(name=_TEXT, weight=_NUMBER, reason=_TEXT)),
            ),
        ),
        Contract(
            COMPLIANCE,
            _object(weights=_WEIGHTS, ruleset=_TEXT),
            _object(status=_STATUS, reasons=_rows(_REASON), count=_COUNT),
        ),
        Contract(
            REPORT,
            _object(strategy_id=_TEXT, targets=_rows({"type": "string", "enum": list(TARGETS)})),
            _object(links=_rows(_object(target=_TEXT, address=_TEXT)), closed=_TEXT),
        ),
    )
}  # fmt: skip


def hold_arguments(tool: str, arguments: Mapping[str, Any]) -> None:
    """Raises InputProblems unless the arguments are what the tool's contract says."""
    _hold(CONTRACTS[tool].arguments, arguments, f"{tool}.arguments")


def hold_result(tool: str, result: Mapping[str, Any]) -> None:
    """Raises InputProblems unless the result is what the tool's contract says."""
    _hold(CONTRACTS[tool].result, result, f"{tool}.result")


def _hold(schema: Schema, value: Mapping[str, Any], place: str) -> None:
    if problems := list(broken(schema, value, place)):
        raise InputProblems(problems)
