"""Long lists in pages: each answer holds some items and the way to the next, as a signed cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request

from lib.verbs import refuse

MOST = 200
Shown = type[serializers.Serializer[Any]]
# A column, from the highest down; or several, each with a minus where it is.
Order = str | tuple[str, ...]


class PageQuery(serializers.Serializer[Any]):
    """Which part of a list."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=50, help_text="Items in the answer.")
    cursor = serializers.CharField(required=False, max_length=500, help_text="Of the answer before, its `next`.")


@cache
def page_type(item: Any) -> Shown:
    """The serializer of a page of these items."""
    name = item.__name__
    fields = {
        "items": item(many=True),
        "next": serializers.CharField(allow_null=True, help_text="The address of the next page; null on the last."),
        "__doc__": f"A page of {name}.",
    }
    return type(f"{name}Page", (serializers.Serializer,), fields)


def page_of(
    request: Request, rows: QuerySet[Any], order: Order, query: dict[str, Any], shown: Callable[[Any], Any]
) -> dict[str, Any]:
    """One page of rows in their order; where the query has a `sort`, that column goes before."""
    columns = columns_of(order, query.get("sort", ""))
    if query.get("cursor"):
        rows = rows.filter(_after(columns, read_cursor(request, query["cursor"])))
    found: list[Model] = list(rows.order_by(*columns)[: query["limit"] + 1])
    items = found[: query["limit"]]
    further = len(found) > len(items)
    told = [_plain(getattr(items[-1], column.lstrip("-"))) for column in columns] if further else None
    return {"items": [shown(item) for item in items], "next": next_address(request, told)}


def columns_of(order: Order, sort: str = "") -> list[str]:
    """The columns that a list is sorted by, with a minus from the highest; the key is the last, so no two rows are equal."""
    declared = [f"-{order}", "-pk"] if isinstance(order, str) else [*order, "pk"]
    columns = dict[str, str]()
    for column in (*([sort] if sort else ()), *declared):
        columns.setdefault(column.lstrip("-"), column)
    return list(columns.values())


def next_address(request: Request, told: Any) -> str | None:
    """The address of what follows; None where nothing does."""
    if told is None:
        return None
    params = request._request.GET.copy()
    params["cursor"] = signing.dumps(told, salt=_salt(request))
    return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")


def read_cursor(request: Request, cursor: str) -> Any:
    """What a cursor of this list says; Invalid for one of another list or nobody's."""
    try:
        return signing.loads(cursor, salt=_salt(request))
    except signing.BadSignature:
        raise refuse("bad_cursor", "cursor", "Cursor: expected one from `next` of the same list.") from None


def _salt(request: Request) -> str:
    """A cursor holds for one list: its address, and what was asked besides the page."""
    params = request._request.GET.copy()
    params.pop("cursor", None)
    return f"api:{request.path}?{params.urlencode()}"


def _after(columns: list[str], values: list[Any]) -> Q:
    """What comes later: beyond the last row in one column, and equal to it in those before."""
    found, equal = Q(pk__in=[]), Q()
    for column, value in zip(columns, map(_read, values), strict=True):
        name = column.lstrip("-")
        found |= equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return found


def _read(value: Any) -> Any:
    return (parse_datetime(value) or value) if isinstance(value, str) and "T" in value else value


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)
