"""Default counts exactly and on paths, migration, lives: against the reference and within its bands."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.errors import CalculationError
from engine.portfolios.defaults import (
    class_losses,
    count_pmf,
    draw,
    expected_counts,
    large_pool_quantile,
    matrix_of,
    quantile,
)
from engine.portfolios.schedules import weighted_average_life
from engine.risk.tails import simulated_tail
from portfolios.tape import DATA
from tests.portfolios.cases import expected

CASES = {case["id"]: case for case in expected("clo_default_count_analytic")["cases"]}
COUNTED = ("MC-1", "MC-2", "MC-3", "MC-4", "MC-5")
PATHS = 40_000


def pds_of(case: dict[str, Any]) -> list[float]:
    given = case["inputs"]
    if "pd" in given:
        return [float(given["pd"])] * given["n"]
    return [
        float(given["pd_by_rating"][rating])
        for rating, count in given["issuers_by_rating"].items()
        for _ in range(count)
    ]


def floats(values: Any) -> list[float]:
    return [float(value) for value in values]


@pytest.mark.parametrize("name", COUNTED)
def test_exact_counts(name: str):
    case = CASES[name]
    theirs = case["expected"]
    pmf = count_pmf(pds_of(case), float(case["inputs"]["rho"]))
    assert pmf[: len(theirs["pmf"])] == pytest.approx(floats(theirs["pmf"]), rel=1e-6, abs=1e-15)
    counts = np.arange(pmf.size)
    mean = float(pmf @ counts)
    assert mean == pytest.approx(float(theirs["mean"]), rel=1e-9)
    assert float(np.sqrt(pmf @ counts**2 - mean**2)) == pytest.approx(float(theirs["sd"]), rel=1e-7)
    assert {level: quantile(pmf, float(level)) for level in theirs["quantiles"]} == theirs["quantiles"]
    if "prob_more_than_60" in theirs:
        assert pmf[61:].sum() == pytest.approx(float(theirs["prob_more_than_60"]), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", COUNTED)
def test_paths_lie_within_the_stated_bands(name: str):
    case = CASES[name]
    theirs, pds, rho = case["expected"], np.array(pds_of(case)), float(case["inputs"]["rho"])
    drawn = draw(pds, np.ones(pds.size), PATHS, 20260630, rho)
    assert abs(drawn.counts.mean() - float(theirs["mean"])) <= 4 * float(theirs["sd"]) / np.sqrt(PATHS)
    pmf = count_pmf(list(pds), rho)
    for text in theirs["quantiles"]:
        level = float(text)
        band = 4 * np.sqrt(level * (1 - level) / PATHS)
        ours = int(np.sort(drawn.counts)[int(np.ceil(level * PATHS)) - 1])
        assert quantile(pmf, level - band) <= ours <= quantile(pmf, min(level + band, 1 - 1e-9))
    assert (draw(pds, np.ones(pds.size), PATHS, 20260630, rho).counts == drawn.counts).all()


def test_a_matrix_of_one_correlation_is_the_one_factor():
    size, rho = 50, 0.3
    matrix = np.full((size, size), rho) + (1 - rho) * np.eye(size)
    theirs = CASES["MC-3"]["expected"]
    drawn = draw(np.full(size, 0.1), np.ones(size), PATHS, 5, matrix)
    assert abs(drawn.counts.mean() - 5.0) <= 4 * float(theirs["sd"]) / np.sqrt(PATHS)
    assert drawn.counts.std() == pytest.approx(float(theirs["sd"]), rel=0.05)


def test_what_is_no_correlation_matrix_is_refused():
    with pytest.raises(CalculationError, match="positive definite"):
        draw(np.full(3, 0.1), np.ones(3), 10, 1, np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]))


def test_an_endless_pool():
    limit = CASES["MC-2"]["limit"]["value"]
    assert large_pool_quantile(float(CASES["MC-2"]["inputs"]["pd"]), 0.15, 0.999) == pytest.approx(
        float(limit), rel=1e-9
    )
    for case in (
        c for c in expected("credit_portfolio_vectors")["cases"] if c["id"].startswith("VAS") and "rho" in c["inputs"]
    ):
        given = case["inputs"]
        ours = large_pool_quantile(*(float(given[key]) for key in ("pd", "rho", "quantile")))
        assert ours == pytest.approx(float(case["expected"]["default_rate_quantile"]), rel=1e-10)


def test_migrations_of_pool_a():
    with (DATA / "rating_migration_sp_notch.csv").open(newline="") as file:
        matrix = matrix_of(list(csv.DictReader(file)))
    case = CASES["MIG-1"]
    for years, theirs in case["expected"].items():
        ours = expected_counts(matrix, case["inputs"]["issuers_by_rating"], int(years))
        for rating, count in theirs["expected_count"].items():
            assert ours[rating][0] == pytest.approx(float(count), abs=2e-10)
            assert ours[rating][1] == pytest.approx(float(theirs["sd_if_independent"][rating]), abs=2e-10)
    assert matrix.values.sum(axis=1) == pytest.approx(np.ones(len(matrix.ratings)))


def test_tail_of_a_known_distribution():
    losses = np.random.default_rng(3).uniform(0, 1, 200_000)
    found = simulated_tail(losses, 0.95)
    assert abs(found.var - 0.95) < 4 * found.var_error + 1e-4
    assert abs(found.es - 0.975) < 4 * found.es_error
    assert found.es >= found.var


def test_losses_eat_upwards_from_the_last_class():
    first, last = class_losses(np.array([5.0, 15.0, 40.0]), [20.0, 10.0], 5.0)
    assert list(last) == [0.0, 10.0, 10.0]
    assert list(first) == [0.0, 0.0, 20.0]


def test_lives_from_schedules():
    given = expected("clo_asset_wal_cases")
    on = date.fromisoformat(given["determination_date"])
    for case in given["cases"]:
        flows = [(date.fromisoformat(day), Decimal(amount)) for day, amount in case["flows"]]
        assert abs(weighted_average_life(flows, on) - Decimal(case["wal"])) < Decimal("1e-11")
