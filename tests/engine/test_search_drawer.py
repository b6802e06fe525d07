"""The search on the demo and the drawer's projects: never ranked below the grid's best, the same for the same seed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from engine.market import MarketSet
from engine.permutations import RANK_COLUMNS, Case, LeverSet, evaluate, rank
from engine.permutations.search import SearchResult, SearchTerms, frontier, search
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from projects.demo import DOCUMENT
from tests.engine.deals import LIGHT_GRID
from tests.engine.drawer import DRAWER
from tests.engine.test_drawer import MARKET, RULES

DEMO = json.loads(DOCUMENT.read_text())["inputs"]
PROJECTS: dict[str, dict[str, Any]] = {"demo": DEMO, **DRAWER}
# A lease of seven years leaves a tenor of five: nothing between the grid's points passes either.
UNFINANCEABLE = {"seven_year_lease"}
LEVERS: dict[str, Any] = {
    "axes": {
        "senior_tenor_years": [5, 7, 15], "senior_amortisation": ["sculpted", "interest_only"],
        "senior_coupon_rate": [0.03, 0.0425, 0.06, 0.065], "senior_dscr": [1.25, 1.60], "mezz_dscr": [1.15],
        "mezz_coupon_rate": [0.085], "zcis_tenor_years": [0, 10], "equity_irr_rate": [0.12],
    }
}  # fmt: skip


def case_of(name: str, rules: RuleSet = RULES, market: MarketSet = MARKET) -> Case:
    inputs = ProjectInputs.from_dict(PROJECTS[name])
    terms = StructuringTerms.from_dict({**market.market_for(inputs.currency).term_values(), **LIGHT_GRID})
    return Case(inputs, terms, rules, LeverSet.from_dict(LEVERS), market=market)


def grid_of(case: Case) -> dict[str, Any]:
    return evaluate(case, np.arange(case.levers.size, dtype=np.int64)).columns


def first_of(case: Case, grid: dict[str, Any]) -> dict[str, float] | None:
    """The structure that a run of the grid ranks first; None where none passes both gates."""
    alive = grid["gate"] == 2
    if not alive.any():
        return None
    ranking = rank({name: grid[name][alive] for name in RANK_COLUMNS}, case.terms, case.levers.size)
    at = np.flatnonzero(alive)[np.flatnonzero(ranking.rank == 1)[0]]
    return {name: float(grid[name][at]) for name in ("stress_passed", "day_one_value")}


def searched(case: Case, grid: dict[str, Any], seed: int = 1) -> SearchResult:
    """Coupon and cover anywhere between their ends."""
    return search(case, SearchTerms.from_dict({"effort": 500, "seed": seed}, case.levers), grid)


def place(found: dict[str, Any]) -> tuple[int, float]:
    """Where a ranking puts what passes both gates, the higher the better."""
    return int(found["stress_passed"]), float(found["day_one_value"])


@pytest.fixture
def answer_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each limit costs is not asked: most of a search's time goes there, and nothing of its answer."""
    monkeypatch.setattr(frontier, "FRONTIERS", {})


@pytest.mark.usefixtures("answer_only")
@pytest.mark.parametrize("name", PROJECTS)
def test_it_ranks_no_lower_than_the_grids_best_and_does_so_again(name: str) -> None:
    case = case_of(name)
    grid = grid_of(case)
    first, found = first_of(case, grid), searched(case, grid)
    assert (first is None) == (name in UNFINANCEABLE)
    if first is None:
        assert (found.best, found.grid) == (None, None)
        assert [unmet.limit for unmet in found.unmet] == [None]
    else:
        assert found.best is not None
        assert found.grid is not None
        assert found.grid.objective == pytest.approx(first["day_one_value"], rel=1e-10)
        assert found.row["gate"] == 2
        assert place(dict(found.row)) >= place(first)
        assert found.best.objective == found.row["day_one_value"]
    assert searched(case, grid) == found


@pytest.mark.usefixtures("answer_only")
def test_a_stress_that_is_not_survived_is_not_bought_with_value() -> None:
    """On the gross lease the highest value fails a stress: as in a ranking, what survives all goes before it."""
    case = case_of("gross_lease_pue_1_5")
    grid = grid_of(case)
    passed = grid["gate"] == 2
    sound = passed & (grid["stress_passed"] == 1)
    found = searched(case, grid)
    assert grid["day_one_value"][passed].max() > grid["day_one_value"][sound].max()
    assert found.row["stress_passed"] == 1
