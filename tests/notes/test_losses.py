"""Loss distributions: drawn, exact and in the limit must meet; published vectors; classes; capital."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.stats import binom, norm

from engine.errors import CalculationError
from engine.notes.capital import loan_capital, return_on_rwa, sec_erba, sec_sa
from engine.notes.content import read_pool, read_structure
from engine.notes.losses import (
    CopulaTerms,
    Exposures,
    Vasicek,
    class_risks,
    classes_on,
    conditional_rates,
    default_vector,
    drawn_losses,
    enhancement_for,
    exact_losses,
    exact_risks,
    exposures_of,
    hazard_rate,
    indicated_rating,
    marginal_rates,
    unit_pmf,
)
from tests.engine.vectors import assert_matches
from tests.notes.deals import POOL, three

FILE = Path(__file__).parents[1] / "portfolios" / "reference" / "credit_portfolio_vectors.json"
VECTORS = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}


def equal_pool(count=60, pd=0.03, sectors=1):
    return Exposures(np.full(count, 10.0), np.full(count, pd), np.arange(count) % sectors)


def mixed_pool():
    return Exposures(np.array([10.0, 20.0, 30.0, 40.0] * 10), np.linspace(0.005, 0.08, 40), np.arange(40) % 4)


# Published


@pytest.mark.parametrize("name", ["VAS-1", "VAS-2", "VAS-4", "VAS-5"])
def test_the_endless_pool_of_the_vectors(name):
    case, given = VECTORS[name], VECTORS[name]["inputs"]
    pool = Vasicek(given["pd"], given["rho"], given["lgd"])
    rate = pool.default_rate_at(given["quantile"])
    expected_loss = given["lgd"] * given["pd"]
    got = {
        "default_rate_quantile": rate, "loss_quantile": given["lgd"] * rate,
        "expected_loss": expected_loss, "unexpected_loss": given["lgd"] * rate - expected_loss,
        "cdf_at_x": pool.probability_below(given["x"]), "std_default_rate": pool.deviation,
    }  # fmt: skip
    assert_matches(got, case["expected"], name)
    assert pool.tranche_loss(0.0, given["lgd"]) * given["lgd"] == pytest.approx(expected_loss, rel=1e-8)


def test_a_loans_capital_of_the_vectors():
    case, given = VECTORS["VAS-7"], VECTORS["VAS-7"]["inputs"]
    found = loan_capital(given["pd"], given["lgd"], given["maturity"])
    got = {
        "correlation": found.correlation_ratio, "maturity_b": found.maturity_slope, "capital_k": found.capital_ratio,
        "risk_weight": found.risk_weight_ratio,
    }  # fmt: skip
    assert_matches(got, case["expected"], "VAS-7")


def test_a_ratings_table_of_the_vectors():
    case, given = VECTORS["CLO-3"], VECTORS["CLO-3"]["inputs"]
    cumulative = [percent / 100.0 for percent in given["cdr_pct"]]
    got = {
        "hazard_5y": hazard_rate(cumulative[4], 5.0), "hazard_10y": hazard_rate(cumulative[9], 10.0),
        "marginal": marginal_rates(cumulative), "conditional": conditional_rates(cumulative),
        "el_5y": cumulative[4] * (1.0 - given["recovery"]), "annualised_pd_5y": 1.0 - (1.0 - cumulative[4]) ** 0.2,
    }  # fmt: skip
    assert_matches(got, case["expected"], "CLO-3")
    vector = np.array(default_vector(cumulative))
    survived = np.prod(1.0 - (1.0 - (1.0 - vector) ** (1.0 / 12.0)))
    assert 1.0 - survived == pytest.approx(cumulative[-1], rel=1e-12)


# Exact


def test_the_recursion_on_three_loans_by_hand():
    """Loans of 1, 2 and 2 units at 10%, 20% and 50%."""
    pmf = unit_pmf(np.array([1, 2, 2]), np.array([0.1, 0.2, 0.5]))
    assert pmf == pytest.approx([0.36, 0.04, 0.45, 0.05, 0.09, 0.01])


def test_the_recursion_of_equal_loans_is_binomial():
    found = exact_losses(equal_pool(), CopulaTerms(correlation_ratio=0.0, severity_ratio=0.5), 5.0)
    assert_allclose(found.probabilities, binom.pmf(np.arange(61), 60, 0.03), rtol=1e-9, atol=1e-16)


def test_the_exact_mean_is_the_sum_of_expected_losses():
    pool = mixed_pool()
    found = exact_losses(pool, CopulaTerms(correlation_ratio=0.25, severity_ratio=0.5), 5.0)
    assert found.probabilities.sum() == pytest.approx(1.0, rel=1e-9)
    assert found.mean == pytest.approx(0.5 * float(pool.balances @ pool.default_probabilities), rel=1e-8)


@pytest.mark.parametrize(
    "terms",
    [CopulaTerms(degrees_of_freedom=4.0), CopulaTerms(between_ratio=0.1), CopulaTerms(severity_volatility_ratio=0.1)],
)
def test_the_exact_answer_is_for_one_factor_and_a_fixed_severity(terms):
    with pytest.raises(CalculationError, match="one Gaussian factor"):
        exact_losses(equal_pool(), terms, 1.0)


# Drawn


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.5])
def test_draws_meet_the_exact_distribution(correlation):
    """Classes on both: within four standard errors of the draws."""
    pool, structure = mixed_pool(), read_structure(three())
    terms = CopulaTerms(correlation_ratio=correlation, severity_ratio=0.5, seed=5)
    drawn = class_risks(structure, drawn_losses(pool, terms), pool.pool_amount)
    exact = exact_risks(structure, exact_losses(pool, terms, 5.0), pool.pool_amount)
    for ours, theirs in zip(drawn, exact, strict=True):
        assert abs(ours.default_probability - theirs.default_probability) <= 4.0 * ours.default_error + 1e-4
        assert abs(ours.expected_loss_ratio - theirs.expected_loss_ratio) <= 4.0 * ours.loss_error + 1e-5


def test_a_large_pool_nears_its_limit():
    """A tranche of 3% to 7% on 200, 800 and 3,200 equal loans: four times as many, about a quarter of the distance."""
    limit = Vasicek(0.02, 0.15, 0.5).tranche_loss(0.03, 0.07)
    distances = []
    for count in (200, 800, 3200):
        exact = exact_losses(equal_pool(count, 0.02), CopulaTerms(correlation_ratio=0.15, severity_ratio=0.5), 5.0)
        tranche = np.clip(exact.losses / (10.0 * count) - 0.03, 0.0, 0.04) / 0.04
        distances.append(float(tranche @ exact.probabilities) / limit - 1.0)
    assert 0.0 < distances[2] < 0.02
    assert distances[0] / distances[1] == pytest.approx(4.0, rel=0.3)
    assert distances[1] / distances[2] == pytest.approx(4.0, rel=0.3)


def test_the_same_seed_gives_the_same_draws_and_more_defaults_lose_more_on_each():
    mild, harsh = equal_pool(pd=0.02, sectors=3), equal_pool(pd=0.04, sectors=3)
    terms = CopulaTerms(between_ratio=0.1, paths=3000, seed=9)
    first, again, more = (drawn_losses(each, terms) for each in (mild, mild, harsh))
    assert_array_equal(first, again)
    assert (more >= first).all()
    assert more.sum() > first.sum()
    assert not np.array_equal(first, drawn_losses(mild, CopulaTerms(between_ratio=0.1, paths=3000, seed=10)))


def test_sectors_apart_vary_less_and_a_t_copula_has_the_fatter_tail():
    """The mean stays 0.4 x 3%: only how losses come together changes."""
    pool = equal_pool(200, sectors=5)
    one, apart, tail = (
        drawn_losses(pool, terms) / pool.pool_amount
        for terms in (CopulaTerms(), CopulaTerms(between_ratio=0.02), CopulaTerms(degrees_of_freedom=4.0))
    )
    for each in (one, apart, tail):
        assert each.mean() == pytest.approx(0.012, abs=6e-4)
    assert apart.std() < 0.8 * one.std()
    assert np.quantile(tail, 0.999) > 1.3 * np.quantile(one, 0.999)


def test_a_severity_that_falls_with_the_economy_costs_more_than_its_mean():
    pool = equal_pool(300)
    fixed, free, tied = (
        drawn_losses(pool, CopulaTerms(severity_volatility_ratio=spread, severity_factor_ratio=shared)).mean()
        for spread, shared in ((0.0, 0.0), (0.2, 0.0), (0.2, 0.6))
    )
    assert free == pytest.approx(fixed, rel=0.02)
    assert tied > 1.15 * fixed


@pytest.mark.parametrize(
    "changes", [{"between_ratio": 0.3}, {"correlation_ratio": 1.0}, {"severity_volatility_ratio": 0.5}]
)
def test_terms_that_cannot_hold_are_refused(changes):
    with pytest.raises(CalculationError):
        CopulaTerms(**changes)


# Classes


def test_losses_eat_upwards_and_add_up():
    """Notes of 600, 300, 100 on a pool of 1,050: the first 50 cost nobody."""
    structure = read_structure(three())
    losses = np.array([0.0, 50.0, 51.0, 150.0, 160.0, 450.0, 1050.0])
    a, b, c = classes_on(structure, losses, 1050.0)
    assert c.tolist() == [0.0, 0.0, 1.0, 100.0, 100.0, 100.0, 100.0]
    assert b.tolist() == [0.0, 0.0, 0.0, 0.0, 10.0, 300.0, 300.0]
    assert a.tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 600.0]
    assert_allclose(a + b + c + np.minimum(losses, 50.0), losses)


def test_classes_of_one_rank_lose_alike():
    content = three()
    content["classes"][0] |= {"rank": 1}
    content["classes"][1] |= {"rank": 1}
    content["classes"][2] |= {"rank": 2}
    a, b, c = classes_on(read_structure(content), np.array([400.0]), 1000.0)
    assert (a[0], b[0], c[0]) == (200.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("share", "needed"), [(0.0, 0.5), (0.05, 0.5), (0.1, 0.4), (0.25, 0.3), (0.99, 0.0), (1.0, 0.0)]
)
def test_what_must_stand_below_a_class_of_a_default_probability(share, needed):
    """Ten paths: one loses 500 of 1,000, one 400, one 300, seven nothing. With a cent less a path more loses."""
    losses = np.array([0.0] * 7 + [300.0, 400.0, 500.0])
    found = enhancement_for(losses, 1000.0, share)
    assert found == needed
    assert (losses > found * 1000.0).mean() <= share
    assert needed == 0.0 or (losses > found * 1000.0 - 0.01).mean() > share


def test_loans_default_by_their_rating():
    pool = read_pool(
        {"loans": [{**loan, "rating": rating} for loan, rating in zip(POOL["loans"], ("BBB", "B"), strict=True)]}
    )
    assert exposures_of(pool, {"BBB": 0.01, "B": 0.1}).default_probabilities.tolist() == [0.01, 0.1]
    with pytest.raises(CalculationError, match="'B'"):
        exposures_of(pool, {"BBB": 0.01})


TABLE = {"AAA": (0.001, 0.002), "AA": (0.004, 0.010), "A": (0.003, 0.012), "BBB": (0.010, 0.030)}


@pytest.mark.parametrize(
    ("rate", "years", "raw", "smoothed"),
    [
        (0.001, 1.0, "AAA", "AAA"), (0.0011, 1.0, "AA", "AA"), (0.0035, 1.0, "AA", "AA"), (0.0036, 1.0, "AA", "BBB"),
        (0.0015, 1.5, "AAA", "AAA"), (0.00701, 1.5, "A", "A"), (0.031, 9.0, "D", "D"), (0.0005, 0.5, "AAA", "AAA"),
    ],
)  # fmt: skip
def test_ratings_by_an_idealised_table(rate, years, raw, smoothed):
    """AA at 0.4% and A at 0.3% in year 1 are out of order: made monotone both stand at 0.35%."""
    assert indicated_rating(rate, years, TABLE) == (raw, smoothed)


# Capital


@pytest.mark.parametrize("share", [0.0, 0.02])
@pytest.mark.parametrize(("attachment", "detachment"), [(0.0, 0.05), (0.05, 0.12), (0.1, 0.3), (0.3, 1.0)])
def test_the_standardised_approach_is_the_mean_of_its_curve(attachment, detachment, share):
    """Full weight to K, exp(-(x - K) / K) beyond, averaged over the class; no less than 15%."""
    own = (1.0 - share) * 0.08 + 0.5 * share
    curve = lambda x: 1.0 if x < own else float(np.exp(-(x - own) / own))  # noqa: E731 - one formula
    mean = quad(curve, attachment, detachment, points=[own] if attachment < own < detachment else None)[0]
    found = sec_sa(attachment, detachment, delinquent_ratio=share)
    assert found.pool_capital_ratio == pytest.approx(own)
    assert found.risk_weight_ratio == pytest.approx(max(12.5 * mean / (detachment - attachment), 0.15), rel=1e-9)


def test_the_standardised_approach_by_hand():
    """10% to 30% on 8%: (exp(-2.75) - exp(-0.25)) / (-12.5 x 0.2) = 0.285949; a senior class stands on its floor."""
    assert sec_sa(0.1, 0.3).risk_weight_ratio == pytest.approx(12.5 * 0.2859491, rel=1e-6)
    assert sec_sa(0.5, 1.0).risk_weight_ratio == 0.15
    assert sec_sa(0.5, 1.0, supervisory_factor=0.5, floor_ratio=0.10).risk_weight_ratio == 0.10
    assert return_on_rwa(0.02, 0.002, 0.15) == pytest.approx(0.12)
    with pytest.raises(CalculationError):
        sec_sa(0.3, 0.3)


def test_a_thick_class_weighs_what_its_pool_weighs():
    """No capital is made: with p = 0 beyond K the whole structure weighs K; with p = 1 twice that, to the tail."""
    whole = sec_sa(0.0, 1.0)
    assert whole.capital_ratio == pytest.approx(
        2.0 * 0.08 - 0.08 * norm.cdf(-40.0) - 0.08 * np.exp(-0.92 / 0.08), rel=1e-9
    )


@pytest.mark.parametrize(
    ("rating", "years", "is_senior", "thickness", "weight"),
    [
        ("BB+", 2.0, False, 0.25, 3.73125), ("AAA", 0.5, True, 1.0, 0.15), ("AAA", 7.0, True, 1.0, 0.20),
        ("BBB", 3.0, True, 0.7, 0.975), ("BBB", 5.0, False, 0.5, 1.55), ("BBB", 5.0, False, 0.8, 1.55), ("AAA", 1.0, False, 0.5, 0.15),
        ("B", 5.0, False, 0.01, 10.395), ("CCC-", 5.0, True, 1.0, 5.05), ("CC", 1.0, True, 1.0, 12.5), ("NR", 1.0, True, 1.0, 12.5),
    ],
)  # fmt: skip
def test_the_ratings_based_approach(rating, years, is_senior, thickness, weight):
    """The first is a supervisor's worked example: 497.5% at two years times 0.75 is 373%."""
    assert sec_erba(rating, years, is_senior, thickness) == pytest.approx(weight)
