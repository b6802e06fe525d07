"""A tape of assets read cell by cell: values of the sound rows, and every problem with its row and column.

A refused row keeps the tape from being applied until it is mended or left out; a warning stays visible on the pool.
Nothing is divided, guessed or taken for nought.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from engine.portfolios.assets import FIELDS, KINDS, POSITION_FIELDS, Kind
from engine.portfolios.ratings import FACTORS, SP, UNRATED
from lib.grids import Grid
from lib.numbers import shortened
from lib.text import label_of
from portfolios.cells import Refused, read_cell
from portfolios.countries import country_name

DATA = Path(__file__).resolve().parent / "data"
HEADERS: Mapping[str, str] = dict(
    zip(
        FIELDS,
        (
            *("BLKRockID", "Issue Name", "Issuer Name", "ISSUER ID", "Tranche", "Bond/Loan", "Par Amount", "Maturity"),
            *("Coupon Type", "Payment Frequency", "Coupon Spread", "Libor Floor", "Index", "Coupon", "Commitment Fee"),
            *("Unfunded Amount", "Facility Size", "Moody's Industry", "S&P Industry", "Moody Asset Category"),
            *("S&P Priority Category", "Country", "Seniority", "Deferred Interest Bond", "PiKing", "PIK Amount"),
            *("Default Obligation", "Date of Defaulted", "Delayed Drawdown", "Revolver", "Letter of Credit"),
            *("Participation", "DIP", "Convertible", "Structured Finance", "Bridge Loan", "Current Pay", "Cov-Lite"),
            *("Currency", "WAL", "Market Value", "First Lien Last Out Loan", "Moody's Rating-21"),
            *("Moody's Recovery Rate-23", "Moody's Default Probability Rating-18", "Moody's Rating WARF"),
            *("Moody Facility Rating", "Moody Facility Outlook", "Moody Issuer Rating", "Moody Issuer outlook"),
            *("Moody's Senior Secured Rating", "Moody Senior Unsecured Rating", "Moody Subordinate Rating"),
            *("Moody's Credit Estimate", "Moody's Credit Estimate Date", "S&P Facility Rating", "S&P Issuer Rating"),
            *(
                "S&P Senior Secured Rating",
                "S&P Subordinated Rating",
                "S&P Recovery Rating",
                "Dated Date",
                "Issue Date",
            ),
            *("First Payment Date", "Amortization Type", "Day Count", "Index Cap", "Business Day Convention"),
            *("PMT EOM", "Amount Issued", "Credit Opinion", "Deal_Par_Amount"),
            *POSITION_FIELDS,
        ),
        strict=True,
    )
)
# What pages call them: the layout's headers, and words for the purchase, whose headers are names alone.
TITLES: Mapping[str, str] = {**HEADERS, **{name: label_of(name) for name in POSITION_FIELDS}}
REQUIRED = ("blkrockid", "issuer_id", "currency", "deal_par_amount", "default_obligation")
MOODYS_RATINGS = tuple(name for name in FIELDS[42:55] if KINDS[name] is Kind.TEXT and "outlook" not in name)
SP_RATINGS = ("s_p_facility_rating", "s_p_issuer_rating", "s_p_senior_secured_rating", "s_p_subordinated_rating")
_WATCH = re.compile(r"\s*\(?\*\s*[-+]?\)?$")
_DEFAULTED = frozenset({"D", "SD", "DIP"})
_LIKELY = {"moodys_recovery_rate_23": "percent"}
MOST = 10**13
_PAYMENTS_A_YEAR = frozenset((1, 2, 4, 12))


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong at one cell; `refuses` keeps its row out, else it is a warning. `row` counts data rows from 1."""

    row: int
    column: str
    code: str
    message: str
    refuses: bool = True

    @property
    def header(self) -> str:
        """The column as the layout names it."""
        return TITLES.get(self.column, self.column)


