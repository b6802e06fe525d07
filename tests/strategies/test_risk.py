"""The risk library against the reference cases at 1e-9, by a second way, and by what must hold for any book."""

from __future__ import annotations

import csv
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import norm

from engine.errors import CalculationError, InputProblems
from engine.risk.attribution import FactorModel, against_benchmark, factor_risk, fitted_model
from engine.risk.liquidity import liquidity
from engine.risk.shocks import Book, Scenario, grid, hedge_suggestions, least_variance_hedge, shocked, tornado
from engine.risk.tails import (
    Method,
    Moments,
    cornish_fisher_risk,
    expanded_z,
    kupiec,
    linear_risk,
    mean_of_worst,
    moments,
    normal_risk,
    order_statistic_risk,
    rolling_var,
    side_by_side,
    smallest_slope,
    tail_count,
)
from tests.strategies.market import REFERENCE

EXACT = 1e-9
LEVELS = (0.95, 0.975, 0.99)


@cache
def case(code: str) -> dict[str, Any]:
    cases = json.loads((REFERENCE / "risk_cases.json").read_text())["cases"]
    return next(dict(each) for each in cases if each["id"] == code)


@cache
def series(column: str) -> Any:
    with (REFERENCE / "risk_returns.csv").open(newline="") as file:
        return np.array([float(row[column]) for row in csv.DictReader(file)])


def near(value: Any) -> Any:
    return pytest.approx(value, rel=EXACT, abs=1e-15)


# Value at risk


def test_moments_of_the_case():
    expected = case("VAR-1")["expected"]
    assert moments(series("portfolio"))._asdict() == near(
        {
            "mean": expected["mean"], "deviation": expected["sd"], "skew": expected["skew"],
            "excess_kurtosis": expected["excess_kurtosis"],
        }
    )  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_every_convention_of_the_case(level):
    returns, expected = series("portfolio"), case("VAR-1")["expected"]["by_confidence"][f"{level:g}"]
    found = moments(returns)
    z = float(ndtri(1 - level))
    normal, expanded = normal_risk(found.mean, found.deviation, level), cornish_fisher_risk(found, level)
    ordered, linear = order_statistic_risk(returns, level), linear_risk(returns, level)
    assert {
        "z": z,
        "var_normal": normal.var,
        "es_normal": normal.es,
        "var_normal_zero_mean": normal_risk(0.0, found.deviation, level).var,
        "z_cornish_fisher": expanded_z(z, found.skew, found.excess_kurtosis),
        "var_cornish_fisher": expanded.var,
        "es_cornish_fisher": expanded.es,
        "var_historical_order_statistic": ordered.var,
        "es_historical_mean_of_tail": ordered.es,
        "var_historical_linear": linear.var,
        "es_historical_rockafellar": linear.es,
        "var_amount": normal.var * 25_000_000.0,
    } == near(expected)


@pytest.mark.parametrize(("skew", "kurtosis"), [(0.0, 0.0), (-0.4, 1.0), (-0.2, 0.5)])
@pytest.mark.parametrize("level", LEVELS)
def test_cornish_fisher_shortfall_by_quadrature(skew, kurtosis, level):
    z = float(ndtri(1 - level))
    integral, _ = quad(lambda x: expanded_z(x, skew, kurtosis) * norm.pdf(x), -np.inf, z)
    found = cornish_fisher_risk(Moments(0.001, 0.02, skew, kurtosis), level)
    assert found.es == pytest.approx(-0.001 - 0.02 * integral / (1 - level), rel=1e-8)


def test_where_the_expansion_is_no_quantile():
    for each in case("CF-1")["expected"]:
        slope = smallest_slope(each["skew"], each["excess_kurtosis"])
        assert slope == near(each["smallest_slope"])
        assert (slope > 0.0) is each["increasing"]


