"""What a reader asks of the results, checked against the column catalogue before any SQL is made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import Problem
from engine.permutations import AXES, COLUMNS, CRITERIA, GATES, REASONS, REPO_VERDICTS, TIERS, ColumnSpec, Unit
from engine.ratings import LABELS, NOT_RATED
from lib.errors import Invalid

NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (*NUMBER_OPERATORS, "between", "in", "is null", "is not null")
NAME_OPERATORS = ("=", "!=", "in", "is null", "is not null")
WITHOUT_VALUE = ("is null", "is not null")
MAX_PAGE_SIZE = 1_000
MAX_FILTERS = 50
MAX_VALUES = 1_000
LARGEST_INTEGER = 2**63 - 1
DEFAULT_COLUMNS = (
    "rank", "tier", "index", "senior_amount", "mezz_amount", "day_one_value", "dscr_minimum", "worst_stressed_dscr",
    "rating_notch", "sponsor_irr_rate", "score",
)  # fmt: skip
YES_NO = {0: "No", 1: "Yes"}
CODE_LABELS: dict[str, Mapping[int, str]] = {
    "gate": GATES,
    "reason": REASONS,
    "repo_verdict": REPO_VERDICTS,
    "tier": TIERS,
    "binding_criterion": {0: "None", **CRITERIA},
    "rating_notch": {**dict(enumerate(LABELS, start=1)), NOT_RATED: "NR"},
}


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


BY_RANK = (Sort("rank"),)


@dataclass(frozen=True, slots=True)
class ResultsQuery:
    """Which columns of which permutations, in what order, and which page of them."""

    columns: tuple[str, ...] = DEFAULT_COLUMNS
    filters: tuple[Filter, ...] = ()
    sort: tuple[Sort, ...] = BY_RANK
    page: int = 1
    page_size: int = 50


def column_choices(name: str) -> Mapping[int | str, str]:
    """The words a column's values stand for, by value; empty where values are plain numbers."""
    spec = COLUMNS[name]
    if spec.unit == Unit.NAME:
        return {str(choice): str(choice).replace("_", " ").capitalize() for choice in AXES[name].choices}
    labels: Mapping[Any, str] = YES_NO if spec.unit == Unit.FLAG else CODE_LABELS.get(name, {})
    return {**labels}


def filter_in_words(item: Filter) -> str:
    """The condition as a person reads it: label, operator, values as words where they have some.

    >>> filter_in_words(Filter("gate", "=", 2))
    'Gate = Passed'
    """
    choices = column_choices(item.column)
    values = item.value if isinstance(item.value, tuple | list) else [] if item.value is None else [item.value]
    words = [choices.get(value, f"{value:,}" if isinstance(value, int | float) else str(value)) for value in values]
    joined = (" and " if item.operator == "between" else ", ").join(words)
    return f"{COLUMNS[item.column].label} {item.operator} {joined}".strip()


def checked(query: ResultsQuery, available: Sequence[ColumnSpec]) -> ResultsQuery:
    """The query with its values read as numbers and words; raises Invalid with every problem found."""
    check = _Check({spec.name: spec for spec in available})
    check.columns(query.columns)
    filters = check.filters(query.filters)
    check.sort(query.sort)
    check.page(query)
    if check.problems:
        raise Invalid(check.problems)
    return replace(query, filters=filters)


def result_columns(names: Iterable[str]) -> tuple[ColumnSpec, ...]:
    """Catalogue entries of the columns that `names` holds, and of the ranking, in catalogue order."""
    present = set(names)
    return tuple(spec for spec in COLUMNS.values() if spec.name in present or spec.kind == "rank")


def query_from_params(params: Any) -> ResultsQuery:
    """The query of a page address: repeated `column`, `filter=column|operator|value`, `sort=-column`, `page`, `size`.

    `params` is a QueryDict. Values of `between` and `in` are separated by commas.
    """
    problems: list[Problem] = []
    filters = tuple(_filter_param(text, problems) for text in params.getlist("filter") if text)
    page = _whole_number(params.get("page", "1"), "page", problems)
    size = _whole_number(params.get("size", "50"), "size", problems)
    if problems:
        raise Invalid(problems)
    keys = [key for key in params.getlist("sort") if key]
    sort = tuple(Sort(key.removeprefix("-"), key.startswith("-")) for key in keys) or BY_RANK
    return ResultsQuery(tuple(params.getlist("column")) or DEFAULT_COLUMNS, filters, sort, page, size)


