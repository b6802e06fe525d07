"""Raw rows of a panel into sound rows: what is wrong is told by row and column, and the good rows are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.ranges import as_float, number_shown
from engine.errors import Problem
from engine.strategies.panel_rows import PanelRows, grid_of, numbers_of, rows_of
from engine.strategies.panels import Days, Floats, Panel

Bools = NDArray[np.bool_]
Column = NDArray[Any]
DATE, IDENT, KNOWN_SINCE, CURRENCY = "date", "id", "known_since", "currency"
KEYS = (DATE, IDENT, KNOWN_SINCE, CURRENCY)
EMPTY = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "None", "-")
NOISE = 1e-9
# Warnings in words, by code: a panel may be taken in spite of them.
WARNINGS = {
    "constant": "Column that is the same for every name on a date",
    "few_names": "Fewer names than factors",
    "gap": "Gap in a name's rows",
    "jump": "Close that moves as by a split",
    "repeated": "Row that repeats another",
    "unsorted": "Rows out of order",
    "weekend": "Day of the weekend",
}


class PanelKind(StrEnum):
    """What the rows of a panel are about."""

    PRICES = "prices"
    FACTORS = "factors"
    RISK_MODEL = "risk_model"
    INDICES = "indices"


@dataclass(frozen=True, slots=True)
class PanelRules:
    """What sound rows are held against; `currencies` and `names` are those of the universe, if it is known.

    A jump is a close of `jump_ratio` more or less than the last one, split taken out.
    """

    kind: PanelKind
    today: np.datetime64
    above_nil: tuple[str, ...] = ("close", "split_ratio")
    not_below_nil: tuple[str, ...] = ("adv_shares", "dividend_amount")
    names: frozenset[str] = frozenset()
    currencies: Mapping[str, str] = field(default_factory=dict)
    most_gap_days: int = 7
    jump_ratio: float = 0.5
    most_told: int = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know of the rows: `row` counts from 0 (None: the panel); a refused row is left out of the panel."""

    row: int | None
    column: str
    code: str
    message: str
    is_refused: bool

    @property
    def problem(self) -> Problem:
        """The finding with its place in words, the first row of data being row 1."""
        place = self.column if self.row is None else f"row {self.row + 1}, {self.column}"
        return Problem(self.code, place, self.message)


@dataclass(frozen=True, slots=True)
class CheckedPanel:
    """The sound rows in order of name and date, and what was found.

    `kept` are the places of the sound rows among the raw ones, `refused_rows` of those to be mended; a row that only
    repeats another is in neither. Of one code at most so many findings are told one by one, `counts` counts all.
    """

    rows: PanelRows
    kept: NDArray[np.int64]
    refused_rows: NDArray[np.int64]
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings that leave a row out."""
        return tuple(each for each in self.findings if each.is_refused)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that leave every row in."""
        return tuple(each for each in self.findings if not each.is_refused)


class _Findings:
    """Gathers findings by mask, and which rows are out."""

    def __init__(self, length: int, most_told: int) -> None:
        self.out, self.refused = np.zeros(length, bool), np.zeros(length, bool)
        self.told: list[Finding] = []
        self.counts: dict[str, int] = {}
        self._most = most_told

    def add(self, code: str, column: str, rows: Bools, say: Callable[[int], str], *, refused: bool = True) -> None:
        found = np.flatnonzero(rows)
        room = self._most - self.counts.get(code, 0)
        self.told += [Finding(int(row), column, code, say(int(row)), refused) for row in found[: max(room, 0)]]
        if len(found):
            self.counts[code] = self.counts.get(code, 0) + len(found)
        if refused:
            self.out[found] = self.refused[found] = True

    def add_panel(self, code: str, column: str, message: str) -> None:
        self.told.append(Finding(None, column, code, message, is_refused=False))
        self.counts[code] = self.counts.get(code, 0) + 1


@dataclass(frozen=True, slots=True)
class _Raw:
    """Raw columns read as what they should be; what could not be read is NaT or NaN."""

    columns: Mapping[str, Column]
    rows: PanelRows
    numbers: NDArray[np.int64]
    names: tuple[str, ...]