def test_an_invalid_expansion_shows_the_historical_figures_and_says_so():
    """Nine small losses in ten and a big one: skewness about -2.7."""
    jumpy = np.tile(np.array([0.002] * 9 + [-0.05]), 30)
    by_method = {each.method: each for each in side_by_side(jumpy, 0.95)}
    assert by_method[Method.CORNISH_FISHER].risk == by_method[Method.ORDER_STATISTIC].risk
    assert "no quantile" in by_method[Method.CORNISH_FISHER].note
    calm = 0.01 * ndtri((np.arange(200) + 0.5) / 200)
    assert [each.note for each in side_by_side(calm, 0.95)] == [""] * 5
    assert len({each.method.label for each in side_by_side(calm, 0.95)}) == 5


@pytest.mark.parametrize(("size", "level", "count"), [(500, 0.95, 25), (501, 0.95, 26), (250, 0.99, 3), (10, 0.99, 1), (300, 0.99, 3)])  # fmt: skip
def test_the_tail_has_so_many_observations(size, level, count):
    assert tail_count(size, level) == count


def test_a_confidence_that_is_none_is_refused():
    for level in (0.5, 1.0, 97.0):
        with pytest.raises(CalculationError):
            normal_risk(0.0, 0.01, level)
    with pytest.raises(CalculationError):
        moments(np.array([0.01]))


@given(st.lists(st.floats(-0.3, 0.3), min_size=20, max_size=300), st.sampled_from(LEVELS))
@settings(max_examples=150, deadline=None)
def test_shortfall_is_no_less_than_value_at_risk_in_any_convention(values, level):
    returns = np.array(values)
    assume(returns.std() > 1e-6)
    for each in side_by_side(returns, level):
        assert each.risk.es >= each.risk.var - 1e-12, each.method


@given(st.lists(st.floats(-0.3, 0.3), min_size=20, max_size=100), st.floats(0.01, 100.0), st.sampled_from(LEVELS))
@settings(max_examples=100, deadline=None)
def test_risk_scales_with_the_position(values, by, level):
    returns = np.array(values)
    assume(returns.std() > 1e-3)
    one, many = side_by_side(returns, level), side_by_side(returns * by, level)
    for a, b in zip(one, many, strict=True):
        if a.note == b.note:
            assert b.risk == pytest.approx((a.risk.var * by, a.risk.es * by), rel=1e-7, abs=1e-9)


def test_rolling_value_at_risk_of_the_case():
    expected, found = case("VAR-2")["expected"], rolling_var(series("portfolio"), 250, 0.95)
    assert (float(found.var[0]), float(found.var[-1])) == near((expected["first_var"], expected["last_var"]))
    assert [row + 1 for row in found.exceptions] == expected["exception_days"]
    assert len(found.exceptions) == expected["exceptions"]
    assert (found.var.size, found.expected_count) == (expected["days"], near(12.5))
    assert (found.kupiec_ratio, found.kupiec_probability) == near((expected["kupiec_lr"], expected["kupiec_p"]))
    assert found.transitions._asdict() == expected["transitions"]


def test_the_window_ends_the_day_before():
    """A crash is an exception on its day and in the VaR from the next."""
    returns = np.array([0.01, -0.01] * 20)
    returns[30] = -0.5
    found = rolling_var(returns, 10, 0.95)
    assert found.exceptions == (30,)
    assert (found.var[20], found.var[21]) == (0.01, 0.5)


@pytest.mark.parametrize("exceptions", [0, 250])
def test_kupiec_at_its_ends(exceptions):
    """-2 ln of 0.95^250 and of 0.05^250."""
    ratio, _ = kupiec(exceptions, 250, 0.95)
    assert ratio == pytest.approx(-2 * 250 * np.log(0.95 if exceptions == 0 else 0.05), rel=1e-12)
    assert kupiec(5, 100, 0.95) == (0.0, 1.0)


@pytest.mark.parametrize("window", [1, 40])
def test_a_window_as_long_as_the_past_is_refused(window):
    with pytest.raises(CalculationError, match="window"):
        rolling_var(np.zeros(40), window, 0.95)


# Attribution


