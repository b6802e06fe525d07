"""A construction read from content, and the task that it and a panel come to."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CalculationError, InputProblems
from engine.strategies.construction import DEFAULT_ROWS, Inputs, prepare, read_construction, weights_of
from engine.strategies.optimise import Goal, Optimum, solve
from engine.strategies.panels import Panel

NAMES = ("A", "B", "C", "D")
SECTORS = {"A": "X", "B": "X", "C": "Y", "D": "Y"}
FULL, LONG = {"kind": "sum_equal", "limit": 1.0}, {"kind": "weight_least", "limit": 0.0}


def there(figures):
    """The figures, which must be there."""
    assert figures is not None
    return figures


def panel(days=60, **further):
    rng = np.random.default_rng(3)
    close = np.asarray(
        50 * np.cumprod(1 + rng.normal(0.0004, (0.01, 0.012, 0.015, 0.02), (days, 4)), axis=0), np.float64
    )
    calendar = np.busday_offset(np.datetime64("2024-01-01"), np.arange(days))
    return Panel(calendar, NAMES, {"close": close, **further})


def inputs(prices=None, **further):
    return Inputs(panel() if prices is None else prices, SECTORS, **further)


def terms(**content):
    return read_construction({"goal": "minimum_variance", "window_days": 40, **content})


def test_what_is_not_said_is_as_a_new_strategy_begins():
    found = read_construction({})
    assert (found.goal, found.rows, found.before) == (Goal.EQUAL_WEIGHTS, DEFAULT_ROWS, "held")


def test_every_place_that_cannot_be_read_is_named():
    with pytest.raises(InputProblems) as caught:
        read_construction(
            {"goal": "wealth", "tau": 0, "colour": "red", "rows": [{"kind": "lots"}], "weights": {"A": "x"}}
        )
    places = {problem.place for problem in caught.value.problems}
    assert places == {"goal", "tau", "colour", "rows.0.limit", "weights.A"}


def test_only_the_window_counts():
    prices = panel()
    assert weights_of(read_construction({"window_days": 40}), inputs(prices)) == dict.fromkeys(NAMES, 0.25)
    other = Panel(prices.days, NAMES, {"close": np.where(np.arange(60)[:, None] < 19, 1.0, prices["close"])})
    assert weights_of(terms(), inputs(prices)) == weights_of(terms(), inputs(other))
    found = prepare(terms(), inputs(prices))
    assert len(found.days) == 41
    assert found.days[-1] == prices.days[-1]


def test_a_split_and_a_dividend_are_no_loss():
    plain = panel()
    split, dividend = np.ones((60, 4)), np.zeros((60, 4))
    close = plain["close"].copy()
    split[40, 0] = 2.0
    close[40:, 0] /= 2
    dividend[45, 1] = 1.0
    close[45:, 1] *= 1 - 1.0 / close[45, 1]
    adjusted = Panel(plain.days, NAMES, {"close": close, "split_ratio": split, "dividend_amount": dividend})
    one, other = (prepare(terms(expected="history"), inputs(each)).task.facts for each in (plain, adjusted))
    np.testing.assert_allclose(there(other.expected), there(one.expected), rtol=1e-12)
    np.testing.assert_allclose(other.covariance.matrix(), one.covariance.matrix(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("gaps", "is_in"), [(4, True), (5, False)])
def test_a_name_needs_closes_on_nine_days_of_ten(gaps, is_in):
    prices = panel()
    prices["close"][25 : 25 + gaps, 2] = np.nan  # of 41 days, 36.9 are needed
    found = prepare(terms(), inputs(prices))
    assert ("C" in found.task.facts.names) is is_in
    assert ("C" in found.left_out) is not is_in


def test_who_left_or_stopped_trading_is_left_out_with_the_reason():
    prices = panel()
    prices["close"][-1, 3] = np.nan
    found = prepare(terms(), Inputs(prices, {"A": "X", "C": "Y", "D": "Y", "E": "Y"}))
    assert found.task.facts.names == ("A", "C")
    assert found.left_out == {"D": f"has no close on {prices.days[-1]}", "E": "has no prices"}
    with pytest.raises(InputProblems, match="No name has closes"):
        prepare(terms(), Inputs(prices, {"D": "Y"}))


def test_expected_returns_by_score_leave_names_without_one_in_the_middle():
    found = prepare(terms(expected="signal", return_per_score_rate=0.05), inputs(scores={"A": 2.0, "B": -1.0}))
    np.testing.assert_allclose(there(found.task.facts.expected), [0.1, -0.05, 0, 0])
    with pytest.raises(InputProblems, match="no signal of this version"):
        prepare(terms(expected="signal"), inputs())


def test_betas_to_the_benchmark_average_to_one():
    facts = prepare(terms(), inputs()).task.facts
    assert there(facts.benchmark) @ there(facts.betas) == pytest.approx(1.0)


def test_a_covariance_of_fewer_days_than_names_is_repaired_only_when_asked():
    rng = np.random.default_rng(1)
    names = tuple(f"N{k}" for k in range(30))
    close = np.asarray(np.cumprod(1 + rng.normal(0, 0.01, (21, 30)), axis=0), np.float64)
    prices = Panel(np.busday_offset(np.datetime64("2024-01-01"), np.arange(21)), names, {"close": close})
    given = Inputs(prices, dict.fromkeys(names, "X"))
    with pytest.raises(InputProblems, match="not positive definite"):
        prepare(read_construction({"goal": "minimum_variance", "window_days": 20, "covariance": "sample"}), given)
    found = prepare(
        read_construction({"goal": "minimum_variance", "window_days": 20, "covariance": "sample", "repairs": True}),
        given,
    )
    assert found.repair is not None
    assert found.repair.lifted == 11  # 20 days about their mean span 19 directions of 30
    assert isinstance(solve(found.task), Optimum)


def test_weights_that_cannot_be_are_an_error_in_words():
    assert sum(weights_of(terms(rows=[FULL, LONG]), inputs()).values()) == pytest.approx(1.0, abs=1e-8)
    with pytest.raises(
        CalculationError, match=r"these limits conflict: weights add to 100%, each weight at most 20%. 4 x 20%"
    ):
        weights_of(terms(rows=[FULL, LONG, {"kind": "weight_most", "limit": 0.2}]), inputs())
    with pytest.raises(CalculationError, match="Nothing bounds the objective"):
        weights_of(terms(goal="maximum_return", expected="history", rows=[FULL]), inputs())
    with pytest.raises(InputProblems, match="Q: not among the names"):
        weights_of(terms(goal="own_weights", weights={"Q": 1.0}), inputs())


def test_limits_of_who_is_not_there_on_a_day_are_passed_over():
    rows = [FULL, LONG, {"kind": "weight_most", "limit": 0.1, "names": ["A", "Z"]},
            {"kind": "weight_most", "limit": 0.0, "names": ["Z"]}, {"kind": "sector_most", "limit": 0.1, "sector": "Q"}]  # fmt: skip
    found = weights_of(terms(rows=rows), inputs())
    assert found["A"] == pytest.approx(0.1, abs=1e-7)
    with pytest.raises(InputProblems, match="no name is in sector Q"):
        weights_of(terms(rows=[FULL, {"kind": "sector_least", "limit": 0.1, "sector": "Q"}]), inputs())