def check_panel(columns: Mapping[str, Sequence[Any] | NDArray[Any]], rules: PanelRules) -> CheckedPanel:
    """Sound rows of raw columns of equal length: `date`, `id`, figures, and if need be `known_since`, `currency`.

    Dates are ISO text or dates, figures numbers or text with a decimal point; an empty cell is a figure not known.
    Columns of numbers and days as such are read at once, others cell by cell.
    """
    lacking = [name for name in (DATE, IDENT) if name not in columns]
    if lacking or not set(columns) - set(KEYS):
        return _nothing(lacking or ["figures"], columns)
    found = _Findings(len(columns[DATE]), rules.most_told)
    raw = _read({name: _column(column) for name, column in columns.items()}, found)
    _check_keys(raw, rules, found)
    _check_figures(raw, rules, found)
    _check_currencies(raw, rules, found)
    _check_twice(raw, found)
    good = np.flatnonzero(~found.out)
    kept = good[np.lexsort((raw.rows.known_since[good], raw.rows.dates[good], raw.numbers[good]))]
    rows = raw.rows.at(kept)
    _check_series(raw, rows, kept, rules, found)
    _check_columns(rows, rules, found)
    return CheckedPanel(rows, kept, np.flatnonzero(found.refused), tuple(found.told), found.counts)


def _nothing(lacking: Sequence[str], columns: Mapping[str, Any]) -> CheckedPanel:
    told = tuple(
        Finding(
            None, name, "missing_column", f"There is no column {name}: name the one that holds it.", is_refused=True
        )
        for name in lacking
    )
    empty = rows_of(np.zeros(0, "datetime64[D]"), [], {name: np.zeros(0) for name in columns if name not in KEYS})
    none = np.zeros(0, np.int64)
    return CheckedPanel(empty, none, none, told, {"missing_column": len(told)})


def _column(column: Sequence[Any] | Column) -> Column:
    is_typed = isinstance(column, np.ndarray) and column.dtype.kind in "fiuM"
    return np.asarray(column) if is_typed else np.asarray(column, object)


def _read(columns: Mapping[str, Column], found: _Findings) -> _Raw:
    dates = _dates(columns[DATE], DATE, found, needed=True)
    since = _dates(columns[KNOWN_SINCE], KNOWN_SINCE, found, needed=False) if KNOWN_SINCE in columns else None
    idents = _texts_of(columns[IDENT])
    found.add("missing", IDENT, idents == "", lambda row: "The name is missing: enter its id or leave the row out.")
    values = {name: _figures(column, name, found) for name, column in columns.items() if name not in KEYS}
    rows = rows_of(dates, idents, values, since)
    return _Raw(columns, rows, *numbers_of(rows.idents))


def _texts_of(column: Column) -> NDArray[np.object_]:
    """The texts of a column without blanks around them, one object for each different one."""
    known: dict[Any, str] = {}
    found = np.empty(len(column), object)
    for place, each in enumerate(column):
        text = known.get(each)
        if text is None:
            text = known.setdefault(each, "" if each is None else str(each).strip())
        found[place] = text
    return found


def _dates(column: Column, name: str, found: _Findings, *, needed: bool) -> Days:
    """Days of a column; text that is no ISO date is told."""
    days = column.astype("datetime64[D]") if column.dtype.kind == "M" else _days_of(column)
    empty = np.isnat(days)
    empty[empty] = _is_empty(column[empty])
    bad = np.isnat(days) & ~empty
    found.add("not_a_date", name, bad, lambda row: f"{column[row]} is no date: enter it as YYYY-MM-DD.")
    if needed:
        found.add("missing", name, empty, lambda row: "The date is missing: enter it as YYYY-MM-DD.")
    return days


def _days_of(column: Column) -> Days:
    """The days of a column of texts, each different text being read once."""
    known: dict[Any, np.datetime64] = {}
    read = [known[each] if each in known else known.setdefault(each, _day(each)) for each in column]
    return np.array(read, "datetime64[D]")


def _day(raw: Any) -> np.datetime64:
    try:
        text = str(raw).strip()
        if len(text) < 10 or (len(text) > 10 and text[10] not in "T "):
            return np.datetime64("NaT")
        return np.datetime64(text[:10], "D")
    except ValueError:
        return np.datetime64("NaT")


def _figures(column: Column, name: str, found: _Findings) -> Floats:
    """Numbers of a column; NaN where the cell is empty or, told, no finite number."""
    if column.dtype.kind in "fiu":
        figures = column.astype(np.float64, copy=False)
        bad = np.isinf(figures)
    else:
        figures = np.array([each if type(each) is float else _number(each) for each in column], np.float64)
        bad = ~np.isfinite(figures)
        bad[bad] = ~_is_empty(column[bad])
    say = f"{name}: expected a number with a decimal point, got "
    found.add("not_a_number", name, bad, lambda row: f"{say}{str(column[row])[:40]}.")
    return np.where(bad, np.nan, figures) if bad.any() else figures