def test_against_the_benchmark_of_the_case():
    expected = case("BETA-1")["expected"]
    found = against_benchmark(series("portfolio"), series("benchmark"))
    assert found.beta == near(expected["beta"])
    assert found.alpha_daily == near(expected["alpha_daily"])
    assert found.r2 == near(expected["r2"])
    assert found.residual_deviation == near(expected["residual_sd"])
    assert found.tracking_error == near(expected["tracking_error"])
    assert found.information_ratio == near(expected["information_ratio"])
    assert found.active_mean_daily == near(expected["active_mean_daily"])


def test_the_benchmark_against_itself():
    found = against_benchmark(series("benchmark"), series("benchmark"))
    assert (found.beta, found.r2, found.tracking_error) == near((1.0, 1.0, 0.0))
    assert found.information_ratio is None
    with pytest.raises(CalculationError, match="never moves"):
        against_benchmark(series("portfolio"), np.zeros(500))


def case_model() -> tuple[FactorModel, Any, Any]:
    given = case("FVAR-1")["inputs"]
    spread = np.array(given["factor_sd"])
    covariance = np.array(given["factor_corr"]) * np.outer(spread, spread)
    model = FactorModel(np.array(given["B"]), covariance, np.array(given["specific_sd"]))
    return model, np.array(given["weights"]), np.array(given["benchmark"])


@pytest.mark.parametrize("of", ["portfolio", "active"])
def test_factor_risk_of_the_case(of):
    model, weights, benchmark = case_model()
    found = factor_risk(model, weights if of == "portfolio" else weights - benchmark, 0.95)
    expected = case("FVAR-1")["expected"][of]
    assert found.exposures.tolist() == near(expected["exposures"])
    assert found.factor_variance == near(expected["factor_variance"])
    assert found.specific_variance == near(expected["specific_variance"])
    assert found.factor_share == near(expected["factor_share"])
    assert found.volatility == near(expected.get("volatility", expected.get("tracking_error")))
    assert found.factor_contributions.tolist() == near(expected["factor_var_contributions"])
    assert found.specific_contribution == near(expected["specific_var_contribution"])
    assert found.asset_contributions.tolist() == near(expected["asset_var_contributions"])
    if of == "portfolio":
        assert found.var == near(expected["var95_one_year"])


def drawn_model(seed: int, names: int = 6, factors: int = 3) -> tuple[FactorModel, Any]:
    rng = np.random.default_rng(seed)
    root = rng.normal(0, 0.1, (factors, factors))
    model = FactorModel(rng.normal(0.5, 1, (names, factors)), root @ root.T, rng.uniform(0.05, 0.4, names))
    return model, rng.normal(0, 0.3, names)


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_whatever_the_order_of_names(seed):
    model, weights = drawn_model(seed)
    found = factor_risk(model, weights, 0.99)
    assert found.factor_contributions.sum() + found.specific_contribution == pytest.approx(found.var, rel=1e-12)
    assert found.asset_contributions.sum() == pytest.approx(found.var, rel=1e-12)
    assert found.volatility == pytest.approx(float(np.sqrt(weights @ model.covariance @ weights)), rel=1e-9)
    order = np.random.default_rng(seed).permutation(weights.size)
    other = FactorModel(model.exposures[order], model.factor_covariance, model.specific_deviation[order])
    again = factor_risk(other, weights[order], 0.99)
    assert again.var == pytest.approx(found.var, rel=1e-12)
    np.testing.assert_allclose(again.asset_contributions, found.asset_contributions[order], rtol=1e-9, atol=1e-15)


