"""The optimiser beside cvxpy, skfolio and SLSQP, on seeded and on real prices; and what must hold of any problem."""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from engine.strategies.budgets import equal_risk, risk_budgets
from engine.strategies.constraints import Facts, Row
from engine.strategies.covariance import ledoit_wolf, positive_definite, principal_factors, sample
from engine.strategies.optimise import Goal, Infeasible, OptimiserTask, Optimum, solve
from engine.strategies.views import View, black_litterman
from tests.strategies.test_optimiser import FULL, LONG, REFERENCE, close

REAL = json.loads((REFERENCE / "real_prices_2010_2014.json").read_text())["case"]


def problem(seed, width=12):
    """A seeded problem with everything a row may ask for."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(width + 5, width)) * 0.08
    weights = rng.dirichlet(np.ones(width))
    return Facts(
        tuple(f"N{k:02}" for k in range(width)), positive_definite(root.T @ root + 0.01 * np.eye(width)),
        expected=rng.normal(0.06, 0.08, width), current=weights, benchmark=np.full(width, 1 / width),
        betas=rng.normal(1.0, 0.2, width), sectors=tuple("PQR"[k % 3] for k in range(width)),
    )  # fmt: skip


ROWS = (
    FULL, Row("weight_least", -0.1), Row("weight_most", 0.3), Row("long_most", 1.2), Row("short_most", 0.2),
    Row("gross_most", 1.35), Row("beta_most", 1.05), Row("beta_least", 0.8), Row("sector_most", 0.5, sector="P"),
    Row("sector_least", 0.1, sector="Q"), Row("turnover_most", 1.4), Row("tracking_error_most", 0.12),
    Row("return_least", 0.05), Row("weight_least", 0.02, ("N03",)),
)  # fmt: skip


def by_cvxpy(facts, aversion):
    w = cp.Variable(len(facts.names))
    cov = facts.covariance.matrix()
    P, Q = (np.array([sector == each for sector in facts.sectors], float) for each in "PQ")
    kept = [
        cp.sum(w) == 1, w >= -0.1, w <= 0.3, cp.sum(cp.pos(w)) <= 1.2, cp.sum(cp.neg(w)) <= 0.2, cp.norm1(w) <= 1.35,
        facts.betas @ w <= 1.05, facts.betas @ w >= 0.8, P @ w <= 0.5, Q @ w >= 0.1,
        cp.norm1(w - facts.current) <= 1.4, cp.norm2(np.linalg.cholesky(cov).T @ (w - facts.benchmark)) <= 0.12,
        facts.expected @ w >= 0.05, w[3] >= 0.02,
    ]  # fmt: skip
    found = cp.Problem(cp.Maximize(facts.expected @ w - aversion / 2 * cp.quad_form(w, cp.psd_wrap(cov))), kept)
    found.solve(solver=cp.CLARABEL, tol_gap_abs=1e-9, tol_gap_rel=1e-9, tol_feas=1e-9)
    assert found.status == "optimal"
    return w.value, found.value


@pytest.mark.parametrize("seed", range(4))
def test_every_row_at_once_gives_what_cvxpy_gives(seed):
    facts = problem(seed)
    weights, value = by_cvxpy(facts, 2.5)
    found = solve(OptimiserTask(facts, Goal.MEAN_VARIANCE, ROWS, 2.5))
    assert isinstance(found, Optimum)
    close(found.weights, weights, 2e-5)
    assert found.measures.objective == pytest.approx(value, abs=1e-8)
    assert all(row.is_kept for row in found.rows)
    assert len(found.binding) >= 4


@pytest.mark.parametrize("seed", range(3))
def test_slsqp_finds_nothing_better(seed):
    facts = problem(seed)
    cov = facts.covariance.matrix()
    rows = (FULL, LONG, Row("weight_most", 0.25), Row("tracking_error_most", 0.06), Row("beta_most", 1.0))
    found = solve(OptimiserTask(facts, Goal.MAXIMUM_RETURN, rows))
    assert isinstance(found, Optimum)
    other = minimize(
        lambda w: -facts.expected @ w, facts.benchmark, jac=lambda w: -facts.expected, method="SLSQP",
        bounds=[(0, 0.25)] * 12, options={"ftol": 1e-14, "maxiter": 500},
        constraints=[
            {"type": "eq", "fun": lambda w: w.sum() - 1},
            {"type": "ineq", "fun": lambda w: 0.06**2 - (w - facts.benchmark) @ cov @ (w - facts.benchmark)},
            {"type": "ineq", "fun": lambda w: 1.0 - facts.betas @ w},
        ],
    )  # fmt: skip
    close(found.weights, other.x, 2e-4)
    assert found.measures.objective == pytest.approx(-other.fun, abs=1e-7)


def test_the_number_of_names_gives_what_a_mixed_integer_programme_gives():
    facts = problem(9, 10)
    w, z = cp.Variable(10), cp.Variable(10, boolean=True)
    kept = [cp.sum(w) == 1, w >= 0, w <= 0.4 * z, cp.sum(z) <= 4, cp.norm1(w - facts.current) <= 1.2]
    other = cp.Problem(cp.Maximize(facts.expected @ w), kept)
    other.solve(solver=cp.HIGHS)
    rows = (FULL, LONG, Row("weight_most", 0.4), Row("names_most", 4), Row("turnover_most", 1.2))
    found = solve(OptimiserTask(facts, Goal.MAXIMUM_RETURN, rows))
    assert isinstance(found, Optimum)
    assert found.measures.objective == pytest.approx(other.value, abs=1e-8)


def test_risk_budgets_minimise_the_log_barrier():
    facts = problem(4)
    cov, budgets = facts.covariance.matrix(), np.arange(1, 13) / 78
    y = cp.Variable(12, pos=True)
    cp.Problem(cp.Minimize(cp.quad_form(y, cov) / 2 - budgets @ cp.log(y))).solve(solver=cp.CLARABEL, tol_gap_rel=1e-11)
    close(risk_budgets(facts.covariance, budgets), y.value / y.value.sum(), 5e-6)


def real_returns():
    """Simple daily returns of the 20 stocks inside skfolio's wheel, 2010 to 2014."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skfolio.datasets import load_sp500_dataset

        prices = load_sp500_dataset()
    returns = prices.pct_change().dropna().loc[REAL["window"][0] : REAL["window"][1]]
    return tuple(returns.columns), returns