def _number(raw: Any) -> float:
    value = as_float(raw)
    return np.nan if value is None else value


def _is_empty(column: Column) -> Bools:
    return np.array([each is None or each != each or str(each).strip() in EMPTY for each in column], bool)  # noqa: PLR0124


def _check_keys(raw: _Raw, rules: PanelRules, found: _Findings) -> None:
    dates, since, idents = raw.rows.dates, raw.rows.known_since, raw.rows.idents
    found.add("future", DATE, dates > rules.today,
              lambda row: f"{dates[row]} is after today, {rules.today}: no one can know it yet.")  # fmt: skip
    found.add("future_known_since", KNOWN_SINCE, (since > rules.today) & ~(dates > rules.today),
              lambda row: f"Known since {since[row]} is after today, {rules.today}.")  # fmt: skip
    found.add("known_early", KNOWN_SINCE, since < dates,
              lambda row: f"Known since {since[row]}, before its own date {dates[row]}.")  # fmt: skip
    if rules.names:
        outside = np.array([name not in rules.names for name in raw.names], bool)[raw.numbers] & (idents != "")
        found.add("unknown_name", IDENT, outside,
                  lambda row: f"{idents[row]} is not in the universe: add it there, or leave the row out.")  # fmt: skip
    if rules.kind is PanelKind.PRICES:
        # Days of the epoch begin on a Thursday: 3 days on, the week begins on Monday.
        weekday = (dates.astype(np.int64) + 3) % 7
        found.add("weekend", DATE, (weekday >= 5) & ~np.isnat(dates),
                  lambda row: f"{dates[row]} is a day of the weekend: is the date right?", refused=False)  # fmt: skip


def _check_figures(raw: _Raw, rules: PanelRules, found: _Findings) -> None:
    for name, figures in raw.rows.values.items():
        if name in rules.above_nil:
            found.add("not_above_nil", name, figures <= 0, _saying(name, "more than 0", figures))
        if name in rules.not_below_nil:
            found.add("below_nil", name, figures < 0, _saying(name, "at least 0", figures))


def _saying(name: str, wanted: str, figures: Floats) -> Callable[[int], str]:
    return lambda row: f"{name}: expected {wanted}, got {number_shown(float(figures[row]))}."


def _check_currencies(raw: _Raw, rules: PanelRules, found: _Findings) -> None:
    """One name, one currency: that of the universe, or else the first of the name's rows."""
    if CURRENCY not in raw.columns:
        return
    told = np.array([str(each or "").strip().upper() for each in raw.columns[CURRENCY]], object)
    wanted = dict(rules.currencies)
    for name, currency in zip(raw.rows.idents, told, strict=True):
        if currency:
            wanted.setdefault(name, currency)
    own = np.array([wanted.get(name, "") for name in raw.rows.idents], object)
    found.add("currency_mix", CURRENCY, (told != own) & (told != ""),
              lambda row: f"{raw.rows.idents[row]} is in {own[row]}, this row in {told[row]}.")  # fmt: skip


def _check_twice(raw: _Raw, found: _Findings) -> None:
    """The same date and name known since the same day: the first of equal rows stays, of different ones none."""
    rows, out = raw.rows, found.out
    order = np.lexsort((np.arange(len(rows)), rows.known_since, rows.dates, raw.numbers))
    order = order[~out[order]]
    same = (np.diff(raw.numbers[order]) == 0) & (np.diff(rows.dates[order]).astype(np.int64) == 0)
    same &= np.diff(rows.known_since[order]).astype(np.int64) == 0
    if not same.any():
        return
    group = np.concatenate(([0], np.cumsum(~same)))
    first = order[np.searchsorted(group, group)]
    differs = np.zeros(len(order), bool)
    for figures in rows.values.values():
        one, other = figures[order], figures[first]
        differs |= (one != other) & ~(np.isnan(one) & np.isnan(other))
    mixed = np.bincount(group, differs) > 0
    repeated = np.zeros(len(rows), bool)
    conflicting = np.zeros(len(rows), bool)
    repeated[order[1:][same & ~mixed[group[1:]]]] = True
    conflicting[order[mixed[group]]] = True
    found.add("repeated", IDENT, repeated,
              _naming(rows, "stands here again with the same figures: left out."), refused=False)  # fmt: skip
    out[repeated] = True
    found.add("duplicate", IDENT, conflicting,
              _naming(rows, "stands in several rows with different figures: keep the right one."))  # fmt: skip