@given(st.integers(0, 100_000), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_a_contribution_is_the_weight_times_the_slope(seed, k):
    """Euler: w dVaR/dw, the slope by central difference."""
    model, weights = drawn_model(seed)
    step = 1e-6 * np.eye(weights.size)[k]
    slope = (factor_risk(model, weights + step, 0.95).var - factor_risk(model, weights - step, 0.95).var) / 2e-6
    assert factor_risk(model, weights, 0.95).asset_contributions[k] == pytest.approx(weights[k] * slope, rel=1e-5, abs=1e-9)  # fmt: skip


def test_nothing_held_has_no_risk():
    model, weights = drawn_model(1)
    found = factor_risk(model, weights * 0.0, 0.95)
    assert (found.var, found.volatility, found.factor_share) == (0.0, 0.0, 0.0)


def test_a_fitted_model_finds_what_made_the_returns():
    rng = np.random.default_rng(4)
    factors, exposures = rng.normal(0, 0.01, (400, 2)), np.array([[1.0, 0.5], [-0.3, 2.0], [0.0, 0.0]])
    returns = 0.001 + factors @ exposures.T
    returns[:50, 1] = np.nan
    found = fitted_model(returns, factors)
    np.testing.assert_allclose(found.exposures, exposures, atol=1e-10)
    np.testing.assert_allclose(found.specific_deviation, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.factor_covariance, np.cov(factors, rowvar=False), rtol=1e-12)


def test_factors_that_cannot_be_told_apart_are_refused():
    rng = np.random.default_rng(4)
    one = rng.normal(size=(30, 1))
    with pytest.raises(CalculationError, match="tell the factors apart"):
        fitted_model(rng.normal(size=(30, 2)), np.hstack((one, one)))
    short = rng.normal(size=(30, 2))
    short[3:, 1] = np.nan
    with pytest.raises(CalculationError, match="3 days of returns, expected 4"):
        fitted_model(short, rng.normal(size=(30, 2)))


# Shocks


def case_book() -> Book:
    model, weights, benchmark = case_model()
    names = tuple(str(number) for number in range(1, 8))
    return Book(
        names, tuple(case("FVAR-1")["inputs"]["factor_names"]), model.exposures, weights, 25_000_000.0, benchmark
    )


@pytest.mark.parametrize("number", range(3))
def test_scenarios_of_the_case(number):
    expected = case("SCEN-1")["expected"][number]
    found = shocked(case_book(), Scenario(expected["name"], expected["factor_shocks"], expected["specific"]))
    assert found.asset_returns.tolist() == near(expected["asset_returns"])
    assert found.portfolio_return == near(expected["portfolio_return"])
    assert found.pnl_amount == near(expected["pnl"])
    assert found.active_return == near(expected["active_return"])


def test_nothing_is_clipped():
    found = shocked(case_book(), Scenario("crash", {"Market": -0.9}))
    assert found.asset_returns[1] == near(1.728 * -0.9)


def test_unknown_factors_and_names_are_said():
    with pytest.raises(InputProblems) as refused:
        shocked(case_book(), Scenario("odd", {"Weather": 0.1, "Market": float("nan")}, {"99": -0.5}))
    assert [each.code for each in refused.value.problems] == ["unknown_factor", "not_finite", "unknown_name"]


def test_the_tornado_has_the_widest_bar_first():
    """Exposures 1.072, 0.306, -0.074, 0.055 times the sizes and 25m."""
    book = case_book()
    bars = tornado(book, {"Momentum": 0.1, "Market": 0.1, "Value": 0.1, "Size": 0.1})
    assert [bar.factor for bar in bars] == ["Market", "Size", "Value", "Momentum"]
    assert (bars[0].down_amount, bars[0].up_amount) == near((-2_680_355.0, 2_680_355.0))
    assert (bars[2].down_amount, bars[2].up_amount) == near((184_315.0, -184_315.0))


def test_the_grid_moves_two_factors_together():
    found = grid(case_book(), ("Market", (-0.2, 0.0)), ("Size", (-0.04, 0.0, 0.04)))
    market, size = 1.072142 * 25e6, 0.306131 * 25e6
    expected = [[-0.2 * market + s * size for s in (-0.04, 0.0, 0.04)], [s * size for s in (-0.04, 0.0, 0.04)]]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)
    with pytest.raises(CalculationError, match="twice"):
        grid(case_book(), ("Size", (0.1,)), ("Size", (0.1,)))


def test_a_hedge_by_the_benchmark_sells_beta_times_the_value():
    found = least_variance_hedge(series("portfolio"), series("benchmark")[:, None], 1_000_000.0)
    expected = case("BETA-1")["expected"]
    assert found.amounts == near((-1_000_000.0 * expected["beta"],))
    assert found.after_deviation == near(expected["residual_sd"] * np.sqrt(498 / 499))  # of n - 1 here
    assert found.reduction_ratio == near(expected["r2"])