@dataclass(frozen=True, slots=True)
class Tape:
    """What a file holds: values by row, as far as the row is not refused, with what was found."""

    rows: Mapping[int, Mapping[str, Any]]
    problems: tuple[CellProblem, ...]
    unmapped: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def refused_rows(self) -> frozenset[int]:
        """The rows that are not taken."""
        return frozenset(problem.row for problem in self.problems if problem.refuses)

    def assets(self) -> list[dict[str, Any]]:
        """The sound rows as `Asset.from_dict` takes them."""
        return [plain_row(values) for _, values in sorted(self.rows.items())]


def plain_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values as JSON holds them; what is not known is left out."""
    return {
        name: value if isinstance(value, bool | str) else _plain(value)
        for name, value in values.items()
        if value is not None and value != ""
    }


def _plain(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Known:
    """What a deal knows that a tape is checked against."""

    currencies: frozenset[str]
    determination_date: date


@dataclass(slots=True)
class _Row:
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)

    def refuse(self, column: str, code: str, message: str) -> None:
        self.problems.append(CellProblem(self.number, column, code, f"{HEADERS[column]}: {message}"))

    def warn(self, column: str, code: str, message: str) -> None:
        self.problems.append(CellProblem(self.number, column, code, f"{HEADERS[column]}: {message}", refuses=False))


def normal(header: str) -> str:
    """A header without what senders write differently: case, spaces, apostrophes, the deal's name before the par column.

    >>> normal(" Moody’s Industry ")
    "moody's industry"
    """
    text = " ".join(header.replace("’", "'").replace("‘", "'").replace("\ufeff", "").split()).casefold()
    return "deal_par_amount" if text.endswith("_par_amount") else text


_BY_HEADER = {normal(header): name for name, header in HEADERS.items()} | {name: name for name in HEADERS}


def suggested_mapping(headers: Sequence[str], kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field by header: as this sender's headers were mapped before, else by the layout's own names."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for header in headers:
        name = (kept or {}).get(normal(header), _BY_HEADER.get(normal(header), ""))
        if name in HEADERS and name not in taken:
            found[header] = name
            taken.add(name)
    return found


def read_tape(grid: Grid, known: Known, mapping: Mapping[str, str] | None = None) -> Tape:
    """Every row read and checked; a column that must be there and is not refuses every row."""
    by_header = suggested_mapping(grid.headers) if mapping is None else dict(mapping)
    places = [(place, by_header[header]) for place, header in enumerate(grid.headers) if header in by_header]
    absent = tuple(name for name in REQUIRED if name not in by_header.values())
    rows = [_read_row(number, cells, places) for number, cells in enumerate(grid.rows, start=1)]
    for row in rows:
        _check_row(row, known)
    _check_together(rows)
    problems = tuple(problem for row in rows for problem in row.problems)
    bad = {problem.row for problem in problems if problem.refuses}
    unmapped = tuple(header for header in grid.headers if header.strip() and header not in by_header)
    return Tape({row.number: row.values for row in rows if row.number not in bad}, problems, unmapped, absent)


def read_positions(grid: Grid, tape: Tape) -> Tape:
    """The tape with purchase prices and dates of a positions file, joined by the asset's identifier."""
    mapping = suggested_mapping(grid.headers)
    places = [(place, mapping[header]) for place, header in enumerate(grid.headers) if header in mapping]
    held: dict[str, _Row] = {}
    problems: list[CellProblem] = []
    for number, cells in enumerate(grid.rows, start=1):
        row = _read_row(number, cells, [each for each in places if each[1] in {"blkrockid", *POSITION_FIELDS}])
        name = str(row.values.get("blkrockid") or "")
        if name in held:
            row.refuse("blkrockid", "duplicate", f"{shortened(name)} stands twice in the positions")
        _check_percent(row, "purchase_price_pct")
        held.setdefault(name, row)
        problems += row.problems
    rows = {}
    for number, values in tape.rows.items():
        found = held.get(str(values["blkrockid"]))
        rows[number] = {**values, **({k: v for k, v in found.values.items() if k in POSITION_FIELDS} if found else {})}
    return Tape(rows, (*tape.problems, *problems), tape.unmapped, tape.absent)


