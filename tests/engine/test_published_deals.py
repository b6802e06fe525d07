"""Public data-centre securitisations rebuilt from their published terms: how far the model's rating lies from theirs.

Terms: `documents/data/datacentre_abs_terms.csv`. What a deal does not publish is assumed here, and said in
docs/model/19-published-deals.md. Notches count down from AAA; a distance above nil is a rating below the agency's.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.deal import Choice, Deal, price
from engine.market import MarketSet
from engine.measures.cover import DSCR_AVERAGE, DSCR_MINIMUM
from engine.project import ProjectInputs
from engine.ratings import RuleSet, notch_of
from engine.ratings.checks import RATING
from engine.terms import StructuringTerms

ROOT = Path(__file__).resolve().parents[2]
TERMS = list(csv.DictReader((ROOT / "documents/data/datacentre_abs_terms.csv").read_text().splitlines()))
RULES = RuleSet.from_dict(json.loads((ROOT / "ratings/data/uk_eu_us_v2.json").read_text())["content"])
MARKET = MarketSet.from_dict(json.loads((ROOT / "ratings/data/market/house_v1.json").read_text())["content"])
# The halving of the cover stops well within a pound of the notes.
HALVINGS = 40


@dataclass(frozen=True)
class Published:
    """One deal: amounts in millions of its currency; `classes` are (deal, class) rows whose amounts add up."""

    country: str
    currency: str
    classes: tuple[tuple[str, str], ...]
    agency_rating: str
    mw: float
    revenue: float
    noi_ratio: float
    value: float
    coupon_rate: float
    ard_years: int
    lease_years: int = 20

    @property
    def amount(self) -> float:
        """The notes in the file, added up."""
        found = [float(row["amount_m"]) for row in TERMS if (row["deal"], row["class"]) in self.classes]
        assert len(found) == len(self.classes)
        return sum(found)


DEALS = {
    "Vantage UK 2024-1": Published(
        "UK", "GBP", (("Vantage UK 2024-1", "A-2"),), "A-", 111.828, 111.828 * 80.22 * 0.012, 0.85, 867.2 / 0.79, 0.067, 5
    ),
    "Vantage UK tap 2025": Published(
        "UK", "GBP", (("Vantage UK tap 2025", "A-2 (total)"),), "A", 112, 106.3, 0.85, 1470, 0.067, 5
    ),
    "Vantage Germany 2025": Published(
        "EU", "EUR", (("Vantage Germany 2025", "A-2"),), "A-", 55.8, 60.4, 43.7 / 60.4, 928, 0.043, 5
    ),
    "Aligned 2021-1": Published(
        "US", "USD", (("Aligned 2021-1", "A-1 VFN"), ("Aligned 2021-1", "A-2")), "A-", 125, 125 * 87 * 0.012, 0.85, 1770,
        0.05, 5,
    ),
    "Centersquare 2024-1 and 2": Published(
        "US", "USD", (("Centersquare 2024-1", "A-1"), ("Centersquare 2024-1", "A-2"), ("Centersquare 2024-2", "A-2")),
        "A-", 106.2, 295.1, 114.0 / 295.1, 114.0 / 0.06, 0.06, 5,
    ),
    "DATA 2023-CNTR": Published(
        "US", "USD", (("DATA 2023-CNTR", "A,B,C,D,HRR"),), "BBB-", 67.4 * 0.867, 62.7 / 0.85, 0.85, 906.7, 0.0575, 10
    ),
}  # fmt: skip


def structure_of(deal: Published, dscr: float):
    """The deal's interest-only notes at a senior cover, without mezzanine or swaps."""
    inputs = ProjectInputs.from_dict({
        "country": deal.country, "currency": deal.currency,
        "power": {"gross_facility_mw": deal.mw, "pue": 1.0},
        "revenue": {"rent_basis": "monthly_total", "rent_amount": deal.revenue * 1e6 / 12, "occupancy_ratio": 1.0,
                    "opex_ratio": 1.0 - deal.noi_ratio},
        "lease": {"term_years": deal.lease_years, "indexation": "cpi"},
        # A financed portfolio costs its owner what it is worth.
        "capex": {side: {"lines": {"build": deal.value * 1e6}} for side in ("internal", "market")},
        "construction": {"months": 1}, "credit": {"tenant_rating": "A"},
        "valuation": {"appraisal_amount": deal.value * 1e6},
    })  # fmt: skip
    terms = StructuringTerms.from_dict(MARKET.market_for(deal.currency).term_values())
    choice = Choice.from_dict({
        "senior_amortisation": "interest_only", "senior_tenor_years": deal.ard_years, "mezzanine": "none",
        "senior_coupon_rate": deal.coupon_rate, "senior_dscr": dscr, "equity_irr_rate": 0.12,
    })  # fmt: skip
    return price(Deal(inputs, terms, RULES, choice, market=MARKET))


def rebuilt(deal: Published):
    """The structure with the published amount, or with the most the model carries if that is less."""
    low, high = 1.0, 3.0
    if structure_of(deal, low).senior.amount <= deal.amount * 1e6:
        return structure_of(deal, low)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if structure_of(deal, middle).senior.amount > deal.amount * 1e6 else (low, middle)
    return structure_of(deal, high)


@pytest.fixture(scope="module")
def structures():
    return {name: rebuilt(deal) for name, deal in DEALS.items()}


def test_vantage_uk_is_within_a_notch_of_a_low(structures):
    built = structures["Vantage UK 2024-1"]
    assert built.senior.amount == pytest.approx(600e6, rel=1e-6)
    assert built.senior.amount / built.cash.agency_value_amount == pytest.approx(0.692, abs=5e-4)
    assert abs(int(built.verdict[RATING]) - notch_of("A-")) <= 1


# Deal -> the model's rating of what it carries, notches below the published rating, share of the notes carried.
FOUND = {
    "Vantage UK 2024-1": ("A-", 0, 1.0),
    "Vantage UK tap 2025": ("BBB-", 4, 1.0),
    "Vantage Germany 2025": ("NR", 16, 0.837),
    "Aligned 2021-1": ("BB", 5, 0.990),
    "Centersquare 2024-1 and 2": ("A", -1, 1.0),
    "DATA 2023-CNTR": ("NR", 13, 1.0),
}


@pytest.mark.parametrize("name", DEALS)
def test_distance_from_the_published_rating(name, structures):
    rating, distance, carried = FOUND[name]
    notch = int(structures[name].verdict[RATING])
    assert (notch, notch - notch_of(DEALS[name].agency_rating)) == (notch_of(rating), distance)
    assert structures[name].senior.amount / (DEALS[name].amount * 1e6) == pytest.approx(carried, abs=1e-3)


def test_ten_years_to_the_ard_are_all_that_keeps_data_cntr_from_a_low(structures):
    built = structures["DATA 2023-CNTR"]
    row = next(r for r in RULES.rows_for("US") if r.rating == "A-")
    assert row.max_ard_years == 7
    assert built.senior.ltv_ratio < row.max_advance_ratio
    assert built.cover[DSCR_MINIMUM] > row.dscr_minimum
    assert built.cover[DSCR_AVERAGE] > row.dscr_average
