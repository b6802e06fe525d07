"""All rows of a run: filter by any column, sort, page, choose columns, take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.permutations import COLUMNS, ColumnSpec
from lib.errors import Invalid, NotFound
from lib.streams import in_background
from permutations.access import get_run
from permutations.models import Run
from permutations.results import (
    OPERATORS,
    Filter,
    ResultsQuery,
    Sort,
    column_choices,
    export_csv,
    export_excel,
    export_parquet,
    page_of_results,
    query_from_params,
)
from permutations.results.query import DEFAULT_COLUMNS
from permutations.typed import is_percent_column, read_limit, typed_limit
from permutations.views.charts import run_currency
from permutations.views.figures import KINDS, Head, code_words, heads, shown_rows

PAGE_SIZES = (25, 50, 100, 250)
SPARE_FILTER_ROWS = 2
OPERATOR_WORDS = {
    "=": "is", "!=": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least", "between": "between",
    "in": "one of", "is null": "is empty", "is not null": "is not empty",
}  # fmt: skip
Export = Callable[[Run, ResultsQuery], Iterator[bytes]]
EXPORTS: dict[str, tuple[Export, str, str]] = {
    "csv": (export_csv, "text/csv; charset=utf-8", "csv"),
    "parquet": (export_parquet, "application/vnd.apache.parquet", "parquet"),
    "excel": (export_excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter as typed, in the units of the screen."""

    column: str
    operator: str
    value: str


@signed_in
@require_safe
def results(request: PersonRequest, code: UUID) -> HttpResponse:
    """One page of the rows that pass the filters; as a fragment for the page's own script-free requests."""
    run = get_run(request.user, code)
    context = _context(run, request.GET)
    fragment = request.htmx and not request.htmx.history_restore_request
    template = "permutations/fragments/result_table.html" if fragment else "permutations/results.html"
    return render(request, template, context)