def _read_row(number: int, cells: Sequence[str], places: Iterable[tuple[int, str]]) -> _Row:
    row = _Row(number)
    for place, name in places:
        try:
            row.values[name] = read_cell(cells[place], KINDS[name])
        except Refused as refused:
            row.values[name] = None
            row.refuse(name, refused.code, refused.sentence)
    return row


# Checks of one row


def _check_row(row: _Row, known: Known) -> None:
    had = {problem.column for problem in row.problems}
    for name in REQUIRED:
        if name not in had and row.values.get(name) in (None, ""):
            row.refuse(name, "missing", "is missing, and is not taken for nought")
    for name, kind in KINDS.items():
        value = row.values.get(name)
        if value is None:
            continue
        if kind is Kind.RATE:
            _check_rate(row, name, value)
        elif kind is Kind.AMOUNT and value < 0:
            row.refuse(name, "out_of_range", f"expected no negative amount, got {value}")
        elif kind in {Kind.AMOUNT, Kind.NUMBER} and value >= MOST:
            row.refuse(name, "out_of_range", f"expected less than {MOST:,}, got {shortened(str(value))}")
    for check in _CHECKS:
        check(row, known)


def _check_rate(row: _Row, name: str, value: Decimal) -> None:
    if abs(value) > 1:
        likely = _LIKELY.get(name, "basis points" if abs(value) >= 10 else "percent")
        row.refuse(name, "out_of_range", f"expected a decimal fraction such as 0.0475, got {value}: likely {likely}")
    elif value < 0:
        if name in {"coupon", "coupon_spread"}:
            row.warn(name, "negative", f"is negative: {value}")
        else:
            row.refuse(name, "out_of_range", f"expected no negative rate, got {value}")


def _check_percent(row: _Row, name: str) -> None:
    value = row.values.get(name)
    if value is None:
        return
    if value < 0 or value > 250:
        row.refuse(name, "out_of_range", f"expected percent of par, got {value}")
    elif 0 < value <= Decimal("1.5"):
        row.warn(name, "perhaps_fraction", f"is read as {value} percent of par: likely a fraction")


def _check_ratings(row: _Row, known: Known) -> None:
    for names, scale in ((MOODYS_RATINGS, tuple(FACTORS)), (SP_RATINGS, SP)):
        for name in names:
            text = str(row.values.get(name) or "")
            plain = _WATCH.sub("", text).strip()
            if plain != text:
                row.values[name] = plain
                row.warn(name, "on_watch", f"{text} is on review: read as {plain}, not notched for it")
            if plain and plain not in scale and plain not in UNRATED and plain not in _DEFAULTED:
                row.refuse(name, "unknown_rating", f"{shortened(plain)} is no rating of this agency")
    is_estimated = str(row.values.get("moodys_credit_estimate") or "") not in UNRATED
    if is_estimated and row.values.get("moodys_credit_estimate_date") is None:
        row.refuse("moodys_credit_estimate_date", "missing", "a credit estimate needs its date")


def _check_names(row: _Row, known: Known) -> None:
    values = row.values
    industry = str(values.get("moodys_industry") or "")
    if industry:
        if (found := industries("moodys").get(industry.casefold())) is None:
            row.refuse(
                "moodys_industry", "unknown_industry", f"{shortened(industry)} is not one of Moody's 35 industries"
            )
        else:
            values["moodys_industry"] = found
    other = str(values.get("s_p_industry") or "")
    if other and other.casefold() not in industries("sp"):
        row.warn("s_p_industry", "unknown_industry", f"{shortened(other)} is not in the list of S&P industries")
    country = str(values.get("country") or "")
    if country:
        if (name := country_name(country)) is None:
            row.warn(
                "country", "unknown_country", f"{shortened(country)} is no known country: it is in no group of the deal"
            )
        else:
            values["country"] = name


def _check_currency(row: _Row, known: Known) -> None:
    currency = str(row.values.get("currency") or "").upper()
    if currency:
        row.values["currency"] = currency
        if currency not in known.currencies:
            row.refuse("currency", "no_rate", f"the deal has no exchange rate for {shortened(currency)}")


