"""Any table on a page: filter by any column, sort, page, choose columns, take away. The room asks who may see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect

from accounts.requests import PersonRequest
from engine.errors import Problem
from lib import figures
from lib.errors import Invalid, NotFound
from lib.streams import in_background
from tables.access import get_view
from tables.addresses import FilterRow, address_of, filter_row, read_query, sort_text, typed_filters
from tables.catalogue import Catalogue, Column
from tables.excel import Cover
from tables.exports import EXPORTS
from tables.figures import Head, cell, head, table_rows
from tables.pivots import counted
from tables.queries import views_of
from tables.query import BY_MEASURE, OPERATORS, Filter, Query, Sort
from tables.reading import Page, page_of
from tables.source import Source

PAGE_SIZES = (25, 50, 100, 250)
SPARE_FILTER_ROWS = 2
OPERATOR_WORDS = {
    "=": "is", "!=": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least", "between": "between",
    "in": "one of", "is null": "is empty", "is not null": "is not empty",
}  # fmt: skip
SHEET_NOTE_FROM = 1_048_576
MEASURE_WORDS = {
    "count": "How many", "best": "Best row's", "median": "Median", "highest": "Highest", "lowest": "Lowest",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PivotCell:
    """A figure of a pivot, how many rows it is of, and the address of these rows."""

    text: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class PivotTable:
    """A pivot as its page shows it: a row is its head and its cells, one for each of `columns`; None where no row is."""

    title: str
    row_title: str
    column_title: str
    columns: list[PivotCell]
    rows: list[tuple[PivotCell, list[PivotCell | None]]]


@dataclass(frozen=True, slots=True)
class Explorer:
    """One table as its page offers it: `url` and `export_url` are the room's, `row_total` counts without filters."""

    catalogue: Catalogue
    open: Callable[[], Source]
    url: str
    export_url: str
    row_total: int
    currency: str = ""


def opened_view(explorer: Explorer, request: PersonRequest) -> HttpResponse | None:
    """The way to the table as the view that the address names shows it; nothing where it names none."""
    code = request.GET.get("view", "")
    if not code:
        return None
    return redirect(f"{explorer.url}?{get_view(request.user, explorer.catalogue.kind, code).query}")


def explore(explorer: Explorer, request: PersonRequest) -> dict[str, Any]:
    """What the page of a table shows for an address; problems of the address are told on it."""
    catalogue, params, page, pivot = explorer.catalogue, request.GET, None, None
    problems: tuple[Problem, ...] = ()
    try:
        query = read_query(catalogue, params)
        source = explorer.open()
        page = page_of(source, replace(query, columns=_with_reasons(catalogue, query.columns), pivot=None))
        pivot = _pivot(explorer, source, query)
    except Invalid as error:
        query, page, problems = catalogue.filled(Query()), None, error.problems
    filters = (
        [filter_row(catalogue.columns[item.column], item) for item in query.filters] if page else typed_filters(params)
    )
    return {
        **_table(explorer, query, page),
        "explorer": explorer,
        "views": views_of(request.user, catalogue.kind),
        "site": request.build_absolute_uri("/").removesuffix("/"),
        "problems": problems,
        "page": page,
        "query": query,
        "pivot": pivot,
        "measures": [(measure, MEASURE_WORDS[measure]) for measure in BY_MEASURE],
        "unpivoted_address": address_of(replace(query, pivot=None)),
        "address": address_of(query),
        "order": ",".join(query.columns),
        "unfiltered_address": address_of(replace(query, filters=())),
        "filters": [*filters, *[FilterRow("", ">=", "")] * SPARE_FILTER_ROWS],
        "filter_count": len(filters),
        "groups": column_groups(catalogue, query.columns),
        "operators": [(operator, OPERATOR_WORDS[operator]) for operator in OPERATORS],
        "choices": _choices(catalogue),
        "page_sizes": PAGE_SIZES,
        "page_size": query.page_size,
        "sort_keys": [sort_text(key) for key in query.sort],
        "takes_sheets": page is not None and page.total >= SHEET_NOTE_FROM,
    }


