"""What a reader asks of a table, checked against its columns before any SQL is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.basics.ranges import given_shown
from engine.errors import Problem
from lib.errors import Invalid

if TYPE_CHECKING:
    from tables.catalogue import Catalogue, Column

NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (*NUMBER_OPERATORS, "between", "in", "is null", "is not null")
TEXT_OPERATORS = ("=", "!=", "in", "is null", "is not null")
WITHOUT_VALUE = ("is null", "is not null")
MAX_PAGE_SIZE = 1_000
MAX_FILTERS = 50
MAX_VALUES = 1_000
MAX_COMPUTED = 100  # each is a range of its own to look through
LONGEST_TEXT = 200
LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; `value` is one value, two for `between`, any number for `in`, none for `is null`."""

    column: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key; empty cells come last either way."""

    column: str
    descending: bool = False


# What a pivot tells of the rows of a cell, with the aggregate of DuckDB behind it; "best" is the first row's in the table's own order.
BY_MEASURE = {"count": "", "best": "", "median": "median", "highest": "max", "lowest": "min"}


@dataclass(frozen=True, slots=True)
class Pivot:
    """The rows counted by the values of two columns, with a measure of a third; a count measures none."""

    rows: str
    columns: str
    measure: str = "count"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Which columns of which rows, in what order, and which page of them; no columns and no sort are the table's own."""

    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: int = 1
    page_size: int = 50
    pivot: Pivot | None = None

    def with_defaults(self, columns: tuple[str, ...], sort: tuple[Sort, ...]) -> Query:
        """The query with these where it names none."""
        return replace(self, columns=self.columns or columns, sort=self.sort or sort)


def checked(query: Query, catalogue: Catalogue, available: Mapping[str, Column]) -> Query:
    """The query complete, its values read as numbers and words; raises Invalid with every problem found."""
    query = catalogue.filled(query)
    check = _Check(available)
    check.columns(query.columns)
    filters = check.filters(query.filters)
    check.sort(query.sort)
    check.page(query)
    check.pivot(query.pivot, catalogue.key)
    if check.problems:
        raise Invalid(check.problems)
    return replace(query, filters=filters)


def query_from_params(params: Any) -> Query:
    """The query of a page address: repeated `column`, `filter=column|operator|value`, `sort=-column`, `page`, `size`,
    `pivot=rows|columns|measure|value`.

    `params` is a QueryDict. Values of `between` and `in` are separated by commas.
    """
    problems: list[Problem] = []
    filters = tuple(_filter_param(text, problems) for text in params.getlist("filter") if text)
    page = _whole_number(params.get("page", "1"), "page", problems)
    size = _whole_number(params.get("size", "50"), "size", problems)
    if problems:
        raise Invalid(problems)
    keys = [key for key in params.getlist("sort") if key]
    sort = tuple(Sort(key.removeprefix("-"), key.startswith("-")) for key in keys)
    return Query(
        tuple(params.getlist("column")), filters, sort, page, size, pivot_param(params.get("pivot", "").split("|"))
    )


def pivot_param(parts: Sequence[str]) -> Pivot | None:
    """The pivot that these name: rows, columns, measure, value; none without both columns."""
    rows, columns, measure, value, *_ = (*parts, "", "", "", "")
    if not rows or not columns:
        return None
    measure = measure or "count"
    return Pivot(rows, columns, measure, "" if measure == "count" else value)


def _filter_param(text: str, problems: list[Problem]) -> Filter:
    column, _, rest = text.partition("|")
    operator, _, value = rest.partition("|")
    if not operator:
        problems.append(
            Problem("bad_filter", "filter", f"Filter: expected column|operator|value, got {given_shown(text)}.")
        )
    parts: Any = value.split(",") if operator in ("in", "between") else value
    return Filter(column, operator, parts)


