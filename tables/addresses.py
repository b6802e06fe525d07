"""The address of a page of a table as a query, and the filters typed into its form; the other way round too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from lib.errors import Invalid
from lib.figures import readers_format
from lib.numbers import read_list, read_number, typed_text
from lib.verbs import refuse
from tables.catalogue import Catalogue, Column
from tables.query import WITHOUT_VALUE, Filter, Query, Sort, pivot_param, query_from_params

SEVERAL = ("between", "in")
PIVOT_FIELDS = ("pivot-rows", "pivot-columns", "pivot-measure", "pivot-value")


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter as typed, in the units of the screen."""

    column: str
    operator: str
    value: str


def read_query(catalogue: Catalogue, params: QueryDict) -> Query:
    """The query of an address: its own terms, and the filters typed into the form."""
    query = catalogue.filled(query_from_params(params))
    query = replace(query, columns=_in_order(query.columns, params.get("order", "").split(",")))
    rows = typed_filters(params)
    strangers = [row.column for row in rows if row.column not in catalogue.columns]
    if strangers:
        raise refuse("unknown_column", "filter", f"There is no column {strangers[0][:60]!r}.")
    typed = [_filter(row, catalogue.columns[row.column], readers_format()) for row in rows]
    pivot = pivot_param([str(params.get(name, "")) for name in PIVOT_FIELDS])
    return replace(query, filters=(*query.filters, *typed), pivot=pivot or query.pivot)


def _in_order(names: tuple[str, ...], order: Sequence[str]) -> tuple[str, ...]:
    """The names as they stood before where they did, new ones behind: a form tells them in an order of its own."""
    kept = [name for name in dict.fromkeys(order) if name in names]
    return (*kept, *(name for name in names if name not in kept))


def typed_filters(params: QueryDict) -> list[FilterRow]:
    """The filters of the form: three fields a row, rows without a column left out."""
    names = ("filter-column", "filter-operator", "filter-value")
    rows = zip_longest(*(params.getlist(name) for name in names), fillvalue="")
    return [FilterRow(str(column), str(operator), str(value).strip()) for column, operator, value in rows if column]


def address_of(query: Query, *, sort: tuple[Sort, ...] | None = None) -> str:
    """The query as an address without its page, filters in the table's own terms."""
    pairs = [("column", name) for name in query.columns]
    pairs += [("filter", f"{item.column}|{item.operator}|{_joined(item.value)}") for item in query.filters]
    pairs += [("sort", sort_text(key)) for key in (sort or query.sort)]
    if query.pivot:
        told = query.pivot
        pairs.append(("pivot", f"{told.rows}|{told.columns}|{told.measure}|{told.value}"))
    return urlencode([*pairs, ("size", str(query.page_size))])


def filter_row(column: Column, item: Filter) -> FilterRow:
    """A filter of the address as it is typed."""
    values = item.value if isinstance(item.value, (list, tuple)) else [item.value]
    joined = (", " if column.choices or column.is_text else "; ").join(_typed(column, value) for value in values)
    return FilterRow(item.column, item.operator, joined)


def _filter(row: FilterRow, column: Column, numbers: str) -> Filter:
    if row.operator in WITHOUT_VALUE:
        return Filter(row.column, row.operator, "")
    if column.choices or column.is_text:
        words = row.value.replace(" and ", ",").split(",") if row.operator in SEVERAL else row.value
        return Filter(row.column, row.operator, words)
    if row.operator in SEVERAL:
        several = read_list(row.value.replace(" and ", "; "), column.unit, numbers)
        if several.problem:
            raise _not_taken(column, several.problem)
        return Filter(row.column, row.operator, [format(value, "f") for value in several.values])
    one = read_number(row.value, column.unit, numbers)
    if one.value is None:
        raise _not_taken(column, one.problem)
    return Filter(row.column, row.operator, format(one.value, "f"))


def _not_taken(column: Column, problem: str) -> Invalid:
    return refuse("bad_value", "filter", f"{column.title}: {problem}.")


def _joined(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(str(part) for part in value)
    return "" if value is None else str(value)


def sort_text(key: Sort) -> str:
    """A sort key as the address spells it."""
    return ("-" if key.descending else "") + key.column


def _typed(column: Column, value: Any) -> str:
    """A value of the address as it is typed: the words of a code, a number as the reader writes it."""
    text = "" if value is None else str(value)
    choices = {str(code): word for code, word in column.choices.items()}
    if choices or column.is_text:
        return column.spell(choices[text]) if text in choices else text
    try:
        return typed_text(Decimal(text), column.unit, readers_format(), grouped=False)
    except ArithmeticError:
        return text