def _naming(rows: PanelRows, told: str) -> Callable[[int], str]:
    return lambda row: f"{rows.idents[row]} on {rows.dates[row]} {told}"


def _check_series(raw: _Raw, rows: PanelRows, kept: NDArray[np.int64], rules: PanelRules, found: _Findings) -> None:
    """Order, gaps and jumps from row to row of each name; all of them are warnings."""
    _check_order(raw, found)
    numbers = raw.numbers[kept]
    if rules.kind is PanelKind.FACTORS or len(rows) < 2:
        return
    same = np.diff(numbers) == 0
    gap_days = np.diff(rows.dates).astype(np.int64)
    _add_later(found, "gap", DATE, kept, same & (gap_days > rules.most_gap_days),
               lambda at: f"{rows.idents[at]} has no row for {gap_days[at - 1]} days before {rows.dates[at]}.")  # fmt: skip
    if "close" in rows.values:
        _check_jumps(rows, numbers, kept, rules, found)


def _check_jumps(
    rows: PanelRows, numbers: NDArray[np.int64], kept: NDArray[np.int64], rules: PanelRules, found: _Findings
) -> None:
    """Closes that move like an unadjusted split against the last close there is."""
    closes = np.flatnonzero(np.isfinite(rows.values["close"]))
    price, whose = rows.values["close"][closes], numbers[closes]
    splits = rows.values.get("split_ratio")
    split = np.ones(len(closes)) if splits is None else np.nan_to_num(splits[closes], nan=1.0)
    move = price[1:] * split[1:] / price[:-1] - 1
    jumps = (np.diff(whose) == 0) & (np.abs(move) >= rules.jump_ratio - NOISE)
    marked = np.zeros(len(rows) - 1, bool)
    marked[closes[1:][jumps] - 1] = True
    moves = dict(zip(closes[1:][jumps].tolist(), move[jumps].tolist(), strict=True))
    _add_later(found, "jump", "close", kept, marked,
               lambda at: f"{rows.idents[at]} moves {moves[at]:+.1%} on {rows.dates[at]}: is a split missing?")  # fmt: skip


def _add_later(
    found: _Findings, code: str, column: str, kept: NDArray[np.int64], marked: Bools, say: Callable[[int], str]
) -> None:
    """Findings of the second of two neighbours among the kept rows, at their place among the raw ones."""
    place = {int(kept[at]): int(at) for at in np.flatnonzero(marked) + 1}
    rows = np.zeros(len(found.out), bool)
    rows[list(place)] = True
    found.add(code, column, rows, lambda row: say(place[row]), refused=False)


def _check_order(raw: _Raw, found: _Findings) -> None:
    order = np.argsort(raw.numbers, kind="stable")
    back = (np.diff(raw.numbers[order]) == 0) & (np.diff(raw.rows.dates[order]).astype(np.int64) < 0)
    back &= ~np.isnat(raw.rows.dates[order[1:]]) & ~np.isnat(raw.rows.dates[order[:-1]])
    if back.any():
        first = int(order[1:][back].min())
        told = f"{int(back.sum())} rows lie before an earlier row of their name, first row {first + 1}: put in order."
        found.add_panel("unsorted", DATE, told)


def _check_columns(rows: PanelRows, rules: PanelRules, found: _Findings) -> None:
    """Factors that no score can be made of: too few names, or a column without spread."""
    if rules.kind is not PanelKind.FACTORS or not len(rows):
        return
    panel = grid_of(rows)
    if len(panel.names) < len(panel.fields):
        told = f"{len(panel.names)} names for {len(panel.fields)} factors: a score needs more names than factors."
        found.add_panel("few_names", IDENT, told)
    for told_of in _flat_columns(panel):
        found.add_panel("constant", *told_of)


def _flat_columns(panel: Panel) -> Iterator[tuple[str, str]]:
    for name, grid in panel.fields.items():
        there = np.isfinite(grid)
        low = np.where(there, grid, np.inf).min(axis=1)
        high = np.where(there, grid, -np.inf).max(axis=1)
        flat = there.any(axis=1) & (high == low)
        if flat.any():
            on = f"{int(flat.sum())} of {len(panel.days)} dates, first {panel.days[flat][0]}"
            yield name, f"{name} is the same for every name on {on}: it cannot tell names apart, and is left out there."