def _whole_number(text: str, place: str, problems: list[Problem]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    problems.append(
        Problem("bad_page", place, f"{place.capitalize()}: expected a whole number, got {given_shown(text)}.")
    )
    return 1


@dataclass
class _Check:
    available: Mapping[str, Column]
    problems: list[Problem] = field(default_factory=list)

    def columns(self, names: Sequence[str]) -> None:
        for name in names:
            self._column(name, "columns")

    def sort(self, keys: Sequence[Sort]) -> None:
        for key in keys:
            self._column(key.column, "sort")

    def page(self, query: Query) -> None:
        if query.page < 1:
            self._problem("bad_page", "page", f"Page: expected 1 or more, got {query.page}.")
        if not 1 <= query.page_size <= MAX_PAGE_SIZE:
            self._problem("bad_size", "size", f"Rows a page: expected 1 to {MAX_PAGE_SIZE:,}, got {query.page_size}.")

    def pivot(self, pivot: Pivot | None, key: str) -> None:
        if pivot is None:
            return
        for name in (pivot.rows, pivot.columns):
            column = self._column(name, "pivot")
            if column and (column.is_place or name == key):
                self._problem("bad_pivot", "pivot", f"{column.title} is different in each row: choose a lever.")
        if pivot.rows == pivot.columns:
            self._problem("bad_pivot", "pivot", "Rows and columns: expected two different columns.")
        if pivot.measure not in BY_MEASURE:
            self._problem(
                "bad_pivot", "pivot", f"Expected one of {', '.join(BY_MEASURE)}, got {given_shown(pivot.measure)}."
            )
        elif pivot.measure != "count":
            value = self._column(pivot.value, "pivot") if pivot.value else None
            if value is None or not value.is_number:
                self._problem("bad_pivot", "pivot", f"The {pivot.measure} of what? Choose a column of numbers.")

    def filters(self, filters: Sequence[Filter]) -> tuple[Filter, ...]:
        if len(filters) > MAX_FILTERS:
            self._problem("too_many", "filters", f"Filters: expected at most {MAX_FILTERS}, got {len(filters)}.")
            return ()
        return tuple(self._filter(number, item) for number, item in enumerate(filters))

    def _filter(self, number: int, item: Filter) -> Filter:
        place = f"filters.{number}"
        column = self._column(item.column, place)
        if column is None:
            return item
        allowed = TEXT_OPERATORS if column.is_text else OPERATORS
        if item.operator not in allowed:
            got = given_shown(item.operator)
            self._problem("bad_operator", place, f"{column.title}: expected one of {', '.join(allowed)}, got {got}.")
            return item
        return replace(item, value=self._value(column, item, place))

    def _value(self, column: Column, item: Filter, place: str) -> Any:
        if item.operator in WITHOUT_VALUE:
            return None
        if item.operator not in ("between", "in"):
            return self._one(column, item.value, place)
        values = item.value
        if not isinstance(values, Sequence) or isinstance(values, str):
            values = [values]
        title = column.title
        if item.operator == "between" and len(values) != 2:
            self._problem("bad_value", place, f"{title}: between expects two values, got {len(values)}.")
        most = MAX_COMPUTED if column.is_computed else MAX_VALUES
        if not 1 <= len(values) <= most:
            self._problem("bad_value", place, f"{title}: expected 1 to {most:,} values, got {len(values)}.")
            return ()
        return tuple(self._one(column, value, place) for value in values)

    def _one(self, column: Column, raw: Any, place: str) -> Any:
        value = _read_value(column, raw)
        if value is None:
            self._problem("bad_value", place, f"{column.title}: expected {_expected(column)}, got {given_shown(raw)}.")
        return value

    def _column(self, name: str, place: str) -> Column | None:
        column = self.available.get(name)
        if column is None:
            self._problem("unknown_column", place, f"This table has no column {given_shown(name)}.")
        return column

    def _problem(self, code: str, place: str, message: str) -> None:
        self.problems.append(Problem(code, place, message))


def _read_value(column: Column, raw: Any) -> float | int | str | None:
    text = str(raw).strip()
    for value, word in column.choices.items():
        if text.lower() in (str(value).lower(), word.lower(), column.spell(word).lower()):
            found: float | int | str = value
            return found
    if column.choices or isinstance(raw, bool):
        return None
    if column.is_text:
        return text if isinstance(raw, str) and 0 < len(text) <= LONGEST_TEXT and "\0" not in text else None
    return _number(raw) if column.is_computed else _integer(raw)


def _number(raw: Any) -> float | None:
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _integer(raw: Any) -> int | float | None:
    value = _number(raw)
    if value is None or abs(value) > LARGEST_INTEGER:
        return None
    if not value.is_integer():
        return value
    # Through text, because a large whole number does not survive a float.
    text = str(raw).strip()
    return int(text) if text.lstrip("+-").isdecimal() else int(value)


def _expected(column: Column) -> str:
    if column.choices:
        return f"one of {', '.join(column.choices.values())}"
    return f"a text of up to {LONGEST_TEXT} letters" if column.is_text else "a number"
