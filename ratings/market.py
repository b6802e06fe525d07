"""Market sets as a kind of versioned data, and the one that comes with the installation: assumptions, marked so."""

import json
from collections.abc import Sequence
from typing import Any

from accounts.policies import declare
from engine.market import BREAKEVEN_FIELDS, CURRENCY_FIELDS, CURVE_FIELDS, SPREAD_FIELDS, MarketSet, Seniority
from engine.project.inputs import Currency
from engine.ratings.scale import notch_of
from ratings.paths import DATA
from records.kinds import Path, RecordKind, Split, TableSpec, words_of_row

Row = dict[str, Any]
FAMILY = "house"
FILE = "market/house_v1.json"
# Tenors at which spreads are written down: level up to the first, then a straight line.
LEVEL_TO_YEARS, SPREAD_TENORS = 7, (7, 10, 15, 20, 30, 50)
BPS_A_YEAR_BEYOND, CAP_OVER_FLOOR_BPS = 5, 250
FLOORS_BPS: dict[Seniority, dict[str, int]] = {
    Seniority.SENIOR: {"AAA": 90, "AA": 110, "A": 150, "BBB": 210, "BB": 400},
    Seniority.MEZZANINE: {"BBB": 350, "BB": 550},
}
CURVES: dict[Currency, dict[float, float]] = {
    Currency.GBP: {1: 0.042, 5: 0.042, 10: 0.042, 30: 0.042},
    Currency.EUR: {1: 0.021, 5: 0.024, 10: 0.027, 30: 0.028},
    Currency.USD: {1: 0.037, 5: 0.036, 10: 0.039, 30: 0.041},
    Currency.JPY: {1: 0.007, 5: 0.012, 10: 0.017, 30: 0.026},
}
BREAKEVENS: dict[Currency, dict[float, float]] = {
    Currency.GBP: {5: 0.026, 10: 0.0255},
    Currency.EUR: {5: 0.019, 10: 0.02},
    Currency.USD: {5: 0.024, 10: 0.0235},
    Currency.JPY: {5: 0.015, 10: 0.016},
}
BASE_CPI: dict[Currency, float] = {
    Currency.GBP: 0.025, Currency.EUR: 0.02, Currency.USD: 0.025, Currency.JPY: 0.02,
}  # fmt: skip
DEALER_SPREAD_BPS, TRS_SPREAD_BPS = 15, 80


def _by_currency(title: str) -> Split:
    return Split(
        values=lambda content: [str(row.get("currency")) for row in content.get("currencies", [])],
        title=lambda _, currency: f"{title}, {currency}",
        part=lambda _, currency: currency,
    )


def _by_tenor(name: Path) -> tuple[str, float]:
    return name[0], _number(name[1])


def _spread_order(name: Path) -> tuple[str, bool, int, float]:
    return name[0], name[1] != Seniority.SENIOR, notch_of(name[2]), _number(name[3])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _years(name: Sequence[str]) -> str:
    """What a row is about, its tenor last: "senior BBB, 7 years"."""
    ahead = words_of_row(name[:-1])
    return f"{ahead}, {name[-1]} years" if ahead else f"{name[-1]} years"


TABLES = (
    TableSpec(
        "currencies", "Currencies", "currencies", CURRENCY_FIELDS, ("currency",), by_cell=True, is_required=True,
    ),
    TableSpec(
        "curves", "Zero curve", fields=CURVE_FIELDS, keys=("currency", "tenor_years"), split=_by_currency("Zero curve"),
        label=_years, order=_by_tenor, sheet="Curves",
    ),
    TableSpec(
        "breakevens", "Breakeven inflation", fields=BREAKEVEN_FIELDS, keys=("currency", "tenor_years"),
        split=_by_currency("Breakeven inflation"), label=_years, order=_by_tenor, sheet="Breakevens",
    ),
    TableSpec(
        "spreads", "Spreads", fields=SPREAD_FIELDS, keys=("currency", "seniority", "rating", "tenor_years"),
        split=_by_currency("Spreads over the curve"), label=_years, order=_spread_order,
    ),
)  # fmt: skip
MARKETS = RecordKind(
    name="market_set",
    noun="market set",
    title="Market sets",
    about="What the market asks: curves, spreads at which notes clear and breakeven inflation, by currency.",
    form="atlas-nexus/market/1",
    pages="market",
    tables=TABLES,
    write=declare("market.write", refusal="Only administrators work on market sets."),
    read=MarketSet.from_dict,
    load_hint="Load one with manage.py load_demo.",
)


def market_document() -> Row:
    """The document as it should stand in ratings/data."""
    return {
        "family": FAMILY,
        "version": 1,
        "name": "House market assumptions",
        "effective_from": "2025-01-01",
        "notes": "Assumptions throughout, until quotes are entered: no value was taken from a market.",
        "content": {
            "version": f"{FAMILY}/1",
            "currencies": [_currency_row(currency) for currency in Currency],
            "curves": [
                _point(c, tenor, "zero_rate", rate, _CURVE) for c in Currency for tenor, rate in CURVES[c].items()
            ],
            "breakevens": [
                _point(c, tenor, "breakeven_rate", rate, "assumption: level of quoted index-linked swaps, rounded")
                for c in Currency
                for tenor, rate in BREAKEVENS[c].items()
            ],
            "spreads": [
                _spread_row(currency, seniority, rating, tenor)
                for currency in Currency
                for seniority, floors in FLOORS_BPS.items()
                for rating in floors
                for tenor in SPREAD_TENORS
            ],
        },
    }


def load_market_document() -> Row:
    """The document of ratings/data."""
    document: Row = json.loads((DATA / FILE).read_text())
    return document


_CURVE = "assumption: level of the swap curve, rounded; flat beyond its last tenor"


def _currency_row(currency: Currency) -> Row:
    values = {
        "base_cpi_rate": (BASE_CPI[currency], "assumption: inflation before the first breakeven"),
        "dealer_spread_bps": (DEALER_SPREAD_BPS, "assumption: a dealer's charge over mid on a swap"),
        "trs_spread_bps": (TRS_SPREAD_BPS, "assumption: financing leg of a total return swap over the zero rate"),
    }
    sources = {name: {"provenance": "assumption", "source": source} for name, (_, source) in values.items()}
    return {"currency": str(currency), **{name: value for name, (value, _) in values.items()}, "sources": sources}


def _point(currency: Currency, tenor: float, name: str, rate: float, source: str) -> Row:
    said = {"provenance": "assumption", "source": source}
    return {"currency": str(currency), "tenor_years": tenor, name: rate, **said}


def _spread_row(currency: Currency, seniority: Seniority, rating: str, tenor: int) -> Row:
    level = FLOORS_BPS[seniority][rating]
    floor = level + BPS_A_YEAR_BEYOND * (tenor - LEVEL_TO_YEARS)
    source = (
        f"assumption: {level} bps, {BPS_A_YEAR_BEYOND} a year beyond {LEVEL_TO_YEARS}; cap {CAP_OVER_FLOOR_BPS} over"
    )
    return {
        "currency": str(currency),
        "seniority": str(seniority),
        "rating": rating,
        "tenor_years": tenor,
        "floor_bps": floor,
        "cap_bps": floor + CAP_OVER_FLOOR_BPS,
        "provenance": "assumption",
        "source": source,
    }
