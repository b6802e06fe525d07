"""A version's portfolio: weights with what each limit costs, or the limits that conflict; the work of a job."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from engine.strategies.conflicts import Conflict, Loosening
from engine.strategies.constraints import KINDS, RowOutcome, Side, limit_shown, value_shown
from engine.strategies.construction import Prepared
from engine.strategies.optimise import Infeasible, OptimiserTask, Optimum, Unsolved, examine, solve
from engine.strategies.panels import Floats
from jobs.registry import Answer
from jobs.work import Held
from strategies.frames import keep_frame
from strategies.models import StrategyRun
from strategies.portfolio_inputs import prepared_run

SOLVED, INFEASIBLE, UNSOLVED = "solved", "infeasible", "unsolved"


def work(run: StrategyRun, held: Held) -> Answer:
    """The portfolio of the run's version, or why there is none."""
    return answer_of(prepared_run(run))


def answer_of(found: Prepared) -> Answer:
    """The same without a job."""
    answer = solve(found.task)
    common = {"days": _days(found), "covariance": _covariance(found), "left_out": dict(found.left_out)}
    if isinstance(answer, Infeasible):
        return {**common, "status": INFEASIBLE, "conflict": _conflict(answer.conflict)}
    if isinstance(answer, Unsolved):
        return {**common, "status": UNSOLVED, "solver_status": answer.status, "reason": answer.reason}
    return {**common, "status": SOLVED, **_portfolio(found.task, answer)}


def _portfolio(task: OptimiserTask, answer: Optimum) -> Answer:
    facts = task.facts
    weights = [
        {
            "ident": name,
            "sector": facts.sectors[place],
            "weight": float(answer.weights[place]),
            "before": float(facts.held[place]),
            "benchmark": float(facts.benchmark[place]) if facts.benchmark is not None else None,
            "expected": float(facts.expected[place]) if facts.expected is not None else None,
            "risk_share": float(answer.risk_shares[place]),
        }
        for place, name in enumerate(facts.names)
    ]
    return {
        "weights": weights,
        "measures": asdict(answer.measures),
        "before": asdict(examine(task, facts.held).measures),
        "rows": [row_answer(row) for row in answer.rows],
        "gap": answer.gap,
        "nodes": answer.nodes,
        "weights_hash": _kept(facts.names, answer.weights),
    }


def row_answer(row: RowOutcome) -> dict[str, Any]:
    """A limit's outcome as a page shows it."""
    is_plain = KINDS[row.row.kind].unit != "share"
    return {
        "label": row.label,
        "limit": limit_shown(row.row),
        "value": value_shown(row.row, round(row.value, 6)),
        "slack": row.slack,
        "slack_shown": value_shown(row.row, round(row.slack, 6) + 0.0),
        "is_binding": row.is_binding,
        "is_kept": row.is_kept,
        "at": list(row.at),
        "price": row.shadow_price,
        # Of one percentage point where the limit is a share, of one hundredth of it where it is a plain number.
        "price_of_step": None if row.shadow_price is None else 0.01 * row.shadow_price,
        "step": "0.01" if is_plain else "one percentage point",
    }


def _conflict(conflict: Conflict) -> Answer:
    return {
        "labels": list(conflict.labels),
        "why": conflict.why,
        "is_smallest": conflict.is_smallest,
        "loosenings": [
            {"label": each.label, "limit": value_shown(each.row, _outwards(each))} for each in conflict.loosenings
        ],
    }


def _outwards(each: Loosening) -> float:
    """The limit at six decimals, on the side where everything can be kept."""
    round_off = math.ceil if KINDS[each.row.kind].side is Side.MOST else math.floor
    moved = -1e-9 if round_off is math.ceil else 1e-9
    return round_off(1e6 * (each.limit + moved)) / 1e6


def _days(found: Prepared) -> Answer:
    return {"first": str(found.days[0]), "last": str(found.days[-1]), "returns": len(found.days) - 1}


def _covariance(found: Prepared) -> Answer:
    repair = found.repair
    changed = repair is not None and repair.lifted > 0
    return {
        "shrinkage_ratio": found.shrinkage_ratio,
        "lifted": repair.lifted if repair and changed else 0,
        "change_ratio": repair.change_ratio if repair and changed else 0.0,
    }


def _kept(names: tuple[str, ...], weights: Floats) -> str:
    """Equal weights are one file."""
    return keep_frame(pa.table({"ident": list(names), "weight": np.asarray(weights)}))
