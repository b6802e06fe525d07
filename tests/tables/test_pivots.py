"""Toys counted by two columns against a plain count; each figure leads to its rows; kept with a view."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import Invalid
from tables.addresses import address_of, read_query
from tables.pivots import counted
from tables.query import Filter, Pivot, Query, Sort
from tables.source import Source
from tests.tables.toys import TOYS, shop, toys

Toy = dict[str, Any]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return shop(Path(tmp_path_factory.mktemp("shop")))


def plain(rows: str, columns: str, holds: Callable[[Toy], bool]) -> dict[tuple[Any, Any], list[Toy]]:
    found: dict[tuple[Any, Any], list[Toy]] = {}
    for toy in filter(holds, toys()):
        found.setdefault((toy[rows], toy[columns]), []).append(toy)
    return found


MEASURES: dict[str, Callable[[list[Toy]], Any]] = {
    "best": lambda of: min(of, key=lambda toy: toy["number"])["price_amount"],
    "median": lambda of: median(prices(of)) if prices(of) else None,
    "highest": lambda of: max(prices(of), default=None),
    "lowest": lambda of: min(prices(of), default=None),
}


def prices(of: list[Toy]) -> list[float]:
    return [toy["price_amount"] for toy in of if toy["price_amount"] is not None]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("pair", [("colour", "is_sold"), ("name", "stars"), ("stars", "colour")])
def test_against_a_plain_count(source: Source, measure: str, pair: tuple[str, str]):
    query = Query(filters=(Filter("margin_ratio", "<", 0.9),))
    found = counted(source, query, Pivot(*pair, measure, "price_amount"))
    expected = plain(*pair, lambda toy: toy["margin_ratio"] < 0.9)
    assert {key: n for key, (n, _) in found.cells.items()} == {key: len(of) for key, of in expected.items()}
    assert {key: v for key, (_, v) in found.cells.items()} == {k: MEASURES[measure](of) for k, of in expected.items()}
    assert list(found.rows) == sorted({row for row, _ in expected})
    assert list(found.columns) == sorted({column for _, column in expected})


def test_the_order_of_the_page_is_not_the_order_of_the_best(source: Source):
    query = Query(sort=(Sort("number", descending=True),))
    found = counted(source, query, Pivot("colour", "is_sold", "best", "number"))
    assert found.cells[0, 0] == (167, 0)


@pytest.mark.parametrize(
    ("pivot", "told"),
    [
        ("number|colour", "different in each row"),
        ("colour|colour", "two different columns"),
        ("colour|moon", "no column"),
        ("colour|is_sold|sum|price_amount", "Expected one of count"),
        ("colour|is_sold|median|", "median of what"),
        ("colour|is_sold|median|name", "median of what"),
        ("colour|margin_ratio", "more than 40 values"),
    ],
)
def test_what_cannot_be_counted_is_told(source: Source, pivot: str, told: str):
    query = read_query(TOYS, QueryDict(f"pivot={pivot}"))
    assert query.pivot is not None
    with pytest.raises(Invalid, match=told):
        counted(source, query, query.pivot)


@given(st.text(alphabet="|abc_ '\"", max_size=30))
def test_any_address_is_read_or_names_no_pivot(text: str):
    params = QueryDict(mutable=True)
    params["pivot"] = text
    query = read_query(TOYS, params)
    assert read_query(TOYS, QueryDict(address_of(query))).pivot == query.pivot
