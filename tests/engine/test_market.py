"""A market set read at its points, between them and beyond, with every expected value worked out by hand."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputProblems
from engine.market import Curve, MarketSet, Seniority
from engine.ratings import notch_of

Rows = dict[str, Any]


def currency(name: str = "GBP") -> Rows:
    return {"currency": name, "base_cpi_rate": 0.025, "dealer_spread_bps": 15, "trs_spread_bps": 80}


def spread(rating: str, tenor: float, floor: float, cap: float, seniority: str = "senior") -> Rows:
    return {
        "currency": "GBP", "seniority": seniority, "rating": rating, "tenor_years": tenor, "floor_bps": floor, "cap_bps": cap,
    }  # fmt: skip


def content() -> Rows:
    """A curve of 4.0% at two years and 5.0% at ten; AAA 90, A 150, BBB 210, +5 bps a year from 7 to 27."""
    return {
        "version": "house/1",
        "currencies": [currency()],
        "curves": [
            {"currency": "GBP", "tenor_years": 10, "zero_rate": 0.05},
            {"currency": "GBP", "tenor_years": 2, "zero_rate": 0.04},
        ],
        "breakevens": [
            {"currency": "GBP", "tenor_years": 5, "breakeven_rate": 0.026},
            {"currency": "GBP", "tenor_years": 10, "breakeven_rate": 0.0255},
        ],
        "spreads": [
            spread(rating, tenor, floor + 5 * (tenor - 7), floor + 5 * (tenor - 7) + 250)
            for rating, floor in (("AAA", 90), ("A", 150), ("BBB", 210))
            for tenor in (7, 27)
        ]
        + [spread("BBB", 7, 350, 600, "mezzanine"), spread("BB", 7, 550, 800, "mezzanine")],
    }


@pytest.fixture
def market() -> MarketSet:
    return MarketSet.from_dict(content())


# Eight years from 2 to 10 for one percentage point: 0.125 points a year.
@pytest.mark.parametrize(
    ("tenor", "rate"),
    [(0.5, 0.04), (2, 0.04), (4, 0.0425), (6, 0.045), (9.5, 0.049375), (10, 0.05), (10.1, 0.05), (40, 0.05)],
)
def test_the_zero_rate_is_linear_between_points_and_flat_beyond(market: MarketSet, tenor: float, rate: float) -> None:
    assert market.market_for("GBP").zero_rate(tenor) == pytest.approx(rate, abs=1e-15)


@pytest.mark.parametrize(("tenor", "rate"), [(1, 0.026), (5, 0.026), (7.5, 0.02575), (10, 0.0255), (30, 0.0255)])
def test_breakevens(market: MarketSet, tenor: float, rate: float) -> None:
    assert market.market_for("GBP").breakeven_rate(tenor) == pytest.approx(rate, abs=1e-15)


def test_what_a_swap_is_financed_at(market: MarketSet) -> None:
    found = market.market_for("GBP")
    # 4.25% for four years and 80 bps.
    assert found.trs_financing_rate(4) == pytest.approx(0.0505, abs=1e-15)
    assert (found.base_cpi_rate, found.dealer_spread_bps) == (0.025, 15)


SENIOR = [
    ("AAA", 7, 90.0), ("AAA", 3, 90.0), ("AAA", 8, 95.0), ("AAA", 27, 190.0), ("AAA", 35, 190.0),
    ("A", 7, 150.0), ("BBB", 12.5, 237.5),
    # AAA is notch 1 and A notch 6: AA, notch 3, lies two fifths of the way, 90 + 0.4 x 60.
    ("AA", 7, 114.0), ("AA+", 7, 102.0), ("A-", 7, 170.0), ("A-", 9, 180.0),
]  # fmt: skip


@pytest.mark.parametrize(("rating", "years", "bps"), SENIOR)
def test_senior_spreads_by_rating_and_life(market: MarketSet, rating: str, years: float, bps: float) -> None:
    found = market.market_for("GBP")
    assert found.floor_spread_bps(notch_of(rating), years, Seniority.SENIOR) == pytest.approx(bps, abs=1e-10)
    assert found.cap_spread_bps(notch_of(rating), years, Seniority.SENIOR) == pytest.approx(bps + 250, abs=1e-10)


def test_the_fair_coupon_is_the_curve_at_the_life_and_the_floor_spread(market: MarketSet) -> None:
    # Six years: 4.5%; A: 150 bps. 9 years: 4.875%; BBB: 210 + 10 bps.
    assert market.fair_coupon_rate("GBP", notch_of("A"), 6) == pytest.approx(0.06, abs=1e-15)
    assert market.fair_coupon_rate("GBP", notch_of("BBB"), 9) == pytest.approx(0.07075, abs=1e-15)
    assert market.coupon_cap_rate("GBP", notch_of("A"), 6) == pytest.approx(0.085, abs=1e-15)


def test_mezzanine_has_spreads_of_its_own(market: MarketSet) -> None:
    # BBB 350, BB 550 and three notches between: BB+, notch 11 of 9 to 12, lies two thirds of the way.
    assert market.fair_coupon_rate("GBP", notch_of("BBB"), 6, Seniority.MEZZANINE) == pytest.approx(0.08, abs=1e-15)
    found = market.market_for("GBP").floor_spread_bps(notch_of("BB+"), 6, Seniority.MEZZANINE)
    assert found == pytest.approx(350 + 200 * 2 / 3, abs=1e-10)
    # Better than the best that is quoted: no cheaper than that.
    assert market.fair_coupon_rate("GBP", notch_of("AA"), 6, Seniority.MEZZANINE) == pytest.approx(0.08, abs=1e-15)


@pytest.mark.parametrize(("rating", "seniority"), [("BBB-", "senior"), ("NR", "senior"), ("BB-", "mezzanine")])
def test_below_the_worst_rating_nothing_is_quoted(market: MarketSet, rating: str, seniority: str) -> None:
    assert market.fair_coupon_rate("GBP", notch_of(rating), 6, Seniority(seniority)) is None
    assert market.coupon_cap_rate("GBP", notch_of(rating), 6, Seniority(seniority)) is None


def test_no_mezzanine_quoted_is_no_coupon() -> None:
    rows = content()
    rows["spreads"] = [row for row in rows["spreads"] if row["seniority"] == "senior"]
    assert MarketSet.from_dict(rows).fair_coupon_rate("GBP", notch_of("BBB"), 6, Seniority.MEZZANINE) is None


def test_a_currency_that_is_not_there(market: MarketSet) -> None:
    with pytest.raises(InputProblems, match="house/1 has no market for JPY: it has GBP"):
        market.fair_coupon_rate("JPY", 6, 5)


FAULTS: list[tuple[str, Callable[[Rows], Any], str, str]] = [
    ("out_of_range", lambda r: r["curves"][1].update(zero_rate=4.2), "curves.1.zero_rate", "expected -0.05 to 0.5"),
    ("out_of_range", lambda r: r["curves"][0].update(tenor_years=0), "curves.0.tenor_years", "more than 0"),
    ("missing", lambda r: r["currencies"][0].pop("base_cpi_rate"), "currencies.0.base_cpi_rate", "Base CPI is missing"),
    ("not_a_number", lambda r: r["spreads"][2].update(floor_bps="wide"), "spreads.2.floor_bps", "expected a number"),
    ("not_a_choice", lambda r: r["spreads"][0].update(rating="AAAA"), "spreads.0.rating", "expected one of AAA"),
    ("not_a_choice", lambda r: r["curves"][0].update(currency="CHF"), "curves.0.currency", "expected one of GBP"),
    ("unknown", lambda r: r["curves"][0].update(swap_rate=0.04), "curves.0.swap_rate", "is not a field"),
    ("not_a_row", lambda r: r["breakevens"].append(3), "breakevens.2", "expected named values"),
    ("not_rows", lambda r: r.update(spreads="none"), "spreads", "expected a list of rows"),
    ("repeated", lambda r: r["curves"].append(dict(r["curves"][0])), "curves.2.tenor_years", "GBP 10 stands twice"),
    ("repeated", lambda r: r["currencies"].append(currency()), "currencies.1.currency", "GBP stands twice"),
    ("unknown_currency", lambda r: r["curves"][0].update(currency="JPY"), "curves.0.currency", "no currency of the set"),
    ("no_points", lambda r: r["currencies"].append(currency("EUR")), "curves.EUR", "EUR has no row in curves"),
    ("no_currencies", lambda r: r.update(currencies=[]), "currencies", "There are no currencies"),
    ("order", lambda r: r["spreads"][0].update(cap_bps=89.9), "spreads.0.cap_bps", "at least the floor of 90 bps"),
    ("ladder", lambda r: r["spreads"][2].update(floor_bps=89), "spreads.2.floor_bps", "A pays 89 bps, less than AAA with 90"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "spoil", "place", "words"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS])
def test_faults_by_place(code: str, spoil: Callable[[Rows], Any], place: str, words: str) -> None:
    rows = deepcopy(content())
    spoil(rows)
    with pytest.raises(InputProblems) as refused:
        MarketSet.from_dict(rows)
    found = [problem for problem in refused.value.problems if (problem.code, problem.place) == (code, place)]
    assert found, refused.value.problems
    assert words in found[0].message


def test_a_cap_may_equal_its_floor_and_a_rating_pay_as_the_better_one() -> None:
    rows = content()
    rows["spreads"][0].update(cap_bps=90)
    rows["spreads"][2].update(floor_bps=90)
    assert MarketSet.from_dict(rows).markets.keys() == {"GBP"}


POINTS = st.lists(
    st.tuples(st.integers(1, 60), st.floats(-0.05, 0.5, allow_nan=False)), min_size=1, max_size=8, unique_by=lambda p: p[0]
)  # fmt: skip


@given(points=POINTS, x=st.floats(0, 80, allow_nan=False))
def test_a_curve_stays_within_its_points_and_passes_through_them(points: list[tuple[int, float]], x: float) -> None:
    curve = Curve.of((float(place), value) for place, value in points)
    values = [value for _, value in points]
    assert min(values) - 1e-12 <= curve.at(x) <= max(values) + 1e-12
    assert all(curve.at(place) == value for place, value in points)


@pytest.mark.parametrize("points", [(), ((2.0, 0.1), (1.0, 0.1)), ((1.0, 0.1), (1.0, 0.2))])
def test_points_that_do_not_rise_are_no_curve(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="expected points that rise"):
        Curve(points)
