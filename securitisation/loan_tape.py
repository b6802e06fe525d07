"""A tape of loans: which column means what, each cell read by the house's reader of numbers, problems at their cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Problem
from engine.ratings import LABELS
from lib.grids import Grid
from lib.numbers import UNKNOWN, Reading, read_number, shortened
from lib.units import Unit

MOST_LOANS = 10_000
MOST_AMOUNT = 1e12
LONGEST_TEXT = 80
KINDS = ("annuity", "straight_line", "interest_only")
CURRENCIES = ("GBP", "EUR", "USD", "JPY")
NOT_RATED = "NR"


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a loan: its name on the page, its unit where it is a number, and other headers that mean it."""

    name: str
    label: str
    unit: Unit | None = None
    required: bool = True
    also: tuple[str, ...] = ()


COLUMNS = {
    column.name: column
    for column in (
        Column("code", "Loan", also=("loan id", "loan number", "loan code", "id", "identifier")),
        Column("currency", "Currency", also=("ccy", "loan currency")),
        Column("balance_amount", "Balance", Unit.AMOUNT, also=("current balance", "outstanding balance", "principal balance", "balance outstanding")),
        Column("coupon_rate", "Coupon", Unit.RATE, also=("interest rate", "rate", "current rate", "note rate")),
        Column("remaining_months", "Remaining months", Unit.MONTHS, also=("remaining term", "months to maturity", "remaining term (months)", "term")),
        Column("amortisation", "Amortisation", required=False, also=("amortization", "amortisation type", "amortization type", "repayment")),
        Column("obligor", "Obligor", required=False, also=("borrower", "debtor", "issuer")),
        Column("sector", "Sector", required=False, also=("industry", "asset class")),
        Column("rating", "Rating", required=False, also=("credit rating", "obligor rating")),
    )
}  # fmt: skip
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.required)
_AMORTISATIONS = {
    **{kind: kind for kind in KINDS},
    "level": "annuity",
    "linear": "straight_line",
    "straight line": "straight_line",
    "interest only": "interest_only",
    "io": "interest_only",
    "bullet": "interest_only",
}
_RANGES = {"balance_amount": (0.0, MOST_AMOUNT), "coupon_rate": (0.0, 0.5), "remaining_months": (1.0, 600.0)}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong at one cell; its row is not taken. `row` counts data rows from 1."""

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Tape:
    """What a file holds: the loans of the sound rows, by row, and the problems of the others."""

    loans: Mapping[int, Mapping[str, Any]]
    problems: tuple[CellProblem, ...]
    absent: tuple[str, ...] = ()

    @property
    def refused_rows(self) -> frozenset[int]:
        """The rows that are not taken."""
        return frozenset(problem.row for problem in self.problems)


@dataclass(slots=True)
class _Row:
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)

    def refuse(self, column: str, code: str, message: str) -> None:
        self.problems.append(CellProblem(self.number, column, code, f"{COLUMNS[column].label}: {message}."))


def normal(header: str) -> str:
    """A header without case and doubled or joining signs.

    >>> normal(" Balance_Amount ")
    'balance amount'
    """
    return " ".join(header.replace("_", " ").replace("\ufeff", "").split()).casefold()


_BY_HEADER = {normal(text): name for name, column in COLUMNS.items() for text in (name, column.label, *column.also)}


def suggested_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Field by header, each field once."""
    found: dict[str, str] = {}
    for header in headers:
        name = _BY_HEADER.get(normal(header), "")
        if name and name not in found.values():
            found[header] = name
    return found


def read_tape(grid: Grid, mapping: Mapping[str, str]) -> Tape:
    """Every row read and checked; rows with a problem are left out of the loans."""
    places = [(place, mapping[header]) for place, header in enumerate(grid.headers) if header in mapping]
    absent = tuple(name for name in REQUIRED if name not in mapping.values())
    rows = [_read_row(number, cells, places) for number, cells in enumerate(grid.rows, start=1)]
    _check_together(rows)
    problems = tuple(problem for row in rows for problem in row.problems)
    sound = {row.number: row.values for row in rows if not row.problems and not absent}
    return Tape(sound, problems, absent)


