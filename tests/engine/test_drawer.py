"""The drawer's projects, each searched over a small space: what ranks first is what a lender could sign."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.market import MarketSet
from engine.permutations import RANK_COLUMNS, Case, LeverSet, evaluate, rank
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from tests.engine.drawer import DRAWER, LEVERS

ROOT = Path(__file__).resolve().parents[2]
RULES = RuleSet.from_dict(json.loads((ROOT / "ratings/data/uk_eu_us_v2.json").read_text())["content"])
MARKET = MarketSet.from_dict(json.loads((ROOT / "ratings/data/market/house_v1.json").read_text())["content"])
# Projects of which nothing passes: the lease ends before any tenor of the space and its tail.
UNFINANCEABLE = {"seven_year_lease"}

SHOWN = (
    "gate", "stress_passed", "stress_defaults", "equity_ratio", "sponsor_equity_amount", "sponsor_irr_rate",
    "senior_coupon_margin_bps", "total_agency_ltv_ratio",
)  # fmt: skip


def searched(name: str):
    """(alive rows by column, place of the first-ranked among them or None) of a project's space."""
    inputs = ProjectInputs.from_dict(DRAWER[name])
    terms = StructuringTerms.from_dict(MARKET.market_for(inputs.currency).term_values())
    case = Case(inputs, terms, RULES, LeverSet.from_dict(LEVERS), market=MARKET)
    columns = evaluate(case, np.arange(case.levers.size)).columns
    alive = (columns["gate"] == 2) | (columns["near_miss"] == 1)
    rows = {column: values[alive] for column, values in columns.items()}
    if not alive.any():
        return rows, None
    ranking = rank({column: rows[column] for column in RANK_COLUMNS}, terms, case.levers.size)
    return rows, int(np.flatnonzero(ranking.rank == 1)[0])


@pytest.mark.parametrize("name", DRAWER)
def test_what_ranks_first_can_be_signed(name):
    rows, first = searched(name)
    assert (first is None) == (name in UNFINANCEABLE)
    if first is None:
        return
    best = {column: float(rows[column][first]) for column in SHOWN}
    passed = rows["gate"] == 2
    assert best["gate"] == (2 if passed.any() else 1)
    assert best["stress_passed"] == (1 if (passed & (rows["stress_passed"] == 1)).any() else 0)
    assert best["stress_defaults"] == 0
    assert best["equity_ratio"] >= 0.20 - 1e-9
    assert best["sponsor_equity_amount"] > 0
    assert np.isfinite(best["sponsor_irr_rate"])
    assert best["senior_coupon_margin_bps"] >= -1e-6
    assert best["total_agency_ltv_ratio"] <= 0.85 + 1e-9
