"""The optimiser's reference cases, each at its stated tolerance."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from engine.strategies.budgets import equal_risk, risk_budgets, risk_shares
from engine.strategies.constraints import Facts, Row
from engine.strategies.covariance import ledoit_wolf, sample
from engine.strategies.optimise import Goal, Infeasible, OptimiserTask, Optimum, solve
from engine.strategies.views import View, black_litterman

REFERENCE = Path(__file__).parent / "reference"
CASES = json.loads((REFERENCE / "optimiser_cases.json").read_text())
BY_ID = {case["id"]: case for case in CASES["cases"]}
NAMES = ("A1", "A2", "A3", "A4", "A5", "A6")
SECTORS = ("X", "X", "Y", "Y", "Z", "Z")
FULL = Row("sum_equal", 1.0)
LONG = Row("weight_least", 0.0)


def read_returns():
    with (REFERENCE / "optimiser_returns.csv").open() as file:
        rows = list(csv.DictReader(file))
    return np.array([[float(row[name]) for name in NAMES] for row in rows])


RETURNS = read_returns()
ESTIMATE = ledoit_wolf(RETURNS, NAMES)
MU = 252 * RETURNS.mean(axis=0)


def facts(**further):
    return Facts(NAMES, ESTIMATE.covariance, sectors=SECTORS, **{"expected": MU, **further})


def best(goal, *rows, aversion=0.0, **further):
    answer = solve(OptimiserTask(facts(**further), goal, rows, aversion))
    assert isinstance(answer, Optimum), answer
    return answer


def close(found, expected, tolerance=1e-5):
    np.testing.assert_allclose(found, expected, atol=tolerance, rtol=0)


def test_ledoit_wolf():
    expected = BY_ID["OPT-1"]["expected"]
    np.testing.assert_allclose(sample(RETURNS, NAMES, 1).matrix(), expected["sample_cov_ddof1"], atol=1e-16, rtol=1e-9)
    found = ledoit_wolf(RETURNS, NAMES, 1)
    assert found.shrinkage_ratio == pytest.approx(expected["shrinkage"], rel=1e-12)
    np.testing.assert_allclose(found.covariance.matrix(), expected["cov"], atol=1e-15, rtol=1e-9)


def test_minimum_variance():
    expected = BY_ID["OPT-2"]["expected"]
    close(best(Goal.MINIMUM_VARIANCE, FULL).weights, expected["unconstrained"], 1e-9)
    found = best(Goal.MINIMUM_VARIANCE, FULL, LONG)
    close(found.weights, expected["long_only"])
    assert found.measures.volatility_rate == pytest.approx(expected["long_only_vol"], abs=1e-9)


def test_mean_variance_under_a_cap():
    expected = BY_ID["OPT-3"]["expected"]
    close(MU, BY_ID["OPT-3"]["inputs"]["mu"], 1e-12)
    found = best(Goal.MEAN_VARIANCE, FULL, LONG, Row("weight_most", 0.3), aversion=3)
    close(found.weights, expected["weights"])
    assert found.measures.objective == pytest.approx(expected["objective"], abs=1e-9)
    assert found.measures.return_rate == pytest.approx(expected["return_"], abs=1e-8)
    assert found.measures.volatility_rate == pytest.approx(expected["vol"], abs=1e-8)
    assert found.rows[2].at == ("A2", "A4", "A5")


def test_black_litterman():
    given, expected = BY_ID["OPT-4"]["inputs"], BY_ID["OPT-4"]["expected"]
    views = [
        View({name: share for name, share in zip(NAMES, row, strict=True) if share}, rate)
        for row, rate in zip(given["P"], given["Q"], strict=True)
    ]
    market = np.array(given["market_weights"])
    found = black_litterman(ESTIMATE.covariance, NAMES, market, views, risk_aversion=given["delta"], tau=given["tau"])
    close(found.equilibrium, expected["equilibrium"], 1e-11)
    close(found.expected, expected["posterior"], 1e-11)
    close(np.diag(found.addition), expected["posterior_cov_addition_diagonal"], 1e-12)
    task = Facts(NAMES, found.covariance, found.expected)
    free = solve(OptimiserTask(task, Goal.MEAN_VARIANCE, (), given["delta"]))
    assert isinstance(free, Optimum)
    close(free.weights, expected["weights_unconstrained"], 1e-9)
    assert free.measures.net_ratio == pytest.approx(expected["weights_unconstrained_sum"], abs=1e-9)
    held = solve(OptimiserTask(task, Goal.MEAN_VARIANCE, (FULL, LONG), given["delta"]))
    assert isinstance(held, Optimum)
    close(held.weights, expected["weights_long_only_fully_invested"])


def test_risk_budgets():
    given, expected = BY_ID["OPT-5"]["inputs"], BY_ID["OPT-5"]["expected"]
    found = equal_risk(ESTIMATE.covariance)
    close(found, expected["erc"], 1e-9)
    close(risk_shares(ESTIMATE.covariance, found), expected["erc_risk_shares"], 1e-9)
    assert ESTIMATE.covariance.volatility_rate(found) == pytest.approx(expected["erc_vol"], rel=1e-9)
    close(risk_budgets(ESTIMATE.covariance, np.array(given["budgets"])), expected["budget_weights"], 1e-9)
    answer = solve(OptimiserTask(facts(), Goal.RISK_BUDGETS, budgets=np.array(given["budgets"])))
    assert isinstance(answer, Optimum)
    close(answer.risk_shares, given["budgets"], 1e-9)


def test_130_30():
    expected = BY_ID["OPT-6"]["expected"]
    rows = [FULL, Row("long_most", 1.3), Row("short_most", 0.3), Row("weight_most", 0.45), Row("weight_least", -0.15)]
    rows += [Row(kind, limit, sector=sector) for sector in "XYZ"
             for kind, limit in (("sector_least", -0.1), ("sector_most", 0.6))]  # fmt: skip
    found = best(Goal.MEAN_VARIANCE, *rows, aversion=4)
    close(found.weights, expected["weights"])
    for name in ("long", "short", "gross"):
        assert getattr(found.measures, f"{name}_ratio") == pytest.approx(expected[name], abs=1e-7)
    assert found.measures.objective == pytest.approx(expected["objective"], abs=1e-9)
    binding = [row.label for row in found.binding]
    assert binding == [
        "weights add to 100%", "long positions at most 130%", "short positions at most 30%",
        "each weight at most 45%", "each weight at least -15%",
    ]  # fmt: skip


def test_turnover():
    given, expected = BY_ID["OPT-7"]["inputs"], BY_ID["OPT-7"]["expected"]
    rows = (FULL, LONG, Row("weight_most", 0.5), Row("turnover_most", 0.2))
    found = best(Goal.MEAN_VARIANCE, *rows, aversion=3, current=np.array(given["w0"]))
    close(found.weights, expected["weights"])
    assert found.measures.turnover_ratio == pytest.approx(expected["turnover"], abs=1e-7)
    assert found.rows[3].is_binding


def test_tracking_error():
    given, expected = BY_ID["OPT-8"]["inputs"], BY_ID["OPT-8"]["expected"]
    rows = (FULL, LONG, Row("tracking_error_most", 0.03))
    found = best(Goal.MEAN_VARIANCE, *rows, aversion=1, benchmark=np.array(given["benchmark"]))
    close(found.weights, expected["weights"])
    assert found.measures.tracking_error_rate == pytest.approx(expected["tracking_error"], abs=1e-8)
    assert found.measures.objective == pytest.approx(expected["objective"], abs=1e-9)


CURRENT = np.array([0.5, 0.5, 0, 0, 0, 0])
A1_LEAST = Row("weight_least", 0.3, ("A1",))
X25 = Row("sector_most", 0.25, sector="X")
SECTOR_CAPS = tuple(
    Row("sector_most", limit, sector=sector) for sector, limit in zip("XYZ", (0.2, 0.3, 0.35), strict=True)
)
CAP15, CAP20, CAP40 = (Row("weight_most", limit) for limit in (0.15, 0.2, 0.4))
FLOOR, TURNED = Row("return_least", 0.627022), Row("turnover_most", 0.05)
# Rows as the case gives them, and which of them conflict.
INFEASIBLE = {
    "INF-1": ((FULL, LONG, CAP15), (0, 2)),
    "INF-2": ((FULL, LONG, CAP40, *SECTOR_CAPS), (0, 3, 4, 5)),
    "INF-3": ((FULL, LONG, A1_LEAST, X25, CAP40), (1, 2, 3)),
    "INF-4": ((FULL, LONG, CAP40, FLOOR), (0, 1, 3)),
    "INF-5": ((FULL, LONG, CAP20, TURNED), (2, 3)),
}
WHY = {
    "INF-1": "6 x 15% = 90%, less than 100%.",
    "INF-2": "20% + 30% + 35% = 85%, less than 100%.",
    "INF-3": "Sector X holds at least A1 30% + A2 0% = 30%, more than 25%.",
    "INF-4": "Where the other limits of this set are kept, the figure of “expected return at least 62.7022% a year” "
    "can be no more than 61.7022%.",
    "INF-5": "Where the other limits of this set are kept, the figure of “turnover, bought and sold, at most 5%” can "
    "be no less than 60%.",
}


def conflict_of(rows, goal=Goal.MINIMUM_VARIANCE, **further):
    answer = solve(OptimiserTask(facts(**{"current": CURRENT, **further}), goal, tuple(rows)))
    assert isinstance(answer, Infeasible), answer
    return answer.conflict


@pytest.mark.parametrize("case", CASES["infeasible"], ids=lambda case: case["id"])
def test_smallest_conflict(case):
    rows, expected = INFEASIBLE[case["id"]]
    found = conflict_of(rows)
    assert found.rows == expected
    assert len(found.rows) == len(case["smallest_conflict"])
    assert found.is_smallest
    assert found.why == WHY[case["id"]]