async def results_export(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """Every row that passes the filters, as a file; never cut short."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse("Sign in to take results away.", status=401)
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    run = await sync_to_async(get_run)(user, code)
    kind = request.GET.get("format", "csv")
    if kind not in EXPORTS:
        raise NotFound("Results come as csv, parquet or excel.")
    export, content_type, suffix = EXPORTS[kind]
    pieces = await sync_to_async(export)(run, read_query(request.GET))
    response = StreamingHttpResponse(in_background(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="atlas-run-{str(run.code)[:8]}.{suffix}"'
    return response


def read_query(params: QueryDict) -> ResultsQuery:
    """The query of an address: its own terms, and the filters typed into the form."""
    query = query_from_params(params)
    rows = typed_filters(params)
    typed = [_filter(row) for row in rows if row.column in COLUMNS]
    strangers = [row.column for row in rows if row.column not in COLUMNS]
    if strangers:
        raise Invalid([Problem("unknown_column", "filter", f"There is no column {strangers[0][:60]!r}.")])
    return replace(query, filters=(*query.filters, *typed))


def typed_filters(params: QueryDict) -> list[FilterRow]:
    """The filters of the form: three fields a row, rows without a column left out."""
    names = ("filter-column", "filter-operator", "filter-value")
    rows = zip_longest(*(params.getlist(name) for name in names), fillvalue="")
    return [FilterRow(str(column), str(operator), str(value).strip()) for column, operator, value in rows if column]


def _filter(row: FilterRow) -> Filter:
    spec = COLUMNS[row.column]
    if row.operator in ("between", "in"):
        parts = [part.strip() for part in row.value.replace(" and ", ",").split(",")]
        return Filter(row.column, row.operator, [_plain(spec, part) for part in parts])
    return Filter(row.column, row.operator, _plain(spec, row.value))


def _plain(spec: ColumnSpec, typed: str) -> str:
    """Typed percent as the fraction the results hold; words and whatever is no number as they are."""
    number = None if column_choices(spec.name) else read_limit(spec, typed)
    return typed if number is None else f"{number:.17g}"


def _context(run: Run, params: QueryDict) -> dict[str, Any]:
    context: dict[str, Any] = {"section": "projects", "run": run, "project": run.project}
    try:
        query = read_query(params)
        page = page_of_results(run, query)
    except Invalid as error:
        query, page = ResultsQuery(), None
        context["problems"] = error.problems
    filters = [*[_shown(item) for item in query.filters]] if page else typed_filters(params)
    names = [name for name in query.columns if name != "index"]
    rows = shown_rows(_by_name(page), names) if page else []
    address, currency = _address(query), run_currency(run)
    return {
        **context,
        "page": page,
        "rows": rows,
        "heads": [_sortable(head, query) for head in heads(names, currency)],
        "index_head": _sortable(heads(["index"], currency)[0], query),
        "query": query,
        "address": address,
        "unfiltered_address": _address(replace(query, filters=())),
        "first": (query.page - 1) * query.page_size + 1,
        "last": (query.page - 1) * query.page_size + len(rows),
        "filters": [*filters, *[FilterRow("", ">=", "")] * SPARE_FILTER_ROWS],
        "filter_count": len(filters),
        "groups": column_groups(query.columns),
        "operators": [(operator, OPERATOR_WORDS[operator]) for operator in OPERATORS],
        "choices": _choices(),
        "page_sizes": PAGE_SIZES,
        "page_size": query.page_size,
        "sort_keys": [("-" if key.descending else "") + key.column for key in query.sort],
        "default_columns": "&".join(f"column={name}" for name in DEFAULT_COLUMNS),
    }


def column_groups(chosen: tuple[str, ...]) -> list[tuple[str, list[tuple[ColumnSpec, bool, str]]]]:
    """Every column by kind: the entry, whether it is chosen, and the unit to type in a filter."""
    groups: dict[str, list[tuple[ColumnSpec, bool, str]]] = {label: [] for label in KINDS.values()}
    for spec in COLUMNS.values():
        unit = "%" if is_percent_column(spec) else ""
        groups[KINDS[spec.kind]].append((spec, spec.name in chosen, unit))
    return list(groups.items())


def _by_name(page: Any) -> list[tuple[int, dict[str, Any]]]:
    names = [spec.name for spec in page.columns]
    return [(index, dict(zip(names, row, strict=True))) for index, row in zip(page.indices, page.rows, strict=True)]


def _address(query: ResultsQuery, *, sort: tuple[Sort, ...] | None = None) -> str:
    """The query as an address without its page, filters in the results' own terms."""
    pairs = [("column", name) for name in query.columns]
    pairs += [("filter", f"{item.column}|{item.operator}|{_joined(item.value)}") for item in query.filters]
    pairs += [("sort", ("-" if key.descending else "") + key.column) for key in (sort or query.sort)]
    return urlencode([*pairs, ("size", str(query.page_size))])


def _joined(value: Any) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value or "")


def _sortable(head: Head, query: ResultsQuery) -> dict[str, Any]:
    current = next((key for key in query.sort if key.column == head.name), None)
    descending = not current.descending if current else head.is_number and head.name not in ("rank", "index")
    order = None if current is None else "descending" if current.descending else "ascending"
    return {
        "head": head,
        "order": order,
        "address": _address(query, sort=(Sort(head.name, descending),)),
    }


def _shown(item: Filter) -> FilterRow:
    spec = COLUMNS[item.column]
    values = item.value if isinstance(item.value, (list, tuple)) else [item.value]
    return FilterRow(item.column, item.operator, ", ".join(_typed(spec, value) for value in values))


def _typed(spec: ColumnSpec, value: Any) -> str:
    """A value of the address as it is typed: the words of a code, percent for a fraction."""
    text = "" if value is None else str(value)
    choices = {str(code): label for code, label in column_choices(spec.name).items()}
    if choices:
        return choices.get(text, text)
    try:
        return typed_limit(spec, float(text))
    except (ValueError, ArithmeticError):
        return text


def _choices() -> dict[str, list[list[str]]]:
    """By column, the values a filter offers and their words, for the page's script."""
    found = {}
    for name in COLUMNS:
        choices = column_choices(name)
        if choices:
            found[name] = [[str(value), code_words(label) if label.isupper() and "_" in label else label]
                           for value, label in choices.items()]  # fmt: skip
    return found
