"""Prices of limits, whole numbers, conflicts and refusals of the optimiser."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from engine.errors import InputProblems
from engine.strategies import conflicts, program
from engine.strategies.conflicts import find_conflict
from engine.strategies.constraints import Facts, Row, label, read_rows
from engine.strategies.covariance import Covariance, ledoit_wolf, positive_definite, principal_factors, repaired, sample
from engine.strategies.dense import solve_dense
from engine.strategies.optimise import Goal, Infeasible, OptimiserTask, Optimum, Unsolved, examine, solve
from engine.strategies.views import View, black_litterman, equilibrium, read_views
from tests.strategies.test_optimiser import (
    CAP15,
    CAP40,
    ESTIMATE,
    FULL,
    LONG,
    MU,
    NAMES,
    RETURNS,
    SECTORS,
    best,
    close,
    conflict_of,
    facts,
)  # fmt: skip

BENCHMARK = np.array([0.2, 0.2, 0.2, 0.2, 0.1, 0.1])
BETAS = np.array([1.1, 0.9, 1.0, 0.8, 1.4, 0.7])
START = np.array([0.3, 0.3, 0.1, 0.1, 0.1, 0.1])
KNOWN = {"benchmark": BENCHMARK, "betas": BETAS, "current": START}

PRICED = {
    "weights in all": (Goal.MINIMUM_VARIANCE, (FULL, LONG), 0),
    "a cap": (Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("weight_most", 0.22)), 2),
    "a cap, return": (Goal.MEAN_VARIANCE, (FULL, LONG, Row("weight_most", 0.35)), 2),
    "a named floor": (Goal.MEAN_VARIANCE, (FULL, LONG, CAP40, Row("weight_least", 0.1, ("A6",))), 3),
    "a sector": (Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("sector_most", 0.2, sector="X")), 2),
    "a sector floor": (Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("sector_least", 0.5, sector="Z")), 2),
    "a return floor": (Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("return_least", 0.4)), 2),
    "beta above": (Goal.MEAN_VARIANCE, (FULL, LONG, CAP40, Row("beta_most", 0.9)), 3),
    "beta below": (Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("beta_least", 1.1)), 2),
    "turnover": (Goal.MEAN_VARIANCE, (FULL, LONG, Row("turnover_most", 0.15)), 2),
    "tracking error": (Goal.MAXIMUM_RETURN, (FULL, LONG, Row("tracking_error_most", 0.03)), 2),
    "long": (Goal.MEAN_VARIANCE, (FULL, Row("weight_least", -0.2), CAP40, Row("long_most", 1.25)), 3),
    "short": (Goal.MEAN_VARIANCE, (FULL, Row("weight_least", -0.2), CAP40, Row("short_most", 0.1)), 3),
    "gross": (Goal.MEAN_VARIANCE, (Row("sum_most", 1.0), Row("weight_least", -0.2), Row("gross_most", 0.9)), 2),
}


@pytest.mark.parametrize("case", PRICED, ids=str)
def test_a_shadow_price_is_what_one_unit_of_the_limit_changes(case):
    """The change of the objective for the limit higher by one, by a central difference."""
    goal, rows, k = PRICED[case]
    step = 1e-5

    def objective(move):
        moved = tuple(replace(row, limit=row.limit + move) if j == k else row for j, row in enumerate(rows))
        return best(goal, *moved, aversion=3.0, **KNOWN).measures.objective

    found = best(goal, *rows, aversion=3.0, **KNOWN).rows[k]
    assert found.is_binding
    assert abs(found.shadow_price) > 1e-4
    assert found.shadow_price == pytest.approx((objective(step) - objective(-step)) / (2 * step), rel=1e-3, abs=1e-6)


def test_a_limit_that_is_not_reached_costs_nothing():
    found = best(Goal.MINIMUM_VARIANCE, FULL, LONG, Row("weight_most", 0.5)).rows[2]
    assert (found.is_binding, found.shadow_price) == (False, 0.0)
    assert found.value == pytest.approx(0.2648316, abs=1e-6)
    assert found.slack == pytest.approx(0.5 - found.value)


# Whole numbers


def tried(count, goal, rows, aversion=0.0):
    """The best over every choice of names, one by one."""
    found = []
    for some in combinations(range(6), count):
        out = tuple(NAMES[k] for k in range(6) if k not in some)
        fixed = (Row("weight_most", 0.0, out), Row("weight_least", 0.0, out)) if out else ()
        answer = solve(OptimiserTask(facts(**KNOWN), goal, (*rows, *fixed), aversion))
        if isinstance(answer, Optimum):
            found.append(answer.measures.objective)
    return min(found) if goal is Goal.MINIMUM_VARIANCE else max(found)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6])
@pytest.mark.parametrize(
    ("goal", "rows"),
    [
        (Goal.MINIMUM_VARIANCE, (FULL, LONG)),
        (Goal.MEAN_VARIANCE, (FULL, Row("weight_least", -0.3), Row("weight_most", 1.0))),
        (Goal.MAXIMUM_RETURN, (FULL, LONG, Row("tracking_error_most", 0.2))),
    ],
    ids=["variance", "with shorts", "return"],
)
def test_a_number_of_names_finds_the_best_of_every_choice(count, goal, rows):
    found = best(goal, *rows, Row("names_most", count), aversion=3.0, **KNOWN)
    assert found.measures.names <= count
    assert found.measures.objective == pytest.approx(tried(count, goal, rows, 3.0), abs=2e-6)
    assert found.gap <= 2e-6


def test_a_search_that_is_cut_short_tells_the_gap_it_leaves():
    rows = (FULL, LONG, Row("names_most", 2))
    whole = best(Goal.MINIMUM_VARIANCE, *rows)
    cut = solve(OptimiserTask(facts(), Goal.MINIMUM_VARIANCE, rows, most_nodes=1))
    assert isinstance(cut, Optimum)
    assert cut.nodes == 1
    assert cut.measures.names <= 2
    assert cut.gap > 1e-4
    # What it could be better by holds what it is better by.
    assert cut.measures.objective - cut.gap <= whole.measures.objective <= cut.measures.objective + 1e-12


def test_lots_are_whole_and_the_best():
    rows = (Row("sum_most", 1.0), Row("sum_least", 0.95), LONG, CAP40, Row("lots", 0.1))
    found = best(Goal.MINIMUM_VARIANCE, *rows)
    np.testing.assert_allclose(found.weights * 10, np.round(found.weights * 10), atol=1e-9)
    grid = np.array([w for w in np.ndindex(5, 5, 5, 5, 5, 5) if sum(w) == 10]) / 10
    cov = ESTIMATE.covariance.matrix()
    least = np.einsum("ij,jk,ik->i", grid, cov, grid).min()
    assert found.measures.objective == pytest.approx(least, rel=2e-6)
    assert all(row.shadow_price is None for row in found.rows)


def test_lots_of_a_linear_aim_are_exact():
    rows = (FULL, LONG, CAP40, Row("lots", 0.25, ("A4", "A5")))
    found = best(Goal.MAXIMUM_RETURN, *rows)
    close(found.weights, [0, 0.4, 0.1, 0.25, 0.25, 0], 1e-8)
    assert found.gap == pytest.approx(0.0, abs=1e-9)


def test_too_few_names_conflict_with_their_cap():
    found = conflict_of((FULL, LONG, CAP40, Row("names_most", 2)))
    assert found.rows == (0, 2, 3)
    assert {each.label: each.limit for each in found.loosenings} == {
        "each weight at most 40%": pytest.approx(0.5), "at most 2 names": 3.0,
    }  # fmt: skip
    assert found.why.endswith("can be no less than 3.")


# Conflicts


@pytest.mark.parametrize(("cap", "is_infeasible"), [(0.1666, True), (1 / 6, False), (0.1667, False)])
def test_a_cap_below_at_and_above_an_equal_weight(cap, is_infeasible):
    answer = solve(OptimiserTask(facts(), Goal.MINIMUM_VARIANCE, (FULL, LONG, Row("weight_most", cap))))
    assert isinstance(answer, Infeasible) is is_infeasible
    if isinstance(answer, Optimum):
        close(answer.weights.sum(), 1.0, 1e-8)


def advised_beyond_the_conflict(conflict):
    return next(each.limit for each in conflict.loosenings if each.row == CAP15)


def test_advice_is_the_limit_at_which_everything_fits():
    rows = (FULL, LONG, CAP15, Row("tracking_error_most", 0.001))
    found = conflict_of(rows, benchmark=BENCHMARK)
    assert found.rows == (0, 2)
    assert advised_beyond_the_conflict(found) > 0.19  # the benchmark, 20% of A1, must be near as well
    limit = advised_beyond_the_conflict(found)
    looser, tighter = (Row("weight_most", limit + move) for move in (1e-6, -1e-3))
    known = facts(benchmark=BENCHMARK)
    assert isinstance(solve(OptimiserTask(known, Goal.MINIMUM_VARIANCE, (FULL, LONG, looser, rows[3]))), Optimum)
    assert conflict_of((FULL, LONG, tighter, rows[3]), benchmark=BENCHMARK)


def test_a_tracking_error_that_cannot_be_kept():
    rows = (FULL, LONG, Row("weight_most", 0.05, ("A1", "A2")), Row("tracking_error_most", 0.01))
    found = conflict_of(rows, benchmark=BENCHMARK)
    assert found.rows in {(0, 2, 3), (2, 3)}
    assert "tracking error" in found.why
    (advice,) = [each for each in found.loosenings if each.row == rows[3]]
    least = solve(
        OptimiserTask(
            facts(benchmark=BENCHMARK), Goal.MINIMUM_VARIANCE, (*rows[:3], replace(rows[3], limit=advice.limit + 1e-6))
        )
    )
    assert isinstance(least, Optimum)


def test_every_row_of_a_conflict_is_needed():
    rows = (FULL, LONG, CAP15, Row("sector_most", 0.1, sector="X"), Row("beta_most", 0.6), Row("return_least", 0.9))
    found = conflict_of(rows, betas=BETAS)
    for left_out in found.rows:
        rest = tuple(rows[k] for k in found.rows if k != left_out)
        answer = solve(OptimiserTask(facts(betas=BETAS, current=START), Goal.MINIMUM_VARIANCE, rest))
        assert not isinstance(answer, Infeasible)


# Restricted names


def test_a_restricted_name_is_not_traded():
    free = best(Goal.MINIMUM_VARIANCE, FULL, LONG)
    assert free.weights[5] > 0.2
    out = best(Goal.MINIMUM_VARIANCE, FULL, LONG, restricted=frozenset({"A6"}))
    assert out.weights[5] == 0.0
    kept = best(Goal.MINIMUM_VARIANCE, FULL, LONG, restricted=frozenset({"A6"}), current=START)
    assert kept.weights[5] == pytest.approx(0.1, abs=1e-9)
    assert kept.rows[-1].label == "no orders in restricted names: A6"


def test_a_restricted_holding_above_its_cap_is_told_as_a_conflict():
    found = conflict_of((FULL, LONG, CAP40), restricted=frozenset({"A1"}))
    assert found.labels == ("each weight at most 40%", "no orders in restricted names: A1")
    assert [each.limit for each in found.loosenings] == [pytest.approx(0.5)]


def test_restricted_names_have_no_risk_budget():
    answer = solve(OptimiserTask(facts(restricted=frozenset({"A2"})), Goal.RISK_BUDGETS))
    assert isinstance(answer, Optimum)
    assert answer.weights[1] == 0.0
    close(np.delete(answer.risk_shares, 1), np.full(5, 0.2), 1e-9)
    with pytest.raises(InputProblems, match="restricted name is held"):
        solve(OptimiserTask(facts(restricted=frozenset({"A2"}), current=START), Goal.RISK_BUDGETS))


# Failures


def test_without_bounds_the_reason_is_told():
    answer = solve(OptimiserTask(facts(), Goal.MAXIMUM_RETURN, (FULL,)))
    assert isinstance(answer, Unsolved)
    assert answer.reason.startswith("Nothing bounds the objective")


def test_a_solver_that_stops_gives_no_weights(monkeypatch):
    plain = program._settings

    def two_steps():
        settings = plain()
        settings.max_iter = 2
        return settings

    monkeypatch.setattr(program, "_settings", two_steps)
    answer = solve(OptimiserTask(facts(), Goal.MINIMUM_VARIANCE, (FULL, LONG)))
    assert answer == Unsolved("MaxIterations", "The solver reached its last step without an answer.")


def refused(*rows, goal=Goal.MINIMUM_VARIANCE, aversion=0.0, **further):
    with pytest.raises(InputProblems) as caught:
        solve(OptimiserTask(Facts(NAMES, ESTIMATE.covariance, sectors=SECTORS, **further), goal, rows, aversion))
    return [(problem.place, problem.code) for problem in caught.value.problems]


def test_rows_are_refused_with_their_place():
    wrong = (
        Row("weight_most", 0.1, ("A9",)), Row("sector_most", 0.1, sector="Q"), Row("sector_most", 0.1),
        Row("beta_most", 1.0), Row("return_least", 0.1), Row("tracking_error_most", 0.1), Row("gross_most", -0.1),
        Row("names_most", 2.5), Row("lots", 0.0), Row("sum_equal", 1.0, ("A1",)), Row("weight_most", 0.1, sector="X"),
    )  # fmt: skip
    assert refused(*wrong) == [
        ("rows.0", "unknown_name"), ("rows.1", "unknown_sector"), ("rows.2", "unknown_sector"),
        ("rows.3", "lacks_facts"), ("rows.4", "lacks_facts"), ("rows.5", "lacks_facts"), ("rows.6", "out_of_range"),
        ("rows.7", "not_whole"), ("rows.8", "out_of_range"), ("rows.9", "takes_no_names"),
        ("rows.10", "takes_no_sector"),
    ]  # fmt: skip


def test_facts_and_goals_are_refused():
    assert refused(FULL, goal=Goal.MEAN_VARIANCE, aversion=1.0) == [("goal", "lacks_facts")]
    assert refused(FULL, goal=Goal.MEAN_VARIANCE, expected=MU) == [("risk_aversion", "out_of_range")]
    assert refused(FULL, goal=Goal.RISK_BUDGETS) == [("rows", "takes_no_rows")]
    assert refused(FULL, benchmark=BENCHMARK * 0.9) == [("benchmark", "does_not_add_up")]
    assert refused(FULL, expected=np.full(6, np.nan)) == [("expected", "wrong_size")]
    assert refused(FULL, current=START[:5]) == [("current", "wrong_size")]


def test_rows_are_read_from_data_with_every_problem():
    rows = read_rows(
        [
            {"kind": "weight_most", "limit": "0.1", "names": ["A1", "A2"]},
            {"kind": "sector_most", "limit": 0.3, "sector": "X"},
        ]
    )
    assert [label(row) for row in rows] == ["A1, A2 at most 10%", "sector X, net, at most 30%"]
    with pytest.raises(InputProblems) as caught:
        read_rows(
            [
                {"kind": "no_such", "limit": 1},
                {"kind": "lots"},
                {"kind": "lots", "limit": "x", "odd": 1},
                {"kind": "lots", "limit": 1, "names": "A1"},
            ]
        )
    assert [(each.place, each.code) for each in caught.value.problems] == [
        ("rows.0.kind", "not_a_choice"), ("rows.1.limit", "missing"), ("rows.2.odd", "unknown"),
        ("rows.2.limit", "not_a_number"), ("rows.3.names", "not_a_list"),
    ]  # fmt: skip


def test_the_restriction_is_no_row_that_can_be_typed():
    with pytest.raises(InputProblems):
        read_rows([{"kind": "restricted", "limit": 0}])


def test_weights_of_ones_own_are_measured_beside_the_limits():
    task = OptimiserTask(facts(**KNOWN), Goal.MEAN_VARIANCE, (FULL, LONG, CAP15, Row("turnover_most", 0.3)), 3.0)
    found = examine(task, np.array([0.2, 0.2, 0.2, 0.2, 0.1, 0.1]))
    assert [row.is_kept for row in found.rows] == [True, True, False, False]
    assert found.rows[2].slack == pytest.approx(-0.05)
    assert found.measures.turnover_ratio == pytest.approx(0.4)
    assert found.measures.tracking_error_rate == pytest.approx(0.0, abs=1e-12)
    assert found.measures.beta == pytest.approx(0.2 * (1.1 + 0.9 + 1.0 + 0.8) + 0.1 * (1.4 + 0.7))


# Covariances


def test_a_covariance_that_is_not_positive_definite_is_refused():
    with pytest.raises(InputProblems, match="not positive definite"):
        sample(RETURNS[:5], NAMES)  # five days of six names
    with pytest.raises(InputProblems, match="not positive definite"):
        positive_definite(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert ledoit_wolf(RETURNS[:5], NAMES).shrinkage_ratio > 0


def test_a_repair_shows_what_it_changed():
    """Eigenvalues 3 and -1; lifting -1 to 3e-8 adds (1 + 3e-8)/2 to each variance and takes it off the covariance."""
    found = repaired(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert found.lifted == 1
    assert found.largest_change == pytest.approx((1 + 3e-8) / 2, rel=1e-9)
    assert found.change_ratio == pytest.approx((1 + 3e-8) / np.sqrt(10), rel=1e-9)
    close(found.covariance.matrix(), [[1.5, 1.5], [1.5, 1.5]], 1e-7)
    sound = repaired(ESTIMATE.covariance.matrix())
    assert (sound.lifted, sound.largest_change) == (0, 0.0)


@pytest.mark.parametrize(
    ("returns", "code"),
    [
        (RETURNS[:1], "too_few_days"),
        (np.where(np.arange(6) == 2, np.nan, RETURNS), "gap"),
        (np.where(np.arange(6) == 3, 0.01, RETURNS), "constant"),
    ],
)
def test_returns_are_refused_by_name(returns, code):
    with pytest.raises(InputProblems) as caught:
        ledoit_wolf(returns, NAMES)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_factors_keep_every_variance():
    full = ESTIMATE.covariance
    found = principal_factors(full, 2)
    np.testing.assert_allclose(np.diag(found.matrix()), np.diag(full.matrix()), rtol=1e-12)
    assert found.factors.shape == (2, 6)


def test_the_factor_form_gives_what_the_matrix_gives():
    rng = np.random.default_rng(7)
    thin = Covariance(rng.normal(size=(3, 40)) * 0.1, rng.uniform(0.01, 0.05, 40))
    assert thin.is_thin
    names = tuple(f"N{k}" for k in range(40))
    rows = (FULL, LONG, Row("weight_most", 0.1), Row("tracking_error_most", 0.05))
    expected, benchmark = rng.normal(size=40) * 0.1, np.full(40, 1 / 40)
    one, other = (
        solve(OptimiserTask(Facts(names, cov, expected, benchmark=benchmark), Goal.MEAN_VARIANCE, rows, 2.0))
        for cov in (thin, positive_definite(thin.matrix()))
    )
    assert isinstance(one, Optimum)
    assert isinstance(other, Optimum)
    close(one.weights, other.weights, 1e-7)
    for a, b in zip(one.rows, other.rows, strict=True):
        assert a.shadow_price == pytest.approx(b.shadow_price, rel=1e-5, abs=1e-7)


WHOLE = {
    "least variance": (Goal.MINIMUM_VARIANCE, (LONG, Row("weight_most", 0.02))),
    "return and risk": (Goal.MEAN_VARIANCE, (LONG, Row("weight_most", 0.02))),
    "130/30": (Goal.MEAN_VARIANCE, (Row("weight_least", -0.005), Row("weight_most", 0.02), Row("long_most", 1.3), Row("short_most", 0.3))),
    "turnover, beta, sector": (Goal.MEAN_VARIANCE, (LONG, Row("turnover_most", 0.4), Row("beta_most", 1.05), Row("sector_most", 0.3, sector="A"))),
    "gross": (Goal.MEAN_VARIANCE, (Row("weight_least", -0.01), Row("gross_most", 1.2))),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE, ids=str)
def test_the_quick_way_for_a_whole_covariance_gives_what_the_plain_way_gives(case, monkeypatch):
    goal, rows = WHOLE[case]
    rng = np.random.default_rng(3)
    returns = rng.normal(size=(600, 8)) @ rng.normal(size=(8, 220)) * 0.003 + rng.normal(size=(600, 220)) * 0.02
    names = tuple(f"N{k}" for k in range(220))
    even = np.full(220, 1 / 220)
    known = Facts(
        names, ledoit_wolf(returns, names).covariance, rng.normal(0.05, 0.05, 220), even, even,
        rng.normal(1.0, 0.2, 220), tuple("ABCD"[k % 4] for k in range(220)), frozenset({"N7"}),
    )  # fmt: skip
    task = OptimiserTask(known, goal, (FULL, *rows, Row("tracking_error_most", 0.03)), 3.0)
    asked = []

    def watched(each):
        asked.append(solve_dense(each))
        return asked[-1]

    monkeypatch.setattr(program, "solve_dense", watched)
    quick = solve(task)
    monkeypatch.setattr(program, "solve_dense", lambda each: None)
    plain = solve(task)
    assert asked[0] is not None
    assert isinstance(quick, Optimum)
    assert isinstance(plain, Optimum)
    assert quick.measures.objective == pytest.approx(plain.measures.objective, abs=1e-8)
    close(quick.weights, plain.weights, 1e-6)
    for a, b in zip(quick.rows[:-1], plain.rows[:-1], strict=True):  # the last, restricted names, has no price
        assert a.shadow_price == pytest.approx(b.shadow_price, rel=1e-4, abs=1e-5)


def test_the_quick_way_says_nothing_of_limits_that_conflict():
    """Above its size as below, the conflict is told."""
    rng = np.random.default_rng(4)
    names = tuple(f"N{k}" for k in range(220))
    returns = rng.normal(size=(600, 220)) * 0.02
    known = Facts(names, ledoit_wolf(returns, names).covariance, benchmark=np.full(220, 1 / 220))
    rows = (FULL, LONG, Row("weight_least", 0.5, ("N0",)), Row("tracking_error_most", 0.03))
    found = solve(OptimiserTask(known, Goal.MINIMUM_VARIANCE, rows))
    assert isinstance(found, Infeasible)
    assert set(found.conflict.rows) <= {0, 1, 2, 3}
    assert {2, 3} <= set(found.conflict.rows)


HEAVY = {
    "turnover and return": (Row("turnover_most", 0.2), Row("return_least", 0.3)),
    "a near benchmark and a name": (Row("weight_least", 0.03, ("N0",)), Row("tracking_error_most", 0.002)),
    "a near benchmark and return": (LONG, Row("return_least", 0.12), Row("tracking_error_most", 0.002)),
    "caps": (Row("weight_most", 0.004), Row("tracking_error_most", 0.03)),
    "beta and a near benchmark": (Row("beta_least", 1.2), Row("tracking_error_most", 0.004), Row("short_most", 0.1)),
}


@pytest.mark.parametrize("case", HEAVY, ids=str)
def test_a_conflict_beside_a_whole_covariance_is_what_the_plain_way_tells(case, monkeypatch):
    rng = np.random.default_rng(5)
    returns = rng.normal(size=(600, 6)) @ rng.normal(size=(6, 210)) * 0.003 + rng.normal(size=(600, 210)) * 0.02
    names, even = tuple(f"N{k}" for k in range(210)), np.full(210, 1 / 210)
    known = Facts(
        names, ledoit_wolf(returns, names).covariance, rng.normal(0.05, 0.03, 210), even, even,
        rng.normal(1.0, 0.1, 210), tuple("AB"[k % 2] for k in range(210)),
    )  # fmt: skip
    rows = (FULL, Row("weight_least", -0.01), Row("sector_most", 0.6, sector="A"), *HEAVY[case])
    if not any(row.kind == "tracking_error_most" for row in rows):
        rows = (*rows, Row("tracking_error_most", 0.05))
    quick = find_conflict(rows, known)
    monkeypatch.setattr(conflicts, "is_heavy", lambda facts: False)
    plain = find_conflict(rows, known)
    assert quick is not None
    assert plain is not None
    assert (len(quick.rows), quick.is_smallest) == (len(plain.rows), True)
    # Where several sets are as small, either may be told; it conflicts, and no row of it alone can be missed.
    for k in quick.rows:
        assert find_conflict([rows[j] for j in quick.rows if j != k], known) is None
    assert find_conflict([rows[j] for j in quick.rows], known) is not None
    if quick.rows == plain.rows:
        assert [each.label for each in quick.loosenings] == [each.label for each in plain.loosenings]
        for one, other in zip(quick.loosenings, plain.loosenings, strict=True):
            assert one.limit == pytest.approx(other.limit, abs=1e-6)


# Views


def test_views_are_refused_with_their_place():
    rows = [
        {"shares": {"A1": 1}, "return_rate": 0.1},
        {"shares": {"A9": 1}, "return_rate": 0.1},
        {"shares": {"A1": 1, "A2": -0.5}, "return_rate": 0.1},
        {"shares": {}, "return_rate": 0.1},
        {"shares": {"A1": "x", "A2": 1}, "return_rate": 0.1},
        {"shares": {"A1": 1, "A2": -1}, "confidence_ratio": 0},
    ]
    with pytest.raises(InputProblems) as caught:
        read_views(rows, NAMES)
    assert [(each.place, each.code) for each in caught.value.problems] == [
        ("views.1.shares", "unknown_name"), ("views.2.shares", "does_not_add_up"), ("views.3.shares", "no_names"),
        ("views.4.shares", "not_a_number"), ("views.5.return_rate", "missing"),
        ("views.5.confidence_ratio", "out_of_range"),
    ]  # fmt: skip
    assert read_views(rows[:1], NAMES) == (View({"A1": 1.0}, 0.1),)


def posterior(*views, tau=0.05):
    return black_litterman(ESTIMATE.covariance, NAMES, START, views, risk_aversion=3.0, tau=tau)


def test_confidence_moves_from_the_market_to_the_view():
    prior = equilibrium(ESTIMATE.covariance, START, 3.0)
    close(posterior().expected, prior, 1e-15)
    found = [posterior(View({"A1": 1.0}, 0.2, confidence)).expected[0] for confidence in (1e-6, 0.25, 0.5, 1.0)]
    # One view of one name: the name moves by the confidence of the way to the view.
    for moved, confidence in zip(found, (1e-6, 0.25, 0.5, 1.0), strict=True):
        assert moved == pytest.approx(prior[0] + confidence * (0.2 - prior[0]), abs=1e-12)


def test_certain_views_of_one_portfolio_are_refused():
    with pytest.raises(InputProblems, match="speak of the same portfolio"):
        posterior(View({"A1": 1.0}, 0.1, 1.0), View({"A1": 1.0}, 0.2, 1.0))
    assert posterior(View({"A1": 1.0}, 0.1), View({"A1": 1.0}, 0.2)).omega[0] > 0


def test_market_weights_must_add_up():
    with pytest.raises(InputProblems, match=r"add to 90\.0000%"):
        equilibrium(ESTIMATE.covariance, START * 0.9, 3.0)