def test_instruments_that_move_alike_share_the_work():
    both = np.column_stack((series("benchmark"), series("benchmark")))
    found = least_variance_hedge(series("portfolio"), both, 1.0)
    assert found.amounts[0] == pytest.approx(found.amounts[1], rel=1e-9)
    assert sum(found.amounts) == pytest.approx(-case("BETA-1")["expected"]["beta"], rel=1e-9)


def test_suggestions_name_the_best_instrument_first_and_all_together_last():
    rng = np.random.default_rng(2)
    drivers = rng.normal(0, 0.01, (200, 2))
    returns = 2.0 * drivers[:, 0] + 0.5 * drivers[:, 1]
    found = hedge_suggestions(returns, ("weak", "strong"), drivers[:, ::-1], 100.0)
    assert [each.instruments for each in found] == [("strong",), ("weak",), ("weak", "strong")]
    assert found[-1].hedge.amounts == pytest.approx((-50.0, -200.0), rel=1e-9)
    assert found[-1].hedge.reduction_ratio == pytest.approx(1.0, abs=1e-12)
    assert found[0].hedge.reduction_ratio > found[1].hedge.reduction_ratio
    with pytest.raises(CalculationError, match="more days"):
        least_variance_hedge(returns[:2], drivers[:2], 1.0)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_no_other_amounts_hedge_better(seed):
    rng = np.random.default_rng(seed)
    instruments, returns = rng.normal(0, 0.01, (60, 3)), rng.normal(0, 0.02, 60)
    found = least_variance_hedge(returns, instruments, 1.0)
    other = returns + instruments @ (np.array(found.amounts) + rng.normal(0, 0.3, 3))
    assert float(other.std(ddof=1)) >= found.after_deviation - 1e-15
    assert (returns + instruments @ np.array(found.amounts)).std(ddof=1) == pytest.approx(
        found.after_deviation, rel=1e-9
    )


# Liquidity


def case_liquidity(**replaced: Any) -> Any:
    positions = case("LIQ-1")["inputs"]["positions"]
    columns = {name: np.array([float(each[name]) for each in positions]) for name in ("shares", "adv", "price")}
    columns |= replaced
    return liquidity(columns["shares"], columns["adv"], columns["price"], 0.2)


def or_none(values: Any) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def test_liquidity_of_the_case():
    expected, found = case("LIQ-1")["expected"], case_liquidity()
    assert or_none(found.days) == [
        None if each["days"] is None else near(each["days"]) for each in expected["positions"]
    ]
    assert or_none(found.whole_days) == [each["whole_days"] for each in expected["positions"]]
    assert found.gross_amount == near(expected["gross_value"])
    assert {str(days): share for days, share in found.liquidated_ratio.items()} == near(expected["share_of_gross_value_liquidated"])  # fmt: skip
    for by, days in expected["days_with_adv_divided_by"].items():
        assert or_none(found.stressed_days[float(by)]) == [None if each is None else near(each) for each in days]
    assert found.longest_days == near(expected["longest_assessable"])
    assert found.not_assessable_ratio == near(expected["not_assessable_share_of_gross"])


def test_a_volume_not_known_is_none_and_nothing_held_takes_no_day():
    found = case_liquidity(adv=np.full(5, np.nan), shares=np.array([0.0, 1, 2, 3, 4]))
    assert or_none(found.days) == [0.0, None, None, None, None]
    assert found.not_assessable_ratio == 1.0
    with pytest.raises(CalculationError, match="share of volume"):
        liquidity(np.ones(1), np.ones(1), np.ones(1), 0.0)


def test_whole_days_at_the_limit():
    """0.2 of 100 is 20 a day: 20 shares take one day, 21 two."""
    found = liquidity(np.array([19.0, 20.0, 21.0, -40.0]), np.full(4, 100.0), np.ones(4), 0.2)
    assert found.whole_days.tolist() == [1, 1, 2, 2]


def test_the_mean_of_the_worst():
    assert mean_of_worst(np.array([3.0, -1.0, 5.0, 4.0]), 2) == 4.5
