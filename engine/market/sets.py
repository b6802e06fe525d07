"""A market set: for each currency a zero curve, breakeven inflation, and the spreads that notes clear at.

Source: model book, market set. Rates are fractions a year, tenors and lives years, spreads basis points over the zero
rate of the same life. Sets are immutable; the ratings app versions and stores them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.market.curves import Curve
from engine.project.inputs import Currency
from engine.ratings.scale import LABELS, NOT_RATED, notch_of

Floats = NDArray[np.float64]
BPS = 1e-4


class Seniority(StrEnum):
    """Which notes a spread is quoted for."""

    SENIOR = "senior"
    MEZZANINE = "mezzanine"


_N, _C = FieldKind.NUMBER, FieldKind.CHOICE
_CURRENCY = FieldSpec("currency", "Currency", _C, required=True, choices=tuple(Currency))
_TENOR = FieldSpec("tenor_years", "Tenor", _N, "years", required=True, minimum=0, maximum=100, exclusive_minimum=True)
CURRENCY_FIELDS: tuple[FieldSpec, ...] = (
    _CURRENCY,
    FieldSpec("base_cpi_rate", "Base CPI", _N, "rate", required=True, minimum=-0.05, maximum=0.5),
    FieldSpec("dealer_spread_bps", "Dealer spread", _N, "bps", required=True, minimum=0, maximum=1_000),
    FieldSpec("trs_spread_bps", "TRS financing spread", _N, "bps", required=True, minimum=0, maximum=5_000),
)
CURVE_FIELDS: tuple[FieldSpec, ...] = (
    _CURRENCY, _TENOR,
    FieldSpec("zero_rate", "Zero rate", _N, "rate", required=True, minimum=-0.05, maximum=0.5),
)  # fmt: skip
BREAKEVEN_FIELDS: tuple[FieldSpec, ...] = (
    _CURRENCY, _TENOR,
    FieldSpec("breakeven_rate", "Breakeven inflation", _N, "rate", required=True, minimum=-0.05, maximum=0.5),
)  # fmt: skip
SPREAD_FIELDS: tuple[FieldSpec, ...] = (
    _CURRENCY,
    FieldSpec("seniority", "Seniority", _C, required=True, choices=tuple(Seniority)),
    FieldSpec("rating", "Rating", _C, required=True, choices=LABELS),
    _TENOR,
    FieldSpec("floor_bps", "Floor", _N, "bps", required=True, minimum=0, maximum=5_000),
    FieldSpec("cap_bps", "Cap", _N, "bps", required=True, minimum=0, maximum=10_000),
)
# Tables of a set with their fields and what tells their rows apart.
TABLES: dict[str, tuple[tuple[FieldSpec, ...], tuple[str, ...]]] = {
    "currencies": (CURRENCY_FIELDS, ("currency",)),
    "curves": (CURVE_FIELDS, ("currency", "tenor_years")),
    "breakevens": (BREAKEVEN_FIELDS, ("currency", "tenor_years")),
    "spreads": (SPREAD_FIELDS, ("currency", "seniority", "rating", "tenor_years")),
}
# Kept beside the numbers and shown with them; the engine does not read it.
ANNOTATIONS = ("provenance", "source", "sources")
Row = Mapping[str, Any]
Rows = dict[str, list[dict[str, Any]]]
# Spreads of one seniority: by notch, best first, the spread by tenor.
Ladder = tuple[tuple[int, Curve], ...]


@dataclass(frozen=True)
class CurrencyMarket:
    """One currency's market."""

    currency: str
    base_cpi_rate: float
    dealer_spread_bps: float
    trs_spread_bps: float
    zero_curve: Curve
    breakeven_curve: Curve
    floors: Mapping[Seniority, Ladder] = field(default_factory=dict)
    caps: Mapping[Seniority, Ladder] = field(default_factory=dict)

    @property
    def lives(self) -> tuple[float, ...]:
        """Every tenor at which a coupon's reading may bend: those of the curve and of all spreads."""
        curves = [self.zero_curve]
        for ladders in (self.floors, self.caps):
            curves += [curve for ladder in ladders.values() for _, curve in ladder]
        return tuple(sorted({tenor for curve in curves for tenor, _ in curve.points}))

    @cached_property
    def coupon_tables(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Fair coupons of senior and mezzanine, then their caps: [notch, life of `lives`], NaN where none is quoted."""
        fair, cap = (
            [self._table(read, seniority) for seniority in (Seniority.SENIOR, Seniority.MEZZANINE)]
            for read in (self.fair_coupon_rate, self.coupon_cap_rate)
        )
        return fair[0], fair[1], cap[0], cap[1]

    def _table(self, read: Callable[[int, float, Seniority], float | None], seniority: Seniority) -> Floats:
        rows = [[read(notch, life, seniority) for life in self.lives] for notch in range(NOT_RATED)]
        return np.array(rows, dtype=np.float64)

    def zero_rate(self, tenor_years: float) -> float:
        """The zero rate a year of a tenor: linear between quoted tenors, flat beyond them."""
        return self.zero_curve.at(tenor_years)

    def breakeven_rate(self, tenor_years: float) -> float:
        """Breakeven inflation a year over a tenor: linear between quoted tenors, flat beyond them."""
        return self.breakeven_curve.at(tenor_years)

    def term_values(self) -> dict[str, float]:
        """What a run's terms take from the market where nobody says otherwise, by their names."""
        return {
            "base_cpi_rate": self.base_cpi_rate,
            "zcis_breakeven_5y_rate": self.breakeven_rate(5.0),
            "zcis_breakeven_10y_rate": self.breakeven_rate(10.0),
            "zcis_dealer_spread_bps": self.dealer_spread_bps,
            "trs_financing_rate": self.zero_rate(5.0),
            "trs_spread_bps": self.trs_spread_bps,
        }

    def trs_financing_rate(self, tenor_years: float) -> float:
        """What the financing leg of a total return swap pays a year: the zero rate plus the spread."""
        return self.zero_rate(tenor_years) + self.trs_spread_bps * BPS

    def floor_spread_bps(self, rating_notch: int, wal_years: float, seniority: Seniority) -> float | None:
        """Least spread at which notes of this notch and life clear; None below the worst rating that is quoted."""
        return _spread(self.floors.get(seniority, ()), rating_notch, wal_years)

    def cap_spread_bps(self, rating_notch: int, wal_years: float, seniority: Seniority) -> float | None:
        """Spread above which notes of this notch and life are out of market; None below the worst rating quoted."""
        return _spread(self.caps.get(seniority, ()), rating_notch, wal_years)

    def fair_coupon_rate(self, rating_notch: int, wal_years: float, seniority: Seniority) -> float | None:
        """Least coupon a year at which the notes clear: zero rate of the life plus the floor spread."""
        return self._over_curve(self.floor_spread_bps(rating_notch, wal_years, seniority), wal_years)

    def coupon_cap_rate(self, rating_notch: int, wal_years: float, seniority: Seniority) -> float | None:
        """Coupon a year above which the notes are out of market: zero rate of the life plus the cap spread."""
        return self._over_curve(self.cap_spread_bps(rating_notch, wal_years, seniority), wal_years)

    def _over_curve(self, spread_bps: float | None, wal_years: float) -> float | None:
        return None if spread_bps is None else self.zero_rate(wal_years) + spread_bps * BPS


@dataclass(frozen=True, slots=True)
class MarketSet:
    """One version of the market: each currency's curves and spreads."""

    version: str
    markets: Mapping[str, CurrencyMarket]

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> MarketSet:
        """The set of {"version", "currencies", "curves", "breakevens", "spreads"}, row by row; raises InputProblems."""
        problems: list[Problem] = []
        rows = {table: _read_table(table, payload.get(table, []), problems) for table in TABLES}
        if not problems:
            problems.extend(_problems_across(rows))
        if problems:
            raise InputProblems(problems)
        markets = {row["currency"]: _market(row, rows) for row in rows["currencies"]}
        return cls(str(payload.get("version", "")), markets)

    def market_for(self, currency: str) -> CurrencyMarket:
        """The currency's market; raises InputProblems if the set has none."""
        if currency not in self.markets:
            message = f"Market set {self.version} has no market for {currency}: it has {', '.join(self.markets)}."
            raise InputProblems([Problem("no_market", "currencies", message)])
        return self.markets[currency]

    def fair_coupon_rate(
        self, currency: str, rating_notch: int, wal_years: float, seniority: Seniority = Seniority.SENIOR
    ) -> float | None:
        """Least coupon a year at which such notes clear; None where no spread is quoted for the rating."""
        return self.market_for(currency).fair_coupon_rate(rating_notch, wal_years, seniority)

    def coupon_cap_rate(
        self, currency: str, rating_notch: int, wal_years: float, seniority: Seniority = Seniority.SENIOR
    ) -> float | None:
        """Coupon a year above which such notes are out of market; None where no spread is quoted for the rating."""
        return self.market_for(currency).coupon_cap_rate(rating_notch, wal_years, seniority)


def _spread(ladder: Ladder, notch: int, years: float) -> float | None:
    """The spread of a life, linear in notches between quoted ratings; that of the best for anything better."""
    if not ladder or notch > ladder[-1][0]:
        return None
    return Curve(tuple((float(quoted), curve.at(years)) for quoted, curve in ladder)).at(notch)


# Reading


def _market(row: Row, rows: Rows) -> CurrencyMarket:
    currency = row["currency"]
    mine = {table: [each for each in found if each["currency"] == currency] for table, found in rows.items()}
    return CurrencyMarket(
        **row,
        zero_curve=Curve.of((each["tenor_years"], each["zero_rate"]) for each in mine["curves"]),
        breakeven_curve=Curve.of((each["tenor_years"], each["breakeven_rate"]) for each in mine["breakevens"]),
        floors=_ladders(mine["spreads"], "floor_bps"),
        caps=_ladders(mine["spreads"], "cap_bps"),
    )


def _ladders(rows: Sequence[Row], name: str) -> dict[Seniority, Ladder]:
    found: dict[Seniority, dict[int, list[tuple[float, float]]]] = {}
    for row in rows:
        by_notch = found.setdefault(Seniority(row["seniority"]), {})
        by_notch.setdefault(notch_of(row["rating"]), []).append((row["tenor_years"], row[name]))
    return {
        seniority: tuple((notch, Curve.of(points)) for notch, points in sorted(by_notch.items()))
        for seniority, by_notch in found.items()
    }


def _read_table(table: str, rows: Any, problems: list[Problem]) -> list[dict[str, Any]]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        problems.append(Problem("not_rows", table, f"{table}: expected a list of rows with named values."))
        return []
    return [_read_row(f"{table}.{number}", TABLES[table][0], row, problems) for number, row in enumerate(rows)]


def _read_row(place: str, specs: Sequence[FieldSpec], row: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_row", place, f"{place}: expected named values."))
        return {}
    reader = Reader(specs, {name: value for name, value in row.items() if name not in ANNOTATIONS})
    values = reader.read()
    problems.extend(Problem(p.code, f"{place}.{p.place}", p.message) for p in reader.problems)
    return values


# Faults across rows


def _problems_across(rows: Rows) -> Iterator[Problem]:
    for table, (_, keys) in TABLES.items():
        yield from _repeated(table, keys, rows[table])
    yield from _currency_problems(rows)
    for number, row in enumerate(rows["spreads"]):
        if row["cap_bps"] < row["floor_bps"]:
            message = f"Cap: expected at least the floor of {row['floor_bps']:g} bps, got {row['cap_bps']:g}."
            yield Problem("order", f"spreads.{number}.cap_bps", message)
    yield from _ladder_problems(rows["spreads"])


def _repeated(table: str, keys: Sequence[str], rows: Sequence[Row]) -> Iterator[Problem]:
    seen = set()
    for number, row in enumerate(rows):
        named = tuple(row[key] for key in keys)
        if named in seen:
            said = " ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in named)
            yield Problem("repeated", f"{table}.{number}.{keys[-1]}", f"{table}: {said} stands twice.")
        seen.add(named)


def _currency_problems(rows: Rows) -> Iterator[Problem]:
    known = {row["currency"] for row in rows["currencies"]}
    if not known:
        yield Problem("no_currencies", "currencies", "There are no currencies: add a row for each.")
    for table in ("curves", "breakevens", "spreads"):
        for number, row in enumerate(rows[table]):
            if row["currency"] not in known:
                message = f"{row['currency']} is no currency of the set: add it to currencies."
                yield Problem("unknown_currency", f"{table}.{number}.currency", message)
        quoted = {row["currency"] for row in rows[table]}
        for currency in sorted(known - quoted):
            yield Problem("no_points", f"{table}.{currency}", f"{currency} has no row in {table}: add one at least.")


def _ladder_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    """Worse ratings that would pay less than better ones of the same life."""
    groups: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for number, row in enumerate(rows):
        key = (row["currency"], row["seniority"], row["tenor_years"])
        groups.setdefault(key, []).append((notch_of(row["rating"]), number))
    for found in groups.values():
        for (_, better), (_, worse) in pairwise(sorted(found)):
            for name in ("floor_bps", "cap_bps"):
                yield from _step_problem(rows[better], rows[worse], f"spreads.{worse}.{name}", name)


def _step_problem(better: Row, worse: Row, place: str, name: str) -> Iterator[Problem]:
    low, high = better[name], worse[name]
    if high < low:
        message = f"{worse['rating']} pays {high:g} bps, less than {better['rating']} with {low:g}."
        yield Problem("ladder", place, message)