def _check_amounts(row: _Row, known: Known) -> None:
    values = row.values
    par, unfunded, size = (values.get(name) for name in ("deal_par_amount", "unfunded_amount", "facility_size"))
    if par == 0:
        row.warn("deal_par_amount", "nil_par", "is nought: the asset counts in no test")
    if par is not None and unfunded is not None and unfunded > par >= 0:
        row.refuse("unfunded_amount", "above_par", f"expected at most the par of {par}, got {unfunded}")
    if size is not None and size == 0:
        row.warn("facility_size", "nil_size", "is nought")
    frequency = values.get("payment_frequency")
    if frequency is not None and frequency not in _PAYMENTS_A_YEAR:
        row.refuse("payment_frequency", "out_of_range", f"expected 1, 2, 4 or 12 payments a year, got {frequency}")
    if values.get("coupon_type") and str(values["coupon_type"]).casefold() not in {"fixed", "float"}:
        row.refuse("coupon_type", "unknown", f"expected FIXED or FLOAT, got {shortened(str(values['coupon_type']))}")
    recovery = values.get("moodys_recovery_rate_23")
    if values.get("wal") is not None and values["wal"] < 0:
        row.refuse("wal", "out_of_range", f"expected no negative life, got {values['wal']}")
    if recovery is None and values.get("default_obligation"):
        row.warn("moodys_recovery_rate_23", "missing", "a defaulted asset without it is carried at nothing")
    for name in ("market_value", "purchase_price_pct"):
        _check_percent(row, name)


def _check_dates(row: _Row, known: Known) -> None:
    values = row.values
    had = {problem.column for problem in row.problems}
    defaulted = values.get("date_of_defaulted")
    if values.get("default_obligation") and defaulted is None and "date_of_defaulted" not in had:
        row.refuse("date_of_defaulted", "missing", "a defaulted asset needs the date of its default")
    if defaulted is not None:
        if not values.get("default_obligation"):
            row.warn("date_of_defaulted", "not_defaulted", "is given, yet the asset is not marked as defaulted")
        if defaulted > known.determination_date:
            row.warn("date_of_defaulted", "in_future", f"{defaulted} is after the determination date")
    maturity = values.get("maturity")
    if maturity is not None and maturity < known.determination_date:
        row.warn("maturity", "matured", f"{maturity} is before the determination date {known.determination_date}")


_CHECKS: tuple[Callable[[_Row, Known], None], ...] = (
    _check_ratings, _check_names, _check_currency, _check_amounts, _check_dates,
)  # fmt: skip


def _check_together(rows: Sequence[_Row]) -> None:
    """What only shows between rows: an identifier twice, an issuer with two ratings."""
    first: dict[str, int] = {}
    rated: dict[tuple[str, str], tuple[int, str]] = {}
    for row in rows:
        name = str(row.values.get("blkrockid") or "")
        if name and name in first:
            row.refuse("blkrockid", "duplicate", f"{shortened(name)} stands in row {first[name]} already")
        first.setdefault(name, row.number)
        for column in ("moody_issuer_rating", "s_p_issuer_rating"):
            issuer, rating = str(row.values.get("issuer_id") or ""), str(row.values.get(column) or "")
            if not issuer or rating in UNRATED:
                continue
            seen = rated.setdefault((issuer, column), (row.number, rating))
            if seen[1] != rating:
                row.warn(column, "two_ratings", f"{issuer} is {rating} here and {seen[1]} in row {seen[0]}")


@cache
def industries(agency: str) -> Mapping[str, str]:
    """The agency's industries, by their name in lower case."""
    with (DATA / f"{agency}_industries.csv").open(newline="") as file:
        return {row["industry"].casefold(): row["industry"] for row in csv.DictReader(file)}


def columns_shown() -> Iterator[tuple[str, str, Kind]]:
    """Every column as the layout has them: field, header, kind."""
    yield from ((name, header, KINDS[name]) for name, header in HEADERS.items())