@pytest.mark.parametrize("cap", [1.0, 0.1])
def test_minimum_variance_of_real_prices(cap):
    names, returns = real_returns()
    assert len(returns) == REAL["window"][2]
    expected = REAL[f"min_variance_long_only_cap_{cap}"]
    facts = Facts(names, sample(returns.to_numpy(), names))
    found = solve(OptimiserTask(facts, Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("weight_most", cap))))
    assert isinstance(found, Optimum)
    close(found.weights, [expected["weights"].get(name, 0.0) for name in names], 6e-6)
    assert found.measures.volatility_rate == pytest.approx(expected["ann_vol"], abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skfolio.optimization import MeanRisk
        from skfolio.prior import EmpiricalPrior

        other = MeanRisk(max_weights=cap, prior_estimator=EmpiricalPrior()).fit(returns)
    # skfolio solves to about 1e-4 of a weight by itself.
    assert float(np.abs(found.weights - other.weights_).max()) == pytest.approx(
        expected["skfolio_differs_by"], abs=2e-5
    )


def test_ledoit_wolf_of_real_prices_is_scikit_learns():
    from sklearn.covariance import ledoit_wolf as other

    names, returns = real_returns()
    matrix, shrinkage = other(returns.to_numpy())
    found = ledoit_wolf(returns.to_numpy(), names)
    assert found.shrinkage_ratio == pytest.approx(shrinkage, rel=1e-10)
    np.testing.assert_allclose(found.covariance.matrix(), 252 * matrix, rtol=1e-9, atol=1e-15)


# What holds of any problem

PROBLEMS = st.builds(problem, st.integers(0, 10_000), st.integers(4, 9))
KNOBS = {
    "weight_most": (0.35, 0.1), "long_most": (1.1, 0.2), "short_most": (0.05, 0.2), "turnover_most": (1.0, 0.3),
    "tracking_error_most": (0.1, 0.05), "sector_most": (0.4, 0.1), "beta_most": (1.0, 0.1),
}  # fmt: skip


def rows_of(knobs):
    return (FULL, Row("weight_least", -0.2),
            *(Row(kind, limit, sector="P" if kind == "sector_most" else "") for kind, limit in knobs.items()))  # fmt: skip


def value_of(facts, rows, aversion=2.0):
    answer = solve(OptimiserTask(facts, Goal.MEAN_VARIANCE, rows, aversion))
    return answer.measures.objective if isinstance(answer, Optimum) else None


@settings(max_examples=40, deadline=None)
@given(PROBLEMS, st.sampled_from(sorted(KNOBS)))
def test_loosening_a_limit_never_makes_it_worse(facts, loosened):
    knobs = {kind: limit for kind, (limit, _) in KNOBS.items()}
    before = value_of(facts, rows_of(knobs))
    after = value_of(facts, rows_of({**knobs, loosened: knobs[loosened] + KNOBS[loosened][1]}))
    if before is not None:
        assert after is not None
        assert after >= before - 1e-9


@settings(max_examples=25, deadline=None)
@given(PROBLEMS, st.randoms(use_true_random=False))
def test_the_order_of_names_and_rows_does_not_matter(facts, shuffle):
    order = list(range(len(facts.names)))
    shuffle.shuffle(order)
    rows = list(rows_of({"weight_most": 0.6, "turnover_most": 1.5, "sector_most": 0.9}))
    turned = Facts(
        tuple(facts.names[k] for k in order), positive_definite(facts.covariance.matrix()[np.ix_(order, order)]),
        facts.expected[order], facts.current[order], facts.benchmark[order], facts.betas[order],
        tuple(facts.sectors[k] for k in order),
    )  # fmt: skip
    one = solve(OptimiserTask(facts, Goal.MEAN_VARIANCE, tuple(rows), 2.0))
    shuffle.shuffle(rows)
    other = solve(OptimiserTask(turned, Goal.MEAN_VARIANCE, tuple(rows), 2.0))
    assert type(one) is type(other)
    if isinstance(one, Optimum) and isinstance(other, Optimum):
        close(other.weights, one.weights[order], 1e-6)


@settings(max_examples=25, deadline=None)
@given(PROBLEMS, st.floats(0.2, 5.0))
def test_a_covariance_scaled_leaves_the_least_variance_where_it_is(facts, factor):
    rows = (FULL, LONG, Row("weight_most", 0.5))
    scaled = replace(facts, covariance=positive_definite(factor * facts.covariance.matrix()))
    one, other = (solve(OptimiserTask(each, Goal.MINIMUM_VARIANCE, rows)) for each in (facts, scaled))
    assert isinstance(one, Optimum)
    assert isinstance(other, Optimum)
    close(other.weights, one.weights, 1e-6)
    assert other.measures.objective == pytest.approx(factor * one.measures.objective, rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(PROBLEMS, st.data())
def test_risk_shares_are_the_budgets_and_scale_with_nothing(facts, data):
    raw = data.draw(st.lists(st.floats(0.05, 1.0), min_size=len(facts.names), max_size=len(facts.names)))
    budgets = np.array(raw) / sum(raw)
    answer = solve(OptimiserTask(facts, Goal.RISK_BUDGETS, budgets=budgets))
    assert isinstance(answer, Optimum)
    close(answer.risk_shares, budgets, 1e-9)
    assert answer.weights.sum() == pytest.approx(1.0)
    assert (answer.weights > 0).all()
    close(risk_budgets(positive_definite(7 * facts.covariance.matrix()), budgets), answer.weights, 1e-9)


@settings(max_examples=25, deadline=None)
@given(PROBLEMS, st.floats(0.01, 0.99))
def test_a_conflict_is_one_and_each_of_its_rows_is_needed(facts, share):
    width = len(facts.names)
    rows = (
        FULL, LONG, Row("weight_most", share / width), Row("sector_most", 0.2, sector="P"),
        Row("return_least", float(facts.expected.max()) + 0.01), Row("turnover_most", 0.3),
    )  # fmt: skip
    answer = solve(OptimiserTask(facts, Goal.MINIMUM_VARIANCE, rows))
    assert isinstance(answer, Infeasible)
    found = answer.conflict.rows
    assert isinstance(solve(OptimiserTask(facts, Goal.MINIMUM_VARIANCE, tuple(rows[k] for k in found))), Infeasible)
    for out in found:
        rest = tuple(rows[k] for k in found if k != out)
        assert isinstance(solve(OptimiserTask(facts, Goal.MINIMUM_VARIANCE, rest)), Optimum)


# Size


@pytest.mark.slow
def test_a_thousand_names_are_within_a_second():
    """Processor time, best of three: the machine may be busy with others."""
    rng = np.random.default_rng(1)
    returns = rng.normal(size=(1250, 20)) @ rng.normal(size=(20, 1000)) * 0.003 + rng.normal(size=(1250, 1000)) * 0.02
    names = tuple(f"N{k}" for k in range(1000))
    full = ledoit_wolf(returns, names).covariance
    weights = np.full(1000, 1e-3)
    rows = (
        FULL, Row("weight_least", -0.005), Row("weight_most", 0.02), Row("long_most", 1.3), Row("short_most", 0.3),
        Row("turnover_most", 0.5), Row("tracking_error_most", 0.03), *(Row("sector_most", 0.2, sector=s) for s in "ABCDE"),
    )  # fmt: skip
    facts = Facts(
        names, principal_factors(full, 20), rng.normal(0.05, 0.05, 1000), weights, weights,
        sectors=tuple("ABCDE"[k % 5] for k in range(1000)),
    )  # fmt: skip
    equal_risk(full)

    def seconds(work):
        start = time.process_time()
        assert work() is not None
        return time.process_time() - start

    task = OptimiserTask(facts, Goal.MEAN_VARIANCE, rows, 3.0)
    assert isinstance(solve(task), Optimum)
    assert min(seconds(lambda: solve(task)) for _ in range(3)) < 1.0
    assert min(seconds(lambda: equal_risk(full)) for _ in range(3)) < 1.0
    view = View({"N1": 1.0, "N2": -1.0}, 0.02)
    posterior = black_litterman(full, names, weights, [view], risk_aversion=3.0)
    assert posterior.expected[1] > posterior.equilibrium[1]