def _filter_param(text: str, problems: list[Problem]) -> Filter:
    column, _, rest = text.partition("|")
    operator, _, value = rest.partition("|")
    if not operator:
        problems.append(Problem("bad_filter", "filter", f"Filter: expected column|operator|value, got {text[:80]!r}."))
    parts: Any = value.split(",") if operator in ("in", "between") else value
    return Filter(column, operator, parts)


def _whole_number(text: str, place: str, problems: list[Problem]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    problems.append(Problem("bad_page", place, f"{place.capitalize()}: expected a whole number, got {text[:80]!r}."))
    return 1


@dataclass
class _Check:
    available: Mapping[str, ColumnSpec]
    problems: list[Problem] = field(default_factory=list)

    def columns(self, names: Sequence[str]) -> None:
        for name in names:
            self._spec(name, "columns")
        if not names:
            self._problem("no_columns", "columns", "Choose at least one column.")

    def sort(self, keys: Sequence[Sort]) -> None:
        for key in keys:
            self._spec(key.column, "sort")

    def page(self, query: ResultsQuery) -> None:
        if query.page < 1:
            self._problem("bad_page", "page", f"Page: expected 1 or more, got {query.page}.")
        if not 1 <= query.page_size <= MAX_PAGE_SIZE:
            self._problem("bad_size", "size", f"Rows a page: expected 1 to {MAX_PAGE_SIZE:,}, got {query.page_size}.")

    def filters(self, filters: Sequence[Filter]) -> tuple[Filter, ...]:
        if len(filters) > MAX_FILTERS:
            self._problem("too_many", "filters", f"Filters: expected at most {MAX_FILTERS}, got {len(filters)}.")
            return ()
        return tuple(self._filter(number, item) for number, item in enumerate(filters))

    def _filter(self, number: int, item: Filter) -> Filter:
        place = f"filters.{number}"
        spec = self._spec(item.column, place)
        if spec is None:
            return item
        allowed = NAME_OPERATORS if spec.unit == Unit.NAME else OPERATORS
        if item.operator not in allowed:
            got = _shown(item.operator)
            self._problem("bad_operator", place, f"{spec.label}: expected one of {', '.join(allowed)}, got {got}.")
            return item
        return replace(item, value=self._value(spec, item, place))

    def _value(self, spec: ColumnSpec, item: Filter, place: str) -> Any:
        if item.operator in WITHOUT_VALUE:
            return None
        if item.operator not in ("between", "in"):
            return self._one(spec, item.value, place)
        values = item.value
        if not isinstance(values, Sequence) or isinstance(values, str):
            values = [values]
        if item.operator == "between" and len(values) != 2:
            self._problem("bad_value", place, f"{spec.label}: between expects two values, got {len(values)}.")
        if not 1 <= len(values) <= MAX_VALUES:
            self._problem("bad_value", place, f"{spec.label}: expected 1 to {MAX_VALUES:,} values, got {len(values)}.")
            return ()
        return tuple(self._one(spec, value, place) for value in values)

    def _one(self, spec: ColumnSpec, raw: Any, place: str) -> Any:
        value = _read_value(spec, raw)
        if value is None:
            self._problem("bad_value", place, f"{spec.label}: expected {_expected(spec)}, got {_shown(raw)}.")
        return value

    def _spec(self, name: str, place: str) -> ColumnSpec | None:
        spec = self.available.get(name)
        if spec is None:
            self._problem("unknown_column", place, f"This run has no column {_shown(name)}.")
        return spec

    def _problem(self, code: str, place: str, message: str) -> None:
        self.problems.append(Problem(code, place, message))


def _read_value(spec: ColumnSpec, raw: Any) -> float | int | str | None:
    choices = column_choices(spec.name)
    text = str(raw).strip().lower()
    for value, label in choices.items():
        if text in (str(value).lower(), label.lower()):
            return value
    if choices or isinstance(raw, bool):
        return None
    return _number(raw) if spec.dtype.startswith("float") else _integer(raw)


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


def _expected(spec: ColumnSpec) -> str:
    choices = column_choices(spec.name)
    return f"one of {', '.join(choices.values())}" if choices else "a number"


def _shown(raw: Any) -> str:
    return repr(raw)[:80]