async def export_response(
    catalogue: Catalogue, source: Callable[[], Source], params: QueryDict, *, name: str, cover: Cover
) -> HttpResponseBase:
    """Every row that passes the filters of an address, as a file; never cut short."""
    kind = params.get("format", "csv")
    if kind not in EXPORTS:
        raise NotFound("Tables come as csv, parquet or excel.")
    export, content_type, suffix = EXPORTS[kind]
    query = read_query(catalogue, params)
    pieces = await sync_to_async(lambda: export(source(), query, cover))()
    response = StreamingHttpResponse(in_background(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


def column_groups(catalogue: Catalogue, chosen: Sequence[str]) -> list[tuple[str, list[tuple[Column, bool, str]]]]:
    """Every column by group: the entry, whether it is chosen, and the unit to type in a filter."""
    groups: dict[str, list[tuple[Column, bool, str]]] = {}
    for column in catalogue.columns.values():
        entry = (column, column.name in chosen, "%" if column.is_percent else "")
        groups.setdefault(column.group, []).append(entry)
    return list(groups.items())


def _pivot(explorer: Explorer, source: Source, query: Query) -> PivotTable | None:
    if query.pivot is None:
        return None
    pivot, columns = query.pivot, explorer.catalogue.columns
    found = counted(source, query, pivot)
    down, across = columns[pivot.rows], columns[pivot.columns]

    def rows_where(*holds: tuple[Column, Any]) -> str:
        further = [Filter(each.name, "is null" if value is None else "=", value) for each, value in holds]
        return address_of(replace(query, filters=(*query.filters, *further), pivot=None, page=1))

    def told(count: int, value: Any, address: str) -> PivotCell:
        text = figures.amount(count) if pivot.measure == "count" else cell(columns[pivot.value], value).text
        return PivotCell(text, count, address)

    def heading(column: Column, value: Any) -> PivotCell:
        at = 0 if column is down else 1
        count = sum(n for pair, (n, _) in found.cells.items() if pair[at] == value)
        return PivotCell(cell(column, value).text, count, rows_where((column, value)))

    table = [
        (
            heading(down, row),
            [
                told(*found.cells[row, column], rows_where((down, row), (across, column)))
                if (row, column) in found.cells
                else None
                for column in found.columns
            ],
        )
        for row in found.rows
    ]
    of = f" {_named(columns[pivot.value], explorer.currency)}" if pivot.value else ""
    row_title, column_title = (_named(each, explorer.currency) for each in (down, across))
    title = f"{MEASURE_WORDS[pivot.measure]}{of}, by {row_title} and {column_title}"
    return PivotTable(title, row_title, column_title, [heading(across, each) for each in found.columns], table)


def _named(column: Column, currency: str) -> str:
    """A column within a sentence, with its unit: senior DSCR, senior tenor (years)."""
    unit = head(column, currency).unit
    title = column.title[:1].lower() + column.title[1:] if column.title[1:2].islower() else column.title
    return f"{title} ({unit})" if unit else title


def _table(explorer: Explorer, query: Query, page: Page | None) -> dict[str, Any]:
    catalogue, key = explorer.catalogue, explorer.catalogue.key
    columns = [
        catalogue.columns[name] for name in dict.fromkeys(query.columns) if name != key and name in catalogue.columns
    ]
    rows = table_rows(_by_name(page), columns) if page else []
    first = (query.page - 1) * query.page_size
    return {
        "rows": rows,
        "heads": [_sortable(head(column, explorer.currency), query) for column in columns],
        "key_head": _sortable(head(catalogue.columns[key], explorer.currency), query),
        "first": first + 1,
        "last": first + len(rows),
    }


def _with_reasons(catalogue: Catalogue, names: Sequence[str]) -> tuple[str, ...]:
    """The columns chosen, and those that say why a value of theirs is missing."""
    found = [catalogue.columns[name].without for name in names if name in catalogue.columns]
    return (*names, *(each[0] for each in found if each is not None and each[0] not in names))


def _by_name(page: Page) -> list[tuple[int, dict[str, Any]]]:
    names = [column.name for column in page.columns]
    return [(key, dict(zip(names, row, strict=True))) for key, row in zip(page.keys, page.rows, strict=True)]


def _sortable(shown: Head, query: Query) -> dict[str, Any]:
    current = next((key for key in query.sort if key.column == shown.name), None)
    descending = not current.descending if current else shown.is_number and not shown.is_place
    order = None if current is None else "descending" if current.descending else "ascending"
    return {"head": shown, "order": order, "address": address_of(query, sort=(Sort(shown.name, descending),))}


def _choices(catalogue: Catalogue) -> dict[str, list[list[str]]]:
    """By column, the values a filter offers and their words, for the page's script."""
    return {
        name: [[str(value), column.spell(word)] for value, word in column.choices.items()]
        for name, column in catalogue.columns.items()
        if column.choices
    }