def _read_row(number: int, cells: Sequence[str], places: Sequence[tuple[int, str]]) -> _Row:
    row = _Row(number)
    for place, name in places:
        _read_cell(row, COLUMNS[name], cells[place].strip())
    row.values.setdefault("amortisation", "annuity")
    for name in ("obligor", "sector"):
        row.values.setdefault(name, "")
    row.values.setdefault("rating", NOT_RATED)
    row.values["schedule"] = None
    return row


def _read_cell(row: _Row, column: Column, text: str) -> None:
    if not text:
        if column.required:
            row.refuse(column.name, "missing", "is missing, and is not taken for nought")
    elif column.unit is not None:
        _read_figure(row, column, column.unit, text)
    else:
        _READERS.get(column.name, _read_text)(row, column.name, text)


def _read_figure(row: _Row, column: Column, unit: Unit, text: str) -> None:
    found = _read_rate(text) if unit is Unit.RATE else read_number(text, unit, UNKNOWN)
    if found.value is None:
        row.refuse(column.name, found.code, found.problem)
        return
    value, (low, high) = float(found.value), _RANGES[column.name]
    if not low <= value <= high or (column.name == "balance_amount" and value == 0.0):
        row.refuse(column.name, "out_of_range", f"{shortened(text)} is outside what a loan has")
    elif unit is Unit.MONTHS and value != int(value):
        row.refuse(column.name, "not_whole", f"expected whole months, got {shortened(text)}")
    else:
        row.values[column.name] = int(value) if unit is Unit.MONTHS else value


def _read_rate(text: str) -> Reading:
    """A rate as files write it: a percent where a sign says so, else a fraction; 5.125% is no five thousand."""
    is_percent = text.endswith("%")
    found = read_number(text, Unit.RATE if is_percent else Unit.FACTOR, UNKNOWN)
    low, high = _RANGES["coupon_rate"]
    readings = [each / 100 if is_percent else each for each in found.readings]
    within = [each for each in readings if low <= each <= high]
    return Reading(within[0]) if len(within) == 1 else found


def _read_text(row: _Row, name: str, text: str) -> None:
    plain = " ".join(text.split())
    if len(plain) > LONGEST_TEXT:
        row.refuse(name, "too_long", f"expected at most {LONGEST_TEXT} characters")
    else:
        row.values[name] = plain


def _read_currency(row: _Row, name: str, text: str) -> None:
    if text.upper() in CURRENCIES:
        row.values[name] = text.upper()
    else:
        row.refuse(name, "unknown_currency", f"expected one of {', '.join(CURRENCIES)}, got {shortened(text)}")


def _read_amortisation(row: _Row, name: str, text: str) -> None:
    kind = _AMORTISATIONS.get(normal(text))
    if kind:
        row.values[name] = kind
    else:
        row.refuse(name, "unknown", f"expected annuity, straight line or interest only, got {shortened(text)}")


def _read_rating(row: _Row, name: str, text: str) -> None:
    if text.upper() in {*LABELS, NOT_RATED}:
        row.values[name] = text.upper()
    else:
        row.refuse(name, "unknown_rating", f"{shortened(text)} is no rating of the scale")


_READERS = {"currency": _read_currency, "amortisation": _read_amortisation, "rating": _read_rating}


def _check_together(rows: Sequence[_Row]) -> None:
    """What only shows between rows: a code twice, a currency beside the pool's."""
    first: dict[str, int] = {}
    pool_currency = _commonest([row.values.get("currency", "") for row in rows])
    for row in rows:
        code, currency = str(row.values.get("code", "")), row.values.get("currency", "")
        if code and first.setdefault(code, row.number) != row.number:
            row.refuse("code", "duplicate", f"{shortened(code)} stands in row {first[code]} already")
        if currency and currency != pool_currency:
            row.refuse("currency", "mixed_currencies", f"the tape is in {pool_currency}, this loan in {currency}")


def _commonest(currencies: Sequence[str]) -> str:
    known = [each for each in currencies if each]
    return max(sorted(set(known)), key=known.count, default="")


def tape_problems(tape: Tape) -> list[Problem]:
    """Why no pool can be made of the sound rows; empty where one can."""
    if tape.absent:
        names = ", ".join(COLUMNS[name].label for name in tape.absent)
        return [Problem("absent", "mapping", f"Columns: no header is {names}. Say which is, then look again.")]
    if not tape.loans:
        return [Problem("no_loans", "rows", "No row is valid: correct at least one.")]
    return []
